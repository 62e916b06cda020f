"""Keep series of windows, and draft what they make."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from apps.core import clock
from apps.core.actor import Actor, system_actor
from apps.core.errors import Blocker, Refused, bad_input, refuse_if_any
from apps.core.text import tidy
from apps.evidence.services.door import door
from apps.evidence.services.ledger import lock, record, record_created
from apps.evidence.services.register import line_blockers, model_blockers
from apps.windows import events
from apps.windows.domain import lifecycle as life
from apps.windows.domain.calendar import Calendar
from apps.windows.domain.series import Night
from apps.windows.models import Cutoff, ReleaseWindow, SeriesCutoff, WindowSeries
from apps.windows.models.series import TEMPLATE
from apps.windows.policies import (
    amount_blockers,
    draft_blockers,
    keep_series_blockers,
    pattern_blockers,
)
from apps.windows.selectors import (
    calendar_in_force,
    nights_of,
    series_to_draft,
    series_with_people,
    windows_with_people,
)
from apps.windows.services.planning import default_milestones

#: What a person may enter of a series.
EDITABLE_FIELDS = (
    "code",
    "name",
    "is_active",
    "recurrence",
    "first_day",
    "horizon_days",
    "left_out",
    "opens_time",
    "closes_time",
    "more_days",
    *TEMPLATE,
)

Rows = Mapping[str, Sequence[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Drafted:
    """What drafting did: codes of new windows and of those brought up to date, codes of windows
    that somebody has touched and that differ, and what could not be drafted, in sentences."""

    made: tuple[str, ...] = ()
    refreshed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    def sentences(self) -> list[str]:
        told = [f"{_windows(len(self.made))} drafted."]
        if self.refreshed:
            told.append(f"Brought up to date: {', '.join(self.refreshed)}.")
        if self.kept:
            told.append(f"Left as somebody edited it: {', '.join(self.kept)}.")
        return [*told, *self.problems]


def _windows(count: int) -> str:
    return f"{count or 'No'} window{'' if count == 1 else 's'}"


@door("window_series")
def create_series(
    *, actor: Actor, values: Mapping[str, Any], parts: Rows | None = None
) -> WindowSeries:
    """A new series; `parts["cutoffs"]` holds rows of kind, label, clock, more_days and is_hard."""
    return enter_series(actor=actor, values=values, parts=parts)


def enter_series(
    *, actor: Actor, values: Mapping[str, Any], parts: Rows | None = None
) -> WindowSeries:
    """Inner: the same."""
    series = WindowSeries()
    refuse_if_any(keep_series_blockers(actor, series))
    _fill(series, values)
    cutoffs = _checked(series, (parts or {}).get("cutoffs", ()))
    record_created(
        series, actor=actor, event=events.SERIES_CREATED,
        parts={"cutoffs": [cutoff.governed_values() for cutoff in cutoffs]},
    )  # fmt: skip
    SeriesCutoff.objects.bulk_create(cutoffs)
    return series


@door("window_series")
def edit_series(
    *,
    pk: UUID,
    actor: Actor,
    values: Mapping[str, Any],
    parts: Rows | None = None,
    expected_seq: int | None = None,
    comment: str = "",
) -> WindowSeries:
    """Change a series and, where `parts` holds them, all of its cut-offs. Its windows follow when
    they are drafted the next time. Nothing is written when nothing differs."""
    series = lock(series_with_people(), pk, expected_seq=expected_seq, parts=True)
    refuse_if_any(keep_series_blockers(actor, series))
    before = series.governed_values(), _told_all(series.cutoffs.all())
    _fill(series, values)
    rows = (parts or {}).get("cutoffs")
    if rows is None:
        rows = [_row(cutoff) for cutoff in series.cutoffs.all()]
    cutoffs = _checked(series, rows)
    if (series.governed_values(), _told_all(cutoffs)) == before:
        return series
    _replace(series, cutoffs)
    series._prefetched_objects_cache = {}  # type: ignore[attr-defined]
    return record(
        series, actor=actor, event=events.SERIES_EDITED, comment=comment,
        parts=series.part_values(),
    )  # fmt: skip


def _fill(series: WindowSeries, values: Mapping[str, Any]) -> None:
    refuse_if_any(
        bad_input(name, f"“{name}” cannot be entered.", "Leave it out.", "not_writable")
        for name in sorted(set(values) - set(EDITABLE_FIELDS))
    )
    for name, value in values.items():
        setattr(series, name, tidy(value) if isinstance(value, str) else value)
    if not series.zone and series.site_id:
        series.zone = series.site.tz


def _told_all(cutoffs: Iterable[SeriesCutoff]) -> list[dict[str, Any]]:
    return sorted((c.governed_values() for c in cutoffs), key=lambda told: str(told["id"]))


def _row(cutoff: SeriesCutoff) -> dict[str, Any]:
    names = ("kind", "label", "clock", "more_days", "is_hard")
    return {name: getattr(cutoff, name) for name in names}


def _checked(series: WindowSeries, rows: Sequence[Mapping[str, Any]]) -> list[SeriesCutoff]:
    """The cut-offs that the rows tell. Raises Refused with all that is wrong with the series."""
    cutoffs, problems = _cutoff_rows(series, rows)
    problems = [*model_blockers(series), *problems]
    for name in ("release_manager", "coordinator"):
        person = getattr(series, name)
        if person is not None and not person.is_active:
            problems.append(
                bad_input(name, f"{person} is not active any more.", "Choose somebody else.")
            )
    refuse_if_any(problems)
    refuse_if_any(pattern_blockers(series, cutoffs))
    return cutoffs


def _cutoff_rows(
    series: WindowSeries, rows: Sequence[Mapping[str, Any]]
) -> tuple[list[SeriesCutoff], list[Blocker]]:
    cutoffs: list[SeriesCutoff] = []
    problems: list[Blocker] = []
    known = {} if series._state.adding else {(c.kind, c.label): c.pk for c in series.cutoffs.all()}
    kept = (row for row in rows if not row.get("DELETE"))
    for number, row in enumerate(kept, start=1):
        cutoff = SeriesCutoff(
            series=series,
            kind=row.get("kind") or Cutoff.Kind.BATCH_START,
            label=tidy(str(row.get("label") or "")),
            clock=row.get("clock"),  # type: ignore[misc]  # clean_fields() tells a missing one
            more_days=row.get("more_days") or 0,
            is_hard=row.get("is_hard", True),
        )
        cutoff.pk = known.get((cutoff.kind, cutoff.label), cutoff.pk)
        problems += line_blockers(cutoff, "cutoffs", number, exclude={"series"})
        if any((c.kind, c.label) == (cutoff.kind, cutoff.label) for c in cutoffs):
            problems.append(
                bad_input("cutoffs", f"Line {number}: {cutoff.label} is there already.",
                          "Remove one of the two lines.", "duplicate")
            )  # fmt: skip
        cutoffs.append(cutoff)
    return cutoffs, problems


def _replace(series: WindowSeries, wanted: Sequence[SeriesCutoff]) -> None:
    old = {cutoff.pk for cutoff in series.cutoffs.all()}
    series.cutoffs.exclude(pk__in=[cutoff.pk for cutoff in wanted]).delete()
    for cutoff in wanted:
        cutoff.save(force_insert=cutoff.pk not in old, force_update=cutoff.pk in old)


# Windows.


@door("window_series")
def draft_windows(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> Drafted:
    """Draft every window that the series makes and that is not over, once.

    One that it made before follows the series as long as nobody has touched it; one that was
    edited, opened or cancelled stays as it is. Neither an overlap nor a freeze holds back a
    draft: both are told where the window is shown, and hold when it is opened.
    """
    series = lock(series_with_people(), pk, expected_seq=expected_seq)
    refuse_if_any(draft_blockers(actor, series))
    now = clock.now()
    nights = [night for night in nights_of(series) if night.closes_at > now]
    refuse_if_any(amount_blockers(series, len(nights)))
    calendar = calendar_in_force()
    there = {window.series_day: window for window in series.windows.all()}
    taken = _taken_codes(series, nights, there)
    made, refreshed, kept, problems = [], [], [], []
    for night in nights:
        window = there.get(night.day)
        code = series.code_of(night.day)
        if night.problem:
            problems.append(f"{code}: {night.problem}")
        elif window is None and code in taken:
            problems.append(f"{code}: another window is called so.")
        elif window is None:
            made.append(_draft(series, night, calendar, actor).code)
        elif not _follows(series, night, window):
            if _is_untouched(window):
                refreshed.append(_refresh(series, night, window, calendar, actor).code)
            elif window.state != life.CANCELLED:
                kept.append(window.code)
    done = Drafted(tuple(made), tuple(refreshed), tuple(kept), tuple(problems))
    if made or refreshed:
        record(
            series, actor=actor, event=events.SERIES_DRAFTED, comment=comment,
            facts={"made": made, "refreshed": refreshed, "kept": kept},
        )  # fmt: skip
    return done


def draft_due_series() -> int:
    """Draft what came into the horizon of any series; how many windows that were."""
    made = 0
    for pk in series_to_draft().values_list("pk", flat=True):
        try:
            made += len(draft_windows(pk=pk, actor=system_actor("calendar")).made)
        except Refused:  # too many, or ended meanwhile; the refusal is recorded
            continue
    return made


def _taken_codes(
    series: WindowSeries, nights: Sequence[Night], there: Mapping[Any, ReleaseWindow]
) -> set[str]:
    codes = [series.code_of(night.day) for night in nights if night.day not in there]
    return set(ReleaseWindow.objects.filter(code__in=codes).values_list("code", flat=True))


def _is_untouched(window: ReleaseWindow) -> bool:
    return window.state == life.DRAFT and window.evidence_seq == window.series_seq


def _follows(series: WindowSeries, night: Night, window: ReleaseWindow) -> bool:
    """Whether the window is what the series would make today."""
    return (
        all(getattr(window, _column(n)) == getattr(series, _column(n)) for n in TEMPLATE)
        and (window.code, window.name) == (series.code_of(night.day), series.name)
        and (window.opens_at, window.closes_at) == (night.opens_at, night.closes_at)
        and {_told(cutoff) for cutoff in window.cutoffs.all()}
        == {_told(cutoff) for cutoff in _cutoffs(window, night)}
    )


def _column(name: str) -> str:
    return str(ReleaseWindow._meta.get_field(name).attname)  # type: ignore[union-attr]


def _told(cutoff: Cutoff) -> tuple[Any, ...]:
    return cutoff.kind, cutoff.label, cutoff.at, cutoff.is_hard


def _write(
    series: WindowSeries, night: Night, window: ReleaseWindow, calendar: Calendar
) -> list[Cutoff]:
    """Make the window what the series says; its cut-offs, unsaved."""
    for name in TEMPLATE:
        setattr(window, name, getattr(series, name))
    window.code, window.name = series.code_of(night.day), series.name
    if window.opens_at != night.opens_at:
        window.scope_lock_at = window.readiness_deadline_at = None
    window.opens_at, window.closes_at = night.opens_at, night.closes_at
    default_milestones(window, calendar)
    return _cutoffs(window, night)


def _cutoffs(window: ReleaseWindow, night: Night) -> list[Cutoff]:
    return [
        Cutoff(window=window, kind=p.kind, label=p.label, at=at, is_hard=p.is_hard)
        for p, at in night.cutoffs
    ]


def _draft(series: WindowSeries, night: Night, calendar: Calendar, actor: Actor) -> ReleaseWindow:
    window = ReleaseWindow(series=series, series_day=night.day, series_seq=1)
    cutoffs = _write(series, night, window, calendar)
    record_created(
        window, actor=actor, event=events.CREATED, about=series.subject,
        parts={"cutoffs": [cutoff.governed_values() for cutoff in cutoffs]},
    )  # fmt: skip
    Cutoff.objects.bulk_create(cutoffs)
    return window


def _refresh(
    series: WindowSeries, night: Night, window: ReleaseWindow, calendar: Calendar, actor: Actor
) -> ReleaseWindow:
    window = lock(windows_with_people(), window.pk, parts=True)
    cutoffs = _write(series, night, window, calendar)
    window.cutoffs.all().delete()
    Cutoff.objects.bulk_create(cutoffs)
    window.series_seq = window.evidence_seq + 1
    window._prefetched_objects_cache = {}  # type: ignore[attr-defined]
    return record(
        window, actor=actor, event=events.REFRESHED, about=series.subject,
        parts=window.part_values(),
    )  # fmt: skip
