"""The way back of a package: fix forward while there is time, or take back what was done."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from apps.approvals.policies import countersign_blockers
from apps.approvals.selectors import open_proposal
from apps.approvals.services.countersigns import confirm, propose
from apps.changes.models import ChangeAsset
from apps.changes.services import execution
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker, refuse_if_any
from apps.core.step_up import step_up_blockers
from apps.core.text import text_blockers, tidy
from apps.evidence.events import Event
from apps.evidence.services.door import door
from apps.evidence.services.ledger import lock, record
from apps.inventory.models import AssetVersion
from apps.releases import events
from apps.releases.domain import lifecycle as life
from apps.releases.domain.planner.plan import NEVER
from apps.releases.models import BackoutPlan, ReleasePackage
from apps.releases.policies import package as rules
from apps.releases.policies import way_back as way
from apps.releases.policies.activity_clock import local
from apps.releases.policies.package_facts import work_of
from apps.releases.policies.reasons import reason_blockers, role_blockers
from apps.releases.services.activities import release_ready_activities
from apps.releases.services.backout_generation import (
    generate_backout,
    restored_levels,
    shared_not_undone,
)
from apps.releases.services.live import LIVE, live_of, projected_ends
from apps.releases.services.package import (
    Outcome,
    install_versions,
    record_package,
    tell_changes,
)
from apps.releases.services.package_content import lock_package
from apps.releases.services.window_plan import backout_now, latest_backout_at, planning_of

SOURCES = life.PACKAGE_SOURCES

# Blockers of the moves that ask the plan of the night.


def no_return_passed(package: ReleasePackage) -> str:
    """In a sentence, that what has begun in its night is no longer undone before the cut-off."""
    if package.window is None:
        return ""
    planning = planning_of(package.window)
    if clock.now() <= latest_backout_at(planning, package.pk):
        return ""
    return (
        "The point of no return has passed: undoing what has begun takes "
        f"{backout_now(planning, package.pk)} min, and would end after the cut-off."
    )


def executive_reasons(package: ReleasePackage) -> list[str]:
    """Why the way back takes a second executive and a major incident; empty when it does not."""
    passed = no_return_passed(package)
    final = [
        f"Step {step.label} {step.title} has run and cannot be undone."
        for step in way.final_steps(package)
    ]
    return [passed, *final] if passed else final


def needs_executive(package: ReleasePackage) -> bool:
    return package.state in SOURCES["start_backout"] and bool(executive_reasons(package))


def resume_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    """To fix forward is possible as long as a fix that fails can still be undone."""
    yield from rules.resume_blockers(actor, package)
    if package.state in SOURCES["resume"] and (passed := no_return_passed(package)):
        yield Blocker("past_no_return", passed, "Back the package out.", "release manager")
    elif package.state in SOURCES["resume"]:
        yield from _late_fix_blockers(package)


def _late_fix_blockers(package: ReleasePackage) -> Iterator[Blocker]:
    """What it still has to alter ends, by the projection, while it can be taken back."""
    if package.window is None or package.window.state not in LIVE:
        return
    live = live_of(package.window, with_what_ifs=False)
    found = live.projection
    if found is None or found.no_return == NEVER:
        return
    ends = projected_ends(live)
    left = [
        step
        for step in work_of(package).forward
        if step.pk in ends
        and step.type.alters
        and not step.irreversible
        and step.state not in life.ENDED_STEP
    ]
    last = max(left, key=lambda step: ends[step.pk], default=None)
    if last is not None and ends[last.pk] > live.at(found.no_return):
        yield Blocker(
            "ends_after_no_return",
            f"By the projection step {last.label} would end at "
            f"{local(package.window, ends[last.pk])}, after the point of no return, "
            f"{local(package.window, live.at(found.no_return))}.",
            "Back the package out, or gain time first.",
            "release manager",
        )


def propose_backout_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    """The release manager asks; this is the way where one executive is not enough."""
    yield from rules.start_backout_blockers(actor, package)
    if package.state in SOURCES["start_backout"]:
        yield from way.on_top_blockers(package)
        if not executive_reasons(package):
            yield Blocker("not_needed", "The way back is still safe; one person decides on it.",
                          "Back it out.", "release manager")  # fmt: skip


def start_backout_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    """Of a way back that is no longer safe a second executive confirms what was proposed."""
    if not needs_executive(package):
        yield from rules.start_backout_blockers(actor, package)
    else:
        yield from rules.backout_plan_blockers(package)
        yield from role_blockers(
            actor, *way.EXECUTIVES,
            fix=" ".join(executive_reasons(package))
            + " A second executive confirms what the release manager proposes.",
        )  # fmt: skip
        yield from way.executive_blockers(actor, package)
        found = open_proposal(package.subject, way.BACKOUT)
        seal = way.backout_digest(package, found.values) if found else ""
        yield from countersign_blockers(actor, found, seal)
    if package.state in SOURCES["start_backout"]:
        yield from way.on_top_blockers(package)


def finish_backout_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    """Shared steps that its way back calls for are undone too."""
    yield from rules.finish_backout_blockers(actor, package)
    if package.state in SOURCES["finish_backout"]:
        for line in shared_not_undone(package):
            yield Blocker(
                "not_undone",
                f"Shared step {line.undoes.label} {line.undoes.title} is not undone.",
                f"Complete its backout step {line.back.label}.",
                "the team of that step",
            )


# The moves.


@door("package")
def propose_backout(
    *,
    pk: UUID,
    actor: Actor,
    incident_ref: str,
    remedy: str = "",
    expected_seq: int | None = None,
    comment: str = "",
) -> ReleasePackage:
    """Ask a second executive for the backout after the point of no return. `incident_ref` is the
    major incident; `remedy` what makes up for what cannot be undone."""
    package = lock_package(pk, expected_seq=expected_seq)
    final = way.final_steps(package)
    refuse_if_any([*step_up_blockers(actor),
        *propose_backout_blockers(actor, package),
        *reason_blockers(comment),
        *rules.incident_blockers(incident_ref),
        *text_blockers("remedy", remedy, required=bool(final), longest=2_000,
                       label="What makes up for it"),
    ])  # fmt: skip
    values = {"incident_ref": tidy(incident_ref), "remedy": tidy(remedy)}
    propose(
        about=package.subject, purpose=way.BACKOUT, values=values, actor=actor,
        because=" ".join(executive_reasons(package)), reason=tidy(comment),
        content_digest=way.backout_digest(package, values),
    )  # fmt: skip
    return package


@door("package")
def resume(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> ReleasePackage:
    """Fix forward."""
    package = lock_package(pk, expected_seq=expected_seq)
    refuse_if_any(
        [*step_up_blockers(actor), *resume_blockers(actor, package), *reason_blockers(comment)]
    )
    ids = work_of(package).open_changes
    tell_changes(execution.resume, package, actor, ids, "failed", comment)
    package.health = ReleasePackage.Health.AMBER
    package.failed_at = None
    package.resume()
    record_package(package, actor, events.PACKAGE_RESUMED, comment)
    release_ready_activities(package=package.pk, actor=actor)
    return package


@door("package")
def start_backout(
    *,
    pk: UUID,
    actor: Actor,
    incident_ref: str = "",
    expected_seq: int | None = None,
    comment: str = "",
) -> ReleasePackage:
    """Take the package back: the way back of what was really done is put in order, and its first
    steps become ready."""
    package = lock_package(pk, expected_seq=expected_seq)
    refuse_if_any([*step_up_blockers(actor),
        *start_backout_blockers(actor, package),
        *reason_blockers(comment),
        *text_blockers("incident_ref", incident_ref, longest=40),
    ])  # fmt: skip
    found = open_proposal(package.subject, way.BACKOUT) if needs_executive(package) else None
    told: dict[str, Any] = {}
    if found is not None:
        signed = confirm(found, actor=actor, comment=tidy(comment))
        incident_ref = signed.values["incident_ref"]
        told = {"remedy": signed.values["remedy"], "proposed_by": str(signed.proposed_by)}
    package.incident_ref = tidy(incident_ref) or package.incident_ref
    package.health = ReleasePackage.Health.RED
    package.failed_at = None
    package.start_backout()
    order = generate_backout(package, actor)
    told |= {
        "way_back": [f"{line.back.label} undoes {line.undoes.label}" for line in order.lines],
        "not_done": [back.label for back in order.idle],
        **(
            {"kept": [f"{each.step.label} for {', '.join(each.needed_by)}" for each in order.kept]}
            if order.kept
            else {}
        ),
    }
    record_package(package, actor, events.PACKAGE_BACKOUT_STARTED, comment, facts=told)
    _move_plan(package, actor, "trigger", events.BACKOUT_TRIGGERED, comment)
    release_ready_activities(package=package.pk, actor=actor)
    return package


@door("package")
def finish_backout(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> ReleasePackage:
    """Everything that was done is undone and checked: the old versions are back."""
    package = lock_package(pk, expected_seq=expected_seq)
    refuse_if_any([
        *finish_backout_blockers(actor, package), *text_blockers("comment", comment)
    ])  # fmt: skip
    ids = work_of(package).open_changes
    execution.back_out(change_ids=ids, actor=actor, package=package.subject, comment=comment)
    _restore_versions(package, actor)
    package.members.filter(is_open=True).update(outcome="backed_out", is_open=False)
    package.outcome, package.ended_at = Outcome.BACKED_OUT, clock.now()
    package.warranty_until = None
    package.finish_backout()
    restored = {"restored": restored_levels(package)}
    record_package(package, actor, events.PACKAGE_BACKED_OUT, comment, facts=restored)
    _move_plan(package, actor, "verify", events.BACKOUT_VERIFIED, comment)
    # What the night shares waits for its steps no more.
    release_ready_activities(window=package.window_id, actor=actor)
    return package


def _restore_versions(package: ReleasePackage, actor: Actor) -> None:
    """What this package installed is what it was built on again."""
    installed = AssetVersion.objects.filter(installed_by=package.subject).values("asset")
    lines = ChangeAsset.objects.filter(
        change__memberships__package=package, asset__in=installed
    ).exclude(from_version="")
    install_versions(
        package, actor,
        lines.order_by("asset_id", "id").values_list("asset_id", "from_version"),
    )  # fmt: skip


@door("package")
def backout_failed(
    *,
    pk: UUID,
    actor: Actor,
    incident_ref: str,
    expected_seq: int | None = None,
    comment: str = "",
) -> ReleasePackage:
    """The backout does not work either: a major incident takes over."""
    package = lock_package(pk, expected_seq=expected_seq)
    refuse_if_any([
        *rules.backout_failed_blockers(actor, package),
        *reason_blockers(comment, "What happened"),
        *rules.incident_blockers(incident_ref),
    ])  # fmt: skip
    ids = work_of(package).open_changes
    tell_changes(execution.fail, package, actor, ids, "implementing", comment)
    package.incident_ref = tidy(incident_ref)
    package.failure_code = ReleasePackage.FailureCode.BACKOUT
    package.failure_text, package.failed_at = tidy(comment), clock.now()
    package.backout_failed()
    record_package(package, actor, events.PACKAGE_BACKOUT_FAILED, comment)
    _move_plan(package, actor, "fail", events.BACKOUT_FAILED, comment)
    return package


def _move_plan(
    package: ReleasePackage, actor: Actor, move: str, event: Event, comment: str
) -> None:
    found = BackoutPlan.objects.filter(
        package=package, state__in=life.BACKOUT_SOURCES[move]
    ).first()
    if found is not None:
        plan = lock(BackoutPlan, found.pk)
        getattr(plan, move)()
        record(plan, actor=actor, event=event, comment=comment, about=package.subject)
