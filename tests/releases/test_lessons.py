"""Lessons with actions, what they block, and what the numbers of a night are used for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from apps.core import clock
from apps.core.errors import Refused
from apps.evidence.services.ledger import record_created
from apps.releases import events
from apps.releases.models import Activity, ActivityType, Lesson, PlanTemplate, ReleasePackage
from apps.releases.selectors import open_lessons_for
from apps.releases.services import durations, lessons, plan_templates, post_review
from apps.releases.services.gate_facts import gather_facts
from apps.releases.services.plan_steps import preview_template
from tests.factories import SETUP
from tests.releases.night import NIGHT, Night, night, put
from tests.support import refused

pytestmark = pytest.mark.django_db
DONE = "The plan has ten minutes more."


@pytest.fixture
def dark(db: None) -> Iterator[Night]:
    with clock.at(NIGHT):
        yield night("completed")


def learnt(dark: Night, **about: Any) -> Lesson:
    values = {"category": "plan", "what": "The copy ran late.", "action": "Plan more time.",
              "owner": dark.people["implementer"], "due_on": NIGHT.date(), **about}  # fmt: skip
    values.setdefault("package", dark.package)
    return lessons.enter_lesson(actor=dark.actor("coordinator"), values=values)


def template(dark: Night) -> PlanTemplate:
    team = Activity(team=dark.step("X1").team).team
    made = plan_templates.write_template(
        actor=dark.actor("coordinator"),
        values={"code": "COPY", "name": "Copy modules"},
        parts={"steps": [{"label": "A1", "type": ActivityType.objects.get(code="COPY_LOAD"),
                          "title": "Copy", "team": team, "duration_minutes": 10}]},
    )  # fmt: skip
    plan_templates.review_template(pk=made.pk, actor=dark.actor("manager"))
    return plan_templates.activate_template(pk=made.pk, actor=dark.actor("manager"))


def test_the_owner_of_the_action_ends_a_lesson_and_says_what_was_done(dark: Night) -> None:
    lesson = learnt(dark)
    assert lesson.code == "LL-26001"
    with refused("role_missing"):
        lessons.settle_lesson(pk=lesson.pk, actor=dark.actor("colleague"), comment=DONE)
    ended = lessons.settle_lesson(pk=lesson.pk, actor=dark.actor("implementer"), comment=DONE)
    assert (ended.state, ended.settled_text) == ("done", DONE)
    with refused("wrong_state"):
        lessons.drop_lesson(pk=lesson.pk, actor=dark.actor("manager"), comment="Too late.")


def test_only_who_answers_for_releases_drops_a_lesson_and_says_why(dark: Night) -> None:
    lesson = learnt(dark)
    with refused("role_missing"):
        lessons.drop_lesson(pk=lesson.pk, actor=dark.actor("implementer"), comment="No time.")
    with pytest.raises(Refused):
        lessons.drop_lesson(pk=lesson.pk, actor=dark.actor("manager"), comment="")
    dropped = lessons.drop_lesson(pk=lesson.pk, actor=dark.actor("manager"), comment="Replaced.")
    assert dropped.state == "dropped"


def test_a_lesson_names_what_taught_it_and_a_template_that_is_there(dark: Night) -> None:
    with pytest.raises(Refused) as caught:
        learnt(dark, package=None, plan_template="NONE")
    texts = " ".join(blocker.text for blocker in caught.value.blockers)
    assert "Choose the package or the window" in texts and "no plan template NONE" in texts


def test_an_open_lesson_keeps_its_template_from_being_used(dark: Night) -> None:
    active = template(dark)
    lesson = learnt(dark, plan_template="COPY")
    other = dark.make_package("draft")
    with refused("lesson_open") as caught:
        preview_template(other, active, {})
    assert lesson.code in caught.value.blockers[0].text  # type: ignore[attr-defined]
    lessons.settle_lesson(pk=lesson.pk, actor=dark.actor("implementer"), comment=DONE)
    assert preview_template(other, active, {})


def test_an_open_lesson_meets_every_later_package_that_reuses_what_it_is_about(
    dark: Night,
) -> None:
    line = dark.change.assets.first()
    assert line is not None
    learnt(dark, asset=line.asset)
    assert open_lessons_for(dark.package) == (), "the package that taught it is no reuse"
    own = learnt(dark, package=None, window=dark.window, asset=line.asset)
    (told,) = open_lessons_for(dark.package)
    assert (told.code, told.text, told.due) == (own.code, "Plan more time.", NIGHT.date())
    (lesson,) = gather_facts(dark.package).lessons
    assert own.code in lesson.text, "and G21 tells it"
    assert open_lessons_for(dark.make_package("draft")) == ()


def ran(dark: Night, label: str, minutes: int) -> None:
    step = dark.step(label, "completed", duration_minutes=10)
    started = NIGHT - timedelta(minutes=60)
    put(step, started_at=started, ended_at=started + timedelta(minutes=minutes))


def test_what_steps_took_stands_beside_the_template_and_is_taken_over(dark: Night) -> None:
    active = template(dark)
    with refused("nothing_to_take_over"):
        durations.take_over_durations(pk=active.pk, actor=dark.actor("coordinator"))
    for number, minutes in enumerate((12, 14, 16, 18, 30)):
        ran(dark, f"D{number}", minutes)
    (row,) = durations.took_of(active)
    assert (row.count, row.half, row.most) == (5, 16, 20)
    draft = durations.take_over_durations(pk=active.pk, actor=dark.actor("coordinator"))
    assert (draft.number, draft.state) == (2, "draft")
    assert [step.duration_minutes for step in draft.steps.all()] == [16]
    assert [step.duration_minutes for step in active.steps.all()] == [10]


def test_the_review_is_drafted_from_the_run_and_completed_by_its_owner(dark: Night) -> None:
    ran(dark, "D1", 25)
    values = {"package": dark.package, "owner": dark.people["owner"]}
    with refused("not_run"):
        post_review.draft_review(actor=dark.actor("coordinator"), values=values)
    put(dark.package, started_at=NIGHT - timedelta(hours=1))
    values["package"] = ReleasePackage.objects.get(pk=dark.package.pk)
    review = post_review.draft_review(actor=dark.actor("coordinator"), values=values)
    assert review.numbers["steps"][0]["over"] == 15
    with refused("no_conclusion"):
        post_review.conclude_review(pk=review.pk, actor=dark.actor("owner"))
    texts = {"conclusion": "Plan twenty-five minutes."}
    post_review.edit_review(pk=review.pk, actor=dark.actor("owner"), values=texts)
    ended = post_review.conclude_review(pk=review.pk, actor=dark.actor("owner"))
    assert ended.state == "completed" and ended.concluded_by == dark.people["owner"]
    with pytest.raises(Refused):
        post_review.edit_review(pk=review.pk, actor=dark.actor("owner"), values=texts)


def test_notes_and_outcomes_are_pages_and_files(dark: Night) -> None:
    with transaction.atomic():
        record_created(
            ReleasePackage(
                code="RP-LATE", name="Late", points=1, owner=dark.people["owner"],
                coordinator=dark.people["owner"], kind="emergency", incident_ref="INC1",
                delay_count=1, delay_reason="capacity", delay_text="=No room",
            ),
            actor=SETUP, event=events.PACKAGE_CREATED,
        )  # fmt: skip
    browser = Client()
    browser.force_login(dark.people["viewer"])
    notes = reverse("release_notes", args=["window", dark.window.pk])
    assert dark.change.title in browser.get(notes).content.decode()
    file = browser.post(reverse("release_notes_text", args=["package", dark.package.pk]))
    assert file["Content-Type"].startswith("text/markdown")
    assert f"**{dark.change.code}**" in file.content.decode()
    assert browser.get("/notes/change/" + str(dark.package.pk) + "/").status_code == 404

    page = browser.get(reverse("outcomes")).content.decode()
    assert "No capacity" in page and "With an incident" in page
    assert (
        browser.get(reverse("outcomes"), {"first": "2026-11-02", "last": "2026-11-01"}).status_code
        == 400
    )
    rows = b"".join(browser.post(reverse("outcomes_csv")).streaming_content).decode()
    assert "Delayed,No capacity,RP-LATE" in rows and ",'=No room" in rows

    page = browser.get(reverse("admin:releases_releasepackage_change", args=[dark.package.pk]))
    assert "Enter a lesson" in page.content.decode()
