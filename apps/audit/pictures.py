"""The four buckets of a report as one bar, drawn on the server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from apps.audit.domain.moved import AS_AUTHORISED, BUCKETS, NOT_MOVED, OTHERWISE, UNAUTHORISED

#: Bucket → its tone and its icon, so that colour is never the only signal.
LOOKS: Mapping[str, tuple[str, str]] = {
    AS_AUTHORISED: ("completed", "done"),
    NOT_MOVED: ("planned", "clock"),
    OTHERWISE: ("medium", "warn"),
    UNAUTHORISED: ("failed", "fail"),
}
WIDTH = 1000
#: A bucket that is not empty is never narrower.
NARROWEST = 24


@dataclass(frozen=True, slots=True)
class Piece:
    """One bucket of the bar, in its units: `WIDTH` is the whole."""

    bucket: str
    label: str
    count: int
    tone: str
    icon: str
    x: int
    width: int


def pieces_of(counts: Mapping[str, int]) -> list[Piece]:
    """The buckets side by side, in proportion; an empty one has no width."""
    told = {bucket: counts.get(bucket, 0) for bucket, _ in BUCKETS}
    filled = [bucket for bucket, number in told.items() if number]
    free = WIDTH - NARROWEST * len(filled)
    total = sum(told.values())
    pieces, x = [], 0
    for bucket, label in BUCKETS:
        number = told[bucket]
        width = NARROWEST + free * number // total if number else 0
        if filled and bucket == filled[-1]:
            width = WIDTH - x
        tone, icon = LOOKS[bucket]
        pieces.append(Piece(bucket, label, number, tone, icon, x, width))
        x += width
    return pieces
