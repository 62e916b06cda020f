"""Every reason why something may not happen to a package, one generator per move.

What the gates say is added by the services, which evaluate them at that moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from apps.changes.domain import lifecycle as change_life
from apps.changes.models import ChangeRequest
from apps.changes.selectors import authorisation_blockers
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker, bad_input
from apps.core.text import text_blockers
from apps.gates.domain.cycles import shortest_cycle
from apps.releases.domain import lifecycle as life
from apps.releases.models import (
    Activity,
    PackageChange,
    ReleasePackage,
    ValidationCheck,
)
from apps.releases.policies.activity_clock import window_clock_blockers
from apps.releases.policies.package_facts import (
    Work,
    load_of,
    may_join_late,
    package_edges,
    spans_stopping,
    work_of,
)
from apps.releases.policies.reasons import role_blockers, state_blockers
from apps.windows.domain import lifecycle as window_life
from apps.windows.models import ReleaseWindow
from apps.windows.policies import booking_blockers, closed_blockers, request_blockers

LABELS = dict(life.PACKAGE_STATES)
COORDINATOR, MANAGER = "release_coordinator", "release_manager"
Phase = ValidationCheck.Phase

#: After this long without a decision on a failed package its coordinator may start the backout.
MANAGER_SILENT = timedelta(minutes=10)
LESSONS_SHORTEST = 20

_DONE = {
    "plan": "planned",
    "confirm_ready": "confirmed ready",
    "regress": "opened for planning again",
    "start": "started",
    "emergency_start": "started as an emergency",
    "delay": "moved out of its window",
    "replan": "planned anew",
    "to_validation": "handed to validation",
    "reopen": "reopened",
    "complete": "completed",
    "complete_partially": "completed in part",
    "fail": "declared failed",
    "resume": "resumed",
    "start_backout": "backed out",
    "finish_backout": "declared backed out",
    "backout_failed": "declared failed in its backout",
    "close": "closed",
    "cancel": "cancelled",
}


def move_state_blockers(package: ReleasePackage, move: str) -> Iterator[Blocker]:
    yield from state_blockers(
        package.code, package.state, life.PACKAGE_SOURCES[move], LABELS, _DONE[move]
    )


def _coordinator(actor: Actor, *others: str) -> Iterator[Blocker]:
    yield from role_blockers(actor, COORDINATOR, *others)


def _system_or_coordinator(actor: Actor) -> Iterator[Blocker]:
    if actor.kind != "system":
        yield from _coordinator(actor)


def _manager(actor: Actor) -> Iterator[Blocker]:
    yield from role_blockers(actor, MANAGER)


# Content.


def create_blockers(actor: Actor) -> Iterator[Blocker]:
    yield from _coordinator(actor, MANAGER)


def edit_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    yield from _coordinator(actor, MANAGER)
    yield from content_blockers(package)


def content_blockers(package: ReleasePackage) -> Iterator[Blocker]:
    """Why the content and the plan of a package may not be edited."""
    if package.state == life.READY:
        yield Blocker(
            "content_locked",
            f"{package.code} is confirmed ready; its content and plan are fixed.",
            "Open it for planning again, with a reason.",
            "release coordinator",
            kind="state",
        )
    elif package.state not in life.EDITABLE:
        yield Blocker(
            "content_locked",
            f"{package.code} is {LABELS[package.state].lower()}; its content is fixed.",
            "What is needed now is a new change in a new package.",
            "release coordinator",
            kind="state",
        )


def values_blockers(values: Mapping[str, Any]) -> Iterator[Blocker]:
    yield from text_blockers("name", values.get("name") or "", required=True, longest=120)
    yield from text_blockers("scm_package", values.get("scm_package") or "", longest=60)
    yield from text_blockers("incident_ref", values.get("incident_ref") or "", longest=40)
    yield from text_blockers("code", values.get("code") or "", longest=20)


def window_change_blockers(package: ReleasePackage, had: UUID | None) -> Iterator[Blocker]:
    """`had` is the window it was in. A planned package holds capacity of that window."""
    window = package.window
    if package.state == life.PLANNED and package.window_id != had:
        yield Blocker(
            "window_fixed",
            f"{package.code} is planned; it keeps its window.",
            "Delay it, then plan it for the other window.",
            "release coordinator",
            kind="state",
            field="window",
        )
    elif window is not None and window.state in (window_life.CLOSED, window_life.CANCELLED):
        yield bad_input("window", f"{window.code} is {window.get_state_display().lower()}.",
                        "Choose a window that is still to come.")  # fmt: skip


def member_blockers(package: ReleasePackage, changes: Iterable[ChangeRequest]) -> Iterator[Blocker]:
    """Whether each of `changes` may be carried by this package."""
    rows = list(changes)
    elsewhere = {
        member.change_id: member.package
        for member in PackageChange.objects.filter(
            change__in=[change.pk for change in rows], is_open=True
        )
        .exclude(package=package)
        .select_related("package")
    }
    possible = (change_life.DRAFT, change_life.ASSESSING, change_life.APPROVED,
                change_life.SCHEDULED)  # fmt: skip
    for change in rows:
        if change.pk in elsewhere:
            yield Blocker(
                "in_other_package",
                f"{change.code} is in {elsewhere[change.pk].code}.",
                "Take it out of that package first.",
                "release coordinator",
                field="members",
            )
        if change.state not in possible:
            yield Blocker(
                "change_ended",
                f"{change.code} is {change.get_state_display().lower()}.",
                "Choose a change that is still to be delivered.",
                "release coordinator",
                field="members",
            )


def carried_blockers(
    package: ReleasePackage, changes: Iterable[ChangeRequest]
) -> Iterator[Blocker]:
    """What a planned package asks of the changes it carries after an edit."""
    if package.state != life.PLANNED:
        return
    rows = list(changes)
    if not rows:
        yield _empty_blocker(package)
    for change in rows:
        if change.state == change_life.DRAFT:
            yield _draft_blocker(change)


def _empty_blocker(package: ReleasePackage) -> Blocker:
    return Blocker(
        "no_changes",
        f"{package.code} carries no change.",
        "Add at least one change.",
        "release coordinator",
        field="members",
    )


def _draft_blocker(change: ChangeRequest) -> Blocker:
    return Blocker(
        "change_draft",
        f"{change.code} is a draft.",
        "Submit it for assessment.",
        str(change.requester),
        field="members",
    )


def cycle_blockers(package: ReleasePackage, predecessors: Iterable[UUID]) -> Iterator[Blocker]:
    """Whether packages would wait for each other, naming them."""
    edges = package_edges() | {package.pk: set(predecessors)}
    cycle = shortest_cycle(edges)
    if package.pk in cycle:
        codes = dict(ReleasePackage.objects.filter(pk__in=cycle).values_list("pk", "code"))
        codes[package.pk] = package.code
        way = " → ".join(codes[key] for key in (*cycle, cycle[0]))
        yield Blocker(
            "package_cycle",
            f"These packages wait for each other: {way}.",
            "Remove one of the dependencies, or put the changes into one package.",
            "release coordinator",
            field="dependencies",
        )


def plan_cycle_blockers(package: ReleasePackage) -> Iterator[Blocker]:
    work = work_of(package)
    cycle = shortest_cycle(work.after)
    if cycle:
        labels = {step.pk: step.label for step in work.steps}
        way = " → ".join(labels[key] for key in (*cycle, cycle[0]))
        yield Blocker(
            "step_cycle",
            f"These steps wait for each other: {way}.",
            "Remove one of the dependencies between them.",
            "release coordinator",
        )


# Before the night.


def _window_blockers(package: ReleasePackage, window: ReleaseWindow | None) -> Iterator[Blocker]:
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
        yield _empty_blocker(package)
    for member in work.members:
        if member.is_open and member.change.state == change_life.DRAFT:
            yield _draft_blocker(member.change)
    yield from cycle_blockers(package, {d.predecessor_id for d in work.dependencies})
    yield from plan_cycle_blockers(package)


def valid_through_blockers(package: ReleasePackage, window: ReleaseWindow) -> Iterator[Blocker]:
    """Approvals that were given have to last until the window closes."""
    for facts in work_of(package).change_facts.values():
        if facts.state in (change_life.APPROVED, change_life.SCHEDULED):
            yield from authorisation_blockers(facts, window.closes_at)


def plan_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    yield from move_state_blockers(package, "plan")
    yield from _coordinator(actor, MANAGER)
    yield from _window_blockers(package, package.window)
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
    yield from _coordinator(actor, MANAGER)
    yield from content_complete_blockers(package)


def new_window_blockers(package: ReleasePackage, window: ReleaseWindow | None) -> Iterator[Blocker]:
    """Whether a delayed package may go into `window`."""
    yield from _window_blockers(package, window)
    yield from calendar_blockers(package, window)
    if window is not None:
        yield from valid_through_blockers(package, window)


def confirm_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    yield from move_state_blockers(package, "confirm_ready")
    yield from _coordinator(actor)
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
    yield from _step_type_blockers(work)
    for dependency in work.dependencies:
        before = dependency.predecessor
        if before.state in (life.DRAFT, life.PLANNED, life.DELAYED, life.CANCELLED):
            yield _predecessor_blocker(package, before, "ready")
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


def _step_type_blockers(work: Work) -> Iterator[Blocker]:
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


def _predecessor_blocker(package: ReleasePackage, before: ReleasePackage, wanted: str) -> Blocker:
    return Blocker(
        "predecessor",
        f"{package.code} comes after {before.code}, which is {LABELS[before.state].lower()} "
        f"and not {wanted}.",
        f"Bring {before.code} forward first.",
        f"coordinator of {before.code}",
    )


def regress_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    yield from move_state_blockers(package, "regress")
    yield from _system_or_coordinator(actor)


def delay_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    yield from move_state_blockers(package, "delay")
    if actor.kind != "system":
        yield from _coordinator(actor, MANAGER)
    yield from altered_blockers(package)


def altered_blockers(package: ReleasePackage) -> Iterator[Blocker]:
    """A package leaves its night only before anything was altered."""
    if package.state != life.IN_PROGRESS:
        return
    work = work_of(package)
    for step in work.altered:
        yield Blocker(
            "altered",
            f"Step {step.label} {step.title} has altered production or is doing so.",
            "Back the package out instead.",
            "release manager",
        )
    for step in work.running:
        if not step.type.alters:
            yield _running_blocker(step)


def _running_blocker(step: Activity) -> Blocker:
    return Blocker("step_running", f"Step {step.label} {step.title} is running.",
                   "Complete it or record that it failed.", f"team {step.team}")  # fmt: skip


def cancel_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    yield from move_state_blockers(package, "cancel")
    if actor.id != package.owner_id:
        yield from _coordinator(actor)


# In the night.


def start_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    yield from move_state_blockers(package, "start")
    yield from _coordinator(actor)
    window = package.window
    if window is None or window.state != window_life.IN_PROGRESS:
        text = f"{window.code} has not started." if window else "It has no window."
        yield Blocker("window_not_started", text, "Start the window first.",
                      "release coordinator")  # fmt: skip
    yield from window_clock_blockers(window, "Delay the package to another window.", early=False)
    for dependency in work_of(package).dependencies:
        before = dependency.predecessor
        delivered = (life.COMPLETED, life.PARTIALLY)
        if before.state not in delivered and before.outcome not in delivered:
            yield _predecessor_blocker(package, before, "completed")


def emergency_start_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    yield from move_state_blockers(package, "emergency_start")
    yield from _manager(actor)
    if not package.is_emergency:
        yield Blocker("not_emergency", f"{package.code} is no emergency package.",
                      "Plan it for a window.", "release coordinator")  # fmt: skip
    if not package.incident_ref:
        yield Blocker("no_incident", "It names no incident.", "Enter the incident.",
                      "release coordinator", field="incident_ref")  # fmt: skip
    yield from content_complete_blockers(package)
    work = work_of(package)
    for facts in work.change_facts.values():
        yield from authorisation_blockers(facts, clock.now(), starting=True)
    if actor.id in work.implementers:
        yield Blocker(
            "separation_of_duties",
            "You run or stand in for a step of this package.",
            "Another release manager starts it.",
            "another release manager",
            kind="permission",
        )


def to_validation_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    yield from move_state_blockers(package, "to_validation")
    yield from _system_or_coordinator(actor)
    if package.state in life.PACKAGE_SOURCES["to_validation"]:
        yield from _unfinished_blockers(package, before_validation=True)


def _unfinished_blockers(package: ReleasePackage, *, before_validation: bool) -> Iterator[Blocker]:
    for step in work_of(package).unfinished(before_validation=before_validation):
        yield Blocker(
            "step_open",
            f"Step {step.label} {step.title} is {step.get_state_display().lower()}.",
            "Complete it, or have the release manager skip it.",
            f"team {step.team}",
        )


def reopen_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    yield from move_state_blockers(package, "reopen")
    yield from _coordinator(actor)


def decided_state_blockers(package: ReleasePackage) -> Iterator[Blocker]:
    yield from state_blockers(
        package.code, package.state, (life.IN_PROGRESS, life.VALIDATING), LABELS, "decided on"
    )


def decide_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    yield from decided_state_blockers(package)
    yield from _manager(actor)
    if actor.id in work_of(package).implementers:
        yield Blocker(
            "separation_of_duties",
            "You run or stand in for a step of this package.",
            "Another release manager decides.",
            "another release manager",
            kind="permission",
        )


def decision_blockers(package: ReleasePackage, decision: str, reason: str) -> Iterator[Blocker]:
    """What this decision needs: a go rests on its checks, anything else on a reason."""
    choices = ReleasePackage.Decision
    if decision not in choices.values:
        yield bad_input(
            "decision", f"There is no decision {decision!r}.", "Choose one of the list."
        )
    if decision == choices.GO:
        for check in work_of(package).checks_not_good(Phase.PRE, Phase.GO_DECISION):
            yield Blocker(
                "check_open",
                f"Check {check.code} {check.title} is {check.get_state_display().lower()}.",
                "Record its result, or have the deviation accepted.",
                f"team {check.team}",
            )
    else:
        yield from text_blockers("comment", reason, required=True, longest=4_000, label="Reason")


def complete_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    yield from move_state_blockers(package, "complete")
    yield from _coordinator(actor)
    if package.go_decision != ReleasePackage.Decision.GO:
        yield Blocker("no_go", "There is no go for it.", "Decide go or no-go.",
                      "release manager")  # fmt: skip
    if package.state in life.PACKAGE_SOURCES["complete"]:
        yield from _unfinished_blockers(package, before_validation=False)
        yield from _check_blockers(package, Phase.PRE, Phase.IN_WINDOW, Phase.GO_DECISION)


def _check_blockers(package: ReleasePackage, *phases: str) -> Iterator[Blocker]:
    for check in work_of(package).checks_not_good(*phases):
        yield Blocker(
            "check_open",
            f"Check {check.code} {check.title} is {check.get_state_display().lower()}.",
            "Record its result; an application owner may accept a deviation.",
            f"team {check.team}",
        )


def _applications(package: ReleasePackage) -> list[str]:
    return [f"application:{m.change.application.code}" for m in work_of(package).members]


def fail_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    yield from move_state_blockers(package, "fail")
    yield from _system_or_coordinator(actor)


def resume_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    yield from move_state_blockers(package, "resume")
    yield from _manager(actor)


def start_backout_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    yield from move_state_blockers(package, "start_backout")
    failed_at = package.failed_at or package.changed_at
    manager_silent = package.state == life.FAILED and clock.now() - failed_at >= MANAGER_SILENT
    if not (manager_silent and actor.holds(COORDINATOR)):
        yield from role_blockers(
            actor,
            MANAGER,
            fix="Ask a release manager; ten minutes after a failure the coordinator may decide.",
        )
    yield from _plan_back_blockers(package)


def backout_plan_blockers(package: ReleasePackage) -> Iterator[Blocker]:
    """Whether it can be backed out at all, whoever decides on it."""
    yield from move_state_blockers(package, "start_backout")
    yield from _plan_back_blockers(package)


def _plan_back_blockers(package: ReleasePackage) -> Iterator[Blocker]:
    plan = work_of(package).backout_plan
    if plan is None or plan.strategy in ("none", "fix_forward"):
        yield Blocker(
            "no_backout_plan",
            "There is no plan to take it back.",
            "Enter a backout plan, or fix forward.",
            "release coordinator",
        )
    if (
        package.state in (life.COMPLETED, life.PARTIALLY)
        and package.warranty_until is not None
        and clock.now() > package.warranty_until
    ):
        yield Blocker(
            "warranty_over",
            "Its warranty is over; what is needed to take it back may be gone.",
            "Correct it with a new change.",
            "application owner",
        )


def finish_backout_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    yield from move_state_blockers(package, "finish_backout")
    yield from _coordinator(actor)
    if package.state not in life.PACKAGE_SOURCES["finish_backout"]:
        return
    for step in work_of(package).not_undone():
        yield Blocker(
            "not_undone",
            f"Step {step.label} {step.title} is not undone.",
            "Complete its backout step.",
            f"team {step.team}",
        )
    for step in work_of(package).running:
        yield _running_blocker(step)
    yield from _check_blockers(package, Phase.POST_BACKOUT)


def backout_failed_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    yield from move_state_blockers(package, "backout_failed")
    yield from _manager(actor)


def incident_blockers(incident_ref: str) -> Iterator[Blocker]:
    yield from text_blockers(
        "incident_ref", incident_ref, required=True, longest=40, label="Incident"
    )


# After the night.


def close_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    yield from move_state_blockers(package, "close")
    if actor.id != package.owner_id:
        yield from _coordinator(actor)
    if package.state in (life.COMPLETED, life.PARTIALLY):
        yield from _check_blockers(package, Phase.FIRST_CYCLE)
    for step in work_of(package).running:
        yield _running_blocker(step)


def lessons_blockers(package: ReleasePackage, lessons: str) -> Iterator[Blocker]:
    """What did not go cleanly is closed with what was learnt."""
    yield from text_blockers("comment", lessons, label="Lessons")
    if package.state != life.COMPLETED and len(lessons.strip()) < LESSONS_SHORTEST:
        yield bad_input(
            "comment",
            "It did not complete; say what happened and what was learnt.",
            f"Write at least {LESSONS_SHORTEST} characters.",
            "lessons_needed",
        )
