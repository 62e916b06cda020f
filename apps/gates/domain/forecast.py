"""How many packages will be ready by a deadline, at the pace of the last days.

The pace of a window is counted over all its packages: what was met or waived in the last days, for
each day of them. From now on the same number a day is met, one package after the other, the one
that lacks least first: that is how most packages get ready, so it is the most that this pace can
do, and it is said to be no more than that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

#: Days that the pace is counted over.
DAYS = 5
#: Fewer items than this in those days tell nothing of a pace.
ENOUGH = 3


@dataclass(frozen=True, slots=True)
class Standing:
    """One package: how many of its gates are open, and since when each other one is not."""

    code: str
    open_items: int
    met_since: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Forecast:
    """`per_day` is None where too little happened to tell a pace; `expected` is then what is ready
    now. `late` are the packages that would not be ready, by code."""

    packages: int
    ready_now: int
    expected: int
    open_items: int
    per_day: float | None
    deadline: datetime
    late: tuple[str, ...]
    is_over: bool

    def sentence(self, called: str = "the deadline") -> str:
        """ "At this pace 2 of 4 packages are ready by T-24 h."."""
        if not self.packages:
            return "No package is planned."
        one = self.packages == 1
        if self.ready_now == self.packages:
            return "The package is ready." if one else f"All {self.packages} packages are ready."
        now = f"The package is not ready yet, {_items(self.open_items)} open"
        if not one:
            now = f"{_part(self.ready_now, self.packages)} ready, {_items(self.open_items)} open"
        if self.is_over:
            return f"{now}; {called} has passed."
        if self.per_day is None:
            what = "whether it is" if one else "how many are"
            return (
                f"{now}. Too little was met in the last {DAYS} days to say {what} ready by "
                f"{called}."
            )
        if one:
            return (
                f"At this pace the package is {'' if self.expected else 'not '}ready by {called}."
            )
        return f"At this pace {_part(self.expected, self.packages)} ready by {called}."

    @property
    def basis(self) -> str:
        """What the sentence rests on, so that a reader can judge it."""
        if self.per_day is None or self.is_over:
            return ""
        return (
            f"{self.per_day:.1f} gates a day were met in the last {DAYS} days; "
            f"{_items(self.open_items)} open."
        )


def _part(count: int, whole: int) -> str:
    return f"{count} of {whole} packages {'is' if count == 1 else 'are'}"


def _items(count: int) -> str:
    return f"{count} gate is" if count == 1 else f"{count} gates are"


def forecast(standings: Iterable[Standing], now: datetime, deadline: datetime) -> Forecast:
    """What will be ready by `deadline`; only gates that were met before `now` count."""
    known: Sequence[Standing] = sorted(standings, key=lambda each: (each.open_items, each.code))
    since = now - timedelta(days=DAYS)
    recent = sum(since < at <= now for each in known for at in each.met_since)
    per_day = recent / DAYS if recent >= ENOUGH else None
    days_left = max(0.0, (deadline - now) / timedelta(days=1))
    left = (per_day or 0.0) * days_left
    ready = [each for each in known if not each.open_items]
    expected = len(ready)
    late: list[str] = []
    for each in known[len(ready) :]:
        # A hair for what floating point takes from a whole number of items.
        if not late and each.open_items <= left + 1e-9:
            left -= each.open_items
            expected += 1
        else:
            late.append(each.code)
    return Forecast(
        packages=len(known),
        ready_now=len(ready),
        expected=expected,
        open_items=sum(each.open_items for each in known),
        per_day=per_day,
        deadline=deadline,
        late=tuple(late),
        is_over=deadline <= now,
    )
