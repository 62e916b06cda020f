"""What an emergency still owes keeps its application from the next one, and off the schedule."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import timedelta

import pytest

from apps.accounts.models import User
from apps.changes.models import ChangeRequest
from apps.changes.selectors import facts_of
from apps.changes.services import requests
from apps.changes.services.debts import waive_debt
from apps.core import clock
from apps.core.errors import Refused
from apps.releases.models import ReleasePackage
from apps.releases.services import package as doors
from apps.releases.services.package_content import edit_package
from tests.changes.test_standard import tell
from tests.changes.worlds import draft, sign, submitted
from tests.factories import actor, make_user
from tests.releases.worlds import AS_IS, BEFORE, NOTE, Night, small_night
from tests.support import commit_now, once_a_module

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


built = once_a_module(small_night)


@pytest.fixture
def night(built: Night, db: None) -> Night:
    return deepcopy(built)


@pytest.fixture
def duty(night: Night) -> User:
    with night.before():
        return make_user("duty", "release_manager")


def urgent(night: Night, duty: User) -> ChangeRequest:
    """An emergency that is approved."""
    with night.before():
        return sign(
            submitted(night.bank, change_type="emergency", incident_ref="INC0098213"),
            night.bank.owner, duty,
        )  # fmt: skip


@pytest.fixture
def owing(night: Night, duty: User) -> ChangeRequest:
    """An emergency that went live and is not ratified."""
    change = urgent(night, duty)
    with night.before():
        tell("start", change)
        tell("complete", change)
    return change


@contextmanager
def overdue(days: int = 6) -> Iterator[None]:
    """So long after the work of the emergency; its ratification was due after two business days."""
    with clock.at(BEFORE + (1 + days) * DAY):
        yield


def told(refusal: pytest.ExceptionInfo[Refused]) -> list[tuple[str, str, str, str]]:
    blockers = refusal.value.blockers
    return [(b.code, b.text, b.fix, b.who) for b in blockers if b.code == "approval_debt"]


def waived(night: Night, change: ChangeRequest) -> None:
    waive_debt(
        pk=change.pk, actor=actor(night.bank.manager), kind="ratification",
        until=clock.now() + 2 * DAY, comment="The board meets on Thursday.",
    )  # fmt: skip


def emergency(night: Night, duty: User) -> ReleasePackage:
    return night.drafted(
        changes=[urgent(night, duty)], kind="emergency", window=None, incident_ref="INC0007"
    )


def start(night: Night, package: ReleasePackage) -> ReleasePackage:
    return doors.emergency_start(pk=package.pk, actor=actor(night.manager), comment=NOTE)


class TestEmergencies:
    def test_the_next_one_does_not_start(
        self, night: Night, duty: User, owing: ChangeRequest
    ) -> None:
        package = emergency(night, duty)
        with overdue(), pytest.raises(Refused) as refusal:
            start(night, package)
        ((_, text, fix, who),) = told(refusal)
        assert text.startswith(f"CARD owes governance for an emergency: {owing.code}: ratification")
        assert "waive" in fix and "change manager" in who

    def test_it_hands_in_what_it_is_about_to_do(self, night: Night, duty: User) -> None:
        package = start(night, emergency(night, duty))
        commit_now()
        change = ChangeRequest.objects.get(memberships__package=package)
        assert {"steps:COPY_LOAD", "fallback:strategy"} <= change.execution.keys()
        assert change.state == "implementing"
        assert facts_of([change.pk])[change.pk].approved_for_current_content

    def test_it_starts_while_the_debt_is_due_only(
        self, night: Night, duty: User, owing: ChangeRequest
    ) -> None:
        package = emergency(night, duty)
        with overdue(days=1):
            assert start(night, package).state == "in_progress"
        commit_now()

    def test_a_waiver_lets_it_start_until_the_waiver_ends(
        self, night: Night, duty: User, owing: ChangeRequest
    ) -> None:
        first, second = emergency(night, duty), emergency(night, duty)
        with overdue():
            waived(night, owing)
            assert start(night, first).state == "in_progress"
        with overdue(days=9), pytest.raises(Refused) as refusal:
            start(night, second)
        assert told(refusal)

    def test_ratified_nothing_is_in_its_way(
        self, night: Night, duty: User, owing: ChangeRequest
    ) -> None:
        package = emergency(night, duty)
        with overdue():
            requests.ratify(pk=owing.pk, actor=actor(night.bank.board[0]), comment="It was right.")
            assert start(night, package).state == "in_progress"

    def test_the_next_one_is_not_submitted(self, night: Night, owing: ChangeRequest) -> None:
        with overdue():
            another = draft(night.bank, change_type="emergency", incident_ref="INC0098214")
            with pytest.raises(Refused) as refusal:
                requests.submit(pk=another.pk, actor=actor(night.bank.requester))
        assert told(refusal)


class TestScheduling:
    def test_a_package_is_not_planned_until_the_debt_is_waived(
        self, night: Night, owing: ChangeRequest
    ) -> None:
        package = night.drafted()
        with overdue():
            with pytest.raises(Refused) as refusal:
                doors.plan(pk=package.pk, actor=actor(night.coordinator))
            assert len(told(refusal)) == 1
            waived(night, owing)
            assert doors.plan(pk=package.pk, actor=actor(night.coordinator)).state == "planned"
        commit_now()

    def test_a_delayed_package_is_not_planned_anew(
        self, night: Night, owing: ChangeRequest
    ) -> None:
        package = night.delayed()
        with overdue(), pytest.raises(Refused) as refusal:
            doors.replan(pk=package.pk, actor=actor(night.coordinator), window=night.window.pk)
        assert told(refusal)

    def test_nothing_is_added_to_a_planned_package(
        self, night: Night, owing: ChangeRequest
    ) -> None:
        there, more = night.change(), night.change()
        package = night.planned(changes=[there])
        with overdue(), pytest.raises(Refused) as refusal:
            edit_package(
                pk=package.pk, actor=actor(night.coordinator), values={},
                parts={"members": [{"change": there}, {"change": more}]},
            )  # fmt: skip
        assert told(refusal)

    def test_what_came_to_be_approved_afterwards_keeps_its_package_from_ready(
        self, night: Night, owing: ChangeRequest
    ) -> None:
        with night.before():
            late = submitted(night.bank)
        package = night.planned(changes=[late])
        with overdue():
            sign(late, night.bank.owner)
            with pytest.raises(Refused) as refusal:
                doors.confirm_ready(pk=package.pk, actor=actor(night.coordinator), **AS_IS)
        assert told(refusal)

    def test_what_is_scheduled_is_made_ready(self, night: Night, owing: ChangeRequest) -> None:
        package = night.planned()
        with overdue():
            ready = doors.confirm_ready(pk=package.pk, actor=actor(night.coordinator), **AS_IS)
        assert ready.state == "ready"
