"""Watch over nights that run: raise what is due, tell the next in line, end what is over.

Any number of workers may watch at once and any run may come twice: the window is locked, what is
due is asked again under the lock, and a key is once per window.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Max

from apps.core import clock
from apps.core.actor import Actor, system_actor
from apps.core.errors import refuse_if_any
from apps.evidence.models import EvidenceEntry
from apps.evidence.services.door import door
from apps.evidence.services.ledger import lock, record, record_created
from apps.releases import events
from apps.releases.domain import alerts as ladder
from apps.releases.domain import lifecycle as life
from apps.releases.domain.planner.plan import NEVER
from apps.releases.models import Activity, ActivityLog, Alert, ReleasePackage, ValidationCheck
from apps.releases.policies import command as rules
from apps.releases.policies.way_back import decision_due
from apps.releases.services.first_hit import GIVEN_UP
from apps.releases.services.live import Live, live_of, live_windows
from apps.releases.services.rows import comment_blockers
from apps.windows.domain import lifecycle as window_life
from apps.windows.models import ReleaseWindow
from apps.windows.selectors import windows_with_people


def watch_nights() -> int:
    """Look at every window whose night runs; how many alerts were raised, climbed or ended.

    An alert of a night that no longer runs is over.
    """
    windows = [w for w in live_windows() if w.state == window_life.IN_PROGRESS]
    left = Alert.objects.filter(state__in=ladder.STANDING).exclude(window__in=windows)
    windows += windows_with_people().filter(pk__in=left.values("window"))
    return sum(_watch(window) for window in windows)


def _watch(window: ReleaseWindow) -> int:
    live = live_of(window, in_worker=True, with_what_ifs=False)
    if not ladder.due(facts_of(live), _kept(window.pk)):
        return 0
    return raise_due(window=window.pk, live=live, actor=system_actor("night watch"))


@door("window")
def raise_due(*, window: UUID, live: Live, actor: Actor) -> int:
    """Keep what is due at the moment of `live`; how much that was."""
    row = lock(ReleaseWindow.objects.all(), window)
    found = ladder.due(facts_of(live), _kept(window))
    for alarm in found.raised:
        alert = Alert(
            window=row,
            step_id=UUID(alarm.step) if alarm.step else None,
            key=alarm.key,
            kind=alarm.kind,
            level=alarm.level,
            text=alarm.text,
            since=alarm.since,
            raised_at=live.now,
            rung=ladder.rung_at(alarm.kind, alarm.since, live.now),
        )
        record_created(alert, actor=actor, event=events.ALERT_RAISED, about=row.subject)
    rungs = dict(found.climbed)
    touched = {*rungs, *found.over}
    rows = Alert.objects.select_for_update().filter(window=window, key__in=touched).order_by("pk")
    for pk, key in rows.values_list("pk", "key"):
        alert = lock(Alert, pk)
        if key in rungs:
            alert.rung = rungs[key]
            record(alert, actor=actor, event=events.ALERT_CLIMBED, about=row.subject)
        else:
            alert.end()
            alert.over_at = live.now
            record(alert, actor=actor, event=events.ALERT_OVER, about=row.subject)
    return len(found.raised) + len(touched)


@door("alert")
def acknowledge_alert(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> Alert:
    """Somebody looks at it: nobody further is told."""
    alert = lock(Alert.objects.select_related("window", "step"), pk, expected_seq=expected_seq)
    refuse_if_any([*rules.acknowledge_alert_blockers(actor, alert), *comment_blockers(comment)])
    alert.acknowledge()
    alert.acknowledged_by_id, alert.acknowledged_at = actor.user_id, clock.now()
    return record(
        alert, actor=actor, event=events.ALERT_ACKNOWLEDGED, comment=comment,
        about=alert.window.subject,
    )  # fmt: skip


def _kept(window: UUID) -> list[ladder.Standing]:
    rows = Alert.objects.filter(window=window).order_by("pk")
    return [
        ladder.Standing(*told) for told in rows.values_list("key", "kind", "state", "since", "rung")
    ]


def facts_of(live: Live) -> ladder.Facts:
    """What the ladder looks at; four queries. Of a night that no longer runs nothing is wrong."""
    if live.window.state != window_life.IN_PROGRESS:
        return ladder.Facts(live.now, None)
    steps = list(live.planning.steps.values())
    begun = _begun_at(steps)
    return ladder.Facts(
        now=live.now,
        outlook=_outlook(live),
        unproven=[check.code for check in unproven_checks(live.window)],
        waiting=list(_waiting(live, steps, begun)),
        running=list(_running(steps)),
        failed=list(_failed(live.window)),
    )


def unproven_checks(window: ReleaseWindow) -> list[ValidationCheck]:
    """Mandatory checks that the decision still waits for."""
    rows = ValidationCheck.objects.filter(
        phase=ValidationCheck.Phase.GO_DECISION, mandatory=True
    ).exclude(state__in=life.GOOD_CHECK)
    here = rows.filter(window=window) | rows.filter(
        package__window=window, package__state__in=life.BOOKED
    ).exclude(package__state__in=GIVEN_UP)
    return list(here.order_by("package__code", "code"))


def _outlook(live: Live) -> ladder.Outlook | None:
    found = live.projection
    if found is None:
        return None
    return ladder.Outlook(
        found.level,
        found.margin,
        found.late,
        None if found.no_return == NEVER else live.at(found.no_return),
        found.is_decided,
    )


def _begun_at(steps: Iterable[Activity]) -> dict[str, datetime]:
    """Since when each step that is ready has been so."""
    subjects = [step.subject for step in steps if step.state == life.READY]
    rows = EvidenceEntry.objects.filter(subject__in=subjects, to_state=life.READY).exclude(
        from_state=life.READY
    )
    return dict(rows.order_by("subject").values_list("subject").annotate(at=Max("at")))


def _waiting(
    live: Live, steps: Sequence[Activity], ready_at: dict[str, datetime]
) -> Iterator[ladder.Waiting]:
    """Steps that are ready while somebody of their team, and their subsystem, is free."""
    busy: defaultdict[str, int] = defaultdict(int)
    freed: dict[str, datetime] = {}
    for step in steps:
        for name in _taken(step):
            if step.state in life.RUNNING_STEP:
                busy[name] += 1
            elif step.ended_at is not None:
                freed[name] = max(step.ended_at, freed.get(name, step.ended_at))
    for step in steps:
        since = ready_at.get(step.subject)
        capacity = live.planning.night.capacity
        names = _taken(step)
        if since is None or any(busy[name] >= capacity.get(name, 1) for name in names):
            continue
        moments = [since, *(freed[name] for name in names if name in freed)]
        if step.not_before_at is not None:
            moments.append(step.not_before_at)
        yield ladder.Waiting(str(step.pk), step.label, step.attempts, max(moments))


def _taken(step: Activity) -> tuple[str, ...]:
    """The team, and the subsystem where nothing else may be beside the step."""
    exclusive = step.exclusive and step.subsystem_id is not None
    return (step.team.code, f"subsystem:{step.subsystem_id}") if exclusive else (step.team.code,)


def _running(steps: Iterable[Activity]) -> Iterator[ladder.Running]:
    running = {step.pk: step for step in steps if step.state == life.IN_PROGRESS}
    said = dict(
        ActivityLog.objects.filter(activity__in=running)
        .order_by("activity")
        .values_list("activity")
        .annotate(at=Max("at"))
    )
    for pk, step in running.items():
        assert step.started_at is not None
        last = max(step.started_at, said.get(pk, step.started_at))
        yield ladder.Running(str(pk), step.label, step.attempts, step.duration_minutes, last)


def _failed(window: ReleaseWindow) -> Iterator[ladder.Failed]:
    rows = ReleasePackage.objects.filter(window=window, state=life.FAILED).select_related("window")
    for package in rows.order_by("code"):
        if (due := decision_due(package)) is not None:
            yield ladder.Failed(str(package.pk), package.code, due)
