"""Do with one click what a finding proposes, through the doors that people use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from apps.changes.models import ChangeRequest
from apps.changes.services.requests import edit_change
from apps.core.actor import Actor
from apps.core.errors import Blocker, Refused, not_found
from apps.evidence.models import GovernedModel
from apps.inventory.selectors import production_levels
from apps.releases.domain.completeness.steps import next_label
from apps.releases.domain.findings import Fix
from apps.releases.models import Activity, ActivityType, ReleasePackage
from apps.releases.services.activity_plan import create_activity, edit_activity
from apps.releases.services.checks import create_check
from apps.releases.services.crew import Crew, only_team
from apps.releases.services.rows import key_of

Row = Mapping[str, Any]
G = TypeVar("G", bound=GovernedModel)


@dataclass(frozen=True, slots=True)
class Applied:
    """`records` were created or edited; `notes` tell what was chosen although nobody had said."""

    records: tuple[GovernedModel, ...] = ()
    notes: tuple[str, ...] = ()


def apply_fix(*, rule: str, fix: Fix, actor: Actor) -> Applied:
    """Add what `fix` proposes for a finding of `rule`.

    The lines of one change are one edit; every step and check is a door call of its own, so that
    what came before a refusal stays, and the finding then asks for the rest. What is there already
    is not added twice. Raises Refused with the reasons of the door.
    """
    comment = f"{rule}: {fix.label}."
    match fix.kind:
        case "add_assets":
            return _add_assets(fix.rows, actor, comment)
        case "add_steps":
            return _add_steps(fix.rows, actor, rule, comment)
        case "add_checks":
            return _add_checks(fix.rows, actor, comment)
    raise Refused(
        Blocker(
            "by_people",
            "Only people can do this.",
            f"{fix.label}.",
            "release coordinator",
            kind="state",
        )
    )


def _add_assets(rows: Sequence[Row], actor: Actor, comment: str) -> Applied:
    levels = production_levels(row["asset"] for row in rows)
    edited, notes = [], []
    for change_id in dict.fromkeys(row["change"] for row in rows):
        change = _get(ChangeRequest, change_id, "change")
        lines = list(change.assets.values("asset", "action", *_VERSIONS))
        known = {(line["asset"], line["action"]) for line in lines}
        wanted = dict.fromkeys(
            (key_of(row["asset"], "asset"), row["action"])
            for row in rows
            if row["change"] == change_id
        )
        added = [
            {"asset": key, "action": action, "from_version": levels.get(key, "")}
            for key, action in wanted
            if (key, action) not in known
        ]
        if added:
            edited.append(
                edit_change(
                    pk=change.pk,
                    actor=actor,
                    values={},
                    parts={"assets": [*lines, *added]},
                    expected_seq=change.evidence_seq,
                    comment=comment,
                )
            )
            notes.append(f"{change.code}: enter the version that each new line becomes.")
    return Applied(tuple(edited), tuple(notes))


_VERSIONS = ("from_version", "to_version", "scm_ref")


def _add_steps(rows: Sequence[Row], actor: Actor, rule: str, comment: str) -> Applied:
    changed: list[GovernedModel] = []
    notes: list[str] = []
    for package_id in dict.fromkeys(row["package"] for row in rows):
        plan = _Plan(_get(ReleasePackage, package_id, "package"), actor, rule, comment)
        for row in rows:
            if row["package"] == package_id:
                changed += plan.add(row)
        notes += plan.notes
    return Applied(tuple(changed), tuple(notes))


class _Plan:
    """A package's plan, to which steps are added; rows know each other by proposed labels."""

    def __init__(self, package: ReleasePackage, actor: Actor, rule: str, comment: str) -> None:
        self._package, self._actor = package, actor
        self._rule, self._comment = rule, comment
        steps = package.activities.select_related("type", "team", "subsystem", "owner", "deputy")
        self._steps = {step.label: step for step in steps}
        self._crew = Crew(self._steps.values())
        self._as_proposed: dict[str, Activity] = {}
        self.notes: list[str] = []

    def add(self, row: Row) -> list[Activity]:
        """The new step, and those that now wait for it; nothing when it is there already, or when
        the step that it takes back is gone."""
        undone = self._find([row["reverses"]]) if row.get("reverses") else []
        if (row.get("reverses") and not undone) or self._holds(row):
            return []
        kind = ActivityType.objects.get(code=row["type"])
        hands = self._crew.hands_for(kind, undone[0] if undone else None)
        values: dict[str, Any] = {
            "package": self._package,
            "label": self._label(row["label"]),
            "type": kind,
            "title": row["title"],
            "team": hands.team,
            "owner": hands.owner,
            "deputy": hands.deputy,
            "subsystem": hands.subsystem,
            "duration_minutes": kind.default_minutes,
        }
        if undone:
            values |= {"is_backout": True, "reverses": undone[0]}
        step = create_activity(
            actor=self._actor,
            values=values,
            parts={
                "dependencies": [
                    {"predecessor": before, "origin": self._rule}
                    for before in self._find(row["after"])
                ],
                "targets": [{"asset": asset} for asset in row["targets"]],
            },
            comment=self._comment,
        )
        self._steps[step.label] = self._as_proposed[row["label"]] = step
        self._crew.add(step)
        self.notes.append(
            f"Step {step.label} is given to {step.owner} of {step.team} for "
            f"{step.duration_minutes} minutes; look whether that is right."
        )
        return [step, *(self._wait(after, step) for after in self._find(row["before"]))]

    def _holds(self, row: Row) -> bool:
        return any(
            (step.type_id, step.title) == (row["type"], row["title"])
            for step in self._steps.values()
        )

    def _find(self, labels: Iterable[str]) -> list[Activity]:
        """The steps that rows mean by these labels; a step that is gone is not waited for."""
        meant = self._steps | self._as_proposed
        return [meant[label] for label in labels if label in meant]

    def _label(self, proposed: str) -> str:
        return next_label(list(self._steps)) if proposed in self._steps else proposed

    def _wait(self, step: Activity, new: Activity) -> Activity:
        """Let a step of the plan wait for the new one too."""
        fresh = Activity.objects.get(pk=step.pk)
        entered = fresh.dependencies.filter(is_derived=False)
        kept = entered.values("predecessor", "strength", "origin")
        return edit_activity(
            pk=fresh.pk,
            actor=self._actor,
            values={},
            parts={"dependencies": [*kept, {"predecessor": new, "origin": self._rule}]},
            expected_seq=fresh.evidence_seq,
            comment=self._comment,
        )


def _add_checks(rows: Sequence[Row], actor: Actor, comment: str) -> Applied:
    made: list[GovernedModel] = []
    notes: list[str] = []
    for row in rows:
        package = _get(ReleasePackage, row["package"], "package")
        planned = list(package.checks.select_related("team"))
        if row["title"] in {check.title for check in planned}:
            continue
        teams = Counter(check.team for check in planned)
        check = create_check(
            actor=actor,
            values={
                "package": package,
                "code": next_label([check.code for check in planned] or ["V0"]),
                "title": row["title"],
                "kind": row["kind"],
                "phase": row["phase"],
                "team": teams.most_common(1)[0][0] if teams else only_team("validation"),
            },
            comment=comment,
        )
        made.append(check)
        notes.append(
            f"Check {check.code} is given to {check.team}; enter what it expects and name its "
            "owner."
        )
    return Applied(tuple(made), tuple(notes))


def _get(model: type[G], pk: Any, what: str) -> G:
    found = model._default_manager.filter(pk=key_of(pk, what)).first()
    if found is None:
        raise not_found(what)
    return found
