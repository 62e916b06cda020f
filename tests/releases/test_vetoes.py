"""What may not be dropped or moved, and which rule says so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from apps.releases.domain.completeness import RULES
from apps.releases.domain.completeness.facts import Facts
from apps.releases.domain.package_order import Precedence, Reason
from apps.releases.domain.planner.vetoes import Remainder
from tests.releases.scope import asset, facts, line, step

A, B = UUID(int=11), UUID(int=12)
CODES = {A: "RP-A", B: "RP-B"}
PROGRAM, JOB, GROUPS = asset("CBACT04C"), asset("INTCALC", "job"), asset("PROD.DISCGRP", "vsam")
BUILT_ON = Precedence(
    A, B, (Reason("X02", "CBACT04C 01.04 before 01.05", "CBACT04C in RP-B was built on RP-A's "
                  "version.", PROGRAM.id),),
)  # fmt: skip
OWN_BASE = replace(BUILT_ON, why=(replace(BUILT_ON.why[0], missed=""),))


def package(key: UUID, *scope: Any, **more: Any) -> Facts:
    return replace(facts(*scope, **more), package=key)


def converting() -> Facts:
    """RP-A gives DISCGRP another layout, for INTCALC and its program."""
    return package(
        A, line(GROUPS, "convert"), PROGRAM,
        edges=[(JOB, "reads", GROUPS), (JOB, "executes", PROGRAM)],
        steps=[step("A4", "CONVERT_DATA", GROUPS)],
    )  # fmt: skip


def told(remainder: Remainder, gone: UUID) -> list[str]:
    return [str(veto) for veto in remainder.without(gone)]


def test_nothing_stands_against_what_nobody_rests_on() -> None:
    remainder = Remainder([converting(), package(B, PROGRAM)], [BUILT_ON], CODES, RULES)
    assert told(remainder, B) == []


def test_a_version_that_was_built_on_is_missed_and_its_data_stays_unconverted() -> None:
    remainder = Remainder([converting(), package(B, PROGRAM)], [BUILT_ON], CODES, RULES)
    assert told(remainder, A) == [
        "X02: CBACT04C in RP-B was built on RP-A's version.",
        "C10: CBACT04C in RP-B would read PROD.DISCGRP, which only RP-A converts.",
    ]


def test_a_version_that_was_built_on_production_misses_nothing() -> None:
    remainder = Remainder([converting(), package(B, PROGRAM)], [OWN_BASE], CODES, RULES)
    assert told(remainder, A) == []


def test_a_data_set_that_the_other_converts_too_is_no_reason() -> None:
    both = package(B, PROGRAM, line(GROUPS, "convert"))
    remainder = Remainder([converting(), both], [BUILT_ON], CODES, ())
    assert told(remainder, A) == ["X02: CBACT04C in RP-B was built on RP-A's version."]


class TestWhatRulesFindOnWhatRemains:
    """RP-A converts a file, and RP-B delivers the program that reads it."""

    def remainder(self, **more: Any) -> Remainder:
        facts_a = package(
            A, line(GROUPS, "convert"), edges=[(PROGRAM, "reads", GROUPS)],
            steps=[step("A4", "CONVERT_DATA", GROUPS)],
            same_window_assets=frozenset({PROGRAM.id}),
        )  # fmt: skip
        return Remainder([facts_a, package(B, PROGRAM)], [], CODES, RULES, **more)

    def test_a_reader_that_is_no_longer_delivered_is_told(self) -> None:
        (veto,) = self.remainder().without(B)
        assert veto.rule == "C10"
        assert veto.text.startswith("RP-A: PROD.DISCGRP gets another layout: CBACT04C")

    def test_a_rule_that_is_switched_off_stands_against_nothing(self) -> None:
        assert self.remainder(weigh=lambda found: ()).without(B) == ()

    def test_a_window_that_delivers_the_reader_takes_the_package(self) -> None:
        assert self.remainder().moved(A, frozenset({PROGRAM.id})) == ()

    def test_a_window_without_the_reader_does_not(self) -> None:
        assert [veto.rule for veto in self.remainder().moved(A, frozenset())] == ["C10"]
