"""Find the conflicts of the whole portfolio, or of some packages. Nothing is stored here."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from apps.releases.domain.conflicts import RULES, find_conflicts
from apps.releases.domain.findings import Detected
from apps.releases.services.conflicts.reading import Reader

#: Rules that have to know what packages hit, and not only what they touch.
BY_IMPACT = frozenset({"K04", "K11"})


def detect(package_ids: Collection[UUID] | None = None, *, impact: bool = True) -> list[Detected]:
    """Every conflict of packages between their draft and the end of their warranty; with
    `package_ids` those that involve one of these packages, read by index.

    Without `impact` the rules `BY_IMPACT` are not asked, and nothing is known of what they found
    before: following what packages hit takes longer than an edit should wait. A cycle of three or
    more packages that none of them declares is found by the whole portfolio only, because no
    single package shows all of its edges.
    """
    asked = None if package_ids is None else set(package_ids)
    if asked is not None and not asked:
        return []
    rules = RULES if impact else [rule for rule in RULES if rule.code not in BY_IMPACT]
    found = find_conflicts(Reader(asked, impact=impact).portfolio(), rules)
    return found if asked is None else [one for one in found if asked & set(one.packages)]
