"""The board in the demo: a session that took place, and the docket of the next."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.selectors import AUTH_AT_KEY
from apps.approvals.models import ViewLog
from apps.changes.models import CabMeeting, DocketItem
from apps.changes.selectors import board_slots, meetings_with_docket
from tests.live_night import LiveNightTestCase
from tests.support import commit_now

#: Session, user, roles, teams, meeting, docket and one change; the impact takes two a hop.
SCREEN_BUDGET, UNCHANGED_BUDGET = 60, 12


class TestTheBoard(LiveNightTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.meeting = CabMeeting.objects.get(code="CAB-2611C")
        self.url = f"/board/{self.meeting.pk}/"

    def browser(self, username: str, *, proved: bool = True) -> Client:
        client = Client()
        client.force_login(User.objects.get(username=username))
        session = client.session
        proved_at = timezone.now() - (timedelta() if proved else timedelta(minutes=6))
        session[AUTH_AT_KEY] = proved_at.isoformat()
        session.save()
        return client

    def item(self, code: str) -> DocketItem:
        return DocketItem.objects.get(meeting=self.meeting, change__code=code)

    def act(self, username: str, move: str, code: str = "", **more: Any) -> Any:
        item = self.item(code) if code else None
        sent = {"item": str(item.pk), "seal": item.seal} if item else {}
        return self.browser(username).post(f"{self.url}act/", {"move": move, **sent, **more})

    def opened(self) -> None:
        assert self.act("cab.chair", "start").status_code == 302
        assert self.act("cab.member", "arrive").status_code == 302

    def test_the_next_docket_is_frozen_with_a_late_item_and_a_consent_block(self) -> None:
        commit_now()
        assert self.meeting.state == "docket_frozen"
        told = self.meeting.items.values_list("change__code", "listed", "accepted_by")
        assert sorted(told) == [
            ("CHG0499", "docket", None),
            ("CHG0531", "docket", None),
            ("CHG0561", "consent", None),
            ("CHG0562", "consent", None),
            ("CHG0563", "late", None),
        ]

    def test_the_last_session_left_its_minutes(self) -> None:
        last = CabMeeting.objects.get(code="CAB-2611B")
        assert last.state == "closed"
        assert "CHG0531" in last.minutes_text and "Deferred" in last.minutes_text
        assert "Decided outside of the session." in last.minutes_text

    def test_everybody_reads_the_pages(self) -> None:
        client = self.browser("viewer")
        answer = client.get("/board/", follow=True)
        assert answer.redirect_chain == [(self.url, 302)]
        for address in (self.url, f"{self.url}phone/", f"{self.url}minutes/"):
            self.assertContains(client.get(address), "CHG0531")
        assert client.get("/board/00000000-0000-0000-0000-000000000007/").status_code == 404

    def test_the_page_tells_a_change_on_one_page(self) -> None:
        answer = self.browser("cab.member").get(f"{self.url}?item={self.item('CHG0563').pk}")
        for told in ("Why", "What", "Blast radius", "If it fails", "Tested", "Record", "INTCALC"):
            self.assertContains(answer, told)

    def test_what_was_read_is_remembered_once(self) -> None:
        client = self.browser("cab.member")
        client.get(self.url)
        client.get(f"{self.url}phone/")
        assert ViewLog.objects.filter(user__username="cab.member").count() == 1

    def test_whoever_has_the_page_already_is_told_so_in_few_queries(self) -> None:
        client = self.browser("cab.member")
        tag = client.get(self.url)["ETag"]
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(self.url, headers={"If-None-Match": tag})
        assert (answer.status_code, answer["ETag"]) == (304, tag)
        assert len(queries) <= UNCHANGED_BUDGET
        self.opened()
        assert client.get(self.url, headers={"If-None-Match": tag}).status_code == 200

    def test_the_page_costs_the_same_for_any_length_of_the_docket(self) -> None:
        client, items = self.browser("cab.member"), list(meetings_with_docket().get(
            pk=self.meeting.pk).items.all())  # fmt: skip
        client.get(self.url)
        with CaptureQueriesContext(connection) as whole:
            client.get(self.url)
        assert len(whole) <= SCREEN_BUDGET
        costs = []
        for lines in (items[:1], items):
            with CaptureQueriesContext(connection) as queries:
                board_slots(lines)
            costs.append(len(queries))
        assert costs == [2, 2]

    def test_a_session_is_held_on_the_page_alone(self) -> None:
        self.opened()
        assert self.act("cab.chair", "take_up_item", "CHG0531").status_code == 302
        answer = self.act("cab.member", "approve_item", "CHG0531")
        assert answer.status_code == 302
        assert self.item("CHG0531").outcome == "approved"
        member = self.browser("cab.member")
        for code in ("CHG0561", "CHG0562"):
            page = member.get(f"{self.url}?item={self.item(code).pk}")
        assert page.context["screen"].consent_blockers == ()
        sent = {"move": "sign_consent_block", "seal": page.context["screen"].consent_seal}
        assert member.post(f"{self.url}act/", sent).status_code == 302
        assert self.act("cab.chair", "close").status_code == 302
        minutes = self.browser("auditor").post(f"{self.url}minutes/export/text/")
        assert b"Pieter van Dijk approved" in minutes.content
        rows = self.browser("auditor").post(f"{self.url}minutes/export/csv/")
        assert b"CHG0563" in b"".join(rows.streaming_content)

    def test_the_block_is_signed_by_who_opened_each_item_of_it(self) -> None:
        self.opened()
        member = self.browser("cab.member")
        page = member.get(f"{self.url}?item={self.item('CHG0561').pk}")
        self.assertContains(page, "You have not opened CHG0562")
        self.assertNotContains(page, "You have not opened CHG0561")
        sent = {"move": "sign_consent_block", "seal": page.context["screen"].consent_seal}
        self.assertContains(member.post(f"{self.url}act/", sent), "CHG0562", status_code=409)

    def test_the_emergency_is_on_the_docket_to_be_ratified(self) -> None:
        self.opened()
        assert self.act("cab.chair", "take_up_item", "CHG0499").status_code == 302
        page = self.browser("cab.member").get(f"{self.url}?item={self.item('CHG0499').pk}")
        self.assertContains(page, "Ratification of an emergency")
        keys = [key.move for key in page.context["screen"].keys]
        assert keys == ["ratify_item", "refuse_to_ratify_item", "defer_item"]
        answer = self.act("cab.member", "ratify_item", "CHG0499", comment="It was right.")
        assert answer.status_code == 302
        assert self.item("CHG0499").outcome == "ratified"

    def test_a_refusal_is_told_on_the_page_with_what_was_typed(self) -> None:
        answer = self.act("cab.member", "approve_item", "CHG0531", comment="Fine with me.")
        assert answer.status_code == 403
        self.assertContains(answer, "is not taken up", status_code=403)
        self.assertContains(answer, "Fine with me.", status_code=403)

    def test_a_decision_asks_for_the_password_first_and_keeps_what_was_typed(self) -> None:
        client, item = self.browser("cab.member", proved=False), self.item("CHG0531")
        sent = {"move": "reject_item", "item": str(item.pk), "seal": item.seal, "comment": "No."}
        answer = client.post(f"{self.url}act/", sent)
        self.assertContains(answer, "Confirm: Reject")
        self.assertContains(answer, item.seal)

    def test_nobody_acts_by_a_get_or_makes_a_move_that_is_not_there(self) -> None:
        assert self.browser("cab.chair").get(f"{self.url}act/").status_code == 405
        assert self.act("cab.chair", "delete").status_code == 404
        assert self.act("cab.chair", "take_up_item", item="\0x").status_code in (400, 404, 409)
