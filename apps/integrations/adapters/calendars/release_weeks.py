"""Weeks of release cycles with their milestones, as OpenStack plans them (CSV).

A milestone that freezes something is a freeze of its week, one that releases is told; the rest,
such as elections, is nothing for a calendar of production.
"""

from __future__ import annotations

import csv
import io
import re
from datetime import date

from apps.integrations.adapters.calendars.rows import (
    MOST_ROWS,
    Defaults,
    Problem,
    Read,
    RuleRow,
    code_of,
)

COLUMNS = ("series", "week_start", "week_end", "week_name", "cross_project_milestones",
           "project_milestones")  # fmt: skip
#: Milestone without the letter of its cycle → (what it is called, kind, strength).
MILESTONES = {
    "ff": ("Feature freeze", "freeze", "approval"),
    "rf": ("Requirements freeze", "freeze", "approval"),
    "hard-sf": ("Hard string freeze", "freeze", "approval"),
    "soft-sf": ("Soft string freeze", "freeze", "advisory"),
    "final-lib": ("Last release of libraries", "maintenance", "advisory"),
    "final-clientlib": ("Last release of client libraries", "maintenance", "advisory"),
    "rc1": ("First release candidate", "maintenance", "advisory"),
    "finalrc": ("Last release candidate", "maintenance", "advisory"),
    "final": ("Release", "maintenance", "advisory"),
}
#: Freezes of the project's own bodies, not of software.
_GOVERNANCE = ("mf", "extra-atc-freeze")
_FREEZE = re.compile(r"([a-z]+)-(?:[a-z-]*-)?(?:fp|ff)?freeze")


def read(text: str, defaults: Defaults) -> Read:
    found = Read()
    reader = csv.DictReader(io.StringIO(text))
    if tuple(reader.fieldnames or ()) != COLUMNS:
        found.problems.append(Problem(1, f"The columns are: {', '.join(COLUMNS)}."))
        return found
    weeks: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for row in reader:
        line = reader.line_num
        if line > MOST_ROWS:
            found.problems.append(Problem(line, f"A file holds at most {MOST_ROWS:,} weeks."))
            break
        try:
            period = _period(row)
        except ValueError as error:
            found.problems.append(Problem(line, str(error)))
            continue
        told = f"{row['cross_project_milestones']};{row['project_milestones']}"
        known = [m for m in map(_without_letter, told.split(";")) if _meaning(m) is not None]
        found.skipped += not known
        for milestone in known:
            weeks.setdefault((row["series"], milestone), []).append((line, period))
    for (series, milestone), lines in weeks.items():
        meaning = _meaning(milestone)
        assert meaning is not None
        name, kind, strength = meaning
        told = f"{series}-{milestone}"
        code = f"OS-{told.upper()}" if len(told) <= 17 else f"OS-{code_of(told, told, 17)}"
        values = {
            "name": f"{name} of {series}", "kind": kind, "strength": strength,
            "reason": f"A milestone of the release cycle {series}.", "zone": defaults.zone,
            "dates": [period for _, period in lines],
        }  # fmt: skip
        found.rows.append(RuleRow(lines[0][0], code, values))
    return found


def _period(row: dict[str, str]) -> str:
    if None in row.values() or None in row:
        raise ValueError(f"{len(COLUMNS)} columns are expected.")
    if not re.fullmatch(r"[a-z0-9.-]{1,40}", row["series"]):
        raise ValueError(f"{row['series'][:40]!r} is no name of a cycle.")
    try:
        first, last = (date.fromisoformat(row[name]) for name in ("week_start", "week_end"))
    except ValueError:
        raise ValueError("The days of a week are written as 2026-09-28.") from None
    if not 0 <= (last - first).days <= 7:
        raise ValueError("The week ends before it begins, or is longer than one.")
    return f"{first}/{last}"


def _without_letter(milestone: str) -> str:
    """ "g-hard-sf" → "hard-sf"."""
    return re.sub(r"^[a-z]-", "", milestone.strip())


def _meaning(milestone: str) -> tuple[str, str, str] | None:
    if milestone in MILESTONES:
        return MILESTONES[milestone]
    own = _FREEZE.fullmatch(milestone)
    if own is None or milestone in _GOVERNANCE:
        return None
    name = milestone.replace("-", " ").replace("fpfreeze", "proposal freeze")
    return name.capitalize(), "freeze", "advisory"
