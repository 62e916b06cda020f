"""The guided tour of the demo, click by click: after the sign-in no address is typed."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from apps.accounts.models import User
from apps.audit.services.pack_making import make_waiting_packs
from apps.core import clock
from apps.portal.demo.evidence import CHALLENGE
from apps.releases.services.alerts import watch_nights
from tests.evidence.log import Log
from tests.factories import PASSWORD
from tests.live_night import take_the_night
from tests.scenarios import NIGHT_AT

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = ("release.manager", "cab.chair", "auditor")
#: Eleven minutes too few, with the minus of a typesetter.
MARGIN = "\u221211"


@pytest.fixture
def sign_in(
    open_page: Callable[..., Page], monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], Page]:
    """00:40 of the night, and it stays 00:40: whoever is named sits down."""
    take_the_night()
    monkeypatch.setattr(clock, "now", lambda: NIGHT_AT)
    watch_nights()
    for user in User.objects.filter(username__in=PEOPLE):
        user.set_password(PASSWORD)
        user.save()
    return open_page


def card(page: Page, title: str) -> Locator:
    heading = page.get_by_role("heading", name=title, exact=True)
    return page.locator("section.il-card", has=heading)


def go(page: Page, name: str) -> None:
    """By the navigation that every page has."""
    page.locator("#nav-sidebar").get_by_role("link", name=name, exact=True).click()


def heading(page: Page, text: str) -> None:
    expect(page.locator("h1")).to_contain_text(text)


def left_of(line: Locator) -> float:
    box = line.first.bounding_box()
    assert box is not None
    return box["x"]


def test_the_night_is_understood_by_clicking_through_it(
    sign_in: Callable[[str], Page], tmp_path: Path
) -> None:
    manager = sign_in("release.manager")
    _the_night_is_red(manager)
    _what_would_help(manager)
    _what_the_late_package_reaches(manager)
    _why_a_package_stayed_away(manager)
    _why_the_retry_may_not_be_installed(manager)
    _the_emergency_is_ratified(sign_in("cab.chair"))
    auditor = sign_in("auditor")
    _how_the_backout_of_october_went(auditor)
    _its_evidence_is_verified_elsewhere(auditor, tmp_path)


def _the_night_is_red(page: Page) -> None:
    banner = page.get_by_role("link", name="W-2611 is live")
    expect(banner).to_contain_text(f"margin {MARGIN} min")
    expect(banner).to_contain_text("we know the result at 02:29, but cannot return after 02:18")
    banner.click()
    heading(page, "W-2611 Q4 release weekend")
    stand = page.locator("#live-head")
    expect(stand).to_contain_text(f"Margin to the point of no return{MARGIN}min")
    expect(stand).to_contain_text("at 02:29, plan 01:25")
    expect(stand).to_contain_text("Earned 197 of 259 min planned by now (374 in all), 47 min")
    lanes = page.locator("#live-lanes")
    expect(lanes).to_contain_text("no return 02:18")
    expect(lanes).to_contain_text("go/no-go 02:29")
    assert left_of(lanes.locator("line.g-pnr")) < left_of(lanes.locator("line.g-go"))


def _what_would_help(page: Page) -> None:
    options = page.locator("#live-options li")
    best = options.filter(has_text="recommended")
    expect(best).to_have_count(1)
    expect(best).to_contain_text("One more in Storage")
    expect(best).to_contain_text("+31")
    dropped = options.filter(has_text="Drop the rest of RP-2611-01")
    expect(dropped).to_contain_text("Vetoed")
    expect(dropped).to_contain_text("+43")
    expect(dropped).to_contain_text("X02: CBACT04C in RP-2611-02 was built on RP-2611-01's")
    expect(dropped).to_contain_text("C10:")


def _what_the_late_package_reaches(page: Page) -> None:
    page.locator("#live-sub").get_by_role("link", name="RP-2611-02").click()
    heading(page, "RP-2611-02 Account record")
    expect(page.locator(".il-strip")).to_contain_text("In trouble")
    expect(page.locator(".il-strip")).to_contain_text("11 min after the point of no return")
    expect(page.get_by_role("link", name="Command centre")).to_have_count(2)
    page.get_by_role("link", name="Run impact tonight").click()
    expect(card(page, "Dependencies")).to_contain_text("POSTTRAN 05:10")
    page.get_by_role("link", name="Whole picture").click()
    heading(page, "Run impact tonight")
    expect(page.get_by_text("is the first batch job hit, in 4 h 30 min")).to_be_visible()
    hits = (("INTEREST-POSTING", "06:30"), ("GL-CLOSE", "06:55"), ("STATEMENTS", "07:50"))
    for service, at in hits:
        line = page.locator("tr", has=page.get_by_role("link", name=f"SVC:{service}"))
        expect(line).to_contain_text(at)


def _why_a_package_stayed_away(page: Page) -> None:
    go(page, "Readiness")
    page.get_by_role("button", name="RP-2611-03 G08 Backout: overdue").click()
    missed = page.locator(":popover-open")
    expect(missed).to_contain_text("The backout was not rehearsed")
    missed.get_by_role("link", name="Open the package").click()
    heading(page, "RP-2611-03 Transaction type reference")
    expect(card(page, "What happened")).to_contain_text("G08 was not met 24 hours before")
    asked = card(page, "Waivers")
    expect(asked).to_contain_text("G08 hard")
    expect(asked).to_contain_text("Refused")
    expect(asked).to_contain_text("A way back that nobody has tried is no way back")
    expect(page.get_by_role("link", name="Rehearsal in UAT")).to_be_visible()


def _why_the_retry_may_not_be_installed(page: Page) -> None:
    go(page, "Readiness")
    page.get_by_role("button", name=re.compile("^RP-2611-04 G05 Conflicts")).click()
    shown = page.locator(":popover-open")
    expect(shown).to_contain_text("K02: RP-2611-04 is built on COPAUS0C 01.07")
    shown.get_by_role("link", name="Open the package").click()
    heading(page, "RP-2611-04 Fraud flag retry")
    found = card(page, "Findings").get_by_role("link", name="K02 Down-level")
    found.click()
    expect(page.locator(".il-title .il-chip")).to_have_text("Open")
    expect(page.locator("#content")).to_contain_text("W-2611 installs 01.08 before it")


def _the_emergency_is_ratified(page: Page) -> None:
    owed = card(page, "Owed after emergencies")
    expect(owed).to_contain_text("CHG0499")
    page.get_by_role("link", name="RE-2611-01").click()
    heading(page, "RE-2611-01 POSTTRAN S0C7")
    card(page, "Owed after the emergency").get_by_role(
        "link", name=re.compile("CHG0499 .*atif")
    ).click()
    heading(page, "CHG0499")
    ratify = page.locator("summary", has_text=re.compile("^Ratify$"))
    move = page.locator(".il-moves > details", has=ratify)
    move.locator("summary").click()
    move.locator("[name=comment]").fill("Two of the board agreed on the bridge; it was right.")
    move.get_by_role("button").click()
    expect(page.locator(".messagelist .success")).to_contain_text("Ratify: done.")
    expect(card(page, "Follow-ups")).not_to_contain_text("atification")


def _how_the_backout_of_october_went(page: Page) -> None:
    page.get_by_role("searchbox").last.fill("RP-2610-02")
    page.get_by_role("searchbox").last.press("Enter")
    page.get_by_role("link", name=re.compile("^RP-2610-02")).click()
    heading(page, "RP-2610-02 Fraud flag")
    expect(page.locator(".il-route")).to_contain_text("Backed out")
    expect(card(page, "What happened")).to_contain_text("ACBGEN missed PSBPAUTL")
    page.locator(".il-btns").get_by_role("link", name="Timeline").click()
    told = page.locator(".il-timeline")
    for sentence, who in (
        ("Started to back the package out", "Helena Novak, Sun 18 Oct 03:05"),
        ("The package is backed out", "Ingrid Bakker, Sun 18 Oct 04:16"),
    ):
        entry = told.locator("li.il-card", has=page.get_by_text(sentence, exact=True))
        expect(entry).to_contain_text(who)
        expect(entry).to_contain_text("history row matches")
    page.go_back()


def _its_evidence_is_verified_elsewhere(page: Page, folder: Path) -> None:
    """The sealer and the worker do their part, and the auditor takes the pack away."""
    packs = card(page, "Evidence packs")
    packs.get_by_role("link").first.click()
    heading(page, "Evidence of RP-2610-02")
    log = Log(folder / "sealer")
    assert log.seal().alarm is None
    assert make_waiting_packs() == 1
    page.reload()
    expect(page.get_by_text("verify_pack.py").first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the pack").click()
    desk = folder / "desk"
    with zipfile.ZipFile(download.value.path()) as pack:
        pack.extract("verify_pack.py", desk)
    command = [sys.executable, "-I", "verify_pack.py", str(download.value.path())]
    asked = [*command, "--vkey", str(log.vkey), "--challenge", CHALLENGE]
    told = subprocess.run(asked, cwd=desk, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
