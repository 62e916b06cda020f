"""Watch the first batch cycle after a night: which jobs run what was changed, and how they end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from apps.changes.models import ChangeAsset
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker, bad_input, refuse_if_any
from apps.core.step_up import step_up_blockers
from apps.core.text import tidy
from apps.evidence.services.door import door
from apps.evidence.services.ledger import lock, record, record_many_created
from apps.inventory.domain.blast import FIRST_JOB_IMPACTS
from apps.inventory.models import JobSchedule
from apps.inventory.selectors.impact import impact_of
from apps.releases import events
from apps.releases.domain.first_cycle import judge_cycle
from apps.releases.models import FirstCycleWatch
from apps.releases.policies import first_cycle as rules
from apps.releases.policies.reasons import reason_blockers
from apps.releases.services.rows import comment_blockers, key_of
from apps.windows.models import ReleaseWindow

#: How far ahead of the hand-back a job still belongs to the first cycle.
AHEAD = timedelta(hours=24)
#: The first jobs are watched, not all that the change ever reaches.
MOST = 30


def watches_with_surroundings() -> QuerySet[FirstCycleWatch]:
    return FirstCycleWatch.objects.select_related(
        "window", "job__application", "recorded_by", "accepted_by"
    )


def watch_first_cycle(window: ReleaseWindow, actor: Actor) -> list[FirstCycleWatch]:
    """Inner: one row for each of the first jobs that run what the window delivered, or read what
    that wrote, by the blast radius from this moment on. The window is locked."""
    assets = set(
        ChangeAsset.objects.filter(
            change__memberships__package__window=window, change__memberships__outcome="delivered"
        ).values_list("asset_id", flat=True)
    )
    if not assets:
        return []
    impact = impact_of(assets, clock.now(), horizon=AHEAD)
    hits = sorted(
        (hit for hit in impact.jobs if hit.impact in FIRST_JOB_IMPACTS),
        key=lambda hit: (hit.arrival, str(hit.asset)),
    )[:MOST]
    minutes = dict(
        JobSchedule.objects.filter(job__in=[hit.asset for hit in hits]).values_list(
            "job_id", "elapsed_minutes"
        )
    )
    found = [
        FirstCycleWatch(
            window=window,
            job_id=hit.asset,
            because=impact.path(hit)[:400],
            critical=impact.assets[hit.asset].is_critical,
            expected_start_at=hit.arrival,
            expected_minutes=minutes.get(hit.asset),
        )
        for hit in hits
    ]
    record_many_created(found, actor=actor, event=events.CYCLE_EXPECTED)
    return found


@door("first_cycle_watch")
def record_cycle(
    *,
    pk: UUID,
    actor: Actor,
    rc: int,
    started_at: datetime | None = None,
    ended_at: datetime | None = None,
    expected_seq: int | None = None,
    comment: str = "",
) -> FirstCycleWatch:
    """How the job ended; whether that is as expected follows, nobody chooses it."""
    watch = _lock(pk, expected_seq)
    refuse_if_any(
        [
            *rules.record_cycle_blockers(actor, watch),
            *comment_blockers(comment),
            *_value_blockers(rc, started_at, ended_at),
        ]
    )
    ended = judge_cycle(
        rc=rc, expected_rc=watch.expected_rc, started_at=started_at, ended_at=ended_at,
        expected_minutes=watch.expected_minutes,
    )  # fmt: skip
    watch.rc, watch.started_at, watch.ended_at = rc, started_at, ended_at
    watch.result_text, watch.recorded_by_id = ended.text, actor.id
    if ended.as_expected:
        watch.end_well()
    else:
        watch.deviate()
    event = events.CYCLE_ENDED if ended.as_expected else events.CYCLE_DEVIATED
    return record(
        watch, actor=actor, event=event, comment=tidy(comment), about=watch.window.subject
    )


@door("first_cycle_watch")
def accept_cycle(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> FirstCycleWatch:
    """Live with how the job ended, or with that it never ran, and say why."""
    watch = _lock(pk, expected_seq)
    refuse_if_any(
        [
            *step_up_blockers(actor),
            *rules.accept_cycle_blockers(actor, watch),
            *reason_blockers(comment),
        ]
    )
    watch.accepted_by_id, watch.accepted_reason = actor.id, tidy(comment)
    watch.accept()
    return record(
        watch, actor=actor, event=events.CYCLE_ACCEPTED, comment=tidy(comment),
        about=watch.window.subject,
    )  # fmt: skip


def _lock(pk: Any, expected_seq: int | None) -> FirstCycleWatch:
    rows = watches_with_surroundings()
    return lock(rows, key_of(pk, "watched job"), expected_seq=expected_seq)


def _value_blockers(
    rc: Any, started_at: datetime | None, ended_at: datetime | None
) -> Iterator[Blocker]:
    if not isinstance(rc, int) or isinstance(rc, bool) or not 0 <= rc <= 4095:
        yield bad_input("rc", "A return code is 0 to 4,095.")
    for name, moment in (("started_at", started_at), ("ended_at", ended_at)):
        if moment is not None and moment.tzinfo is None:
            yield bad_input(name, "The time has no zone.", "Send it with its offset from UTC.",
                            "naive_time")  # fmt: skip
            return
    if started_at is not None and ended_at is not None and ended_at < started_at:
        yield bad_input("ended_at", "It ended before it started.", "Enter when it ended.")
    if ended_at is not None and ended_at > clock.now():
        yield bad_input("ended_at", "The time lies ahead.", "Enter when it ended.", "time_ahead")
