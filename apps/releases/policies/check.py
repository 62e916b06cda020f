"""Every reason why something may not happen to a validation check, one generator per move."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from django.db.models import Q, QuerySet

from apps.accounts.domain.duties import Parts, conflicts
from apps.changes.models import ChangeRequest
from apps.core.actor import Actor
from apps.core.errors import Blocker, bad_input
from apps.core.text import text_blockers
from apps.releases.domain import lifecycle as life
from apps.releases.domain.checks import OPERATORS, plan_problems
from apps.releases.models import Activity, PackageChange, ValidationCheck
from apps.releases.policies.activity import COORDINATOR, PACKAGE_LABELS
from apps.releases.policies.activity_plan import plan_open_blockers
from apps.releases.policies.reasons import role_blockers
from apps.releases.policies.reasons import state_blockers as any_state_blockers
from apps.windows.domain import lifecycle as night

LABELS = dict(life.CHECK_STATES)
PHASE = ValidationCheck.Phase
#: Fields of the domain's rule → of the model.
FIELD_OF = {"operator": "expected_operator", "expected": "expected_value"}

_LIVE = (life.IN_PROGRESS, life.VALIDATING)
_SETTLED = (life.COMPLETED, life.PARTIALLY, life.FAILED, life.BACKED_OUT)
#: States of the package in which a check of a phase is measured.
PACKAGE_STATES_OF: dict[str, tuple[str, ...]] = {
    PHASE.PRE: (life.PLANNED, life.READY, life.IN_PROGRESS),
    PHASE.IN_WINDOW: _LIVE,
    PHASE.GO_DECISION: _LIVE,
    PHASE.POST_BACKOUT: (life.BACKING_OUT,),
    PHASE.FIRST_CYCLE: _SETTLED,
    PHASE.WARRANTY: _SETTLED,
}
WINDOW_STATES_OF: dict[str, tuple[str, ...]] = {
    PHASE.PRE: (night.OPEN, night.LOCKED, night.IN_PROGRESS),
    PHASE.IN_WINDOW: (night.IN_PROGRESS,),
    PHASE.GO_DECISION: (night.IN_PROGRESS,),
    PHASE.POST_BACKOUT: (night.IN_PROGRESS,),
    PHASE.FIRST_CYCLE: (night.VERIFYING,),
    PHASE.WARRANTY: (night.VERIFYING,),
}


def state_blockers(check: ValidationCheck, move: str, done: str) -> Iterator[Blocker]:
    sources = life.CHECK_SOURCES[move]
    yield from any_state_blockers(f"Check {check.code}", check.state, sources, LABELS, done)


# Planning.


def plan_check_blockers(actor: Actor) -> Iterator[Blocker]:
    yield from role_blockers(actor, "release_coordinator")


def edit_check_blockers(actor: Actor, check: ValidationCheck) -> Iterator[Blocker]:
    yield from plan_check_blockers(actor)
    yield from plan_open_blockers(check)


def check_value_blockers(check: ValidationCheck) -> Iterator[Blocker]:
    """What is wrong with a check's values, beyond what each field checks."""
    if (check.package_id is None) == (check.window_id is None):
        yield bad_input("package", "A check belongs to a package, or else to a window.",
                        "Choose one of the two.")  # fmt: skip
    yield from text_blockers("method", check.method)
    if check.expected_operator not in dict(OPERATORS):
        yield bad_input("expected_operator", f"There is no comparison {check.expected_operator!r}.",
                        f"Enter one of {', '.join(dict(OPERATORS))}.")  # fmt: skip
    elif check.expected_value or check.baseline:
        # Until then it is an open point, which the validation plan's gate asks about.
        for problem in plan_problems(check.expected_operator, check.expected_value, check.baseline):
            yield bad_input(FIELD_OF.get(problem.field, problem.field), problem.text, problem.fix)
    if check.owner is not None and not check.owner.is_active:
        yield bad_input("owner", f"{check.owner} is not active.", "Choose somebody else.")
    step = check.activity
    if step is not None and not _same_plan(check, step):
        yield bad_input("activity", f"Step {step.label} belongs to another plan.",
                        "Choose a step of the same plan.")  # fmt: skip
    if check.change_id is not None and not _members(check).filter(change=check.change_id).exists():
        yield bad_input("change", f"{check.change.code} is not in this package.",  # type: ignore[union-attr]
                        "Add it to the package first.", "not_a_member")  # fmt: skip


def _same_plan(check: ValidationCheck, step: Activity) -> bool:
    """A check may also wait for a step that its package's window shares."""
    if step.package_id is not None:
        return step.package_id == check.package_id
    window = check.package.window_id if check.package else check.window_id
    return step.window_id == window


def _members(check: ValidationCheck) -> QuerySet[PackageChange]:
    of = Q(package=check.package_id) if check.package_id else Q(package__window=check.window_id)
    return PackageChange.objects.filter(of)


# Measuring.


def validator_blockers(actor: Actor, check: ValidationCheck) -> Iterator[Blocker]:
    """A validator, who did not implement what is validated."""
    if not actor.is_human:
        yield Blocker("not_a_person", "Only a person validates.", "Sign in as yourself.",
                      "validator", kind="permission")  # fmt: skip
    yield from role_blockers(actor, "validator", scopes=(f"team:{check.team.code}",))
    if actor.id is not None and conflicts("validate", actor.id, _parts(check)):
        yield Blocker(
            "separation_of_duties",
            f"You implemented what check {check.code} validates.",
            "Somebody else validates it.",
            "another validator",
            kind="permission",
        )


def _parts(check: ValidationCheck) -> Parts:
    """Who did the altering steps that the check is about: its step, those of its change, or,
    naming neither, all of its plan."""
    altering = Activity.objects.filter(type__alters=True, done_by__isnull=False)
    if check.activity_id or check.change_id:
        about = Q(pk=check.activity_id) if check.activity_id else Q()
        if check.change_id:
            about |= Q(change_links__change=check.change_id)
    else:
        about = Q(package=check.package_id) if check.package_id else Q(window=check.window_id)
    done_by = altering.filter(about).values_list("done_by_id", flat=True)
    return Parts(implementers=frozenset(done_by))


def moment_blockers(check: ValidationCheck) -> Iterator[Blocker]:
    """Whether the night has come to the point at which the check is measured."""
    phase = check.get_phase_display().lower()
    if check.package is not None and check.package.state not in PACKAGE_STATES_OF[check.phase]:
        states = " or ".join(
            PACKAGE_LABELS[state].lower() for state in PACKAGE_STATES_OF[check.phase]
        )
        yield Blocker(
            "not_the_moment",
            f"{check.package.code} is {PACKAGE_LABELS[check.package.state].lower()}; "
            f"this check ({phase}) is measured while it is {states}.",
            "Wait for that point.",
            "a validator",
        )
    window = check.window
    if window is not None and window.state not in WINDOW_STATES_OF[check.phase]:
        yield Blocker(
            "not_the_moment",
            f"Window {window.code} is {window.get_state_display().lower()}; this check ({phase}) "
            f"is measured while it is {' or '.join(WINDOW_STATES_OF[check.phase])}.".replace(
                "_", " "
            ),
            "Wait for that point.",
            "a validator",
        )
    step = check.activity
    if step is not None and step.state != life.COMPLETED:
        yield Blocker(
            "step_open",
            f"Step {step.label} comes first and is {step.get_state_display().lower()}.",
            f"Complete {step.label}.",
            "the team of that step",
            details={"step": str(step.pk)},
        )


def expectation_blockers(check: ValidationCheck) -> Iterator[Blocker]:
    problems = plan_problems(check.expected_operator, check.expected_value, check.baseline)
    for problem in problems:
        yield Blocker(
            "no_expectation",
            f"Check {check.code} cannot be judged: {problem.text}",
            problem.fix,
            "release coordinator",
        )


def run_blockers(actor: Actor, check: ValidationCheck) -> Iterator[Blocker]:
    yield from state_blockers(check, "begin", "measured")
    yield from validator_blockers(actor, check)
    yield from moment_blockers(check)
    yield from expectation_blockers(check)


def result_blockers(actor: Actor, check: ValidationCheck) -> Iterator[Blocker]:
    yield from state_blockers(check, "pass_check", "given a result")
    yield from validator_blockers(actor, check)
    yield from expectation_blockers(check)


def inconclusive_blockers(actor: Actor, check: ValidationCheck) -> Iterator[Blocker]:
    yield from state_blockers(check, "be_inconclusive", "called inconclusive")
    yield from validator_blockers(actor, check)


def rerun_blockers(actor: Actor, check: ValidationCheck) -> Iterator[Blocker]:
    yield from state_blockers(check, "rerun", "measured again")
    yield from validator_blockers(actor, check)
    yield from moment_blockers(check)


def accept_blockers(actor: Actor, check: ValidationCheck) -> Iterator[Blocker]:
    """The owner of the application accepts what differs; a control total never."""
    yield from state_blockers(check, "accept", "accepted with its deviation")
    scopes = [f"application:{code}" for code in _applications(check)]
    yield from role_blockers(
        actor, "application_owner", scopes=scopes or (None,),
        fix="Ask the owner of " + (", ".join(_applications(check)) or "the application") + ".",
    )  # fmt: skip
    if not actor.is_human:
        yield Blocker("not_a_person", "Only a person accepts a deviation.",
                      "Sign in as yourself.", "application owner", kind="permission")  # fmt: skip
    if check.kind == ValidationCheck.Kind.CONTROL_TOTAL:
        yield Blocker(
            "control_total",
            f"Check {check.code} is a control total; its deviation is never accepted.",
            "Find the difference and measure again, or back the package out.",
            "release manager",
        )
    if actor.id is not None and actor.id == check.done_by_id:
        yield Blocker(
            "own_check",
            f"You measured check {check.code}; somebody else accepts its deviation.",
            "Another owner of the application does.",
            "another application owner",
            kind="permission",
        )


def _applications(check: ValidationCheck) -> list[str]:
    changes: list[UUID] = (
        [check.change_id]
        if check.change_id
        else list(_members(check).values_list("change_id", flat=True))
    )
    return sorted(
        set(
            ChangeRequest.objects.filter(pk__in=changes).values_list("application__code", flat=True)
        )
    )


def leave_out_blockers(actor: Actor, check: ValidationCheck) -> Iterator[Blocker]:
    yield from state_blockers(check, "leave_out", "left out")
    if check.mandatory:
        yield from role_blockers(
            actor, "release_manager", fix="A mandatory check is left out by the release manager."
        )
    else:
        yield from role_blockers(actor, *COORDINATOR)
