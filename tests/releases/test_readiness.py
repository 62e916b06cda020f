"""The gates, asked of real packages at the moments that count."""

from __future__ import annotations

from copy import deepcopy

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.changes.services import requests
from apps.evidence.models import EvidenceEntry
from apps.evidence.services.remarks import add_exhibit
from apps.gates.catalogue import GATE_BY_CODE, g01_approvals
from apps.gates.models import ReadinessItem
from apps.gates.services.profiles import create_profile, edit_profile
from apps.releases.models import Finding, ReleasePackage
from apps.releases.services import package as services
from apps.releases.services.readiness import evaluate, gather_facts, refresh_readiness
from apps.releases.services.watch import (
    refresh_live_packages,
    refresh_open_packages,
    regress_unready,
)
from tests.factories import actor
from tests.releases.worlds import AS_IS, NOTE, Night, small_night
from tests.support import commit_now, once_a_module, refused

pytestmark = pytest.mark.django_db


built = once_a_module(small_night)


@pytest.fixture
def night(built: Night, db: None) -> Night:
    return deepcopy(built)


def again(package: ReleasePackage) -> ReleasePackage:
    return ReleasePackage.objects.get(pk=package.pk)


def hold_its_change(night: Night, package: ReleasePackage) -> None:
    change = package.members.get().change
    requests.hold(pk=change.pk, actor=actor(night.bank.manager), comment="Audit asks.")


def test_planning_opens_the_readiness_items(night: Night) -> None:
    package = night.planned()
    states = dict(
        ReadinessItem.objects.filter(subject=package.subject).values_list("gate", "state")
    )
    applies = {gate: state for gate, state in states.items() if state != "not_applicable"}
    met = ["G01", "G02", "G03", "G04", "G05", "G08", "G09", "G10", "G11", "G16"]
    assert applies == dict.fromkeys(met, "met") | {"G06": "not_met", "G19": "not_met"}
    assert set(states) == set(GATE_BY_CODE)
    assert (again(package).gates_met, again(package).gates_total) == (10, 12)


def test_confirmation_is_refused_with_every_finding(night: Night) -> None:
    package = night.draft()
    night.step(package, "A1", "COPY_LOAD", deputy=None)
    with night.before():
        services.plan(pk=package.pk, actor=actor(night.coordinator))
        with refused("gate_g08", "gate_g09", "gate_g10"):
            services.confirm_ready(pk=package.pk, actor=actor(night.coordinator), **AS_IS)


def test_a_gate_that_crashes_blocks(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    package = night.planned()

    def crash(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(g01_approvals.Approvals, "evaluate", crash)
    with night.before(), refused("gate_g01"):
        services.confirm_ready(pk=package.pk, actor=actor(night.coordinator), **AS_IS)
    assert again(package).state == "planned"


def test_the_gates_are_asked_again_at_the_start(night: Night) -> None:
    package = night.ready()
    night.start_window()
    with night.at(5):
        hold_its_change(night, package)
        with refused("gate_g01"):
            services.start(pk=package.pk, actor=actor(night.coordinator))


def test_a_ready_package_whose_gate_turned_false_regresses_once_with_the_cause(
    night: Night,
) -> None:
    package = night.ready()
    with night.before():
        assert regress_unready() == []
        hold_its_change(night, package)
        assert regress_unready() == [package.code]
        assert regress_unready() == []
    commit_now()
    assert again(package).state == "planned"
    entry = EvidenceEntry.objects.get(subject=package.subject, action="package.regressed")
    assert "on hold: Audit asks." in bytes(entry.body).decode()
    assert again(package).gates_met == 9


def test_a_refresh_tells_what_turned(night: Night) -> None:
    package = night.planned()
    with night.before():
        hold_its_change(night, package)
        flips = refresh_readiness([package.pk])[package.code]
    assert [(flip.gate, flip.turned_false) for flip in flips] == [("G01", True)]


def test_open_packages_are_refreshed(night: Night) -> None:
    night.planned()
    night.draft()
    with night.before():
        assert refresh_open_packages() == 1


def test_every_minute_those_whose_window_is_in_progress_are_asked(night: Night) -> None:
    night.ready()
    with night.before():
        assert refresh_live_packages() == 0
    night.start_window()
    with night.at(1):
        assert (refresh_live_packages(), refresh_open_packages()) == (1, 1)


def test_a_profile_lowers_a_gate_for_an_application(night: Night) -> None:
    package = night.drafted()
    with night.before():
        package = services.plan(pk=package.pk, actor=actor(night.coordinator))
        keeper = actor(night.bank.manager)
        row = create_profile(
            actor=keeper,
            values={"gate": "G09", "setting": "soft", "reason": "Trial.",
                    "application": night.bank.application},
        )  # fmt: skip
        refresh_readiness([package.pk])
        item = ReadinessItem.objects.get(subject=package.subject, gate="G09")
        assert (item.level, item.profile) == ("soft", "soft for CARD: Trial.")
        edit_profile(pk=row.pk, actor=keeper, values={"is_active": False})
        refresh_readiness([package.pk])
    item.refresh_from_db()
    assert (item.level, item.profile) == ("hard", "")


def test_what_nobody_may_waive_no_profile_lowers(night: Night) -> None:
    values = {"gate": "G01", "setting": "soft", "reason": "Trial."}
    with refused("invalid") as caught:
        create_profile(actor=actor(night.bank.manager), values=values)
    assert [b.field for b in caught.value.blockers] == ["setting"]  # type: ignore[attr-defined]


def test_a_door_has_the_rules_asked_again(night: Night) -> None:
    """The finding is there before any evaluation has stored it."""
    package = night.planned()
    undone = package.activities.get(label="A2")
    night.step(package, "A4", "COPY_LOAD", undone, irreversible=True)
    assert not Finding.objects.exists()
    with night.before():
        assert [found.rule for found in gather_facts(package, anew=True).findings] == ["C14"]
        assert gather_facts(package).findings == ()


def test_a_missing_way_back_is_asked_by_one_gate_whose_waiver_then_helps(night: Night) -> None:
    package = night.planned()
    undone = package.activities.get(label="A2")
    night.step(package, "A4", "COPY_LOAD", undone)
    with night.before(), refused() as caught:
        services.confirm_ready(pk=package.pk, actor=actor(night.coordinator), **AS_IS)
    codes = {b.code for b in caught.value.blockers}  # type: ignore[attr-defined]
    assert "gate_g08" in codes and "gate_g04" not in codes


def test_an_emergency_is_asked_fewer_gates_but_not_none(night: Night) -> None:
    package = night.draft(kind="emergency", window=None, incident_ref="INC0007")
    night.step(package, "A1", "COPY_LOAD")
    with night.at(5), refused("gate_g08"):
        services.emergency_start(pk=package.pk, actor=actor(night.manager), comment=NOTE)


def test_facts_take_the_same_queries_however_long_the_plan_is(night: Night) -> None:
    short = night.planned()
    long = night.planned(changes=[night.change() for _ in range(2)])
    for number in range(3):
        night.step(long, f"B{number}", "BACKUP_LIB")
    counts = []
    for package in (short, long):
        fresh = ReleasePackage.objects.select_related("window", "owner", "coordinator").get(
            pk=package.pk
        )
        with CaptureQueriesContext(connection) as queries:
            gather_facts(fresh)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 45


def test_results_name_their_gates(night: Night) -> None:
    with night.before():
        results = evaluate(night.planned(), moment="start")
    assert [result.code for result in results] == [
        "G01", "G02", "G03", "G05", "G07", "G10", "G11", "G19", "G20",
    ]  # fmt: skip


def test_a_test_by_who_asked_for_the_change_is_told_by_the_gate(night: Night) -> None:
    change = night.change()
    add_exhibit(
        about=change.subject, actor=actor(night.bank.requester), kind="uat", title="Totals",
        verdict="passed", text="All equal.",
    )  # fmt: skip
    gate = next(r for r in evaluate(night.planned(changes=[change])) if r.code == "G06")
    assert gate.state == "not_met" and "requester asked for" in gate.detail
