"""A rule of order: what kinds of steps, near each other in which sense, run one after the other."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """Which pairs of steps a rule is about."""

    WINDOW = "window"
    PACKAGE = "package"
    ASSET = "asset"
    RELATED = "related"
    REGION = "region"


@dataclass(frozen=True, slots=True)
class OrderingRule:
    """A step of a type in `after` does not begin before each of a type in `before` is finished.

    `via` are the kinds of relation that make two targets related, either way, over at most
    `max_hops` of them. A soft rule may be set aside with a reason; a hard one only narrowed.
    """

    code: str
    scope: Scope
    before: frozenset[str]
    after: frozenset[str]
    is_hard: bool
    why: str
    via: frozenset[str] = frozenset()
    max_hops: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """A step as the order sees it. `package` is None for a step that the window shares."""

    key: Hashable
    label: str
    type: str
    package: Hashable = None
    targets: frozenset[Hashable] = frozenset()
    subsystem: Hashable = None
    alters: bool = False
