"""The pure rules of a board meeting: lists, quorum, time, consent, minutes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from apps.changes.domain import meeting as life
from apps.changes.domain.meeting import (
    CSV_HEADER,
    MinutedItem,
    Minutes,
    Vote,
    as_rows,
    as_text,
    consent_seal,
    digest_of,
    list_for,
    outcome_words,
    seats_filled,
    seconds_spent,
)

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("band", "is_late", "expected"),
    [
        ("low", False, "consent"),
        ("medium", False, "docket"),
        ("high", False, "docket"),
        ("critical", False, "docket"),
        ("", False, "docket"),
        ("low", True, "late"),
        ("high", True, "late"),
    ],
)
def test_only_low_risk_that_was_in_time_is_decided_in_one_go(
    band: str, is_late: bool, expected: str
) -> None:
    assert list_for(band, is_late=is_late) == expected


@pytest.mark.parametrize(
    ("there", "recused", "seats"),
    [
        ({"ann": ["ann"], "ben": ["ben"]}, [], 2),
        ({"ann": ["ann"], "ben": ["ben"]}, ["ben", "cas"], 1),
        ({"ann": ["ann"], "deputy": ["ann"]}, [], 1),
        ({"deputy": ["ann"]}, [], 1),
        ({"one": ["ann"], "two": ["ann"]}, [], 1),
        ({"deputy": ["ann", "ben"]}, [], 1),
        ({"deputy": ["ann", "ben"], "ann": ["ann"]}, [], 2),
        ({"ann": ["ann", "ben"], "deputy": ["ann"]}, [], 2),
        ({"ann": ["ann"], "deputy": ["ann"]}, ["ann"], 0),
        ({"ann": ["ann"], "guest": []}, [], 1),
    ],
)
def test_a_quorum_counts_seats_and_nobody_fills_two(
    there: dict[str, list[str]], recused: list[str], seats: int
) -> None:
    assert seats_filled(there, recused) == seats


def test_the_timer_adds_the_rounds_of_an_item_and_never_runs_backwards() -> None:
    assert seconds_spent(90, None, NOON) == 90
    assert seconds_spent(90, NOON - timedelta(seconds=30, milliseconds=900), NOON) == 120
    assert seconds_spent(90, NOON + timedelta(minutes=1), NOON) == 90


def test_the_seal_of_the_consent_block_knows_its_items_but_not_their_order() -> None:
    block = [("CHG1", "aa"), ("CHG2", "bb")]
    assert consent_seal(block) == consent_seal(reversed(block))
    assert consent_seal(block) != consent_seal([("CHG1", "aa"), ("CHG2", "cc")])
    assert consent_seal(block) != consent_seal(block[:1])


def test_the_lifecycle_ends_closed_or_cancelled() -> None:
    names = {state for state, _ in life.STATES}
    assert set(life.ROUTE) | {"cancelled"} == names
    assert not {s for sources in life.SOURCES.values() for s in sources} & {"closed", "cancelled"}


def minutes(*items: MinutedItem) -> Minutes:
    return Minutes(
        code="CAB0001",
        name="Board",
        chair="Helena Novak",
        started_at=NOON,
        ended_at=NOON + timedelta(minutes=40),
        quorum=2,
        seats=2,
        present=("Helena Novak", "Pieter van Dijk"),
        absent=("Amara Okafor",),
        items=items,
    )


def item(**told: object) -> MinutedItem:
    values: dict[str, object] = {
        "number": 1,
        "code": "CHG0531",
        "title": "Fraud flag",
        "risk": "high",
        "listed": "docket",
        "state": "decided",
        "outcome": "approved",
        "seal": "b94a" * 16,
        "seconds": 125,
    }
    return MinutedItem(**{**values, **told})  # type: ignore[arg-type]


def test_the_minutes_tell_who_decided_what_about_which_content() -> None:
    vote = Vote("Pieter van Dijk", "approved", "Well\ntested.", NOON)
    early = Vote("Helena Novak", "approved", "", NOON - timedelta(days=5), is_before=True)
    text = as_text(minutes(item(votes=(early, vote), recusals=(("Amara Okafor", "My team."),))))
    assert text.splitlines() == [
        "MINUTES CAB0001 Board",
        "Session: 2026-11-24 12:00 UTC to 2026-11-24 12:40 UTC",
        "Chair: Helena Novak",
        "Quorum: met, 2 seats filled, 2 needed",
        "Present: Helena Novak, Pieter van Dijk",
        "Absent: Amara Okafor",
        "",
        "DOCKET",
        "1. CHG0531 Fraud flag (high)",
        "   Decided: approved, 0:02:05 spent, seal b94ab94ab94a",
        "   Helena Novak approved, 2026-11-19 12:00 UTC, before the session",
        "   Pieter van Dijk approved, 2026-11-24 12:00 UTC: Well tested.",
        "   Amara Okafor recused: My team.",
        "",
        "LATE LIST: none",
        "",
        "CONSENT BLOCK: none",
    ]


def test_what_was_put_off_or_not_reached_stands_in_the_minutes_with_its_reason() -> None:
    later = item(state="deferred", outcome="", seconds=0, reason="No test yet.", listed="late")
    assert outcome_words(later) == "Deferred"
    assert outcome_words(item(state="open", outcome="")) == "Not decided"
    assert outcome_words(item(outcome="approved_with_conditions")) == (
        "Decided: approved with conditions"
    )
    assert "   Reason: No test yet." in as_text(minutes(later))


def test_the_minutes_name_a_ratification_as_one() -> None:
    text = as_text(minutes(item(asks="ratification", outcome="ratified")))
    assert "1. CHG0531 Fraud flag (ratification, high)\n   Decided: ratified" in text


def test_nothing_is_ratified_in_one_go_with_others() -> None:
    assert list_for("low", asks="ratification", is_late=False) == "docket"
    assert list_for("low", asks="ratification", is_late=True) == "late"


def test_the_rows_of_the_file_have_the_columns_of_its_header() -> None:
    rows = as_rows(minutes(item(), item(number=2)))
    assert [len(row) for row in rows] == [len(CSV_HEADER)] * 2
    assert rows[0][:5] == (1, "docket", "approval", "CHG0531", "Fraud flag")


def test_the_digest_is_of_the_very_bytes() -> None:
    assert digest_of("a") != digest_of("a\n")
    assert len(digest_of("")) == 64
