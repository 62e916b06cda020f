"""Soft gates that are not met: whoever confirms a package ready acknowledges each, with a reason.

As with a waiver, what is acknowledged is what the gate found then: one that finds something of
another kind later is not acknowledged any more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Self

from apps.core.errors import Blocker, bad_input
from apps.gates.domain.evaluation import GateResult
from apps.gates.domain.waiver import kind_of, kind_of_text


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """One gate that somebody lets stand as it is. `covers` are the kinds of what it found, `text`
    all of it as it was told, `by` a name and `at` an ISO time in UTC."""

    gate: str
    title: str
    covers: tuple[str, ...]
    text: str
    reason: str
    by: str
    at: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"covers": [*self.covers]}

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Self:
        return cls(**{**told, "covers": tuple(told["covers"])})

    @property
    def told(self) -> str:
        return f"{self.gate} is not met, acknowledged by {self.by}: {self.reason}"


def to_acknowledge(results: Iterable[GateResult]) -> tuple[GateResult, ...]:
    """Soft gates that are not met and that no waiver lets pass."""
    return tuple(
        result
        for result in results
        if result.level == "soft" and result.met is False and not result.is_waived
    )


def acknowledgement_blockers(
    results: Iterable[GateResult], named: Collection[str], reason: str
) -> Iterator[Blocker]:
    """Whether every soft gate that is not met is among the codes `named`, with a reason."""
    asked = to_acknowledge(results)
    for result in asked:
        if result.code not in named:
            found = result.findings[0].text if result.findings else "It is not met."
            yield bad_input(
                "soft_gates",
                f"{result.code} {result.title} is not met: {found}",
                "Have it met, or acknowledge it with a reason.",
                "soft_gate",
            )
    if not reason.strip() and any(result.code in named for result in asked):
        yield bad_input(
            "comment",
            "A soft gate is acknowledged without a reason.",
            "Say why the package may go although it is not met.",
            "required",
        )


def acknowledged(
    results: Iterable[GateResult], reason: str, by: str, at: datetime
) -> tuple[Acknowledged, ...]:
    """What `by` takes on by confirming the package now."""
    return tuple(
        Acknowledged(
            gate=result.code,
            title=result.title,
            covers=tuple(sorted({kind_of(finding) for finding in result.findings})),
            text=result.detail,
            reason=reason,
            by=by,
            at=at.isoformat(),
        )
        for result in to_acknowledge(results)
    )


def standing(
    kept: Iterable[Mapping[str, Any]], gate: str, level: str, found: Iterable[str]
) -> Acknowledged | None:
    """The acknowledgement that holds for what a gate of this level found, by its texts; None where
    nobody gave one or it finds something else by now."""
    if level != "soft":
        return None
    kinds = {kind_of_text(text) for text in found}
    for told in kept:
        one = Acknowledged.from_dict(told)
        if one.gate == gate and kinds <= set(one.covers):
            return one
    return None
