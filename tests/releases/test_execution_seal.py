"""What a plan is about to do is part of what people sign."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from apps.approvals.models import Approval
from apps.changes.domain.content import ExecutionGroup, differences
from apps.changes.domain.seal import handed_in_rows
from apps.changes.models import ChangeRequest
from apps.evidence.models import EvidenceEntry
from apps.releases.domain.execution_groups import (
    AlteringStep,
    ChangePlan,
    MandatoryCheck,
    Night,
    groups_of,
)
from apps.releases.models import Activity, ReleasePackage, ValidationCheck
from apps.releases.services.activity_plan import edit_activity
from apps.releases.services.checks import edit_check
from tests.factories import actor
from tests.releases.worlds import Night as World
from tests.releases.worlds import small_night


def as_content(plan: ChangePlan) -> dict[str, Any]:
    return {name: group.as_content() for name, group in groups_of(plan).items()}


def check(**more: Any) -> MandatoryCheck:
    told = {
        "code": "V1", "title": "Rows", "kind": "job_rc", "phase": "go_decision",
        "operator": "rc<=", "expected": "4",
    }  # fmt: skip
    return MandatoryCheck(**{**told, **more})


COPY = AlteringStep("COPY_LOAD", "Copy load", False)
BIND = AlteringStep("BIND_PACKAGE", "Bind", False)
SENT = AlteringStep("COPY_LOAD", "Copy load", True)
NIGHT = Night("W-1", "monthly", "Monthly", date(2026, 11, 14))
PLAN = ChangePlan(
    steps=(COPY,), checks=(check(),), strategy=("restore_members", "Restore members"), night=NIGHT
)


def replaced(**more: Any) -> ChangePlan:
    told = {name: getattr(PLAN, name) for name in ChangePlan.__slots__}
    return ChangePlan(**{**told, **more})


class TestTheTable:
    @pytest.mark.parametrize(
        ("plan", "rows"),
        [
            (PLAN, set()),
            (replaced(strategy=("fix_forward", "Fix forward")), {"fallback_worse"}),
            (replaced(strategy=None), {"fallback_worse"}),
            (replaced(steps=(SENT,)), {"fallback_worse"}),
            (replaced(steps=(COPY, BIND)), {"steps_extended"}),
            (replaced(steps=(COPY, COPY)), set()),
            (replaced(steps=()), set()),
            (replaced(checks=()), {"validation_weaker"}),
            (replaced(checks=(check(expected="8"),)), {"validation_weaker"}),
            (replaced(checks=(check(expected="0"),)), set()),
            (replaced(checks=(check(title="Other words"),)), set()),
            (replaced(checks=(check(), check(code="V2"))), set()),
            (
                replaced(night=Night("W-2", "monthly", "Monthly", date(2026, 11, 21))),
                {"night_moved"},
            ),
            (
                replaced(night=Night("W-1", "weekly", "Weekly", date(2026, 11, 14))),
                {"window_harder"},
            ),
            (
                replaced(night=Night("W-2", "monthly", "Monthly", date(2026, 11, 30))),
                {"night_moved", "window_harder"},
            ),
            (replaced(earliest_on=date(2026, 11, 20)), {"window_harder"}),
        ],
    )
    def test_who_answers_for_what_differs(self, plan: ChangePlan, rows: set[str]) -> None:
        assert handed_in_rows(as_content(PLAN), as_content(plan)) == rows

    def test_the_first_plan_adds_freely(self) -> None:
        assert handed_in_rows({}, as_content(PLAN)) == set()

    def test_the_first_plan_is_no_earlier_than_what_was_signed(self) -> None:
        early = replaced(earliest_on=date(2026, 11, 20))
        assert handed_in_rows({}, as_content(early)) == {"window_harder"}

    def test_what_differs_is_told_in_words(self) -> None:
        later = replaced(strategy=("fix_forward", "Fix forward"))
        (found,) = differences({"execution": as_content(PLAN)}, {"execution": as_content(later)})
        assert (found.what, found.old, found.new) == (
            "backout strategy", "Restore members", "Fix forward",
        )  # fmt: skip

    def test_words_alone_are_no_difference(self) -> None:
        one, other = (
            {"x": ExecutionGroup("what", words, "d", (Decimal(1),)).as_content()}
            for words in ("so", "or so")
        )
        assert differences({"execution": one}, {"execution": other}) == []


@pytest.mark.django_db
class TestThePlan:
    @pytest.fixture
    def night(self) -> World:
        return small_night()

    @pytest.fixture
    def planned(self, night: World) -> ReleasePackage:
        return night.planned()

    def test_the_first_plan_voids_nothing(self, planned: ReleasePackage) -> None:
        change = the_change(planned)
        assert change.state == "scheduled"
        assert {"steps:COPY_LOAD", "fallback:strategy"} <= change.execution.keys()
        assert asked(change) == set()

    def test_how_long_a_step_takes_asks_nobody(self, night: World, planned: ReleasePackage) -> None:
        edit(night, planned, "A2", duration_minutes=17, title="Copy it, slowly")
        assert the_change(planned).state == "scheduled"

    def test_a_step_that_cannot_be_undone_asks_the_owner_and_the_release_manager(
        self, night: World, planned: ReleasePackage
    ) -> None:
        edit(night, planned, "A2", irreversible=True)
        change = the_change(planned)
        assert change.state == "assessing"
        assert asked(change) == {"application_owner", "release_manager"}
        entry = EvidenceEntry.objects.filter(subject=change.subject).latest("id")
        assert entry.action == "change.invalidated"

    def test_a_check_that_is_not_mandatory_any_more_asks_the_owner(
        self, night: World, planned: ReleasePackage
    ) -> None:
        with night.before():
            edit_check(
                pk=ValidationCheck.objects.get(package=planned).pk,
                actor=actor(night.coordinator),
                values={"mandatory": False},
            )
        assert asked(the_change(planned)) == {"application_owner"}


def the_change(package: ReleasePackage) -> ChangeRequest:
    return ChangeRequest.objects.get(memberships__package=package)


def asked(change: ChangeRequest) -> set[str]:
    open_slots = Approval.objects.filter(about=change.subject, state="requested")
    return set(open_slots.values_list("slot", flat=True))


def edit(night: World, package: ReleasePackage, label: str, **values: Any) -> None:
    step = Activity.objects.get(package=package, label=label)
    with night.before():
        edit_activity(pk=step.pk, actor=actor(night.coordinator), values=values)
