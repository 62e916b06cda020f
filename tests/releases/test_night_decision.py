"""The go/no-go decision: who takes it, who confirms it, and what is kept of its moment."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta

import pytest
from django.db import connection

from apps.core import clock
from apps.releases.models import GoNoGo, ReleasePackage
from apps.releases.services import night_decision as services
from apps.releases.services import partial
from apps.releases.services.go_no_go import numbers_of
from apps.windows.selectors import windows_with_people
from tests.factories import actor, make_user
from tests.releases.worlds import NOTE, OPENS, Night, small_night
from tests.support import commit_now, once_a_module, refused, refused_by_database

pytestmark = pytest.mark.django_db


built = once_a_module(small_night)


@pytest.fixture
def night(built: Night, db: None) -> Night:
    return deepcopy(built)


def again(package: ReleasePackage) -> ReleasePackage:
    return ReleasePackage.objects.get(pk=package.pk)


def risky(package: ReleasePackage) -> ReleasePackage:
    ReleasePackage.objects.filter(pk=package.pk).update(risk_band="high")
    return again(package)


def test_a_decision_keeps_the_numbers_of_its_moment(night: Night) -> None:
    package = night.decided()
    commit_now()
    kept = GoNoGo.objects.get()
    line = kept.lines.get()
    assert (line.package, line.decision, kept.decided_by) == (package, "go", night.manager)
    assert kept.numbers["backout_minutes"] == 10
    assert kept.numbers["no_return_passed"] is False
    (stand,) = kept.numbers["packages"]
    assert (stand["steps_done"], stand["steps"]) == (3, 3)
    assert [(check["code"], check["state"]) for check in stand["checks"]] == [("V1", "passed")]


def test_a_decision_is_never_edited(night: Night) -> None:
    night.decided()
    commit_now()
    with refused_by_database("append-only|permission denied"), connection.cursor() as cursor:
        cursor.execute("UPDATE releases_gonogo SET two_persons = ''")


def test_of_high_risk_a_go_waits_for_a_second_person(night: Night) -> None:
    package = risky(night.validating())
    night.checked(package)
    manager = actor(night.manager)
    with night.at(50):
        other = make_user("manager.two", "release_manager")
        proposed = services.decide(pk=package.pk, actor=manager, decision="go")
        assert again(package).go_decision == "" and not GoNoGo.objects.exists()
        assert "second person" in services.told(proposed)[0]
        with refused("second_person"):
            services.confirm_decision(pk=package.pk, actor=manager)
        services.confirm_decision(pk=package.pk, actor=actor(other))
    commit_now()
    kept = GoNoGo.objects.get()
    assert (kept.decided_by, kept.confirmed_by) == (night.manager, other)
    assert kept.two_persons == f"The risk of {package.code} is high."
    assert (again(package).go_decision, again(package).go_by) == ("go", night.manager)


def test_a_no_go_waits_for_nobody(night: Night) -> None:
    package = risky(night.validating())
    with night.at(50):
        services.decide(pk=package.pk, actor=actor(night.manager), decision="no_go", comment=NOTE)
    assert again(package).go_decision == "no_go"


def test_what_changed_since_is_proposed_again(night: Night) -> None:
    package = risky(night.validating())
    night.checked(package)
    with night.at(50):
        other = actor(make_user("manager.two", "release_manager"))
        services.decide(pk=package.pk, actor=actor(night.manager), decision="go")
        ReleasePackage.objects.filter(pk=package.pk).update(risk_band="critical")
        with refused("changed_since"):
            services.confirm_decision(pk=package.pk, actor=other)
    with night.at(90), refused("not_proposed"):
        services.confirm_decision(pk=package.pk, actor=other)


def test_the_night_as_a_whole_is_confirmed_by_a_second_person(night: Night) -> None:
    package = risky(night.validating())
    night.checked(package)
    with night.at(50):
        services.go_no_go(pk=night.window.pk, actor=actor(night.manager), decision="go")
        services.confirm_go_no_go(pk=night.window.pk, actor=actor(night.bank.owner))
    commit_now()
    assert again(package).go_decision == "go"
    assert GoNoGo.objects.get().window == night.window


def test_a_part_is_decided_by_two_and_stands_until_it_is_completed(night: Night) -> None:
    kept, left = night.change(), night.change()
    package = night.validating(changes=[kept, left])
    night.run(night.steps(package)["A3"], 30)
    night.checked(package)
    manager, owner = actor(night.manager), actor(night.bank.owner)
    with night.at(50):
        with refused():
            services.decide(pk=package.pk, actor=manager, decision="partial", comment=NOTE,
                            delivered="CHG0000")  # fmt: skip
        services.decide(
            pk=package.pk, actor=manager, decision="partial", comment=NOTE, delivered=kept.code
        )
        with refused("role_missing"):
            services.confirm_decision(
                pk=package.pk, actor=actor(make_user("manager.two", "release_manager"))
            )
        services.confirm_decision(pk=package.pk, actor=owner)
    with night.at(120):
        partial.complete_partially(pk=package.pk, actor=owner)
    commit_now()
    assert again(package).outcome == "partially_completed"
    assert GoNoGo.objects.get().lines.get().delivered == [kept.code]


def test_the_numbers_tell_until_when_what_has_begun_can_be_undone(night: Night) -> None:
    night.validating()
    window = night.window
    numbers = numbers_of(window, OPENS)
    assert numbers.backout_minutes == 10
    # The cut-off less D 15, V 20 and ten minutes with a tenth of safety.
    assert (window.effective_cutoff - numbers.latest_backout_at).total_seconds() == 46 * 60
    assert numbers.go_ready_at is not None and not numbers.obstacles


def test_before_the_night_the_numbers_are_those_of_the_plan(night: Night) -> None:
    night.planned()
    numbers = numbers_of(night.window, OPENS)
    assert (numbers.basis, numbers.go_ready_at) == ("plan", OPENS + timedelta(minutes=30))


def test_while_it_runs_the_numbers_are_those_of_the_projection(night: Night) -> None:
    """The test of ten minutes was to be done by 30, and has not begun by 60."""
    night.validating()
    with night.at(60):
        numbers = numbers_of(windows_with_people().get(pk=night.window.pk), clock.now())
    assert numbers.basis == "projection"
    assert numbers.go_ready_at is not None
    assert numbers.go_ready_at >= OPENS + timedelta(minutes=68)
    assert numbers.no_return_at is not None and numbers.margin_minutes is not None
