"""How much of a window's capacity a package takes."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

POINTS_OF_BAND = {"low": 0, "medium": 1, "high": 3, "critical": 5}
BANDS = tuple(POINTS_OF_BAND)


def highest_band(bands: Iterable[str]) -> str:
    """The highest of `bands`; "" when none is assessed."""
    known = [BANDS.index(band) for band in bands if band in POINTS_OF_BAND]
    return BANDS[max(known)] if known else ""


def default_points(
    *, families: Iterable[str], converts_data: bool, ddl: bool, interface: bool, band: str
) -> Decimal:
    """1, a half for every further family of assets, and what makes a night harder."""
    more_families = max(0, len(set(families)) - 1)
    points = Decimal(1) + Decimal(more_families) / 2
    points += Decimal(converts_data) + Decimal(ddl) + Decimal(interface) / 2
    return points + POINTS_OF_BAND.get(band, 0)
