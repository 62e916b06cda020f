"""Every reason why something may not happen to a window, one generator per move."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from apps.console.hooks import hook
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker, bad_input
from apps.core.text import text_blockers, tidy
from apps.windows.domain import lifecycle as life
from apps.windows.domain.capacity import HARD_UNITS, SCOPE_UNITS, Load, shortfalls
from apps.windows.domain.local_time import AmbiguousTime, ImpossibleTime, to_utc, to_wall
from apps.windows.domain.slots import nearest_free
from apps.windows.models import Booking, ReleaseWindow

PLANNERS = ("release_coordinator", "release_manager")
START_EARLY = timedelta(minutes=15)
REASON_MAX = 4_000
#: What is open longer is a period of the calendar and no window.
LONGEST = timedelta(days=14)
#: How far around a window a free time is looked for.
SEARCHED = timedelta(days=60)

#: What the night may still need to change once the scope is locked, and who may change it.
LATE_FIELDS: Mapping[str, tuple[str, ...]] = {
    "bridge": PLANNERS,
    "coordinator": PLANNERS,
    "release_manager": PLANNERS,
    "closes_at": ("release_manager",),
    "cutoffs": ("release_manager",),
}

#: What dates of packages and steps go by, and what it is called.
MOVED_FIELDS: Mapping[str, str] = {"opens_at": "opening", "closes_at": "closing", "zone": "zone"}

_DONE_BY_MOVE: Mapping[str, str] = {
    "open": "opened",
    "lock_scope": "locked",
    "unlock": "unlocked",
    "start": "started",
    "hand_back": "handed back",
    "close": "closed",
    "cancel": "cancelled",
    "abort": "aborted",
}


def state_blockers(window: ReleaseWindow, move: str) -> Iterator[Blocker]:
    if window.state not in life.SOURCES[move]:
        yield _wrong_state(window, life.SOURCES[move], f"be {_DONE_BY_MOVE[move]}")


def _wrong_state(window: ReleaseWindow, sources: Iterable[str], what: str) -> Blocker:
    wanted = " or ".join(life.LABELS[state].lower() for state in sources)
    return Blocker(
        "wrong_state",
        f"{window.code} is {life.LABELS[window.state].lower()}; to {what} it has to be {wanted}.",
        "See the moves that its state offers.",
        "you",
        kind="state",
    )


def role_blockers(actor: Actor, roles: Collection[str]) -> Iterator[Blocker]:
    if not actor.holds(*roles):
        who = " or ".join(role.replace("_", " ") for role in roles)
        yield Blocker(
            "role_missing",
            f"{actor.printed_name} may not do this; a {who} may.",
            f"Ask a {who}.",
            who,
            kind="permission",
        )


def reason_blockers(comment: str) -> Iterator[Blocker]:
    """A move that takes something away says why."""
    yield from text_blockers(
        "comment", tidy(comment), required=True, longest=REASON_MAX, label="Reason"
    )


# Planning.


def create_blockers(actor: Actor) -> Iterator[Blocker]:
    yield from role_blockers(actor, PLANNERS)


def edit_blockers(actor: Actor, window: ReleaseWindow) -> Iterator[Blocker]:
    """Whether `actor` may edit anything of the window in its state."""
    if window.state not in life.EDITABLE:
        yield _wrong_state(window, life.EDITABLE, "be edited")
    yield from role_blockers(actor, PLANNERS)


def field_blockers(actor: Actor, window: ReleaseWindow, names: Iterable[str]) -> Iterator[Blocker]:
    """Which of the changed fields (and "cutoffs") are fixed in the window's state."""
    for name in names:
        if name == "site" and window.state != life.DRAFT:
            yield bad_input(
                "site",
                "A window stays at its site once it was opened.",
                "Cancel it and plan another one.",
                "fixed",
            )
        elif window.state in life.PLANNABLE:
            continue
        elif name not in LATE_FIELDS:
            label = name.replace("_", " ")
            yield bad_input(
                name,
                f"The {label} cannot be changed: {window.code} is "
                f"{life.LABELS[window.state].lower()}.",
                "Unlock the scope first." if window.state == life.LOCKED else "Leave it as it is.",
                "fixed",
            )
        else:
            yield from role_blockers(actor, LATE_FIELDS[name])


def moving_blockers(window: ReleaseWindow, names: Iterable[str]) -> Iterator[Blocker]:
    """Whether the changed fields would move dates of what is planned in the window, or take away
    what it was planned by: that is done by a move only, which previews all of it. Its cut-offs move
    nobody's date, and from its start on its closing is what the night makes of it."""
    fixed = [name for name in names if name in MOVED_FIELDS]
    if window.state not in life.MOVABLE:
        fixed = [name for name in fixed if name != "closes_at"]
    if not fixed or not has_work(window):
        return
    for name in fixed:
        yield bad_input(
            name,
            f"The {MOVED_FIELDS[name]} cannot be edited: packages or steps are planned in "
            f"{window.code} by it.",
            "Use “Move the window”, which first shows what changes with it.",
            "needs_move",
        )


def has_work(window: ReleaseWindow) -> bool:
    """Whether anything is booked, kept or planned in the window. What is planned there is known to
    a higher context, which gives the answer (INTERLOCK_WINDOW_WORK)."""
    kept = [Booking.State.ACTIVE, Booking.State.RESERVED]
    if Booking.objects.filter(window=window, state__in=kept).exists():
        return True
    is_planned_in = hook("INTERLOCK_WINDOW_WORK")
    return bool(is_planned_in and is_planned_in(window.pk))


def shift_blockers(actor: Actor, window: ReleaseWindow) -> Iterator[Blocker]:
    """Whether `actor` may move the window to another time: before its night, and a locked scope
    by a release manager only."""
    if window.state not in life.MOVABLE:
        yield _wrong_state(window, life.MOVABLE, "be moved to another time")
    locked = window.state == life.LOCKED
    yield from role_blockers(actor, ("release_manager",) if locked else PLANNERS)


def new_time_blockers(window: ReleaseWindow, was: tuple[datetime, datetime]) -> Iterator[Blocker]:
    """`was` are the opening and closing that it had."""
    if (window.opens_at, window.closes_at) == was:
        yield bad_input("opens_at", f"{window.code} has these times already.",
                        "Enter another opening, or another closing.", "same_times")  # fmt: skip
    if window.opens_at <= clock.now():
        yield bad_input("opens_at", f"{window.code} would open in the past.", "Enter a later time.",
                        "past")  # fmt: skip


def moment_blockers(field: str, value: datetime | None, zone: str) -> Iterator[Blocker]:
    """A moment says its offset from UTC; a wall time alone is refused with what to enter."""
    if value is None or value.tzinfo is not None:
        return
    try:
        moment = to_utc(value, zone)
    except ImpossibleTime as error:
        yield bad_input(field, str(error), "Enter a time that comes.", "impossible_time")
    except AmbiguousTime as error:
        yield bad_input(
            field,
            str(error),
            f"Enter {error.earlier.isoformat()} or {error.later.isoformat()}.",
            "ambiguous_time",
        )
    else:
        yield bad_input(
            field,
            f"{value:%Y-%m-%d %H:%M} does not say its offset from UTC.",
            f"Enter {moment.isoformat()} for the wall clock in {zone}.",
            "naive_time",
        )


def length_blockers(window: ReleaseWindow) -> Iterator[Blocker]:
    if window.opens_at and window.closes_at and window.closes_at - window.opens_at > LONGEST:
        yield bad_input(
            "closes_at",
            f"A window is open for {LONGEST.days} days at most.",
            "Enter an earlier closing, or plan a series of windows.",
            "too_long",
        )


def cutoff_blockers(
    window: ReleaseWindow, cutoffs: Iterable[tuple[str, datetime]]
) -> Iterator[Blocker]:
    """Cut-offs, as (label, at), lie inside their window."""
    for label, at in cutoffs:
        if not window.opens_at < at <= window.closes_at:
            yield bad_input(
                "cutoffs",
                f"The cut-off {label} is outside the window.",
                "Enter a time after its opening and not after its closing.",
                "outside_window",
            )


def oversold_blockers(window: ReleaseWindow) -> Iterator[Blocker]:
    """The capacity and reserve still hold what is booked."""
    capacity, booked, emergency = window.capacity, window.booked, window.emergency
    fields = {
        "changes": "capacity_changes",
        "points": "capacity_points",
        "packages": "max_parallel_packages",
        "binds": "capacity_binds",
    }
    for unit, label in HARD_UNITS:
        if not capacity.limits(unit):
            continue
        planned = booked.of(unit) - emergency.of(unit)
        if planned > capacity.plannable(unit) or booked.of(unit) > capacity.whole.of(unit):
            yield bad_input(
                fields[unit],
                f"{_amount(booked.of(unit))} {label} are booked, which this would not hold.",
                "Enter more, a smaller reserve, or move a package out first.",
                "oversold",
            )


def overlap_blockers(window: ReleaseWindow, others: QuerySet[ReleaseWindow]) -> Iterator[Blocker]:
    """`others` are the unflagged windows of its sysplex that are open at the same time."""
    if window.may_overlap:
        return
    found = list(others)
    if not found:
        return
    fits = free_time(window)
    shown = "{:%Y-%m-%d %H:%M}".format
    when = f" to {shown(to_wall(fits[0], window.zone))}, where it fits" if fits else ""
    for other in found:
        where = f"on {other.sysplex}" if other.sysplex else f"at {window.site}"
        yield Blocker(
            "overlap",
            f"{other.code} {other.name} is open {where} at the same time, until "
            f"{shown(to_wall(other.closes_at, window.zone))}.",
            f"Move it{when}; or mark it as one that may overlap, with the reason.",
            "release coordinator",
            field="opens_at",
            details={
                "window": other.code,
                "closes_at": other.closes_at.isoformat(),
                "fits_at": fits[0].isoformat() if fits else None,
            },
        )


def free_time(window: ReleaseWindow) -> tuple[datetime, datetime] | None:
    """The nearest time at which the window would overlap no other; one query."""
    around = sharing(window).filter(
        opens_at__lt=window.closes_at + SEARCHED, closes_at__gt=window.opens_at - SEARCHED
    )
    busy = around.values_list("opens_at", "closes_at")
    return nearest_free(window.opens_at, window.closes_at, busy, clock.now())


def overlapping(window: ReleaseWindow) -> QuerySet[ReleaseWindow]:
    """Those that are open at the same time."""
    return (
        sharing(window)
        .filter(opens_at__lt=window.closes_at, closes_at__gt=window.opens_at)
        .select_related("sysplex")
        .order_by("opens_at", "code")
    )


def sharing(window: ReleaseWindow) -> QuerySet[ReleaseWindow]:
    """The other unflagged windows that occupy its sysplex, or any of its site where it has none."""
    found = ReleaseWindow.objects.filter(
        site_id=window.site_id, state__in=life.OCCUPYING, may_overlap=False
    ).exclude(pk=window.pk)
    if window.sysplex_id is None:
        return found
    return found.filter(Q(sysplex_id=window.sysplex_id) | Q(sysplex=None))


def open_blockers(actor: Actor, window: ReleaseWindow) -> Iterator[Blocker]:
    yield from state_blockers(window, "open")
    yield from role_blockers(actor, ("release_manager",))
    planner = "release coordinator"
    if not any(cutoff.is_hard for cutoff in window.cutoffs.all()):
        yield Blocker(
            "no_cutoff",
            f"{window.code} has no hard cut-off.",
            "Enter when production needs its systems back.",
            planner,
            field="cutoffs",
        )
    for unit, label in HARD_UNITS:
        if window.capacity.limits(unit) and not window.capacity.whole.of(unit):
            yield Blocker(
                "no_capacity",
                f"{window.code} does not say how many {label} it takes.",
                "Enter its capacity.",
                planner,
            )
    for name in ("release_manager", "coordinator"):
        if getattr(window, f"{name}_id") is None:
            yield Blocker(
                "nobody_named",
                f"{window.code} has no {name.replace('_', ' ')}.",
                "Name one.",
                planner,
                field=name,
            )
    if window.closes_at <= clock.now():
        yield Blocker("past", f"{window.code} is over already.", "Correct its times.", planner)
    yield from overlap_blockers(window, overlapping(window))


def lock_blockers(actor: Actor, window: ReleaseWindow) -> Iterator[Blocker]:
    """People lock when they want; the portal itself when the time has come."""
    yield from state_blockers(window, "lock_scope")
    if actor.kind != "system":
        yield from role_blockers(actor, PLANNERS)
    elif window.scope_lock_at is None or window.scope_lock_at > clock.now():
        yield Blocker("not_due", f"The scope of {window.code} is not to be locked yet.",
                      "Wait for its moment, or let a planner lock it.",
                      "release coordinator")  # fmt: skip


def unlock_blockers(actor: Actor, window: ReleaseWindow) -> Iterator[Blocker]:
    yield from state_blockers(window, "unlock")
    yield from role_blockers(actor, ("release_manager",))


# The night. What packages and steps have to say is added by those who know them.


def start_blockers(actor: Actor, window: ReleaseWindow) -> Iterator[Blocker]:
    yield from state_blockers(window, "start")
    yield from role_blockers(actor, PLANNERS)
    now = clock.now()
    if now < window.opens_at - START_EARLY:
        yield Blocker(
            "too_early",
            f"{window.code} opens later; it can be started 15 minutes before.",
            "Wait until then.",
            "release coordinator",
        )
    if now >= window.effective_cutoff:
        yield Blocker(
            "too_late",
            f"The cut-off of {window.code} has passed.",
            "Cancel the window and move its packages.",
            "release manager",
        )


def hand_back_blockers(actor: Actor, window: ReleaseWindow) -> Iterator[Blocker]:
    yield from state_blockers(window, "hand_back")
    yield from role_blockers(actor, PLANNERS)


def close_blockers(actor: Actor, window: ReleaseWindow) -> Iterator[Blocker]:
    yield from state_blockers(window, "close")
    yield from role_blockers(actor, ("release_manager",))


def cancel_blockers(actor: Actor, window: ReleaseWindow) -> Iterator[Blocker]:
    yield from state_blockers(window, "cancel")
    yield from role_blockers(actor, ("release_manager",))


def abort_blockers(actor: Actor, window: ReleaseWindow) -> Iterator[Blocker]:
    yield from state_blockers(window, "abort")
    yield from role_blockers(actor, ("release_manager",))


# Capacity.


def booking_blockers(
    window: ReleaseWindow,
    wanted: Load,
    *,
    is_emergency: bool,
    held: Load | None = None,
    is_in: bool = False,
    may_join_late: bool = False,
) -> Iterator[Blocker]:
    """Why `wanted` cannot be booked, where `held` of it is the subject's own already.

    With `is_in` that is a booking: the subject is in the scope. A reservation is not.
    `may_join_late`: somebody let it in although the scope is locked.
    """
    own = held or Load()
    more = not is_in or any(wanted.of(unit) > own.of(unit) for unit in SCOPE_UNITS)
    if window.state == life.LOCKED and not is_emergency and more and not may_join_late:
        yield Blocker(
            "scope_locked",
            f"The scope of {window.code} is locked.",
            "Ask to join the locked window, have its scope unlocked, or choose another window.",
            "release manager",
            kind="state",
        )
    elif window.state not in (life.OPEN, life.LOCKED) and not (
        is_emergency and window.state == life.IN_PROGRESS
    ):
        yield _wrong_state(window, (life.OPEN,), "take packages")
    emergency = window.emergency - own if is_emergency else window.emergency
    for short in shortfalls(
        window.capacity, window.booked - own, emergency, wanted, is_emergency=is_emergency
    ):
        kept = (
            f" ({_amount(short.reserved)} more are kept for emergencies)" if short.reserved else ""
        )
        yield Blocker(
            "no_capacity",
            f"{window.code} has {_amount(short.free)} {short.unit} free{kept}; "
            f"this needs {_amount(short.wanted)}.",
            "Take something out, plan it for another window, or have the capacity raised.",
            "release coordinator",
            details={"unit": short.unit, "free": _amount(short.free),
                     "wanted": _amount(short.wanted)},
        )  # fmt: skip


def _amount(value: Decimal) -> str:
    return f"{value.normalize():f}"


def text_values_blockers(values: Mapping[str, Any]) -> Iterator[Blocker]:
    for name, longest in (("code", 20), ("name", 120), ("bridge", 200), ("overlap_reason", 200)):
        if name in values:
            yield from text_blockers(name, str(values[name] or ""), longest=longest)
