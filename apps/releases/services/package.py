"""The life of a package: planned, ready, run, decided, completed or taken back, closed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any
from uuid import UUID

from apps.changes.models import ChangeAsset, ChangeRequest
from apps.changes.services import execution
from apps.changes.services.risk import Moment
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker, bad_input, refuse_if_any
from apps.core.step_up import step_up_blockers
from apps.core.text import text_blockers, tidy
from apps.evidence.domain.canonical import digest
from apps.evidence.events import Event
from apps.evidence.services.door import door
from apps.evidence.services.ledger import record, record_many, remember
from apps.gates.domain.acknowledgement import (
    acknowledged,
    acknowledgement_blockers,
    to_acknowledge,
)
from apps.gates.domain.evaluation import hard_blockers
from apps.inventory.models import Environment
from apps.inventory.services.versions import install_version
from apps.releases import events
from apps.releases.domain import lifecycle as life
from apps.releases.models import Activity, ReleasePackage, ValidationCheck
from apps.releases.policies import package as rules
from apps.releases.policies.package_facts import work_of
from apps.releases.policies.reasons import reason_blockers
from apps.releases.policies.roster import planned_times
from apps.releases.policies.step_order import order_blockers
from apps.releases.services import package_capacity as capacity
from apps.releases.services.activities import release_ready_activities
from apps.releases.services.execution_seal import hand_in_plan, seal_plan
from apps.releases.services.no_return import package_no_return_blockers
from apps.releases.services.package_content import lock_package
from apps.releases.services.readiness import (
    IN_A_DOOR,
    ON_A_PAGE,
    emergency_blockers,
    gate_blockers,
    ready_results,
    refresh_items,
)
from apps.releases.services.risk import keep_risk_at_start, score_package
from apps.releases.services.rows import as_key, key_of
from apps.releases.services.slots import with_next_window
from apps.releases.services.step_order import lock_night_of, order_steps
from apps.windows.models import ReleaseWindow
from apps.windows.services.deviations import use_deviations

Outcome = ReleasePackage.Outcome


# Blockers of the moves that ask the gates, as the page and the doors see them.


def plan_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    """With what the rules of order say of its steps in the night of its window."""
    yield from rules.plan_blockers(actor, package)
    if package.state in life.PACKAGE_SOURCES["plan"]:
        yield from order_blockers(package)


def confirm_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    """A page does not wait for a plan that is not known yet. Which soft gates are acknowledged is
    entered in the form, and asked by the door."""
    yield from rules.confirm_blockers(actor, package)
    yield from hard_blockers(ready_results(package))


def soft_choices(package: ReleasePackage) -> list[tuple[str, str]]:
    """The soft gates that whoever confirms the package ready has to acknowledge, with what each
    found first."""
    return [
        (each.code, f"{each.code} {each.title}: {each.detail.partition(chr(10))[0]}"[:200])
        for each in to_acknowledge(ready_results(package))
    ]


def start_blockers(
    actor: Actor, package: ReleasePackage, *, most_steps: int | None = ON_A_PAGE
) -> Iterator[Blocker]:
    yield from rules.start_blockers(actor, package)
    if package.state in life.PACKAGE_SOURCES["start"]:
        yield from gate_blockers(package, "start", most_steps=most_steps)
        yield from package_no_return_blockers(package)


def emergency_start_blockers(
    actor: Actor, package: ReleasePackage, *, anew: bool = False
) -> Iterator[Blocker]:
    yield from rules.emergency_start_blockers(actor, package)
    if package.state in life.PACKAGE_SOURCES["emergency_start"] and package.is_emergency:
        yield from emergency_blockers(package, anew=anew)


def close_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    yield from rules.close_blockers(actor, package)
    if package.state in life.PACKAGE_SOURCES["close"]:
        yield from gate_blockers(package, "close", most_steps=ON_A_PAGE)


# Before the night.


@door("package")
def plan(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> ReleasePackage:
    """Take the window's capacity, schedule the approved changes, order the steps by their rules,
    open the readiness items."""
    lock_night_of(key_of(pk, "package"))
    package = lock_package(pk, expected_seq=expected_seq)
    blockers = [*plan_blockers(actor, package), *text_blockers("comment", comment)]
    refuse_if_any(with_next_window(package, blockers))
    package.plan()
    return _planned(package, actor, events.PACKAGE_PLANNED, comment)


@door("package")
def replan(
    *,
    pk: UUID,
    actor: Actor,
    window: UUID | str,
    expected_seq: int | None = None,
    comment: str = "",
) -> ReleasePackage:
    """Plan a delayed package for `window`."""
    chosen = as_key(window)
    lock_night_of(key_of(pk, "package"), chosen)
    package = lock_package(pk, expected_seq=expected_seq, window_id=chosen)
    found = ReleaseWindow.objects.filter(pk=chosen).first() if chosen else None
    blockers = [*rules.replan_blockers(actor, package), *text_blockers("comment", comment)]
    if found is None:
        blockers.append(bad_input("window", "There is no such window.", "Choose one of the list."))
    else:
        blockers += rules.new_window_blockers(package, found)
    refuse_if_any(with_next_window(package, blockers))
    package.window = found
    package.delay_count += 1
    package.replan()
    return _planned(package, actor, events.PACKAGE_REPLANNED, comment)


def _planned(package: ReleasePackage, actor: Actor, event: Event, comment: str) -> ReleasePackage:
    capacity.take(package, actor)
    seal_plan(package, actor, comment)
    capacity.schedule_approved(package, actor, work_of(package).open_changes)
    record_package(package, actor, event, comment)
    order_steps(package, actor, comment)
    refresh_items(package, most_steps=IN_A_DOOR)
    return package


@door("package")
def confirm_ready(
    *,
    pk: UUID,
    actor: Actor,
    soft_gates: Collection[str] = (),
    expected_seq: int | None = None,
    comment: str = "",
) -> ReleasePackage:
    """Every gate is asked at this moment; then plan and content are frozen.

    Hard gates have to be met. Soft ones that are not are acknowledged by the actor, each by its
    code in `soft_gates`; then `comment` is the reason. Steps without planned times get them from
    their order and durations.
    """
    package = lock_package(pk, expected_seq=expected_seq)
    # A window that was edited a moment ago is handed in before the signatures are relied on.
    seal_plan(package, actor, comment)
    results = ready_results(package, anew=True)
    refuse_if_any(
        [
            *step_up_blockers(actor),
            *rules.confirm_blockers(actor, package),
            *hard_blockers(results),
            *acknowledgement_blockers(results, soft_gates, comment),
            *text_blockers("comment", comment),
        ]
    )
    capacity.schedule_approved(package, actor, work_of(package).open_changes)
    package.baseline = _fix_times(package, actor)
    package.content_digest = content_digest(package)
    taken_on = acknowledged(results, tidy(comment), actor.printed_name, clock.now())
    package.soft_gates = [each.as_dict() for each in taken_on]
    risk = score_package(package, Moment.CONFIRM)
    package.confirm_ready()
    record_package(package, actor, events.PACKAGE_CONFIRMED, comment,
            content_digest=package.content_digest, risk=risk.as_fact)  # fmt: skip
    refresh_items(package)
    return package


def _fix_times(package: ReleasePackage, actor: Actor) -> dict[str, list[Any]]:
    """Give every forward step its planned times; returns the baseline."""
    work = work_of(package)
    times = planned_times(work)
    untimed = [
        step for step in Activity.objects.select_for_update().filter(
            package=package, is_backout=False, planned_start_at__isnull=True
        ).order_by("pk")
        if step.pk in times
    ]  # fmt: skip
    for step in untimed:
        remember(step)
        step.planned_start_at, step.planned_end_at = times[step.pk]
    record_many(untimed, actor=actor, event=events.ACTIVITY_TIMED)
    labels = {step.pk: (step.label, step.duration_minutes) for step in work.forward}
    return {
        str(key): [labels[key][0], start.isoformat(), end.isoformat(), labels[key][1]]
        for key, (start, end) in times.items()
    }


def content_digest(package: ReleasePackage) -> str:
    """Over what was confirmed: the changes as approved, the steps, the checks, the backout."""
    work = work_of(package)
    fingerprints = ChangeRequest.objects.filter(pk__in=work.open_changes).order_by("pk")
    plan = work.backout_plan
    return digest({
        "package": package.code,
        "window": package.window_id,
        "changes": [list(row) for row in fingerprints.values_list("code", "fingerprint")],
        "dependencies": sorted(d.predecessor.code for d in work.dependencies),
        "steps": sorted(
            [step.label, step.type_id, step.title, step.duration_minutes, step.is_backout,
             step.mandatory, step.irreversible, str(step.owner_id)]
            for step in work.steps
        ),
        "checks": sorted(
            [check.code, check.kind, check.phase, check.expected_operator, check.expected_value,
             check.baseline, check.mandatory]
            for check in work.checks
        ),
        "backout": [plan.strategy, plan.trigger_criteria, plan.data_written] if plan else None,
    })  # fmt: skip


@door("package")
def regress(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> ReleasePackage:
    """ready → planned: the portal when a gate turned false, a coordinator to edit the plan.

    `comment` is the cause.
    """
    package = lock_package(pk, expected_seq=expected_seq)
    refuse_if_any([*rules.regress_blockers(actor, package), *reason_blockers(comment, "Cause")])
    package.regress()
    package.forget_confirmation()
    record_package(package, actor, events.PACKAGE_REGRESSED, comment)
    refresh_items(package, most_steps=IN_A_DOOR)
    return package


@door("package")
def delay(
    *,
    pk: UUID,
    actor: Actor,
    reason: str,
    expected_seq: int | None = None,
    comment: str = "",
) -> ReleasePackage:
    """Move the package out of its window; possible until something was altered."""
    package = lock_package(pk, expected_seq=expected_seq)
    blockers = [*rules.delay_blockers(actor, package), *reason_blockers(comment)]
    if reason not in ReleasePackage.DelayReason.values:
        blockers.append(bad_input("reason", f"{reason!r} is no reason.", "Choose one of the list."))
    refuse_if_any(blockers)
    return leave_window(package, actor, reason, comment)


def leave_window(
    package: ReleasePackage, actor: Actor, reason: str, comment: str
) -> ReleasePackage:
    """Inner: give the locked package's capacity back and free its changes for another night."""
    ids = work_of(package).open_changes
    if package.state == life.IN_PROGRESS:
        tell_changes(execution.return_to_approved, package, actor, ids, "implementing", comment)
        _recall(package, actor, comment)
    else:
        capacity.unschedule(package, actor, ids, comment)
    capacity.give_back(package, actor, comment)
    package.delay_reason, package.delay_text = reason, tidy(comment)
    package.started_at = None
    package.forget_confirmation()
    forget_decision(package)
    package.delay()
    return record_package(package, actor, events.PACKAGE_DELAYED, comment)


def _recall(package: ReleasePackage, actor: Actor, comment: str) -> None:
    """Steps and checks that were done in vain are planned again."""
    steps = list(
        Activity.objects.select_for_update().filter(
            package=package, state__in=life.ACTIVITY_SOURCES["recall"]
        ).order_by("pk")
    )  # fmt: skip
    for step in steps:
        remember(step)
        step.recall()
        step.started_at = step.ended_at = step.recorded_start_at = step.recorded_end_at = None
        step.done_by = step.verified_by = step.rc = step.acknowledged_at = None
        step.business_date = None
        step.deviation_accepted_by = None
        step.result_text = step.failure_code = step.deviation_reason = ""
        step.hold_released = False
        step.let_start_by, step.let_start_reason = None, ""
        step.planned_start_at = step.planned_end_at = None
    record_many(steps, actor=actor, event=events.ACTIVITY_RECALLED, comment=comment)
    checks = list(
        ValidationCheck.objects.select_for_update().filter(
            package=package, state__in=life.CHECK_SOURCES["recall"]
        ).order_by("pk")
    )  # fmt: skip
    for check in checks:
        remember(check)
        check.recall()
        check.done_by = check.accepted_by = check.run_at = None
        check.actual_value = check.result_text = check.accepted_reason = ""
    record_many(checks, actor=actor, event=events.CHECK_RECALLED, comment=comment)


@door("package")
def cancel(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> ReleasePackage:
    """Give everything back; the changes are free for another package."""
    package = lock_package(pk, expected_seq=expected_seq)
    refuse_if_any([*rules.cancel_blockers(actor, package), *reason_blockers(comment)])
    capacity.unschedule(package, actor, work_of(package).open_changes, comment)
    capacity.give_back(package, actor, comment)
    package.members.filter(is_open=True).update(is_open=False)
    package.outcome, package.ended_at = Outcome.CANCELLED, clock.now()
    package.cancel()
    return record_package(package, actor, events.PACKAGE_CANCELLED, comment)


# In the night.


@door("package")
def start(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> ReleasePackage:
    """Ask the gates once more, then begin: the first steps become ready."""
    package = lock_package(pk, expected_seq=expected_seq)
    refuse_if_any(
        [*start_blockers(actor, package, most_steps=None), *text_blockers("comment", comment)]
    )
    package.start()
    return _started(package, actor, events.PACKAGE_STARTED, comment)


@door("package")
def emergency_start(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> ReleasePackage:
    """Begin an emergency package at once; it may take its window's reserve."""
    package = lock_package(pk, expected_seq=expected_seq)
    refuse_if_any(
        [
            *step_up_blockers(actor),
            *emergency_start_blockers(actor, package, anew=True),
            *reason_blockers(comment),
        ]
    )
    if package.window_id is not None:
        capacity.take(package, actor)
    package.baseline = _fix_times(package, actor)
    package.content_digest = content_digest(package)
    hand_in_plan(package, actor, comment)
    package.emergency_start()
    return _started(package, actor, events.PACKAGE_EMERGENCY_STARTED, comment)


def _started(package: ReleasePackage, actor: Actor, event: Event, comment: str) -> ReleasePackage:
    package.started_at = clock.now()
    use_deviations(about=package.subject, actor=actor)
    risk = score_package(package, Moment.START)
    keep_risk_at_start(package)
    execution.start(change_ids=work_of(package).open_changes, actor=actor, package=package.subject)
    record_package(package, actor, event, comment, content_digest=package.content_digest,
            risk=risk.as_fact)  # fmt: skip
    release_ready_activities(package=package.pk, actor=actor)
    return package


@door("package")
def to_validation(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> ReleasePackage:
    package = lock_package(pk, expected_seq=expected_seq)
    refuse_if_any(
        [*rules.to_validation_blockers(actor, package), *text_blockers("comment", comment)]
    )
    package.to_validation()
    return record_package(package, actor, events.PACKAGE_VALIDATING, comment)


def to_validation_if_done(package_id: UUID, actor: Actor) -> None:
    """Inner: the last step before validation takes its package there."""
    package = lock_package(package_id)
    work = work_of(package)
    if (
        package.state == life.IN_PROGRESS
        and work.forward
        and next(work.unfinished(before_validation=True), None) is None
    ):
        package.to_validation()
        record_package(package, actor, events.PACKAGE_VALIDATING, "The last step before it ended.")


@door("package")
def reopen(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> ReleasePackage:
    """Back from validation to the steps; a decision that was taken is void."""
    package = lock_package(pk, expected_seq=expected_seq)
    refuse_if_any([*rules.reopen_blockers(actor, package), *reason_blockers(comment)])
    forget_decision(package)
    package.reopen()
    record_package(package, actor, events.PACKAGE_REOPENED, comment)
    release_ready_activities(package=package.pk, actor=actor)
    return package


def forget_decision(package: ReleasePackage) -> None:
    package.go_decision = package.go_reason = ""
    package.go_by = package.go_at = None


@door("package")
def complete(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> ReleasePackage:
    """Everything is delivered: versions move, the warranty begins."""
    package = lock_package(pk, expected_seq=expected_seq)
    refuse_if_any([*rules.complete_blockers(actor, package), *text_blockers("comment", comment)])
    delivered = work_of(package).open_changes
    deliver(package, actor, delivered, comment)
    package.outcome = Outcome.COMPLETED
    package.complete()
    return record_package(package, actor, events.PACKAGE_COMPLETED, comment)


def deliver(package: ReleasePackage, actor: Actor, ids: Sequence[UUID], comment: str) -> None:
    execution.complete(change_ids=ids, actor=actor, package=package.subject, comment=comment)
    package.members.filter(change__in=ids).update(outcome="delivered")
    package.ended_at = clock.now()
    package.warranty_until = package.ended_at + life.WARRANTY
    lines = ChangeAsset.objects.filter(change__in=ids).exclude(to_version="")
    versions = lines.exclude(action=ChangeAsset.Action.DELETE).order_by("asset_id", "id")
    install_versions(package, actor, versions.values_list("asset_id", "to_version"))


def install_versions(package: ReleasePackage, actor: Actor, versions: Any) -> None:
    """Record what is in production now; `versions` are (asset key, level) in key order."""
    places = Environment.objects.filter(is_production=True).order_by("site__code", "order")
    if package.window is not None:
        places = places.filter(site=package.window.site_id)
    environment = places.first()
    if environment is None:
        return
    for asset_id, level in versions:
        install_version(
            asset_id=asset_id,
            actor=actor,
            environment=environment,
            level=level,
            installed_by=package.subject,
        )


@door("package")
def fail(
    *,
    pk: UUID,
    actor: Actor,
    code: str,
    expected_seq: int | None = None,
    comment: str = "",
) -> ReleasePackage:
    """The package does not work; a release manager decides to fix forward or to back out."""
    package = lock_package(pk, expected_seq=expected_seq)
    blockers = [*rules.fail_blockers(actor, package), *reason_blockers(comment, "What happened")]
    if code not in ReleasePackage.FailureCode.values:
        blockers.append(bad_input("code", f"{code!r} is no cause.", "Choose one of the list."))
    refuse_if_any(blockers)
    ids = work_of(package).open_changes
    tell_changes(execution.fail, package, actor, ids, "implementing", comment)
    package.failure_code, package.failure_text = code, tidy(comment)
    package.failed_at = clock.now()
    forget_decision(package)
    package.health = ReleasePackage.Health.RED
    package.fail()
    return record_package(package, actor, events.PACKAGE_FAILED, comment)


# After the night.

OUTCOME_OF_STATE = {
    life.COMPLETED: Outcome.COMPLETED,
    life.PARTIALLY: Outcome.PARTIALLY,
    life.FAILED: Outcome.FAILED,
    life.BACKED_OUT: Outcome.BACKED_OUT,
}


@door("package")
def close(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> ReleasePackage:
    """End it with the outcome that its state tells; `comment` holds the lessons."""
    package = lock_package(pk, expected_seq=expected_seq)
    refuse_if_any([*close_blockers(actor, package), *rules.lessons_blockers(package, comment)])
    package.outcome = OUTCOME_OF_STATE[package.state]
    package.lessons = tidy(comment)
    package.ended_at = package.ended_at or clock.now()
    if package.state == life.FAILED:
        package.members.filter(is_open=True).update(outcome="failed")
    package.members.filter(is_open=True).update(is_open=False)
    package.close()
    return record_package(package, actor, events.PACKAGE_CLOSED, comment)


def tell_changes(
    move: Any,
    package: ReleasePackage,
    actor: Actor,
    ids: Sequence[UUID],
    state: str,
    comment: str,
) -> None:
    """Tell governance of those changes that are in `state`."""
    there = ChangeRequest.objects.filter(pk__in=ids, state=state).order_by("pk")
    chosen = list(there.values_list("pk", flat=True))
    if chosen:
        move(change_ids=chosen, actor=actor, package=package.subject, comment=comment)


def record_package(
    package: ReleasePackage, actor: Actor, event: Event, comment: str, **more: Any
) -> ReleasePackage:
    """Inner: save what was changed on the locked package, with its entry."""
    record(package, actor=actor, event=event, comment=comment, parts=package.part_values(), **more)
    package.__dict__.pop("_work", None)
    return package
