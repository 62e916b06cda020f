"""Write, review, rehearse and approve a backout plan, and follow it in the night."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker, bad_input, not_found, refuse_if_any
from apps.core.step_up import step_up_blockers
from apps.core.text import text_blockers, tidy
from apps.evidence.events import Event
from apps.evidence.services.door import door
from apps.evidence.services.ledger import lock, record, record_created
from apps.evidence.services.register import model_blockers
from apps.releases import events
from apps.releases.models import BackoutPlan, ReleasePackage
from apps.releases.policies import backout as rules
from apps.releases.policies.reasons import reason_blockers
from apps.releases.services.execution_seal import seal_plan
from apps.releases.services.rows import comment_blockers, fill, key_of, lock_rows

EDITABLE_FIELDS = (
    "strategy",
    "trigger_criteria",
    "decision_owner",
    "verification",
    "restore_points",
    "data_written",
)
CREATABLE_FIELDS = ("package", *EDITABLE_FIELDS)


def plans_with_package() -> QuerySet[BackoutPlan]:
    return BackoutPlan.objects.select_related("package__window", "decision_owner")


@door("backout_plan")
def create_backout_plan(
    *, actor: Actor, values: Mapping[str, Any], comment: str = ""
) -> BackoutPlan:
    """The draft of a package's one backout plan."""
    refuse_if_any([*rules.write_blockers(actor), *comment_blockers(comment)])
    plan = BackoutPlan()
    fill(plan, values, CREATABLE_FIELDS)
    for package in lock_rows(ReleasePackage, [plan.package_id]):
        plan.package = package
    blockers = _value_blockers(plan)
    if plan.package_id is not None:
        blockers += rules.paper_time_blockers(plan)
    refuse_if_any(blockers)
    record_created(plan, actor=actor, event=events.BACKOUT_CREATED, comment=comment)
    seal_plan(plan.package, actor, "The backout plan was drafted.")
    return plan


@door("backout_plan")
def edit_backout_plan(
    *,
    pk: UUID,
    actor: Actor,
    values: Mapping[str, Any],
    expected_seq: int | None = None,
    comment: str = "",
) -> BackoutPlan:
    plan = _lock_plan(pk, expected_seq)
    refuse_if_any([*rules.edit_blockers(actor, plan), *comment_blockers(comment)])
    before = plan.governed_values()
    fill(plan, values, EDITABLE_FIELDS)
    refuse_if_any(_value_blockers(plan))
    if plan.governed_values() == before:
        return plan
    record(plan, actor=actor, event=events.BACKOUT_EDITED, comment=comment)
    seal_plan(plan.package, actor, "The backout plan is another now.")
    return plan


@door("backout_plan")
def review_plan(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> BackoutPlan:
    """A team that has to execute it finds that it can."""
    plan = _lock_plan(pk, expected_seq)
    refuse_if_any([*rules.review_blockers(actor, plan), *comment_blockers(comment)])
    plan.review()
    plan.reviewed_by_id = actor.id
    plan.content_digest = rules.content_of(plan)
    return _done(plan, actor, events.BACKOUT_REVIEWED, comment)


@door("backout_plan")
def rehearse_plan(
    *,
    pk: UUID,
    actor: Actor,
    environment: str,
    rehearsed_at: datetime,
    expected_seq: int | None = None,
    comment: str = "",
) -> BackoutPlan:
    """It was tried, where and when."""
    plan = _lock_plan(pk, expected_seq)
    place = tidy(environment)
    refuse_if_any(
        [
            *rules.rehearse_blockers(actor, plan),
            *comment_blockers(comment),
            *text_blockers("environment", place, required=True, longest=40),
            *_past_blockers("rehearsed_at", rehearsed_at),
        ]
    )
    plan.rehearse()
    plan.rehearsed_in, plan.rehearsed_at = place, rehearsed_at
    return _done(plan, actor, events.BACKOUT_REHEARSED, comment)


@door("backout_plan")
def approve_plan(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> BackoutPlan:
    """Somebody who did not write it relies on it."""
    plan = _lock_plan(pk, expected_seq)
    refuse_if_any(
        [
            *rules.approve_blockers(actor, plan),
            *step_up_blockers(actor),
            *comment_blockers(comment),
        ]
    )
    plan.approve()
    plan.approved_by_id = actor.id
    return _done(plan, actor, events.BACKOUT_APPROVED, comment, content_digest=plan.content_digest)


@door("backout_plan")
def revise_plan(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> BackoutPlan:
    """Back to draft: review, rehearsal and approval are void."""
    plan = _lock_plan(pk, expected_seq)
    refuse_if_any([*rules.revise_blockers(actor, plan), *reason_blockers(comment)])
    plan.revise()
    plan.reviewed_by = plan.approved_by = plan.rehearsed_at = None
    plan.rehearsed_in = plan.content_digest = ""
    return _done(plan, actor, events.BACKOUT_REVISED, comment)


@door("backout_plan")
def invalidate_plan(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> BackoutPlan:
    """It no longer fits what the package does."""
    plan = _lock_plan(pk, expected_seq)
    refuse_if_any([*rules.invalidate_blockers(actor, plan), *reason_blockers(comment)])
    plan.invalidate()
    return _done(plan, actor, events.BACKOUT_INVALIDATED, comment)


@door("backout_plan")
def execute_plan(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> BackoutPlan:
    """The teams begin to restore."""
    plan = _lock_plan(pk, expected_seq)
    refuse_if_any([*rules.execute_blockers(actor, plan), *comment_blockers(comment)])
    plan.execute()
    return _done(plan, actor, events.BACKOUT_EXECUTED, comment)


@door("backout_plan")
def restore_plan(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> BackoutPlan:
    """Every backout step that had something to undo is done; what is left is to verify it."""
    plan = _lock_plan(pk, expected_seq)
    refuse_if_any([*rules.restore_blockers(actor, plan), *comment_blockers(comment)])
    plan.restore()
    return _done(plan, actor, events.BACKOUT_RESTORED, comment)


def _done(plan: BackoutPlan, actor: Actor, event: Event, comment: str, **more: Any) -> BackoutPlan:
    return record(plan, actor=actor, event=event, comment=tidy(comment), **more)


def _lock_plan(pk: UUID | str, expected_seq: int | None) -> BackoutPlan:
    """The plan, locked after its package."""
    key = key_of(pk, "backout plan")
    package = BackoutPlan.objects.filter(pk=key).values_list("package_id", flat=True).first()
    if package is None:
        raise not_found("backout plan")
    lock_rows(ReleasePackage, [package])
    return lock(plans_with_package(), key, expected_seq=expected_seq)


def _value_blockers(plan: BackoutPlan) -> list[Blocker]:
    found = list(model_blockers(plan))
    named = {blocker.field for blocker in found}
    return [*found, *(b for b in rules.value_blockers(plan) if b.field not in named)]


def _past_blockers(field: str, moment: Any) -> Iterator[Blocker]:
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        yield bad_input(field, "The time has no zone.", "Send it with its offset from UTC.",
                        "naive_time")  # fmt: skip
    elif moment > clock.now():
        yield bad_input(field, "The time lies ahead.", "Enter when it happened.", "time_ahead")
