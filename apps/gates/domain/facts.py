"""Everything that gates look at, as plain values: built by whoever knows packages.

Steps, checks and changes refer to each other by code. Empty `serves` means every change.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from apps.changes.domain.facts import ChangeFacts, Person
from apps.windows.domain.capacity import Use


@dataclass(frozen=True, slots=True)
class ActivityFacts:
    """One step. `implementers` are its owner, its deputy and who did it, none of them for a step
    that only decides; `reverses` is the code of the step that a backout step takes back.

    `on_shift`: whether its owner or its deputy is on shift all the time that it is planned; None
    where its team keeps no roster. `is_over`: nobody does anything about it any more."""

    code: str
    title: str
    type: str
    team: str = ""
    owner: Person | None = None
    deputy: Person | None = None
    duration_minutes: int = 0
    predecessors: tuple[str, ...] = ()
    is_backout: bool = False
    reverses: str = ""
    alters: bool = False
    irreversible: bool = False
    decides: bool = False
    mandatory: bool = True
    four_eyes: bool = False
    state: str = "planned"
    implementers: tuple[Person, ...] = ()
    serves: frozenset[str] = frozenset()
    on_shift: bool | None = None
    acknowledged_at: datetime | None = None
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """That hard rules let one step wait for another, by their codes; `rules` are told each with
    its code and what it says. Of these the plan knows nothing."""

    before: str
    after: str
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BackoutFacts:
    state: str
    strategy: str
    trigger_criteria: str = ""
    decision_owner: Person | None = None
    restore_points: str = ""
    rehearsed: bool = False


@dataclass(frozen=True, slots=True)
class CheckFacts:
    code: str
    title: str
    kind: str
    phase: str
    mandatory: bool = True
    expected_filled: bool = True
    serves: frozenset[str] = frozenset()
    owner: Person | None = None


@dataclass(frozen=True, slots=True)
class ExhibitFacts:
    """One test of a change, by its code. `tester` is None for a laboratory outside the house;
    `is_assumed`: nobody is named, so that it is taken to be who attached it."""

    change: str
    kind: str
    tester: Person | None
    is_assumed: bool = False


@dataclass(frozen=True, slots=True)
class WindowFacts:
    """The window as it is booked; `use` includes the package itself once it is planned."""

    code: str
    opens_at: datetime
    closes_at: datetime
    use: tuple[Use, ...] = ()


@dataclass(frozen=True, slots=True)
class PackageFacts:
    """`is_starting`: asked as the package starts, not when it is confirmed ready or in between."""

    code: str
    state: str
    kind: str
    risk_band: str
    now: datetime
    owner: Person | None = None
    coordinator: Person | None = None
    changes: tuple[ChangeFacts, ...] = ()
    activities: tuple[ActivityFacts, ...] = ()
    backout: BackoutFacts | None = None
    checks: tuple[CheckFacts, ...] = ()
    window: WindowFacts | None = None
    tests: tuple[ExhibitFacts, ...] = ()
    is_starting: bool = False
    unordered: tuple[OrderFacts, ...] = ()

    @property
    def forward(self) -> tuple[ActivityFacts, ...]:
        return tuple(step for step in self.activities if not step.is_backout)

    @property
    def altering(self) -> tuple[ActivityFacts, ...]:
        """The steps that change production when all goes well."""
        return tuple(step for step in self.forward if step.alters)

    @property
    def is_risky(self) -> bool:
        return self.risk_band in ("high", "critical")
