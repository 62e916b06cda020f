"""The kinds of what happens, and the small picture of when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from apps.audit.domain.timeline import LANES, Event, kind_of, strip

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def on(day: float) -> datetime:
    return NOON + timedelta(days=day)


@pytest.mark.parametrize(
    ("label", "was", "now", "expected"),
    [
        ("package", "", "draft", "moves"),
        ("package", "draft", "draft", "edits"),
        ("package", "planned", "ready", "moves"),
        ("team", "", "", "edits"),
        ("activity", "ready", "in_progress", "steps"),
        ("refusal", "", "", "refusals"),
        ("approval", "requested", "approved", "signatures"),
        ("read", "", "", "reads"),
    ],
)
def test_an_entry_is_of_one_kind(label: str, was: str, now: str, expected: str) -> None:
    assert kind_of(label, was, now) == expected


def test_where_more_happened_there_is_more_room() -> None:
    states = [("draft", on(0)), ("planned", on(20)), ("in_progress", on(40))]
    night = [Event(on(40) + timedelta(minutes=n), "Steps") for n in range(40)]

    found = strip(states, [Event(on(1), "Signed"), *night], on(41))

    assert [spell.state for spell in found.spells] == ["draft", "planned", "in_progress"]
    assert found.spells[2].width > found.spells[0].width > found.spells[1].width >= 6
    assert sum(spell.width for spell in found.spells) == pytest.approx(100)
    assert found.counts == {"Signed": 1, "Steps": 40}
    assert all(0 <= mark.x <= 100 for _lane, marks in found.lanes for mark in marks)
    assert [lane for lane, _marks in found.lanes] == [x for x in LANES if x in ("Signed", "Steps")]


def test_what_is_near_is_one_mark_and_one_bad_thing_makes_it_bad() -> None:
    events = [Event(on(1), "Steps"), Event(on(1), "Steps", is_bad=True), Event(on(9), "Steps")]
    (lane,) = strip([("draft", on(0))], events, on(10)).lanes
    assert [(mark.count, mark.is_bad) for mark in lane[1]] == [(2, True), (1, False)]


def test_what_lies_outside_stands_at_the_edge() -> None:
    found = strip([("draft", on(0))], [Event(on(-3), "Signed"), Event(on(30), "Signed")], on(2))
    assert [round(mark.x) for mark in found.lanes[0][1]] == [0, 100]


def test_many_states_share_the_width() -> None:
    found = strip([(f"s{n}", on(n)) for n in range(40)], [], on(41))
    assert sum(spell.width for spell in found.spells) == pytest.approx(100)


def test_a_record_without_states_has_no_picture() -> None:
    assert strip([], [Event(on(1), "Signed")], on(2)).spells == ()
