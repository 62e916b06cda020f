"""Detect what is missing in packages, and in changes that no package carries yet."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from apps.releases.domain.completeness import RULES
from apps.releases.domain.completeness.evaluation import find_all
from apps.releases.domain.completeness.rule import Rule
from apps.releases.domain.findings import Detected
from apps.releases.policies.completeness_facts import facts_of_changes, facts_of_packages


def detect_for_packages(
    package_ids: Iterable[UUID], rules: Iterable[Rule] = RULES
) -> list[Detected]:
    """What these rules find in the scope and the plan of each package, all of them read at once.

    Nothing is stored; a package is asked about whatever its state.
    """
    asked = tuple(rules)
    return [found for facts in facts_of_packages(package_ids) for found in find_all(facts, asked)]


def detect_for_changes(change_ids: Iterable[UUID], rules: Iterable[Rule] = RULES) -> list[Detected]:
    """The same for the scope of those changes that no open package carries."""
    asked = tuple(rules)
    return [found for facts in facts_of_changes(change_ids) for found in find_all(facts, asked)]
