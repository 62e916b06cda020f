"""Conflicts as PostgreSQL and the rules find them together: on the demo, and in small worlds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from apps.core import clock
from apps.core.actor import Actor
from apps.evidence.models import EvidenceEntry
from apps.evidence.services.door import door
from apps.evidence.services.register import create_in_register
from apps.inventory.models import Asset, BuildInput, Environment
from apps.inventory.services import schedules
from apps.inventory.services.relations import relate_asset
from apps.inventory.services.versions import install_version
from apps.portal.demo import changes
from apps.portal.demo.stage import moment, play
from apps.portal.demo.worlds import northgate
from apps.releases.domain.conflicts import RULES
from apps.releases.domain.findings import Detected
from apps.releases.models import EvaluationDue, ReleasePackage
from apps.releases.services.conflicts import BY_IMPACT, detect
from apps.releases.services.evaluation import mark_due
from apps.releases.services.fixes import apply_fix
from tests.changes import worlds as changes_world
from tests.changes.worlds import anybody, draft
from tests.factories import SETUP, actor, make_team, make_user
from tests.live_night import LiveNightTestCase
from tests.releases.worlds import OPENS, Night, small_night
from tests.support import as_the_application
from tests.windows.worlds import make_rule

#: Between the emergency and the rebuild of what it made down-level.
AFTER_THE_EMERGENCY = moment("2026-11-20 12:00")
REBUILT_AT = moment("2026-11-20 19:10")


def of_rule(code: str, found: Iterable[Detected]) -> dict[tuple[str, ...], Detected]:
    """The findings of one rule by the codes of their packages."""
    by_id = dict(ReleasePackage.objects.values_list("pk", "code"))
    return {
        tuple(sorted(by_id[key] for key in one.packages)): one for one in found if one.rule == code
    }


def names(detected: Detected) -> list[str]:
    by_id = dict(Asset.objects.values_list("pk", "name"))
    return [by_id[key] for key in detected.assets]


class TestTheLiveNight(LiveNightTestCase):
    def test_the_retry_would_regress_what_the_night_installs(self) -> None:
        one = of_rule("K02", detect())["RP-2611-02", "RP-2611-04"]
        assert one.text == (
            "RP-2611-04 is built on COPAUS0C 01.07; W-2611 installs 01.08 before it: "
            "it would regress it"
        )
        assert one.severity == "hard" and names(one) == ["COPAUS0C"]

    def test_two_packages_of_the_night_are_one_build(self) -> None:
        one = of_rule("K01", detect())["RP-2611-01", "RP-2611-02"]
        assert one.severity == "soft" and names(one) == ["CBACT04C"]
        assert one.text.endswith("order RP-2611-01 → RP-2611-02, one merged build.")

    def test_storage_works_without_a_gap(self) -> None:
        one = of_rule("K07", detect())["RP-2611-01", "RP-2611-02"]
        assert one.severity == "soft"
        assert one.text.startswith("The one person of STOR works without a gap from 22:10 to 00:50")

    def test_the_emergency_is_no_conflict_any_more_but_goes_back_after(self) -> None:
        found = detect()
        assert ("RE-2611-01", "RP-2611-02") not in of_rule("K02", found)
        assert ("RE-2611-01", "RP-2611-02") in of_rule("K10", found)

    def test_the_month_end_meets_the_retry_and_the_warranty_of_what_is_converted(self) -> None:
        found = of_rule("K05", detect())
        assert set(found) == {("RP-2611-01",), ("RP-2611-02",), ("RP-2611-04",)}
        assert {one.severity for one in found.values()} == {"soft"}

    def test_nothing_else_blocks(self) -> None:
        hard = {(one.rule, len(one.packages)) for one in detect() if one.severity == "hard"}
        assert hard == {("K01", 2), ("K02", 2)}

    def test_the_portfolio_is_what_its_packages_say(self) -> None:
        whole = {one.key: one for one in detect()}
        apart = {
            one.key: one
            for key in ReleasePackage.objects.values_list("pk", flat=True)
            for one in detect([key])
        }
        assert apart == whole

    def test_packages_that_nobody_asked_about_are_left_out(self) -> None:
        mine = ReleasePackage.objects.get(code="RP-2611-04")
        found = detect([mine.pk])
        assert found and all(mine.pk in one.packages for one in found)
        assert detect([]) == []

    def test_without_impact_two_rules_are_not_asked(self) -> None:
        assert {rule.code for rule in RULES} > BY_IMPACT
        whole = {one.key for one in detect() if one.rule not in BY_IMPACT}
        assert {one.key for one in detect(impact=False)} == whole

    def test_a_portfolio_costs_as_many_queries_as_a_package(self) -> None:
        packages = list(ReleasePackage.objects.order_by("code").values_list("pk", flat=True))
        counts = set()
        for asked in (packages[-1:], packages[-3:], None):
            with CaptureQueriesContext(connection) as queries:
                detect(asked, impact=False)
            counts.add(len(queries))
        assert counts == {13}


class TestAfterTheEmergency(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        as_the_application()
        northgate(AFTER_THE_EMERGENCY)

    def down_level(self, at: datetime) -> Detected | None:
        with clock.at(at):
            return of_rule("K02", detect(impact=False)).get(("RE-2611-01", "RP-2611-02"))

    def test_the_account_record_is_down_level_until_it_is_built_again(self) -> None:
        before = self.down_level(AFTER_THE_EMERGENCY)
        assert before is not None and names(before) == ["CBTRN02C"]
        assert before.text == (
            "RP-2611-02 is built on CBTRN02C 01.14; production has 01.15 since RE-2611-01: "
            "it would regress it"
        )
        play(
            scene
            for scene in changes.scenes("CHG0510")
            if AFTER_THE_EMERGENCY < scene.at <= REBUILT_AT
        )
        assert self.down_level(REBUILT_AT) is None


@door("asset")
def install(*, pk: Any, actor: Any, environment: Environment, level: str) -> None:
    install_version(asset_id=pk, actor=actor, environment=environment, level=level)


def built_with(program: Asset, level: str, part: Asset, part_level: str) -> None:
    BuildInput.objects.create(
        program=program, program_level=level, part=part, part_level=part_level, feed="dbb",
        seen_at=OPENS,
    )  # fmt: skip


class TestSmallWorlds:
    """What the demo does not show; each asks the portfolio and the package alike."""

    @pytest.fixture
    def night(self, db: None) -> Night:
        return small_night()

    def found(self, night: Night, package: ReleasePackage, code: str) -> list[Detected]:
        with night.before():
            whole = [one for one in detect() if one.rule == code]
            assert [one for one in detect([package.pk]) if one.rule == code] == whole
            return whole

    def test_a_level_that_the_environment_before_never_had(self, night: Night) -> None:
        package = night.draft()
        assert not self.found(night, package, "K09")
        site = night.planners.site
        with night.before():
            uat = create_in_register(
                Environment, actor=SETUP, check=anybody,
                values={"code": "UAT", "site": site, "order": 5, "is_production": False},
            )  # fmt: skip
            copybook = night.bank.copybook
            install(pk=copybook.pk, actor=SETUP, environment=uat, level="01.13")
        (one,) = self.found(night, package, "K09")
        assert one.assets == (copybook.pk,) and "CVACT01Y 01.15" in one.text
        with night.before():
            install(pk=copybook.pk, actor=SETUP, environment=uat, level="01.15")
        assert not self.found(night, package, "K09")

    def test_a_freeze_over_the_night_of_a_package(self, night: Night) -> None:
        package = night.draft()
        assert not self.found(night, package, "K05")
        make_rule("FRZ", night.planners, applications=["CARD"])
        make_rule("OTHER", night.planners, families=["ims"])
        (one,) = self.found(night, package, "K05")
        assert one.severity == "hard"
        assert one.text == (
            f"{package.code} (W-2611) lies in Autumn freeze (FRZ), from Thu 19 Nov 2026 00:00 "
            "to Tue 24 Nov 2026 00:00."
        )

    def test_a_freeze_over_the_warranty_of_converted_data(self, night: Night) -> None:
        make_rule("FRZ", night.planners, dates=["2026-11-25"])
        line = {"asset": night.bank.table, "action": "convert", "from_version": "1",
                "to_version": "2"}  # fmt: skip
        plain, converting = night.draft(), night.draft([night.change(assets=[line], risk="high")])
        (one,) = self.found(night, converting, "K05")
        assert one.text.startswith(f"The warranty of the data that {converting.code} (W-2611) ")
        with night.before():
            assert not [one for one in detect([plain.pk]) if plain.pk in one.packages
                        and one.rule == "K05"]  # fmt: skip

    def test_a_new_rule_of_the_calendar_asks_about_the_whole_portfolio(self, night: Night) -> None:
        rule = make_rule("FRZ", night.planners)
        EvaluationDue.objects.all().delete()
        mark_due(EvidenceEntry.objects.get(subject=rule.subject))
        assert [due.subject for due in EvaluationDue.objects.all()] == ["portfolio"]

    def test_a_program_compiled_with_another_copybook_than_it_will_meet(self, night: Night) -> None:
        with night.before():
            program = make_asset("CBTRN02C", "program_batch", night)
            install(pk=night.bank.copybook.pk, actor=SETUP, level="01.14",
                    environment=Environment.objects.get(code="PROD"))  # fmt: skip
        line = {"asset": program, "action": "change", "from_version": "1", "to_version": "2"}
        package = night.draft([night.change(assets=[line])])
        built_with(program, "2", night.bank.copybook, "01.14")
        assert not self.found(night, package, "K03")
        built_with(program, "3", night.bank.copybook, "01.13")
        again = line | {"from_version": "2", "to_version": "3"}
        skewed = night.draft([night.change(assets=[again])])
        (one,) = self.found(night, skewed, "K03")
        assert one.severity == "hard" and set(one.assets) == {program.pk, night.bank.copybook.pk}
        assert "CBTRN02C with CVACT01Y 01.13, not 01.14" in one.text

    def test_an_asset_that_its_import_lost(self, night: Night) -> None:
        package = night.draft()
        assert not self.found(night, package, "K13")
        with night.before():
            seen = clock.now() - timedelta(days=91)
        Asset.objects.filter(pk=night.bank.copybook.pk).update(last_seen_at=seen)
        (one,) = self.found(night, package, "K13")
        assert one.assets == (night.bank.copybook.pk,)

    def test_a_draft_of_a_change_that_is_in_no_package(self, night: Night) -> None:
        package = night.draft()
        with night.before():
            loose = draft(night.bank)
        (one,) = self.found(night, package, "K01")
        assert one.severity == "info" and one.changes == (loose.pk,)

    def test_a_member_of_the_same_name_in_another_library(self, night: Night) -> None:
        with night.before():
            twin = make_asset_in("OTHER.COPYLIB", night)
        line = {"asset": twin, "action": "change", "from_version": "1", "to_version": "2"}
        package = night.draft()
        night.draft([night.change(assets=[line])])
        (one,) = self.found(night, package, "K01")
        assert set(one.assets) == {night.bank.copybook.pk, twin.pk}

    def test_packages_that_wait_for_each_other(self, night: Night) -> None:
        table = night.bank.table
        line = {"asset": table, "action": "change", "from_version": "1", "to_version": "2"}
        first = night.draft()
        second = night.draft([night.change(assets=[line])], after=[first])
        assert not self.found(night, second, "K08")

    def test_what_hits_a_package_of_other_people_in_the_same_night(self, night: Night) -> None:
        program = make_asset("CBACT01C", "program_batch", night)
        with night.before():
            relate_asset(
                pk=program.pk, actor=keeper(), kind="copies", target=night.bank.copybook.pk
            )
        upstream = night.draft()
        line = {"asset": program, "action": "change", "from_version": "1", "to_version": "2"}
        mine = night.draft([night.change(assets=[line])], owner=night.manager)
        with clock.at(OPENS - timedelta(days=1)):
            (one,) = of_rule("K04", detect()).values()
            assert one == of_rule("K04", detect([mine.pk])).popitem()[1]
        assert set(one.packages) == {upstream.pk, mine.pk} and one.assets == (program.pk,)
        assert one.severity == "soft"
        with clock.at(OPENS - timedelta(days=1)):
            make_team("TEST", kind="validation")
            apply_fix(rule=one.rule, fix=one.fixes[0], actor=actor(night.coordinator))
            assert not of_rule("K04", detect()) and not of_rule("K04", detect([upstream.pk]))

    def test_a_job_that_starts_between_the_first_alteration_and_the_end(self, night: Night) -> None:
        job = make_asset("POSTTRAN", "job", night)
        program = make_asset("CBACT01C", "program_batch", night)
        by = keeper()
        with night.before():
            relate_asset(pk=job.pk, actor=by, kind="executes", target=program.pk)
            cycle = schedules.create_batch_cycle(
                actor=by,
                values={"code": "NIGHT", "name": "Night", "site": night.planners.site,
                        "first_job": job, "latest_start": time(4, 30), "end_by": time(8)},
            )  # fmt: skip
            schedules.create_job_schedule(
                actor=by, values={"job": job, "cycle": cycle, "start_time": time(22, 15)}
            )
        line = {"asset": program, "action": "change", "from_version": "1", "to_version": "2"}
        package = night.draft([night.change(assets=[line])])
        night.step(package, "A2", "COPY_LOAD", planned_start_at=OPENS + timedelta(minutes=10))
        with clock.at(OPENS - timedelta(days=1)):
            (one,) = of_rule("K11", detect([package.pk])).values()
        assert one.text == (
            f"POSTTRAN at 22:15 starts while {package.code} is half in, from A2 at 22:10 to 22:20."
        )
        assert names(one) == ["CBACT01C", "POSTTRAN"]


def keeper() -> Actor:
    return actor(make_user("keeper", "site_admin"))


def make_asset(name: str, kind: str, night: Night) -> Asset:
    return changes_world.make_asset(name, kind, night.bank.application)


def make_asset_in(library: str, night: Night) -> Asset:
    like = night.bank.copybook
    return create_in_register(
        Asset, actor=SETUP, check=anybody,
        values={"type": like.type, "name": like.name, "application": like.application,
                "qualifier": library},
    )  # fmt: skip
