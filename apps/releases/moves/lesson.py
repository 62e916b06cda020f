"""The moves of lessons and reviews, as pages, API and tests see them."""

from __future__ import annotations

from apps.core.moves import Move
from apps.releases.domain import lifecycle as life
from apps.releases.policies import lesson as rules
from apps.releases.services import lessons, post_review

LESSON_MOVES = (
    Move(
        "settle",
        "Done",
        service=lessons.settle_lesson,
        blockers=rules.settle_blockers,
        sources=life.LESSON_SOURCES["settle"],
        comment="required",
        comment_label="What was done",
        tone="main",
    ),
    Move(
        "drop",
        "Drop",
        service=lessons.drop_lesson,
        blockers=rules.drop_blockers,
        sources=life.LESSON_SOURCES["drop"],
        comment="required",
        comment_label="Reason",
        tone="danger",
        help_text="What it blocks can be used again although nothing was done.",
    ),
)
REVIEW_MOVES = (
    Move(
        "conclude",
        "Complete the review",
        service=post_review.conclude_review,
        blockers=rules.conclude_blockers,
        sources=life.REVIEW_SOURCES["conclude"],
        tone="main",
    ),
    Move(
        "reckon",
        "Take the numbers anew",
        service=post_review.reckon_review,
        blockers=rules.edit_review_blockers,
        sources=(life.DRAFT,),
    ),
)
