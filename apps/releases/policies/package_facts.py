"""What the rules of a package look at, read once per record in a constant number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

from django.db.models import Q, QuerySet

from apps.changes.domain.facts import ChangeFacts
from apps.changes.models import ChangeRequest
from apps.changes.selectors import facts_of, works_of
from apps.gates.selectors import has_late_scope
from apps.releases.domain import lifecycle as life
from apps.releases.domain.sequence import behind
from apps.releases.models import (
    Activity,
    ActivityChange,
    ActivityDependency,
    BackoutPlan,
    PackageChange,
    PackageDependency,
    ReleasePackage,
    ValidationCheck,
)
from apps.windows.domain import lifecycle as window_life
from apps.windows.domain.calendar import Span
from apps.windows.domain.calendar import Work as CalendarWork
from apps.windows.domain.capacity import Load
from apps.windows.models import ReleaseWindow
from apps.windows.selectors import closing_spans, reservations_for

#: Types of steps that bind in Db2 and keep a DBA busy.
BINDS = frozenset({"BIND_PACKAGE", "BIND_PLAN", "REBIND"})


@dataclass
class Work:
    """The content and the plan of one package."""

    package: ReleasePackage
    #: By window: the hard spans that do not let the package go into it.
    stopping: dict[UUID, list[Span]] = field(default_factory=dict)

    @cached_property
    def members(self) -> list[PackageChange]:
        return list(self.package.members.select_related("change__application"))

    @property
    def open_changes(self) -> list[UUID]:
        return [member.change_id for member in self.members if member.is_open]

    @cached_property
    def reserved(self) -> dict[UUID, Load]:
        """By window: what is reserved there for the package, or for a change that it carries."""
        found: dict[UUID, Load] = {}
        for held in reservations_for([self.package.subject, *reserved_for(self.package)]):
            found[held.window_id] = found.get(held.window_id, Load()) + held.load
        return found

    @cached_property
    def change_facts(self) -> dict[UUID, ChangeFacts]:
        return facts_of(member.change_id for member in self.members)

    @cached_property
    def dependencies(self) -> list[PackageDependency]:
        return list(self.package.dependencies.select_related("predecessor__window"))

    @cached_property
    def steps(self) -> list[Activity]:
        """All steps in plan order, backout steps among them."""
        return list(
            self.package.activities.select_related("type", "team", "owner", "deputy", "done_by")
        )

    @cached_property
    def after(self) -> dict[UUID, set[UUID]]:
        """Hard predecessors of each step, by key."""
        found: dict[UUID, set[UUID]] = {step.pk: set() for step in self.steps}
        edges = ActivityDependency.objects.filter(
            activity__package=self.package, strength=ActivityDependency.Strength.HARD
        )
        for step, predecessor in edges.values_list("activity_id", "predecessor_id"):
            found[step].add(predecessor)
        return found

    def named_by(self, step: Activity) -> frozenset[UUID]:
        """The changes that a step names; one that names none serves them all."""
        return frozenset(self._links.get(step.pk, ()))

    @cached_property
    def _links(self) -> dict[UUID, set[UUID]]:
        found: dict[UUID, set[UUID]] = {}
        links = ActivityChange.objects.filter(activity__package=self.package)
        for step, change in links.values_list("activity_id", "change_id"):
            found.setdefault(step, set()).add(change)
        return found

    @cached_property
    def checks(self) -> list[ValidationCheck]:
        return list(self.package.checks.select_related("team", "owner"))

    @cached_property
    def backout_plan(self) -> BackoutPlan | None:
        return (
            BackoutPlan.objects.select_related("decision_owner")
            .filter(package=self.package)
            .first()
        )

    @property
    def forward(self) -> list[Activity]:
        return [step for step in self.steps if not step.is_backout]

    @property
    def altered(self) -> list[Activity]:
        """Steps that changed production, or are changing it."""
        return [
            step for step in self.forward
            if step.type.alters and step.state in (*life.DONE_STEP, *life.RUNNING_STEP)
        ]  # fmt: skip

    @property
    def running(self) -> list[Activity]:
        return [step for step in self.steps if step.state in life.RUNNING_STEP]

    def unfinished(self, *, before_validation: bool = False) -> Iterator[Activity]:
        """Mandatory steps that are not done; with `before_validation` without those that
        validate or decide and those that wait for them."""
        later: set[UUID] = set()
        if before_validation:
            gates = {s.pk for s in self.forward if s.type.validates or s.type.decides}
            later = {*gates, *behind(gates, self.after)}
        for step in self.forward:
            if step.mandatory and step.state not in life.ENDED_STEP and step.pk not in later:
                yield step

    def not_undone(self) -> Iterator[Activity]:
        """Done steps whose backout is planned and has not happened."""
        reversed_ids = {step.reverses_id for step in self.steps if step.is_backout}
        for step in self.forward:
            if step.pk in reversed_ids and step.state in (*life.DONE_STEP, *life.RUNNING_STEP):
                yield step
        for step in self.steps:
            alone = step.is_backout and step.reverses_id is None and step.mandatory
            if alone and step.state not in life.ENDED_STEP:
                yield step

    def checks_not_good(self, *phases: str) -> Iterator[ValidationCheck]:
        for check in self.checks:
            if check.mandatory and check.phase in phases and check.state not in life.GOOD_CHECK:
                yield check

    @property
    def implementers(self) -> set[UUID]:
        """Who runs a step that alters something, or stands in for one who does."""
        people: set[UUID | None] = set()
        for step in self.steps:
            if not step.type.decides:
                people |= {step.owner_id, step.deputy_id, step.done_by_id}
        return {person for person in people if person is not None}


def work_of(package: ReleasePackage) -> Work:
    """Remembered on the row object: a fresh row has fresh facts."""
    known = package.__dict__.get("_work")
    if known is None:
        known = package.__dict__["_work"] = Work(package)
    return known


def load_of(package: ReleasePackage) -> Load:
    """What the package takes of its window."""
    work = work_of(package)
    return Load(len(work.open_changes), package.points, 1, binds_in(work.forward))


def may_join_late(package: ReleasePackage, window: ReleaseWindow | None) -> bool:
    """Whether a waiver lets what it carries into `window` although the scope is locked. One query,
    none where the scope is open."""
    if window is None or window.state != window_life.LOCKED:
        return False
    carried = (member.change.code for member in work_of(package).members if member.is_open)
    return has_late_scope(package.subject, window, carried)


def binds_in(steps: Iterable[Activity]) -> int:
    """Of the steps that go forward, how many bind in Db2."""
    return sum(step.type_id in BINDS and step.state != life.SKIPPED for step in steps)


def reserved_for(package: ReleasePackage) -> list[str]:
    """The subjects of what it carries, for which somebody may have reserved a place."""
    return [f"{ChangeRequest.SUBJECT}:{pk}" for pk in work_of(package).open_changes]


def spans_stopping(package: ReleasePackage, window: ReleaseWindow) -> list[Span]:
    """The hard spans of the calendar that do not let the package go into `window`."""
    work = work_of(package)

    def works() -> list[CalendarWork]:
        known = works_of(work.open_changes, window.site.code)
        return [*known.values()] or [CalendarWork(window.site.code)]

    if window.pk not in work.stopping:
        work.stopping[window.pk] = closing_spans(
            window.opens_at, window.closes_at, package.subject, works
        )
    return work.stopping[window.pk]


def steps_in(windows: Iterable[UUID]) -> QuerySet[Activity]:
    """The steps that go forward in these windows: their own, and those of their packages."""
    keys = list(windows)
    here = Q(window__in=keys) | Q(package__window__in=keys, package__state__in=life.BOOKED)
    return Activity.objects.filter(here, is_backout=False).exclude(state=life.SKIPPED)


def turn_of(package: ReleasePackage) -> tuple[bool, float, str]:
    """In which order packages come: by window, those without one first; then by code."""
    opens_at = package.window.opens_at.timestamp() if package.window else 0.0
    return (package.window is not None, opens_at, package.code)


def package_edges() -> dict[UUID, set[UUID]]:
    """Every open package with its predecessors, by key."""
    edges: dict[UUID, set[UUID]] = {}
    rows = PackageDependency.objects.exclude(
        package__state__in=[life.CLOSED, life.CANCELLED]
    ).values_list("package_id", "predecessor_id")
    for package, predecessor in rows:
        edges.setdefault(package, set()).add(predecessor)
    return edges
