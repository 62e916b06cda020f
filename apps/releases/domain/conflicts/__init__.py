"""The rules of conflict, in the order in which people read them, and how to ask them all."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator

from apps.releases.domain.conflicts.calendar import ClosedCalendar
from apps.releases.domain.conflicts.night import SchedulerCollision, SubsystemLock, TeamOverload
from apps.releases.domain.conflicts.order import BackoutOrder, OrderCycle
from apps.releases.domain.conflicts.portfolio import Portfolio
from apps.releases.domain.conflicts.reach import SplitInterface, UpstreamInWindow
from apps.releases.domain.conflicts.register import StaleDiscovery
from apps.releases.domain.conflicts.rule import Rule
from apps.releases.domain.conflicts.versions import (
    BuildSkew,
    DownLevel,
    SameAsset,
    SkippedPromotion,
)
from apps.releases.domain.findings import Detected, crash

RULES: tuple[Rule, ...] = (
    SameAsset(),
    DownLevel(),
    BuildSkew(),
    UpstreamInWindow(),
    ClosedCalendar(),
    SubsystemLock(),
    TeamOverload(),
    OrderCycle(),
    SkippedPromotion(),
    BackoutOrder(),
    SchedulerCollision(),
    SplitInterface(),
    StaleDiscovery(),
)

log = logging.getLogger(__name__)


def find_conflicts(portfolio: Portfolio, rules: Iterable[Rule] = RULES) -> list[Detected]:
    """Everything that the rules find, by rule and key. A rule that crashes blocks: it is a hard
    finding about every open package, which it cannot vouch for."""
    found = [one for rule in rules for one in _ask(rule, portfolio)]
    return sorted(found, key=lambda one: (one.rule, one.key))


def _ask(rule: Rule, portfolio: Portfolio) -> list[Detected]:
    try:
        return list(rule.find(portfolio))
    except Exception:  # whatever a rule does, it must not let a package pass
        log.exception("Conflict rule %s could not be evaluated", rule.code)
        return list(_crashed(rule, portfolio))


def _crashed(rule: Rule, portfolio: Portfolio) -> Iterator[Detected]:
    for package in portfolio.open_packages:
        yield crash(
            rule.code,
            (f"package:{package.id}", "evaluation"),
            f"{rule.code} {rule.title} could not be evaluated for {package.code}, so it "
            "counts as not met.",
            packages=(package.id,),
        )
