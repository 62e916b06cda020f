"""What could go so that a plan fits again, and in which order it is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from apps.releases.domain.planner.plan import Plan, plan
from apps.releases.domain.planner.shed import shed_list
from apps.releases.domain.planner.what_if import Around, Veto, what_ifs
from tests.releases.planner_cases import NIGHT, two_packages

X02 = Veto("X02", "CBACT04C in B was built on A's version.")
AROUND = Around(
    early=frozenset({"A1"}),
    windows=("W-NEXT",),
    against={("A", ""): (X02,), ("A", "W-NEXT"): (X02,)},
)


@pytest.fixture(scope="module")
def base() -> Plan:
    return plan(NIGHT, two_packages())


def test_a_plan_that_fits_lets_nothing_go(base: Plan) -> None:
    assert shed_list(base, what_ifs(base, AROUND)) == ()


def test_the_smallest_sacrifice_that_makes_it_fit_again_comes_first(base: Plan) -> None:
    late = base.until(NIGHT.cutoff - 60)
    assert [fit.code for fit in late.fits.values() if not fit.holds] == ["F2"]
    told = shed_list(late, what_ifs(late, AROUND))
    first, second = told[:2]
    assert (first.what_if.text, first.fits_again) == ("Move B to W-NEXT", True)
    assert (second.what_if.text, second.fits_again) == ("Drop B", True)
    assert [each.what_if.vetoes for each in told[2:]] == [(X02,), (X02,)]


def test_what_is_not_enough_tells_what_is_missing_still(base: Plan) -> None:
    late = base.until(120)
    told = shed_list(late, what_ifs(late, replace(AROUND, against={})))
    assert told and not told[0].fits_again
    assert 0 < told[0].short["F2"] < late.fits["F2"].short
