"""Every reason why something may not happen to a communication or a handover."""

from __future__ import annotations

from collections.abc import Iterator

from apps.core.actor import Actor
from apps.core.errors import Blocker, bad_input
from apps.core.text import text_blockers
from apps.releases.domain import lifecycle as life
from apps.releases.models import Communication, Handover
from apps.releases.policies.activity import COORDINATOR
from apps.releases.policies.reasons import role_blockers
from apps.releases.policies.reasons import state_blockers as any_state_blockers
from apps.windows.domain import lifecycle as window_life

TOLD_LABELS, GIVEN_LABELS = dict(life.COMMUNICATION_STATES), dict(life.HANDOVER_STATES)
WORKERS = (*COORDINATOR, "implementer", "validator")
TEXT_LONGEST = 8_000


def place_blockers(record: Communication | Handover) -> Iterator[Blocker]:
    """It is about a package or a window that is not over."""
    if (record.package_id is None) == (record.window_id is None):
        yield bad_input("package", "It is about a package, or else about a window.",
                        "Choose one of the two.")  # fmt: skip
        return
    place = record.package or record.window
    over = (life.CLOSED, life.CANCELLED) if record.package else (
        window_life.CLOSED, window_life.CANCELLED
    )  # fmt: skip
    if place is not None and place.state in over:
        yield bad_input(
            "package" if record.package else "window",
            f"{place.code} is {place.get_state_display().lower()}.",
            "Choose one that is not over.",
            "is_over",
        )


# Communications.


def plan_communication_blockers(actor: Actor) -> Iterator[Blocker]:
    yield from role_blockers(actor, *COORDINATOR)


def _told_state(record: Communication, move: str, done: str) -> Iterator[Blocker]:
    sources = life.COMMUNICATION_SOURCES[move]
    yield from any_state_blockers("The communication", record.state, sources, TOLD_LABELS, done)


def edit_communication_blockers(actor: Actor, record: Communication) -> Iterator[Blocker]:
    yield from _told_state(record, "send", "edited")
    yield from _owner_or_coordinator(actor, record)


def send_blockers(actor: Actor, record: Communication) -> Iterator[Blocker]:
    """Who recorded that it was sent says so for themself: a person."""
    yield from _told_state(record, "send", "sent")
    if not actor.is_human:
        yield Blocker("not_a_person", "Only a person tells that it was sent.",
                      "Sign in as yourself.", str(record.owner), kind="permission")  # fmt: skip
    yield from _owner_or_coordinator(actor, record)


def drop_blockers(actor: Actor, record: Communication) -> Iterator[Blocker]:
    yield from _told_state(record, "drop", "left out")
    yield from role_blockers(actor, *COORDINATOR)


def _owner_or_coordinator(actor: Actor, record: Communication) -> Iterator[Blocker]:
    if actor.id is None or actor.id != record.owner_id:
        yield from role_blockers(
            actor, *COORDINATOR, fix=f"Its owner, {record.owner}, does it, or a coordinator."
        )


def communication_value_blockers(record: Communication) -> Iterator[Blocker]:
    yield from place_blockers(record)
    yield from text_blockers("text", record.text, required=True, longest=TEXT_LONGEST)
    if record.owner_id is not None and not record.owner.is_active:
        yield bad_input("owner", f"{record.owner} is not active.", "Choose somebody else.")


# Handovers.


def offer_blockers(actor: Actor) -> Iterator[Blocker]:
    if not actor.is_human:
        yield Blocker("not_a_person", "Only a person hands over.", "Sign in as yourself.",
                      "whoever works on it", kind="permission")  # fmt: skip
    yield from role_blockers(actor, *WORKERS)


def _given_state(record: Handover, move: str, done: str) -> Iterator[Blocker]:
    sources = life.HANDOVER_SOURCES[move]
    yield from any_state_blockers("The handover", record.state, sources, GIVEN_LABELS, done)


def edit_handover_blockers(actor: Actor, record: Handover) -> Iterator[Blocker]:
    """What somebody accepted stays as they accepted it."""
    editable = (life.OFFERED, life.RETURNED)
    yield from any_state_blockers("The handover", record.state, editable, GIVEN_LABELS, "edited")
    yield from _giver(actor, record)


def offer_again_blockers(actor: Actor, record: Handover) -> Iterator[Blocker]:
    yield from _given_state(record, "offer_again", "offered again")
    yield from _giver(actor, record)


def accept_blockers(actor: Actor, record: Handover) -> Iterator[Blocker]:
    yield from _given_state(record, "accept", "accepted")
    yield from _receiver(actor, record)


def return_blockers(actor: Actor, record: Handover) -> Iterator[Blocker]:
    yield from _given_state(record, "give_back", "returned")
    yield from _receiver(actor, record)


def _giver(actor: Actor, record: Handover) -> Iterator[Blocker]:
    if actor.id != record.giver_id and not actor.holds(*COORDINATOR):
        yield Blocker(
            "not_giver",
            f"{record.giver} hands this over.",
            f"Ask {record.giver}, or a coordinator.",
            str(record.giver),
            kind="permission",
        )


def _receiver(actor: Actor, record: Handover) -> Iterator[Blocker]:
    """The receiver or somebody of the receiving team; never who gave it."""
    team = record.receiving_team
    named = actor.id is not None and actor.id == record.receiver_id
    if not named and (team is None or team.code not in actor.teams or not actor.is_human):
        yield Blocker(
            "not_receiver",
            f"It is handed to {record.to_whom}.",
            f"{record.to_whom} accepts or returns it.",
            record.to_whom,
            kind="permission",
        )
    if actor.id == record.giver_id:
        yield Blocker(
            "own_handover",
            "You handed it over; somebody else takes it.",
            f"Ask {record.to_whom}.",
            record.to_whom,
            kind="permission",
        )


def handover_value_blockers(record: Handover) -> Iterator[Blocker]:
    yield from place_blockers(record)
    yield from text_blockers(
        "open_items", record.open_items, required=True, longest=TEXT_LONGEST, label="Open items"
    )
    if record.receiver_id is None and record.receiving_team_id is None:
        yield bad_input("receiver", "Somebody takes it over.", "Name a person or a team.",
                        "no_receiver")  # fmt: skip
    if record.receiver is not None and not record.receiver.is_active:
        yield bad_input("receiver", f"{record.receiver} is not active.", "Choose somebody else.")
    if record.receiver_id is not None and record.receiver_id == record.giver_id:
        yield bad_input("receiver", "Giver and receiver are two people.", "Choose somebody else.",
                        "own_handover")  # fmt: skip
