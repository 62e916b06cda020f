"""What the plan of a package means for the signatures on one of its changes, as the groups that
governance seals. Their names are those of `changes.domain.seal.HANDED_IN`.

What people sign is what is done to production, how it is taken back, what has to be measured, and
in which kind of night. Instructions, durations, owners, titles and measured baselines are not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from apps.changes.domain.content import ExecutionGroup
from apps.evidence.domain.canonical import digest
from apps.releases.domain.checks import in_words, slack
from apps.windows.domain.near import NEAR_IN_WORDS, Near

#: Nights for which a signature of its own is asked, with the group that tells of each.
HARDER_NIGHTS: dict[Near, str] = {
    "period_end": "window:month_end",
    "shoulder": "window:shoulder",
}


@dataclass(frozen=True, slots=True)
class AlteringStep:
    """A step that goes forward and alters production."""

    type: str
    type_label: str
    is_irreversible: bool


@dataclass(frozen=True, slots=True)
class MandatoryCheck:
    code: str
    title: str
    kind: str
    phase: str
    operator: str
    expected: str


@dataclass(frozen=True, slots=True)
class Night:
    """The window: its class, and the day on which it opens where people read it."""

    code: str
    kind: str
    kind_label: str
    opens_on: date


@dataclass(frozen=True, slots=True)
class ChangePlan:
    """What is planned for one change. `strategy` is that of the backout plan with its label;
    `near` what its night is near to in the calendar; `earliest_on` the first day that the change
    itself allows."""

    steps: tuple[AlteringStep, ...]
    checks: tuple[MandatoryCheck, ...]
    strategy: tuple[str, str] | None = None
    night: Night | None = None
    earliest_on: date | None = None
    near: Near = ""


def groups_of(plan: ChangePlan) -> dict[str, ExecutionGroup]:
    """The groups of one change, by name."""
    groups = dict(_step_groups(plan.steps))
    groups |= {f"validation:{check.code}": _check_group(check) for check in plan.checks}
    if plan.strategy is not None:
        code, label = plan.strategy
        groups["fallback:strategy"] = _group("backout strategy", label, code)
    if plan.night is not None:
        groups |= _night_groups(plan.night, plan.near, plan.earliest_on)
    return groups


def _step_groups(steps: Iterable[AlteringStep]) -> Iterator[tuple[str, ExecutionGroup]]:
    """One for each type, and one for each irreversible step, counted by type: a label or a title
    is no difference, and one more is."""
    irreversible: Counter[str] = Counter()
    for step in steps:
        yield f"steps:{step.type}", _group("type of step", step.type_label, step.type)
        if step.is_irreversible:
            irreversible[step.type] += 1
            number = irreversible[step.type]
            yield (
                f"fallback:irreversible:{step.type}:{number}",
                _group("irreversible step", step.type_label, [step.type, number]),
            )


def _check_group(check: MandatoryCheck) -> ExecutionGroup:
    """Two checks are alike when only how much they let pass differs."""
    passes = slack(check.operator, check.expected)
    counts = [check.kind, check.phase, check.operator, "" if passes else check.expected]
    words = f"{check.title}: {in_words(check.operator, check.expected)}"
    return _group(f"check {check.code}", words, counts, *passes)


def _night_groups(night: Night, near: Near, earliest_on: date | None) -> dict[str, ExecutionGroup]:
    told = f"{night.code}, {night.opens_on:%d %B %Y}"
    groups = {
        "window:class": _group("class of window", night.kind_label, night.kind),
        "window:night": _group("night", told, [night.code, night.opens_on.isoformat()]),
    }
    if near in HARDER_NIGHTS:
        groups[HARDER_NIGHTS[near]] = _group("harder night", f"{told}, {NEAR_IN_WORDS[near]}", "")
    if earliest_on is not None and night.opens_on < earliest_on:
        words = f"{told}, before {earliest_on:%d %B %Y}"
        early = Decimal((earliest_on - night.opens_on).days)
        groups["window:too_early"] = _group("earliest day", words, "", early)
    return groups


def _group(what: str, words: str, counts: Any, *passes: Decimal) -> ExecutionGroup:
    return ExecutionGroup(what, words, digest(counts), passes)
