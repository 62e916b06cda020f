"""The review of a package after its run: drafted from its numbers, completed by its owner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import refuse_if_any
from apps.evidence.services.door import door
from apps.evidence.services.ledger import lock, record, record_created
from apps.evidence.services.register import model_blockers
from apps.releases import events
from apps.releases.domain.lifecycle import LIVE_FINDING
from apps.releases.domain.review import Run, StepRun, numbers_of
from apps.releases.models import ActivityLog, PostReview, ReleasePackage
from apps.releases.policies import lesson as rules
from apps.releases.services.rows import comment_blockers, fill, key_of

TEXTS = ("went_well", "went_badly", "conclusion")
CREATABLE_FIELDS = ("package", "owner", *TEXTS)
EDITABLE_FIELDS = ("owner", *TEXTS)


@door("post_review")
def draft_review(*, actor: Actor, values: Mapping[str, Any], comment: str = "") -> PostReview:
    """The draft of the one review of a package, with the numbers of its run."""
    refuse_if_any([*rules.write_review_blockers(actor), *comment_blockers(comment)])
    review = PostReview()
    fill(review, values, CREATABLE_FIELDS)
    blockers = list(model_blockers(review))
    if review.package_id is not None:
        blockers += rules.reviewable_blockers(review.package)
    refuse_if_any(blockers)
    review.numbers = reckoned(review.package)
    return record_created(
        review, actor=actor, event=events.REVIEW_DRAFTED, comment=comment,
        about=review.package.subject,
    )  # fmt: skip


@door("post_review")
def edit_review(
    *,
    pk: UUID,
    actor: Actor,
    values: Mapping[str, Any],
    expected_seq: int | None = None,
    comment: str = "",
) -> PostReview:
    review = _lock(pk, expected_seq)
    refuse_if_any([*rules.edit_review_blockers(actor, review), *comment_blockers(comment)])
    before = review.governed_values()
    fill(review, values, EDITABLE_FIELDS)
    refuse_if_any(model_blockers(review))
    if review.governed_values() == before:
        return review
    return record(review, actor=actor, event=events.REVIEW_EDITED, comment=comment)


@door("post_review")
def reckon_review(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> PostReview:
    """Take the numbers anew: after the draft something was recorded late."""
    review = _lock(pk, expected_seq)
    refuse_if_any([*rules.edit_review_blockers(actor, review), *comment_blockers(comment)])
    review.numbers = reckoned(review.package)
    return record(review, actor=actor, event=events.REVIEW_RECKONED, comment=comment)


@door("post_review")
def conclude_review(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> PostReview:
    """draft → completed; its numbers are taken once more and kept."""
    review = _lock(pk, expected_seq)
    refuse_if_any([*rules.conclude_blockers(actor, review), *comment_blockers(comment)])
    review.numbers = reckoned(review.package)
    review.concluded_by_id, review.concluded_at = actor.id, clock.now()
    review.conclude()
    return record(review, actor=actor, event=events.REVIEW_CONCLUDED, comment=comment)


def _lock(pk: UUID, expected_seq: int | None) -> PostReview:
    rows = PostReview.objects.select_related("package__window", "owner")
    return lock(rows, key_of(pk, "review"), expected_seq=expected_seq)


def reckoned(package: ReleasePackage) -> dict[str, Any]:
    """The numbers of the package's run as they are now; five queries."""
    steps = package.activities.order_by("is_backout", "planned_start_at", "label")
    calls = ActivityLog.objects.filter(activity__package=package, kind=ActivityLog.Kind.ESCALATE)
    return numbers_of(
        Run(
            [
                StepRun(
                    step.label, step.title, step.get_state_display(), step.duration_minutes,
                    step.planned_start_at, step.started_at, step.ended_at, step.attempts,
                    step.is_backout, step.failure_code, step.deviation_reason,
                )
                for step in steps
            ],
            package.outcome or package.state,
            package.window.effective_cutoff if package.window else None,
            package.ended_at,
            [(check.code, check.state) for check in package.checks.order_by("code")],
            (package.get_go_decision_display(), str(package.go_by or ""), package.go_reason),
            calls.count(),
            package.findings.filter(state__in=LIVE_FINDING).count(),
            package.delay_count,
        )
    )  # fmt: skip
