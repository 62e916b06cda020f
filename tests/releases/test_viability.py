"""Whether a package can still be taken back after its night."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from apps.releases.domain.viability import Since, viability

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
FINE = Since(now=NOW, kept_until=NOW + timedelta(days=2), strategy="restore_members",
             plan_state="approved")  # fmt: skip


@pytest.mark.parametrize(
    ("more", "word", "cause"),
    [
        ({}, "viable", ""),
        ({"batch_ran": True}, "viable", ""),
        ({"strategy": "fix_forward"}, "dead", "no plan"),
        ({"plan_state": "failed"}, "dead", "tried and failed"),
        ({"kept_until": NOW - timedelta(hours=1)}, "dead", "backups are no longer kept"),
        ({"committed_at": NOW, "scm_package": "CARD2611A"}, "dead", "CARD2611A is committed"),
        ({"later": (("CBTRN02C", "RE-2611-01"),)}, "degraded", "CBTRN02C was changed again"),
        ({"batch_ran": True, "data_written": "recoverable"}, "degraded", "has to be recovered"),
        ({"batch_ran": True, "data_written": "lost"}, "degraded", "a restore loses it"),
        ({"final": ("F9",)}, "degraded", "Step F9 cannot be undone"),
        ({"plan_state": "invalid"}, "degraded", "invalid"),
    ],
)
def test_each_thing_that_happened_has_its_word(more: dict[str, Any], word: str, cause: str) -> None:
    found = viability(replace(FINE, **more))
    assert found.word == word
    assert cause in " ".join(each.text for each in found.causes)


def test_the_worst_cause_gives_the_word_and_comes_first() -> None:
    found = viability(replace(FINE, later=(("A", "B"),), strategy="none"))
    assert [cause.word for cause in found.causes] == ["dead", "degraded"]
    assert found.word == "dead"
