"""What the rules find now, in the words and with the weight that their rows give them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import cast
from uuid import UUID

from apps.changes.domain.lifecycle import OPEN as OPEN_CHANGE
from apps.changes.models import ChangeRequest
from apps.releases.domain import lifecycle as life
from apps.releases.domain.completeness import RULES as COMPLETENESS_RULES
from apps.releases.domain.completeness.rule import Rule as CompletenessRule
from apps.releases.domain.conflicts import RULES as CONFLICT_RULES
from apps.releases.domain.conflicts.rule import Rule as ConflictRule
from apps.releases.domain.findings import Detected, Severity
from apps.releases.models import Finding, PackageChange, ReleasePackage, Rule
from apps.releases.services import completeness, conflicts

RULES: dict[str, CompletenessRule | ConflictRule] = {
    **{rule.code: rule for rule in COMPLETENESS_RULES},
    **{rule.code: rule for rule in CONFLICT_RULES},
}
#: What only the whole portfolio can tell: a longer cycle is seen from none of its packages alone.
OF_THE_WHOLE = ("K08",)
#: Packages whose scope can still be completed.
COMPLETABLE = (
    life.DRAFT,
    life.PLANNED,
    life.READY,
    life.DELAYED,
    life.IN_PROGRESS,
    life.VALIDATING,
    life.FAILED,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """About what the rules are asked: these packages and these changes.

    Completeness is asked of packages whose scope can still be completed, and of open changes that
    no package carries; conflicts of the packages and of those `met` by such changes, with
    `everything` of the whole portfolio.
    """

    packages: frozenset[UUID] = frozenset()
    changes: frozenset[UUID] = frozenset()
    met: frozenset[UUID] = frozenset()
    everything: bool = False

    @property
    def conflicting(self) -> frozenset[UUID]:
        """The packages whose conflicts are asked for."""
        return self.packages | self.met


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found, by key, and the active rules, by code."""

    found: Mapping[str, Detected]
    rules: Mapping[str, Rule]

    def cannot_tell(self, finding: Finding) -> bool:
        """Its rule crashed on what it is about: that it was not found again says nothing."""
        about = {each.pk for each in (*finding.packages.all(), *finding.changes.all())}
        return any(
            each.is_crash
            and each.rule == finding.rule.code
            and not about.isdisjoint((*each.packages, *each.changes))
            for each in self.found.values()
        )


def detect(asked: Asked, *, impact: bool = True) -> Answer:
    """Ask every active rule. A rule of no row, or of one that is not active, finds nothing; without
    `impact` those that follow what packages hit are not asked.
    """
    rules = {rule.code: rule for rule in Rule.objects.filter(is_active=True)}
    packages = _completable(asked.packages)
    changes = _alone(asked.changes)
    found: list[Detected] = []
    if packages:
        found += completeness.detect_for_packages(packages)
    if changes:
        found += completeness.detect_for_changes(changes)
    if asked.everything:
        found += conflicts.detect(impact=impact)
    elif asked.conflicting:
        found += conflicts.detect(sorted(asked.conflicting), impact=impact)
    return Answer({each.key: each for each in weighed(found, rules)}, rules)


def _completable(packages: Collection[UUID]) -> list[UUID]:
    rows = ReleasePackage.objects.filter(pk__in=packages, state__in=COMPLETABLE)
    return sorted(rows.values_list("pk", flat=True))


def _alone(changes: Collection[UUID]) -> list[UUID]:
    """The open ones that no open package carries."""
    rows = ChangeRequest.objects.filter(pk__in=changes, state__in=OPEN_CHANGE)
    carried = PackageChange.objects.filter(is_open=True).values("change")
    return sorted(rows.exclude(pk__in=carried).values_list("pk", flat=True))


def weighed(found: Iterable[Detected], rules: Mapping[str, Rule]) -> Iterator[Detected]:
    """A finding that its rule did not weigh itself has the weight of the rule's row."""
    for each in found:
        if each.rule in rules:
            own = RULES[each.rule].severity
            told = cast(Severity, rules[each.rule].severity)
            yield replace(each, severity=told) if each.severity == own else each


def is_still_found(finding: Finding) -> bool:
    """Whether the rules, asked now, find it again; as it was before, where they cannot tell."""
    packages = frozenset(finding.packages.values_list("pk", flat=True))
    changes = frozenset(finding.changes.values_list("pk", flat=True))
    answer = detect(Asked(packages, changes))
    return finding.key in answer.found or (finding.is_detected and answer.cannot_tell(finding))
