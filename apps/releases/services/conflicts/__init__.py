"""Find the conflicts of the whole portfolio, or of some packages. Nothing is stored here."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from apps.releases.domain.conflicts import find_conflicts
from apps.releases.domain.findings import Detected
from apps.releases.services.conflicts.reading import Reader


def detect(package_ids: Collection[UUID] | None = None) -> list[Detected]:
    """Every conflict of packages between their draft and the end of their warranty; with
    `package_ids` those that involve one of these packages, read by index.

    A cycle of three or more packages that nobody declared is found by the whole portfolio only:
    no single one of them sees all of its assets.
    """
    asked = None if package_ids is None else set(package_ids)
    if asked is not None and not asked:
        return []
    found = find_conflicts(Reader(asked).portfolio())
    return found if asked is None else [one for one in found if asked & set(one.packages)]
