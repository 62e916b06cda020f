"""What is missing in real packages and changes, and that asking for many costs no more."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from apps.changes.models import ChangeRequest
from apps.changes.services.requests import edit_change
from apps.core import clock
from apps.inventory.models import Asset, AssetRelation
from apps.portal.demo.stage import acting, moment
from apps.releases.domain.completeness import RULES
from apps.releases.domain.findings import Detected
from apps.releases.domain.ordering.derivation import reduced
from apps.releases.models import ActivityDependency, ReleasePackage
from apps.releases.policies.completeness_facts import facts_of_packages
from apps.releases.policies.step_order import order_of
from apps.releases.services.completeness import detect_for_changes, detect_for_packages
from apps.releases.services.fixes import apply_fix
from apps.windows.models import ReleaseWindow
from tests.releases.worlds import Night, small_night
from tests.scenarios import northgate
from tests.support import refused

#: October is over, one package backed out; November's packages are drafts with their steps.
PLANNING_AT = moment("2026-11-14 12:00")


def package(code: str) -> ReleasePackage:
    return ReleasePackage.objects.get(code=code)


def change(code: str) -> ChangeRequest:
    return ChangeRequest.objects.get(code=code)


def missing_in(code: str, rule: str) -> list[list[str]]:
    """What each finding of the rule misses in the package."""
    return [found.facts["missing"] for found in findings(code, rule)]


def findings(code: str, rule: str) -> list[Detected]:
    return [f for f in detect_for_packages([package(code).pk]) if f.rule == rule]


def take_out(code: str, *names: str) -> None:
    """Its author takes these assets out of the scope of a change."""
    found = change(code)
    lines = found.assets.exclude(asset__name__in=names)
    edit_change(
        pk=found.pk,
        actor=acting("dev.card"),
        values={},
        parts={"assets": list(lines.values("asset", "action", "from_version", "to_version"))},
        expected_seq=found.evidence_seq,
    )


class TestNorthgate(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL ROLE interlock_app")
        northgate(PLANNING_AT)

    def setUp(self) -> None:
        self.enterContext(clock.at(PLANNING_AT))

    def test_what_october_left_out_is_found(self) -> None:
        assert missing_in("RP-2610-02", "C11") == [["PSBPAUTL", "ACBGEN PSBPAUTL"]]

    def test_a_relation_that_its_import_no_longer_tells_asks_for_nothing(self) -> None:
        AssetRelation.objects.filter(source__name="PSBPAUTL").update(is_stale=True)
        assert missing_in("RP-2610-02", "C11") == []

    def test_the_order_of_the_night_comes_from_its_rules(self) -> None:
        """62 edges of rules between its steps, 40 of them needed; the 63rd is between packages."""
        order = order_of(ReleaseWindow.objects.get(code="W-2611"))
        rows = ActivityDependency.objects.filter(activity__in=order.steps)
        assert not rows.filter(is_derived=False).exists()
        assert rows.count() == 63 and order.difference.is_empty
        ruled = [edge for edge in order.present if edge.origins != ("X02",)]
        assert (len(ruled), len(reduced(ruled))) == (62, 40)
        between = rows.get(origin="X02")
        assert (between.predecessor.label, between.activity.label) == ("A3", "B3")
        assert between.reasons == [["X02", "CBACT04C 01.12 before 01.13"]]

    def test_the_account_record_has_all_its_recompiles(self) -> None:
        assert missing_in("RP-2611-02", "C01") == []
        assert missing_in("RP-2611-02", "C10") == []

    def test_a_program_that_is_taken_out_is_missed_and_added_again_with_one_click(self) -> None:
        take_out("CHG0510", "CBTRN02C")
        (found,) = findings("RP-2611-02", "C01")
        assert found.facts["missing"] == ["CBTRN02C"]
        (fix,) = found.fixes
        assert fix.label == "Add 1 program as recompile"

        done = apply_fix(rule=found.rule, fix=fix, actor=acting("dev.card"))

        assert [record.subject for record in done.records] == [change("CHG0510").subject]
        line = change("CHG0510").assets.get(asset__name="CBTRN02C")
        assert (line.action, line.from_version) == ("change", "01.14")
        assert missing_in("RP-2611-02", "C01") == []

    def test_a_job_whose_program_is_taken_out_would_open_the_old_layout(self) -> None:
        take_out("CHG0510", "CBTRN02C", "CBSTM03A")
        assert missing_in("RP-2611-02", "C10") == [["CREASTMT", "POSTTRAN"]]

    def test_a_fix_is_refused_to_whoever_may_not_edit_the_change(self) -> None:
        take_out("CHG0510", "CBTRN02C")
        (found,) = findings("RP-2611-02", "C01")
        with refused("role_missing"):
            apply_fix(rule=found.rule, fix=found.fixes[0], actor=acting("coordinator"))
        assert missing_in("RP-2611-02", "C01") == [["CBTRN02C"]]

    def test_the_services_that_a_risky_package_reaches_need_checks(self) -> None:
        ((*services,),) = missing_in("RP-2611-02", "C15")
        # The smoke test of the screens covers card servicing; management information may wait.
        assert services == [
            "SVC:CARD-AUTH",
            "SVC:INTEREST-POSTING",
            "SVC:GL-CLOSE",
            "SVC:STATEMENTS",
        ]

    def test_added_checks_cover_them(self) -> None:
        (found,) = findings("RP-2611-02", "C15")
        apply_fix(rule=found.rule, fix=found.fixes[0], actor=acting("coordinator"))
        assert missing_in("RP-2611-02", "C15") == []

    def test_what_else_comes_in_the_window_is_known(self) -> None:
        (facts,) = facts_of_packages([package("RP-2611-01").pk])
        names = set(
            Asset.objects.filter(pk__in=facts.same_window_assets).values_list("name", flat=True)
        )
        assert {"CVACT01Y", "COTRTLIC"} <= names
        assert not {"CVTRA02Y", "DBPAUTP0"} & names

    def test_jobs_that_the_schedule_calls_critical_need_a_forecast(self) -> None:
        assert missing_in("RP-2611-01", "C17") == [["INTCALC"]]
        assert missing_in("RP-2611-02", "C17") == []

    def test_a_change_that_no_package_carries_is_asked_about_its_scope_alone(self) -> None:
        carried, free = change("CHG0510"), change("CHG0531")
        found = detect_for_changes([carried.pk, free.pk])
        assert {f.about[0] for f in found} == {free.subject}
        assert {f.rule: f.facts["missing"] for f in found} == {
            "C01": ["CBPAUP0C", "COPAUA0C"],
            "C03": ["COPAUS2C.DBRM"],
        }

    def test_only_the_rules_asked_for_are_evaluated(self) -> None:
        rules = [rule for rule in RULES if rule.code == "C11"]
        found = detect_for_packages(ReleasePackage.objects.values_list("pk", flat=True), rules)
        assert [f.rule for f in found] == ["C11"]


@pytest.fixture
def night(db: None) -> Night:
    return small_night()


def test_three_packages_cost_as_many_queries_as_one(night: Night) -> None:
    packages = [night.drafted(), night.drafted(), night.drafted()]
    queries = []
    for asked in (packages[:1], packages):
        with CaptureQueriesContext(connection) as captured:
            detect_for_packages([each.pk for each in asked])
        queries.append(len(captured))
    assert queries[0] == queries[1] <= 16


def test_three_changes_cost_as_many_queries_as_one(night: Night) -> None:
    changes = [night.change(), night.change(), night.change()]
    queries = []
    for asked in (changes[:1], changes):
        with CaptureQueriesContext(connection) as captured:
            detect_for_changes([each.pk for each in asked])
        queries.append(len(captured))
    assert queries[0] == queries[1] <= 10


@pytest.mark.django_db
def test_nothing_is_asked_of_no_package() -> None:
    assert detect_for_packages([]) == []
    assert detect_for_changes([]) == []
