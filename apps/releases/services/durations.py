"""What ended steps took, beside what a plan template plans, and taking that over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from apps.core.actor import Actor
from apps.core.errors import Blocker, refuse_if_any
from apps.evidence.services.door import door, within
from apps.evidence.services.ledger import lock, record
from apps.releases import events
from apps.releases.domain.planner.simulation import FEWEST
from apps.releases.models import PlanTemplate, TemplateStep
from apps.releases.policies import plan_template as rules
from apps.releases.services.plan_templates import revise_template
from apps.releases.services.rows import key_of
from apps.releases.services.simulation import basis_name, histories_of

_revise = within(revise_template)


@dataclass(frozen=True, slots=True)
class Took:
    """A step of a template, and minutes that half and eight of ten such steps took at most."""

    step: TemplateStep
    count: int
    half: int | None
    most: int | None

    @property
    def differs(self) -> bool:
        return self.half is not None and self.half != self.step.duration_minutes


def took_of(template: PlanTemplate) -> list[Took]:
    """Of steps of the same type by the same team in the same direction, as the simulation reads
    them; two queries."""
    steps = list(template.steps.select_related("team", "type"))
    known = histories_of(steps)
    rows = []
    for step in steps:
        found = known.get(basis_name(step.type_id, step.team.code, is_backout=bool(step.reverses)))
        half = found.at(50, step.duration_minutes) if found else None
        most = found.at(80, step.duration_minutes) if found else None
        rows.append(Took(step, found.count if found else 0, half, most))
    return rows


def take_over_blockers(actor: Actor, template: PlanTemplate) -> Iterator[Blocker]:
    """A new version may be written, and would differ."""
    yield from rules.revise_blockers(actor, template)
    if not any(row.differs for row in took_of(template)):
        yield Blocker(
            "nothing_to_take_over",
            f"No step of {template} took another time than planned in {FEWEST} runs or more.",
            "Wait for more runs, or write a new version.",
            "release coordinator",
        )


@door("plan_template")
def take_over_durations(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> PlanTemplate:
    """A draft of the next version, each step with what half of such steps took at most. The
    answer is that draft; a second person reviews it as any other."""
    template = lock(PlanTemplate, key_of(pk, "plan template"), expected_seq=expected_seq)
    refuse_if_any(take_over_blockers(actor, template))
    minutes = {row.step.label: row.half for row in took_of(template) if row.differs}
    draft = _revise(pk=template.pk, actor=actor, comment=comment)
    draft = lock(PlanTemplate, draft.pk, parts=True)
    for step in draft.steps.filter(label__in=minutes):
        step.duration_minutes = minutes[step.label] or step.duration_minutes
        step.save(force_update=True)
    told = PlanTemplate.objects.get(pk=draft.pk).part_values()
    return record(
        draft, actor=actor, event=events.PLAN_TEMPLATE_DURATIONS, comment=comment, parts=told,
        facts={"from": str(template), "minutes": minutes},
    )  # fmt: skip
