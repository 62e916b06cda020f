"""The way back of a night in one line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from apps.releases.domain.way_back import WayBack

OPENS = datetime(2026, 11, 21, 22, tzinfo=UTC)


def at(minute: int | None) -> datetime | None:
    return None if minute is None else OPENS + timedelta(minutes=minute)


@pytest.mark.parametrize(
    ("minutes", "decide_by", "commit", "line"),
    [
        (88, 258, None, "Restore 88 min, decision by 02:18, for all of W-2611."),
        (88, 258, 300, "Restore 88 min, decision by 02:18, for all of W-2611."),
        (
            88, 258, 220,
            "Restore 88 min, decision by 02:18, for all of W-2611; "
            "from 01:40 on a part cannot be undone.",
        ),
        (
            420, None, None,
            "Restore 420 min: no decision in W-2611 leaves time for it before the cut-off, 04:30.",
        ),
        (0, 355, None, "No step of W-2611 has a planned way back."),
    ],
)  # fmt: skip
def test_it_says_how_long_and_until_when(
    minutes: int, decide_by: int | None, commit: int | None, line: str
) -> None:
    found = WayBack("W-2611", minutes, at(decide_by), at(commit), OPENS + timedelta(minutes=390))
    assert found.line(lambda moment: f"{moment:%H:%M}") == line
