"""Read a table of moves under our own column names."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from apps.audit.adapters.lines import ELEMENT, Wrong, fitting, moment
from apps.audit.domain.moved import Move

COLUMNS = ("element", "type", "version", "package", "moved_at", "job", "user", "rc")
NEEDED = ("element", "moved_at")
_PATTERNS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M")


def read(text: str, zone: ZoneInfo) -> Iterator[Move | Wrong]:
    reader = csv.reader(text.removeprefix("\ufeff").splitlines(), strict=True)
    try:
        header = [cell.strip().lower() for cell in next(reader, [])]
        if wrong := _heading(header):
            yield Wrong(max(reader.line_num, 1), wrong)
            return
        for cells in reader:
            if cells:
                yield _move(reader.line_num, header, cells, zone)
    except csv.Error as error:
        yield Wrong(reader.line_num, f"Broken CSV: {error}.")


def _heading(header: list[str]) -> str:
    """What is wrong in the line of names; empty where nothing is."""
    if len(header) == 1 and (other := next((c for c in ";\t|" if c in header[0]), "")):
        name = "a tab" if other == "\t" else f"“{other}”"
        return f"The columns are separated by {name}. Save the table with commas."
    twice = sorted({name for name in header if header.count(name) > 1})
    for what, names in (
        ("lack", [name for name in NEEDED if name not in header]),
        ("must not have", [name[:40] for name in header if name not in COLUMNS]),
        ("have twice", twice),
    ):
        if names:
            listed = " and ".join(f"“{name}”" for name in names[:5])
            return f"The columns {what} {listed}; they are of {', '.join(COLUMNS)}."
    return ""


def _move(number: int, header: list[str], cells: list[str], zone: ZoneInfo) -> Move | Wrong:
    if len(cells) != len(header):
        return Wrong(number, f"{len(header)} columns are expected; this row has {len(cells)}.")
    told: Mapping[str, str] = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
    if not ELEMENT.fullmatch(told["element"]):
        return Wrong(number, f"{told['element'][:40]!r} is no name of an element.")
    moved_at = _moment(told["moved_at"], zone)
    if moved_at is None:
        return Wrong(number, f"{told['moved_at'][:40]!r} is no time such as 2026-11-21 22:41.")
    rc = told.get("rc", "")
    if rc and not (rc.isascii() and rc.isdigit() and len(rc) <= 4):
        return Wrong(number, f"{rc[:20]!r} is no return code.")
    return fitting(Move(
        number, told["element"], moved_at, element_type=told.get("type", ""),
        version=told.get("version", ""), scm_package=told.get("package", ""),
        job=told.get("job", ""), user=told.get("user", ""), rc=int(rc) if rc else None,
        raw=",".join(cells)[:200],
    ))  # fmt: skip


def _moment(text: str, zone: ZoneInfo) -> datetime | None:
    """One with an offset of its own, or on the clock of `zone`."""
    for pattern in _PATTERNS:
        if found := moment(text, pattern, zone):
            return found
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    return read if read.tzinfo else None
