"""The moves of a plan template, as pages, API and tests see them."""

from __future__ import annotations

from apps.core.moves import Move
from apps.releases.domain import lifecycle as life
from apps.releases.models import PlanTemplate
from apps.releases.policies import plan_template as rules
from apps.releases.services import durations
from apps.releases.services import plan_templates as services

SOURCES = life.TEMPLATE_SOURCES


def _told(draft: PlanTemplate) -> tuple[str, ...]:
    return (f"{draft} is a draft with the same content.",)


def _told_durations(draft: PlanTemplate) -> tuple[str, ...]:
    return (f"{draft} is a draft with the durations of ended steps.",)


PLAN_TEMPLATE_MOVES = (
    Move(
        "review",
        "Reviewed: it can be used",
        service=services.review_template,
        blockers=rules.review_blockers,
        sources=SOURCES["review"],
        tone="main",
    ),
    Move(
        "activate",
        "Make it the active version",
        service=services.activate_template,
        blockers=rules.activate_blockers,
        sources=SOURCES["activate"],
        tone="main",
    ),
    Move(
        "rewrite",
        "Send it back",
        service=services.rewrite_template,
        blockers=rules.rewrite_blockers,
        sources=SOURCES["rewrite"],
        comment="required",
        comment_label="What has to be mended",
    ),
    Move(
        "revise",
        "Write a new version",
        service=services.revise_template,
        blockers=rules.revise_blockers,
        sources=(life.REVIEWED, life.ACTIVE, life.RETIRED),
        notes=_told,
    ),
    Move(
        "take_over",
        "Take over the durations",
        service=durations.take_over_durations,
        blockers=durations.take_over_blockers,
        sources=(life.REVIEWED, life.ACTIVE, life.RETIRED),
        notes=_told_durations,
        help_text="A draft of the next version with what half of such steps took.",
    ),
    Move(
        "retire",
        "Retire",
        service=services.retire_template,
        blockers=rules.retire_blockers,
        sources=SOURCES["retire"],
        comment="required",
        comment_label="Reason",
        tone="danger",
    ),
)
