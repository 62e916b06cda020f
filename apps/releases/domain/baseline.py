"""Which level of an asset is in production when something comes: the predicted baseline."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

#: Why one comes before another; "" when nothing says so.
Reason = Literal["declared", "time", "built_on", "version", ""]

_NUMBERED = re.compile(r"\d+(\.\d+)*")


@dataclass(frozen=True, slots=True)
class Installation:
    """That a package brings `level` of `asset`, built on the level `built_on`.

    `unit` is the package, or a change that is in none. Without times it comes after everything
    that has some. `after` are the packages that it declares to wait for.
    """

    asset: UUID
    unit: UUID
    code: str
    built_on: str = ""
    level: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    after: frozenset[UUID] = field(default=frozenset())


@dataclass(frozen=True, slots=True)
class Base:
    """A level in production and the package that installed it, if one did; `is_predicted` when it
    is still to come."""

    level: str
    package: UUID | None = None
    is_predicted: bool = False


def why_before(first: Installation, second: Installation) -> Reason:
    """Why `first` is in before `second`, both of one asset.

    What `second` declares counts most, then time. Where their times overlap the versions decide
    (domain rule X02): what is built on the other's level comes later, or else the higher level.
    """
    if first.unit in second.after:
        return "declared"
    if second.unit in first.after:
        return ""
    if _ends_before(first, second):
        return "time"
    if _ends_before(second, first):
        return ""
    if first.level and first.level == second.built_on != second.level:
        return "built_on"
    if second.level and second.level == first.built_on != first.level:
        return ""
    lower, higher = numbers(first.level), numbers(second.level)
    return "version" if lower and higher and lower < higher else ""


def in_order(installations: Iterable[Installation]) -> tuple[Installation, ...]:
    """Installations of one asset as they come: by what is before what, then start, then code.

    Where they come in a circle, the earliest of it is first.
    """
    left = sorted(installations, key=_rank)
    found: list[Installation] = []
    while left:
        free = next(
            (one for one in left if not any(why_before(o, one) for o in left if o is not one)),
            left[0],
        )
        left.remove(free)
        found.append(free)
    return tuple(found)


def base_at(
    ordered: Sequence[Installation], at: datetime, production: Base | None = None
) -> Base | None:
    """What is in production at `at`: the last that has ended by then, or else `production`.

    `ordered` are the open installations of one asset, as `in_order` gives them.
    """
    for one in reversed(ordered):
        if one.level and one.ends_at is not None and one.ends_at <= at:
            return Base(one.level, one.unit, is_predicted=True)
    return production


def base_of(
    one: Installation, ordered: Sequence[Installation], production: Base | None = None
) -> Base | None:
    """What `one`, one of `ordered`, meets in production: the last that comes before it."""
    for other in reversed(ordered[: ordered.index(one)]):
        if other.level and why_before(other, one):
            return Base(other.level, other.unit, is_predicted=True)
    return production


def is_older(level: str, than: str) -> bool:
    """Whether both are numbered and `level` is the lower one; of hashes nobody can tell."""
    mine, other = numbers(level), numbers(than)
    return bool(mine and other and mine < other)


def _rank(one: Installation) -> tuple[bool, float, str]:
    start = one.starts_at.timestamp() if one.starts_at else 0.0
    return one.starts_at is None, start, one.code


def _ends_before(first: Installation, second: Installation) -> bool:
    if first.ends_at is None:
        return False
    return second.starts_at is None or first.ends_at <= second.starts_at


def numbers(level: str) -> tuple[int, ...]:
    """The parts of a numbered level, by which levels are in order: 01.9 before 01.10; empty for a
    hash, or without a level, of which nobody can tell."""
    return tuple(map(int, level.split("."))) if _NUMBERED.fullmatch(level) else ()
