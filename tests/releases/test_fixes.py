"""One click does what a finding proposes, through the doors, or is refused by them."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from apps.accounts.models import User
from apps.changes.models import ChangeRequest
from apps.core.errors import Refused
from apps.evidence.models import EvidenceEntry
from apps.inventory.models import Asset
from apps.releases.domain.conflicts import portfolio
from apps.releases.domain.conflicts.night import SchedulerCollision
from apps.releases.domain.findings import Fix
from apps.releases.models import Activity, ReleasePackage, ValidationCheck
from apps.releases.services.completeness import detect_for_packages
from apps.releases.services.fixes import Applied, apply_fix
from tests.changes.worlds import draft, make_asset
from tests.factories import actor, make_team, make_user
from tests.releases.worlds import OPENS, Night, small_night
from tests.support import commit_now, once_a_module, refused

built = once_a_module(small_night)


@pytest.fixture
def night(built: Night, db: None) -> Night:
    return deepcopy(built)


def fix(
    night: Night, kind: Any, *rows: dict[str, Any], by: User | None = None, rule: str = "C03"
) -> Applied:
    with night.before():
        done = apply_fix(
            rule=rule,
            fix=Fix(kind, "Add what is missing", rows),
            actor=actor(by or night.coordinator),
        )
    commit_now()
    return done


def row(package: ReleasePackage, label: str, kind: str = "BIND_PACKAGE", **more: Any) -> Any:
    return {
        "package": str(package.pk), "label": label, "type": kind, "title": f"Do {label}",
        "targets": [], "after": [], "before": [], **more,
    }  # fmt: skip


def waits_for(step: Activity) -> list[str]:
    return list(step.dependencies.values_list("predecessor__label", flat=True))


def step(package: ReleasePackage, label: str) -> Activity:
    return package.activities.get(label=label)


class TestScope:
    def line(self, change: ChangeRequest, asset: Asset, action: str = "change") -> dict[str, str]:
        return {"change": str(change.pk), "asset": str(asset.pk), "action": action}

    def test_all_lines_of_a_change_are_one_edit_and_the_others_stay(self, night: Night) -> None:
        change = draft(night.bank)
        programs = [make_asset(name, "program_batch", night.bank.application)
                    for name in ("CBACT01C", "CBACT04C")]  # fmt: skip
        rows = [self.line(change, program) for program in programs]

        fix(night, "add_assets", *rows, by=night.bank.requester)

        fresh = ChangeRequest.objects.get(pk=change.pk)
        assert fresh.evidence_seq == change.evidence_seq + 1
        lines = fresh.assets.values_list("asset__name", "action", "from_version", "to_version")
        assert set(lines) == {
            ("CVACT01Y", "change", "01.14", "01.15"),
            ("CBACT01C", "change", "", ""),
            ("CBACT04C", "change", "", ""),
        }

    def test_a_second_click_changes_nothing(self, night: Night) -> None:
        change = draft(night.bank)
        wanted = self.line(change, night.bank.copybook)
        assert fix(night, "add_assets", wanted, by=night.bank.requester) == Applied()
        assert ChangeRequest.objects.get(pk=change.pk).evidence_seq == change.evidence_seq

    def test_each_change_gets_its_own_lines(self, night: Night) -> None:
        one, two = draft(night.bank), draft(night.bank)
        table = night.bank.table
        done = fix(
            night, "add_assets", self.line(one, table), self.line(two, table, "rebind_only"),
            by=night.bank.requester,
        )  # fmt: skip
        assert done.records == (one, two)
        assert one.assets.get(asset=table).action == "change"
        assert two.assets.get(asset=table).action == "rebind_only"
        assert len(done.notes) == 2

    def test_an_unknown_change_is_refused(self, night: Night) -> None:
        unknown = {"change": str(uuid4()), "asset": str(night.bank.table.pk), "action": "change"}
        with refused("not_found"):
            fix(night, "add_assets", unknown)


def validators(night: Night) -> dict[str, Any]:
    return {"team": night.validation, "owner": night.validator, "deputy": None}


class TestSteps:
    def test_it_runs_between_the_steps_that_the_fix_names(self, night: Night) -> None:
        package = night.draft()
        archive = night.step(package, "A1", "BACKUP_LIB")
        copy = night.step(package, "A2", "COPY_LOAD", archive)
        night.step(package, "A3", "SMOKE_JOB", archive)
        wanted = row(package, "A4", after=["A2"], before=["A3"], targets=[str(night.bank.table.pk)])

        done = fix(night, "add_steps", wanted)

        new = step(package, "A4")
        assert (new.type_id, new.title, new.duration_minutes) == ("BIND_PACKAGE", "Do A4", 10)
        assert new.targets.get().asset == night.bank.table
        assert new.dependencies.get().predecessor == copy
        assert waits_for(step(package, "A3")) == ["A1", "A4"]
        assert done.records == (new, step(package, "A3"))

    def test_new_edges_say_which_rule_wanted_them(self, night: Night) -> None:
        package = night.draft()
        night.step(package, "A1", "COPY_LOAD")
        fix(night, "add_steps", row(package, "A2", after=["A1"]), rule="C07")
        assert step(package, "A2").dependencies.get().origin == "C07"
        entry = EvidenceEntry.objects.filter(subject=step(package, "A2").subject).get()
        assert b"C07: Add what is missing." in bytes(entry.body)

    def test_rows_know_each_other_even_when_their_labels_are_taken_meanwhile(
        self, night: Night
    ) -> None:
        package = night.draft()
        night.step(package, "A1", "COPY_LOAD")
        rows = [
            row(package, "A1", "REORG"),
            row(package, "A2", "RUNSTATS", after=["A1"]),
        ]
        fix(night, "add_steps", *rows)
        assert step(package, "A2").type_id == "REORG"
        assert step(package, "A3").type_id == "RUNSTATS"
        assert waits_for(step(package, "A3")) == ["A2"]

    def test_a_step_that_is_gone_is_not_waited_for(self, night: Night) -> None:
        package = night.draft()
        night.step(package, "A1", "COPY_LOAD")
        fix(night, "add_steps", row(package, "A2", after=["A1", "A9"], before=["A8"]))
        assert waits_for(step(package, "A2")) == ["A1"]

    def test_the_team_is_the_one_that_does_such_steps_elsewhere(self, night: Night) -> None:
        elsewhere, package = night.draft(), night.draft()
        night.step(elsewhere, "A1", "BIND_PACKAGE", **validators(night))
        night.step(package, "A1", "COPY_LOAD")
        done = fix(night, "add_steps", row(package, "A2"))
        assert step(package, "A2").team == night.validation
        assert step(package, "A2").owner == night.validator
        assert done.notes == (
            "Step A2 is given to validator of VAL for 10 minutes; look whether that is right.",
        )

    def test_but_first_the_one_that_does_such_steps_here(self, night: Night) -> None:
        elsewhere, package = night.draft(), night.draft()
        night.step(package, "A1", "BIND_PACKAGE")
        night.step(elsewhere, "A1", "BIND_PACKAGE", **validators(night))
        fix(night, "add_steps", row(package, "A2"))
        assert step(package, "A2").team == night.ops

    def test_a_type_that_nobody_has_done_goes_to_the_only_team_of_its_kind(
        self, night: Night
    ) -> None:
        package = night.draft()
        night.step(package, "A1", "COPY_LOAD")
        team = make_team("TEST", kind="validation")
        tester = make_user("tester", "validator", teams=["TEST"])
        fix(night, "add_steps", row(package, "A2", "SMOKE_JOB"))
        assert (step(package, "A2").team, step(package, "A2").owner) == (team, tester)

    def test_or_else_to_the_team_with_most_of_the_plan(self, night: Night) -> None:
        package = night.draft()
        night.step(package, "A1", "COPY_LOAD")
        night.step(package, "A2", "BACKUP_LIB", **validators(night))
        night.step(package, "A3", "COPY_JCL")
        fix(night, "add_steps", row(package, "A4", "SMOKE_JOB"))
        assert step(package, "A4").team == night.ops

    def test_in_an_empty_plan_the_door_asks_for_the_team(self, night: Night) -> None:
        with pytest.raises(Refused) as caught:
            fix(night, "add_steps", row(night.draft(), "A1"))
        assert {blocker.field for blocker in caught.value.blockers} == {"team"}

    def test_only_a_coordinator_adds_steps(self, night: Night) -> None:
        package = night.draft()
        night.step(package, "A1", "COPY_LOAD")
        with refused("role_missing"):
            fix(night, "add_steps", row(package, "A2"), by=night.operator)
        assert package.activities.count() == 1

    def test_a_fixed_plan_takes_no_step(self, night: Night) -> None:
        package = night.ready()
        with refused("plan_fixed"):
            fix(night, "add_steps", row(package, "A9"))

    def test_a_second_click_adds_none(self, night: Night) -> None:
        package = night.draft()
        night.step(package, "A1", "COPY_LOAD")
        fix(night, "add_steps", row(package, "A2"))
        assert fix(night, "add_steps", row(package, "A3", title="Do A2")) == Applied()
        assert package.activities.count() == 2

    def test_a_step_that_is_gone_needs_no_way_back(self, night: Night) -> None:
        package = night.draft()
        night.step(package, "A1", "COPY_LOAD")
        assert fix(night, "add_steps", row(package, "A3", reverses="A2")) == Applied()

    def test_the_way_back_of_a_step_is_added_and_the_finding_is_gone(self, night: Night) -> None:
        package = night.draft()
        night.step(package, "A1", "COPY_LOAD")
        (found,) = (f for f in detect_for_packages([package.pk]) if f.rule == "C14")
        with night.before():
            apply_fix(rule=found.rule, fix=found.fixes[0], actor=actor(night.coordinator))
        new = step(package, "A2")
        assert (new.is_backout, new.reverses, new.team) == (True, step(package, "A1"), night.ops)
        assert not [f for f in detect_for_packages([package.pk]) if f.rule == "C14"]

    def test_a_job_that_starts_in_the_middle_is_held_before_the_first_alteration(
        self, night: Night
    ) -> None:
        package = night.draft()
        copy = night.step(package, "A1", "COPY_LOAD", planned_start_at=OPENS)
        job, touched = make_asset("POSTTRAN", "job", night.bank.application), night.bank.copybook
        begins, ends = OPENS, OPENS + timedelta(hours=1)
        given = portfolio.Portfolio(
            now=OPENS,
            packages={package.pk: portfolio.Package(package.pk, package.code)},
            touches=(portfolio.Touch(touched.pk, package.pk, uuid4()),),
            assets={asset.pk: portfolio.Asset(asset.pk, asset.name) for asset in (job, touched)},
            job_starts=(portfolio.JobStart(job.pk, job.name, begins, frozenset([touched.pk])),),
            steps=(
                portfolio.Step(copy.pk, "A1", "COPY_LOAD", begins, ends, night.ops.pk,
                               package=package.pk, alters=True),
            ),
        )  # fmt: skip
        (found,) = SchedulerCollision().find(given)
        with night.before():
            apply_fix(rule=found.rule, fix=found.fixes[0], actor=actor(night.coordinator))
        hold = step(package, "A2")
        assert (hold.type_id, hold.title) == ("HOLD_JOB", "Hold POSTTRAN")
        assert hold.targets.get().asset == job
        assert waits_for(step(package, "A1")) == ["A2"]


class TestChecks:
    def check(self, package: ReleasePackage, service: str = "CARD-AUTH") -> dict[str, str]:
        return {
            "package": str(package.pk), "title": f"SVC:{service} works", "kind": "manual",
            "phase": "go_decision",
        }  # fmt: skip

    def test_it_gets_the_next_code_and_the_team_of_the_others(self, night: Night) -> None:
        package = night.draft()
        night.check(package, "V7")
        done = fix(night, "add_checks", self.check(package), self.check(package, "STATEMENTS"))
        made = ValidationCheck.objects.filter(package=package).exclude(code="V7")
        assert [(check.code, check.team) for check in made] == [
            ("V8", night.validation), ("V9", night.validation),
        ]  # fmt: skip
        assert len(done.notes) == 2

    def test_a_second_click_adds_none(self, night: Night) -> None:
        package = night.draft()
        night.check(package, "V7")
        assert fix(night, "add_checks", self.check(package), self.check(package)).notes != ()
        assert fix(night, "add_checks", self.check(package)) == Applied()
        assert package.checks.count() == 2

    def test_the_first_check_is_for_the_only_validation_team(self, night: Night) -> None:
        team = make_team("TEST", kind="validation")
        package = night.draft()
        fix(night, "add_checks", self.check(package))
        assert package.checks.get().code == "V1"
        assert package.checks.get().team == team


def test_what_only_people_can_do_is_no_click(night: Night) -> None:
    with refused("by_people"):
        fix(night, "none")
