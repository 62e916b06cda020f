"""How long the way back of a night takes, and until when people may still decide on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

Told = Callable[[datetime], str]


@dataclass(frozen=True, slots=True)
class WayBack:
    """The way back of everything that runs in one window, as planned.

    `minutes` is B(∞) of the planner, `decide_by` its point of no return (None: there is none that
    leaves time before `cutoff_at`), `commit_at` when the first step begins that cannot be undone.
    """

    window: str
    minutes: int
    decide_by: datetime | None
    commit_at: datetime | None
    cutoff_at: datetime

    def line(self, told: Told) -> str:
        """In one line; `told` says a moment as people read it."""
        if not self.minutes:
            return f"No step of {self.window} has a planned way back."
        restore = f"Restore {self.minutes} min"
        if self.decide_by is None:
            cutoff = told(self.cutoff_at)
            return (
                f"{restore}: no decision in {self.window} leaves time for it before the "
                f"cut-off, {cutoff}."
            )
        line = f"{restore}, decision by {told(self.decide_by)}, for all of {self.window}"
        if self.commit_at is not None and self.commit_at < self.decide_by:
            line += f"; from {told(self.commit_at)} on a part cannot be undone"
        return f"{line}."
