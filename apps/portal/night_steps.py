"""What an operator sees on a phone at night: what they do now, what comes next, whom they wait for.

A constant number of queries, however many steps there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db.models import Q

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker
from apps.integrations.domain.jobs import Verdict
from apps.integrations.selectors import proposals_of
from apps.releases.domain import lifecycle as life
from apps.releases.domain.required import COUNT, LOG, RC, in_words
from apps.releases.models import Activity, ActivityDependency
from apps.releases.policies.activity_clock import night_of
from apps.releases.policies.activity_facts import (
    HARD,
    IN_ONE_NIGHT,
    IN_ONE_PACKAGE,
    steps_with_surroundings,
)
from apps.releases.services.no_return import start_step_blockers

MOST = 50
RUNNING = (life.IN_PROGRESS, life.VALIDATING, life.BACKING_OUT)


@dataclass(frozen=True, slots=True)
class Wait:
    """Whom a step waits for and for what; `since` is None for what has no beginning yet."""

    whom: str
    what: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Card:
    """One step as the phone shows it. `key` is under which its next action is asked for; `job` is
    what its batch jobs came to, where somebody named one."""

    step: Activity
    is_mine: bool
    is_running: bool
    may_finish: bool
    must_verify: bool
    must_acknowledge: bool
    took: timedelta | None
    commands: tuple[str, ...]
    job: Verdict | None = None
    waits: tuple[Wait, ...] = ()
    blockers: tuple[Blocker, ...] = ()

    @property
    def key(self) -> UUID:
        return uuid4()

    @property
    def completes_with(self) -> str:
        return in_words(self.step.required)

    @property
    def wants_rc(self) -> bool:
        return RC in self.step.required and self.step.deviation_accepted_by_id is None

    @property
    def wants_result(self) -> str:
        """What the result has to say; empty where it may say nothing."""
        if COUNT in self.step.required:
            return "How many, and job id"
        return "" if LOG not in self.step.required else "Job id or log, if none is attached"

    @property
    def must_count(self) -> bool:
        return COUNT in self.step.required

    @property
    def place(self) -> str:
        place = self.step.package or self.step.window
        return place.code if place else ""

    @property
    def zone(self) -> str | None:
        window = night_of(self.step)
        return window.zone if window else None

    @property
    def took_minutes(self) -> int | None:
        return None if self.took is None else max(1, round(self.took / timedelta(minutes=1)))


@dataclass(frozen=True, slots=True)
class Sheet:
    """The three parts of the page."""

    now: tuple[Card, ...]
    following: tuple[Card, ...]
    waiting: tuple[Card, ...]

    def __bool__(self) -> bool:
        return bool(self.now or self.following or self.waiting)


def sheet_of(actor: Actor) -> Sheet:
    """The night of one person: the steps they own, stand in for or run, and those of their teams
    that anybody of the team may take."""
    rows = _rows(actor)
    before, took = _predecessors(rows), _durations(rows)
    jobs = proposals_of(step for step in rows if step.state in life.RUNNING_STEP)

    def card(step: Activity, waits: Iterable[Wait] = (), blockers: Iterable[Blocker] = ()) -> Card:
        mine = actor.id in (step.owner_id, step.deputy_id)
        did = step.done_by_id == actor.id
        running = step.state in life.RUNNING_STEP
        open_eyes = step.needs_eyes and step.verified_by_id is None
        return Card(
            step,
            is_mine=mine,
            is_running=running,
            may_finish=step.state == life.IN_PROGRESS and not open_eyes,
            must_verify=step.state == life.IN_PROGRESS and open_eyes and not did,
            must_acknowledge=mine and step.acknowledged_at is None and not running,
            took=took.get((step.type_id, step.title)),
            commands=tuple(line for line in step.instruction.splitlines() if line.strip()),
            job=jobs.get(step.pk),
            waits=tuple(waits),
            blockers=tuple(blockers),
        )

    now, verify, ready, waiting = [], [], [], []
    for step in rows:
        involved = actor.id in (step.owner_id, step.deputy_id, step.done_by_id)
        if step.state in life.RUNNING_STEP and actor.id == step.done_by_id:
            now.append(card(step, _waits_running(step)))
        elif step.state in life.RUNNING_STEP:
            open_eyes = step.needs_eyes and step.verified_by_id is None
            if open_eyes and step.state == life.IN_PROGRESS:
                verify.append(card(step))
            elif involved:
                now.append(card(step, _waits_running(step)))
        elif step.state == life.READY:
            ready.append(step)
        elif step.state == life.FAILED and involved:
            waiting.append(card(step, _waits_failed(step)))
        elif involved:
            waiting.append(card(step, _waits_planned(actor, step, before.get(step.pk, ()))))
    ready.sort(key=lambda step: actor.id not in (step.owner_id, step.deputy_id))
    # What stands against a start is asked of the first one only: it is what the page is for.
    following = [
        card(step, blockers=start_step_blockers(actor, step) if number == 0 else ())
        for number, step in enumerate(ready)
    ]
    return Sheet(tuple(now), (*verify, *following), tuple(waiting))


def _rows(actor: Actor) -> list[Activity]:
    mine = Q(owner=actor.id) | Q(deputy=actor.id) | Q(done_by=actor.id)
    rows = (
        steps_with_surroundings()
        .filter(
            mine | Q(team__code__in=actor.teams),
            Q(package__state__in=RUNNING) | Q(window__state="in_progress"),
        )
        .filter(state__in=[*life.RUNNING_STEP, life.READY, life.FAILED, life.PLANNED])
        .exclude(is_backout=True, package__state__in=[life.IN_PROGRESS, life.VALIDATING])
        .exclude(is_backout=False, package__state=life.BACKING_OUT, state=life.PLANNED)
    )
    return list(rows.order_by("planned_start_at", "label", "pk")[:MOST])


def _predecessors(rows: Sequence[Activity]) -> Mapping[UUID, list[Activity]]:
    """What planned steps still wait for."""
    found: dict[UUID, list[Activity]] = defaultdict(list)
    planned = [step.pk for step in rows if step.state == life.PLANNED]
    edges = (
        ActivityDependency.objects.filter(activity__in=planned, strength=HARD)
        .filter(IN_ONE_PACKAGE | IN_ONE_NIGHT)
        .exclude(predecessor__state__in=[life.COMPLETED, life.SKIPPED])
        .select_related("predecessor__team", "predecessor__owner", "predecessor__done_by")
        .order_by("predecessor__label")
    )
    for edge in edges:
        if edge.predecessor not in found[edge.activity_id]:
            found[edge.activity_id].append(edge.predecessor)
    return found


def _durations(rows: Sequence[Activity]) -> dict[tuple[str, str], timedelta]:
    """How long the same step took the last time that it ended well, by type and title."""
    ended = Activity.objects.filter(
        state=life.COMPLETED,
        started_at__isnull=False,
        ended_at__isnull=False,
        type__in={step.type_id for step in rows},
        title__in={step.title for step in rows},
    ).order_by("-ended_at")
    told = ended.values_list("type_id", "title", "started_at", "ended_at")[: 4 * MOST]
    found: dict[tuple[str, str], timedelta] = {}
    for kind, title, started, end in told:
        if started is not None and end is not None:
            found.setdefault((kind, title), end - started)
    return found


def _waits_running(step: Activity) -> list[Wait]:
    if step.needs_eyes and step.verified_by_id is None:
        return [Wait(f"a second person of {step.team.name}", "to look at it", step.started_at)]
    return []


def _waits_failed(step: Activity) -> list[Wait]:
    return [Wait("the coordinator", "to let it begin again", step.recorded_end_at)]


def _waits_planned(actor: Actor, step: Activity, before: Iterable[Activity]) -> list[Wait]:
    waits = [_wait_for(actor, other) for other in before]
    if step.hold_point and not step.hold_released:
        waits.append(Wait("the coordinator", "to release the hold", None))
    if step.not_before_at is not None and step.not_before_at > clock.now():
        waits.append(Wait("the clock", "its earliest time comes", step.not_before_at))
    return waits


def _wait_for(actor: Actor, other: Activity) -> Wait:
    """`changed_at` of a step that is ready is when it became so, or was last worked on."""
    word = other.get_state_display().lower()
    since = {life.IN_PROGRESS: other.started_at, life.PAUSED: other.changed_at,
             life.READY: other.changed_at, life.FAILED: other.recorded_end_at}  # fmt: skip
    whom = other.done_by if other.state in life.RUNNING_STEP else other.owner
    name = "You" if whom is not None and whom.pk == actor.id else str(whom or other.team.name)
    return Wait(name, f"{other.label} is {word}", since.get(other.state))
