"""Who enters lessons and reviews, what an open lesson blocks, and what keeps them from ending."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db.models import Q, QuerySet

from apps.core.actor import Actor
from apps.core.errors import Blocker, bad_input
from apps.core.text import tidy
from apps.releases.domain import lifecycle as life
from apps.releases.models import Lesson, PlanTemplate, PostReview, ReleasePackage
from apps.releases.policies.reasons import role_blockers, state_blockers

WRITERS = ("release_coordinator", "release_manager", "change_manager", "technical_lead",
           "application_owner")  # fmt: skip
DROPPERS = ("release_manager", "change_manager")
STATES, REVIEW_STATES = dict(life.LESSON_STATES), dict(life.REVIEW_STATES)
PACKAGE_STATES = dict(life.PACKAGE_STATES)


def open_lessons() -> QuerySet[Lesson]:
    return Lesson.objects.filter(state=life.OPEN).select_related(
        "owner", "package", "window", "asset", "standard_template"
    )


def open_lessons_of(package: ReleasePackage) -> QuerySet[Lesson]:
    """Open lessons that other packages or nights taught about what this package reuses: the
    templates of its steps, the standard changes it carries, the assets that it changes."""
    about = (
        Q(plan_template__in=package.activities.exclude(template=None).values("template__code"))
        | Q(
            standard_template__in=package.members.exclude(
                change__standard_template=None
            ).values("change__standard_template")
        )
        | Q(asset__in=package.members.exclude(change__assets=None).values("change__assets__asset"))
    )  # fmt: skip
    rows = open_lessons().filter(about).exclude(package=package)
    return rows.order_by("due_on", "code")


def lesson_blockers(lessons: Iterable[Lesson]) -> Iterator[Blocker]:
    """That what they are about is not used again before their actions are done."""
    for lesson in lessons:
        yield Blocker(
            "lesson_open",
            f"Lesson {lesson.code} is open: {lesson.action[:200]}",
            "Do what it asks for and record that, or have the release manager drop it.",
            str(lesson.owner),
            details={"lesson": str(lesson.pk), "due": lesson.due_on.isoformat()},
        )


def write_blockers(actor: Actor) -> Iterator[Blocker]:
    yield from role_blockers(actor, *WRITERS)


def edit_blockers(actor: Actor, lesson: Lesson) -> Iterator[Blocker]:
    yield from write_blockers(actor)
    if lesson.state != life.OPEN:
        yield Blocker("wrong_state", f"{lesson} is {STATES[lesson.state].lower()}; it is kept.",
                      "Enter another lesson.", "you", kind="state")  # fmt: skip


def settle_blockers(actor: Actor, lesson: Lesson) -> Iterator[Blocker]:
    """By the owner of the action, or who answers for releases."""
    yield from state_blockers(
        lesson.code, lesson.state, life.LESSON_SOURCES["settle"], STATES, "done"
    )
    if actor.id is None or actor.id != lesson.owner_id:
        yield from role_blockers(actor, "release_coordinator", *DROPPERS,
                                 fix=f"Ask {lesson.owner}.")  # fmt: skip


def drop_blockers(actor: Actor, lesson: Lesson) -> Iterator[Blocker]:
    """Not by the owner of the action alone."""
    sources = life.LESSON_SOURCES["drop"]
    yield from state_blockers(lesson.code, lesson.state, sources, STATES, "dropped")
    yield from role_blockers(actor, *DROPPERS)


def about_blockers(lesson: Lesson) -> Iterator[Blocker]:
    """What it blocks is there."""
    code = lesson.plan_template
    if code and not PlanTemplate.objects.filter(code=code).exists():
        yield bad_input("plan_template", f"There is no plan template {code}.",
                        "Enter the code of one, or leave it empty.")  # fmt: skip


# Reviews.


def write_review_blockers(actor: Actor) -> Iterator[Blocker]:
    yield from role_blockers(actor, "release_coordinator", "release_manager", "change_manager")


def reviewable_blockers(package: ReleasePackage) -> Iterator[Blocker]:
    """Only what has run has numbers."""
    if package.state not in life.SETTLED or package.started_at is None:
        yield bad_input(
            "package",
            f"{package.code} is {PACKAGE_STATES[package.state].lower()} and has not run to an end.",
            "Review it when it has.",
            "not_run",
        )


def edit_review_blockers(actor: Actor, review: PostReview) -> Iterator[Blocker]:
    """Its owner, or who may draft one; while it is a draft."""
    if review.state != life.DRAFT:
        yield Blocker("wrong_state", f"{review} is completed; it is kept.", "Comment on it.",
                      "you", kind="state")  # fmt: skip
    if actor.id is None or actor.id != review.owner_id:
        yield from write_review_blockers(actor)


def conclude_blockers(actor: Actor, review: PostReview) -> Iterator[Blocker]:
    yield from edit_review_blockers(actor, review)
    if not tidy(review.conclusion):
        yield Blocker("no_conclusion", f"{review} has no conclusion.",
                      "Write what is done differently next time, and save it.",
                      str(review.owner))  # fmt: skip
