"""Files for readers, and what readers made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from apps.inventory.domain.rows import AssetRow, Problem, RelationRow, Row

DEMO = Path(__file__).parents[2] / "apps/portal/demo/data"
DATA = Path(__file__).parents[1] / "data"
Write = Callable[[str, str | bytes], Path]


class Read:
    """All rows of a reader, by their kind."""

    def __init__(self, rows: Iterable[Row | Problem]) -> None:
        self.rows = list(rows)
        self.assets = [row for row in self.rows if isinstance(row, AssetRow)]
        self.relations = [row for row in self.rows if isinstance(row, RelationRow)]
        problems = [row for row in self.rows if isinstance(row, Problem)]
        self.problems = [str(problem) for problem in problems if problem.fatal]
        self.notices = [str(problem) for problem in problems if not problem.fatal]

    @property
    def edges(self) -> set[tuple[str, str, str, str]]:
        """(source, kind, target, key), the ends as "qualifier/name"."""
        return {
            (f"{r.source.qualifier}/{r.source.name}", r.kind,
             f"{r.target.qualifier}/{r.target.name}", r.key)
            for r in self.relations
        }  # fmt: skip
