"""What can go so that a plan fits again: what-ifs, held against what the plan misses now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from apps.releases.domain.planner.plan import Plan
from apps.releases.domain.planner.what_if import WhatIf

#: What takes something out of the night, the smallest sacrifice first.
SACRIFICES = ("pre_stage", "move", "drop")


@dataclass(frozen=True, slots=True)
class Shed:
    """A step that runs before the night, or a package that runs in another or not at all.
    `short` are the minutes that are missing then, by the fits that the plan misses now or then."""

    what_if: WhatIf
    short: Mapping[str, int]

    @property
    def fits_again(self) -> bool:
        return not any(self.short.values())

    @property
    def rank(self) -> tuple[bool, bool, int, int, int, str]:
        """Vetoed last; what makes it fit first, the smallest sacrifice of those; then what leaves
        the least missing."""
        found = self.what_if
        return (
            bool(found.vetoes),
            not self.fits_again,
            sum(self.short.values()),
            SACRIFICES.index(found.kind),
            -found.gain,
            found.subject,
        )


def shed_list(base: Plan, found: Iterable[WhatIf]) -> tuple[Shed, ...]:
    """Of the what-ifs of `base` those that bring it nearer to what it does not fit; none where it
    fits."""
    missed = {fit.code: fit.short for fit in base.fits.values() if not fit.holds}
    sheds = [
        Shed(each, {code: n for code, n in each.short.items() if n or code in missed})
        for each in found
        if each.kind in SACRIFICES
    ]
    helping = [
        each for each in sheds if any(each.short[code] < short for code, short in missed.items())
    ]
    return tuple(sorted(helping, key=lambda each: each.rank))
