"""What a waiver lets pass, by the rule alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from apps.gates.catalogue import GATE_BY_CODE, GATES
from apps.gates.domain.evaluation import GateResult, evaluate_all, hard_blockers
from apps.gates.domain.facts import ClosedFacts, PackageFacts
from apps.gates.domain.verdict import Finding, Level
from apps.gates.domain.waiver import (
    Limits,
    Pass,
    apply,
    is_beyond,
    kind_of,
    never_blockers,
    slots_of,
    vain_blockers,
)
from tests.gates.facts import NOW, found, spoiled, step

B4 = Finding("B4 Convert has no way back.", "Add its backout step.", "package owner")
B7 = replace(B4, text="B7 Load has no way back.")
BOTH = ("release_manager", "application_owner")


def unmet(
    *findings: Finding, code: str = "G08", level: Level = "hard", crashed: bool = False,
    roles: tuple[str, ...] = BOTH,
) -> GateResult:  # fmt: skip
    return GateResult(code, "Backout", level, False, findings, timedelta(days=1), "package_owner",
                      crashed, roles)  # fmt: skip


def waiver(*findings: Finding, code: str = "G08", key: str = "") -> Pass:
    kinds = frozenset(kind_of(finding) for finding in findings)
    return Pass(UUID(int=1), code, "hard", key, kinds, NOW + timedelta(hours=8),
                frozenset({UUID(int=9)}))  # fmt: skip


def test_a_gate_whose_findings_are_all_waived_blocks_no_move() -> None:
    (result,) = apply([unmet(B4)], [waiver(B4)])
    assert result.state == "waived" and result.waivers == (UUID(int=1),)
    assert [*hard_blockers([result])] == []
    assert result.detail == B4.text


def test_a_finding_that_nobody_signed_for_holds_the_gate() -> None:
    (result,) = apply([unmet(B4, B7)], [waiver(B4)])
    assert result.state == "not_met"
    assert [blocker.text for blocker in hard_blockers([result])] == [f"G08 Backout: {B7.text}"]


@pytest.mark.parametrize(
    ("was", "now", "same"),
    [
        ("12 of 10 points are booked.", "13.5 of 10 points are booked.", True),
        ("85 % are booked.", "90 % are booked.", True),
        ("B4 has no way back.", "B7 has no way back.", False),
        ("CHG0510 has no mandatory check.", "CHG0511 has no mandatory check.", False),
        ("C-4 is open.", "C-5 is open.", False),
    ],
)
def test_amounts_do_not_change_the_kind_of_a_finding_and_names_do(
    was: str, now: str, same: bool
) -> None:
    assert (kind_of(replace(B4, text=was)) == kind_of(replace(B4, text=now))) is same


def test_a_waiver_ends_by_the_clock_and_when_its_signer_is_to_run_the_work() -> None:
    given = waiver(B4)
    assert given.holds_at(given.until - timedelta(seconds=1))
    assert not given.holds_at(given.until)
    assert not given.holds_at(NOW, implementers=[UUID(int=9)])


def test_what_crashed_is_never_waived() -> None:
    (result,) = apply([unmet(B4, crashed=True)], [waiver(B4)])
    assert result.state == "not_met"
    assert [b.code for b in never_blockers(result)] == ["gate_crashed"]


@pytest.mark.parametrize(("band", "state"), [("medium", "waived"), ("high", "not_met"),
                                             ("critical", "not_met")])  # fmt: skip
def test_the_backout_is_never_waived_from_high_risk_on(band: str, state: str) -> None:
    (found,) = evaluate_all(spoiled(risk_band=band, backout=None), [GATE_BY_CODE["G08"]])
    (result,) = apply([found], [waiver(*found.findings)])
    assert result.state == state
    assert bool([*never_blockers(found)]) is (state == "not_met")


def test_what_was_not_attested_can_be_waived() -> None:
    (found,) = evaluate_all(spoiled(attestations={}), [GATE_BY_CODE["G12"]])
    assert found.state == "open"
    (result,) = apply([found], [waiver(*found.findings, code="G12")])
    assert result.state == "waived"


def test_where_only_soft_findings_are_left_the_gate_is_soft() -> None:
    hard = Finding("Two windows.", "Move one.", "coordinator", "hard", rule="K01", key="k:1")
    soft = replace(hard, level="soft", key="k:2")
    found = unmet(hard, soft, code="G05", roles=("release_manager",))
    (result,) = apply([found], [waiver(hard, code="G05", key="k:1")])
    assert (result.state, result.level, [*hard_blockers([result])]) == ("not_met", "soft", [])


def test_a_down_level_build_is_never_waived() -> None:
    k02 = Finding("COPAUS0C goes back.", "Build it on 01.08.", "owner", never="it would go back",
                  rule="K02", key="k:1")  # fmt: skip
    k01 = Finding("Two windows.", "Move one.", "coordinator", rule="K01", key="k:2")
    found = unmet(k02, k01, code="G05", roles=("release_manager",))
    given = [waiver(k02, code="G05", key="k:1"), waiver(k01, code="G05", key="k:2")]
    (result,) = apply([found], given)
    assert (result.findings, result.passed) == ((k02,), (k01,))
    (why,) = never_blockers(found, k02)
    assert why.text.startswith("K02 is never waived:") and why.fix == "Build it on 01.08."


def test_one_finding_is_waived_by_its_key_and_no_other() -> None:
    found = Finding("C01 is open.", "Add it.", "owner", rule="C01", key="c:1")
    other = replace(found, key="c:2")
    (result,) = apply([unmet(found, other, code="G04")], [waiver(found, code="G04", key="c:1")])
    assert result.findings == (other,)
    assert other.as_dict()["key"] == "c:2", "an item tells which finding can be chosen"


def test_approvals_separation_and_the_sequence_name_nobody_who_waives_them() -> None:
    roles = {gate.code: gate.waivable_by for gate in GATES}
    assert [code for code in ("G01", "G02", "G10") if roles[code]] == []
    (why,) = never_blockers(unmet(B4, code="G02", roles=()))
    assert "separation of duties has no exception" in why.text
    assert roles["G06"] == roles["G08"] == BOTH
    assert roles["G09"] == roles["G16"] == ("release_manager",)


@pytest.mark.parametrize(
    ("levels", "beyond"),
    [
        (["soft", "soft"], False),
        (["hard", "soft", "soft"], False),
        (["soft", "soft", "soft"], True),
        (["hard", "hard"], True),
    ],
)
def test_a_package_has_two_soft_waivers_and_one_hard_one(levels: list[str], beyond: bool) -> None:
    assert is_beyond(levels, Limits()) is beyond


def test_every_role_signs_and_beyond_the_limits_the_chair_too() -> None:
    asked = slots_of(BOTH, "why", applications=["CARD", "AUTH"], beyond=True)
    assert [slot.code for slot in asked] == [
        "release_manager", "owner:AUTH", "owner:CARD", "cab_chair",
    ]  # fmt: skip
    (lead,) = slots_of(["technical_lead"], "why", families=["db2", "ims"])
    assert [held.scope for held in lead.eligible] == ["family:db2", "family:ims"]
    (security,) = slots_of(["technical_lead@family:security"], "why")
    assert security.eligible[0].scope == "family:security"


@pytest.mark.parametrize(
    ("code", "facts", "other"),
    [
        (
            "G05",
            spoiled(
                closed=(ClosedFacts("closed_calendar", "Freeze.", "Ask.", "board", "FRZ"),),
                findings=(found("K05", key="k:5", cause="calendar:FRZ"),),
            ),
            "G03",
        ),
        ("G19", spoiled(activities=(step("A1", owner=None, deputy=None, on_shift=False),)), "G10"),
    ],
)
def test_what_a_gate_that_nobody_waives_finds_too_is_not_waived_in_vain(
    code: str, facts: PackageFacts, other: str
) -> None:
    results = evaluate_all(facts, GATES)
    result = next(each for each in results if each.code == code)
    chosen = result.findings[0] if code == "G05" else None
    (why,) = vain_blockers(result, chosen, results)
    assert (why.code, why.field) == ("without_effect", "gate")
    assert why.text.startswith(f"{other} ")
    alone = [each for each in results if each.code != other]
    assert [*vain_blockers(result, chosen, alone)] == []


def test_a_waiver_that_helps_with_something_else_is_not_in_vain() -> None:
    facts = spoiled(
        activities=(
            step("A1", owner=None, deputy=None, on_shift=False), step("A2", on_shift=False)
        )
    )  # fmt: skip
    results = evaluate_all(facts, GATES)
    roster = next(each for each in results if each.code == "G19")
    assert [*vain_blockers(roster, None, results)] == []
