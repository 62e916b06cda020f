"""Plan a window, open it for packages, lock and unlock its scope."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError

from apps.core import clock
from apps.core.actor import Actor, system_actor
from apps.core.errors import Blocker, Refused, bad_input, refuse_if_any
from apps.core.text import tidy
from apps.evidence.services.door import door
from apps.evidence.services.ledger import lock, record, record_created
from apps.evidence.services.register import line_blockers, model_blockers
from apps.inventory.models import Site
from apps.windows import events
from apps.windows.domain import lifecycle as life
from apps.windows.domain.business_days import business_days_before
from apps.windows.domain.calendar import Calendar
from apps.windows.domain.local_time import moved_wall
from apps.windows.models import Booking, Cutoff, ReleaseWindow
from apps.windows.policies import (
    closed_blockers,
    create_blockers,
    cutoff_blockers,
    edit_blockers,
    field_blockers,
    length_blockers,
    lock_blockers,
    moment_blockers,
    moving_blockers,
    new_time_blockers,
    overlap_blockers,
    overlapping,
    oversold_blockers,
    reason_blockers,
    shift_blockers,
    text_values_blockers,
    unlock_blockers,
)
from apps.windows.policies import open_blockers as rules_of_opening
from apps.windows.selectors import (
    calendar_in_force,
    spans_closing_window,
    windows_to_lock,
    windows_with_people,
)

#: What a person may enter; everything else is the portal's.
EDITABLE_FIELDS = (
    "code",
    "name",
    "site",
    "sysplex",
    "window_type",
    "zone",
    "opens_at",
    "closes_at",
    "scope_lock_at",
    "readiness_deadline_at",
    "may_overlap",
    "overlap_reason",
    "capacity_changes",
    "capacity_points",
    "max_parallel_packages",
    "capacity_binds",
    "capacity_minutes",
    "reserve_percent",
    "decide_minutes",
    "verify_after_backout_minutes",
    "safety",
    "release_manager",
    "coordinator",
    "bridge",
)
#: Business days before its opening on which the scope of a window is locked.
SCOPE_LOCKS_DAYS = 5
MONTH = timedelta(days=31)
MOMENTS = ("opens_at", "closes_at", "scope_lock_at", "readiness_deadline_at")

Rows = Mapping[str, Sequence[Mapping[str, Any]]]


@door("window")
def create_window(
    *, actor: Actor, values: Mapping[str, Any], parts: Rows | None = None
) -> ReleaseWindow:
    """A new draft; `parts["cutoffs"]` holds rows of kind, label, at and is_hard.

    Where they are left out, the zone is the site's, the scope locks five business days before
    the opening (not at all when that is past), and readiness is due 24 hours before.
    """
    refuse_if_any(create_blockers(actor))
    window = ReleaseWindow()
    _fill(window, values)
    default_milestones(window)
    cutoffs, problems = _cutoff_rows(window, (parts or {}).get("cutoffs", ()))
    refuse_if_any(
        [
            *_people_blockers(window),
            *model_blockers(window),
            *length_blockers(window),
            *problems,
        ]
    )
    record_created(
        window,
        actor=actor,
        event=events.CREATED,
        parts={"cutoffs": [cutoff.governed_values() for cutoff in cutoffs]},
    )
    Cutoff.objects.bulk_create(cutoffs)
    return window


@door("window")
def edit_window(
    *,
    pk: UUID,
    actor: Actor,
    values: Mapping[str, Any],
    parts: Rows | None = None,
    expected_seq: int | None = None,
    comment: str = "",
) -> ReleaseWindow:
    """Change a window and, where `parts` holds them, all of its cut-offs.

    Once anything is planned in it, its opening, closing and zone are changed by a move alone, the
    closing until it has started. After it is open its times may not run into another window or a
    freeze; after its scope is locked only people, bridge, closing and cut-offs can be changed.
    Nothing is written when nothing differs.
    """
    window = lock(windows_with_people(), pk, expected_seq=expected_seq, parts=True)
    before = {**window.governed_values(), **window.part_values()}
    refuse_if_any(edit_blockers(actor, window))
    _fill(window, values)
    rows = (parts or {}).get("cutoffs")
    cutoffs, problems = (
        (list(window.cutoffs.all()), []) if rows is None else _cutoff_rows(window, rows)
    )
    after = window.governed_values()
    changed = [name for name in EDITABLE_FIELDS if after[name] != before[name]]
    if _told(cutoffs) != _told(window.cutoffs.all()):
        changed.append("cutoffs")
    if not changed:
        return window
    refuse_if_any(
        [
            *field_blockers(actor, window, changed),
            *moving_blockers(window, changed),
            *_people_blockers(window),
            *model_blockers(window),
            *length_blockers(window),
            *problems,
            *cutoff_blockers(window, ((c.label, c.at) for c in cutoffs)),
            *oversold_blockers(window),
        ]
    )
    if window.state in life.OCCUPYING:
        _lock_site(window)
        longer = after["closes_at"] > before["closes_at"]
        refuse_if_any(
            [
                *overlap_blockers(window, overlapping(window)),
                *(closed_blockers(spans_closing_window(window), "the window", window.zone)
                  if longer or "opens_at" in changed else ()),
            ]
        )  # fmt: skip
    _replace_cutoffs(window, cutoffs)
    return record(
        window, actor=actor, event=events.EDITED, comment=comment, parts=_part_values(window)
    )


def shift_window(
    *,
    window: ReleaseWindow,
    opens_at: datetime,
    actor: Actor,
    comment: str,
    closes_at: datetime | None = None,
) -> ReleaseWindow:
    """Inner: move the window locked with its parts to another time, with all that hangs on it.

    Closing, milestones and cut-offs keep their distance on the wall clock, the closing unless
    another is given: then the window is as long as that makes it. A reservation that would outlast
    the new opening ends there. Raises Refused with every reason.
    """
    refuse_if_any(
        [
            *shift_blockers(actor, window),
            *moment_blockers("opens_at", opens_at, window.zone),
            *moment_blockers("closes_at", closes_at, window.zone),
        ]
    )
    was, before = window.opens_at, (window.opens_at, window.closes_at)
    # Read anew: what the window has read before is what they are compared with.
    cutoffs = list(Cutoff.objects.filter(window=window))
    for name in MOMENTS[1:]:
        moment = getattr(window, name)
        if moment is not None:
            setattr(window, name, moved_wall(moment, was, opens_at, window.zone))
    window.opens_at = opens_at
    window.closes_at = closes_at or window.closes_at
    for cutoff in cutoffs:
        cutoff.at = moved_wall(cutoff.at, was, opens_at, window.zone)
    if window.state in life.OCCUPYING:
        _lock_site(window)
    refuse_if_any(
        [
            *new_time_blockers(window, before),
            *model_blockers(window),
            *length_blockers(window),
            *cutoff_blockers(window, ((c.label, c.at) for c in cutoffs)),
            *(overlap_blockers(window, overlapping(window))
              if window.state in life.OCCUPYING else ()),
            *(closed_blockers(spans_closing_window(window), "the window", window.zone)
              if window.state in life.OCCUPYING else ()),
        ]
    )  # fmt: skip
    _replace_cutoffs(window, cutoffs)
    held = window.bookings.filter(state=Booking.State.RESERVED, expires_at__gt=opens_at)
    held.update(expires_at=opens_at)
    return record(
        window, actor=actor, event=events.MOVED, comment=comment, parts=_part_values(window)
    )


def open_blockers(actor: Actor, window: ReleaseWindow) -> Iterator[Blocker]:
    """What the window itself says, and what the calendar does."""
    yield from rules_of_opening(actor, window)
    if window.state in life.SOURCES["open"]:
        spans = spans_closing_window(window)
        yield from closed_blockers(spans, "the window", window.zone)


@door("window")
def open_window(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> ReleaseWindow:
    """Let packages be planned into it."""
    window = lock(windows_with_people(), pk, expected_seq=expected_seq)
    _lock_site(window)
    refuse_if_any(open_blockers(actor, window))
    window.open()
    return record(window, actor=actor, event=events.OPENED, comment=comment)


@door("window")
def lock_scope(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> ReleaseWindow:
    """No further package comes in."""
    window = lock(windows_with_people(), pk, expected_seq=expected_seq)
    refuse_if_any(lock_blockers(actor, window))
    window.lock_scope()
    return record(window, actor=actor, event=events.LOCKED, comment=comment)


@door("window")
def unlock_scope(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> ReleaseWindow:
    """Take packages again. When its time of locking has passed, people lock it the next time."""
    window = lock(windows_with_people(), pk, expected_seq=expected_seq)
    refuse_if_any([*unlock_blockers(actor, window), *reason_blockers(comment)])
    window.unlock()
    if window.scope_lock_at is not None and window.scope_lock_at <= clock.now():
        window.scope_lock_at = None
    return record(window, actor=actor, event=events.UNLOCKED, comment=comment)


def lock_due_scopes() -> int:
    """Lock every open window whose time has come; how many were locked."""
    locked = 0
    for pk in windows_to_lock().values_list("pk", flat=True):
        try:
            lock_scope(pk=pk, actor=system_actor("scope-lock"))
        except Refused:  # somebody else was faster; the refusal is recorded
            continue
        locked += 1
    return locked


def _fill(window: ReleaseWindow, values: Mapping[str, Any]) -> None:
    refuse_if_any(
        bad_input(name, f"“{name}” cannot be entered.", "Leave it out.", "not_writable")
        for name in sorted(set(values) - set(EDITABLE_FIELDS))
    )
    refuse_if_any(text_values_blockers(values))
    for name, value in values.items():
        setattr(window, name, tidy(value) if isinstance(value, str) else value)
    if not window.zone and window.site_id:
        window.zone = window.site.tz
    zone = window.zone if _is_zone(window) else "UTC"
    refuse_if_any(
        blocker
        for name in MOMENTS
        for blocker in moment_blockers(name, getattr(window, name), zone)
    )


def _is_zone(window: ReleaseWindow) -> bool:
    try:
        window._meta.get_field("zone").run_validators(window.zone)
    except ValidationError:
        return False
    return bool(window.zone)


def default_milestones(window: ReleaseWindow, calendar: Calendar | None = None) -> None:
    """Inner: when the scope locks and readiness is due, where nobody said. `calendar`: the one in
    force, where the caller has it."""
    if window.opens_at is None or not _is_zone(window) or window.site_id is None:
        return
    if window.scope_lock_at is None:
        day = window.opens_at.date()
        in_force = calendar or calendar_in_force()
        holidays = in_force.holidays(window.site.code, day - MONTH, day)
        due = business_days_before(window.opens_at, SCOPE_LOCKS_DAYS, window.zone, holidays)
        window.scope_lock_at = due if due > clock.now() else None
    if window.readiness_deadline_at is None:
        window.readiness_deadline_at = window.opens_at - timedelta(hours=24)


def _people_blockers(window: ReleaseWindow) -> list[Blocker]:
    return [
        bad_input(name, f"{person} is not active any more.", "Choose somebody who works here.")
        for name in ("release_manager", "coordinator")
        if (person := getattr(window, name)) is not None and not person.is_active
    ]


def _cutoff_rows(
    window: ReleaseWindow, rows: Sequence[Mapping[str, Any]]
) -> tuple[list[Cutoff], list[Blocker]]:
    """Unsaved cut-offs that replace the window's, and what is wrong with them."""
    cutoffs: list[Cutoff] = []
    problems: list[Blocker] = []
    known = {(c.kind, c.label): c for c in window.cutoffs.all()} if not window._state.adding else {}
    kept = (row for row in rows if not row.get("DELETE"))
    for number, row in enumerate(kept, start=1):
        cutoff = Cutoff(
            window=window,
            kind=row.get("kind") or Cutoff.Kind.BATCH_START,
            label=tidy(str(row.get("label") or "")),
            at=row.get("at"),  # type: ignore[misc]  # clean_fields() tells when it is missing
            is_hard=row.get("is_hard", True),
        )
        old = known.get((cutoff.kind, cutoff.label))
        if old is not None:
            cutoff.pk = old.pk
            if cutoff.at == old.at:  # what was reported holds until somebody plans it anew
                cutoff.expected_at, cutoff.cause = old.expected_at, old.cause
        unclear = list(moment_blockers("cutoffs", _moment(row.get("at")), window.zone or "UTC"))
        problems += unclear or line_blockers(cutoff, "cutoffs", number, exclude={"window"})
        if any((c.kind, c.label) == (cutoff.kind, cutoff.label) for c in cutoffs):
            problems.append(
                bad_input("cutoffs", f"Line {number}: {cutoff.label} is there already.",
                          "Remove one of the two lines.", "duplicate")
            )  # fmt: skip
        cutoffs.append(cutoff)
    if not problems and window.opens_at and window.closes_at:
        problems += cutoff_blockers(window, ((c.label, c.at) for c in cutoffs))
    return cutoffs, problems


def _moment(value: Any) -> datetime | None:
    return value if isinstance(value, datetime) else None


def _told(cutoffs: Any) -> list[dict[str, Any]]:
    return sorted(
        (cutoff.governed_values() for cutoff in cutoffs), key=lambda told: str(told["id"])
    )


def _replace_cutoffs(window: ReleaseWindow, wanted: Sequence[Cutoff]) -> None:
    old = {cutoff.pk: cutoff for cutoff in window.cutoffs.all()}
    kept = {cutoff.pk for cutoff in wanted}
    for pk, cutoff in old.items():
        if pk not in kept:
            cutoff.delete()
    for cutoff in wanted:
        if cutoff.pk not in old:
            cutoff.save(force_insert=True)
        elif cutoff.governed_values() != old[cutoff.pk].governed_values():
            cutoff.save(force_update=True)


def _part_values(window: ReleaseWindow) -> dict[str, Any]:
    """The parts as they are now, without what was read before."""
    window._prefetched_objects_cache = {}  # type: ignore[attr-defined]
    return window.part_values()


def _lock_site(window: ReleaseWindow) -> None:
    """Two windows of one site are opened one after the other."""
    Site.objects.select_for_update(no_key=True).get(pk=window.site_id)
