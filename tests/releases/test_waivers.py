"""Waivers: who asks, who signs, what one lets pass and for how long."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.services.people import grant_role
from apps.core import clock
from apps.evidence.models import EvidenceEntry
from apps.gates.domain import waiver as life
from apps.gates.models import ReadinessItem, Waiver
from apps.notifications.selectors import waiver_signers
from apps.portal.work import approvals
from apps.releases.models import Finding, ReleasePackage
from apps.releases.services import package as services
from apps.releases.services import waivers
from apps.releases.services.evaluation import evaluate_subjects
from apps.releases.services.go_no_go import stands_of
from apps.releases.services.package_content import edit_package
from apps.releases.services.risk import reckon_package
from apps.releases.services.slots import slots_of_package
from apps.releases.services.watch import regress_unready
from apps.windows.services import planning
from tests.factories import SETUP, actor, make_user
from tests.releases.worlds import AS_IS, BEFORE, OPENS, Night, small_night
from tests.support import commit_now, once_a_module, refused, refused_by_database
from tests.windows.worlds import CUTOFF, draft_window, make_rule

pytestmark = pytest.mark.django_db
REASON = "The tester is ill until Monday, and the check is run by hand in the night instead."
WORDS = {"risk": "A wrong total is seen an hour later.", "control": "Two people count by hand."}


built = once_a_module(small_night)


@pytest.fixture
def night(built: Night, db: None) -> Night:
    return deepcopy(built)


@pytest.fixture
def package(night: Night) -> ReleasePackage:
    """Planned, and its validation plan (G09) is not met: a manager alone may waive that."""
    found = night.draft()
    copy = night.step(found, "A1", "COPY_LOAD")
    night.step(found, "Z1", "COPY_LOAD", is_backout=True, reverses=copy)
    night.backout_plan(found)
    with night.before():
        services.plan(pk=found.pk, actor=actor(night.coordinator))
    return found


def ask(night: Night, package: ReleasePackage, by: User | None = None, **more: Any) -> Waiver:
    with night.before():
        values = {"gate": "G09", "comment": REASON, **WORDS, **more}
        waivers.ask_waiver(pk=package.pk, actor=actor(by or night.coordinator), **values)
    return Waiver.objects.latest("created_at", "id")


def sign(night: Night, waiver: Waiver, *people: User, verdict: str = "approve") -> Waiver:
    for person in people:
        seq = Waiver.objects.get(pk=waiver.pk).evidence_seq
        with night.before():
            getattr(waivers, f"{verdict}_waiver")(
                pk=waiver.pk, actor=actor(person), expected_seq=seq, comment="Agreed."
            )
    return Waiver.objects.select_related("window").get(pk=waiver.pk)


def confirm(night: Night, package: ReleasePackage) -> ReleasePackage:
    with night.before():
        return services.confirm_ready(pk=package.pk, actor=actor(night.coordinator), **AS_IS)


def state_of(package: ReleasePackage, gate: str = "G09") -> str:
    return ReadinessItem.objects.get(subject=package.subject, gate=gate).state


def test_a_hard_gate_that_is_waived_lets_the_package_be_confirmed_and_is_told_as_waived(
    night: Night, package: ReleasePackage
) -> None:
    with refused("gate_g09"):
        confirm(night, package)
    waiver = ask(night, package)
    with refused("gate_g09"):
        confirm(night, package)
    assert sign(night, waiver, night.manager).state == "approved"
    item = ReadinessItem.objects.get(subject=package.subject, gate="G09")
    assert (item.state, item.waiver_id, item.met_since is None) == ("waived", waiver.pk, False)
    assert confirm(night, package).state == "ready"
    commit_now()
    told = EvidenceEntry.objects.filter(subject=waiver.subject).order_by("seq")
    assert [entry.action for entry in told] == ["waiver.requested", "waiver.approved"]
    assert {entry.about for entry in told} == {package.subject}


def test_a_decision_on_the_night_begins_with_what_is_waived(
    night: Night, package: ReleasePackage
) -> None:
    waiver = sign(night, ask(night, package), night.manager)
    with night.before():
        (stand,) = stands_of([package])
    assert stand.let_pass[0].startswith(f"Waived {waiver.what}: ")


def test_an_expired_waiver_counts_no_more_although_the_beat_is_late(
    night: Night, package: ReleasePackage
) -> None:
    until = BEFORE + timedelta(days=2)
    sign(night, ask(night, package, until=until), night.manager)
    confirm(night, package)
    with clock.at(until):
        assert regress_unready() == [package.code]
        assert waivers.expire_due_waivers() == 1
        assert waivers.expire_due_waivers() == 0
    assert (Waiver.objects.get().state, state_of(package)) == ("expired", "not_met")


def test_a_waiver_that_is_revoked_lets_nothing_pass(night: Night, package: ReleasePackage) -> None:
    waiver = sign(night, ask(night, package), night.manager)
    with night.before():
        with refused("role_missing"):
            waivers.revoke_waiver(pk=waiver.pk, actor=actor(night.coordinator), comment="No.")
        waivers.revoke_waiver(pk=waiver.pk, actor=actor(night.manager), comment="He is well.")
    assert state_of(package) == "not_met"


def test_a_refused_waiver_leaves_the_gate_and_tells_why(
    night: Night, package: ReleasePackage
) -> None:
    waiver = sign(night, ask(night, package), night.manager, verdict="refuse")
    assert (waiver.state, waiver.decided_by, state_of(package)) == (
        "refused", night.manager, "not_met",
    )  # fmt: skip


def test_a_waiver_that_was_taken_back_asks_nobody(night: Night, package: ReleasePackage) -> None:
    waiver = ask(night, package)
    assert [work.title for work in approvals(actor(night.manager))] == ["waiver of G09"]
    with night.before():
        waivers.withdraw_waiver(pk=waiver.pk, actor=actor(night.coordinator))
    assert approvals(actor(night.manager)) == []


WRONG: tuple[tuple[dict[str, Any], str, str], ...] = (
    ({"comment": "Too short a reason."}, "too_short", "comment"),
    ({"risk": " "}, "required", "risk"),
    ({"control": ""}, "required", "control"),
    ({"until": OPENS + timedelta(days=2)}, "too_late", "until"),
    ({"until": BEFORE - timedelta(days=2)}, "past", "until"),
    ({"gate": "G99"}, "invalid", "gate"),
    ({"gate": "G01"}, "not_needed", "gate"),
)


def test_a_request_tells_reason_risk_control_and_until_when(
    night: Night, package: ReleasePackage
) -> None:
    for more, code, field in WRONG:
        with refused(code) as caught:
            ask(night, package, **more)
        blockers = caught.value.blockers  # type: ignore[attr-defined]
        assert field in {blocker.field for blocker in blockers}


def test_a_gate_that_names_no_role_is_never_waived_and_the_refusal_says_why(night: Night) -> None:
    package = night.planned()
    night.step(package, "A9", "COPY_LOAD", deputy=None)
    with refused("never_waived") as caught:
        ask(night, package, gate="G10")
    (why,) = caught.value.blockers  # type: ignore[attr-defined]
    assert why.text.startswith("G10 Plan and sequence is never waived")


def test_a_waiver_of_a_conflict_that_the_calendar_finds_too_is_not_asked_for_in_vain(
    night: Night, package: ReleasePackage
) -> None:
    make_rule("FRZ", night.planners)
    with night.before():
        evaluate_subjects([package.subject])
        key = Finding.objects.get(rule__code="K05").key
    with refused("without_effect") as caught:
        ask(night, package, gate="G05", finding=key)
    (why,) = caught.value.blockers  # type: ignore[attr-defined]
    assert why.text.startswith("G03 Calendar finds the same and is never waived: ")


def test_nobody_signs_what_they_asked_for(night: Night, package: ReleasePackage) -> None:
    waiver = ask(night, package, by=night.manager)
    assert [user for user, _ in waiver_signers(waiver)] == []
    with refused("separation_of_duties"):
        sign(night, waiver, night.manager)


def test_nobody_signs_for_work_that_they_run(night: Night, package: ReleasePackage) -> None:
    with clock.at(BEFORE - timedelta(days=2)):
        grant_role(actor=SETUP, user=night.operator, role="release_manager")
    with refused("separation_of_duties"):
        sign(night, ask(night, package), night.operator)


def test_a_signature_needs_a_fresh_proof_the_version_and_the_content(
    night: Night, package: ReleasePackage
) -> None:
    waiver = ask(night, package)
    old = replace(actor(night.manager), auth_at=timezone.now() - timedelta(minutes=6))
    with night.before(), refused("step_up_needed", "version_needed", "old_content"):
        waivers.approve_waiver(pk=waiver.pk, actor=old, content_digest="0" * 64)


def test_the_backout_takes_the_manager_and_the_owner_of_the_application(night: Night) -> None:
    package = night.draft()
    copy = night.step(package, "A1", "COPY_LOAD")
    night.step(package, "Z1", "COPY_LOAD", is_backout=True, reverses=copy)
    night.check(package)
    with night.before():
        services.plan(pk=package.pk, actor=actor(night.coordinator))
    waiver = ask(night, package, gate="G08")
    assert sign(night, waiver, night.manager).state == "requested"
    assert sign(night, waiver, night.bank.owner).state == "approved"
    assert confirm(night, package).state == "ready"


def test_beyond_the_limits_the_chair_signs_too_and_the_risk_grows_by_ten(
    night: Night, settings: Any, package: ReleasePackage
) -> None:
    settings.INTERLOCK_WAIVER_LIMITS = {"soft": 2, "hard": 0}
    with night.before():
        chair = make_user("night.chair", "cab_chair")
    waiver = ask(night, package)
    assert waiver.beyond_limits
    with clock.at(BEFORE + timedelta(days=3)):
        for person in (night.manager, chair):
            seq = Waiver.objects.get(pk=waiver.pk).evidence_seq
            before = reckon_package(ReleasePackage.objects.get(pk=package.pk), "confirm").points
            given = waivers.approve_waiver(
                pk=waiver.pk, actor=actor(person), expected_seq=seq, comment="Agreed."
            )
        assert given.state == "approved"
        after = reckon_package(ReleasePackage.objects.get(pk=package.pk), "confirm")
    assert after.points - before == pytest.approx(10)
    assert after.terms[-1]["code"] == "waivers"


def test_a_waiver_is_for_one_window(night: Night, package: ReleasePackage) -> None:
    waiver = sign(night, ask(night, package), night.manager)
    other = Waiver.objects.get(pk=waiver.pk)
    assert other.until == other.window.closes_at
    with night.before():
        services.delay(pk=package.pk, actor=actor(night.coordinator), reason="not_ready",
                       comment="Later.")  # fmt: skip
        services.replan(pk=package.pk, actor=actor(night.coordinator),
                        window=_second_window(night).pk)  # fmt: skip
    assert state_of(package) == "not_met"


def _second_window(night: Night) -> Any:
    week = timedelta(days=7)
    window = draft_window(
        night.planners, code="W2", opens_at=OPENS + week,
        closes_at=OPENS + week + timedelta(hours=8),
        cutoffs=[{**CUTOFF, "at": CUTOFF["at"] + week}],
    )  # fmt: skip
    with night.before():
        return planning.open_window(pk=window.pk, actor=actor(night.manager))


# Late scope.


def lock(night: Night) -> None:
    with night.before():
        planning.lock_scope(pk=night.window.pk, actor=actor(night.coordinator))


def test_a_package_joins_a_locked_window_by_a_waiver_and_carries_late_scope(night: Night) -> None:
    package = night.drafted()
    with night.before(), refused("not_needed"):
        waivers.ask_late_scope(
            pk=package.pk, actor=actor(night.coordinator), window=night.window.pk, comment=REASON,
            **WORDS,
        )  # fmt: skip
    lock(night)
    with night.before(), refused("scope_locked"):
        services.plan(pk=package.pk, actor=actor(night.coordinator))
    with night.before():
        waivers.ask_late_scope(
            pk=package.pk, actor=actor(night.coordinator), window=night.window.pk, comment=REASON,
            **WORDS,
        )  # fmt: skip
    sign(night, Waiver.objects.get(), night.manager)
    with clock.at(OPENS - timedelta(days=1)):
        assert "scope_locked" not in {
            blocker.code for slot in slots_of_package(package) for blocker in slot.blockers
        }
        services.plan(pk=package.pk, actor=actor(night.coordinator))
        again = ReleasePackage.objects.select_related("window").get(pk=package.pk)
        assert reckon_package(again, "confirm").inputs["late_scope"]
    assert again.state == "planned"


def test_a_planned_package_grows_late_by_the_changes_that_were_told_and_no_others(
    night: Night,
) -> None:
    package = night.planned()
    told, other = night.change(), night.change()
    lock(night)
    with night.before():
        with refused("unknown_change"):
            waivers.ask_late_scope(
                pk=package.pk, actor=actor(night.coordinator), window=night.window.pk,
                changes="CHG9999", comment=REASON, **WORDS,
            )  # fmt: skip
        waivers.ask_late_scope(
            pk=package.pk, actor=actor(night.coordinator), window=night.window.pk,
            changes=told.code, comment=REASON, **WORDS,
        )  # fmt: skip
    sign(night, Waiver.objects.get(), night.manager)

    def grow(*changes: Any) -> None:
        carried = [{"change": member.change} for member in package.members.all()]
        rows = [*carried, *({"change": change} for change in changes)]
        with night.before():
            edit_package(
                pk=package.pk, actor=actor(night.coordinator), values={}, parts={"members": rows}
            )

    with refused("scope_locked"):
        grow(told, other)
    grow(told)
    assert package.members.count() == 2


# What the database itself refuses.


def test_the_database_takes_no_waiver_signed_by_who_asked(
    night: Night, package: ReleasePackage
) -> None:
    waiver = ask(night, package)
    with refused_by_database("gates_waiver_not_by_requester"):
        Waiver.objects.filter(pk=waiver.pk).update(
            signers=[night.coordinator.pk], evidence_seq=waiver.evidence_seq + 1
        )


def test_the_database_takes_no_decision_by_who_asked(night: Night, package: ReleasePackage) -> None:
    waiver = ask(night, package)
    with refused_by_database("gates_waiver_second_person"):
        Waiver.objects.filter(pk=waiver.pk).update(
            decided_by=night.coordinator, evidence_seq=waiver.evidence_seq + 1
        )


def test_an_approval_past_the_service_is_refused(night: Night, package: ReleasePackage) -> None:
    waiver = ask(night, package)
    with refused_by_database("version|entry|decided"):
        Waiver.objects.filter(pk=waiver.pk).update(state="approved")


@pytest.mark.parametrize("move", life.SOURCES)
@pytest.mark.parametrize("state", dict(life.STATES))
def test_a_waiver_moves_only_from_where_it_may(move: str, state: str) -> None:
    waiver = Waiver(state=state)
    allowed = {t.name for t in waiver.get_available_state_transitions()}
    assert (move in allowed) is (state in life.SOURCES[move])


def test_the_migration_guards_every_move() -> None:
    assert set(import_module("apps.gates.migrations.0002_guards").WAIVER_MOVES) == set(life.PAIRS)
