"""What a gate is and what it says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, Protocol

from apps.gates.domain.facts import PackageFacts

Level = Literal["hard", "soft"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that keeps a gate from being met, what mends it, and who can. A remark stops
    nothing, whatever the level of its gate.

    Where a gate tells what a rule found: the code of the rule, and `key`, which stays the same for
    as long as the rule finds it.
    """

    text: str
    fix: str
    who: str
    is_remark: bool = False
    rule: str = ""
    key: str = ""

    def as_dict(self) -> dict[str, str]:
        told = {"text": self.text, "fix": self.fix, "who": self.who}
        return told | ({"rule": self.rule, "key": self.key} if self.key else {})


@dataclass(frozen=True, slots=True)
class Verdict:
    """`met` is None where the gate does not apply; findings only where it is False."""

    met: bool | None
    findings: tuple[Finding, ...] = ()


NOT_APPLICABLE = Verdict(None)


def verdict(findings: Iterable[Finding]) -> Verdict:
    found = tuple(findings)
    return Verdict(not found, found)


class Gate(Protocol):
    """One rule of readiness. `due` is how long before the opening it should be met;
    `owner_role` who sees to it, `waivable_by` the roles that all sign a waiver of it; nobody
    waives a gate that names none."""

    code: str
    title: str
    help: str
    also_at_start: bool
    due: timedelta
    owner_role: str
    waivable_by: tuple[str, ...]

    def level(self, facts: PackageFacts) -> Level: ...

    def evaluate(self, facts: PackageFacts) -> Verdict: ...
