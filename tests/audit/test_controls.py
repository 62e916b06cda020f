"""Control tests over facts: what passes, what does not, and with which reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from apps.audit.domain.controls import CONTROL_BY_CODE, CONTROLS, Result
from apps.audit.domain.controls.facts import (
    Call,
    Case,
    Check,
    Content,
    Facts,
    Gap,
    Package,
    Signature,
    Slot,
    Span,
    Step,
    Waiver,
    Who,
)
from apps.audit.domain.controls.facts import (
    TestFact as Attached,
)

AT = datetime(2026, 11, 21, 22, tzinfo=UTC)
HOUR = timedelta(hours=1)
ANN, BEN, CAT, DAN, EVA = (Who(UUID(int=n), name) for n, name in enumerate(
    ("Ann", "Ben", "Cat", "Dan", "Eva"), start=1))  # fmt: skip
STEP = Step("activity:1", "A1", DAN, AT + HOUR, AT + 2 * HOUR, AT + HOUR, AT + 2 * HOUR)
CHECK = Check("check:1", "V1", "passed", True, AT + 3 * HOUR, EVA)
PACKAGE = Package("package:1", "RP-1", Span(AT, AT + 8 * HOUR), (), (STEP,), (CHECK,))
SLOT = Slot("owner", "Owner", "approval:1", "approved", "d")
TEST = Attached("exhibit:1", "Unit test", "passed", AT - 30 * HOUR, BEN.id)
GOOD = Case(
    "change", "1", "change:1", "CHG0001", "normal", began_at=AT, approved_at=AT - 20 * HOUR,
    granted="d", contents=(Content("c"), Content("d")), slots=(SLOT,),
    signatures=(Signature("Owner", (CAT,), AT - 20 * HOUR),),
    requester=ANN, author=BEN, tests=(TEST,), package=PACKAGE, outcome="implemented",
    closed_at=AT + 9 * HOUR,
)  # fmt: skip


def asked(code: str, *cases: Case, **more: Any) -> Result:
    return CONTROL_BY_CODE[code].examine(Facts(AT + 99 * HOUR, cases, **more))


def spoiled(**more: Any) -> Case:
    return replace(GOOD, **more)


def at_work(**more: Any) -> Case:
    return replace(GOOD, package=replace(PACKAGE, **more))


def test_a_change_that_went_by_the_book_passes_every_control() -> None:
    for control in CONTROLS:
        told = control.examine(Facts(AT + 99 * HOUR, (GOOD,), numbers=1))
        assert told.failed == (), control.code
        assert len(told.facts) == 64


@pytest.mark.parametrize(
    ("code", "case", "why"),
    [
        ("CT01", spoiled(kind="version"), "reached production without a change."),
        ("CT01", spoiled(kind="moved", explained_by="CHG0009"), "CHG0009 explains it since"),
        ("CT02", spoiled(approved_at=None), "not approved before the work began"),
        ("CT02", spoiled(approved_at=AT + HOUR), "not approved before the work began"),
        ("CT02", spoiled(slots=()), "Nobody was asked"),
        ("CT02", spoiled(slots=(replace(SLOT, state="requested"),)), "“Owner” had not signed"),
        ("CT02", spoiled(slots=(replace(SLOT, digest="e"),)), "signed another content"),
        ("CT02", spoiled(slots=(replace(SLOT, digest="c"),)), "signed another content"),
        ("CT02", spoiled(slots=(replace(SLOT, was_denied=True),)), "denied afterwards"),
        ("CT02", spoiled(slots=(), change_type="standard"), "rests on no standard change"),
        ("CT02", spoiled(slots=(), change_type="standard", template="S", granted="e"),
         "not the one approved"),
        ("CT03", spoiled(signatures=(Signature("O", (ANN,), AT),)), "Ann approved what they asked"),
        ("CT03", spoiled(signatures=(Signature("O", (CAT, BEN), AT),)), "Ben approved what they"),
        ("CT03", spoiled(signatures=(Signature("O", (DAN,), AT),)), "Dan approved it and did step"),
        ("CT03", at_work(steps=(replace(STEP, verified_by=DAN),)), "verified their own step A1"),
        ("CT03", at_work(checks=(replace(CHECK, done_by=DAN),)), "Dan did step A1 and measured V1"),
        ("CT04", spoiled(tests=()), "There is no test evidence."),
        ("CT04", spoiled(tests=(replace(TEST, verdict="failed"),)), "Its tests did not pass."),
        ("CT04", spoiled(tests=(replace(TEST, at=AT - 18 * HOUR),)), "came 2 h after the approval"),
        ("CT05", spoiled(package=None), "No package carried it."),
        ("CT05", at_work(window=None), "RP-1 had no window."),
        ("CT05", at_work(steps=(replace(STEP, started_at=AT - HOUR),)), "A1 began outside"),
        ("CT05", at_work(steps=(replace(STEP, ended_at=AT + 9 * HOUR),)), "A1 ended outside"),
        ("CT06", spoiled(change_type="emergency", ratification_due_at=AT + 48 * HOUR),
         "not ratified, 2 d 3 h late"),
        ("CT06", spoiled(change_type="emergency", ratification_due_at=AT, ratified_at=AT + HOUR),
         "ratified 1 h late"),
        ("CT07", at_work(checks=()), "nothing had been checked"),
        ("CT07", at_work(checks=(replace(CHECK, state="failed"),)), "V1 has no good result"),
        ("CT07", at_work(checks=(replace(CHECK, run_at=AT + 10 * HOUR),)), "after it was closed"),
        ("CT09", at_work(steps=(replace(STEP, recorded_start_at=AT + HOUR * 1.5),)),
         "entered 30 min later"),
        ("CT09", spoiled(calls=(Call("Cat", AT, AT + 2 * HOUR),)), "by phone, entered 2 h later"),
        ("CT10", at_work(waivers=(Waiver("waiver:1", "G06", AT + HOUR),)), "G06 was granted 1 h"),
    ],
)  # fmt: skip
def test_what_does_not_pass_says_why_and_where_that_is_seen(
    code: str, case: Case, why: str
) -> None:
    told = asked(code, case)
    (verdict,) = told.failed
    assert why in " ".join(reason.reason for reason in verdict.reasons)
    assert all(reason.fact for reason in verdict.reasons)
    assert (told.tested, told.passed) == (1, 0)


@pytest.mark.parametrize(
    ("code", "case"),
    [
        ("CT05", at_work(window=Span(AT, AT + HOUR), deviations=(Span(AT, AT + 8 * HOUR),))),
        ("CT05", at_work(steps=(replace(STEP, started_at=AT - HOUR, let_start_by="Cat"),))),
        ("CT02", spoiled(slots=(), change_type="standard", template="STD-CARD")),
        ("CT02", spoiled(contents=(Content("d"), Content("e", ("owner",))))),
        ("CT09", at_work(steps=(replace(STEP, recorded_start_at=AT + HOUR * 1.2),))),
    ],
)
def test_what_somebody_let_pass_or_was_quick_enough_passes(code: str, case: Case) -> None:
    assert asked(code, case).failed == ()


@pytest.mark.parametrize(
    ("code", "case"),
    [
        ("CT02", spoiled(kind="version")),
        ("CT04", spoiled(needs_tests=False, tests=())),
        ("CT05", spoiled(change_type="emergency", package=replace(PACKAGE, window=None))),
        ("CT06", spoiled(change_type="emergency", ratification_due_at=AT + 200 * HOUR)),
        ("CT07", spoiled(closed_at=None)),
        ("CT07", spoiled(outcome="backed_out")),
        ("CT10", GOOD),
    ],
)
def test_a_control_tests_only_what_it_is_about(code: str, case: Case) -> None:
    assert asked(code, case).tested == 0


def test_a_gap_in_the_numbers_is_explained_by_refusals_or_told() -> None:
    gaps = (Gap(3, 3, ("refusal:1",)), Gap(5, 7, ("refusal:2",)))
    told = asked("CT08", numbers=10, gaps=gaps)
    assert (told.tested, told.passed) == (10, 8)
    (verdict,) = told.failed
    assert (verdict.subject, verdict.code) == ("number:CHG0005", "CHG0005 to CHG0007")
    assert "never used; 1 of them are explained" in verdict.reasons[0].reason


def test_a_row_that_cannot_be_tested_does_not_pass() -> None:
    broken = spoiled(package=replace(PACKAGE, steps=(None,)))
    (verdict,) = asked("CT09", broken).failed
    assert "could not be tested" in verdict.reasons[0].reason


def test_other_facts_have_another_digest() -> None:
    assert asked("CT02", GOOD).facts != asked("CT02", spoiled(granted="e")).facts
