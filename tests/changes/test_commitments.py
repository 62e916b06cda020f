"""Which promise the plan does not keep, and what is due soon."""

from __future__ import annotations

from datetime import date

import pytest

from apps.changes.domain.commitments import Commitment, commitments_at_risk, due_look

TODAY = date(2026, 11, 22)
PROMISE = "RATES-2026-12"


@pytest.mark.parametrize(
    ("due", "planned", "blocked", "why"),
    [
        (date(2026, 11, 20), None, False, ["was due on Fri 20 Nov"]),
        (date(2026, 11, 30), date(2026, 12, 1), False, ["due Mon 30 Nov, planned Tue 1 Dec"]),
        (date(2026, 11, 29), None, False, ["due Sun 29 Nov, in no window"]),
        (date(2026, 12, 20), date(2026, 12, 1), True, ["due Sun 20 Dec, blocked"]),
        (None, None, True, ["blocked"]),
        (date(2026, 12, 1), date(2026, 12, 1), False, []),
        (date(2026, 12, 20), None, False, []),
        (None, None, False, []),
    ],
)
def test_a_promise_is_at_risk_when_the_plan_comes_too_late_or_is_held_up(
    due: date | None, planned: date | None, blocked: bool, why: list[str]
) -> None:
    held_up = "blocked" if blocked else ""
    found = commitments_at_risk([Commitment(PROMISE, due)], planned, TODAY, held_up=held_up)
    assert [each.why for each in found] == why


@pytest.mark.parametrize(
    ("due", "word"),
    [
        (date(2026, 11, 21), "overdue"),
        (date(2026, 11, 22), "due soon"),
        (date(2026, 11, 29), "due soon"),
        (date(2026, 11, 30), None),
        (None, None),
    ],
)
def test_what_is_over_or_near_is_marked(due: date | None, word: str | None) -> None:
    assert due_look(due, TODAY).get("word") == word
