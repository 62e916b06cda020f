"""A board, and a meeting of it in each of its states."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from apps.accounts.models import User
from apps.approvals.services.views import log_view
from apps.changes.models import CabMeeting, ChangeRequest, DocketItem
from apps.changes.policies import consent_seal_of
from apps.changes.selectors import meetings_with_docket
from apps.changes.services import meetings
from apps.core import clock
from tests.changes.worlds import Bank, small_bank, submitted
from tests.factories import actor, make_user


@dataclass
class Board:
    bank: Bank
    chair: User
    members: tuple[User, User]

    def planned(self, **values: Any) -> CabMeeting:
        now = clock.now()
        return meetings.plan_meeting(
            actor=actor(self.chair),
            values={
                "chair": self.chair,
                "starts_at": now + timedelta(days=2),
                "cutoff_at": now + timedelta(days=1),
                **values,
            },
        )

    def frozen(self, **values: Any) -> CabMeeting:
        return self.freeze(self.planned(**values))

    def freeze(self, meeting: CabMeeting) -> CabMeeting:
        return meetings.freeze_docket(pk=meeting.pk, actor=actor(self.chair))

    def in_session(self, **values: Any) -> CabMeeting:
        """In session, the whole board there."""
        return self.open(self.frozen(**values))

    def open(self, meeting: CabMeeting) -> CabMeeting:
        meetings.start_session(pk=meeting.pk, actor=actor(self.chair))
        for member in self.members:
            meetings.arrive(pk=meeting.pk, actor=actor(member))
        return fresh(meeting)

    def on_docket(self, change: ChangeRequest) -> CabMeeting:
        """Planned, with a change that only the docket brings before the board."""
        meeting = self.planned()
        return meetings.add_item(pk=meeting.pk, actor=actor(self.chair), change=change.code)


def board(bank: Bank | None = None) -> Board:
    bank = bank or small_bank()
    return Board(bank, make_user("board.chair", "cab_chair"), bank.board)


def high(world: Board, **more: Any) -> ChangeRequest:
    """A change of high risk, which the policy brings before the board."""
    line = {"asset": world.bank.copybook, "action": "change", "from_version": "1"}
    return submitted(world.bank, "high", assets=[line], **more)


def fresh(meeting: CabMeeting) -> CabMeeting:
    return meetings_with_docket().get(pk=meeting.pk)


def item_of(meeting: CabMeeting, change: ChangeRequest) -> DocketItem:
    return DocketItem.objects.select_related("change").get(meeting=meeting, change=change)


def take_up(world: Board, meeting: CabMeeting, change: ChangeRequest) -> DocketItem:
    item = item_of(meeting, change)
    meetings.take_up_item(pk=meeting.pk, actor=actor(world.chair), item=str(item.pk))
    return item_of(meeting, change)


def approve(meeting: CabMeeting, item: DocketItem, who: User) -> CabMeeting:
    return meetings.approve_item(pk=meeting.pk, actor=actor(who), item=str(item.pk), seal=item.seal)


def look_at(change: ChangeRequest, who: User) -> None:
    """Let `who` have the change as it is now on their screen."""
    log_view(about=change.subject, content_digest=change.fingerprint, actor=actor(who))


def sign_block(meeting: CabMeeting, who: User) -> CabMeeting:
    """Let `who` open each change of the consent block, and sign it."""
    block = [item for item in fresh(meeting).items.all() if item.in_consent_block]
    for item in block:
        look_at(item.change, who)
    return meetings.sign_consent_block(pk=meeting.pk, actor=actor(who), seal=consent_seal_of(block))
