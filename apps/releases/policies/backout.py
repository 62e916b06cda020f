"""Every reason why something may not happen to a backout plan, one generator per move."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from apps.core.actor import Actor
from apps.core.errors import Blocker, bad_input
from apps.core.text import text_blockers
from apps.evidence.domain.canonical import digest
from apps.evidence.models import EvidenceEntry
from apps.releases import events
from apps.releases.domain import lifecycle as life
from apps.releases.domain.backout import reasons_to_rehearse
from apps.releases.models import Activity, BackoutPlan, PackageChange
from apps.releases.policies.activity import COORDINATOR
from apps.releases.policies.reasons import role_blockers
from apps.releases.policies.reasons import state_blockers as any_state_blockers

LABELS = dict(life.BACKOUT_STATES)
AUTHORS = ("release_coordinator", "developer", "technical_lead")
LOCKED_FROM = (life.IN_PROGRESS, life.VALIDATING, life.BACKING_OUT)


def state_blockers(plan: BackoutPlan, move: str, done: str) -> Iterator[Blocker]:
    sources = life.BACKOUT_SOURCES[move]
    name = f"The backout plan of {plan.package.code}"
    yield from any_state_blockers(name, plan.state, sources, LABELS, done)


# What it says.


def write_blockers(actor: Actor) -> Iterator[Blocker]:
    yield from role_blockers(actor, *AUTHORS)


def edit_blockers(actor: Actor, plan: BackoutPlan) -> Iterator[Blocker]:
    yield from any_state_blockers(
        f"The backout plan of {plan.package.code}", plan.state, (life.DRAFT,), LABELS, "edited"
    )
    yield from write_blockers(actor)
    yield from paper_time_blockers(plan)


def paper_time_blockers(plan: BackoutPlan) -> Iterator[Blocker]:
    """In the night the plan is followed, not written."""
    package = plan.package
    if package.state in LOCKED_FROM or package.state in life.SETTLED[:4]:
        yield Blocker(
            "plan_fixed",
            f"{package.code} is {package.get_state_display().lower()}; "
            "its backout plan is followed as it is.",
            "Nothing to do.",
            "release manager",
            kind="state",
        )


def value_blockers(plan: BackoutPlan) -> Iterator[Blocker]:
    yield from text_blockers("trigger_criteria", plan.trigger_criteria, required=True)
    for name in ("verification", "restore_points"):
        yield from text_blockers(name, getattr(plan, name))
    owner = plan.decision_owner if plan.decision_owner_id else None
    if owner is not None and not owner.is_active:
        yield bad_input("decision_owner", f"{owner} is not active.", "Choose somebody else.")


def content_of(plan: BackoutPlan) -> str:
    """Digest of what a review, a rehearsal and an approval are about: the plan, its steps, and
    the steps that alter something."""
    steps = (
        Activity.objects.filter(package=plan.package_id)
        .select_related("type", "reverses")
        .order_by("label")
    )
    return digest(
        {
            "plan": [
                plan.strategy, plan.trigger_criteria, plan.verification, plan.restore_points,
                plan.data_written,
            ],
            "backout": [
                [s.label, s.type_id, s.instruction, s.reverses.label if s.reverses else ""]
                for s in steps
                if s.is_backout
            ],
            "forward": [
                [s.label, s.type_id, s.irreversible]
                for s in steps
                if s.type.alters and not s.is_backout
            ],
        }
    )  # fmt: skip


def authors_of(plan: BackoutPlan) -> set[UUID]:
    """Everybody who wrote a word of it."""
    return {
        pk
        for pk in EvidenceEntry.objects.filter(
            subject=plan.subject,
            action__in=[events.BACKOUT_CREATED.code, events.BACKOUT_EDITED.code],
        ).values_list("actor_id", flat=True)
        if pk is not None
    }


def _not_own_blockers(actor: Actor, plan: BackoutPlan, verb: str) -> Iterator[Blocker]:
    if not actor.is_human:
        yield Blocker("not_a_person", "Only a person decides.", "Sign in as yourself.",
                      "an approver", kind="permission")  # fmt: skip
    if actor.id is not None and actor.id in authors_of(plan):
        yield Blocker(
            "own_plan",
            f"You wrote this plan; somebody else {verb} it.",
            "Ask a colleague.",
            "somebody who did not write it",
            kind="permission",
        )


def _backout_teams(plan: BackoutPlan) -> set[str]:
    return set(
        Activity.objects.filter(package=plan.package_id, is_backout=True).values_list(
            "team__code", flat=True
        )
    )


# The moves on paper.


def review_blockers(actor: Actor, plan: BackoutPlan) -> Iterator[Blocker]:
    """By a team that has to execute it, or a technical lead."""
    yield from state_blockers(plan, "review", "reviewed")
    yield from _not_own_blockers(actor, plan, "reviews")
    teams = _backout_teams(plan)
    executes = actor.holds("implementer") and bool(teams & actor.teams)
    if not executes and not actor.holds("technical_lead"):
        who = f"an implementer of {', '.join(sorted(teams))}" if teams else "an implementer"
        yield Blocker(
            "role_missing",
            f"{actor.printed_name} may not review it; a team that executes it reviews it.",
            f"Ask {who} or a technical lead.",
            who,
            kind="permission",
        )


def rehearse_blockers(actor: Actor, plan: BackoutPlan) -> Iterator[Blocker]:
    yield from state_blockers(plan, "rehearse", "rehearsed")
    yield from role_blockers(actor, "implementer", "technical_lead", *COORDINATOR)


def approve_blockers(actor: Actor, plan: BackoutPlan) -> Iterator[Blocker]:
    yield from state_blockers(plan, "approve", "approved")
    yield from _not_own_blockers(actor, plan, "approves")
    if not actor.holds("release_manager"):
        scopes = sorted({f"application:{code}" for code in _applications(plan)})
        yield from role_blockers(
            actor, "application_owner", scopes=scopes or (None,),
            fix="Ask a release manager or the owner of the application.",
        )  # fmt: skip
    if plan.state == life.REVIEWED:
        for reason in _why_rehearse(plan):
            yield Blocker(
                "not_rehearsed",
                f"It has to be rehearsed first: {reason}.",
                "Rehearse it in a test environment and record that.",
                "the team that executes it",
            )
    if plan.state in life.BACKOUT_SOURCES["approve"] and content_of(plan) != plan.content_digest:
        yield Blocker(
            "content_changed",
            "The plan or its steps changed after the review.",
            "Take it back to draft and have it reviewed again.",
            "release coordinator",
        )


def _applications(plan: BackoutPlan) -> list[str]:
    return list(
        PackageChange.objects.filter(package=plan.package_id).values_list(
            "change__application__code", flat=True
        )
    )


def _why_rehearse(plan: BackoutPlan) -> list[str]:
    members = PackageChange.objects.filter(package=plan.package_id)
    bands = {plan.package.risk_band, *members.values_list("change__risk_band", flat=True)}
    types = Activity.objects.filter(package=plan.package_id, is_backout=False)
    return reasons_to_rehearse(bands, set(types.values_list("type_id", flat=True)))


def revise_blockers(actor: Actor, plan: BackoutPlan) -> Iterator[Blocker]:
    yield from state_blockers(plan, "revise", "taken back to draft")
    yield from write_blockers(actor)
    yield from paper_time_blockers(plan)


def invalidate_blockers(actor: Actor, plan: BackoutPlan) -> Iterator[Blocker]:
    yield from state_blockers(plan, "invalidate", "declared invalid")
    if actor.kind != "system":
        yield from role_blockers(actor, *COORDINATOR)


# The moves in the night. The package's own moves trigger, verify and fail it.


def execute_blockers(actor: Actor, plan: BackoutPlan) -> Iterator[Blocker]:
    yield from state_blockers(plan, "execute", "executed")
    yield from _executor_blockers(actor, plan)
    yield from _backing_out_blockers(plan)


def restore_blockers(actor: Actor, plan: BackoutPlan) -> Iterator[Blocker]:
    yield from state_blockers(plan, "restore", "declared restored")
    yield from role_blockers(actor, *COORDINATOR)
    yield from _backing_out_blockers(plan)
    left = Activity.objects.filter(
        package=plan.package_id,
        is_backout=True,
        reverses__state__in=life.DONE_STEP,
    ).exclude(state__in=life.ENDED_STEP)
    for step in left.order_by("label"):
        yield Blocker(
            "step_open",
            f"Backout step {step.label} is {step.get_state_display().lower()}.",
            "Complete it.",
            "the team of that step",
            details={"step": str(step.pk)},
        )


def _executor_blockers(actor: Actor, plan: BackoutPlan) -> Iterator[Blocker]:
    if not actor.holds(*COORDINATOR) and not _backout_teams(plan) & actor.teams:
        yield from role_blockers(
            actor, *COORDINATOR, fix="Ask the coordinator or a team that executes the backout."
        )


def _backing_out_blockers(plan: BackoutPlan) -> Iterator[Blocker]:
    if plan.package.state != life.BACKING_OUT:
        yield Blocker(
            "not_backing_out",
            f"{plan.package.code} is {plan.package.get_state_display().lower()}; "
            "nothing is taken back now.",
            "Start the backout of the package.",
            "release manager",
        )
