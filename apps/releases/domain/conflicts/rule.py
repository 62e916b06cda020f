"""What a rule of conflict is, and the words in which it tells what it found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from apps.core.words import in_words
from apps.releases.domain.conflicts.portfolio import Portfolio
from apps.releases.domain.findings import Detected, Fix, Severity

#: More names than these are counted in a text; the finding holds all of them.
MOST_NAMES = 5


class Rule(Protocol):
    """One rule: where `condition` holds, `requirement` must; if not, `symptom` is what people see.

    `waivable_by` is who may let it pass. `find` yields one finding for each pair of packages (or
    whatever else `about` names), with all its assets. Which of them are told depends on nothing
    but the facts about the packages themselves, so that one package can be asked about alone.
    """

    code: str
    title: str
    condition: str
    requirement: str
    severity: Severity
    symptom: str
    waivable_by: str

    def find(self, portfolio: Portfolio) -> Iterator[Detected]: ...


def finding(
    rule: Rule,
    portfolio: Portfolio,
    text: str,
    *,
    packages: Iterable[UUID] = (),
    changes: Iterable[UUID] = (),
    assets: Iterable[UUID] = (),
    apart: Iterable[str] = (),
    severity: Severity | None = None,
    fixes: Iterable[Fix] = (),
    facts: Mapping[str, Any] | None = None,
) -> Detected:
    """What `rule` found between packages and changes; `apart` tells two findings of them apart."""
    between, alone = tuple(sorted(set(packages))), tuple(sorted(set(changes)))
    return Detected(
        rule=rule.code,
        about=(
            *(f"package:{package}" for package in between),
            *(f"change:{change}" for change in alone),
            *apart,
        ),
        text=text,
        severity=severity or rule.severity,
        assets=tuple(portfolio.by_name(assets)),
        packages=between,
        changes=alone,
        fixes=tuple(fixes),
        facts=facts or {},
    )


def listed(words: Iterable[str]) -> str:
    return in_words(words, MOST_NAMES)


def named(portfolio: Portfolio, assets: Iterable[UUID]) -> str:
    """By name; members of one name in several libraries are named once."""
    return listed(dict.fromkeys(portfolio.name_of(asset) for asset in portfolio.by_name(assets)))


def clock_time(at: datetime, zone: str) -> str:
    """As people read it where the window is: 22:10."""
    return f"{at.astimezone(ZoneInfo(zone)):%H:%M}"


def day_and_time(at: datetime, zone: str) -> str:
    there = at.astimezone(ZoneInfo(zone))
    return f"{there:%a} {there.day} {there:%b %Y %H:%M}"
