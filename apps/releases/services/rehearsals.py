"""Rehearse a package: its steps copied, tried elsewhere, and what that says of its way back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import bad_input, refuse_if_any
from apps.core.text import tidy
from apps.evidence.services.door import door, within
from apps.evidence.services.ledger import lock, record, record_created
from apps.evidence.services.register import model_blockers
from apps.releases import events
from apps.releases.domain import lifecycle as life
from apps.releases.models import BackoutPlan, Rehearsal, RehearsedStep, ReleasePackage
from apps.releases.policies import rehearsal as rules
from apps.releases.policies.backout import content_of
from apps.releases.policies.reasons import reason_blockers
from apps.releases.services.backout import plans_with_package, rehearse_plan
from apps.releases.services.rows import comment_blockers, fill, key_of

FIELDS = ("package", "environment")
MINUTES_MOST = 1440
Outcome = RehearsedStep.Outcome
_rehearse_plan = within(rehearse_plan)


@dataclass(frozen=True, slots=True)
class Finished:
    """A finished rehearsal, and what it says of the backout plan."""

    rehearsal: Rehearsal
    text: str


@door("rehearsal")
def plan_rehearsal(*, actor: Actor, values: Mapping[str, Any], comment: str = "") -> Rehearsal:
    """Copy the steps of a package, its way back after them and in the opposite order."""
    refuse_if_any([*rules.plan_blockers(actor), *comment_blockers(comment)])
    made = Rehearsal(led_by_id=actor.id)
    fill(made, values, FIELDS)
    blockers = list(model_blockers(made))
    steps = _copies(made) if made.package_id is not None else []
    if made.package_id is not None and not steps:
        blockers.append(
            bad_input("package", "It has no steps yet.", "Plan its steps first.", "no_steps")
        )
    refuse_if_any(blockers)
    plan = _plan_of(made.package)
    made.content_digest = content_of(plan) if plan else ""
    record_created(
        made, actor=actor, event=events.REHEARSAL_PLANNED, comment=comment,
        about=made.package.subject, parts={"steps": [step.governed_values() for step in steps]},
    )  # fmt: skip
    RehearsedStep.objects.bulk_create(steps)
    return made


def _copies(made: Rehearsal) -> list[RehearsedStep]:
    rows = list(made.package.activities.order_by("planned_start_at", "label"))
    forward = [step for step in rows if not step.is_backout]
    place: dict[UUID | None, int] = {step.pk: number for number, step in enumerate(forward)}
    back = sorted(
        (step for step in rows if step.is_backout),
        key=lambda step: (-place.get(step.reverses_id, -1), step.label),
    )
    return [
        RehearsedStep(
            rehearsal=made, position=number, label=step.label, title=step.title,
            team_id=step.team_id, is_backout=step.is_backout,
            planned_minutes=step.duration_minutes,
        )
        for number, step in enumerate([*forward, *back], start=1)
    ]  # fmt: skip


@door("rehearsal")
def begin_rehearsal(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> Rehearsal:
    rehearsal = _lock(pk, expected_seq)
    refuse_if_any([*rules.begin_blockers(actor, rehearsal), *comment_blockers(comment)])
    rehearsal.begin()
    rehearsal.started_at, rehearsal.led_by_id = clock.now(), actor.id
    return record(rehearsal, actor=actor, event=events.REHEARSAL_BEGUN, comment=comment)


@door("rehearsal")
def record_rehearsed_step(
    *,
    pk: UUID,
    actor: Actor,
    step: str,
    outcome: str,
    minutes: int | None = None,
    expected_seq: int | None = None,
    comment: str = "",
) -> Rehearsal:
    """How the step with the label `step` went, and the minutes that it took there."""
    rehearsal = _lock(pk, expected_seq)
    blockers = [*rules.record_blockers(actor, rehearsal), *comment_blockers(comment)]
    row = rehearsal.steps.filter(label=step).first()
    if row is None:
        blockers.append(bad_input("step", f"There is no step {step!r}.", "Choose one."))
    if outcome not in Outcome.values:
        blockers.append(bad_input("outcome", f"{outcome!r} is no outcome.", "Choose one."))
    if outcome == Outcome.DONE and minutes is None:
        blockers.append(bad_input("minutes", "It is not told what it took.", "Enter the minutes."))
    if minutes is not None and not 0 <= minutes <= MINUTES_MOST:
        blockers.append(bad_input("minutes", f"Enter 0 to {MINUTES_MOST:,} minutes."))
    refuse_if_any(blockers)
    assert row is not None
    row.outcome, row.minutes, row.remark = outcome, minutes, tidy(comment)
    row.save(force_update=True)
    told = Rehearsal.objects.get(pk=rehearsal.pk).part_values()
    return record(rehearsal, actor=actor, event=events.REHEARSAL_STEP, comment=comment, parts=told)


@door("rehearsal")
def finish_rehearsal(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> Finished:
    """in_progress → completed. A way back that was done whole marks the backout plan rehearsed,
    where that is reviewed and still says what was tried."""
    rehearsal = _lock(pk, expected_seq)
    refuse_if_any([*rules.finish_blockers(actor, rehearsal), *comment_blockers(comment)])
    rehearsal.finish()
    rehearsal.ended_at = clock.now()
    plan = _plan_of(rehearsal.package)
    why_not = _why_not(rehearsal, plan)
    record(rehearsal, actor=actor, event=events.REHEARSAL_FINISHED, comment=comment,
           facts={"backout": why_not or "rehearsed"})  # fmt: skip
    if plan is not None and not why_not:
        _rehearse_plan(
            pk=plan.pk, actor=actor, environment=rehearsal.environment,
            rehearsed_at=rehearsal.ended_at, comment=f"By {rehearsal.subject}. {comment}".strip(),
        )  # fmt: skip
    return Finished(rehearsal, why_not or f"{plan} is rehearsed.")


def _why_not(rehearsal: Rehearsal, plan: BackoutPlan | None) -> str:
    """Why it does not speak for the backout plan; "" when it does."""
    back = [step for step in rehearsal.steps.all() if step.is_backout]
    if plan is None:
        return "The package has no backout plan."
    if not back:
        return "No backout step was rehearsed."
    missing = [step.label for step in back if step.outcome != Outcome.DONE]
    if missing:
        return f"The way back was not done whole: {', '.join(missing)}."
    if content_of(plan) != rehearsal.content_digest:
        return "The backout plan or its steps changed since the rehearsal was planned."
    if plan.state != life.REVIEWED:
        return f"The backout plan is {plan.get_state_display().lower()}, not reviewed."
    return ""


@door("rehearsal")
def give_up_rehearsal(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> Rehearsal:
    """It does not take place, or does not go on."""
    rehearsal = _lock(pk, expected_seq)
    refuse_if_any([*rules.give_up_blockers(actor, rehearsal), *reason_blockers(comment)])
    rehearsal.give_up()
    rehearsal.ended_at = clock.now()
    return record(rehearsal, actor=actor, event=events.REHEARSAL_GIVEN_UP, comment=comment)


def _plan_of(package: ReleasePackage) -> BackoutPlan | None:
    return plans_with_package().filter(package=package).first()


def _lock(pk: UUID, expected_seq: int | None) -> Rehearsal:
    rows = Rehearsal.objects.select_related("package", "led_by")
    return lock(rows, key_of(pk, "rehearsal"), expected_seq=expected_seq, parts=True)
