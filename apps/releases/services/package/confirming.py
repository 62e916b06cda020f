"""Confirm a package ready: its plan and content are frozen as they are."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from apps.changes.models import ChangeRequest
from apps.changes.services.risk import Moment
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import refuse_if_any
from apps.core.step_up import step_up_blockers
from apps.core.text import text_blockers, tidy
from apps.evidence.domain.canonical import digest
from apps.evidence.services.door import door
from apps.evidence.services.ledger import record_many, remember
from apps.gates.domain.acknowledgement import acknowledged, acknowledgement_blockers
from apps.gates.domain.evaluation import hard_blockers
from apps.releases import events
from apps.releases.models import Activity, ReleasePackage
from apps.releases.policies import package as rules
from apps.releases.policies.package_facts import work_of
from apps.releases.policies.roster import planned_times
from apps.releases.services import package_capacity as capacity
from apps.releases.services.execution_seal import seal_plan
from apps.releases.services.package.recording import record_package
from apps.releases.services.package_content import lock_package
from apps.releases.services.readiness import ready_results, refresh_items
from apps.releases.services.risk import score_package


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
    package.baseline = fix_times(package, actor)
    package.content_digest = content_digest(package)
    taken_on = acknowledged(results, tidy(comment), actor.printed_name, clock.now())
    package.soft_gates = [each.as_dict() for each in taken_on]
    risk = score_package(package, Moment.CONFIRM)
    package.confirm_ready()
    record_package(package, actor, events.PACKAGE_CONFIRMED, comment,
            content_digest=package.content_digest, risk=risk.as_fact)  # fmt: skip
    refresh_items(package)
    return package


def fix_times(package: ReleasePackage, actor: Actor) -> dict[str, list[Any]]:
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
