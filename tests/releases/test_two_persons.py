"""When one person is not enough for a decision of the night."""

from __future__ import annotations

import pytest

from apps.releases.domain.two_persons import Choice, reasons_for_two


@pytest.mark.parametrize(
    ("choice", "late", "expected"),
    [
        (Choice("RP-1", "go", "medium"), False, []),
        (Choice("RP-1", "go", "high"), False, ["The risk of RP-1 is high."]),
        (Choice("RP-1", "go", "critical"), False, ["The risk of RP-1 is critical."]),
        (Choice("RP-1", "partial", "low"), False, ["RP-1 is delivered in part."]),
        (Choice("RP-1", "go", "low"), True, ["The point of no return has passed."]),
        (Choice("RP-1", "no_go", "critical"), True, []),
    ],
)
def test_who_has_to_confirm(choice: Choice, late: bool, expected: list[str]) -> None:
    assert list(reasons_for_two([choice], no_return_passed=late)) == expected
