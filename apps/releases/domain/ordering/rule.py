"""A rule of order: what kinds of steps, near each other in which sense, run one after the other."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """Which pairs of steps a rule is about."""

    WINDOW = "window"
    PACKAGE = "package"
    ASSET = "asset"
    RELATED = "related"
    REGION = "region"


#: How a scope is told: "a step of A and one of B …".
IN_WORDS = {
    Scope.WINDOW: "in one night",
    Scope.PACKAGE: "in one package",
    Scope.ASSET: "that work on the same asset",
    Scope.RELATED: "whose assets are related",
    Scope.REGION: "on the same subsystem",
}
#: Relations over which a rule looks that is narrowed to related assets and names none itself.
RELATED_VIA = frozenset({"starts", "executes", "reads", "writes", "binds"})
RELATED_HOPS = 3


@dataclass(frozen=True, slots=True)
class OrderingRule:
    """A step of a type in `after` does not begin before each of a type in `before` is finished.

    `via` are the kinds of relation that make two targets related, either way, over at most
    `max_hops` of them. A soft rule may be set aside with a reason; a hard one only narrowed: then
    a pair counts that is near in the sense of `narrowed_to` too.
    """

    code: str
    scope: Scope
    before: frozenset[str]
    after: frozenset[str]
    is_hard: bool
    why: str
    title: str = ""
    via: frozenset[str] = frozenset()
    max_hops: int = 0
    narrowed_to: Scope | None = None

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """In each of these senses the two steps are near each other."""
        return (self.scope, self.narrowed_to) if self.narrowed_to else (self.scope,)

    @property
    def reach(self) -> tuple[frozenset[str], int]:
        """The kinds of relation that it looks along, and how many of them in a row."""
        return (self.via, self.max_hops) if self.via else (RELATED_VIA, RELATED_HOPS)

    @property
    def condition(self) -> str:
        """When it is asked, as a sentence."""
        return (
            f"There is a step of type {_listed(self.before)} and one of type "
            f"{_listed(self.after)} {IN_WORDS[self.scope]}."
        )


@dataclass(frozen=True, slots=True)
class BetweenPackages:
    """A rule that puts one package before another, for assets of both."""

    code: str
    title: str
    condition: str
    why: str
    is_hard: bool = True


@dataclass(frozen=True, slots=True)
class Step:
    """A step as the order sees it. `package` is None for a step that the window shares;
    `carries` are assets that it installs beside those it names."""

    key: Hashable
    label: str
    type: str
    package: Hashable = None
    targets: frozenset[Hashable] = frozenset()
    subsystem: Hashable = None
    alters: bool = False
    carries: frozenset[Hashable] = frozenset()


def _listed(codes: Sequence[str] | frozenset[str]) -> str:
    *most, last = sorted(codes)
    return f"{', '.join(most)} or {last}" if most else last
