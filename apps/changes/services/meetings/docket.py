"""What the doors of a meeting share: its lines under its lock, and the entries that tell them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Prefetch

from apps.accounts.selectors import authorities_of, roles_held_by
from apps.changes.domain.meeting import seconds_spent
from apps.changes.models import CabMeeting, DocketItem, MeetingMember
from apps.changes.policies import BOARD, acts_for_board
from apps.changes.selectors import changes_with_people, meetings_with_people
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker, Refused, bad_input
from apps.core.text import tidy
from apps.evidence.events import Event
from apps.evidence.services.ledger import lock, record

REASON_MAX = 300


def lock_meeting(pk: UUID, expected_seq: int | None) -> CabMeeting:
    return lock(meetings_with_people(), pk, expected_seq=expected_seq, parts=True)


def record_meeting(
    meeting: CabMeeting, *, actor: Actor, event: Event, comment: str = "", **more: Any
) -> CabMeeting:
    parts = meeting.part_values()
    return record(meeting, actor=actor, event=event, comment=comment, parts=parts, **more)


def record_item(
    meeting: CabMeeting, item: DocketItem, actor: Actor, event: Event, comment: str
) -> CabMeeting:
    """The entry of the meeting that the change's timeline shows too."""
    return record_meeting(
        meeting, actor=actor, event=event, comment=comment, about=item.change.subject
    )


def items_of(meeting: CabMeeting) -> list[DocketItem]:
    """The lines as they are now, under the lock of the meeting."""
    changes = changes_with_people()
    return list(
        DocketItem.objects.filter(meeting=meeting).prefetch_related(
            Prefetch("change", changes), "recusals"
        )
    )


def item_of(meeting: CabMeeting, key: str) -> DocketItem:
    found = next((item for item in items_of(meeting) if str(item.pk) == str(key)), None)
    if found is None:
        raise Refused(
            bad_input("item", "There is no such item on this docket.", "Choose one of the docket.")
        )
    return found


def seal(item: DocketItem) -> None:
    change = item.change
    item.seal, item.sealed_version = change.fingerprint, change.evidence_seq
    item.groups = change.signed_content["groups"]


def settle(item: DocketItem, state: str, *, outcome: str = "", reason: str = "") -> None:
    """Give an item its last state, and stop its timer."""
    item.state, item.outcome, item.reason = state, outcome, tidy(reason)[:REASON_MAX]
    stop_timer(item, clock.now())
    item.save(force_update=True)


def stop_timer(item: DocketItem, now: datetime) -> None:
    item.seconds_spent = seconds_spent(item.seconds_spent, item.taken_up_at, now)
    item.taken_up_at = None


def member_blockers(members: Sequence[MeetingMember]) -> list[Blocker]:
    """Only who sits on the board, or decides for who does, counts for its quorum."""
    held = roles_held_by(member.user_id for member in members)
    return [
        bad_input(
            "members",
            f"{member.user} does not sit on the board.",
            "Choose a holder of the role board member or board chair, or who decides for one.",
        )
        for member in members
        if not any(role.role in BOARD for role in held[member.user_id])
        and not acts_for_board(authorities_of(member.user_id))
    ]
