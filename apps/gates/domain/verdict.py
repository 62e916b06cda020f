"""What a gate is and what it says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, Literal

from apps.gates.domain.facts import PackageFacts

Level = Literal["hard", "soft"]
#: The moves that ask gates: to confirm a package ready, to start it, to close it.
Moment = Literal["ready", "start", "close"]
#: States of a gate that is not met and says more than that: nobody has answered yet, an answer
#: waits for a second person, an answer is about something that has changed since.
OPEN, SUBMITTED, EXPIRED = "open", "submitted", "expired"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that keeps a gate from being met, what mends it, and who can.

    `level` is its own where the findings of a gate differ; a soft one holds nothing back.
    `never` is why nobody may let it pass, whoever may waive the gate. Where a gate tells what a
    rule found: the code of the rule, and `key`, which stays the same for as long as the rule finds
    it. `cause`, where not empty, is the same for what several gates find of one thing.
    """

    text: str
    fix: str
    who: str
    level: Level | None = None
    never: str = ""
    rule: str = ""
    key: str = ""
    cause: str = ""

    @property
    def is_waivable(self) -> bool:
        return not self.never

    def as_dict(self) -> dict[str, str | bool]:
        told: dict[str, str | bool] = {"text": self.text, "fix": self.fix, "who": self.who}
        if self.level is not None:
            told["level"] = self.level
        if not self.is_waivable:
            told["is_waivable"] = False
        return told | ({"rule": self.rule, "key": self.key} if self.key else {})


@dataclass(frozen=True, slots=True)
class Verdict:
    """`met` is None where the gate does not apply, or cannot tell yet (then `state` is "open" and
    the findings tell why). `state` says more than `met` does, where it is not empty."""

    met: bool | None
    findings: tuple[Finding, ...] = ()
    state: str = ""


NOT_APPLICABLE = Verdict(None)


def verdict(findings: Iterable[Finding]) -> Verdict:
    found = tuple(findings)
    return Verdict(not found, found)


class Gate:
    """One rule of readiness: a class without state over facts.

    It is asked before a package is confirmed ready, with `also_at_start` again when it starts;
    with `only_at` at that move alone. `due` is how long before the opening it should be met.
    `owner_role` sees to it: "package_owner", or a role, of one of `owner_families` where there are
    any. `waivable_by` are the roles that all sign a waiver of it, each of one scope where it names
    that ("technical_lead@family:security"); none: nobody may. A gate that `is_manual` is met by
    what a person attests, who is believed as long as the parts of the content that it `proves` stay
    as they were.
    """

    code: ClassVar[str]
    title: ClassVar[str]
    help_text: ClassVar[str]
    evidence_kind: ClassVar[str]
    owner_role: ClassVar[str]
    due: ClassVar[timedelta]
    also_at_start: ClassVar[bool] = False
    only_at: ClassVar[Moment | None] = None
    owner_families: ClassVar[tuple[str, ...]] = ()
    waivable_by: ClassVar[tuple[str, ...]] = ()
    is_manual: ClassVar[bool] = False
    proves: ClassVar[tuple[str, ...]] = ()

    def level(self, facts: PackageFacts) -> Level:
        return "hard"

    def evaluate(self, facts: PackageFacts) -> Verdict:
        raise NotImplementedError

    def is_asked_at(self, moment: Moment) -> bool:
        if self.only_at is not None:
            return moment == self.only_at
        return moment == "ready" or (moment == "start" and self.also_at_start)

    @property
    def owner_scopes(self) -> tuple[str, ...]:
        """The scopes in which the owner role counts; none: any."""
        return tuple(f"family:{family}" for family in self.owner_families)


def roles_in_words(roles: Iterable[str]) -> str:
    """Such as "release manager and technical lead of security"; "nobody" without any."""
    return " and ".join(_role_in_words(role) for role in roles) or "nobody"


def _role_in_words(role: str) -> str:
    name, _, scope = role.partition("@")
    words = name.replace("_", " ")
    return f"{words} of {scope.partition(':')[2]}" if scope else words
