"""When one person is not enough for a decision of the night."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

GO, NO_GO, PARTIAL = "go", "no_go", "partial"
HIGH = frozenset({"high", "critical"})


@dataclass(frozen=True, slots=True)
class Choice:
    """What is decided on one package, whose risk is known by its band."""

    package: str
    decision: str
    risk_band: str = ""


def reasons_for_two(choices: Iterable[Choice], *, no_return_passed: bool) -> Iterator[str]:
    """Why a second person confirms; nothing where one is enough.

    To stop is never made wait for anybody: a no-go is one person's decision.
    """
    going = [choice for choice in choices if choice.decision != NO_GO]
    for choice in going:
        if choice.decision == PARTIAL:
            yield f"{choice.package} is delivered in part."
        if choice.risk_band in HIGH:
            yield f"The risk of {choice.package} is {choice.risk_band}."
    if going and no_return_passed:
        yield "The point of no return has passed."
