"""Whether a job ended in its first cycle as people expected."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

#: A job that takes more than this share of what it takes as a rule did not end as expected.
SLOW_PERCENT = 150


@dataclass(frozen=True, slots=True)
class Ended:
    as_expected: bool
    text: str


def judge_cycle(
    *,
    rc: int,
    expected_rc: int,
    started_at: datetime | None = None,
    ended_at: datetime | None = None,
    expected_minutes: int | None = None,
) -> Ended:
    """Its return code, and its time where both times and what it takes as a rule are known."""
    told = [f"RC {rc}, at most {expected_rc}"]
    good = rc <= expected_rc
    if started_at is not None and ended_at is not None and expected_minutes is not None:
        took = int((ended_at - started_at).total_seconds() // 60)
        told.append(f"{took} min, as a rule {expected_minutes}")
        good = good and took * 100 <= max(expected_minutes, 1) * SLOW_PERCENT
    return Ended(good, f"{'; '.join(told)}: {'as expected' if good else 'not as expected'}.")
