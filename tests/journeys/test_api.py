"""The whole life of a change through the programming interface, on a real inventory.

One night is told three times: it ends well, it ends backed out, and it is refused at every gate.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from apps.core import clock
from apps.evidence.models import EvidenceEntry
from apps.inventory.models import Asset, AssetRelation
from tests.changes.worlds import IMPACT_FORM
from tests.journeys.client import Person
from tests.releases.worlds import AS_IS
from tests.scenarios import carddemo_inventory
from tests.support import commit_now

pytestmark = pytest.mark.django_db

OPENS = datetime(2027, 3, 13, 22, 0, tzinfo=ZoneInfo("Europe/Amsterdam"))
WEEKS_BEFORE = OPENS - timedelta(days=20)


def night(minutes: int) -> Any:
    return clock.at(OPENS + timedelta(minutes=minutes))


class Journey:
    """The people, and the records they make on the way."""

    def __init__(self) -> None:
        self.person = cache(Person)
        self.window: dict[str, Any] = {}
        self.change: dict[str, Any] = {}
        self.package: dict[str, Any] = {}
        self.steps: dict[str, dict[str, Any]] = {}
        self.check: dict[str, Any] = {}

    def request_a_change(self, risk: str = "low") -> None:
        program = Asset.objects.get(name="CBTRN02C", type_id="program_batch")
        self.change = self.person("dev.card").create(
            "changes",
            title="CBTRN02C: guard against a blank category code",
            application="CARD",
            owner="product.card",
            reason="POSTTRAN ended with S0C7 twice this month.",
            implementation_summary="Copy the load module, refresh LLA.",
            backout_summary="Restore the archived member.",
            validation_summary="Smoke job POSTTRAN with a test date.",
            declared_risk=risk,
            tests_due_on="2027-03-01",
            **IMPACT_FORM,
            links=[{"kind": "incident", "ref": "INC0098213"}],
            assets=[{"asset": str(program.pk), "from_version": "01.15", "to_version": "01.16"}],
        )

    def attach_a_test(self, kind: str) -> None:
        answer = self.person("validator").http.post(
            f"{self.change['address']}documents/",
            {"kind": kind, "title": f"{kind} of 01.16", "text": "RC 0 in every job.",
             "verdict": "passed", "tested_version": "01.16"},
            format="json",
        )  # fmt: skip
        assert answer.status_code == 201, answer.json()

    def approve_it(self) -> None:
        self.person("dev.card").move(self.change, "submit")
        self.person("owner.card").move(self.change, "approve", comment="Wanted for long.")

    def open_a_window(self) -> None:
        self.window = self.person("release.manager").create(
            "windows",
            code="W-2703",
            name="March release",
            site="AMS",
            window_type="monthly",
            opens_at=OPENS.isoformat(),
            closes_at=(OPENS + timedelta(hours=8)).isoformat(),
            capacity_changes=5,
            capacity_points="20.0",
            max_parallel_packages=5,
            coordinator="coordinator",
            release_manager="release.manager",
            cutoffs=[{"kind": "batch_start", "label": "CLOSEFIL", "is_hard": True,
                      "at": (OPENS + timedelta(hours=6, minutes=30)).isoformat()}],
        )  # fmt: skip
        self.person("release.manager").move(self.window, "open")

    def package_it(self) -> None:
        self.package = self.person("coordinator").create(
            "packages",
            name="Posting fix",
            window=self.window["id"],
            owner="owner.card",
            coordinator="coordinator",
            members=[{"change": self.change["id"]}],
        )

    def step(self, label: str, kind: str, *after: str, **more: Any) -> None:
        values = {
            "package": self.package["id"],
            "label": label,
            "type": kind,
            "title": kind.replace("_", " ").capitalize(),
            "team": "OPS",
            "owner": "ops",
            "duration_minutes": 10,
            "dependencies": [{"predecessor": self.steps[name]["id"]} for name in after],
        }
        if kind == "COPY_LOAD":
            values["deputy"] = "ops2"
        self.steps[label] = self.person("coordinator").create("activities", **values | more)

    def plan_the_steps(self) -> None:
        self.step("A1", "BACKUP_LIB")
        self.step("A2", "COPY_LOAD", "A1", max_rc=4)
        self.step("A3", "SMOKE_JOB", "A2")
        self.step("Z1", "COPY_LOAD", is_backout=True, reverses=self.steps["A2"]["id"])

    def plan_the_check(self) -> None:
        self.check = self.person("coordinator").create(
            "checks",
            package=self.package["id"],
            change=self.change["id"],
            code="V1",
            title="POSTTRAN ends with return code 4 at most",
            kind="job_rc",
            phase="go_decision",
            expected_operator="rc<=",
            expected_value="4",
            team="APPA",
            owner="validator",
        )

    def plan_the_way_back(self) -> dict[str, Any]:
        plan = self.person("coordinator").create(
            "backout-plans",
            package=self.package["id"],
            strategy="restore_members",
            trigger_criteria="The smoke job ends above 4.",
            decision_owner="release.manager",
            verification="The footprint is that of 01.15.",
            restore_points="PROD.ARCHIVE.LOADLIB",
        )
        return self.person("ops").move(plan, "review")

    def plan_it(self) -> None:
        self.plan_the_steps()
        self.plan_the_check()
        self.person("release.manager").move(self.plan_the_way_back(), "approve")

    def make_it_ready(self) -> None:
        self.person("coordinator").move(self.package, "plan")
        ready = self.person("coordinator").move(self.package, "confirm_ready", **AS_IS)
        assert ready["state"] == "ready"
        hard = {item["state"] for item in ready["readiness"] if item["level"] == "hard"}
        assert hard <= {"met", "not_applicable"}
        for step in self.steps.values():
            self.person("ops").move(step, "acknowledge")
        self.person("coordinator").move(self.window, "lock_scope")

    def start_it(self) -> None:
        with night(0):
            self.person("coordinator").move(self.window, "start", batch_held=True)
        with night(5):
            started = self.person("coordinator").move(self.package, "start")
            assert started["members"][0]["change"]["state"] == "implementing"

    def run(self, label: str, minute: int, rc: int = 0) -> None:
        with night(minute):
            self.person("ops").move(self.steps[label], "start")
        with night(minute + 8):
            self.person("ops").move(self.steps[label], "complete", rc=rc, result="JOB02020")

    def measure_what_is_restored(self) -> None:
        """The check that the backout planned by itself: footprints as before the night."""
        address = f"/api/v1/checks/?package={self.package['id']}&phase=post_backout"
        (check,) = self.person("validator").get(address)["results"]
        check["address"] = f"/api/v1/checks/{check['id']}/"
        self.person("validator").move(check, "run")
        passed = self.person("validator").move(
            check, "record_result", actual_value=check["baseline"]
        )
        assert passed["state"] == "passed"

    def told_until(self, what: str) -> None:
        """The story up to a point: `ready` or `running`."""
        with clock.at(WEEKS_BEFORE):
            self.request_a_change()
            self.approve_it()
            self.open_a_window()
            self.package_it()
            self.plan_it()
            self.make_it_ready()
        if what == "running":
            self.start_it()
            self.run("A1", 10)
            self.run("A2", 20)


@pytest.fixture
def journey(db: None) -> Iterator[Journey]:
    carddemo_inventory()
    with clock.at(WEEKS_BEFORE):
        yield Journey()


def test_a_change_lives_from_draft_to_closed(journey: Journey) -> None:
    assert (Asset.objects.count(), AssetRelation.objects.count()) == (539, 1255)
    journey.told_until("running")
    journey.run("A3", 30)
    with night(45):
        journey.person("validator").move(journey.check, "run")
        checked = journey.person("validator").move(journey.check, "record_result", actual_value="0")
        assert checked["state"] == "passed"
    with night(50):
        journey.person("release.manager").move(journey.package, "decide", decision="go")
        done = journey.person("coordinator").move(journey.package, "complete")
        assert done["state"] == "completed"
    with night(120):
        journey.person("coordinator").move(journey.window, "hand_back")
    with night(24 * 60):
        journey.person("coordinator").move(journey.package, "close", comment="As planned.")
        journey.person("release.manager").move(journey.window, "close", comment="As planned.")
        closed = journey.person("product.card").move(journey.change, "close", comment="Done.")
        assert closed["state"] == "closed"
    commit_now()

    told = journey.person("auditor").get(f"{journey.change['address']}history/")["results"]
    acts = [entry["action"] for entry in reversed(told) if entry["action"].startswith("change.")]
    assert acts == [
        "change.created", "change.submitted", "change.approved", "change.plan_sealed",
        "change.scheduled", "change.started", "change.completed", "change.closed",
    ]  # fmt: skip
    people = {entry["action"]: entry["by"] for entry in told}
    assert people["change.approved"] == str(journey.person("owner.card").user)
    assert people["change.submitted"] == str(journey.person("dev.card").user)
    program = Asset.objects.get(name="CBTRN02C", type_id="program_batch")
    assert program.production_version is not None
    assert program.production_version.level == "01.16"
    assert_chains_have_no_gap()


def test_another_one_ends_backed_out(journey: Journey) -> None:
    journey.told_until("running")
    with night(30):
        journey.person("ops").move(journey.steps["A3"], "start")
    with night(35):
        journey.person("ops").move(
            journey.steps["A3"], "fail", code="abend", comment="POSTTRAN ended with S0C7 again."
        )
        journey.person("coordinator").move(
            journey.package, "fail", code="validation", comment="The smoke job abended."
        )
    with night(40):
        backing = journey.person("release.manager").move(
            journey.package, "start_backout", comment="No fix in sight before the cut-off."
        )
        assert backing["state"] == "backing_out"
    journey.run("Z1", 45)
    with night(58):
        journey.measure_what_is_restored()
    with night(60):
        back = journey.person("coordinator").move(journey.package, "finish_backout")
        assert back["state"] == "backed_out"
        assert back["members"][0]["change"]["state"] == "backed_out"
    with night(24 * 60):
        journey.person("coordinator").move(
            journey.package, "close", comment="The guard must cover spaces as well as nulls."
        )
        assert journey.person("product.card").refused(journey.change, "close") == (
            400, {"review_needed"},
        )  # fmt: skip
        closed = journey.person("product.card").move(
            journey.change, "close", comment="Spaces were not covered; the test data had none."
        )
        assert (closed["state"], closed["outcome"]) == ("closed", "backed_out")
    commit_now()
    assert_chains_have_no_gap()


def test_a_third_one_is_refused_at_every_gate(journey: Journey) -> None:
    """Each refusal names every reason with its remedy, and changes nothing."""
    dev, owner = journey.person("dev.card"), journey.person("owner.card")
    coordinator = journey.person("coordinator")

    def unready() -> set[str]:
        status, codes = coordinator.refused(journey.package, "confirm_ready", **AS_IS)
        package = coordinator.get(journey.package["address"])
        assert (status, package["state"]) == (409, "planned")
        return codes

    with clock.at(WEEKS_BEFORE):
        journey.request_a_change(risk="high")
        assert owner.refused(journey.change, "submit") == (403, {"role_missing"})
        dev.move(journey.change, "submit")
        assert dev.refused(journey.change, "approve") == (
            403, {"not_in_slot", "separation_of_duties"},
        )  # fmt: skip
        journey.open_a_window()
        journey.package_it()
        assert coordinator.refused(journey.package, "start")[0] == 409
        coordinator.move(journey.package, "plan")
        assert unready() == {"gate_g01", "gate_g06", "gate_g09", "gate_g10"}

        journey.plan_the_steps()
        for kind in ("sit", "uat", "regression", "performance"):
            journey.attach_a_test(kind)
        for name in ("owner.card", "cab.member", "cab.member2"):
            journey.person(name).move(journey.change, "approve", comment="Yes.")
        journey.step("A4", "COMMS", "A3", team="CHGMGT", owner="cab.member")
        assert unready() == {"gate_g02", "gate_g08", "gate_g09"}

        coordinator.move(
            journey.steps["A4"], "assign", owner=str(journey.person("release.manager").user.pk)
        )
        journey.plan_the_check()
        plan = journey.plan_the_way_back()
        assert unready() == {"gate_g08"}, "a high risk asks for a rehearsal"
        when = (WEEKS_BEFORE - timedelta(days=1)).isoformat()
        journey.person("ops").move(plan, "rehearse", environment="UAT", rehearsed_at=when)
        journey.person("release.manager").move(plan, "approve")
        ready = coordinator.move(journey.package, "confirm_ready", **AS_IS)
        assert ready["state"] == "ready"
        assert {told["gate"] for told in ready["soft_gates"]} <= {*AS_IS["soft_gates"]}

        edited = dev.http.patch(
            journey.change["address"],
            {"backout_summary": "None is needed."},
            format="json",
            HTTP_IF_MATCH=f'"{dev.get(journey.change["address"])["version"]}"',
        )
        assert edited.json()["state"] == "assessing"
        coordinator.move(journey.window, "lock_scope")
    with night(0):
        status, codes = coordinator.refused(journey.package, "start")
        assert status == 409 and "gate_g01" in codes
    commit_now()
    refusals = EvidenceEntry.objects.filter(action="access.refused")
    assert refusals.filter(about=f"package:{journey.package['id']}").count() == 5
    assert_chains_have_no_gap()


def assert_chains_have_no_gap() -> None:
    last: dict[str, int] = {}
    for subject, seq in EvidenceEntry.objects.order_by("id").values_list("subject", "seq"):
        assert seq == last.get(subject, 0) + 1, (subject, seq)
        last[subject] = seq
