"""Which package goes first, from scopes, relations and declared predecessors."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from apps.releases.domain.package_order import (
    Flow,
    Holder,
    Holding,
    Precedence,
    orders,
    precedences,
)

NIGHT = datetime(2026, 11, 21, 21, tzinfo=UTC)
COPYBOOK, PROGRAM, OTHER = UUID(int=101), UUID(int=102), UUID(int=103)
NAMES = {COPYBOOK: "CVACT01Y", PROGRAM: "CBTRN02C", OTHER: "CBACT04C"}


def package(number: int, *held: tuple[UUID, str], opens_at: datetime | None = NIGHT) -> Holder:
    """Package `number` with the version that each of its assets gets."""
    holdings = (Holding(asset, NAMES[asset], version) for asset, version in held)
    return Holder(UUID(int=number), f"RP-{number}", opens_at, tuple(holdings))


def told(found: tuple[Precedence, ...]) -> list[tuple[int, int, str]]:
    return [(edge.before.int, edge.after.int, "; ".join(edge.reasons)) for edge in found]


def test_a_declared_predecessor_goes_first_for_its_reason() -> None:
    one, two = package(1), package(2)
    declared = [(one.key, two.key, "Same quiesce"), (two.key, UUID(int=9), "closed long ago")]
    assert told(precedences([one, two], declared, [])) == [(1, 2, "Same quiesce")]


def test_packages_with_one_asset_go_by_its_versions_one_after_the_other() -> None:
    versions = ("01.10", "01.9", "01.11")
    packages = [package(n, (PROGRAM, version)) for n, version in enumerate(versions, start=1)]
    assert told(precedences(packages, [], [])) == [
        (2, 1, "CBTRN02C 01.9 before 01.10"),
        (1, 3, "CBTRN02C 01.10 before 01.11"),
    ]


def test_equal_versions_have_no_order() -> None:
    packages = [package(1, (PROGRAM, "01.16")), package(2, (PROGRAM, "01.16"))]
    assert precedences(packages, [], []) == ()


@pytest.mark.parametrize("unknown", ["", "9f2c4e1", "V1"])
def test_a_version_that_is_not_numbered_tells_no_order(unknown: str) -> None:
    packages = [package(1, (PROGRAM, unknown)), package(2, (PROGRAM, "01.16"))]
    assert precedences(packages, [], []) == ()


def test_what_others_are_built_from_goes_first() -> None:
    packages = [package(1, (PROGRAM, "01.16")), package(2, (COPYBOOK, "01.05"))]
    found = precedences(packages, [], [(COPYBOOK, "copies", PROGRAM)])
    assert told(found) == [(2, 1, "CVACT01Y is copied by CBTRN02C")]


def test_a_package_that_builds_both_waits_for_nobody() -> None:
    both = package(1, (COPYBOOK, "01.05"), (PROGRAM, "01.16"))
    found = precedences([both, package(2, (PROGRAM, "01.15"))], [], [(COPYBOOK, "copies", PROGRAM)])
    assert told(found) == [(2, 1, "CBTRN02C 01.15 before 01.16")]


def test_nothing_is_built_on_what_a_later_window_brings() -> None:
    later = package(1, (COPYBOOK, "01.05"), opens_at=NIGHT + timedelta(days=10))
    found = precedences(
        [later, package(2, (PROGRAM, "01.16"))], [], [(COPYBOOK, "copies", PROGRAM)]
    )
    assert found == ()


def test_two_packages_that_wait_for_each_other_are_a_cycle_and_what_follows_is_not() -> None:
    packages = [
        package(1, (COPYBOOK, "01.05"), (OTHER, "01.13")),
        package(2, (PROGRAM, "01.16"), (OTHER, "01.12")),
        package(3, (PROGRAM, "01.17")),
    ]
    found = precedences(packages, [], [(COPYBOOK, "copies", PROGRAM)])
    assert {(edge.before.int, edge.after.int): edge.is_cyclic for edge in found} == {
        (2, 1): True,
        (1, 2): True,
        (1, 3): False,
        (2, 3): False,
    }


def test_several_reasons_are_one_precedence() -> None:
    packages = [package(1, (PROGRAM, "1"), (OTHER, "1")), package(2, (PROGRAM, "2"), (OTHER, "2"))]
    found = precedences(packages, [(packages[0].key, packages[1].key, "")], [])
    assert told(found) == [(1, 2, "declared predecessor; CBTRN02C 1 before 2; CBACT04C 1 before 2")]


class TestWhatIsMissedWithoutTheFirst:
    def missed(self, *packages: Holder, **more: list[tuple[UUID, str, UUID]]) -> list[str]:
        found = precedences(packages, [], more.get("parents", []))
        return [f"{why.rule} {why.missed}" for edge in found for why in edge.why]

    def holder(self, number: int, to_version: str, built_on: str) -> Holder:
        holding = Holding(PROGRAM, NAMES[PROGRAM], to_version, built_on)
        return Holder(UUID(int=number), f"RP-{number}", NIGHT, (holding,))

    def test_the_version_that_it_was_built_on(self) -> None:
        found = self.missed(self.holder(1, "01.05", "01.04"), self.holder(2, "01.06", "01.05"))
        assert found == ["X02 CBTRN02C in RP-2 was built on RP-1's version."]

    def test_a_version_that_comes_before_where_nobody_knows_what_was_built_on(self) -> None:
        found = self.missed(self.holder(1, "01.05", ""), self.holder(2, "01.06", ""))
        assert found == ["X02 CBTRN02C in RP-2 comes after RP-1's version."]

    def test_nothing_where_it_was_built_on_another_version(self) -> None:
        found = self.missed(self.holder(1, "01.05", "01.04"), self.holder(2, "01.06", "01.04"))
        assert found == ["X02 "]

    def test_the_part_that_it_was_built_with(self) -> None:
        one, two = package(1, (COPYBOOK, "01.02")), package(2, (PROGRAM, "01.06"))
        found = self.missed(one, two, parents=[(COPYBOOK, "copies", PROGRAM)])
        assert found == ["X01 CBTRN02C in RP-2 was built with RP-1's CVACT01Y."]

    def test_what_people_declared(self) -> None:
        one, two = package(1), package(2)
        (edge,) = precedences([one, two], [(one.key, two.key, "Same quiesce.")], [])
        assert edge.why[0].missed == "RP-2 declares that RP-1 comes first: Same quiesce."


class TestWhoReadsTheDataOfAnother:
    FLOW = Flow(writer=PROGRAM, reader=OTHER, data="TRANSACT")

    def test_goes_first_as_advice(self) -> None:
        packages = [package(1, (PROGRAM, "2")), package(2, (OTHER, "2"))]
        (order,) = orders(packages, [], [self.FLOW])
        assert (order.rule, order.before.int, order.after.int) == ("X03", 2, 1)
        assert order.why == "CBACT04C reads TRANSACT, which CBTRN02C writes"
        assert not order.is_hard

    def test_follows_another_rule_where_there_is_one(self) -> None:
        packages = [package(1, (PROGRAM, "1"), (COPYBOOK, "1")),
                    package(2, (OTHER, "2"), (COPYBOOK, "2"))]  # fmt: skip
        assert [order.rule for order in orders(packages, [], [self.FLOW])] == ["X02"]

    def test_has_no_order_where_both_read_each_other(self) -> None:
        packages = [package(1, (PROGRAM, "2")), package(2, (OTHER, "2"))]
        back = Flow(writer=OTHER, reader=PROGRAM, data="DISCGRP")
        assert list(orders(packages, [], [self.FLOW, back])) == []
