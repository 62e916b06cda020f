"""Every reason why something may not happen at a meeting of the board, one generator per move."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.accounts.domain.authority import Authority
from apps.accounts.selectors import authorities_of, seats_of
from apps.approvals.selectors import opened_since_sign_in
from apps.changes.domain import meeting as life
from apps.changes.models import CabMeeting, DocketItem
from apps.changes.policies.change import ratify_blockers, sign_blockers, unread_blockers
from apps.changes.policies.reasons import role_blocker, wrong_state
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker, bad_input

BOARD = life.BOARD
LABEL_OF_MEETING_STATE = dict(life.STATES)
LABEL_OF_ITEM_STATE = dict(life.ITEM_STATES)


def _state_blockers(meeting: CabMeeting, sources: Iterable[str]) -> Iterator[Blocker]:
    if meeting.state not in sources:
        yield wrong_state(meeting.code, meeting.state, sources, LABEL_OF_MEETING_STATE, life.MOVERS)


def chairs(actor: Actor, meeting: CabMeeting) -> bool:
    """The chair, or another holder of the role who stands in."""
    return actor.is_human and (actor.id == meeting.chair_id or actor.holds("cab_chair"))


def _chair_blockers(actor: Actor, meeting: CabMeeting) -> Iterator[Blocker]:
    if not chairs(actor, meeting):
        yield role_blocker(actor, "the chair of the meeting", f"Ask {meeting.chair}.")


def _plans(actor: Actor) -> bool:
    return actor.is_human and actor.holds("change_manager", "cab_chair")


def plan_meeting_blockers(actor: Actor) -> Iterator[Blocker]:
    if not _plans(actor):
        yield role_blocker(actor, "a change manager or a chair of the board", "Ask one of them.")


def edit_meeting_blockers(actor: Actor, meeting: CabMeeting) -> Iterator[Blocker]:
    yield from _state_blockers(meeting, (life.PLANNED,))
    yield from plan_meeting_blockers(actor)


def move_cutoff_blockers(meeting: CabMeeting, wanted: Any) -> Iterator[Blocker]:
    """A cut-off that has passed stays: what came late was told that it did. `wanted` as entered;
    a form knows it to the second."""
    passed = meeting.cutoff_at <= clock.now()
    if passed and isinstance(wanted, datetime) and _whole(wanted) != _whole(meeting.cutoff_at):
        yield Blocker(
            "cutoff_passed",
            f"The cut-off of {meeting.code} has passed and is not moved any more.",
            "Leave it. The chair accepts what came later as a late item; for another cut-off "
            "cancel the meeting and plan a new one.",
            "chair of the meeting",
            kind="input",
            field="cutoff_at",
        )


def _whole(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)


def add_item_blockers(actor: Actor, meeting: CabMeeting) -> Iterator[Blocker]:
    yield from _state_blockers(meeting, life.ADDABLE)
    if not (actor.is_human and actor.holds("change_manager", *BOARD)):
        yield role_blocker(actor, "a change manager or a member of the board", "Ask one of them.")


def freeze_docket_blockers(actor: Actor, meeting: CabMeeting, now: datetime) -> Iterator[Blocker]:
    """The chair freezes when it suits; the portal itself at the cut-off."""
    yield from _state_blockers(meeting, life.SOURCES["freeze"])
    if actor.kind == "system":
        if now < meeting.cutoff_at:
            yield Blocker("before_cutoff", "The cut-off of the docket is still to come.",
                          "Wait for it, or let the chair freeze the docket.",
                          "chair of the meeting")  # fmt: skip
    else:
        yield from _chair_blockers(actor, meeting)


def accept_late_blockers(actor: Actor, meeting: CabMeeting) -> Iterator[Blocker]:
    yield from _state_blockers(meeting, life.FROZEN)
    yield from _chair_blockers(actor, meeting)


def start_session_blockers(actor: Actor, meeting: CabMeeting) -> Iterator[Blocker]:
    yield from _state_blockers(meeting, life.SOURCES["start"])
    yield from _chair_blockers(actor, meeting)


def attendance_blockers(actor: Actor, meeting: CabMeeting) -> Iterator[Blocker]:
    """The chair says who is there; members say it of themselves."""
    yield from _state_blockers(meeting, life.FROZEN)
    if not chairs(actor, meeting) and not _is_invited(actor, meeting):
        yield role_blocker(actor, "the chair or somebody who is invited", "Ask the chair.")


def attends_blockers(actor: Actor, meeting: CabMeeting, user_id: object) -> Iterator[Blocker]:
    if actor.id != user_id and not chairs(actor, meeting):
        yield role_blocker(actor, "the chair", "Say it of yourself only, or ask the chair.")


def take_up_blockers(actor: Actor, meeting: CabMeeting) -> Iterator[Blocker]:
    yield from _state_blockers(meeting, (life.IN_SESSION,))
    yield from _chair_blockers(actor, meeting)


def defer_item_blockers(actor: Actor, meeting: CabMeeting) -> Iterator[Blocker]:
    """Putting off is always possible; a missing quorum is one of its reasons."""
    yield from take_up_blockers(actor, meeting)


def withdraw_item_blockers(actor: Actor, meeting: CabMeeting) -> Iterator[Blocker]:
    yield from _state_blockers(meeting, life.ADDABLE)
    if not chairs(actor, meeting) and not _plans(actor):
        yield role_blocker(actor, "the chair or a change manager", "Ask one of them.")


def pull_item_blockers(actor: Actor, meeting: CabMeeting) -> Iterator[Blocker]:
    yield from _state_blockers(meeting, life.FROZEN)
    yield from _board_blockers(actor, meeting)


def recuse_from_item_blockers(actor: Actor, meeting: CabMeeting) -> Iterator[Blocker]:
    yield from _state_blockers(meeting, life.FROZEN)
    yield from _board_blockers(actor, meeting)


def sits_on_board(actor: Actor, meeting: CabMeeting) -> bool:
    """A member, or who decides for one. A page asks for many moves; the record keeps the answer."""
    known: dict[UUID | None, bool] = meeting.__dict__.setdefault("_sits_on_board", {})
    if actor.id not in known:
        known[actor.id] = actor.is_human and (
            actor.holds(*BOARD) or acts_for_board(authorities_of(actor.id))
        )
    return known[actor.id]


def acts_for_board(authorities: Iterable[Authority]) -> bool:
    return any(authority.held.role in BOARD for authority in authorities)


def _board_blockers(actor: Actor, meeting: CabMeeting) -> Iterator[Blocker]:
    if not sits_on_board(actor, meeting):
        yield role_blocker(actor, "a member of the board", "Ask one of them.")


def _is_invited(actor: Actor, meeting: CabMeeting) -> bool:
    return any(member.user_id == actor.id for member in meeting.members.all())


def session_blockers(actor: Actor, meeting: CabMeeting) -> Iterator[Blocker]:
    """Why `actor` decides nothing in this session."""
    yield from _state_blockers(meeting, (life.IN_SESSION,))
    yield from _board_blockers(actor, meeting)
    here = [member.user_id for member in meeting.members.all() if member.is_present]
    if actor.id not in here:
        yield Blocker(
            "not_present",
            "You are not recorded as present; who is not there does not decide in the session.",
            "Say that you are there, or sign the change on its own page.",
            "you or the chair",
            kind="permission",
        )
    yield from _quorum_blockers(meeting, ())


def seats_there(meeting: CabMeeting, recused: Collection[UUID] = ()) -> int:
    """How many seats of the board are filled: a member and who stands in for them fill one."""
    here = tuple(member.user_id for member in meeting.members.all() if member.is_present)
    known: dict[Any, Any] = meeting.__dict__.setdefault("_board_seats", {})
    if here not in known:
        known[here] = seats_of(here, BOARD)
    return life.seats_filled(known[here], recused)


def _quorum_blockers(meeting: CabMeeting, recused: Collection[UUID]) -> Iterator[Blocker]:
    count = seats_there(meeting, recused)
    if count < meeting.quorum:
        of = " for this item" if recused else ""
        yield Blocker(
            "no_quorum",
            f"The board has no quorum{of}: {count} of the {meeting.quorum} seats it needs are "
            "filled; a member and who stands in for them fill one.",
            "Wait for another member, or defer.",
            "chair of the meeting",
        )


def item_blockers(item: DocketItem) -> Iterator[Blocker]:
    """Why nobody can work on this line of the docket."""
    if not item.is_unsettled:
        yield Blocker(
            "item_settled",
            f"{item.change.code} is {LABEL_OF_ITEM_STATE[item.state].lower()} already.",
            "Go on with the next item.",
            "chair of the meeting",
            kind="state",
        )
    if item.waits_for_chair:
        yield Blocker(
            "late_item",
            f"{item.change.code} came after the cut-off.",
            "The chair accepts it, or it goes to the next meeting.",
            "chair of the meeting",
        )


def settled_blockers(item: DocketItem) -> Iterator[Blocker]:
    """Why nothing is changed any more about a line; a late one may still be put off."""
    return (blocker for blocker in item_blockers(item) if blocker.code == "item_settled")


def acceptable_blockers(item: DocketItem) -> Iterator[Blocker]:
    yield from settled_blockers(item)
    if not item.waits_for_chair and not list(seal_blockers(item)):
        yield Blocker("not_late", f"{item.change.code} is on the docket as it is.",
                      "Nothing to do.", "nobody", kind="state")  # fmt: skip


def consent_only_blockers(item: DocketItem) -> Iterator[Blocker]:
    if not item.in_consent_block:
        yield Blocker("not_in_consent_block", f"{item.change.code} is not in the consent block.",
                      "Nothing to do.", "nobody", kind="state")  # fmt: skip


def recused_already_blockers(item: DocketItem, actor: Actor) -> Iterator[Blocker]:
    if any(recusal.user_id == actor.id for recusal in item.recusals.all()):
        yield Blocker("recused", f"You recused yourself from {item.change.code} already.",
                      "Nothing to do.", "nobody", kind="state")  # fmt: skip


def seal_blockers(item: DocketItem) -> Iterator[Blocker]:
    """The content on the frozen paper has to be the content that is signed."""
    if item.seal and item.change.fingerprint != item.seal:
        yield Blocker(
            "edited_since",
            f"{item.change.code} was edited after the docket was frozen; "
            "it cannot be decided from that paper.",
            "The chair takes the new content as a late item, or defers it.",
            "chair of the meeting",
        )


def vote_blockers(
    actor: Actor, meeting: CabMeeting, item: DocketItem, seal: str | None = None
) -> Iterator[Blocker]:
    """Why `actor` may not sign this item now; `seal` is that of the paper they had before them."""
    yield from item_blockers(item)
    yield from seal_blockers(item)
    if seal is not None and seal != item.seal:
        yield bad_input(
            "seal",
            f"What you had before you is not what is on the docket of {item.change.code}.",
            "Reload the page and read the item again.",
            "wrong_seal",
        )
    if item.in_consent_block:
        yield Blocker(
            "in_consent_block",
            f"{item.change.code} is decided with the consent block.",
            "Decide the block, or pull the item out of it.",
            "a member of the board",
        )
    elif item.is_unsettled and not item.is_up:
        yield Blocker(
            "not_taken_up",
            f"{item.change.code} is not taken up.",
            "The chair takes it up.",
            "chair of the meeting",
        )
    yield from _recusal_blockers(actor, meeting, item)


def question_blockers(actor: Actor, item: DocketItem, asks: str) -> Iterator[Blocker]:
    """Why `actor` may not answer the question `asks` about the change of this item."""
    if item.asks != asks:
        label = dict(life.QUESTIONS)[item.asks].lower()
        yield Blocker(
            "other_question",
            f"{item.change.code} is on the docket for its {label}.",
            "Ratify it or refuse to, or defer it with the reason."
            if item.is_ratification
            else "Approve it, reject it, or defer it with the reason.",
            "a member of the board",
            kind="state",
        )
    elif item.is_ratification:
        yield from ratify_blockers(actor, item.change)
    else:
        yield from sign_blockers(actor, item.change)


def _recusal_blockers(actor: Actor, meeting: CabMeeting, item: DocketItem) -> Iterator[Blocker]:
    recused = [recusal.user_id for recusal in item.recusals.all()]
    if actor.id in recused:
        yield Blocker(
            "recused",
            f"You recused yourself from {item.change.code}.",
            "The other members decide it.",
            "another member of the board",
            kind="permission",
        )
    if recused:
        yield from _quorum_blockers(meeting, recused)


def consent_blockers(
    actor: Actor, meeting: CabMeeting, items: Sequence[DocketItem], seal: str | None = None
) -> Iterator[Blocker]:
    """Why the consent block `items` may not be signed as a whole; each item's reasons too."""
    if not items:
        yield Blocker("no_consent_block", "The consent block is empty.", "Nothing to do.", "nobody",
                      kind="state")  # fmt: skip
    elif seal is not None and seal != consent_seal_of(items):
        yield bad_input(
            "seal",
            "The consent block is not what you had before you.",
            "Reload the page and read the block again.",
            "wrong_seal",
        )
    opened = opened_since_sign_in(actor)
    for item in items:
        yield from seal_blockers(item)
        yield from _recusal_blockers(actor, meeting, item)
        yield from unread_blockers(item.change, opened)
        if item.change.risk_band not in life.CONSENT_BANDS:
            yield Blocker(
                "not_for_consent",
                f"{item.change.code} is {item.change.risk_band} risk by now.",
                "Pull it out of the block and decide it on its own.",
                "anybody of the board",
            )


def consent_seal_of(items: Sequence[DocketItem]) -> str:
    return life.consent_seal((item.change.code, item.seal) for item in items)


def close_session_blockers(actor: Actor, meeting: CabMeeting) -> Iterator[Blocker]:
    yield from _state_blockers(meeting, life.SOURCES["close"])
    yield from _chair_blockers(actor, meeting)


def cancel_meeting_blockers(actor: Actor, meeting: CabMeeting) -> Iterator[Blocker]:
    yield from _state_blockers(meeting, life.SOURCES["cancel"])
    if not chairs(actor, meeting) and not _plans(actor):
        yield role_blocker(actor, "the chair or a change manager", "Ask one of them.")
