"""Soft gates that are not met are acknowledged by whoever lets the package go on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from apps.gates.catalogue import GATE_BY_CODE, GATES
from apps.gates.domain.acknowledgement import (
    acknowledged,
    acknowledgement_blockers,
    standing,
    to_acknowledge,
)
from apps.gates.domain.evaluation import evaluate_all
from apps.gates.domain.profile import ProfileRow
from tests.gates.facts import GOOD, NOW, spoiled

UNTOLD = spoiled(attestations={})
SOFT = evaluate_all(UNTOLD, [GATE_BY_CODE["G12"]])
WHY = "The partner answers on Monday; the layout is the same."


def test_what_is_soft_and_not_met_is_to_be_acknowledged_and_nothing_else() -> None:
    results = evaluate_all(spoiled(attestations={}, backout=None), GATES)
    asked = {result.code for result in to_acknowledge(results)}
    assert "G12" in asked
    assert "G08" not in asked, "hard"
    assert to_acknowledge(evaluate_all(GOOD, GATES)) == ()


def test_a_profile_that_makes_a_gate_soft_leaves_it_to_be_acknowledged() -> None:
    rows = [ProfileRow("G09", "soft", reason="Trial.")]
    results = evaluate_all(spoiled(checks=()), [GATE_BY_CODE["G09"]], profile=rows)
    assert [result.code for result in to_acknowledge(results)] == ["G09"]


@pytest.mark.parametrize(
    ("named", "reason", "told"),
    [
        ((), WHY, [("soft_gates", "soft_gate")]),
        (("G13",), WHY, [("soft_gates", "soft_gate")]),
        (("G12",), "  ", [("comment", "required")]),
        (("G12",), WHY, []),
    ],
)
def test_each_is_named_and_with_a_reason(
    named: tuple[str, ...], reason: str, told: list[tuple[str, str]]
) -> None:
    found = acknowledgement_blockers(SOFT, named, reason)
    assert [(blocker.field, blocker.code) for blocker in found] == told


def test_an_acknowledgement_holds_for_what_was_found_then() -> None:
    (one,) = acknowledged(SOFT, WHY, "Cora", NOW)
    kept = [one.as_dict()]
    texts = [finding.text for finding in SOFT[0].findings]
    assert standing(kept, "G12", "soft", texts) == one
    assert one.told == f"G12 is not met, acknowledged by Cora: {WHY}"
    assert standing(kept, "G12", "soft", [*texts, "A partner said no."]) is None
    assert standing(kept, "G12", "hard", texts) is None
    assert standing(kept, "G13", "soft", texts) is None
    assert standing([replace(one, gate="G13").as_dict()], "G12", "soft", texts) is None
