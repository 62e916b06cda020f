"""What has to be there before a step completes: the evidence that its type asks for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

RC, COUNT, LOG, EYES = "rc", "count", "log", "eyes"
#: Kind of evidence → its word, in the order in which people are told.
REQUIREMENTS: Mapping[str, str] = {
    RC: "return code",
    COUNT: "count",
    LOG: "log or exhibit",
    EYES: "second person's look",
}


@dataclass(frozen=True, slots=True)
class Given:
    """What is there. `result` is the text that the step ends with: a job id, counts, messages;
    `has_exhibit` says whether a document is attached to the step."""

    rc: int | None = None
    result: str = ""
    has_exhibit: bool = False
    is_verified: bool = False

    def meets(self, kind: str) -> bool:
        """A count is a number in the result; a log is named there, or attached."""
        if kind == RC:
            return self.rc is not None
        if kind == COUNT:
            return any(letter.isdigit() for letter in self.result)
        if kind == LOG:
            return self.has_exhibit or bool(self.result.strip())
        return self.is_verified


def required(requires: Collection[str], *, has_limit: bool, four_eyes: bool) -> tuple[str, ...]:
    """What a step needs: what its type asks for, a return code where the plan limits it, and a
    second person where the plan wants one."""
    wanted = {*requires, *([RC] if has_limit else []), *([EYES] if four_eyes else [])}
    return tuple(kind for kind in REQUIREMENTS if kind in wanted)


def missing(wanted: Collection[str], given: Given) -> tuple[str, ...]:
    """The kinds of `wanted` that are not there."""
    return tuple(kind for kind in wanted if not given.meets(kind))


def in_words(kinds: Collection[str]) -> str:
    """Such as "return code, count"; empty without any."""
    return ", ".join(REQUIREMENTS[kind] for kind in kinds)
