"""Which rule puts which step before which."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from apps.releases.domain.ordering.delivered import DELIVERED
from apps.releases.domain.ordering.derivation import (
    Edge,
    PackageOrder,
    cycle_of,
    derive,
    reduced,
)
from apps.releases.domain.ordering.difference import Held, difference
from apps.releases.domain.ordering.rule import OrderingRule, Scope, Step

#: label: type, targets. Package by the letter, W being shared by the window.
NIGHT = """
W1  HOLD_JOB      CTM:DAILY-CARD-CYCLE
W2  CLOSE_FILE    ACCTDATA DISCGRP
A1  BACKUP_LIB    CBACT04C
A2  BACKUP_DATA   DISCGRP
A3  SCM_EXECUTE   CBACT04C CVTRA02Y
A4  CONVERT_DATA  DISCGRP
A5  SMOKE_JOB     INTCALC
A6  RECON         INTCALC
B1  BACKUP_LIB    CVACT01Y
B2  BACKUP_DATA   ACCTDATA
B3  SCM_EXECUTE   CVACT01Y
B4  CONVERT_DATA  ACCTDATA
B6  PHASEIN       COACTVWC
B8  SMOKE_JOB     READACCT
B9  SMOKE_ONLINE  CAVW
B10 RECON         ACCTDATA
W5  LLA_REFRESH   LOADLIB
W6  OPEN_FILE     ACCTDATA DISCGRP
W7  GO_NO_GO
W8  RELEASE_JOB   CTM:DAILY-CARD-CYCLE
C1  BACKUP_DATA   CARDDEMO.TRANSACTION_TYPE
C2  DDL           CARDDEMO.TRANSACTION_TYPE
C3  REORG         CARDDEMO.TRANSACTION_TYPE
C4  RUNSTATS      CARDDEMO.TRANSACTION_TYPE
C5  SCM_EXECUTE   COTRTLIC
C6  BIND_PACKAGE  CARDCOLL.COTRTLIC
C7  PHASEIN       COTRTLIC
C8  SMOKE_ONLINE  CTLI
"""
ALTERING = {"SCM_EXECUTE", "CONVERT_DATA", "DDL", "REORG", "BIND_PACKAGE", "PHASEIN"}
#: How the Db2 part of the night hangs together: program, its package and its table.
RELATIONS = [
    ("COTRTLIC", "binds", "CARDCOLL.COTRTLIC"),
    ("COTRTLIC", "reads", "CARDDEMO.TRANSACTION_TYPE"),
    ("COTRTLIC", "writes", "CARDDEMO.TRANSACTION_TYPE"),
]


def the_night() -> list[Step]:
    return [
        Step(
            key=label,
            label=label,
            type=kind,
            package=label[0],
            targets=frozenset(targets),
            alters=kind in ALTERING,
        )
        for label, kind, *targets in map(str.split, NIGHT.split("\n")[1:-1])
    ]


def pairs(edges: Sequence[Edge]) -> set[tuple[object, object]]:
    return {edge.pair for edge in edges}


def rule(scope: Scope = Scope.WINDOW, **more: object) -> OrderingRule:
    told = {"before": frozenset({"X"}), "after": frozenset({"Y"}), "is_hard": True, "why": "so"}
    return OrderingRule(code="T1", scope=scope, **{**told, **more})  # type: ignore[arg-type]


def step(label: str, kind: str, **more: object) -> Step:
    return Step(key=label, label=label, type=kind, **more)  # type: ignore[arg-type]


class TestTheDemoNight:
    def test_the_rules_derive_sixty_two_edges_of_which_forty_are_needed(self) -> None:
        edges = derive(the_night(), DELIVERED, relations=RELATIONS)
        assert len(edges) == 62
        assert len(reduced(edges)) == 40

    def test_each_edge_tells_every_rule_that_says_so(self) -> None:
        edges = {e.pair: e for e in derive(the_night(), DELIVERED, relations=RELATIONS)}
        assert edges["W5", "B6"].origins == ("O22",)
        assert edges["A5", "A6"].is_hard is False

    def test_a_shared_program_puts_one_package_before_the_other(self) -> None:
        order = PackageOrder(
            "X02", "A", "B", "CBACT04C 01.04 before 01.05", frozenset({"CBACT04C"})
        )
        steps = [
            s if s.label != "B3" else Step(**{**_fields(s), "targets": s.targets | {"CBACT04C"}})
            for s in the_night()
        ]
        edges = derive(steps, DELIVERED, relations=RELATIONS, packages=[order])
        assert ("A3", "B3") in pairs(edges)
        assert next(e for e in edges if e.pair == ("A3", "B3")).origins == ("X02",)


def _fields(step: Step) -> dict[str, object]:
    return {name: getattr(step, name) for name in Step.__slots__}


class TestScopes:
    def test_a_rule_of_the_package_leaves_other_packages_alone(self) -> None:
        steps = [
            step("x", "X", package="P"),
            step("y", "Y", package="P"),
            step("z", "Y", package="Q"),
        ]
        assert pairs(derive(steps, [rule(Scope.PACKAGE)])) == {("x", "y")}

    def test_a_rule_of_the_asset_wants_a_shared_target(self) -> None:
        steps = [
            step("x", "X", targets=frozenset({"F"})),
            step("y", "Y", targets=frozenset({"F", "G"})),
            step("z", "Y", targets=frozenset({"G"})),
        ]
        assert pairs(derive(steps, [rule(Scope.ASSET)])) == {("x", "y")}

    def test_steps_on_no_subsystem_share_none(self) -> None:
        steps = [step("x", "X"), step("y", "Y"), step("z", "Y", subsystem="R")]
        assert derive(steps, [rule(Scope.REGION)]) == ()

    @pytest.mark.parametrize(("hops", "found"), [(1, set()), (2, {("x", "y")})])
    def test_a_relation_counts_either_way_up_to_its_hops(
        self, hops: int, found: set[tuple[str, str]]
    ) -> None:
        steps = [step("x", "X", targets=frozenset({"T"})), step("y", "Y", targets=frozenset({"P"}))]
        related = rule(Scope.RELATED, via=frozenset({"reads", "binds"}), max_hops=hops)
        relations = [("M", "reads", "T"), ("M", "binds", "P"), ("T", "copies", "P")]
        assert pairs(derive(steps, [related], relations=relations)) == found

    def test_a_step_never_waits_for_itself(self) -> None:
        both = rule(after=frozenset({"X"}))
        assert derive([step("x", "X")], [both]) == ()


class TestPeople:
    def test_a_manual_edge_is_kept_with_its_reason(self) -> None:
        steps = [step("x", "X"), step("y", "Z")]
        (edge,) = derive(steps, [], manual=[("y", "x", False, "The operator asked.")])
        assert (edge.origins, edge.why, edge.is_hard) == (
            ("manual",), ("The operator asked.",), False,
        )  # fmt: skip

    def test_a_soft_edge_may_be_set_aside(self) -> None:
        steps = [step("x", "X"), step("y", "Y")]
        assert derive(steps, [rule(is_hard=False)], set_aside=[("x", "y")]) == ()

    def test_a_hard_edge_may_not(self) -> None:
        steps = [step("x", "X"), step("y", "Y")]
        assert len(derive(steps, [rule()], set_aside=[("x", "y")])) == 1

    def test_one_hard_origin_makes_the_edge_hard(self) -> None:
        steps = [step("x", "X"), step("y", "Y")]
        (edge,) = derive(steps, [rule(is_hard=False)], manual=[("x", "y", True, "No way.")])
        assert edge.is_hard


class TestCycles:
    def test_it_is_told_with_the_rules_that_close_it(self) -> None:
        steps = [step("x", "X"), step("y", "Y"), step("z", "Z")]
        edges = derive(steps, [rule()], manual=[("y", "x", True, "Wrong way round.")])
        cycle = cycle_of(steps, edges)
        assert cycle is not None
        assert cycle.text in {
            "x → (T1) → y → (manual) → x", "y → (manual) → x → (T1) → y"
        }  # fmt: skip

    def test_an_order_has_none(self) -> None:
        steps = [step("x", "X"), step("y", "Y")]
        assert cycle_of(steps, derive(steps, [rule()])) is None


class TestReduction:
    def test_what_a_longer_way_says_is_left_out(self) -> None:
        steps = [step(label, "Z") for label in "abc"]
        manual = [("a", "b", True, ""), ("b", "c", True, ""), ("a", "c", True, "")]
        edges = derive(steps, [], manual=manual)
        assert pairs(reduced(edges)) == {("a", "b"), ("b", "c")}


class TestNarrowing:
    def test_a_narrowed_rule_wants_both_senses_of_near(self) -> None:
        steps = [
            step("x", "X", package="P", targets=frozenset({"F"})),
            step("y", "Y", package="P", targets=frozenset({"F"})),
            step("z", "Y", package="P", targets=frozenset({"G"})),
            step("q", "Y", package="Q", targets=frozenset({"F"})),
        ]
        narrowed = rule(Scope.PACKAGE, narrowed_to=Scope.ASSET)
        assert pairs(derive(steps, [narrowed])) == {("x", "y")}

    def test_one_narrowed_to_related_assets_looks_where_programs_lead(self) -> None:
        steps = [
            step("x", "X", targets=frozenset({"FILE"})),
            step("y", "Y", targets=frozenset({"CAVW"})),
            step("z", "Y", targets=frozenset({"CTLI"})),
        ]
        relations = [("CAVW", "starts", "COACTVWC"), ("COACTVWC", "reads", "FILE")]
        found = derive(steps, [rule(narrowed_to=Scope.RELATED)], relations=relations)
        assert pairs(found) == {("x", "y")}


class TestAgain:
    """What deriving again would change."""

    def edge(self, **more: object) -> Edge:
        told = {"before": "x", "after": "y", "is_hard": False, "origins": ("T1",), "why": ("so",)}
        return Edge(**{**told, **more})  # type: ignore[arg-type]

    def held(self, **more: object) -> Held:
        told = {"row": 1, "before": "x", "after": "y", "is_hard": False, "reasons": (("T1", "so"),)}
        return Held(**{**told, **more})  # type: ignore[arg-type]

    def test_what_is_there_already_stays_as_it_is(self) -> None:
        found = difference([self.edge()], [self.held()])
        assert found.is_empty and len(found.kept) == 1

    def test_what_is_missing_is_added_and_what_no_rule_says_is_removed(self) -> None:
        found = difference([self.edge(after="z")], [self.held()])
        assert [e.pair for e in found.added] == [("x", "z")]
        assert [e.pair for e in found.removed] == [("x", "y")]

    def test_another_reason_is_a_change(self) -> None:
        found = difference([self.edge(why=("because",))], [self.held()])
        assert len(found.changed) == 1

    def test_a_dropped_one_stays_dropped(self) -> None:
        found = difference([self.edge()], [self.held(is_dropped=True)])
        assert found.is_empty and len(found.dropped) == 1

    def test_a_dropped_one_holds_again_when_its_rule_is_hard(self) -> None:
        found = difference([self.edge(is_hard=True)], [self.held(is_dropped=True)])
        assert len(found.back) == 1 and not found.dropped


class TestManySteps:
    def test_steps_on_a_cycle_have_no_reduction(self) -> None:
        steps = [step(label, "Z") for label in "abc"]
        edges = derive(steps, [], manual=[("a", "b", True, ""), ("b", "a", True, "")])
        assert reduced(edges) == edges
