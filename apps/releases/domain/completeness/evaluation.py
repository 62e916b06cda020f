"""Ask every rule. One that crashes is told as a hard finding: it must not let a package pass."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from apps.releases.domain.completeness.facts import Facts
from apps.releases.domain.completeness.rule import Rule
from apps.releases.domain.findings import Detected, crash

log = logging.getLogger(__name__)


def find_all(facts: Facts, rules: Iterable[Rule]) -> tuple[Detected, ...]:
    return tuple(found for rule in rules for found in _ask(rule, facts))


def _ask(rule: Rule, facts: Facts) -> tuple[Detected, ...]:
    try:
        return tuple(rule.find(facts))
    except Exception:  # whatever a rule does, the others are asked
        log.exception("Rule %s could not be evaluated for %s", rule.code, facts.subject)
        return (
            crash(
                rule.code,
                (facts.subject, "could not be evaluated"),
                f"{rule.code} {rule.title} could not be evaluated.",
                packages=(facts.package,) if facts.package else (),
                changes=tuple(change.id for change in facts.changes),
            ),
        )
