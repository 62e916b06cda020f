"""Every reason why something may not happen to a step, one generator per move."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from apps.accounts.domain.duties import conflicts, in_words
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker
from apps.gates.catalogue.g20_batch import not_held
from apps.releases.domain import lifecycle as life
from apps.releases.domain.activity_order import DONE, to_undo_first, unfinished
from apps.releases.domain.activity_rules import ATTEMPTS_FREE
from apps.releases.domain.sequence import behind
from apps.releases.models import Activity, ActivityDependency, ReleasePackage
from apps.releases.policies.activity_clock import (
    clock_blockers,
    let_start_duty_blockers,
    local,
    night_of,
)
from apps.releases.policies.activity_facts import (
    HARD,
    HOLD,
    holds_in,
    order_of_night,
    parts_in,
    plan_around,
)
from apps.releases.policies.reasons import role_blockers
from apps.releases.policies.reasons import state_blockers as any_state_blockers
from apps.windows.domain import lifecycle as window_life

LABELS = dict(life.ACTIVITY_STATES)
PACKAGE_LABELS = dict(life.PACKAGE_STATES)

COORDINATOR = ("release_coordinator", "release_manager")
#: States in which people still work on a step, or will.
OPEN_STEP = (life.PLANNED, life.READY, life.IN_PROGRESS, life.PAUSED, life.FAILED)
#: An acknowledgement so old may be renewed; the roster asks for one that is not old at the start.
AGAIN_AFTER = timedelta(hours=1)
#: States of a package in which its steps run, and in which its backout steps do.
STEPS_RUN_IN = (life.IN_PROGRESS, life.VALIDATING)
BACKOUT_RUNS_IN = (life.BACKING_OUT, *STEPS_RUN_IN)


def state_blockers(step: Activity, move: str, done: str) -> Iterator[Blocker]:
    sources = life.ACTIVITY_SOURCES[move]
    yield from any_state_blockers(f"Step {step.label}", step.state, sources, LABELS, done)


def _open_blockers(step: Activity, states: tuple[str, ...], done: str) -> Iterator[Blocker]:
    yield from any_state_blockers(f"Step {step.label}", step.state, states, LABELS, done)


# Who.


def implementer_blockers(
    actor: Actor, step: Activity, *, adapter: bool = False
) -> Iterator[Blocker]:
    """An implementer of the step's team; with `adapter`, also the account of an integration."""
    if adapter and actor.kind == "service" and actor.holds("integration"):
        return
    scope = f"team:{step.team.code}"
    if not actor.is_human:
        yield Blocker("not_a_person", "Only a person does this.", "Sign in as yourself.",
                      "implementer", kind="permission")  # fmt: skip
    yield from role_blockers(
        actor, "implementer", scopes=(scope,), fix=f"Ask an implementer of {step.team.name}."
    )
    if step.team.code not in actor.teams:
        yield Blocker(
            "not_in_team",
            f"You are not in {step.team.name}, the team of step {step.label}.",
            f"Somebody of {step.team.name} does it.",
            step.team.name,
            kind="permission",
        )


def duty_blockers(actor: Actor, step: Activity) -> Iterator[Blocker]:
    """Nobody executes a change they approved."""
    excluded = conflicts("implement", actor.id, parts_in(step)) if actor.id else ()
    if excluded:
        yield Blocker(
            "separation_of_duties",
            f"You may not execute step {step.label}: of a change it serves, you "
            f"{in_words(excluded)}.",
            f"Another implementer of {step.team.name} does it.",
            step.team.name,
            kind="permission",
        )


def coordinator_blockers(actor: Actor) -> Iterator[Blocker]:
    yield from role_blockers(actor, *COORDINATOR)


def _implementer_or_coordinator_blockers(actor: Actor, step: Activity) -> Iterator[Blocker]:
    if not actor.holds(*COORDINATOR):
        yield from implementer_blockers(actor, step)


# What has to be true around the step.


def surroundings_blockers(step: Activity) -> Iterator[Blocker]:
    """Whether the night of its package, or of the window for a shared step, is on."""
    if step.package is None:
        if step.window is not None and step.window.state != window_life.IN_PROGRESS:
            yield Blocker(
                "window_not_in_progress",
                f"Window {step.window.code} is {step.window.get_state_display().lower()}; "
                "its steps run while it is in progress.",
                "Start the window first.",
                "release coordinator",
            )
        return
    wanted = BACKOUT_RUNS_IN if step.is_backout else STEPS_RUN_IN
    if step.package.state not in wanted:
        yield Blocker(
            "package_not_in_progress",
            f"{step.package.code} is {PACKAGE_LABELS[step.package.state].lower()}; "
            + (
                "backout steps run while it is backed out."
                if step.is_backout
                else "its steps run while it is in progress."
            ),
            "Start the backout first." if step.is_backout else "Start the package first.",
            "release manager" if step.is_backout else "release coordinator",
        )


def order_blockers(step: Activity) -> Iterator[Blocker]:
    """What the step still waits for: predecessors, the hold, its earliest time, the undo order."""
    steps = plan_around(step)
    here = steps[step.pk]
    for before in unfinished(here, steps):
        yield Blocker(
            "predecessor_open",
            f"Step {before.label} comes first and is {LABELS[before.state].lower()}.",
            f"Complete {before.label}, or skip it if that is allowed.",
            "the team of that step",
            details={"step": str(before.key)},
        )
    if here.held:
        yield Blocker(
            "hold_point",
            f"Step {step.label} is a hold point.",
            "The coordinator releases the hold.",
            "release coordinator",
        )
    if here.not_before_at is not None and here.not_before_at > clock.now():
        yield Blocker(
            "too_early",
            f"Step {step.label} does not begin before {local(night_of(step), here.not_before_at)}.",
            "Wait until then.",
            "the team of the step",
        )
    if here.is_backout and here.reverses is not None:
        undone = steps.get(here.reverses)
        if undone is not None and undone.state not in DONE:
            yield Blocker(
                "nothing_to_undo",
                f"Step {undone.label}, which it undoes, is {LABELS[undone.state].lower()}.",
                "Only what was done is undone; skip this backout step.",
                "release coordinator",
            )
        for other in to_undo_first(here, steps):
            yield Blocker(
                "undo_first",
                f"Step {other.label} came later and has to be undone first.",
                f"Complete the backout step of {other.label}.",
                "the team of that step",
                details={"step": str(other.key)},
            )


def subsystem_blockers(step: Activity) -> Iterator[Blocker]:
    """Nothing else exclusive runs on the subsystem of an exclusive step."""
    if not step.exclusive or step.subsystem is None:
        return
    holders = (
        Activity.objects.filter(
            subsystem=step.subsystem, exclusive=True, state__in=life.RUNNING_STEP
        )
        .exclude(pk=step.pk)
        .select_related("package", "window", "done_by")
    )
    for holder in holders:
        yield Blocker(
            "subsystem_busy",
            f"{step.subsystem} is held by step {holder.label} of "
            f"{(holder.package or holder.window).code}, started by {holder.done_by}.",  # type: ignore[union-attr]
            f"Wait until {holder.label} is done.",
            str(holder.done_by),
            details={"step": str(holder.pk)},
        )


def go_blockers(step: Activity) -> Iterator[Blocker]:
    """An irreversible step waits for the decision. Undoing does not, nor does an emergency,
    which was decided on before it began."""
    if not step.irreversible or step.is_backout:
        return
    if step.package is not None:
        undecided = [] if step.package.is_emergency else [step.package]
    else:
        undecided = list(
            ReleasePackage.objects.filter(
                window=step.window_id,
                state__in=[life.IN_PROGRESS, life.VALIDATING, life.BACKING_OUT],
            ).order_by("code")
        )
    for package in undecided:
        if package.state == life.BACKING_OUT:
            yield Blocker(
                "still_backing_out",
                f"{package.code} is still being backed out.",
                "Finish the backout first.",
                "release coordinator",
            )
        elif package.go_decision not in ("go", "partial"):
            yield Blocker(
                "no_go_recorded",
                f"Step {step.label} cannot be undone, and there is no GO for {package.code}.",
                "The release manager decides first.",
                "release manager",
            )


def batch_blockers(step: Activity) -> Iterator[Blocker]:
    """Gate G20: nothing is altered before the batch is held. Steps that hold jobs only after this
    one do not count, nor does the way back wait for any."""
    if not step.type.alters or step.is_backout or step.type_id == HOLD:
        return
    window = step.window_id or (step.package.window_id if step.package else None)
    if [*not_held(holds_in(step.package_id, window))]:
        later = behind({step.pk}, order_of_night(step.package_id, window))
        for found in not_held(holds_in(step.package_id, window, but=later)):
            yield Blocker("gate_g20", f"G20 Batch held: {found.text}", found.fix, found.who)


def ownership_blockers(step: Activity) -> Iterator[Blocker]:
    if step.owner_id is None:
        yield Blocker("no_owner", f"Step {step.label} has no owner.", "Assign an owner.",
                      "release coordinator")  # fmt: skip
    elif step.acknowledged_at is None:
        yield Blocker(
            "not_acknowledged",
            f"{step.owner} has not acknowledged step {step.label}.",
            "Its owner or deputy acknowledges it.",
            str(step.owner),
        )


# The moves.


def release_blockers(actor: Actor, step: Activity) -> Iterator[Blocker]:
    """The portal releases steps by itself; a coordinator may where it did not."""
    yield from state_blockers(step, "release", "released")
    if actor.kind != "system":
        yield from coordinator_blockers(actor)
    yield from surroundings_blockers(step)
    yield from order_blockers(step)


def acknowledge_blockers(actor: Actor, step: Activity) -> Iterator[Blocker]:
    yield from _open_blockers(step, (life.PLANNED, life.READY), "acknowledged")
    if actor.id is None or actor.id not in (step.owner_id, step.deputy_id):
        yield Blocker(
            "not_owner",
            f"Only the owner or the deputy of step {step.label} acknowledges it.",
            f"Ask {step.owner}." if step.owner_id else "Assign an owner first.",
            str(step.owner or "release coordinator"),
            kind="permission",
        )
    if step.acknowledged_at is not None and clock.now() - step.acknowledged_at < AGAIN_AFTER:
        yield Blocker("acknowledged", f"Step {step.label} is acknowledged already.",
                      "Nothing to do.", "nobody", kind="state")  # fmt: skip


def assign_blockers(actor: Actor, step: Activity) -> Iterator[Blocker]:
    yield from _open_blockers(step, OPEN_STEP, "given to somebody")
    yield from coordinator_blockers(actor)


def substitute_blockers(actor: Actor, step: Activity) -> Iterator[Blocker]:
    """In the night, for whoever does not come."""
    yield from _open_blockers(step, OPEN_STEP, "given to a substitute")
    yield from coordinator_blockers(actor)
    yield from surroundings_blockers(step)


def start_blockers(actor: Actor, step: Activity) -> Iterator[Blocker]:
    yield from state_blockers(step, "start", "started")
    yield from implementer_blockers(actor, step)
    yield from duty_blockers(actor, step)
    yield from let_start_duty_blockers(actor, step)
    yield from surroundings_blockers(step)
    yield from clock_blockers(step)
    yield from order_blockers(step)
    yield from subsystem_blockers(step)
    yield from ownership_blockers(step)
    yield from go_blockers(step)
    yield from batch_blockers(step)


def pause_blockers(actor: Actor, step: Activity) -> Iterator[Blocker]:
    yield from state_blockers(step, "pause", "paused")
    yield from _implementer_or_coordinator_blockers(actor, step)


def resume_blockers(actor: Actor, step: Activity) -> Iterator[Blocker]:
    yield from state_blockers(step, "resume", "resumed")
    yield from _implementer_or_coordinator_blockers(actor, step)


def progress_blockers(actor: Actor, step: Activity) -> Iterator[Blocker]:
    yield from _open_blockers(step, life.RUNNING_STEP, "reported on")
    yield from implementer_blockers(actor, step, adapter=True)


def holds_batch(step: Activity) -> bool:
    return step.type_id == HOLD and not step.is_backout


def tell_date_blockers(actor: Actor, step: Activity) -> Iterator[Blocker]:
    """The date that is held is told by who holds the batch, and may be put right afterwards."""
    if not holds_batch(step):
        yield Blocker("holds_nothing", f"Step {step.label} holds no batch.",
                      "Tell it of the step that does.", "the team of that step",
                      kind="state")  # fmt: skip
    yield from _open_blockers(
        step, (*life.RUNNING_STEP, life.COMPLETED), "told the business date of"
    )
    if not actor.holds(*COORDINATOR):
        yield from implementer_blockers(actor, step, adapter=True)


def note_blockers(actor: Actor, step: Activity) -> Iterator[Blocker]:
    if not actor.holds(*COORDINATOR, "validator"):
        yield from implementer_blockers(actor, step, adapter=True)


def verify_blockers(actor: Actor, step: Activity) -> Iterator[Blocker]:
    """A second pair of eyes: an implementer of the team or a validator who did not do it."""
    yield from _open_blockers(step, (life.IN_PROGRESS,), "verified")
    if not step.needs_eyes:
        yield Blocker("no_four_eyes", f"Step {step.label} needs no second person.",
                      "Complete it.", "the team of the step", kind="state")  # fmt: skip
    if step.verified_by_id is not None:
        yield Blocker("verified", f"Step {step.label} is verified already.", "Complete it.",
                      "the team of the step", kind="state")  # fmt: skip
    if not (actor.is_human and actor.holds("validator")):
        yield from implementer_blockers(actor, step)
    if actor.id is not None and actor.id == step.done_by_id:
        yield Blocker(
            "own_step",
            f"You did step {step.label}; somebody else verifies it.",
            "Ask a colleague to look and to verify.",
            f"another implementer of {step.team.name}, or a validator",
            kind="permission",
        )


def complete_blockers(actor: Actor, step: Activity) -> Iterator[Blocker]:
    """What ran to its end is recorded, whatever became of its package meanwhile."""
    yield from state_blockers(step, "complete", "completed")
    yield from implementer_blockers(actor, step, adapter=True)
    yield from duty_blockers(actor, step)
    if step.needs_eyes and step.verified_by_id is None:
        yield Blocker(
            "not_verified",
            f"Step {step.label} needs a second person's look before it completes.",
            "Somebody other than the one who did it verifies it.",
            f"another implementer of {step.team.name}, or a validator",
        )


def accept_deviation_blockers(actor: Actor, step: Activity) -> Iterator[Blocker]:
    yield from _open_blockers(step, (life.IN_PROGRESS,), "accepted with a deviation")
    yield from coordinator_blockers(actor)
    if step.max_rc is None:
        yield Blocker("no_limit", f"Step {step.label} has no limit to deviate from.",
                      "Complete it.", "the team of the step", kind="state")  # fmt: skip
    if actor.id is not None and actor.id == step.done_by_id:
        yield Blocker(
            "own_step",
            f"You did step {step.label}; somebody else accepts its deviation.",
            "Ask another coordinator.",
            "another release coordinator",
            kind="permission",
        )


def fail_blockers(actor: Actor, step: Activity) -> Iterator[Blocker]:
    yield from state_blockers(step, "fail", "failed")
    if not actor.holds(*COORDINATOR):
        yield from implementer_blockers(actor, step, adapter=True)


def retry_blockers(actor: Actor, step: Activity) -> Iterator[Blocker]:
    yield from state_blockers(step, "retry", "tried again")
    yield from coordinator_blockers(actor)
    yield from surroundings_blockers(step)


def needs_retry_reason(step: Activity) -> bool:
    return step.attempts >= ATTEMPTS_FREE


def skip_blockers(actor: Actor, step: Activity) -> Iterator[Blocker]:
    yield from state_blockers(step, "skip", "skipped")
    if step.mandatory:
        yield from role_blockers(
            actor, "release_manager", fix="A mandatory step is skipped by the release manager."
        )
    else:
        yield from coordinator_blockers(actor)
    waiting = (
        ActivityDependency.objects.filter(predecessor=step.pk, strength=HARD)
        .exclude(activity__state=life.SKIPPED)
        .select_related("activity")
        .order_by("activity__label")
    )
    for edge in {edge.activity_id: edge for edge in waiting}.values():
        yield Blocker(
            "successor_depends",
            f"Step {edge.activity.label} builds on it and is "
            f"{LABELS[edge.activity.state].lower()}.",
            f"Skip {edge.activity.label} first.",
            "release coordinator",
            details={"step": str(edge.activity_id)},
        )


def release_hold_blockers(actor: Actor, step: Activity) -> Iterator[Blocker]:
    yield from _open_blockers(step, (life.PLANNED,), "released from its hold")
    yield from coordinator_blockers(actor)
    if not step.hold_point or step.hold_released:
        yield Blocker("no_hold", f"Step {step.label} is not held.", "Nothing to do.", "nobody",
                      kind="state")  # fmt: skip


def escalate_blockers(actor: Actor, step: Activity) -> Iterator[Blocker]:
    """Whoever works on the step, or answers for it, may call for help; so may the portal."""
    yield from _open_blockers(step, OPEN_STEP, "escalated")
    involved = actor.id is not None and actor.id in (step.owner_id, step.deputy_id)
    if actor.kind != "system" and not involved and not actor.holds(*COORDINATOR, "validator"):
        yield from implementer_blockers(actor, step, adapter=True)
