"""The whole life of a change in the console, clicked by different people on a real inventory."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page

from apps.accounts.models import Team, User
from apps.changes.models import ChangeRequest
from apps.core import clock
from apps.evidence.models import EvidenceEntry
from apps.inventory.models import Application, Asset, Site
from apps.releases.models import Activity, ActivityType, ReleasePackage
from apps.windows.models import ReleaseWindow
from tests.browser.desk import Desk, key_in
from tests.factories import PASSWORD
from tests.scenarios import carddemo_inventory

pytestmark = pytest.mark.django_db(transaction=True)

OPENS = datetime(2027, 3, 13, 22, 0, tzinfo=ZoneInfo("Europe/Amsterdam"))
PEOPLE = ("dev.card", "owner.card", "product.card", "coordinator", "release.manager", "ops",
          "validator", "auditor")  # fmt: skip


@pytest.fixture
def desk(open_page: Callable[..., Page], settings: Any) -> Desk:
    settings.INTERLOCK_DEMO = True  # so that the portal reads a clock that the test can set
    with clock.at(OPENS - timedelta(days=21)):
        carddemo_inventory()
    for user in User.objects.filter(username__in=PEOPLE):
        user.set_password(PASSWORD)
        user.save()
    return Desk(open_page)


def at(minutes: int) -> None:
    """Let the portal's clock show this minute of the night."""
    clock.set_demo_clock(OPENS + timedelta(minutes=minutes))


def local(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M}"


def test_a_change_goes_from_draft_to_closed(desk: Desk) -> None:
    at(-20 * 24 * 60)
    user = {person.username: person for person in User.objects.all()}
    team = {found.code: found for found in Team.objects.all()}
    change = desk.enter(
        "dev.card",
        "changes/changerequest",
        {
            "title": "CBTRN02C: guard against a blank category code",
            "application": Application.objects.get(code="CARD"),
            "author": user["dev.card"],
            "owner": user["product.card"],
            "reason": "POSTTRAN ended with S0C7 twice this month.",
            "declared_risk": "low",
            "implementation_summary": "Copy the load module, refresh LLA.",
            "backout_summary": "Restore the archived member.",
            "validation_summary": "Smoke job POSTTRAN with a test date.",
            "tests_due_on": "2027-03-01",
            "impact": "none",
            "security_impact": "none",
        },
        {
            "assets": [
                {
                    "asset": Asset.objects.get(name="CBTRN02C", type_id="program_batch"),
                    "action": "change",
                    "from_version": "01.15",
                    "to_version": "01.16",
                }
            ]
        },
    )
    desk.move("dev.card", change, "Submit for assessment")
    desk.move("owner.card", change, "Approve", comment="Wanted for long.")

    window = desk.enter(
        "release.manager",
        "windows/releasewindow",
        {
            "code": "W-2703",
            "name": "March release",
            "site": Site.objects.get(code="AMS"),
            "window_type": "monthly",
            "opens_at": local(OPENS),
            "closes_at": local(OPENS + timedelta(hours=8)),
            "capacity_changes": "5",
            "capacity_points": "20",
            "max_parallel_packages": "5",
            "coordinator": user["coordinator"],
            "release_manager": user["release.manager"],
        },
        {
            "cutoffs": [
                {
                    "kind": "batch_start",
                    "label": "CLOSEFIL",
                    "at": local(OPENS + timedelta(hours=6, minutes=30)),
                    "is_hard": True,
                }
            ]
        },
    )
    desk.move("release.manager", window, "Open for packages")

    package = desk.enter(
        "coordinator",
        "releases/releasepackage",
        {
            "name": "Posting fix",
            "window": ReleaseWindow.objects.get(code="W-2703"),
            "owner": user["owner.card"],
            "coordinator": user["coordinator"],
        },
        {"members": [{"change": ChangeRequest.objects.get(pk=key_in(change))}]},
    )
    packaged = ReleasePackage.objects.get(pk=key_in(package))
    steps: dict[str, str] = {}
    for label, kind, after in (("A1", "BACKUP_LIB", ""), ("A2", "COPY_LOAD", "A1"),
                               ("A3", "SMOKE_JOB", "A2"), ("Z1", "COPY_LOAD", "")):  # fmt: skip
        values = {
            "package": packaged,
            "label": label,
            "type": ActivityType.objects.get(code=kind),
            "title": kind.replace("_", " ").capitalize(),
            "team": team["OPS"],
            "owner": user["ops"],
            "deputy": user["ops2"],
            "duration_minutes": "10",
        }
        if label == "Z1":
            values |= {"is_backout": True, "reverses": Activity.objects.get(label="A2")}
        rows = [{"predecessor": Activity.objects.get(label=after)}] if after else []
        steps[label] = desk.enter(
            "coordinator", "releases/activity", values, {"dependencies": rows}
        )
    check = desk.enter(
        "coordinator",
        "releases/validationcheck",
        {
            "package": packaged,
            "change": ChangeRequest.objects.get(pk=key_in(change)),
            "code": "V1",
            "title": "POSTTRAN ends with return code 4 at most",
            "kind": "job_rc",
            "phase": "go_decision",
            "expected_operator": "rc<=",
            "expected_value": "4",
            "team": team["APPA"],
            "owner": user["validator"],
        },
    )
    backout = desk.enter(
        "coordinator",
        "releases/backoutplan",
        {
            "package": packaged,
            "strategy": "restore_members",
            "trigger_criteria": "The smoke job ends above 4.",
            "decision_owner": user["release.manager"],
            "verification": "The footprint is that of 01.15.",
            "restore_points": "PROD.ARCHIVE.LOADLIB",
        },
    )
    desk.move("ops", backout, "Reviewed")
    desk.move("release.manager", backout, "Approve")
    desk.move("coordinator", package, "Plan for its window")
    as_it_is = {"soft_gates": "all", "comment": "The partner knows; the minutes are not needed."}
    desk.move("coordinator", package, "Confirm ready", **as_it_is)
    for address in steps.values():
        desk.move("ops", address, "Acknowledge")
    desk.move("coordinator", window, "Lock the scope")

    at(0)
    desk.move("coordinator", window, "Start the window", batch_held=True)
    desk.move("coordinator", package, "Start")
    for minute, label in ((10, "A1"), (20, "A2"), (30, "A3")):
        at(minute)
        desk.move("ops", steps[label], "Start")
        at(minute + 8)
        desk.move("ops", steps[label], "Complete", rc=0, result="JOB02020")
    at(45)
    desk.move("validator", check, "Begin to measure")
    desk.move("validator", check, "Record the result", actual_value="0")
    at(50)
    desk.move("release.manager", package, "Decide", decision="go")
    desk.move("coordinator", package, "Complete")
    at(120)
    desk.move("coordinator", window, "Hand back")
    at(24 * 60)
    desk.move("coordinator", package, "Close", comment="As planned.")
    desk.move("release.manager", window, "Close the window", comment="As planned.")
    desk.move("product.card", change, "Close", comment="Done.")

    assert desk.state("auditor", change) == "Closed"
    told = desk.of("auditor")
    told.goto(change.replace("/change/", "/history/"))
    for sentence in ("Drafted the change", "The change is approved", "Closed the change"):
        assert told.get_by_text(sentence).count()
    acts = EvidenceEntry.objects.filter(subject=f"change:{key_in(change)}").order_by("seq")
    assert list(acts.values_list("action", flat=True)) == [
        "change.created", "change.submitted", "change.approved", "change.plan_sealed",
        "change.scheduled",
        "change.started", "change.completed", "change.closed",
    ]  # fmt: skip
