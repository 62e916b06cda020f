"""The evidence that a type of step asks for before it completes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from apps.core import clock
from apps.releases.domain.required import Given, in_words, missing, required
from apps.releases.models import ActivityType
from apps.releases.services import activities as run
from tests.releases.night import NIGHT, Night, night, put
from tests.support import refused

ALL = ("rc", "count", "log", "eyes")


@pytest.fixture
def dark(db: None) -> Iterator[Night]:
    with clock.at(NIGHT):
        yield night()


@pytest.mark.parametrize(
    ("given", "left"),
    [
        (Given(), ALL),
        (Given(rc=0), ("count", "log", "eyes")),
        (Given(result="JOB"), ("rc", "count", "eyes")),
        (Given(result="12,480 records"), ("rc", "eyes")),
        (Given(has_exhibit=True, is_verified=True), ("rc", "count")),
    ],
)
def test_what_is_missing_is_what_nobody_gave(given: Given, left: tuple[str, ...]) -> None:
    assert missing(ALL, given) == left


def test_the_plan_adds_to_what_the_type_asks_for() -> None:
    assert required(["count"], has_limit=True, four_eyes=True) == ("rc", "count", "eyes")
    assert in_words(("rc", "count")) == "return code, count"


@pytest.mark.django_db
def test_a_step_does_not_complete_without_what_its_type_asks_for(dark: Night) -> None:
    step = dark.step("A4", "in_progress", type_id="CONVERT_DATA")
    who = dark.actor("implementer")
    assert step.required == ("rc", "count")
    with refused("rc_missing", "count_missing") as caught:
        run.complete_activity(pk=step.pk, actor=who)
    assert {blocker.field for blocker in caught.value.blockers} == {"rc", "result"}
    done = run.complete_activity(pk=step.pk, actor=who, rc=0, result="12,480 records, JOB04711")
    assert done.state == "completed"


@pytest.mark.django_db
def test_a_log_is_named_or_attached(dark: Night) -> None:
    step = dark.step("A7", "in_progress", type_id="SEND_FILE")
    with refused("log_missing"):
        run.complete_activity(pk=step.pk, actor=dark.actor("implementer"))


@pytest.mark.django_db
def test_what_is_risky_by_its_type_needs_a_second_person_whatever_the_plan_says(
    dark: Night,
) -> None:
    step = dark.step("A8", "in_progress", type_id="SECURITY")
    assert not step.four_eyes
    with refused("not_verified"):
        run.complete_activity(pk=step.pk, actor=dark.actor("implementer"))
    run.verify_activity(pk=step.pk, actor=dark.actor("colleague"))
    assert run.complete_activity(pk=step.pk, actor=dark.actor("implementer")).verified_by


@pytest.mark.django_db
def test_an_accepted_deviation_is_its_return_code(dark: Night) -> None:
    step = dark.step("A3", "in_progress", type_id="SCM_EXECUTE", max_rc=4)
    put(step, deviation_accepted_by=dark.people["coordinator"], rc=8, deviation_reason="Known.")
    done = run.complete_activity(pk=step.pk, actor=dark.actor("implementer"))
    assert done.rc == 8


@pytest.mark.django_db
def test_the_catalogue_asks_for_kinds_that_there_are() -> None:
    asked = {kind for each in ActivityType.objects.all() for kind in each.requires}
    assert asked == set(ALL)
