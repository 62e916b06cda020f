"""A release as it stood at a moment, and what differs between two moments.

A release is a flat list of items, each in one part: the package itself, its changes, its steps…
An item keeps its key from one moment to the next, so that two lists can be compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Kind = Literal["text", "state", "moment", "number", "flag", "seal", "words", "person", "team",
               "window", "package"]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """One fact of an item. `kind` says how its value is read; `main` ones stand on every line."""

    name: str
    label: str
    kind: Kind = "text"
    main: bool = True


@dataclass(frozen=True, slots=True)
class Part:
    """A kind of item. `source` tells people where the past of it is read from."""

    code: str
    title: str
    fields: tuple[Field, ...]
    source: str

    def field(self, name: str) -> Field:
        return next(each for each in self.fields if each.name == name)


#: Where most records are read from.
HISTORY = "The history row of the record, which its evidence entry proves."

PARTS: tuple[Part, ...] = (
    Part("package", "Package", (
        Field("state", "State", "state"),
        Field("name", "Name"),
        Field("kind", "Kind", main=False),
        Field("window", "Window", "window"),
        Field("owner", "Owner", "person"),
        Field("coordinator", "Coordinator", "person", main=False),
        Field("points", "Points", main=False),
        Field("scm_package", "SCM package", main=False),
        Field("incident_ref", "Incident", main=False),
        Field("retry_of", "Another try of", "package", main=False),
        Field("delay_count", "Moves to another night", "number", main=False),
        Field("delay_reason", "Reason of the delay", main=False),
        Field("delay_text", "What was said of it", main=False),
        Field("go_decision", "Decision", "state"),
        Field("go_reason", "Reason of the decision", main=False),
        Field("failure_code", "Cause of the failure", main=False),
        Field("failure_text", "What happened", main=False),
        Field("outcome", "Outcome", "state", main=False),
        Field("started_at", "Started", "moment", main=False),
        Field("ended_at", "Ended", "moment", main=False),
        Field("content_digest", "Confirmed content", "seal", main=False),
    ), HISTORY),
    Part("members", "Changes", (
        Field("state", "State", "state"),
        Field("risk_band", "Risk"),
        Field("fingerprint", "Content seal", "seal"),
        Field("version", "Version", "number"),
        Field("outcome", "Outcome in the package", "state"),
        Field("is_open", "Carried by it", "flag", main=False),
        Field("title", "Title", main=False),
        Field("change_type", "Type", main=False),
        Field("owner", "Owner", "person", main=False),
        Field("reason", "Reason", main=False),
        Field("impact", "Impact on the service", main=False),
        Field("impact_words", "Impact on the service in words", main=False),
        Field("security_impact", "Impact on security", main=False),
        Field("security_words", "Impact on security in words", main=False),
        Field("data_impact", "Impact on data", main=False),
        Field("data_words", "Impact on data in words", main=False),
        Field("continuity", "Operating documents", main=False),
        Field("continuity_words", "Operating documents in words", main=False),
        Field("downtime_minutes", "Downtime (minutes)", "number", main=False),
        Field("irreversible", "Irreversible parts", "flag", main=False),
        Field("declared_risk", "Declared risk", main=False),
        Field("implementation_summary", "Implementation", main=False),
        Field("backout_summary", "Backout", main=False),
        Field("validation_summary", "Validation", main=False),
        Field("incident_ref", "Incident", main=False),
        Field("earliest_on", "Earliest day", main=False),
        Field("execution", "What execution handed in", "words", main=False),
        Field("approved_at", "Approved", "moment", main=False),
        Field("valid_until", "Approval holds until", "moment", main=False),
        Field("on_hold", "On hold", "flag", main=False),
    ), "The list of changes in the version of the package that held then, and the history row of "
       "each change."),
    Part("scope", "Scope", (
        Field("action", "Action"),
        Field("from_version", "Built on"),
        Field("to_version", "Version"),
        Field("scm_ref", "Reference", main=False),
    ), "The lines of the scope in the version of each change that held then."),
    Part("approvals", "Approvals", (
        Field("state", "State", "state"),
        Field("signed", "Signed", "words"),
        Field("content_digest", "Content asked about", "seal"),
        Field("quorum", "Signatures needed", "number", main=False),
        Field("closed_reason", "Why it ended", main=False),
    ), "The history row of each question, with the signatures given by then."),
    Part("conditions", "Conditions", (
        Field("state", "State", "state"),
        Field("owner", "Who meets it", "person"),
        Field("due_at", "Due", "moment"),
        Field("proof", "Proof", main=False),
    ), HISTORY),
    Part("readiness", "Readiness", (
        Field("state", "State", "state"),
        Field("level", "Level"),
        Field("detail", "What it said"),
    ), "What each gate said when it was last asked before the moment, as it was kept then. No gate "
       "was asked anew, so that later rules play no part."),
    Part("waivers", "Waivers", (
        Field("state", "State", "state"),
        Field("valid_until", "Valid until", "moment"),
        Field("requested_by", "Asked for by", "person"),
        Field("decided_by", "Decided by", "person"),
        Field("reason", "Reason", main=False),
        Field("compensating_control", "What is done instead", main=False),
    ), HISTORY),
    Part("steps", "Steps", (
        Field("state", "State", "state"),
        Field("planned_start_at", "Planned start", "moment"),
        Field("planned_end_at", "Planned end", "moment"),
        Field("owner", "Owner", "person"),
        Field("team", "Team", "team", main=False),
        Field("deputy", "Deputy", "person", main=False),
        Field("after", "Waits for", "words", main=False),
        Field("duration_minutes", "Minutes", "number", main=False),
        Field("type", "Type", main=False),
        Field("title", "Title", main=False),
        Field("instruction", "Instruction", main=False),
        Field("mandatory", "Mandatory", "flag", main=False),
        Field("irreversible", "Irreversible", "flag", main=False),
        Field("is_backout", "Part of the way back", "flag", main=False),
        Field("started_at", "Started", "moment", main=False),
        Field("ended_at", "Ended", "moment", main=False),
        Field("done_by", "Done by", "person", main=False),
        Field("verified_by", "Verified by", "person", main=False),
        Field("rc", "Return code", "number", main=False),
        Field("result_text", "Result", main=False),
        Field("attempts", "Attempts", "number", main=False),
    ), "The history row of each step. A time that was reported later counts from when it was "
       "reported."),
    Part("schedule", "Schedule", (
        Field("state", "State", "state"),
        Field("code", "Window"),
        Field("opens_at", "Opens", "moment"),
        Field("closes_at", "Closes", "moment"),
        Field("at", "Due", "moment"),
        Field("expected_at", "Expected", "moment"),
        Field("cause", "Cause", main=False),
        Field("scope_lock_at", "Scope locks", "moment", main=False),
        Field("readiness_deadline_at", "Readiness deadline", "moment", main=False),
        Field("release_manager", "Release manager", "person", main=False),
        Field("coordinator", "Coordinator", "person", main=False),
        Field("started_at", "Started", "moment", main=False),
        Field("handed_back_at", "Handed back", "moment", main=False),
    ), "The history row of the window, and its cut-offs in the version that held then."),
    Part("checks", "Checks", (
        Field("state", "State", "state"),
        Field("expected", "Expected"),
        Field("actual_value", "Measured"),
        Field("run_at", "Measured at", "moment", main=False),
        Field("done_by", "Measured by", "person", main=False),
        Field("owner", "Owner", "person", main=False),
        Field("mandatory", "Mandatory", "flag", main=False),
        Field("accepted_by", "Deviation accepted by", "person", main=False),
        Field("accepted_reason", "Why it was accepted", main=False),
    ), HISTORY),
    Part("findings", "Findings and conflicts", (
        Field("state", "State", "state"),
        Field("severity", "Weight"),
        Field("owner", "Owner", "person"),
        Field("remark", "Remark", main=False),
    ), "The history row of each finding that concerns the package. What a finding tells is kept "
       "as it was when its state last changed."),
    Part("backout", "Backout plan", (
        Field("state", "State", "state"),
        Field("strategy", "Strategy"),
        Field("decision_owner", "Who decides", "person"),
        Field("trigger_criteria", "Trigger", main=False),
        Field("verification", "Verification", main=False),
        Field("restore_points", "Restore points", main=False),
        Field("data_written", "Data written after go-live", main=False),
        Field("rehearsed_at", "Rehearsed", "moment", main=False),
        Field("approved_by", "Approved by", "person", main=False),
        Field("content_digest", "Approved content", "seal", main=False),
    ), HISTORY),
    Part("decisions", "Go/no-go", (
        Field("state", "Decision", "state"),
        Field("decided_at", "Decided", "moment"),
        Field("decided_by", "By", "person"),
        Field("confirmed_by", "Confirmed by", "person"),
        Field("reason", "Reason", main=False),
    ), "The decisions taken by then; they are never edited."),
)  # fmt: skip
PART = {part.code: part for part in PARTS}


@dataclass(frozen=True, slots=True)
class Item:
    """One thing of a release. `key` is the same at every moment, `place` the code of the package
    or window that it belongs to, `values` by the name of a field of its part."""

    part: str
    key: str
    name: str
    place: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Picture:
    """A release at `at`: every item that was there."""

    at: datetime
    items: tuple[Item, ...]

    def of(self, part: str) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.part == part)


@dataclass(frozen=True, slots=True)
class Change:
    """One fact that is another now; an empty value is None, "" or ()."""

    field: Field
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Changed:
    """An item that was there at both moments, with what is another of it."""

    item: Item
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class PartDifference:
    """What came, went or became another in one part."""

    part: Part
    added: tuple[Item, ...]
    removed: tuple[Item, ...]
    changed: tuple[Changed, ...]

    @property
    def count(self) -> int:
        return len(self.added) + len(self.removed) + len(self.changed)


def difference(before: Iterable[Item], after: Iterable[Item]) -> tuple[PartDifference, ...]:
    """What differs between two lists of items, by part in the order of `PARTS`; parts in which
    nothing differs are left out."""
    old = {(item.part, item.key): item for item in before}
    new = {(item.part, item.key): item for item in after}
    found = (_of_part(part, old, new) for part in PARTS)
    return tuple(each for each in found if each.count)


_Items = Mapping[tuple[str, str], Item]


def _of_part(part: Part, old: _Items, new: _Items) -> PartDifference:
    both = [
        Changed(item, changes)
        for key, item in new.items()
        if item.part == part.code
        and key in old
        and (changes := _changes(part, old[key].values, item.values))
    ]
    return PartDifference(part, _only(part, new, old), _only(part, old, new), tuple(both))


def _only(part: Part, these: _Items, others: _Items) -> tuple[Item, ...]:
    return tuple(i for key, i in these.items() if i.part == part.code and key not in others)


def _changes(part: Part, old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Change, ...]:
    told = ((field, old.get(field.name), new.get(field.name)) for field in part.fields)
    return tuple(
        Change(field, before, after) for field, before, after in told if not _same(before, after)
    )


def _same(before: Any, after: Any) -> bool:
    """Nothing is nothing, however it is written."""
    empty: Sequence[Any] = (None, "", ())
    return before == after or (before in empty and after in empty)


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment that people call by a name, such as "The board approved"."""

    code: str
    label: str
    at: datetime


def usual(moments: Sequence[Moment]) -> Moment:
    """From which of them people ask what changed since, where they named none: the agreement that
    counts most. `moments` are never empty."""
    by_code = {moment.code: moment for moment in moments}
    wanted = ("confirmed", "locked", "board", "agreed", "created")
    return next((by_code[code] for code in wanted if code in by_code), moments[0])
