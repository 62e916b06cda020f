"""A package in its night: started, handed to validation, reopened, declared failed."""

from __future__ import annotations

from uuid import UUID

from apps.changes.services import execution
from apps.changes.services.risk import Moment
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import bad_input, refuse_if_any
from apps.core.step_up import step_up_blockers
from apps.core.text import text_blockers, tidy
from apps.evidence.events import Event
from apps.evidence.services.door import door
from apps.releases import events
from apps.releases.domain import lifecycle as life
from apps.releases.models import ReleasePackage
from apps.releases.policies import package as rules
from apps.releases.policies.package_facts import work_of
from apps.releases.policies.reasons import reason_blockers
from apps.releases.services import package_capacity as capacity
from apps.releases.services.activities import release_ready_activities
from apps.releases.services.execution_seal import hand_in_plan
from apps.releases.services.package.blockers import emergency_start_blockers, start_blockers
from apps.releases.services.package.confirming import content_digest, fix_times
from apps.releases.services.package.recording import forget_decision, record_package, tell_changes
from apps.releases.services.package_content import lock_package
from apps.releases.services.risk import keep_risk_at_start, score_package
from apps.windows.services.deviations import use_deviations


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
    package.baseline = fix_times(package, actor)
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
