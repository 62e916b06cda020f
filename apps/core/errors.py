"""Refusals: every reason, its remedy and who can apply it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

BlockerKind = Literal["input", "not_found", "stale", "permission", "state", "condition"]


@dataclass(frozen=True, slots=True)
class Blocker:
    """One reason why something may not happen, with the way out.

    `code` is stable for machines; `text` says what is wrong, `fix` what clears it, `who` who can.
    `field` names the input at fault, if one is.
    """

    code: str
    text: str
    fix: str = ""
    who: str = ""
    kind: BlockerKind = "condition"
    field: str = ""
    details: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Blocker:
        """The reason that `as_dict` told."""
        return cls(**data)

    def as_dict(self) -> dict[str, Any]:
        data: dict[str, Any] = {
            "code": self.code,
            "text": self.text,
            "fix": self.fix,
            "who": self.who,
            "kind": self.kind,
        }
        if self.field:
            data["field"] = self.field
        if self.details:
            data["details"] = dict(self.details)
        return data


#: The first kind present decides the HTTP status: what the caller must mend first.
STATUS_OF_KIND: dict[BlockerKind, int] = {
    "not_found": 404,
    "input": 400,
    "stale": 412,
    "permission": 403,
    "state": 409,
    "condition": 409,
}


class Refused(Exception):
    """Nothing was done. `blockers` holds every reason, never only the first."""

    def __init__(self, blockers: Iterable[Blocker] | Blocker) -> None:
        self.blockers: tuple[Blocker, ...] = (
            (blockers,) if isinstance(blockers, Blocker) else tuple(blockers)
        )
        if not self.blockers:
            raise ValueError("A refusal needs at least one reason.")
        super().__init__("; ".join(blocker.text for blocker in self.blockers))

    @property
    def kind(self) -> BlockerKind:
        kinds = {blocker.kind for blocker in self.blockers}
        return next(kind for kind in STATUS_OF_KIND if kind in kinds)

    @property
    def status(self) -> int:
        return STATUS_OF_KIND[self.kind]


def refuse_if_any(blockers: Iterable[Blocker]) -> None:
    """Raise `Refused` with every blocker, each once, or return when there is none."""
    found = {(b.code, b.field, b.text): b for b in blockers}.values()
    if found:
        raise Refused(found)


def not_found(what: str) -> Refused:
    return Refused(
        Blocker(
            "not_found",
            f"There is no such {what}, or you may not see it.",
            "Check the identifier.",
            "you",
            kind="not_found",
        )
    )


def bad_input(field_name: str, text: str, fix: str = "", code: str = "invalid") -> Blocker:
    return Blocker(code, text, fix or "Correct this field.", "you", kind="input", field=field_name)
