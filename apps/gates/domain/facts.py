"""Everything that gates look at, as plain values: built by whoever knows packages.

Steps, checks and changes refer to each other by code. Empty `serves` means every change.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from apps.changes.domain.facts import ChangeFacts, Person
from apps.core.words import in_words
from apps.windows.domain.capacity import Use

#: Assets that a sentence names.
SHOWN = 3


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
    """`is_current`: plan and steps are as they were when it was reviewed."""

    state: str
    strategy: str
    trigger_criteria: str = ""
    decision_owner: Person | None = None
    restore_points: str = ""
    rehearsed: bool = False
    is_current: bool = True


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
    `is_assumed`: nobody is named, so that it is taken to be who attached it. `kind` is for people,
    `code` for rules; `versions` are those that it names as tested, `at` when it was made."""

    change: str
    kind: str
    tester: Person | None
    is_assumed: bool = False
    code: str = ""
    passed: bool = True
    versions: frozenset[str] = frozenset()
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class WindowFacts:
    """The window as it is booked; `use` includes the package itself once it is planned."""

    code: str
    opens_at: datetime
    closes_at: datetime
    use: tuple[Use, ...] = ()
    in_progress: bool = False


@dataclass(frozen=True, slots=True)
class ClosedFacts:
    """A hard rule of the calendar, `rule`, that does not let the package into its window."""

    code: str
    text: str
    fix: str
    who: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class ScopeFacts:
    """A line of the scope. `is_shared`: a copybook that several programs copy; `jobs` are the
    scheduled jobs that it is or that execute it, `critical_jobs` those of them without which a
    service is late. `built_at`: when the new version was first seen in an environment."""

    change: str
    asset: str
    type: str
    family: str
    action: str = "change"
    from_version: str = ""
    to_version: str = ""
    is_shared: bool = False
    jobs: tuple[str, ...] = ()
    critical_jobs: tuple[str, ...] = ()
    built_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FindingFacts:
    """What a rule of completeness or conflict found about the package and nobody has settled.
    `gives_way`: of the packages in conflict, this is the one that has to change. `key` stays the
    same for as long as it is found; `never` is why its rule lets nobody waive it; `cause` as that
    of what a gate finds."""

    rule: str
    kind: str
    severity: str
    text: str
    who: str
    acknowledged: bool = False
    gives_way: bool = True
    key: str = ""
    never: str = ""
    cause: str = ""


@dataclass(frozen=True, slots=True)
class ScmFacts:
    """The package of the source code manager as its tool told it last."""

    tool: str
    name: str
    status: str
    seen_at: datetime
    window_from: datetime | None = None
    window_to: datetime | None = None
    backout_enabled: bool | None = None


@dataclass(frozen=True, slots=True)
class FitFacts:
    """The plan of the window. `short` is by how many minutes what the risk asks for is missed, by
    the code and text of the fit; `utilisation` the share of the window that the plan may need;
    `obstacles` why there is no plan, as (text, fix)."""

    fits: tuple[tuple[str, str, int], ...] = ()
    go_ready: int = 0
    no_return: int = 0
    utilisation: float = 0.0
    obstacles: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class AttestationFacts:
    """What a person says of a manual gate. `content` is the digest of each part of the package's
    content at that moment; `verified_by` who else looked."""

    id: UUID
    holds: bool
    text: str
    by: Person
    at: datetime
    verified_by: Person | None = None
    refused_by: Person | None = None
    refused_because: str = ""
    content: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class LessonFacts:
    """Something that was learnt about what the package changes, and whether it is seen to."""

    text: str
    done: bool
    who: str = "package owner"


@dataclass(frozen=True, slots=True)
class BatchFacts:
    """The steps that hold the batch in the night of the package, as (label, title, is done).

    `told` is the business date that was told of each, by label; `expected` the one that each cycle
    of the site has after the opening, as (cycle, date): empty where no rule tells."""

    holds: tuple[tuple[str, str, bool], ...] = ()
    told: Mapping[str, date] = field(default_factory=dict, hash=False)
    expected: tuple[tuple[str, date], ...] = ()


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
    closed: tuple[ClosedFacts, ...] = ()
    scope: tuple[ScopeFacts, ...] = ()
    findings: tuple[FindingFacts, ...] = ()
    scm_package: str = ""
    scm: tuple[ScmFacts, ...] = ()
    #: None while nobody has reckoned the plan of the window.
    fit: FitFacts | None = None
    #: By gate, the last one that stands.
    attestations: Mapping[str, AttestationFacts] = field(default_factory=dict, hash=False)
    #: The digest of each part of the content: "scope", "window", "steps", "backout".
    content: Mapping[str, str] = field(default_factory=dict, hash=False)
    #: Changes that say that they touch security, or card or personal data.
    security_changes: frozenset[str] = frozenset()
    #: Changes that say, and are approved so, that a part of them cannot be undone.
    one_way_changes: frozenset[str] = frozenset()
    lessons: tuple[LessonFacts, ...] = ()
    batch: BatchFacts = BatchFacts()
    #: Records whose chain of evidence has a gap; read for the close alone.
    gaps: tuple[str, ...] = ()

    @property
    def is_emergency(self) -> bool:
        return self.kind == "emergency"

    @property
    def families(self) -> frozenset[str]:
        return frozenset(line.family for line in self.scope)

    def named(self, lines: Iterable[ScopeFacts]) -> str:
        """The assets of these lines for a sentence, the first few by name."""
        return in_words(sorted({line.asset for line in lines}), SHOWN)

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
