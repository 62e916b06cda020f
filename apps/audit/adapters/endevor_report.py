"""Read the detail report of executed packages that Endevor prints.

Each package has a head (PACKAGE ID, STATUS) and a table of its actions, whose columns stand where
its heading says: ACTION, ELEMENT, TYPE, VV.LL, DATE, TIME, USERID, RC. Page heads come again and
again and are passed over. What counts is what an EXECUTED or COMMITTED package did: its ADD,
MOVE, TRANSFER, UPDATE and RESTORE lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo

from apps.audit.adapters.lines import ELEMENT, Wrong, fitting, moment
from apps.audit.domain.moved import Move

COLUMNS = ("ACTION", "ELEMENT", "TYPE", "VV.LL", "DATE", "TIME", "USERID", "RC")
MOVING = frozenset({"ADD", "MOVE", "TRANSFER", "UPDATE", "RESTORE"})
DONE = frozenset({"EXECUTED", "COMMITTED"})
_HEAD = re.compile(r"\bPACKAGE ID\s*:\s*(\S{1,16})")
_STATUS = re.compile(r"\bSTATUS\s*:\s*([A-Z-]+)")


def read(text: str, zone: ZoneInfo) -> Iterator[Move | Wrong]:
    package, status = "", ""
    places: Mapping[str, tuple[int, int]] = {}
    told_any = False
    for number, line in enumerate(text.splitlines(), start=1):
        if head := _HEAD.search(line):
            package, status, places = head[1], "", {}
        if found := _STATUS.search(line):
            status = found[1]
        elif all(name in line.split() for name in COLUMNS):
            places, told_any = _places(line), True
        elif places and line.strip(" -="):
            yield from _action(number, line, places, package, status, zone)
    if not told_any:
        yield Wrong(1, f"This is no package report: no line has the columns {', '.join(COLUMNS)}.")


def _places(heading: str) -> dict[str, tuple[int, int]]:
    """Column → where it begins and ends; the last goes to the end of the line."""
    starts = [(heading.index(f" {name}") + 1 if f" {name}" in heading else 0, name)
              for name in COLUMNS]  # fmt: skip
    starts.sort()
    ends = [start for start, _ in starts[1:]] + [10_000]
    return {name: (start, end) for (start, name), end in zip(starts, ends, strict=True)}


def _action(
    number: int, line: str, places: Mapping[str, tuple[int, int]], package: str, status: str,
    zone: ZoneInfo,
) -> Iterator[Move | Wrong]:  # fmt: skip
    cell = {name: line[start:end].strip() for name, (start, end) in places.items()}
    if cell["ACTION"] not in MOVING or status not in DONE:
        return
    if not ELEMENT.fullmatch(cell["ELEMENT"]):
        yield Wrong(number, f"{cell['ELEMENT'][:40]!r} is no name of an element.")
        return
    moved_at = moment(f"{cell['DATE']} {cell['TIME']}", "%d%b%y %H:%M", zone)
    if moved_at is None:
        yield Wrong(number, f"{cell['DATE']} {cell['TIME']} is no time such as 21NOV26 22:41.")
        return
    rc = cell["RC"]
    if rc and not (rc.isascii() and rc.isdigit() and len(rc) <= 5):
        yield Wrong(number, f"{rc[:20]!r} is no return code.")
        return
    yield fitting(
        Move(
            number, cell["ELEMENT"], moved_at, element_type=cell["TYPE"], version=cell["VV.LL"],
            scm_package=package, user=cell["USERID"], rc=int(rc) if rc else None,
            raw=line.strip()[:200],
        )
    )  # fmt: skip
