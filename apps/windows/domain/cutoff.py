"""By when a window has to be given back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime


def effective_cutoff(closes_at: datetime, cutoffs: Iterable[tuple[datetime, bool]]) -> datetime:
    """The earliest hard cut-off of (at, is hard); the closing time where there is none."""
    return min((at for at, is_hard in cutoffs if is_hard), default=closes_at)
