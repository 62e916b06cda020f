"""Take a package out of its window, or give it up."""

from __future__ import annotations

from uuid import UUID

from apps.changes.services import execution
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import bad_input, refuse_if_any
from apps.core.text import tidy
from apps.evidence.services.door import door
from apps.evidence.services.ledger import record_many, remember
from apps.releases import events
from apps.releases.domain import lifecycle as life
from apps.releases.models import Activity, ReleasePackage, ValidationCheck
from apps.releases.policies import package as rules
from apps.releases.policies.package_facts import work_of
from apps.releases.policies.reasons import reason_blockers
from apps.releases.services import package_capacity as capacity
from apps.releases.services.package.recording import (
    Outcome,
    forget_decision,
    record_package,
    tell_changes,
)
from apps.releases.services.package_content import lock_package


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
