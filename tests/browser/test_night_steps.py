"""The operator's page on a phone whose line is bad."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from apps.core import clock
from apps.releases.models import Activity
from tests.factories import PASSWORD, make_user
from tests.releases.night import NIGHT, Night, night

#: Its package is in the night without having been planned.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.breaks("I19")]
ACT = "**/my/steps/act/"
#: What the device keeps of the page.
KEPT = "(await caches.keys()).filter((name) => name.startsWith('interlock-steps-'))"


@pytest.fixture
def dark(monkeypatch: pytest.MonkeyPatch) -> Night:
    make_user("shift.one", "implementer", teams=("OPS",), password=PASSWORD)
    with clock.at(NIGHT):
        made = night()
    monkeypatch.setattr(clock, "now", lambda: NIGHT)
    return made


def until(page: Page, condition: str) -> None:
    """What the page itself cannot show: it is asked again for ten seconds."""
    page.evaluate(
        "async () => { for (let round = 0; round < 200; round += 1) {"
        f" if ({condition}) return; await new Promise((go) => setTimeout(go, 50)); }}"
        f' throw new Error("never: " + {condition!r}); }}'
    )


def test_what_is_pressed_without_a_line_is_sent_once_it_is_back(
    open_page: Callable[..., Page], dark: Night
) -> None:
    step = dark.step("A1", "ready", max_rc=4, instruction="RUN JOB1")
    page = open_page("shift.one", width=390, dark=True)
    page.goto("/my/steps/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    heights = page.locator("#steps-body .il-btn:visible").evaluate_all(
        "found => found.map((each) => each.getBoundingClientRect().height)"
    )
    assert heights and min(heights) >= 44
    # A portal that is reached, but does not answer as the portal does: no line.
    page.route(ACT, lambda route: route.fulfill(status=200, content_type="text/html", body=""))
    page.keyboard.press("s")
    waiting = page.locator("#steps-queue")
    expect(waiting).to_contain_text("1 action waiting, since")
    page.reload()
    expect(waiting).to_contain_text("Start A1")
    assert Activity.objects.get(pk=step.pk).state == "ready"

    page.unroute(ACT)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(waiting).to_be_hidden()
    expect(page.locator("#steps-now ~ article")).to_contain_text("A1")
    assert Activity.objects.get(pk=step.pk).attempts == 1

    page.keyboard.press("d")
    expect(page.get_by_label("Return code", exact=True)).to_be_focused()
    page.keyboard.type("8")
    page.keyboard.press("Enter")
    expect(waiting).to_contain_text("RC 8 is above 4")
    page.reload()
    expect(waiting).to_contain_text("1 not done")
    page.get_by_role("button", name="Discard").click()
    expect(waiting).to_be_hidden()
    page.get_by_label("Return code", exact=True).fill("4")
    page.get_by_role("button", name="Done").click()
    expect(page.locator("#steps-now ~ .il-night-none")).to_be_visible()
    assert Activity.objects.get(pk=step.pk).state == "completed"


def test_the_page_opens_without_a_line_for_the_one_who_is_signed_in(
    open_page: Callable[..., Page], dark: Night
) -> None:
    step = dark.step("A1", "ready")
    page = open_page("shift.one", width=390)
    page.goto("/my/steps/")
    until(page, f"navigator.serviceWorker.controller && {KEPT}.length === 1")
    expect(page.locator("#steps-offline")).to_be_hidden()
    page.reload()
    until(page, f"{KEPT}.length === 1")

    page.context.set_offline(True)
    page.goto("/my/steps/")
    expect(page.locator("#steps-offline")).to_contain_text("Offline since 00:40")
    expect(page.locator("#steps-next ~ article")).to_contain_text("A1")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.keyboard.press("s")
    expect(page.locator("#steps-queue")).to_contain_text("1 action waiting")

    page.context.set_offline(False)
    expect(page.locator("#steps-queue")).to_be_hidden()
    expect(page.locator("#steps-offline")).to_be_hidden()
    expect(page.locator("#steps-now ~ article")).to_contain_text("A1")
    assert Activity.objects.get(pk=step.pk).attempts == 1

    page.locator("form[action$='/logout/'] button").first.dispatch_event("click")
    expect(page.locator("[data-person]")).to_have_count(0)
    until(page, f"{KEPT}.length === 0")
