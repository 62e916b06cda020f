"""By when a window has to be given back, and what is the cause of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from apps.windows.domain.local_time import to_wall

#: A batch further off its time than this is another night's.
LATE_MOST = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Limit:
    """A cut-off as planned, and when it is expected now where somebody reported that, with what
    they said."""

    label: str
    at: datetime
    is_hard: bool = True
    expected_at: datetime | None = None
    cause: str = ""

    @property
    def holds_at(self) -> datetime:
        return self.at if self.expected_at is None else self.expected_at

    def told(self, zone: str) -> str:
        """ "CLOSEFIL", or "CLOSEFIL, 05:10 instead of 04:30: the batch is 40 minutes late"."""
        if self.expected_at is None:
            return self.label
        now, planned = (f"{to_wall(at, zone):%H:%M}" for at in (self.expected_at, self.at))
        return f"{self.label}, {now} instead of {planned}: {self.cause}"


def tightest(closes_at: datetime, limits: Iterable[Limit]) -> Limit:
    """The hard cut-off that holds first; the closing where there is none before it."""
    closing = Limit("closing", closes_at)
    hard = [limit for limit in limits if limit.is_hard]
    return min([*hard, closing], key=lambda limit: limit.holds_at)


def late_cause(planned: datetime, expected: datetime) -> str:
    """How a batch stands to its plan, in words."""
    minutes = round((expected - planned).total_seconds() / 60)
    if not minutes:
        return "the batch is on time"
    unit = "minute" if abs(minutes) == 1 else "minutes"
    return f"the batch is {abs(minutes)} {unit} {'late' if minutes > 0 else 'early'}"
