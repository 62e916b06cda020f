"""What a change means for service, security, data and continuity: asked, and signed for."""

from __future__ import annotations

from typing import Any

import pytest

from apps.changes.domain.impact import ASPECTS, gaps, has_risen
from tests.changes.test_seal import BOARD, MANAGER, OWNER, asks, content, edited
from tests.changes.worlds import IMPACT_FORM

FIELDS = [name for aspect in ASPECTS for name in (aspect.choice, aspect.words)]


def missing(told: dict[str, Any], band: str, *, is_emergency: bool = False) -> list[str]:
    return [gap.field for gap in gaps(told, band, is_emergency=is_emergency)]


@pytest.mark.parametrize(
    ("band", "is_emergency", "fields"),
    [
        ("low", False, ["impact", "security_impact"]),
        ("medium", False, FIELDS),
        ("high", False, FIELDS),
        ("critical", False, FIELDS),
        ("critical", True, ["impact", "security_impact"]),
        ("", False, ["impact", "security_impact"]),
    ],
)
def test_the_whole_form_is_asked_from_medium_risk_on(
    band: str, is_emergency: bool, fields: list[str]
) -> None:
    assert missing({}, band, is_emergency=is_emergency) == fields
    assert missing(dict(IMPACT_FORM), band, is_emergency=is_emergency) == []


@pytest.mark.parametrize("field", FIELDS)
def test_each_field_that_is_empty_is_named(field: str) -> None:
    assert missing(IMPACT_FORM | {field: ""}, "medium") == [field]


@pytest.mark.parametrize(
    ("field", "old", "new", "risen"),
    [
        ("impact", "none", "degraded", True),
        ("impact", "outage", "degraded", False),
        ("security_impact", "none", "changed", True),
        ("security_impact", "weakened", "changed", False),
        ("data_impact", "changed", "sensitive", True),
        ("continuity", "updated", "open", True),
        ("continuity", "open", "updated", False),
        ("security_impact", "", "none", False),
        ("security_impact", "", "weakened", True),
    ],
)
def test_a_graver_impact_asks_owner_and_release_manager_a_milder_one_nobody(
    field: str, old: str, new: str, risen: bool
) -> None:
    before, after = content(**{field: old}), content(**{field: new})
    assert has_risen(before, after) is risen
    assert asks(edited(after, old=before)) == ({OWNER, MANAGER, BOARD} if risen else set())
    assert asks(edited(after, "medium", old=before)) == ({OWNER, MANAGER} if risen else set())


def test_other_words_for_the_same_impact_ask_nobody() -> None:
    before, after = content(security_words="None."), content(security_words="No rule changes.")
    assert asks(edited(after, old=before)) == set()
