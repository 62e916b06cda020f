"""What a requester is told of a change: where it is, what is in its way, and who clears it."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from apps.approvals.models import Obligation
from apps.approvals.services.obligations import meet_obligation
from apps.changes.models import ChangeRequest
from apps.changes.services import requests as doors
from apps.gates.models import ReadinessItem
from apps.portal.requests import OwnChange, own_requests
from apps.releases.models import Finding
from apps.releases.services import findings
from tests.changes.test_standard import tell
from tests.changes.worlds import draft, sign, submitted
from tests.factories import actor, make_user
from tests.releases.findings import missing, saying
from tests.releases.worlds import Night, small_night
from tests.support import once_a_module

pytestmark = pytest.mark.django_db


built = once_a_module(small_night)


@pytest.fixture
def night(built: Night, db: None) -> Night:
    return deepcopy(built)


def own(night: Night, change: ChangeRequest) -> OwnChange:
    with night.before():
        (found,) = [o for o in own_requests(actor(night.bank.requester)) if o.change == change]
    return found


def codes(night: Night, change: ChangeRequest) -> list[str]:
    return [blocker.code for blocker in own(night, change).blockers]


def conditional(night: Night) -> ChangeRequest:
    with night.before():
        return sign(
            submitted(night.bank), night.bank.owner, verdict="approve_with_conditions",
            comment="Tell the partner first.",
        )  # fmt: skip


def member_of(night: Night, change: ChangeRequest, state: str = "planned") -> Any:
    return getattr(night, state)(changes=[change])


def test_what_is_planned_and_approved_has_nothing_in_its_way(night: Night) -> None:
    change = night.change()
    member_of(night, change, "ready")
    told = own(night, change)
    assert (told.blockers, told.is_waiting, told.window) == ((), True, night.window)


def test_a_condition_that_is_not_met_is_in_its_way_until_it_is(night: Night) -> None:
    change = conditional(night)
    member_of(night, change)
    (told,) = own(night, change).blockers
    assert told.code == "condition_open"
    assert "Tell the partner first. (requester)" in told.text
    with night.before():
        meet_obligation(
            pk=Obligation.objects.get().pk, actor=actor(night.bank.requester), comment="Told them."
        )
    assert codes(night, change) == []


def test_a_draft_that_is_complete_waits_for_its_requester(night: Night) -> None:
    with night.before():
        change = draft(night.bank)
    (told,) = own(night, change).blockers
    assert (told.code, told.who) == ("not_submitted", "requester")


def test_a_draft_on_hold_says_so(night: Night) -> None:
    with night.before():
        change = draft(night.bank)
        doors.hold(pk=change.pk, actor=actor(night.bank.manager), comment="Wait for the vendor.")
    assert "on_hold" in codes(night, change)


def test_what_a_gate_says_of_another_change_is_told_whatever_its_code(night: Night) -> None:
    with night.before():
        mine, other = (
            doors.create_change(
                actor=actor(night.bank.requester), code=code,
                values={"title": code, "application": night.bank.application},
            )
            for code in ("CHG1", "CHG10")
        )  # fmt: skip
    package = night.draft(changes=[mine, other])
    ReadinessItem.objects.create(
        subject=package.subject, subject_code=package.code, gate="G01", level="hard",
        state="not_met", owner_role="package_owner",
        findings=[
            {"text": f"{code} is not approved for its current content.", "who": "package owner"}
            for code in ("CHG1", "CHG10")
        ],
    )  # fmt: skip
    (told,) = [b for b in own(night, mine).blockers if b.code == "G01"]
    assert told.text == f"{package.code}, G01: CHG10 is not approved for its current content."
    assert told.who == str(package.owner)


@pytest.fixture
def found(night: Night, monkeypatch: pytest.MonkeyPatch) -> Finding:
    """A hard finding about a package, of which no change is named."""
    package = night.planned()
    saying(monkeypatch)(package, missing(package, [night.bank.table]))
    return Finding.objects.get()


def carried(finding: Finding) -> ChangeRequest:
    return ChangeRequest.objects.get(memberships__package__findings=finding)


def test_a_hard_finding_about_its_package_is_in_its_way(night: Night, found: Finding) -> None:
    (told,) = own(night, carried(found)).blockers
    assert (told.code, told.fix) == ("C01", "Recompile them")


def test_a_hard_finding_is_in_its_way_although_somebody_acknowledged_it(
    night: Night, found: Finding
) -> None:
    findings.acknowledge_finding(
        pk=found.pk, actor=actor(night.coordinator), comment="The team works on it."
    )
    assert codes(night, carried(found)) == ["C01"]


@pytest.mark.parametrize(("state", "window"), [("draft", True), ("delayed", False)])
def test_a_package_without_a_place_in_a_window_is_in_its_way(
    night: Night, state: str, window: bool
) -> None:
    change = night.change()
    member_of(night, change, state)
    told = own(night, change)
    assert [(b.code, b.who) for b in told.blockers] == [("not_planned", "coordinator")]
    assert (told.window is not None) is window


def test_what_was_backed_out_tells_which_package_carried_it(night: Night) -> None:
    change = night.change()
    package = member_of(night, change, "backed_out")
    assert own(night, change).package == package


def implemented_emergency(night: Night) -> ChangeRequest:
    with night.before():
        duty = make_user("duty", "release_manager")
        change = sign(
            submitted(night.bank, change_type="emergency", incident_ref="INC0098213"),
            night.bank.owner, duty,
        )  # fmt: skip
        tell("start", change)
        tell("complete", change)
    return change


def test_what_an_emergency_owes_is_in_the_way_of_closing_it(night: Night) -> None:
    told = own(night, implemented_emergency(night))
    assert [(b.code, b.who) for b in told.blockers] == [
        ("owed", "The board"),
        ("owed", "requester"),
    ]
    assert not told.is_waiting


def test_overdue_debt_of_the_application_is_in_the_way_of_the_next_emergency(
    night: Night,
) -> None:
    implemented_emergency(night)
    with night.at():
        another = draft(night.bank, change_type="emergency", incident_ref="INC0098214")
        (told,) = [o for o in own_requests(actor(night.bank.requester)) if o.change == another]
    assert "approval_debt" in {blocker.code for blocker in told.blockers}
