"""Plan validation checks, measure, and record what came out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker, bad_input, not_found, refuse_if_any
from apps.core.step_up import step_up_blockers
from apps.core.text import text_blockers, tidy
from apps.evidence.services.door import door
from apps.evidence.services.ledger import lock, record, record_created
from apps.evidence.services.register import model_blockers
from apps.releases import events
from apps.releases.domain.checks import judge, value_problems
from apps.releases.models import ValidationCheck
from apps.releases.policies import check as rules
from apps.releases.policies.activity_plan import plan_open_blockers
from apps.releases.policies.reasons import reason_blockers
from apps.releases.services.execution_seal import seal_plan, seal_plans_of
from apps.releases.services.rows import comment_blockers, fill, key_of, lock_owner, lock_plans

EDITABLE_FIELDS = (
    "change",
    "code",
    "title",
    "kind",
    "method",
    "expected_operator",
    "expected_value",
    "baseline",
    "baseline_source",
    "phase",
    "mandatory",
    "owner",
    "team",
    "activity",
)
CREATABLE_FIELDS = ("package", "window", *EDITABLE_FIELDS)


def checks_with_surroundings() -> QuerySet[ValidationCheck]:
    return ValidationCheck.objects.select_related(
        "team", "owner", "change", "activity", "package__window", "window"
    )


@door("check")
def create_check(*, actor: Actor, values: Mapping[str, Any], comment: str = "") -> ValidationCheck:
    """A new planned check of a package or of a window."""
    refuse_if_any([*rules.plan_check_blockers(actor), *comment_blockers(comment)])
    check = ValidationCheck()
    fill(check, values, CREATABLE_FIELDS)
    lock_owner(check)
    refuse_if_any([*plan_open_blockers(check), *_value_blockers(check)])
    record_created(check, actor=actor, event=events.CHECK_CREATED, comment=comment)
    return _sealed(check, actor)


@door("check")
def edit_check(
    *,
    pk: UUID,
    actor: Actor,
    values: Mapping[str, Any],
    expected_seq: int | None = None,
    comment: str = "",
) -> ValidationCheck:
    check = _lock_check(pk, expected_seq)
    refuse_if_any([*rules.edit_check_blockers(actor, check), *comment_blockers(comment)])
    before = check.governed_values()
    fill(check, values, EDITABLE_FIELDS)
    refuse_if_any(_value_blockers(check))
    if check.governed_values() == before:
        return check
    record(check, actor=actor, event=events.CHECK_EDITED, comment=comment)
    return _sealed(check, actor)


def _sealed(check: ValidationCheck, actor: Actor) -> ValidationCheck:
    comment = f"Check {check.code} is another now."
    seal_plan(check.package, actor, comment)
    seal_plans_of(check.window, actor, comment)
    return check


@door("check")
def run_check(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> ValidationCheck:
    """Begin to measure."""
    check = _lock_check(pk, expected_seq)
    refuse_if_any([*rules.run_blockers(actor, check), *comment_blockers(comment)])
    check.begin()
    check.done_by_id = actor.id
    return record(check, actor=actor, event=events.CHECK_BEGUN, comment=tidy(comment))


@door("check")
def record_result(
    *,
    pk: UUID,
    actor: Actor,
    actual_value: str,
    expected_seq: int | None = None,
    comment: str = "",
) -> ValidationCheck:
    """What was measured; whether it passed follows from the plan, nobody chooses it."""
    check = _lock_check(pk, expected_seq)
    actual = tidy(str(actual_value))
    blockers = [
        *rules.result_blockers(actor, check),
        *comment_blockers(comment),
        *text_blockers("actual_value", actual, longest=120),
    ]
    if not blockers:
        blockers += [
            bad_input(problem.field, problem.text, problem.fix)
            for problem in value_problems(check.expected_operator, actual)
        ]
    refuse_if_any(blockers)
    verdict = judge(check.expected_operator, check.expected_value, check.baseline, actual)
    check.actual_value, check.result_text = actual, verdict.text
    check.run_at, check.done_by_id = clock.now(), actor.id
    if verdict.passed:
        check.pass_check()
    else:
        check.fail()
    event = events.CHECK_PASSED if verdict.passed else events.CHECK_FAILED
    return record(check, actor=actor, event=event, comment=tidy(comment))


@door("check")
def mark_inconclusive(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> ValidationCheck:
    """The measurement told nothing: neither passed nor failed."""
    check = _lock_check(pk, expected_seq)
    refuse_if_any([*rules.inconclusive_blockers(actor, check), *reason_blockers(comment)])
    check.be_inconclusive()
    check.run_at, check.done_by_id = clock.now(), actor.id
    check.result_text = tidy(comment)
    return record(check, actor=actor, event=events.CHECK_INCONCLUSIVE, comment=tidy(comment))


@door("check")
def rerun_check(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> ValidationCheck:
    """Measure again; what came out before stays in the history."""
    check = _lock_check(pk, expected_seq)
    refuse_if_any([*rules.rerun_blockers(actor, check), *reason_blockers(comment)])
    check.rerun()
    check.done_by_id = actor.id
    check.actual_value = check.result_text = ""
    check.run_at = None
    return record(check, actor=actor, event=events.CHECK_REPEATED, comment=tidy(comment))


@door("check")
def accept_check_deviation(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> ValidationCheck:
    """The application's owner lives with what differs, and says why."""
    check = _lock_check(pk, expected_seq)
    refuse_if_any(
        [
            *rules.accept_blockers(actor, check),
            *step_up_blockers(actor),
            *reason_blockers(comment),
        ]
    )
    check.accept()
    check.accepted_by_id = actor.id
    check.accepted_reason = tidy(comment)
    return record(check, actor=actor, event=events.CHECK_ACCEPTED, comment=tidy(comment))


@door("check")
def mark_not_run(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> ValidationCheck:
    """Leave a check out, with the reason."""
    check = _lock_check(pk, expected_seq)
    refuse_if_any([*rules.leave_out_blockers(actor, check), *reason_blockers(comment)])
    check.leave_out()
    check.result_text = tidy(comment)
    return record(check, actor=actor, event=events.CHECK_LEFT_OUT, comment=tidy(comment))


def _lock_check(pk: UUID | str, expected_seq: int | None) -> ValidationCheck:
    """The check, locked after its window or package."""
    key = key_of(pk, "validation check")
    places = ValidationCheck.objects.filter(pk=key).values_list("window_id", "package_id").first()
    if places is None:
        raise not_found("validation check")
    lock_plans([places[0]], [places[1]])
    return lock(checks_with_surroundings(), key, expected_seq=expected_seq)


def _value_blockers(check: ValidationCheck) -> list[Blocker]:
    found = list(model_blockers(check))
    named = {blocker.field for blocker in found}
    return [*found, *(b for b in rules.check_value_blockers(check) if b.field not in named)]
