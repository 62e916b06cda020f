"""What a member of the board reads in the train: nothing is wider than the phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from apps.approvals.models import Approval
from apps.changes.models import ApprovalPolicy
from apps.evidence.models import EvidenceEntry
from tests.changes.meeting_worlds import board, high
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db(transaction=True)
PHONE = 390
#: Elements that reach over the edge of the phone, without those that scroll in a box of theirs.
OVER_THE_EDGE = """
() => {
  const scrolls = (e) => e && (["auto", "scroll"].includes(getComputedStyle(e).overflowX)
    || scrolls(e.parentElement));
  const over = [...document.querySelectorAll("main *")].filter((e) => !scrolls(e)
    && !e.closest(".visually-hidden") && e.getBoundingClientRect().right > innerWidth + 1);
  return over.map((e) => e.tagName + " " + e.textContent.trim().slice(0, 40));
}
"""


def test_pages_of_governance_fit_a_phone(open_page: Callable[..., Page]) -> None:
    for name in ("board.chair", "board.one", "board.two"):
        make_user(name, password=PASSWORD)
    world = board()
    change = high(world)
    meeting = world.frozen()
    make_user("auditor", "auditor", password=PASSWORD)
    page = open_page("auditor", width=PHONE, dark=True)

    def admin(model: str, key: object) -> str:
        return reverse(f"admin:{model}_change", args=[key])

    for address in (
        admin("changes_changerequest", change.pk),
        reverse("admin:changes_changerequest_eligibility", args=[change.pk]),
        admin("changes_approvalpolicy", ApprovalPolicy.objects.get(is_active=True).pk),
        admin("changes_cabmeeting", meeting.pk),
        admin("approvals_approval", Approval.objects.first().pk),
        admin("evidence_evidenceentry", EvidenceEntry.objects.latest("id").pk),
        *(reverse(name, args=[meeting.pk]) for name in ("board", "board_phone", "board_minutes")),
        *(reverse(name) for name in ("my_approvals", "my_requests", "approval_debts")),
    ):
        page.goto(address)
        assert page.evaluate(OVER_THE_EDGE) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE, address


def test_signatures_stand_one_below_the_other_on_a_phone(open_page: Callable[..., Page]) -> None:
    world = board()
    change = high(world)
    make_user("auditor", "auditor", password=PASSWORD)
    page = open_page("auditor", width=PHONE)
    page.goto(reverse("admin:changes_changerequest_change", args=[change.pk]))
    signatures = page.get_by_role("region", name="Signatures")
    expect(signatures.get_by_text("Nobody yet").first).to_be_visible()
    assert signatures.evaluate("e => e.scrollWidth <= e.clientWidth")
