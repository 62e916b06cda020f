"""The rules of conflict, as tables: when each fires, when it is silent, and what it names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from apps.releases.domain.baseline import Base
from apps.releases.domain.conflicts import RULES, find_conflicts
from apps.releases.domain.conflicts.portfolio import (
    Asset,
    Interface,
    JobStart,
    Portfolio,
    Reached,
    Team,
)
from apps.releases.domain.findings import SEVERITIES, Detected
from apps.windows.domain.calendar import Rule as CalendarRule
from apps.windows.domain.calendar import Scope, Span, Work
from tests.releases.portfolios import (
    NOW,
    codes,
    found,
    key,
    names,
    package,
    portfolio,
    step,
    touch,
)


def test_every_rule_says_what_it_is() -> None:
    assert [rule.code for rule in RULES] == [f"K{number:02}" for number in range(1, 14)]
    for rule in RULES:
        assert rule.title and rule.condition and rule.requirement and rule.symptom
        assert rule.severity in SEVERITIES and rule.waivable_by


def test_an_empty_portfolio_has_no_conflict() -> None:
    assert find_conflicts(portfolio()) == []


class TestSameAsset:
    def test_in_one_window_it_is_soft_and_names_the_order(self) -> None:
        given = portfolio(
            package("RP-2"), package("RP-1"),
            touches=[touch("RP-1", "X", "01.11", "01.12"), touch("RP-2", "X", "01.12", "01.13")],
        )  # fmt: skip
        (one,) = found("K01", given)
        assert one.severity == "soft"
        assert (
            one.text == "RP-1 and RP-2 both change X in W-0; order RP-1 → RP-2, one merged build."
        )
        assert one.facts["order"] == [["RP-1", "RP-2"]]
        assert codes(one, "RP-1", "RP-2") == ["RP-1", "RP-2"]

    def test_in_one_window_without_versions_the_order_is_open(self) -> None:
        given = portfolio(
            package("RP-1"), package("RP-2"), touches=[touch("RP-1", "X"), touch("RP-2", "X")]
        )
        (one,) = found("K01", given)
        assert one.severity == "soft" and one.facts["order"] == []

    def test_in_different_windows_it_is_hard(self) -> None:
        given = portfolio(
            package("RP-1", 0), package("RP-2", 1),
            touches=[touch("RP-1", "X", "1", "2"), touch("RP-2", "X", "1", "3")],
        )  # fmt: skip
        (one,) = found("K01", given)
        assert one.severity == "hard"
        assert "RP-2 is not built on what RP-1 brings" in one.text

    def test_until_the_later_is_built_on_the_earlier(self) -> None:
        given = portfolio(
            package("RP-1", 0), package("RP-2", 1), package("RP-3", 2),
            touches=[
                touch("RP-1", "X", "1", "2"), touch("RP-2", "X", "2", "3"),
                touch("RP-3", "X", "3", "4"),
            ],
        )  # fmt: skip
        assert found("K01", given) == []

    def test_a_package_without_a_time_is_only_asked_about(self) -> None:
        given = portfolio(
            package("RP-1", 0), package("RP-2", None),
            touches=[touch("RP-1", "X", "1", "2"), touch("RP-2", "X", "1", "3")],
        )  # fmt: skip
        assert [one.severity for one in found("K01", given)] == ["soft"]

    def test_a_member_of_the_same_name_in_another_library_counts(self) -> None:
        def member(name: str, library: str, application: str) -> dict[Any, Asset]:
            asset = key(name)
            return {asset: Asset(asset, "CBACT01C", "program_batch", library, key(application))}

        touches = [touch("RP-1", "A"), touch("RP-2", "B")]
        twins = member("A", "LOADLIB", "CARD") | member("B", "LOADLIB2", "CARD")
        (one,) = found("K01", portfolio(package("RP-1"), package("RP-2"), touches=touches,
                                        assets=twins))  # fmt: skip
        assert names(one) == sorted(names(one)) == ["A", "B"]
        strangers = member("A", "LOADLIB", "CARD") | member("B", "LOADLIB2", "AUTH")
        assert not found("K01", portfolio(package("RP-1"), package("RP-2"), touches=touches,
                                          assets=strangers))  # fmt: skip

    def test_all_assets_are_shown_and_the_key_stays_when_there_are_more(self) -> None:
        def shared(*assets: str) -> Detected:
            touches = [touch(unit, asset) for unit in ("RP-1", "RP-2") for asset in assets]
            (one,) = found("K01", portfolio(package("RP-1"), package("RP-2"), touches=touches))
            return one

        assert names(shared(*"FBADCEXYZ")) == [*"ABCDEFXYZ"]
        assert shared("X").key == shared(*"FBADCEXYZ").key
        assert "A, B, C, D, E and 4 more" in shared(*"FBADCEXYZ").text

    def test_what_is_done_or_goes_back_is_not_in_the_way(self) -> None:
        for stage in ("done", "backing_out"):
            given = portfolio(
                package("RP-1", stage=stage), package("RP-2"),
                touches=[touch("RP-1", "X"), touch("RP-2", "X")],
            )  # fmt: skip
            assert found("K01", given) == []

    def test_a_change_that_is_not_planned_is_worth_knowing(self) -> None:
        given = portfolio(
            package("RP-1"), touches=[touch("RP-1", "X"), touch("CHG1", "X")], changes=("CHG1",)
        )
        (one,) = found("K01", given)
        assert one.severity == "info"
        assert one.text == "X of RP-1 is also touched by CHG1, which is not planned yet."
        assert one.about == (f"package:{key('RP-1')}", f"change:{key('CHG1')}")


class TestDownLevel:
    def test_production_has_another_version(self) -> None:
        given = portfolio(
            package("RP-1"), touches=[touch("RP-1", "X", "01.14", "01.15")],
            installed={key("X"): Base("01.15", key("RE-1"))}, codes={key("RE-1"): "RE-1"},
        )  # fmt: skip
        (one,) = found("K02", given)
        assert one.text == (
            "RP-1 is built on X 01.14; production has 01.15 since RE-1: it would regress it"
        )
        assert one.severity == "hard" and codes(one, "RP-1", "RE-1") == ["RE-1", "RP-1"]
        assert one.facts["versions"] == [
            {"asset": str(key("X")), "built_on": "01.14", "base": "01.15"}
        ]

    def test_nobody_may_waive_it(self) -> None:
        assert next(rule for rule in RULES if rule.code == "K02").waivable_by == "nobody"

    def test_another_window_installs_a_version_before(self) -> None:
        given = portfolio(
            package("RP-2", 0), package("RP-4", 1), production={"X": "01.07"},
            touches=[touch("RP-2", "X", "01.07", "01.08"), touch("RP-4", "X", "01.07", "01.09")],
        )  # fmt: skip
        (one,) = found("K02", given)
        assert one.text == (
            "RP-4 is built on X 01.07; W-0 installs 01.08 before it: it would regress it"
        )

    def test_the_later_of_one_window_is_down_level_when_neither_knows_the_other(self) -> None:
        given = portfolio(
            package("RP-1"), package("RP-2"), production={"X": "1"},
            touches=[touch("RP-1", "X", "1", "3"), touch("RP-2", "X", "1", "2")],
        )  # fmt: skip
        (one,) = found("K02", given)
        assert one.text.startswith("RP-1 is built on X 1; RP-2 installs 2 before it")

    @pytest.mark.parametrize(
        ("touches", "production"),
        [
            ([("RP-1", "X", "1", "2")], {"X": "1"}),
            ([("RP-1", "X", "1", "2"), ("RP-2", "X", "2", "3")], {"X": "1"}),
            ([("RP-1", "X", "1", "2"), ("RP-3", "X", "2", "3")], {"X": "1"}),
            ([("RP-1", "X", "", "1")], {"X": "1"}),
            ([("RP-1", "X", "1", "2")], {}),
            # Two changes of one package follow each other.
            ([("RP-1", "X", "1", "2"), ("RP-1", "X", "2", "3")], {"X": "1"}),
        ],
    )
    def test_what_is_built_on_what_it_meets_is_silent(
        self, touches: list[tuple[str, str, str, str]], production: dict[str, str]
    ) -> None:
        given = portfolio(
            package("RP-1"), package("RP-2"), package("RP-3", 1), production=production,
            touches=[touch(*each) for each in touches],
        )  # fmt: skip
        assert found("K02", given) == []

    def test_a_version_that_was_never_installed_is_told_as_such(self) -> None:
        given = portfolio(
            package("RP-1"), touches=[touch("RP-1", "X", "3", "4")], production={"X": "2"}
        )
        (one,) = found("K02", given)
        assert one.text == (
            "RP-1 is built on X 3; production has 2: that version was never installed"
        )

    def test_each_direction_of_a_pair_is_a_finding_of_its_own(self) -> None:
        given = portfolio(
            package("RP-1", 0), package("RP-2", 1), package("RP-3", 2),
            production={"X": "1", "Y": "1"},
            touches=[
                touch("RP-1", "X", "1", "2"), touch("RP-2", "X", "1", "3"),
                touch("RP-2", "Y", "1", "2"), touch("RP-3", "Y", "1", "3"),
            ],
        )  # fmt: skip
        assert len({one.key for one in found("K02", given)}) == 2

    def test_all_assets_are_shown_and_the_key_stays(self) -> None:
        def late(*assets: str) -> Detected:
            given = portfolio(
                package("RP-1"), production=dict.fromkeys(assets, "2"),
                touches=[touch("RP-1", asset, "1", "3") for asset in assets],
            )  # fmt: skip
            (one,) = found("K02", given)
            return one

        assert late("B", "A").text == (
            "RP-1 is built on A 1 and B 1; production has A 2 and B 2: it would regress them"
        )
        assert names(late("B", "A")) == ["A", "B"] and late("A").key == late("B", "A").key

    def test_an_unplanned_change_is_told_what_comes_before_it(self) -> None:
        given = portfolio(
            package("RP-1"), changes=("CHG1",),
            touches=[touch("RP-1", "X", "1", "2"), touch("CHG1", "X", "1", "3")],
        )  # fmt: skip
        (one,) = found("K02", given)
        assert one.severity == "info"
        assert one.text == "CHG1 is not planned yet; it is built on X 1, not 2 of RP-1."

    def test_an_unplanned_change_is_told_what_came_since_it_was_built(self) -> None:
        def since(level: str, **more: Any) -> list[Detected]:
            given = portfolio(
                package("RE-1", stage="done"), changes=("CHG1",),
                touches=[touch("CHG1", "X", "1", "3")],
                installed={key("X"): Base(level, key("RE-1"))}, **more,
            )  # fmt: skip
            return found("K02", given)

        (one,) = since("2")
        assert one.text == "CHG1 is not planned yet; it is built on X 1, not 2 of RE-1."
        assert one.fixes[0].label == "Retrofit: build CHG1 again on that version."
        assert since("1") == []


class TestBuildSkew:
    def given(self, used: str, *more: Any, **facts: Any) -> Portfolio:
        return portfolio(
            package("RP-1"), *more,
            touches=[touch("RP-1", "X", "1", "2"), *facts.pop("touches", [])],
            production={"PART": "01.04"}, built_with={(key("X"), "2"): ((key("PART"), used),)},
        )  # fmt: skip

    def test_it_was_compiled_with_another_part_than_production_has(self) -> None:
        (one,) = found("K03", self.given("01.03"))
        assert "X with PART 01.03, not 01.04" in one.text
        assert names(one) == ["PART", "X"] and one.severity == "hard"

    def test_it_was_compiled_with_the_part_of_production(self) -> None:
        assert found("K03", self.given("01.04")) == []

    def test_its_own_new_part_counts(self) -> None:
        own = touch("RP-1", "PART", "01.04", "01.05")
        assert found("K03", self.given("01.05", touches=[own])) == []
        (one,) = found("K03", self.given("01.04", touches=[own]))
        assert codes(one, "RP-1") == ["RP-1"]

    def test_a_part_that_comes_before_it_counts(self) -> None:
        other = touch("RP-0", "PART", "01.04", "01.05")
        (one,) = found("K03", self.given("01.04", package("RP-0", -1), touches=[other]))
        assert codes(one, "RP-0", "RP-1") == ["RP-0", "RP-1"]
        assert "which RP-0 installs" in one.text


class TestUpstreamInWindow:
    def given(self, reached: Reached, week: int = 0, **more: Any) -> Portfolio:
        return portfolio(
            package("RP-1", owner=key("ann"), teams=frozenset([key("CARD")])),
            package(
                "RP-2", week, **{"owner": key("bob"), "teams": frozenset([key("AUTH")])} | more
            ),
            touches=[touch("RP-1", "X"), touch("RP-2", "Y")],
            reach={key("RP-1"): {key("Y"): reached}},
        )  # fmt: skip

    def test_a_joint_check_is_asked_for(self) -> None:
        (one,) = found("K04", self.given(Reached(0.7, "RUN")))
        assert one.severity == "soft" and names(one) == ["Y"]
        (fix,) = one.fixes
        assert fix.kind == "add_checks" and fix.rows[0]["package"] == str(key("RP-2"))

    @pytest.mark.parametrize(
        ("words", "fires"),
        [
            ({"RP-1", "RP-2"}, 0),
            ({"RP-1", "RP-2", "POSTTRAN"}, 0),
            ({"RP-2"}, 1),
            ({"RP-1", "RP-22"}, 1),
        ],
    )
    def test_a_check_that_names_both_packages_looks_at_the_two_together(
        self, words: set[str], fires: int
    ) -> None:
        given = replace(self.given(Reached(0.7, "RUN")), checks=(frozenset(words),))
        assert len(found("K04", given)) == fires

    def test_data_in_a_changed_layout_is_hard(self) -> None:
        assert found("K04", self.given(Reached(0.7, "DATA", by_layout=True)))[0].severity == "hard"
        assert found("K04", self.given(Reached(0.7, "DATA")))[0].severity == "soft"

    @pytest.mark.parametrize(
        ("reached", "week", "more"),
        [
            (Reached(0.29, "RUN"), 0, {}),
            (Reached(0.7, "RUN"), 1, {}),
            (Reached(0.7, "RUN"), 0, {"owner": key("ann"), "teams": frozenset([key("CARD")])}),
        ],
        ids=["faded", "another night", "the same people"],
    )
    def test_silent(self, reached: Reached, week: int, more: dict[str, Any]) -> None:
        assert found("K04", self.given(reached, week, **more)) == []


class TestClosedCalendar:
    def span(self, begins: int, ends: int, scope: Scope | None = None, **more: Any) -> Span:
        """Hours from the opening of W-0."""
        opens = NOW + timedelta(days=1)
        rule = CalendarRule("FRZ", "Year-end freeze", scope=scope or Scope(), **more)
        return Span(rule, opens + timedelta(hours=begins), opens + timedelta(hours=ends))

    @pytest.mark.parametrize(
        ("begins", "ends", "more", "severities"),
        [
            (-5, 1, {}, ["hard"]),
            (7, 20, {"strength": "approval"}, ["soft"]),
            (7, 20, {"strength": "advisory", "kind": "month_end"}, ["soft"]),
            (7, 20, {"strength": "advisory", "kind": "payday"}, []),
            (7, 20, {"strength": "hard", "kind": "payday"}, ["hard"]),
            (8, 20, {}, []),
            (-5, 0, {}, []),
            (0, 8, {"allows": frozenset(["standard"])}, []),
            (0, 8, {"allows": frozenset(["emergency"])}, ["hard"]),
            (0, 8, {"scope": Scope(applications=frozenset(["AUTH"]))}, []),
            (0, 8, {"scope": Scope(applications=frozenset(["CARD"]))}, ["hard"]),
            (0, 8, {"scope": Scope(site="BLR")}, []),
        ],
    )
    def test_spans(
        self, begins: int, ends: int, more: dict[str, Any], severities: list[str]
    ) -> None:
        work = Work("AMS", frozenset(["CARD"]), kinds=frozenset(["standard"]))
        given = portfolio(package("RP-1", works=(work,)), spans=(self.span(begins, ends, **more),))
        assert [one.severity for one in found("K05", given)] == severities

    def test_one_change_that_may_not_pass_is_enough(self) -> None:
        works = (Work(kinds=frozenset(["standard"])), Work())
        given = portfolio(package("RP-1", works=works), spans=(
            self.span(0, 8, allows=frozenset(["standard"])),
        ))  # fmt: skip
        assert len(found("K05", given)) == 1

    def test_an_emergency_is_shown_and_not_stopped(self) -> None:
        given = portfolio(package("RE-1", kind="emergency"), spans=(self.span(0, 8),))
        assert [one.severity for one in found("K05", given)] == ["soft"]

    def test_the_warranty_of_converted_data_counts(self) -> None:
        mine = package("RP-1", data_until=NOW + timedelta(days=6))
        assert len(found("K05", portfolio(mine, spans=(self.span(24, 48),)))) == 1

    def test_without_spans_it_is_silent(self) -> None:
        assert found("K05", portfolio(package("RP-1"))) == []


class TestSubsystemLock:
    def given(self, *steps: Any) -> Portfolio:
        return portfolio(package("RP-1"), package("RP-2"), steps=tuple(steps),
                         subsystems={key("LLA"): "LLA"})  # fmt: skip

    def exclusive(self, label: str, begins: int, minutes: int, package: str = "") -> Any:
        return step(label, begins, minutes, package, subsystem=key("LLA"), exclusive=True)

    def test_two_exclusive_steps_overlap(self) -> None:
        (one,) = found("K06", self.given(
            self.exclusive("A1", 0, 10, "RP-1"), self.exclusive("B1", 9, 10, "RP-2"),
        ))  # fmt: skip
        assert one.text == "LLA is planned for two steps at a time: A1 and B1 at 12:09."
        assert one.severity == "soft" and codes(one, "RP-1", "RP-2") == ["RP-1", "RP-2"]

    def test_one_after_the_other_is_silent(self) -> None:
        assert not found("K06", self.given(
            self.exclusive("A1", 0, 10, "RP-1"), self.exclusive("B1", 10, 10, "RP-2"),
        ))  # fmt: skip

    def test_what_shares_is_silent(self) -> None:
        shared = step("B1", 0, 10, "RP-2", subsystem=key("LLA"))
        assert not found("K06", self.given(self.exclusive("A1", 0, 10, "RP-1"), shared))

    def test_the_key_is_the_pair_however_many_steps(self) -> None:
        steps = [self.exclusive("A1", 0, 10, "RP-1"), self.exclusive("B1", 9, 10, "RP-2")]
        more = [self.exclusive("A2", 30, 10, "RP-1"), self.exclusive("B2", 35, 10, "RP-2")]
        assert len({one.key for s in (steps, steps + more) for one in found("K06", self.given(*s))}
                   ) == 1  # fmt: skip

    def test_a_step_of_the_window_concerns_the_package_it_meets(self) -> None:
        (one,) = found("K06", self.given(
            self.exclusive("W1", 0, 10), self.exclusive("B1", 9, 10, "RP-2")
        ))  # fmt: skip
        assert codes(one, "RP-2") == ["RP-2"] and f"window:{key('W-0')}" in one.about


class TestTeamOverload:
    def given(self, *steps: Any, capacity: int = 2) -> Portfolio:
        return portfolio(
            package("RP-1"), package("RP-2"), steps=tuple(steps),
            teams={key("OPS"): Team(key("OPS"), "OPS", capacity)},
            people={key("ann"): "Ann", key("bob"): "Bob"},
        )  # fmt: skip

    def test_more_steps_at_a_time_than_people(self) -> None:
        (one,) = found("K07", self.given(
            step("A1", 0, 30, "RP-1"), step("B1", 10, 30, "RP-2"), step("B2", 20, 5, "RP-2"),
        ))  # fmt: skip
        assert one.text == "OPS can do 2 at a time and has 3 at 12:20: A1, B1 and B2."
        assert codes(one, "RP-1", "RP-2") == ["RP-1", "RP-2"] and one.severity == "soft"

    def test_as_many_steps_as_people_is_silent(self) -> None:
        steps = step("A1", 0, 30, "RP-1"), step("B1", 10, 30, "RP-2"), step("B2", 30, 5, "RP-2")
        assert not found("K07", self.given(*steps))

    @pytest.mark.parametrize(
        ("last", "texts"),
        [
            (61, ["The one person of OPS works without a gap from 12:00 to 14:01 (A1 and B1)."]),
            (60, []),
        ],
    )
    def test_one_person_without_a_gap(self, last: int, texts: list[str]) -> None:
        steps = step("A1", 0, 60, "RP-1"), step("B1", 60, last, "RP-2")
        given = self.given(*steps, capacity=1)
        assert [one.text for one in found("K07", given)] == texts

    def test_a_minute_between_two_steps_is_a_gap(self) -> None:
        steps = step("A1", 0, 60, "RP-1"), step("B1", 61, 90, "RP-2")
        assert not found("K07", self.given(*steps, capacity=1))

    def test_a_person_of_a_larger_team_without_a_gap(self) -> None:
        ann = key("ann")
        (one,) = found("K07", self.given(
            step("A1", 0, 60, "RP-1", owner=ann), step("B1", 60, 61, "RP-2", owner=ann),
        ))  # fmt: skip
        assert one.text == "Ann works without a gap from 12:00 to 14:01 (A1 and B1)."

    def test_a_person_with_two_steps_at_a_time(self) -> None:
        ann, bob = key("ann"), key("bob")
        overlapping = step("B1", 5, 10, "RP-2", owner=ann)
        (one,) = found("K07", self.given(step("A1", 0, 10, "RP-1", owner=ann), overlapping))
        assert one.text == "Ann has two steps at a time: A1 and B1."
        assert not found("K07", self.given(step("A1", 0, 10, "RP-1", owner=bob), overlapping))

    def test_the_key_is_the_person_and_the_night(self) -> None:
        alone = [step("A1", 0, 130, "RP-1")]
        shared = [*alone, step("B1", 130, 30, "RP-2")]
        keys = {found("K07", self.given(*s, capacity=1))[0].key for s in (alone, shared)}
        assert len(keys) == 1


class TestOrderCycle:
    def test_declared_and_built_on_contradict(self) -> None:
        given = portfolio(
            package("RP-1"), package("RP-2"),
            touches=[
                touch("RP-1", "X", "1", "2"), touch("RP-2", "X", "2", "3"),
                touch("RP-2", "Y", "1", "2"), touch("RP-1", "Y", "2", "3"),
            ],
        )  # fmt: skip
        (one,) = found("K08", given)
        assert one.text == (
            "RP-1 → RP-2 → RP-1: RP-1 before RP-2 (it is built on X 2); "
            "RP-2 before RP-1 (it is built on Y 2)."
        )
        assert one.severity == "hard" and codes(one, "RP-1", "RP-2") == ["RP-1", "RP-2"]

    def test_packages_that_declare_each_other(self) -> None:
        given = portfolio(
            package("RP-1", after=["RP-3"]), package("RP-2", after=["RP-1"]),
            package("RP-3", after=["RP-2"]), package("RP-4", after=["RP-3"]),
        )  # fmt: skip
        (one,) = found("K08", given)
        assert one.text.startswith("RP-1 → RP-2 → RP-3 → RP-1: RP-1 before RP-2 (RP-2 declares")

    def test_two_cycles_are_two_findings(self) -> None:
        given = portfolio(
            package("RP-1", after=["RP-2"]), package("RP-2", after=["RP-1"]),
            package("RP-3", after=["RP-4"]), package("RP-4", after=["RP-3"]),
        )  # fmt: skip
        assert len(found("K08", given)) == 2

    def test_a_predecessor_of_a_later_window(self) -> None:
        given = portfolio(package("RP-1", 0, after=["RP-2"]), package("RP-2", 1))
        (one,) = found("K08", given)
        assert "RP-1 (W-0) is over before RP-2 (W-1)" in one.text

    def test_a_part_comes_before_what_is_built_from_it(self) -> None:
        touches = [
            touch("RP-1", "PART"), touch("RP-2", "X"),
            touch("RP-2", "Y", "1", "2"), touch("RP-1", "Y", "2", "3"),
        ]  # fmt: skip
        parents = frozenset([(key("PART"), key("X"))])
        packages = package("RP-1"), package("RP-2")
        (one,) = found("K08", portfolio(*packages, touches=touches, parents=parents))
        assert "RP-1 before RP-2 (X is built from PART)" in one.text
        both = [*touches, touch("RP-1", "X")]
        assert not found("K08", portfolio(*packages, touches=both, parents=parents))

    def test_an_order_is_silent(self) -> None:
        given = portfolio(
            package("RP-1"), package("RP-2", after=["RP-1"]), package("RP-3", 1, after=["RP-2"]),
            touches=[touch("RP-1", "X", "1", "2"), touch("RP-2", "X", "2", "3")],
        )  # fmt: skip
        assert found("K08", given) == []


class TestSkippedPromotion:
    @pytest.mark.parametrize(
        ("before", "fires"),
        [({"X": ["1"]}, True), ({"X": ["1", "2"]}, False), ({}, False), ({"X": []}, False)],
    )
    def test_the_environment_before(self, before: dict[str, list[str]], fires: bool) -> None:
        given = portfolio(
            package("RP-1"), touches=[touch("RP-1", "X", "1", "2")],
            levels_before={key(name): frozenset(levels) for name, levels in before.items()},
        )  # fmt: skip
        told = [one.text for one in found("K09", given)]
        assert bool(told) is fires
        assert not told or told == [
            "RP-1 brings what the environment before production never had: X 2."
        ]


class TestBackoutOrder:
    def test_the_later_goes_back_first(self) -> None:
        given = portfolio(
            package("RP-1", began_at=NOW, stage="done"),
            package("RP-2", began_at=NOW + timedelta(minutes=1)),
            touches=[touch(unit, asset) for unit in ("RP-2", "RP-1") for asset in "YX"],
        )  # fmt: skip
        (one,) = found("K10", given)
        assert one.text == (
            "RP-1 can be backed out only after RP-2, which went over X and Y later."
        )
        assert one.severity == "info" and names(one) == ["X", "Y"]

    def test_what_has_not_begun_has_nothing_to_take_back(self) -> None:
        given = portfolio(
            package("RP-1", began_at=NOW), package("RP-2"),
            touches=[touch("RP-1", "X"), touch("RP-2", "X")],
        )  # fmt: skip
        assert found("K10", given) == []


class TestSchedulerCollision:
    def given(self, minute: int, *more: Any, asset: str = "X") -> Portfolio:
        start = JobStart(
            key("JOB"), "JOB", NOW + timedelta(minutes=minute),
            assets=frozenset([key(asset)]), held_by=frozenset([key("CYCLE")]),
        )  # fmt: skip
        altering = step("A2", 30, 10, "RP-1", type="COPY_LOAD", alters=True)
        release = step("W8", 90, 10, type="RELEASE_JOB", alters=True)
        return portfolio(package("RP-1"), touches=[touch("RP-1", "X")], job_starts=(start,),
                         steps=(altering, release, *more))  # fmt: skip

    @pytest.mark.parametrize(("minute", "fires"), [(29, 0), (30, 1), (99, 1), (100, 0)])
    def test_between_the_first_alteration_and_the_release(self, minute: int, fires: int) -> None:
        assert len(found("K11", self.given(minute))) == fires

    def test_the_fix_holds_the_job_before_the_first_alteration(self) -> None:
        (one,) = found("K11", self.given(60))
        assert one.text == "JOB at 13:00 starts while RP-1 is half in, from A2 at 12:30 to 13:40."
        (row,) = one.fixes[0].rows
        assert row["type"] == "HOLD_JOB" and row["before"] == ["A2"]
        assert row["targets"] == [str(key("JOB"))] and names(one) == ["JOB", "X"]

    @pytest.mark.parametrize("target", ["JOB", "CYCLE"])
    def test_a_job_that_is_held_does_not_start(self, target: str) -> None:
        hold = step("W1", 0, 5, type="HOLD_JOB", targets=frozenset([key(target)]))
        assert not found("K11", self.given(60, hold))

    def test_a_hold_that_comes_too_late_or_elsewhere_does_not_help(self) -> None:
        late = step("W1", 58, 5, type="HOLD_JOB", targets=frozenset([key("JOB")]))
        other = step("W2", 0, 5, type="HOLD_JOB", targets=frozenset([key("Z")]))
        assert found("K11", self.given(60, late, other))

    def test_a_job_that_uses_nothing_of_it_is_silent(self) -> None:
        assert not found("K11", self.given(60, asset="Y"))


class TestSplitInterface:
    def given(self, week: int, *touched: tuple[str, str]) -> Portfolio:
        interface = Interface(key("Z"), frozenset([key("X")]), frozenset([key("Y")]))
        return portfolio(package("RP-1", 0), package("RP-2", week), interfaces=(interface,),
                         touches=[touch(*each) for each in touched])  # fmt: skip

    def test_producer_and_consumer_in_two_windows(self) -> None:
        (one,) = found("K12", self.given(1, ("RP-1", "X"), ("RP-2", "Y")))
        assert one.severity == "soft" and names(one) == ["X", "Y", "Z"]
        assert one.text == "RP-1 (W-0) changes what writes Z, RP-2 (W-1) what reads it."

    def test_in_one_window_or_two_producers_is_silent(self) -> None:
        assert not found("K12", self.given(0, ("RP-1", "X"), ("RP-2", "Y")))
        assert not found("K12", self.given(1, ("RP-1", "X"), ("RP-2", "X")))


class TestStaleDiscovery:
    @pytest.mark.parametrize(("days", "fires"), [(91, 1), (90, 0), (None, 0)])
    def test_the_import_has_not_seen_it(self, days: int | None, fires: int) -> None:
        seen = None if days is None else NOW - timedelta(days=days)
        given = portfolio(package("RP-1"), touches=[touch("RP-1", "X")],
                          assets={key("X"): Asset(key("X"), "X", last_seen_at=seen)})  # fmt: skip
        assert len(found("K13", given)) == fires


class _Broken:
    code, title, condition, requirement, symptom = "K99", "Broken", "", "", ""
    severity, waivable_by = "info", ""

    def find(self, given: Portfolio) -> Iterator[Detected]:
        yield from ()
        raise KeyError(given)


def test_a_rule_that_crashes_blocks_every_open_package(caplog: pytest.LogCaptureFixture) -> None:
    given = portfolio(package("RP-1"), package("RP-2"), package("RP-0", stage="done"))
    told = find_conflicts(given, [_Broken()])  # type: ignore[list-item]
    assert [one.severity for one in told] == ["hard", "hard"]
    assert {one.packages for one in told} == {(key("RP-1"),), (key("RP-2"),)}
    assert "could not be evaluated" in told[0].text and len({one.key for one in told}) == 2
    assert "K99 could not be evaluated" in caplog.text
