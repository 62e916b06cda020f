"""Add steps to a plan, many at once: those that its scope asks for, or those of a template."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from graphlib import TopologicalSorter
from typing import Any
from uuid import UUID

from apps.approvals.policies import content_blockers
from apps.core.actor import Actor
from apps.core.errors import Blocker, Refused, bad_input, refuse_if_any
from apps.core.words import counted
from apps.evidence.services.door import door, within
from apps.evidence.services.ledger import record
from apps.releases import events
from apps.releases.domain.completeness.steps import next_label
from apps.releases.domain.plan_template import Line, fill_in
from apps.releases.models import Activity, ActivityType, PlanTemplate, ReleasePackage, TemplateStep
from apps.releases.policies import plan_template as template_rules
from apps.releases.policies import scope_steps as rules
from apps.releases.policies.activity_plan import edit_step_blockers
from apps.releases.services.activity_plan import create_activity
from apps.releases.services.crew import Crew
from apps.releases.services.package_content import lock_package
from apps.releases.services.plan_templates import find_template
from apps.releases.services.rows import comment_blockers

_create_step = within(create_activity)
WAY_BACK = "-R"


@dataclass(frozen=True, slots=True)
class Added:
    """The steps that were added to a plan."""

    package: ReleasePackage
    steps: tuple[Activity, ...]

    @property
    def text(self) -> str:
        labels = ", ".join(step.label for step in self.steps)
        return (
            f"{counted(len(self.steps), 'step')} added: {labels}. Look at their people and times, "
            "then derive the order."
        )


@dataclass(frozen=True, slots=True)
class Draft:
    """A step as the template makes it, before it is added: texts filled in, labels of this
    plan."""

    row: TemplateStep
    line: Line


@door("package")
def add_scope_steps(
    *,
    pk: UUID,
    actor: Actor,
    expected_seq: int | None = None,
    comment: str = "",
    content_digest: str | None = None,
) -> Added:
    """Add every step that the scope asks for and the plan lacks, each with its way back.

    Team, people and subsystem are those of steps of the type in this plan or the latest before;
    `content_digest`, where given, is that of the preview that was read. All or none is added:
    Refused names every step for which nobody can tell whose it is.
    """
    package = lock_package(pk, expected_seq=expected_seq)
    refuse_if_any([*rules.add_blockers(actor, package), *comment_blockers(comment)])
    # What somebody saw matters only where they may do it at all.
    seen = rules.proposals_digest(package)
    refuse_if_any(content_blockers(f"the plan of {package.code}", seen, content_digest))
    types = {row.code: row for row in ActivityType.objects.all()}
    adding = _Adding(package, actor, comment)
    for each in rules.proposals_for(package):
        forward = adding.add(
            types[each.type], each.title, because=each.because, targets=each.targets
        )
        if forward is not None and each.backout:
            adding.add(
                types[each.backout], each.backout_title, undone=forward, targets=each.targets
            )
    return adding.done({"because": "scope"})


def preview_template(
    package: ReleasePackage, template: PlanTemplate, values: Mapping[str, str]
) -> list[Draft]:
    """The steps that the template would make. Writes nothing; raises Refused naming every
    parameter that is missing or does not fit."""
    refuse_if_any(template_rules.apply_blockers(template))
    rows = list(template.steps.select_related("type", "team"))
    lines, problems = fill_in(
        template_rules.as_parameters(template.parameters.all()),
        template_rules.as_lines(rows),
        values,
        template_rules.regions(),
    )
    refuse_if_any(bad_input(f"values.{p.name}", p.text, p.fix, "parameter") for p in problems)
    used = list(package.activities.values_list("label", flat=True))
    return _relabelled(rows, lines, used)


def _relabelled(
    rows: Sequence[TemplateStep], lines: Sequence[Line], used: list[str]
) -> list[Draft]:
    """With labels that are free in the plan; a way back is called after the step it reverses."""
    labels: dict[str, str] = {}
    for line in lines:
        if not line.reverses:
            labels[line.label] = next_label(used) if line.label in used else line.label
            used.append(labels[line.label])
    for line in lines:
        if line.reverses:
            labels[line.label] = labels[line.reverses] + WAY_BACK
    return [
        Draft(
            row,
            replace(
                line,
                label=labels[line.label],
                after=tuple(labels[each] for each in line.after),
                reverses=labels.get(line.reverses, ""),
            ),
        )
        for row, line in zip(rows, lines, strict=True)
    ]


@door("package")
def apply_template(
    *,
    pk: UUID,
    actor: Actor,
    template: UUID | str,
    values: Mapping[str, str],
    expected_seq: int | None = None,
    comment: str = "",
) -> Added:
    """Add the steps of an active template version, its parameters filled in with `values`.

    Each step remembers the version. Raises Refused naming every parameter that is missing or does
    not fit, and every step that cannot be planned.
    """
    package = lock_package(pk, expected_seq=expected_seq)
    refuse_if_any([*edit_step_blockers(actor, Activity(package=package)),
                   *comment_blockers(comment)])  # fmt: skip
    found = find_template(template)
    drafts = preview_template(package, found, values)
    adding = _Adding(package, actor, comment, found)
    by_label = {draft.line.label: draft for draft in drafts}
    waits = {
        label: sorted({*draft.line.after, draft.line.reverses} & by_label.keys())
        for label, draft in by_label.items()
    }
    for label in TopologicalSorter(waits).static_order():
        adding.add_draft(by_label[label])
    return adding.done({"template": str(found), "values": dict(values)})


class _Adding:
    """The locked package while steps are added; what is wrong with any of them is told at once."""

    def __init__(
        self,
        package: ReleasePackage,
        actor: Actor,
        comment: str,
        template: PlanTemplate | None = None,
    ) -> None:
        steps = list(
            package.activities.select_related("type", "team", "subsystem", "owner", "deputy")
        )
        self._package, self._actor, self._comment = package, actor, comment
        self._template = template
        self._crew = Crew(steps)
        self._labels = [step.label for step in steps]
        self._made: dict[str, Activity] = {}
        self._problems: list[Blocker] = []

    def add(
        self,
        kind: ActivityType,
        title: str,
        *,
        because: str = "",
        undone: Activity | None = None,
        targets: Iterable[Any] = (),
    ) -> Activity | None:
        """A step of `kind` with the hands that do such steps; the way back of `undone`."""
        label = undone.label + WAY_BACK if undone else next_label(self._labels)
        hands = self._crew.hands_for(kind, undone)
        values = {
            "label": label,
            "type": kind,
            "title": title,
            "team": hands.team,
            "owner": hands.owner,
            "deputy": hands.deputy,
            "subsystem": hands.subsystem,
            "duration_minutes": kind.default_minutes,
            **({"is_backout": True, "reverses": undone} if undone else {}),
        }
        parts = {"targets": [{"asset": key} for key in targets]}
        return self._create(values, parts, f"{because}." if because else self._comment)

    def add_draft(self, draft: Draft) -> Activity | None:
        row, line = draft.row, draft.line
        undone = self._made.get(line.reverses) if line.reverses else None
        hands = self._crew.people_of(row.team, row.type)
        held = self._crew.hands_for(row.type, undone).subsystem if row.type.exclusive_kind else None
        values = {
            "label": line.label,
            "type": row.type,
            "title": line.title[:160],
            "instruction": line.instruction,
            "team": row.team,
            "owner": hands[0],
            "deputy": hands[1],
            "subsystem": held,
            "duration_minutes": row.duration_minutes,
            "max_rc": row.max_rc,
            "four_eyes": row.four_eyes,
            **({"is_backout": True, "reverses": undone} if undone else {}),
        }
        after = [self._made[label] for label in line.after if label in self._made]
        origin = str(self._template)[:20]
        rows = [{"predecessor": before, "origin": origin} for before in after]
        return self._create(values, {"dependencies": rows}, self._comment)

    def _create(
        self, values: Mapping[str, Any], parts: Mapping[str, Any], comment: str
    ) -> Activity | None:
        try:
            step = _create_step(
                actor=self._actor,
                values={"package": self._package, **values},
                parts=parts,
                template=self._template,
                comment=comment,
            )
        except Refused as refusal:
            self._problems += [
                replace(each, text=f"Step {values['label']}, {values['title']}: {each.text}")
                for each in refusal.blockers
            ]
            return None
        self._crew.add(step)
        self._labels.append(step.label)
        self._made[step.label] = step
        return step

    def done(self, facts: Mapping[str, Any]) -> Added:
        refuse_if_any(self._problems)
        steps = tuple(self._made.values())
        told = {**facts, "steps": [step.label for step in steps]}
        record(self._package, actor=self._actor, event=events.PACKAGE_STEPS_ADDED,
               comment=self._comment, facts=told)  # fmt: skip
        return Added(self._package, steps)
