"""What the control tests read: everything of one row of a population, gathered beforehand.

A `Fact` is something that an exception points at: the subject of a record in the ledger, which
the pages turn into a link.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Who:
    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature in favour that counted when the work began. `people` are who signed and for
    whom."""

    slot: str
    people: tuple[Who, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Slot:
    """One question to an approver as it stood when the work began, and what became of it since.

    `digest` is the fingerprint of the content that it was answered on.
    """

    code: str
    label: str
    subject: str
    state: str
    digest: str
    was_denied: bool = False


@dataclass(frozen=True, slots=True)
class Content:
    """The fingerprint of a content that the change had, and the slots whose signatures were found
    to stand for it too when it came about."""

    digest: str
    kept: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TestFact:
    subject: str
    title: str
    verdict: str
    at: datetime
    by: UUID
    tested_by: UUID | None = None
    laboratory: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """A step that began. `recorded_…` is when people said so; empty times are unknown."""

    subject: str
    label: str
    done_by: Who | None
    started_at: datetime | None
    ended_at: datetime | None = None
    recorded_start_at: datetime | None = None
    recorded_end_at: datetime | None = None
    let_start_by: str = ""
    verified_by: Who | None = None


@dataclass(frozen=True, slots=True)
class Check:
    subject: str
    code: str
    state: str
    mandatory: bool
    run_at: datetime | None = None
    done_by: Who | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """From one moment until another, such as what a deviation lets pass."""

    starts_at: datetime
    ends_at: datetime

    def holds(self, at: datetime) -> bool:
        return self.starts_at <= at <= self.ends_at


@dataclass(frozen=True, slots=True)
class Waiver:
    subject: str
    what: str
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Call:
    """An approval by phone: when it was given, and when it was written down."""

    person: str
    verbal_at: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Package:
    """The package that carried the change when it began."""

    subject: str
    code: str
    window: Span | None = None
    deviations: tuple[Span, ...] = ()
    steps: tuple[Step, ...] = ()
    checks: tuple[Check, ...] = ()
    waivers: tuple[Waiver, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One row of a population and what happened to it.

    `contents` are those that it had until the work began, the last being what ran; `granted` is the
    fingerprint that was approved last before, carried on through what concerns no signature.
    `template` is the standard change that it rests on. What went past governance has nothing but
    its name.
    """

    kind: str
    key: str
    subject: str
    code: str
    change_type: str = ""
    began_at: datetime | None = None
    approved_at: datetime | None = None
    granted: str = ""
    contents: tuple[Content, ...] = ()
    template: str = ""
    slots: tuple[Slot, ...] = ()
    signatures: tuple[Signature, ...] = ()
    requester: Who | None = None
    author: Who | None = None
    tests: tuple[TestFact, ...] = ()
    needs_tests: bool = True
    package: Package | None = None
    calls: tuple[Call, ...] = ()
    ratification_due_at: datetime | None = None
    ratified_at: datetime | None = None
    outcome: str = ""
    closed_at: datetime | None = None
    explained_by: str = ""


def stands_for_what_ran(slot: Slot, contents: tuple[Content, ...]) -> bool:
    """Whether the signature was given on the content that ran, or on one from which every later
    one differs only in what does not concern this slot."""
    given = [place for place, content in enumerate(contents) if content.digest == slot.digest]
    return bool(given) and all(slot.code in later.kept for later in contents[given[-1] + 1 :])


@dataclass(frozen=True, slots=True)
class Gap:
    """Numbers from `first` to `last` that no change has. `refusals` are entries of creations that
    were refused in between, each of which used a number up."""

    first: int
    last: int
    refusals: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything at one moment, `now`. `numbers` counts the numbers between the lowest and the
    highest code of the population."""

    now: datetime
    cases: tuple[Case, ...] = ()
    numbers: int = 0
    gaps: tuple[Gap, ...] = ()
