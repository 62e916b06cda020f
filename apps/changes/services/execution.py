"""What execution tells governance. Inner functions: releases calls them inside its own door.

Each takes the keys of the changes and the package's subject, locks the rows in key order, and
raises Refused when one is in the wrong state.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from apps.changes import events
from apps.changes.domain import lifecycle as life
from apps.changes.domain.content import ExecutionGroup, execution_digests
from apps.changes.domain.debt import RATIFY_WITHIN_DAYS, REVIEW_WITHIN_DAYS
from apps.changes.domain.outcomes import COUNTED
from apps.changes.domain.seal import handed_in_rows
from apps.changes.models import ChangeRequest
from apps.changes.policies import state_blockers
from apps.changes.selectors import authorisation_blockers, changes_with_scope, facts_of
from apps.changes.services.questions import re_open
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import refuse_if_any
from apps.evidence.events import Event
from apps.evidence.services.ledger import lock, record
from apps.inventory.domain.outcomes import Tally
from apps.inventory.services.outcomes import count_outcomes


def seal_plan(
    *,
    plans: Mapping[UUID, Mapping[str, ExecutionGroup]],
    actor: Actor,
    package: str,
    comment: str = "",
) -> None:
    """What execution is about to do for each change, by group, becomes part of what is signed.

    `plans` holds all groups of a change; the table of `domain.seal` says whose signature is void
    because of what differs. Without a difference, and for a change whose work began or that has
    ended, nothing happens.
    """
    known = ChangeRequest.objects.filter(pk__in=list(plans), state__in=life.EDITABLE)
    for pk, sealed in known.order_by("pk").values_list("pk", "execution"):
        plan = {name: group.as_content() for name, group in plans[pk].items()}
        if execution_digests(plan) == execution_digests(sealed):
            continue
        change = lock(changes_with_scope(), pk)
        _seal(change, plan, actor, package=package, comment=comment)


def _seal(change: ChangeRequest, plan: dict[str, Any], actor: Actor, **more: Any) -> None:
    """A draft is not signed yet: its plan is asked about together with it."""
    moved = "night_moved" in handed_in_rows(change.execution, plan)
    event = events.NIGHT_MOVED if moved else events.PLAN_SEALED
    change.execution = plan
    if change.state == life.DRAFT:
        record(change, actor=actor, event=event, **more)
    elif change.state in life.EDITABLE:
        re_open(change, change.risk_band, actor, unasked=event, **more)


def schedule(
    *,
    change_ids: Sequence[UUID],
    actor: Actor,
    package: str,
    comment: str = "",
    valid_through: datetime | None = None,
) -> list[ChangeRequest]:
    """approved → scheduled, when each is authorised until `valid_through`."""
    facts = facts_of(change_ids)
    at = valid_through or clock.now()
    refuse_if_any(
        blocker for fact in facts.values() for blocker in authorisation_blockers(fact, at)
    )
    return _move_all(change_ids, actor, "schedule", events.SCHEDULED, package, comment)


def unschedule(
    *, change_ids: Sequence[UUID], actor: Actor, package: str, comment: str = ""
) -> list[ChangeRequest]:
    """scheduled → approved; a change that went back to assessing meanwhile is left alone."""
    scheduled = ChangeRequest.objects.filter(pk__in=change_ids, state="scheduled")
    ids = list(scheduled.values_list("pk", flat=True))
    return _move_all(ids, actor, "unschedule", events.UNSCHEDULED, package, comment)


def start(
    *, change_ids: Sequence[UUID], actor: Actor, package: str, comment: str = ""
) -> list[ChangeRequest]:
    facts = facts_of(change_ids)
    refuse_if_any(
        blocker
        for fact in facts.values()
        for blocker in authorisation_blockers(fact, clock.now(), starting=True)
    )
    return _move_all(change_ids, actor, "start", events.STARTED, package, comment)


def complete(
    *, change_ids: Sequence[UUID], actor: Actor, package: str, comment: str = ""
) -> list[ChangeRequest]:
    return _move_all(change_ids, actor, "complete", events.COMPLETED, package, comment, _owe)


def fail(
    *, change_ids: Sequence[UUID], actor: Actor, package: str, comment: str = ""
) -> list[ChangeRequest]:
    return _move_all(change_ids, actor, "fail", events.FAILED, package, comment, _owe)


def resume(
    *, change_ids: Sequence[UUID], actor: Actor, package: str, comment: str = ""
) -> list[ChangeRequest]:
    return _move_all(change_ids, actor, "resume", events.RESUMED, package, comment)


def back_out(
    *, change_ids: Sequence[UUID], actor: Actor, package: str, comment: str = ""
) -> list[ChangeRequest]:
    return _move_all(change_ids, actor, "back_out", events.BACKED_OUT, package, comment, _owe)


def return_to_approved(
    *, change_ids: Sequence[UUID], actor: Actor, package: str, comment: str = ""
) -> list[ChangeRequest]:
    """Not delivered by this package: approved again, for another one. Nothing is owed yet."""

    def owe_nothing(change: ChangeRequest) -> None:
        change.ratification_due_at = change.review_due_at = None

    return _move_all(
        change_ids, actor, "return_to_approved", events.GIVEN_BACK, package, comment, owe_nothing
    )


def _owe(change: ChangeRequest) -> None:
    """An emergency owes its ratification and its review from the first time that work on it
    ended, however it ended."""
    if change.change_type == ChangeRequest.Type.EMERGENCY and change.ratification_due_at is None:
        change.ratification_due_at = add_business_days(clock.now(), RATIFY_WITHIN_DAYS)
        change.review_due_at = add_business_days(clock.now(), REVIEW_WITHIN_DAYS)


def _move_all(
    change_ids: Sequence[UUID],
    actor: Actor,
    move: str,
    event: Event,
    package: str,
    comment: str,
    also: Callable[[ChangeRequest], None] | None = None,
) -> list[ChangeRequest]:
    changes = [lock(changes_with_scope(), pk) for pk in sorted(change_ids)]
    refuse_if_any(b for change in changes for b in state_blockers(change, move))
    tallies: dict[UUID, Tally] = defaultdict(Tally)
    for change in changes:
        before = COUNTED.get(change.state, Tally())
        getattr(change, move)()
        for asset_id in {line.asset_id for line in change.assets.all()}:
            tallies[asset_id] += COUNTED.get(change.state, Tally()) - before
        if also:
            also(change)
        record(change, actor=actor, event=event, comment=comment, package=package)
    count_outcomes(tallies)
    return changes


def add_business_days(moment: datetime, days: int) -> datetime:
    """`moment` plus `days` days that are neither Saturday nor Sunday."""
    while days:
        moment += timedelta(days=1)
        if moment.weekday() < 5:
            days -= 1
    return moment
