"""How a recorded value is compared, as tables."""

from __future__ import annotations

import pytest

from apps.releases.domain.checks import in_words, judge, plan_problems, value_problems


@pytest.mark.parametrize(
    ("operator", "expected", "baseline", "actual", "passed"),
    [
        ("rc<=", "4", "", "0", True),
        ("rc<=", "4", "", "RC=4", True),
        ("rc<=", "4", "", "rc 0004", True),
        ("rc<=", "4", "", "8", False),
        ("=", "baseline", "1,250,000", "1250000", True),
        ("=", "baseline", "1250000", "1249999", False),
        ("=", "01.16", "", "01.16", True),
        ("=", "ACTIVE", "", " ACTIVE ", True),
        ("=", "ACTIVE", "", "active", False),
        ("=", "4.0", "", "4.00", True),
        ("abs(delta)<=", "0.00", "1 234.56", "1234.56", True),
        ("abs(delta)<=", "0.00", "1234.56", "1234.57", False),
        ("abs(delta)<=", "0.1", "10", "9.9", True),
        ("abs(delta)<=", "0.1", "10", "9.89", False),
        ("<=", "35", "", "35.0", True),
        ("<=", "35", "", "36", False),
        ("<=", "baseline", "1 200", "1,200", True),
        ("<=", "baseline", "1200", "1201", False),
        ("between", "1000..1200", "", "1000", True),
        ("between", "1000..1200", "", "1200.00", True),
        ("between", "-5..-1", "", "-3", True),
        ("between", "1000..1200", "", "1200.01", False),
    ],
)
def test_a_value_is_judged(
    operator: str, expected: str, baseline: str, actual: str, passed: bool
) -> None:
    assert judge(operator, expected, baseline, actual).passed is passed


@pytest.mark.parametrize(
    ("operator", "expected", "baseline", "fields"),
    [
        ("rc<=", "four", "", ["expected"]),
        ("rc<=", "9999", "", ["expected"]),
        ("=", "", "", ["expected"]),
        ("=", "Baseline", "", ["baseline"]),
        ("abs(delta)<=", "-1", "x", ["expected", "baseline"]),
        ("<=", "some", "", ["expected"]),
        ("<=", "baseline", "", ["baseline"]),
        ("between", "5..1", "", ["expected"]),
        ("between", "5", "", ["expected"]),
        ("~", "5", "", ["operator"]),
        ("rc<=", "4", "", []),
        ("abs(delta)<=", "0.00", "12", []),
    ],
)
def test_what_could_never_be_judged_is_told(
    operator: str, expected: str, baseline: str, fields: list[str]
) -> None:
    assert [problem.field for problem in plan_problems(operator, expected, baseline)] == fields


@pytest.mark.parametrize(
    ("operator", "actual"),
    [
        ("rc<=", ""),
        ("rc<=", "S0C7"),
        ("rc<=", "-1"),
        ("=", "  "),
        ("between", "1e9"),
        ("between", "NaN"),
        ("between", "١٢"),
        ("between", "9" * 61),
        ("abs(delta)<=", "12,34"),
    ],
)
def test_a_value_that_cannot_be_compared_is_told(operator: str, actual: str) -> None:
    assert [problem.field for problem in value_problems(operator, actual)] == ["actual_value"]


def test_the_comparison_is_told_in_words() -> None:
    verdict = judge("abs(delta)<=", "0.00", "100", "100.25")
    assert verdict.text == "difference +0.25, tolerance 0.00: not met."
    assert in_words("rc<=", "4") == "rc<=4"
    assert in_words("=", "baseline") == "= baseline"


def test_judging_without_the_numbers_is_a_programming_error() -> None:
    with pytest.raises(ValueError, match="no number"):
        judge("between", "1..2", "", "x")
