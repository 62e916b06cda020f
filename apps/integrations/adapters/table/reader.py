"""Read tables in our own words, as CSV files or as sheets of an XLSX workbook.

The header says what a table holds; columns may stand in any order, and those in brackets may be
left out or left blank.

- assets: type, name [qualifier, application, description, status, confidence, environment, level,
  installed_at, checksum]. With environment and level a row tells a level seen there; an asset may
  have a row for each environment.
- relations: source_type, source, kind, target_type, target [source_qualifier, target_qualifier,
  key, confidence].
- builds: program, level, part, part_level [program_type, program_qualifier, part_type,
  part_qualifier]. Without its type a program or a part is the known asset of its name.

installed_at is written as 2026-11-21T22:00+01:00; without a zone it is UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

from apps.integrations.adapters.csv_rows import CsvRow, csv_rows, found_header, header_of
from apps.integrations.adapters.files import usable
from apps.integrations.adapters.inventory import Rows
from apps.integrations.adapters.table.workbook import BROKEN, sheets, workbook_problem
from apps.inventory.domain.rows import (
    ANY_PROGRAM,
    ANY_SOURCE,
    AssetKey,
    AssetRow,
    BuildRow,
    Place,
    Problem,
    RelationRow,
    Row,
    VersionRow,
)

Found: TypeAlias = Row | Problem
#: The cells of an asset's first row, by its key, as far as it may have several.
Told: TypeAlias = dict[AssetKey, tuple[Place, int]]

NEEDED = {
    "assets": frozenset({"type", "name"}),
    "relations": frozenset({"source_type", "source", "kind", "target_type", "target"}),
    "builds": frozenset({"program", "level", "part", "part_level"}),
}
OPTIONAL = {
    "assets": frozenset(
        {"qualifier", "application", "description", "status", "confidence", "environment", "level",
         "installed_at", "checksum"}
    ),
    "relations": frozenset({"source_qualifier", "target_qualifier", "key", "confidence"}),
    "builds": frozenset({"program_type", "program_qualifier", "part_type", "part_qualifier"}),
}  # fmt: skip
#: What differs between the rows of one asset: the rest is said once, or the same.
_OF_A_LEVEL = ("environment", "level", "installed_at", "checksum")


def read(paths: Sequence[Path]) -> Rows:
    problems: list[Problem] = []
    readable = usable(paths, problems)
    yield from problems
    told: Told = {}
    for path in readable:
        if path.suffix.lower() == ".xlsx":
            yield from _workbook(path, told)
            continue
        header = header_of(path)
        if isinstance(header, Problem):
            yield header
        else:
            yield from _table(header, csv_rows(path, header), Place(path.name, 1), told)


def _workbook(path: Path, told: Told) -> Iterator[Found]:
    if problem := workbook_problem(path):
        yield problem
        return
    found_any = False
    try:
        for header, rows, place in sheets(path):
            found_any = True
            yield from _table(header, rows, place, told)
    except BROKEN:
        reason = "The workbook is broken, or its XML holds what is not read. Save it again."
        yield Problem(Place(path.name, 1), "", reason)
    else:
        if not found_any:
            yield Problem(Place(path.name, 1), "", "The workbook has no rows.")


def _table(
    header: Sequence[str], rows: Iterator[CsvRow | Problem], place: Place, told: Told
) -> Iterator[Found]:
    columns = set(header)
    what = next((name for name, needed in NEEDED.items() if needed <= columns), None)
    if what is None:
        known = "; or ".join(f"{name}: {', '.join(sorted(n))}" for name, n in NEEDED.items())
        reason = f"These columns are needed for {known}. This table has {found_header(header)}."
        yield Problem(place, "header", reason)
        return
    strange = sorted(columns - NEEDED[what] - OPTIONAL[what])
    if strange or len(columns) < len(header):
        shown = ", ".join(repr(name[:40]) for name in strange) or "one column twice"
        yield Problem(place, "header", f"A table of {what} does not have {shown}.")
        return
    for row in rows:
        if isinstance(row, Problem):
            yield row
        elif missing := sorted(name for name in NEEDED[what] if not row.cells[name]):
            yield from (Problem(row.place, name, "This is missing.") for name in missing)
        else:
            yield from _READ[what](row.place, row.cells, told)


def _asset(place: Place, cells: Mapping[str, str], told: Told) -> Iterator[Found]:
    key = AssetKey(cells["type"], cells.get("qualifier") or "-", cells["name"])
    environment, level = cells.get("environment"), cells.get("level")
    if bool(environment) != bool(level):
        missing = "level" if environment else "environment"
        yield Problem(place, missing, "An environment and a level are told together.")
        return
    confidence = _percent(cells.get("confidence"))
    installed_at = _moment(cells.get("installed_at"))
    wrong = _unread(place, cells, confidence=confidence, installed_at=installed_at)
    if wrong:
        yield from wrong
        return
    if environment and level:
        said = hash(tuple(v for name, v in sorted(cells.items()) if name not in _OF_A_LEVEL))
        first, first_said = told.setdefault(key, (place, said))
        yield VersionRow(
            key, place, environment, level, installed_at, checksum=cells.get("checksum", "")
        )
        if first != place:
            if first_said != said:
                where = f"line {first.line} of {first.file}"
                yield Problem(place, "", f"This says of {key} something else than {where}.")
            return
    yield AssetRow(
        key,
        place,
        application=cells.get("application") or None,
        description=cells.get("description") or None,
        status=cells.get("status") or None,
        confidence=confidence,
    )


def _relation(place: Place, cells: Mapping[str, str], _told: Told) -> Iterator[Found]:
    confidence = _percent(cells.get("confidence"))
    wrong = _unread(place, cells, confidence=confidence)
    if wrong:
        yield from wrong
        return
    source, target = (
        AssetKey(cells[f"{side}_type"], cells.get(f"{side}_qualifier") or "-", cells[side])
        for side in ("source", "target")
    )
    percent = 100 if confidence is None else confidence
    yield RelationRow(
        source,
        cells["kind"],
        target,
        place,
        key=cells.get("key", ""),
        confirmed=percent == 100,
        confidence=percent,
    )


def _build(place: Place, cells: Mapping[str, str], _told: Told) -> Iterator[Found]:
    program, part = (
        AssetKey(
            cells.get(f"{side}_type") or default, cells.get(f"{side}_qualifier") or "-", cells[side]
        )
        for side, default in (("program", ANY_PROGRAM), ("part", ANY_SOURCE))
    )
    yield BuildRow(program, cells["level"], part, cells["part_level"], place)


_READ: dict[str, Callable[[Place, Mapping[str, str], Told], Iterator[Found]]] = {
    "assets": _asset,
    "relations": _relation,
    "builds": _build,
}


def _unread(
    place: Place, cells: Mapping[str, str], **values: int | datetime | None
) -> list[Problem]:
    """Cells that hold something which was not understood."""
    expected = {
        "confidence": "a whole percentage, 0 to 100",
        "installed_at": "a time such as 2026-11-21T22:00+01:00",
    }
    return [
        Problem(place, name, f"{cells[name][:40]!r} is not {expected[name]}.")
        for name, value in values.items()
        if cells.get(name) and value is None
    ]


def _percent(text: str | None) -> int | None:
    known = text is not None and text.isascii() and text.isdigit() and len(text) < 4
    return int(text) if known and int(text) <= 100 else None  # type: ignore[arg-type]


def _moment(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
