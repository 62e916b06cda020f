"""A package on its way into a window: planned, planned anew, confirmed ready."""

from __future__ import annotations

from collections.abc import Iterator

from apps.changes.domain import lifecycle as change_life
from apps.changes.selectors import authorisation_blockers
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker
from apps.releases.domain import lifecycle as life
from apps.releases.models import ReleasePackage
from apps.releases.policies.package.common import (
    LABELS,
    MANAGER,
    coordinator_blockers,
    move_state_blockers,
    predecessor_blocker,
    system_or_coordinator_blockers,
)
from apps.releases.policies.package.content import (
    cycle_blockers,
    draft_blocker,
    empty_blocker,
    plan_cycle_blockers,
)
from apps.releases.policies.package_facts import (
    Work,
    load_of,
    may_join_late,
    spans_stopping,
    work_of,
)
from apps.releases.policies.reasons import state_blockers
from apps.windows.domain import lifecycle as window_life
from apps.windows.models import ReleaseWindow
from apps.windows.policies import booking_blockers, closed_blockers, request_blockers


def window_blockers(package: ReleasePackage, window: ReleaseWindow | None) -> Iterator[Blocker]:
    """Whether `window` takes the package now: open, not over, and with enough capacity."""
    if window is None:
        yield Blocker("no_window", "It names no window.", "Choose a window.",
                      "release coordinator", field="window")  # fmt: skip
        return
    yield from booking_blockers(
        window, load_of(package), is_emergency=package.is_emergency,
        held=work_of(package).reserved.get(window.pk),
        may_join_late=may_join_late(package, window),
    )  # fmt: skip
    if window.closes_at <= clock.now():
        yield Blocker("window_over", f"{window.code} is over.", "Choose a later window.",
                      "release coordinator")  # fmt: skip


def calendar_blockers(package: ReleasePackage, window: ReleaseWindow | None) -> Iterator[Blocker]:
    """The hard rules of the calendar that do not let the package go into `window`. They do not
    stop an emergency."""
    if window is None or package.is_emergency:
        return
    spans = spans_stopping(package, window)
    yield from closed_blockers(spans, package.code, window.zone)


def content_complete_blockers(package: ReleasePackage) -> Iterator[Blocker]:
    work = work_of(package)
    if not work.open_changes:
        yield empty_blocker(package)
    for member in work.members:
        if member.is_open and member.change.state == change_life.DRAFT:
            yield draft_blocker(member.change)
    yield from cycle_blockers(package, {d.predecessor_id for d in work.dependencies})
    yield from plan_cycle_blockers(package)


def valid_through_blockers(package: ReleasePackage, window: ReleaseWindow) -> Iterator[Blocker]:
    """Approvals that were given have to last until the window closes."""
    for facts in work_of(package).change_facts.values():
        if facts.state in (change_life.APPROVED, change_life.SCHEDULED):
            yield from authorisation_blockers(facts, window.closes_at)


def plan_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    yield from move_state_blockers(package, "plan")
    yield from coordinator_blockers(actor, MANAGER)
    yield from window_blockers(package, package.window)
    yield from content_complete_blockers(package)
    yield from calendar_blockers(package, package.window)
    if package.window is not None:
        yield from valid_through_blockers(package, package.window)


def ask_deviation_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    """A deviation is asked for before the night, for the window that the package names."""
    yield from state_blockers(
        package.code, package.state, life.DEVIATION_IN, LABELS, "let pass by a deviation"
    )
    yield from request_blockers(actor)
    window = package.window
    if window is None:
        yield Blocker("no_window", "It names no window.", "Choose a window.",
                      "release coordinator", field="window")  # fmt: skip
    elif package.state in life.DEVIATION_IN and not [*calendar_blockers(package, window)]:
        yield Blocker("not_needed", "No hard rule of the calendar stops it.",
                      "Nothing to do.", "nobody")  # fmt: skip


def replan_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    yield from move_state_blockers(package, "replan")
    yield from coordinator_blockers(actor, MANAGER)
    yield from content_complete_blockers(package)


def new_window_blockers(package: ReleasePackage, window: ReleaseWindow | None) -> Iterator[Blocker]:
    """Whether a delayed package may go into `window`."""
    yield from window_blockers(package, window)
    yield from calendar_blockers(package, window)
    if window is not None:
        yield from valid_through_blockers(package, window)


def confirm_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    yield from move_state_blockers(package, "confirm_ready")
    yield from coordinator_blockers(actor)
    work = work_of(package)
    if actor.id in work.implementers:
        yield Blocker(
            "separation_of_duties",
            "You run or stand in for a step of this package; somebody independent confirms it.",
            "Another release coordinator confirms it.",
            "another release coordinator",
            kind="permission",
        )
    window = package.window
    if window is not None and window.state not in (
        window_life.OPEN, window_life.LOCKED, window_life.IN_PROGRESS,
    ):  # fmt: skip
        yield Blocker("window_over", f"{window.code} is {window.get_state_display().lower()}.",
                      "Delay the package, then plan it for another window.",
                      "release coordinator")  # fmt: skip
    yield from step_type_blockers(work)
    for dependency in work.dependencies:
        before = dependency.predecessor
        if before.state in (life.DRAFT, life.PLANNED, life.DELAYED, life.CANCELLED):
            yield predecessor_blocker(package, before, "ready")
        elif (
            before.window is not None
            and window is not None
            and before.window.opens_at > window.opens_at
        ):
            yield Blocker(
                "predecessor_later",
                f"{before.code} comes first and is planned for a later window, "
                f"{before.window.code}.",
                "Delay this package, or plan the other one earlier.",
                "release coordinator",
            )


def step_type_blockers(work: Work) -> Iterator[Blocker]:
    """Steps that serve a standard change and are of no type that the board approved for it."""
    limited = {pk: work.change_facts[pk] for pk in work.open_changes}
    limited = {pk: facts for pk, facts in limited.items() if facts.step_types}
    if not limited:
        return
    for step in work.forward:
        for pk in sorted(work.named_by(step) or limited, key=str):
            if pk in limited and step.type_id not in limited[pk].step_types:
                yield Blocker(
                    "outside_template",
                    f"Step {step.label} {step.title} is of a type that the standard approval of "
                    f"{limited[pk].code} does not cover.",
                    "Plan another step, or make it a normal change.",
                    "release coordinator",
                )


def regress_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    yield from move_state_blockers(package, "regress")
    yield from system_or_coordinator_blockers(actor)
