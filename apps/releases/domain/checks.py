"""What a validation check expects, and whether a recorded value meets it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

RC_AT_MOST = "rc<="
EQUALS = "="
AT_MOST = "<="
DELTA_AT_MOST = "abs(delta)<="
BETWEEN = "between"

OPERATORS: tuple[tuple[str, str], ...] = (
    (RC_AT_MOST, "return code at most"),
    (EQUALS, "equal to"),
    (AT_MOST, "at most"),
    (DELTA_AT_MOST, "differs from the baseline by at most"),
    (BETWEEN, "between (low..high)"),
)

#: As the expected value of "=": what was measured before.
BASELINE = "baseline"

_RETURN_CODE = re.compile(r"^(?:RC\s*=?\s*)?([0-9]{1,4})$", re.IGNORECASE)
#: Digits with an optional fraction; grouping by comma or blank is read, exponents are not.
_NUMBER = re.compile(r"^[+-]?\d{1,3}(?:[ ,]\d{3})+(?:\.\d+)?$|^[+-]?\d+(?:\.\d+)?$")
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Problem:
    """An input that cannot be judged: which one ("expected", "baseline", "actual") and why."""

    field: str
    text: str
    fix: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """`text` tells the comparison, with the difference where there is one."""

    passed: bool
    text: str


def plan_problems(operator: str, expected: str, baseline: str) -> Iterator[Problem]:
    """Why a check planned like this could never be judged."""
    comparison = _COMPARISONS.get(operator)
    if comparison is None:
        yield Problem("operator", f"There is no comparison {operator!r}.", "Choose one of these.")
    else:
        yield from comparison.plan_problems(expected, baseline)


def value_problems(operator: str, actual: str) -> Iterator[Problem]:
    """Why `actual` is no value that `operator` can compare."""
    if not actual.strip():
        yield Problem("actual_value", "The measured value is missing.", "Enter what you measured.")
    else:
        yield from _COMPARISONS[operator].value_problems(actual)


def judge(operator: str, expected: str, baseline: str, actual: str) -> Verdict:
    """Compare; ValueError when the inputs have problems."""
    return _COMPARISONS[operator].judge(expected, baseline, actual)


def slack(operator: str, expected: str) -> tuple[Decimal, ...]:
    """How much a check lets pass, as numbers none of which is higher in a stricter one: the
    highest return code, the tolerance, the ends of a range. Empty where no two are comparable."""
    try:
        return _COMPARISONS[operator].slack(expected)
    except (KeyError, ValueError):
        return ()


def in_words(operator: str, expected: str) -> str:
    """rc<=4 · = baseline · between 10..20"""
    return f"{operator}{expected}" if operator.endswith("<=") else f"{operator} {expected}"


class _Comparison(Protocol):
    def plan_problems(self, expected: str, baseline: str) -> Iterator[Problem]: ...
    def value_problems(self, actual: str) -> Iterator[Problem]: ...
    def judge(self, expected: str, baseline: str, actual: str) -> Verdict: ...
    def slack(self, expected: str) -> tuple[Decimal, ...]: ...


class _ReturnCode:
    def plan_problems(self, expected: str, baseline: str) -> Iterator[Problem]:
        yield from _unless(_code, expected, "expected", "return code", "Enter 0 to 4095.")

    def value_problems(self, actual: str) -> Iterator[Problem]:
        fix = "Enter 0 to 4095; an abend fails the step."
        yield from _unless(_code, actual, "actual_value", "return code", fix)

    def judge(self, expected: str, baseline: str, actual: str) -> Verdict:
        code, most = _code(actual), _code(expected)
        return _verdict(code <= most, f"RC {code}, at most {most}")

    def slack(self, expected: str) -> tuple[Decimal, ...]:
        return (Decimal(_code(expected)),)


class _Equal:
    def plan_problems(self, expected: str, baseline: str) -> Iterator[Problem]:
        if not expected.strip():
            fix = "Enter the value, or the word baseline."
            yield Problem("expected", "The expected value is missing.", fix)
        elif self._wanted(expected, baseline) == "":
            text = "It compares with a baseline, and none is recorded."
            yield Problem("baseline", text, "Enter the baseline value.")

    def value_problems(self, actual: str) -> Iterator[Problem]:
        yield from ()

    def judge(self, expected: str, baseline: str, actual: str) -> Verdict:
        wanted, found = self._wanted(expected, baseline), actual.strip()
        try:
            same = _number(wanted) == _number(found)
        except ValueError:
            same = wanted == found
        return _verdict(same, f"{found} against {wanted}")

    def slack(self, expected: str) -> tuple[Decimal, ...]:
        return ()

    def _wanted(self, expected: str, baseline: str) -> str:
        return (baseline if expected.strip().lower() == BASELINE else expected).strip()


class _AtMost:
    """A number that may not be higher: that of the plan, or the baseline."""

    def plan_problems(self, expected: str, baseline: str) -> Iterator[Problem]:
        if expected.strip().lower() == BASELINE:
            yield from _unless(_number, baseline, "baseline", "number", _DIGITS)
        else:
            fix = "Enter the highest number that is good, or the word baseline."
            yield from _unless(_number, expected, "expected", "number", fix)

    def value_problems(self, actual: str) -> Iterator[Problem]:
        yield from _unless(_number, actual, "actual_value", "number", _DIGITS)

    def judge(self, expected: str, baseline: str, actual: str) -> Verdict:
        is_baseline = expected.strip().lower() == BASELINE
        most, found = _number(baseline if is_baseline else expected), _number(actual)
        return _verdict(found <= most, f"{found}, at most {most}")

    def slack(self, expected: str) -> tuple[Decimal, ...]:
        return (_number(expected),)


class _Delta:
    def plan_problems(self, expected: str, baseline: str) -> Iterator[Problem]:
        yield from _unless(_tolerance, expected, "expected", "tolerance", "Enter 0 or more.")
        fix = "Enter the number measured before."
        yield from _unless(_number, baseline, "baseline", "number", fix)

    def value_problems(self, actual: str) -> Iterator[Problem]:
        yield from _unless(_number, actual, "actual_value", "number", _DIGITS)

    def judge(self, expected: str, baseline: str, actual: str) -> Verdict:
        delta, tolerance = _number(actual) - _number(baseline), _tolerance(expected)
        return _verdict(abs(delta) <= tolerance, f"difference {delta:+}, tolerance {tolerance}")

    def slack(self, expected: str) -> tuple[Decimal, ...]:
        return (_tolerance(expected),)


class _Between:
    def plan_problems(self, expected: str, baseline: str) -> Iterator[Problem]:
        fix = "Enter low..high, for example 1000..1200."
        yield from _unless(_range, expected, "expected", "range", fix)

    def value_problems(self, actual: str) -> Iterator[Problem]:
        yield from _unless(_number, actual, "actual_value", "number", _DIGITS)

    def judge(self, expected: str, baseline: str, actual: str) -> Verdict:
        value, (low, high) = _number(actual), _range(expected)
        return _verdict(low <= value <= high, f"{value} in {low} to {high}")

    def slack(self, expected: str) -> tuple[Decimal, ...]:
        low, high = _range(expected)
        return (-low, high)


_COMPARISONS: dict[str, _Comparison] = {
    RC_AT_MOST: _ReturnCode(),
    EQUALS: _Equal(),
    AT_MOST: _AtMost(),
    DELTA_AT_MOST: _Delta(),
    BETWEEN: _Between(),
}
_DIGITS = "Enter digits, with a point before decimals."


def _unless(
    parse: Callable[[str], object], text: str, field: str, what: str, fix: str
) -> Iterator[Problem]:
    try:
        parse(text)
    except ValueError:
        yield Problem(field, f"{text!r} is no {what}.", fix)


def _verdict(passed: bool, comparison: str) -> Verdict:
    return Verdict(passed, f"{comparison}: {'met' if passed else 'not met'}.")


def _code(text: str) -> int:
    found = _RETURN_CODE.match(text.strip())
    if not found or int(found.group(1)) > 4095:
        raise ValueError(f"{text!r} is no return code")
    return int(found.group(1))


def _number(text: str) -> Decimal:
    plain = text.strip()
    if len(plain) > _LONGEST or not plain.isascii() or not _NUMBER.match(plain):
        raise ValueError(f"{text!r} is no number")
    return Decimal(plain.replace(",", "").replace(" ", ""))


def _tolerance(text: str) -> Decimal:
    value = _number(text)
    if value < 0:
        raise ValueError(f"{text!r} is no tolerance")
    return value


def _range(text: str) -> tuple[Decimal, Decimal]:
    low_text, _, high_text = text.partition("..")
    low, high = _number(low_text), _number(high_text)
    if low > high:
        raise ValueError(f"{text!r} is no range")
    return low, high
