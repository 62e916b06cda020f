"""What really moved against what was authorised: every line falls into one of four buckets.

A move belongs to an authorised line where it names the same element. It is as authorised where its
version, its package of the source code manager and its time are those of that line, as far as the
report tells them; what a report leaves out is not held against it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

AS_AUTHORISED, NOT_MOVED, OTHERWISE, UNAUTHORISED = (
    "as_authorised", "not_moved", "otherwise", "unauthorised",
)  # fmt: skip
BUCKETS: tuple[tuple[str, str], ...] = (
    (AS_AUTHORISED, "Authorised and moved"),
    (NOT_MOVED, "Authorised and not moved"),
    (OTHERWISE, "Moved otherwise than authorised"),
    (UNAUTHORISED, "Moved but not authorised"),
)
#: Return codes above it mean that the move went wrong.
GOOD_RC = 4


@dataclass(frozen=True, slots=True)
class Move:
    """One line of a report: an element that reached production. Empty is what it does not tell."""

    line: int
    element: str
    moved_at: datetime
    element_type: str = ""
    version: str = ""
    scm_package: str = ""
    job: str = ""
    user: str = ""
    rc: int | None = None
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Authorised:
    """One line of the scope of an approved change, in a package, from `starts_at` to `ends_at`."""

    change: UUID
    change_code: str
    package: UUID
    package_code: str
    element: str
    version: str
    scm_packages: frozenset[str]
    starts_at: datetime
    ends_at: datetime
    word: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """A move, an authorised line, or both, and why they are in this bucket."""

    bucket: str
    move: Move | None = None
    line: Authorised | None = None
    reasons: tuple[str, ...] = field(default=())


def matched(lines: Iterable[Authorised], moves: Iterable[Move]) -> list[Match]:
    """Each move once, in the order of the report, then the authorised lines that nothing moved."""
    by_element: dict[str, list[Authorised]] = defaultdict(list)
    for line in lines:
        by_element[line.element.upper()].append(line)
    found, met = [], set()
    for move in moves:
        match = _place(move, by_element.get(move.element.upper(), ()))
        if match.line is not None:
            met.add(match.line)
        found.append(match)
    rest = [line for told in by_element.values() for line in told if line not in met]
    rest.sort(key=lambda line: (line.package_code, line.change_code, line.element))
    return [*found, *(Match(NOT_MOVED, line=line, reasons=_why_not(line)) for line in rest)]


def _place(move: Move, lines: Sequence[Authorised]) -> Match:
    """By the line that it differs from in least; the earliest of equals."""
    if not lines:
        return Match(UNAUTHORISED, move, reasons=("No approved change brings this element.",))
    told = [(differing(move, line), line) for line in lines]
    reasons, line = min(
        told, key=lambda each: (len(each[0]), _far(move, each[1]), each[1].change_code)
    )
    return Match(OTHERWISE if reasons else AS_AUTHORISED, move, line, reasons)


def differing(move: Move, line: Authorised) -> tuple[str, ...]:
    """In what the move is not the one that was authorised, in sentences."""
    reasons = []
    if move.version and line.version and move.version != line.version:
        reasons.append(f"Version {move.version} moved; {line.version} was authorised.")
    if move.scm_package and line.scm_packages and move.scm_package not in line.scm_packages:
        known = " or ".join(sorted(line.scm_packages))
        reasons.append(f"It came in {move.scm_package}; {known} was authorised.")
    if not line.starts_at <= move.moved_at <= line.ends_at:
        when = "before it began" if move.moved_at < line.starts_at else "after it was over"
        reasons.append(f"It moved outside the time of {line.package_code}, {when}.")
    if move.rc is not None and move.rc > GOOD_RC:
        reasons.append(f"The move ended with return code {move.rc}.")
    return tuple(reasons)


def _far(move: Move, line: Authorised) -> float:
    """How far the move lies from the time of the line, in seconds."""
    early = (line.starts_at - move.moved_at).total_seconds()
    late = (move.moved_at - line.ends_at).total_seconds()
    return max(early, late, 0.0)


def _why_not(line: Authorised) -> tuple[str, ...]:
    told = f"The report tells of no move of it; {line.package_code} is {line.word}."
    return (told,)


def counts_of(matches: Iterable[Match]) -> dict[str, int]:
    """How many are in each bucket, in the order of `BUCKETS`."""
    counts = {bucket: 0 for bucket, _ in BUCKETS}
    for match in matches:
        counts[match.bucket] += 1
    return counts
