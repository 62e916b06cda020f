"""Whether a part of a package is complete without the rest of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from uuid import UUID

from apps.core.errors import Blocker
from apps.releases.domain.completeness import RULES
from apps.releases.domain.completeness.evaluation import find_all
from apps.releases.domain.completeness.facts import Facts
from apps.releases.domain.findings import Detected, names_more
from apps.releases.models import ReleasePackage, Rule
from apps.releases.policies.completeness_facts import facts_of_packages
from apps.releases.services.detection import weighed


def part_blockers(package: ReleasePackage, delivered: Collection[UUID]) -> Iterator[Blocker]:
    """What the rules of completeness find hard once only these changes are delivered, and did not
    find of the whole package. A constant number of queries."""
    (facts,) = facts_of_packages([package.pk], reach=False)
    rows = {rule.code: rule for rule in Rule.objects.filter(is_active=True)}

    def hard(asked: Facts) -> dict[str, Detected]:
        found = weighed(find_all(asked, RULES), rows)
        return {each.key: each for each in found if each.severity == "hard"}

    part = replace(
        facts,
        changes=tuple(change for change in facts.changes if change.id in delivered),
        scope=tuple(line for line in facts.scope if line.change in delivered),
    )
    known = hard(facts)
    for key, found in hard(part).items():
        before = known.get(key)
        if before is None or names_more(found.facts, before.facts):
            yield Blocker(
                "incomplete_part",
                f"{found.rule}: {found.text}",
                "Deliver what it asks for as well, or back the package out.",
                "release manager",
                details={"rule": found.rule},
            )
