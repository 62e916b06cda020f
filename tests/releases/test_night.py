"""A window in its night, with the packages that have to say something about it."""

from __future__ import annotations

from copy import deepcopy

import pytest

from apps.releases.models import ReleasePackage
from apps.releases.services import night as services
from apps.releases.services import night_decision as decision
from apps.releases.services import package as packages
from apps.windows.models import ReleaseWindow
from apps.windows.services import planning
from tests.factories import actor
from tests.releases.worlds import NOTE, Night, small_night
from tests.support import commit_now, once_a_module, refused

pytestmark = pytest.mark.django_db


built = once_a_module(small_night)


@pytest.fixture
def night(built: Night, db: None) -> Night:
    return deepcopy(built)


def window_of(night: Night) -> ReleaseWindow:
    return ReleaseWindow.objects.get(pk=night.window.pk)


def test_a_night_without_a_ready_package_does_not_start(night: Night) -> None:
    night.planned()
    with night.before():
        planning.lock_scope(pk=night.window.pk, actor=actor(night.coordinator))
    with night.at(0), refused("nothing_ready", "batch_not_held"):
        services.start_window(pk=night.window.pk, actor=actor(night.coordinator))


def test_starting_the_night_releases_the_shared_steps(night: Night) -> None:
    hold = night.step(night.window, "W1", "HOLD_JOB")
    night.ready()
    with night.before():
        planning.lock_scope(pk=night.window.pk, actor=actor(night.coordinator))
    with night.at(0):
        services.start_window(pk=night.window.pk, actor=actor(night.coordinator))
    commit_now()
    hold = type(hold).objects.get(pk=hold.pk)
    assert hold.state == "ready"


def test_one_decision_for_every_package_that_waits(night: Night) -> None:
    package = night.validating()
    night.checked(package)
    with night.at(50):
        decision.go_no_go(pk=night.window.pk, actor=actor(night.manager), decision="go")
    commit_now()
    assert ReleasePackage.objects.get(pk=package.pk).go_decision == "go"


def test_a_window_is_handed_back_when_its_packages_are_settled(night: Night) -> None:
    night.validating()
    with night.at(60), refused("package_live"):
        services.hand_back_window(pk=night.window.pk, actor=actor(night.coordinator))


def test_a_window_goes_to_its_end(night: Night) -> None:
    night.completed()
    with night.at(120):
        services.hand_back_window(pk=night.window.pk, actor=actor(night.coordinator))
    with night.at(900):
        services.close_window(pk=night.window.pk, actor=actor(night.manager), comment=NOTE)
    commit_now()
    assert window_of(night).state == "closed"


def test_a_cancelled_window_delays_its_packages(night: Night) -> None:
    package = night.ready()
    with night.before():
        services.cancel_window(pk=night.window.pk, actor=actor(night.manager), comment=NOTE)
    commit_now()
    package = ReleasePackage.objects.get(pk=package.pk)
    assert (package.state, package.delay_reason) == ("delayed", "window_cancelled")
    assert window_of(night).booked_packages == 0


def test_a_night_is_given_up_before_anything_was_altered(night: Night) -> None:
    package = night.started()
    with night.at(20):
        services.abort_window(pk=night.window.pk, actor=actor(night.manager), comment=NOTE)
    commit_now()
    assert ReleasePackage.objects.get(pk=package.pk).state == "delayed"
    assert window_of(night).state == "cancelled"


def test_a_night_is_not_given_up_afterwards(night: Night) -> None:
    package = night.validating()
    with night.at(30):
        packages.reopen(pk=package.pk, actor=actor(night.coordinator), comment=NOTE)
        with refused("altered"):
            services.abort_window(pk=night.window.pk, actor=actor(night.manager), comment=NOTE)
