"""Enter what a calendar file says: first shown, then all of it or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker, Refused, bad_input, refuse_if_any
from apps.evidence.services.door import door, within
from apps.integrations.adapters.calendars import (
    CALENDARS,
    Defaults,
    Found,
    Problem,
    Read,
    RuleRow,
    SeriesRow,
    WindowRow,
)
from apps.integrations.adapters.calendars.rows import MOST_BYTES
from apps.inventory.models import Site
from apps.inventory.models.landscape import validate_zone
from apps.windows.domain import lifecycle as life
from apps.windows.domain.calendar import KINDS
from apps.windows.models import CalendarRule, ReleaseWindow, WindowSeries
from apps.windows.policies import create_blockers, keep_calendar_blockers
from apps.windows.services.calendar import enter_rule
from apps.windows.services.planning import create_window, edit_window
from apps.windows.services.series import edit_series, enter_series

#: What whole days may be; ends of periods are no thing of a file.
DAY_KINDS = tuple((code, label) for code, label in KINDS.items() if not code.endswith("_end"))
#: Problems that a refusal tells; the rest is counted.
MOST_TOLD = 40


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the file: what it is, and what entering it does: new, same, changed, or kept
    where somebody has gone on with that window."""

    line: int
    kind: str
    code: str
    name: str
    what: str


@dataclass(frozen=True, slots=True)
class Report:
    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]
    skipped: int

    def count(self, what: str) -> int:
        return sum(entry.what == what for entry in self.entries)


def defaults_at(
    site: Site,
    *,
    zone: str = "",
    kind: str = "freeze",
    strength: str = "advisory",
    horizon_days: int = 28,
) -> Defaults:
    """What a file for `site` does not say itself: without a zone that of the site, and series begin
    with the year."""
    first = clock.now().date().replace(month=1, day=1)
    return Defaults(zone or site.tz, kind, strength, horizon_days, first)


def import_calendar_blockers(actor: Actor) -> Iterator[Blocker]:
    """Whoever may keep the calendar and draft windows."""
    yield from keep_calendar_blockers(actor, CalendarRule())
    yield from create_blockers(actor)


def read_calendar(text: str, format_code: str, defaults: Defaults) -> Read:
    """The rows and problems of a file. Raises Refused for a format or size that cannot be."""
    if format_code not in CALENDARS:
        raise Refused(bad_input("format", "There is no such format.", "Choose one of the list."))
    if len(text.encode()) > MOST_BYTES:
        limit = f"A calendar file holds at most {MOST_BYTES // 1_000_000} MB."
        raise Refused(bad_input("file", limit, "Split it, or take out years that are over."))
    try:
        validate_zone(defaults.zone)
    except ValidationError as error:
        raise Refused(bad_input("zone", " ".join(error.messages))) from None
    return CALENDARS[format_code].read(text, defaults)


def preview_calendar(*, text: str, format_code: str, site: Site, defaults: Defaults) -> Report:
    """What entering the file would do. Nothing is written; three queries."""
    found = read_calendar(text, format_code, defaults)
    known = _known(found.rows)
    entries = [_entry(row, known.get((type(row), row.code)), site) for row in found.rows]
    return Report(tuple(entries), tuple(found.problems), found.skipped)


@door("calendar_rule")
def import_calendar(
    *, actor: Actor, text: str, format_code: str, site: Site, defaults: Defaults, comment: str = ""
) -> Report:
    """Enter all of it. Raises Refused naming the line of each problem; then nothing is entered.

    The same file again changes nothing. A window that was opened, or that somebody edited, and a
    window that its series drafted, stay as they are.
    """
    refuse_if_any(import_calendar_blockers(actor))
    found = read_calendar(text, format_code, defaults)
    problems = list(_told(found.problems))
    if not found.rows and not problems:
        problems.append(bad_input("file", "It holds nothing for the calendar."))
    refuse_if_any(problems)
    entries, refused = _enter_all(found.rows, site, actor, comment)
    refuse_if_any(
        [replace(each, text=f"Line {row.line}, {row.code}: {each.text}", field="file",
                 kind="input") for row, each in refused][:MOST_TOLD]
    )  # fmt: skip
    return Report(tuple(entries), (), found.skipped)


def check_calendar(
    *, actor: Actor, text: str, format_code: str, site: Site, defaults: Defaults
) -> Report:
    """What entering the file would do, tried and taken back: its problems are also those that only
    entering finds. Raises Refused for who may not enter it."""
    refuse_if_any(import_calendar_blockers(actor))
    report = preview_calendar(text=text, format_code=format_code, site=site, defaults=defaults)
    if report.problems:
        return report
    rows = read_calendar(text, format_code, defaults).rows
    with transaction.atomic():
        _, refused = _enter_all(rows, site, actor, "")
        transaction.set_rollback(True)
    problems = (Problem(row.line, f"{row.code}: {each.text}") for row, each in refused)
    return replace(report, problems=tuple(problems))


def _enter_all(
    rows: Iterable[Found], site: Site, actor: Actor, comment: str
) -> tuple[list[Entry], list[tuple[Found, Blocker]]]:
    """What each row is, and every reason against one."""
    every = list(rows)
    known, entries = _known(every), []
    refused: list[tuple[Found, Blocker]] = []
    for row in every:
        there = known.get((type(row), row.code))
        entry = _entry(row, there, site)
        entries.append(entry)
        if entry.what in ("new", "changed"):
            try:
                _enter(row, there, site, actor, comment)
            except Refused as refusal:
                refused += [(row, blocker) for blocker in refusal.blockers]
    return entries, refused


def _told(problems: Iterable[Problem]) -> Iterator[Blocker]:
    """The first ones with their lines, and how many more there are."""
    every = list(problems)
    for problem in every[:MOST_TOLD]:
        yield bad_input("file", f"Line {problem.line}: {problem.text}", "Correct that line.")
    if len(every) > MOST_TOLD:
        yield bad_input("file", f"{len(every) - MOST_TOLD} more lines are wrong.")


#: Kind of row → the records that it enters.
_MODELS: dict[type[Found], Any] = {
    RuleRow: CalendarRule,
    SeriesRow: WindowSeries,
    WindowRow: ReleaseWindow,
}


def _known(rows: Iterable[Found]) -> dict[tuple[type[Found], str], Any]:
    """What there is already of each kind, by code."""
    codes: dict[type[Found], set[str]] = {}
    for row in rows:
        codes.setdefault(type(row), set()).add(row.code)
    return {
        (kind, record.code): record
        for kind, wanted in codes.items()
        for record in _MODELS[kind].objects.filter(code__in=wanted)
    }


def _entry(row: Found, there: Any, site: Site) -> Entry:
    kind = {RuleRow: "rule", SeriesRow: "series"}.get(type(row), "window")
    what = "new" if there is None else _difference(there, _values(row, site))
    return Entry(row.line, kind, row.code, str(row.values["name"]), what)


def _values(row: Found, site: Site) -> dict[str, Any]:
    return {"code": row.code, "site": site, **row.values}


def _difference(there: Any, values: Mapping[str, Any]) -> str:
    if all(getattr(there, name) == value for name, value in values.items()):
        return "same"
    touched = isinstance(there, ReleaseWindow) and (
        there.state != life.DRAFT or there.evidence_seq > 1
    )
    return "kept" if touched else "changed"


def _enter(row: Found, there: Any, site: Site, actor: Actor, comment: str) -> None:
    values = _values(row, site)
    if isinstance(row, RuleRow):
        enter_rule(actor=actor, values=values, comment=comment)
    elif isinstance(row, SeriesRow) and there is None:
        enter_series(actor=actor, values=values)
    elif isinstance(row, SeriesRow):
        within(edit_series)(pk=there.pk, actor=actor, values=values, comment=comment)
    elif there is None:
        within(create_window)(actor=actor, values=values)
    else:
        within(edit_window)(pk=there.pk, actor=actor, values=values, comment=comment)
