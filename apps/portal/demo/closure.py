"""What was learnt of the nights before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial

from apps.portal.demo.stage import Row, Scene, acting, moment, person, read
from apps.releases.models import Lesson, PostReview, ReleasePackage
from apps.releases.services import lessons, post_review

COORDINATOR = "coordinator"


def scenes() -> Iterator[Scene]:
    told = read("closure.yaml")
    for row in told["lessons"]:
        yield Scene(moment(row["at"]), partial(_enter, row))
        if "done" in row:
            when, text = row["done"]
            yield Scene(moment(when), partial(_settle, row, text))
    for row in told["reviews"]:
        yield Scene(moment(row["at"]), partial(_draft, row))
        if "concluded" in row:
            yield Scene(moment(row["concluded"]), partial(_conclude, row))


def _enter(row: Row) -> None:
    lessons.enter_lesson(
        actor=acting(COORDINATOR),
        values={
            "package": ReleasePackage.objects.get(code=row["package"]),
            "owner": person(row["owner"]),
            "due_on": date.fromisoformat(row["due"]),
            **{name: row[name] for name in ("category", "what", "why", "action")},
        },
    )


def _settle(row: Row, text: str) -> None:
    lesson = Lesson.objects.get(action=row["action"])
    lessons.settle_lesson(pk=lesson.pk, actor=acting(row["owner"]), comment=text)


def _draft(row: Row) -> None:
    post_review.draft_review(
        actor=acting(COORDINATOR),
        values={
            "package": ReleasePackage.objects.get(code=row["package"]),
            "owner": person(row["owner"]),
            **{name: row[name] for name in ("went_well", "went_badly", "conclusion")},
        },
    )


def _conclude(row: Row) -> None:
    review = PostReview.objects.get(package__code=row["package"])
    post_review.conclude_review(pk=review.pk, actor=acting(row["owner"]))
