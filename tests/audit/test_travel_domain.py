"""What differs between two moments of a release."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from apps.audit.domain.travel import Item, Moment, difference, usual

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def step(label: str, **values: Any) -> Item:
    return Item("steps", label, label, "RP-2611-02", values)


def test_what_is_alike_differs_in_nothing() -> None:
    both = [step("A1", state="planned", owner=None), step("A2", state="ready")]
    assert difference(both, list(reversed(both))) == ()


def test_nothing_is_nothing_however_it_is_written() -> None:
    old, new = step("A1", owner=None, after=(), rc=None), step("A1", owner="", rc=0)
    (steps,) = difference([old], [new])
    assert [(c.field.name, c.before, c.after) for c in steps.changed[0].changes] == [
        ("rc", None, 0)
    ]


def test_what_came_went_and_changed_is_told_with_both_values() -> None:
    before = [step("A1", state="planned"), step("A2", state="ready", owner="Ana")]
    after = [step("A2", state="completed", owner="Ana"), step("A3", state="planned")]

    (steps,) = difference(before, after)

    assert [item.key for item in steps.added] == ["A3"]
    assert [item.key for item in steps.removed] == ["A1"]
    changed = steps.changed[0]
    assert changed.item.key == "A2"
    assert [(c.field.label, c.before, c.after) for c in changed.changes] == [
        ("State", "ready", "completed")
    ]
    assert steps.count == 3


def test_parts_stand_in_the_order_of_the_page() -> None:
    items = [Item(part, "1", "x", "", {}) for part in ("checks", "members", "steps", "package")]
    told = [each.part.code for each in difference([], items)]
    assert told == ["package", "members", "steps", "checks"]


def test_the_same_key_in_another_part_is_another_item() -> None:
    found = difference([Item("steps", "1", "x", "", {})], [Item("checks", "1", "x", "", {})])
    assert [(d.part.code, len(d.added), len(d.removed)) for d in found] == [
        ("steps", 0, 1), ("checks", 1, 0)]  # fmt: skip


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (["created", "agreed", "board", "confirmed", "started"], "confirmed"),
        (["created", "agreed", "board"], "board"),
        (["created", "agreed"], "agreed"),
        (["created"], "created"),
        (["created", "locked", "closed"], "locked"),
        (["opened", "closed"], "opened"),
    ],
)
def test_people_ask_since_the_agreement_that_counts_most(known: list[str], expected: str) -> None:
    moments = [Moment(code, code, NOON + timedelta(hours=n)) for n, code in enumerate(known)]
    assert usual(moments).code == expected
