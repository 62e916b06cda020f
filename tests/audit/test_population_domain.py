"""Populations and samples: digests, differences and draws that anybody can repeat."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from apps.audit.domain.numbers import code_of, number_of, spans_missing
from apps.audit.domain.population import Row, compare, digest_of
from apps.audit.domain.sample import sample

AT = datetime(2026, 11, 21, 22, tzinfo=UTC)


def row(number: int, version: int = 3) -> Row:
    return Row("change", UUID(int=number), f"CHG{number:04d}", "Title", "CARD", "normal", "closed",
               AT, version, f"{number:064x}")  # fmt: skip


ROWS = [row(number) for number in range(1, 11)]


def test_the_digest_is_over_the_ordered_rows_and_their_evidence() -> None:
    text = f"change|{UUID(int=1)}|3|{1:064x}\nchange|{UUID(int=2)}|3|{2:064x}\n"
    assert digest_of([ROWS[1], ROWS[0]]) == hashlib.sha256(text.encode()).hexdigest()
    assert digest_of(ROWS[:2]) != digest_of([ROWS[0], row(2, version=4)])


def test_a_second_answer_says_what_is_new_gone_and_changed() -> None:
    now = [replace(ROWS[0], version=4), *ROWS[1:9], row(11)]
    told = compare(ROWS, now)
    assert (told.added, told.gone, told.changed) == (("CHG0011",), ("CHG0010",), ("CHG0001",))
    assert told.in_words() == "The answer differs: 1 new, 1 gone, 1 changed since."
    assert compare(ROWS, ROWS).in_words() == "The answer is the same, row by row."


def test_a_seed_draws_the_same_rows_everywhere() -> None:
    """Written down once: who drew a sample years ago draws the same one today."""
    drawn = [each.code for each in sample(ROWS, "2611", 3)]
    assert drawn == ["CHG0004", "CHG0001", "CHG0003"]
    assert [each.code for each in sample(reversed(ROWS), "2611", 3)] == drawn
    assert [each.code for each in sample(ROWS, "2612", 3)] != drawn
    assert len(sample(ROWS, "2611", 99)) == 10


def test_missing_numbers_are_told_as_spans() -> None:
    assert list(spans_missing([3, 1, 7, 8])) == [(2, 2), (4, 6)]
    assert [number_of(code) for code in ("CHG0531", "CHG12345", "X1")] == [531, 12345, None]
    assert code_of(7) == "CHG0007"
