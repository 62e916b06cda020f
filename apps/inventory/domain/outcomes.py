"""How often an asset was changed, and how often that went badly."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tally:
    """Changes of an asset, and those of them that went badly."""

    changes: int = 0
    bad: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.changes + other.changes, self.bad + other.bad)

    def __sub__(self, other: Tally) -> Tally:
        return Tally(self.changes - other.changes, self.bad - other.bad)
