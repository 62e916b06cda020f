"""Who is reminded of late signatures and of debts, when, and that each is told once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import User
from apps.accounts.services.delegations import delegate_role
from apps.accounts.services.people import edit_user
from apps.approvals.models import Obligation
from apps.approvals.services.obligations import meet_obligation
from apps.changes.services import decisions, emergency, requests
from apps.core import clock
from apps.evidence.models import EvidenceEntry
from apps.evidence.selectors import body_of
from apps.notifications.models import Message
from apps.notifications.selectors import waiting_slots
from apps.notifications.services import approvals
from apps.notifications.services.approvals import remind_approvals, remind_of_conditions
from tests.changes.test_emergency import by_phone, implemented, urgent
from tests.changes.test_standard import tell
from tests.changes.worlds import Bank, board_comes_last, sign, small_bank, submitted
from tests.factories import SETUP, actor, make_user
from tests.support import commit_now

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
#: A Thursday.
NOW = datetime(2099, 11, 19, 12, 0, tzinfo=UTC)


@pytest.fixture
def bank(db: None) -> Iterator[Bank]:
    bank = small_bank()
    make_user("duty", "release_manager")
    make_user("chair", "cab_chair")
    make_user("service", "service_owner@application:CARD")
    with clock.at(NOW):
        yield bank


def told_after(hours: float) -> set[tuple[str, str]]:
    """Remind so long after `NOW`: to whom what was said by that."""
    before = set(Message.objects.values_list("pk", flat=True))
    with clock.at(NOW + hours * HOUR):
        remind_approvals()
    rows = Message.objects.exclude(pk__in=before)
    return {(who, text.split(": ")[1]) for who, text in
            rows.values_list("recipient__username", "subject_line")}  # fmt: skip


def managed(user: User, manager: str) -> User:
    return edit_user(pk=user.pk, actor=SETUP, values={"manager": make_user(manager)})


#: Its signers have 72 hours.
OWNER_SLOT = "signature as owner of card"


class TestSignatures:
    def test_each_stage_is_told_once(self, bank: Bank) -> None:
        submitted(bank)
        assert told_after(35.9) == set()
        assert told_after(36) == {("owner.card", f"{OWNER_SLOT} waits")}
        assert told_after(40) == set()
        assert told_after(72) == {("owner.card", f"{OWNER_SLOT} late")}
        assert told_after(108) == {("manager", f"{OWNER_SLOT} escalated")}
        assert told_after(200) == set()
        commit_now()

    def test_only_the_highest_stage_is_told(self, bank: Bank) -> None:
        submitted(bank)
        assert told_after(120) == {("manager", f"{OWNER_SLOT} escalated")}

    def test_an_emergency_is_told_within_the_hour(self, bank: Bank) -> None:
        urgent(bank)
        assert told_after(0.5) == {
            (who, "signature as emergency board waits") for who in ("owner.card", "duty", "service")
        }

    def test_who_signed_is_not_reminded(self, bank: Bank) -> None:
        sign(urgent(bank), bank.owner)
        assert {who for who, _ in told_after(0.5)} == {"duty", "service"}

    def test_on_hold_the_clock_stands_still_and_nobody_is_told(self, bank: Bank) -> None:
        change = submitted(bank)
        with clock.at(NOW + 10 * HOUR):
            requests.hold(pk=change.pk, actor=actor(bank.manager), comment="The vendor is late.")
        assert told_after(40) == set()
        with clock.at(NOW + 110 * HOUR):
            requests.release(pk=change.pk, actor=actor(bank.manager))
        assert told_after(135) == set()
        assert told_after(136) == {("owner.card", f"{OWNER_SLOT} waits")}

    def test_a_hold_of_three_hours_moves_both_reminders_by_three_hours(self, bank: Bank) -> None:
        change = submitted(bank)
        with clock.at(NOW + HOUR):
            requests.hold(pk=change.pk, actor=actor(bank.manager), comment="The vendor is late.")
        with clock.at(NOW + 4 * HOUR):
            requests.release(pk=change.pk, actor=actor(bank.manager))
        assert told_after(38.9) == set()
        assert told_after(39) == {("owner.card", f"{OWNER_SLOT} waits")}
        assert told_after(74.9) == set()
        assert told_after(75) == {("owner.card", f"{OWNER_SLOT} late")}

    def test_who_comes_later_has_their_time_from_when_it_is_their_turn(self, bank: Bank) -> None:
        board_comes_last(bank)
        change = submitted(bank, "high")
        told = told_after(120)
        assert told == {("manager", f"{OWNER_SLOT} escalated")}, "nobody of the board"
        with clock.at(NOW + 130 * HOUR):
            sign(change, bank.owner)
        assert told_after(189) == set()
        assert told_after(190) == {
            (who, "signature as change advisory board waits")
            for who in ("board.one", "board.two", "chair")
        }

    def test_for_whom_somebody_would_sign_is_told_with_the_change_managers(
        self, bank: Bank
    ) -> None:
        delegate_role(
            actor=actor(bank.owner), delegate=make_user("deputy"), role="application_owner",
            ends_at=NOW + 300 * HOUR, reason="Away",
        )  # fmt: skip
        submitted(bank)
        assert told_after(72) == {(who, f"{OWNER_SLOT} late") for who in ("owner.card", "deputy")}
        assert told_after(108) == {
            (who, f"{OWNER_SLOT} escalated") for who in ("owner.card", "manager")
        }

    def test_at_the_end_of_its_time_the_manager_of_whose_slot_it_is_is_told(
        self, bank: Bank
    ) -> None:
        managed(bank.owner, "boss")
        submitted(bank)
        assert told_after(36) == {("owner.card", f"{OWNER_SLOT} waits")}
        assert told_after(72) == {(who, f"{OWNER_SLOT} late") for who in ("owner.card", "boss")}
        text = Message.objects.get(recipient__username="boss").text
        assert text.endswith("It waits for owner.card. Told as their managers: boss.")
        assert told_after(108) == {("manager", f"{OWNER_SLOT} escalated")}

    def test_where_somebody_signs_for_another_it_is_the_deputy_s_manager(self, bank: Bank) -> None:
        managed(bank.owner, "boss")
        deputy = managed(make_user("deputy"), "other.boss")
        delegate_role(
            actor=actor(bank.owner), delegate=deputy, role="application_owner",
            ends_at=NOW + 300 * HOUR, reason="Away",
        )  # fmt: skip
        submitted(bank)
        assert told_after(72) == {
            (who, f"{OWNER_SLOT} late") for who in ("owner.card", "deputy", "other.boss")
        }

    def test_where_nobody_may_sign_the_change_manager_is_told(self, bank: Bank) -> None:
        submitted(bank, author=bank.owner)
        assert told_after(36) == {("manager", f"{OWNER_SLOT} waits")}
        assert Message.objects.get().text.endswith("Nobody may sign it.")

    def test_a_second_beat_at_the_same_moment_tells_nobody_twice(self, bank: Bank) -> None:
        """It looked before the first one had told anybody."""
        submitted(bank)
        waiting = waiting_slots()
        told_after(36)
        with clock.at(NOW + 36 * HOUR):
            assert not any(approvals._remind_signers(each, 50) for each in waiting)
        assert Message.objects.count() == 1
        assert EvidenceEntry.objects.filter(action="system.approval_reminded").count() == 1

    def test_it_is_evidence_about_the_change(self, bank: Bank) -> None:
        change = submitted(bank)
        told_after(36)
        entry = EvidenceEntry.objects.get(action="system.approval_reminded")
        facts = body_of(entry)["facts"]
        assert entry.about == change.subject
        assert (facts["stage"], facts["told"]) == (50, ["owner.card"])

    def test_looking_costs_the_same_for_more_of_them(self, bank: Bank) -> None:
        costs = []
        for number in range(1, 4):
            submitted(bank)
            told_after(36 + number)
            with CaptureQueriesContext(connection) as queries:
                told_after(36 + number)
            costs.append(len(queries))
        assert len(set(costs)) == 1


class TestConditions:
    def due_after(self, bank: Bank, hours: float) -> Obligation:
        change = submitted(bank)
        decisions.approve_with_conditions(
            pk=change.pk, actor=actor(bank.owner), expected_seq=change.evidence_seq,
            comment="Tell the desk", due_at=NOW + hours * HOUR,
        )  # fmt: skip
        return Obligation.objects.get()

    def told(self, hours: float) -> set[tuple[str, str]]:
        """Two beats, of which one tells."""
        with clock.at(NOW + hours * HOUR):
            before = set(Message.objects.values_list("pk", flat=True))
            remind_of_conditions()
            assert remind_of_conditions() == 0
        rows = Message.objects.exclude(pk__in=before)
        return {(who, text.split(" is ")[1]) for who, text in
                rows.values_list("recipient__username", "subject_line")}  # fmt: skip

    def test_who_has_to_meet_it_is_told_a_day_before_and_daily_afterwards(self, bank: Bank) -> None:
        self.due_after(bank, 72)
        late = {(who, "overdue: Tell the desk") for who in ("requester", "manager")}
        assert self.told(47) == set()
        assert self.told(48) == {("requester", "due: Tell the desk")}
        assert self.told(71) == set()
        assert self.told(73) == late
        assert self.told(75) == set()
        assert self.told(97) == late
        commit_now()

    def test_what_is_met_is_told_no_more(self, bank: Bank) -> None:
        condition = self.due_after(bank, 12)
        meet_obligation(pk=condition.pk, actor=actor(bank.requester), comment="Done.")
        assert self.told(100) == set()

    def test_for_who_has_left_the_change_managers_are_told(self, bank: Bank) -> None:
        self.due_after(bank, 12)
        User.objects.filter(pk=bank.requester.pk).update(is_active=False)
        assert self.told(1) == {("manager", "due: Tell the desk")}


class TestDebts:
    def test_the_board_is_told_a_day_before_and_daily_afterwards(self, bank: Bank) -> None:
        implemented(bank)
        board = ("board.one", "board.two", "chair")
        assert told_after(71) == set()
        assert told_after(72) == {(who, "ratification is due") for who in board}
        assert told_after(95) == set()
        late = {(who, "ratification is overdue") for who in (*board, "manager")}
        assert told_after(97) == late
        assert told_after(98) == set()
        assert late <= told_after(121)

    def test_who_was_on_the_phone_is_told_to_confirm(self, bank: Bank) -> None:
        change = by_phone(urgent(bank), bank.owner)
        sign(change, make_user("duty"))
        assert told_after(0.1) == {("owner.card", "confirmation of a phone approval is due")}
        assert told_after(24.1) == {
            (who, "confirmation of a phone approval is overdue") for who in ("owner.card",
                                                                             "manager")
        }  # fmt: skip

    def test_who_was_on_the_phone_hears_of_their_own_call_only(self, bank: Bank) -> None:
        change = by_phone(urgent(bank), bank.owner)
        with clock.at(NOW + 2 * HOUR):
            by_phone(change, User.objects.get(username="service"))
        told_after(2)
        late = "confirmation of a phone approval is overdue"
        assert told_after(25) == {("owner.card", late), ("manager", late)}

    def test_a_debt_that_was_told_costs_no_more_to_pass_by(self, bank: Bank) -> None:
        costs = []
        for _ in range(2):
            implemented(bank)
            told_after(97)
            with CaptureQueriesContext(connection) as queries:
                told_after(97)
            costs.append(len(queries))
        assert costs[0] == costs[1]

    def test_the_board_is_told_of_a_call_that_was_none(self, bank: Bank) -> None:
        change = sign(by_phone(urgent(bank), bank.owner), make_user("duty"))
        tell("start", change)
        emergency.deny_phone_approval(pk=change.pk, actor=actor(bank.owner), comment="No.")
        due = "ruling on a denied approval is due"
        assert told_after(1) == {(who, due) for who in ("board.one", "board.two", "chair")}

    def test_the_owner_is_told_of_the_review(self, bank: Bank) -> None:
        change = implemented(bank)
        requests.ratify(pk=change.pk, actor=actor(bank.board[0]), comment="It was right.")
        assert told_after(150) == {("requester", "post-implementation review is due")}

    def test_what_is_settled_is_told_no_more(self, bank: Bank) -> None:
        change = implemented(bank)
        requests.ratify(pk=change.pk, actor=actor(bank.board[0]), comment="It was right.")
        requests.close(pk=change.pk, actor=actor(bank.requester), comment="What we have learnt.")
        assert told_after(500) == set()
