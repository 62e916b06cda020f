"""What every inventory adapter hands over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from apps.inventory.domain.rows import AssetRow, Problem, RelationRow


class Inventory(NamedTuple):
    """Rows as they are read; read `assets` to its end before `relations`."""

    assets: Iterator[AssetRow | Problem]
    relations: Iterator[RelationRow | Problem]
