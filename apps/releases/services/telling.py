"""Communications and handovers: plan, send, offer, accept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import QuerySet

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker, refuse_if_any
from apps.core.text import tidy
from apps.evidence.events import Event
from apps.evidence.services.door import door
from apps.evidence.services.ledger import lock, record, record_created
from apps.evidence.services.register import model_blockers
from apps.releases import events
from apps.releases.models import Communication, Handover
from apps.releases.policies import telling as rules
from apps.releases.policies.reasons import reason_blockers
from apps.releases.services.rows import comment_blockers, fill, key_of

R = TypeVar("R", Communication, Handover)

COMMUNICATION_FIELDS = ("audience", "channel", "title", "text", "due_at", "owner")
HANDOVER_FIELDS = ("title", "open_items", "due_at", "giving_team", "receiver", "receiving_team")
PLACE = ("package", "window")


def communications_with_people() -> QuerySet[Communication]:
    return Communication.objects.select_related("package__window", "window", "owner", "sent_by")


def handovers_with_people() -> QuerySet[Handover]:
    return Handover.objects.select_related(
        "package__window", "window", "giver", "giving_team", "receiver", "receiving_team",
        "answered_by",
    )  # fmt: skip


def _lock_communication(pk: Any, seq: int | None) -> Communication:
    return lock(communications_with_people(), key_of(pk, "communication"), expected_seq=seq)


def _lock_handover(pk: Any, seq: int | None) -> Handover:
    return lock(handovers_with_people(), key_of(pk, "handover"), expected_seq=seq)


@door("communication")
def plan_communication(
    *, actor: Actor, values: Mapping[str, Any], comment: str = ""
) -> Communication:
    """Somebody is to be told of a package or a window. Its owner is who plans it, unless named."""
    refuse_if_any([*rules.plan_communication_blockers(actor), *comment_blockers(comment)])
    made = Communication()
    made.owner_id = actor.user_id
    fill(made, values, (*PLACE, *COMMUNICATION_FIELDS))
    refuse_if_any(_problems(made, rules.communication_value_blockers))
    return record_created(made, actor=actor, event=events.COMMUNICATION_PLANNED, comment=comment)


@door("communication")
def edit_communication(
    *,
    pk: UUID,
    actor: Actor,
    values: Mapping[str, Any],
    expected_seq: int | None = None,
    comment: str = "",
) -> Communication:
    found = _lock_communication(pk, expected_seq)
    refuse_if_any([*rules.edit_communication_blockers(actor, found), *comment_blockers(comment)])
    fill(found, values, COMMUNICATION_FIELDS)
    check = rules.communication_value_blockers
    return _edited(found, check, actor, events.COMMUNICATION_EDITED, comment)


@door("communication")
def send_communication(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> Communication:
    """They were told: when and by whom is kept with the words as they are now."""
    found = _lock_communication(pk, expected_seq)
    refuse_if_any([*rules.send_blockers(actor, found), *comment_blockers(comment)])
    found.send()
    found.sent_at, found.sent_by_id = clock.now(), actor.id
    return record(found, actor=actor, event=events.COMMUNICATION_SENT, comment=tidy(comment))


@door("communication")
def drop_communication(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> Communication:
    """Nobody needs to be told any more."""
    found = _lock_communication(pk, expected_seq)
    refuse_if_any([*rules.drop_blockers(actor, found), *reason_blockers(comment)])
    found.drop()
    found.dropped_reason = tidy(comment)
    return record(found, actor=actor, event=events.COMMUNICATION_DROPPED, comment=tidy(comment))


@door("handover")
def offer_handover(*, actor: Actor, values: Mapping[str, Any], comment: str = "") -> Handover:
    """Hand over what is open, to a person or to a team; the giver is who offers it."""
    refuse_if_any([*rules.offer_blockers(actor), *comment_blockers(comment)])
    made = Handover()
    made.giver_id = actor.user_id
    fill(made, values, (*PLACE, *HANDOVER_FIELDS))
    refuse_if_any(_problems(made, rules.handover_value_blockers))
    return record_created(made, actor=actor, event=events.HANDOVER_OFFERED, comment=comment)


@door("handover")
def edit_handover(
    *,
    pk: UUID,
    actor: Actor,
    values: Mapping[str, Any],
    expected_seq: int | None = None,
    comment: str = "",
) -> Handover:
    found = _lock_handover(pk, expected_seq)
    refuse_if_any([*rules.edit_handover_blockers(actor, found), *comment_blockers(comment)])
    fill(found, values, HANDOVER_FIELDS)
    return _edited(found, rules.handover_value_blockers, actor, events.HANDOVER_EDITED, comment)


@door("handover")
def accept_handover(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> Handover:
    """What is open is the receiver's from now on."""
    found = _lock_handover(pk, expected_seq)
    refuse_if_any([*rules.accept_blockers(actor, found), *comment_blockers(comment)])
    found.accept()
    return _answered(found, actor, events.HANDOVER_ACCEPTED, comment)


@door("handover")
def return_handover(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> Handover:
    """The receiver does not take it, and says why; it stays with the giver."""
    found = _lock_handover(pk, expected_seq)
    refuse_if_any([*rules.return_blockers(actor, found), *reason_blockers(comment)])
    found.give_back()
    found.returned_reason = tidy(comment)
    return _answered(found, actor, events.HANDOVER_RETURNED, comment)


@door("handover")
def offer_handover_again(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> Handover:
    found = _lock_handover(pk, expected_seq)
    refuse_if_any([*rules.offer_again_blockers(actor, found), *comment_blockers(comment)])
    found.offer_again()
    found.answered_at = found.answered_by = None
    found.returned_reason = ""
    return record(found, actor=actor, event=events.HANDOVER_OFFERED_AGAIN, comment=tidy(comment))


def _answered(found: Handover, actor: Actor, event: Event, comment: str) -> Handover:
    found.answered_at, found.answered_by_id = clock.now(), actor.id
    return record(found, actor=actor, event=event, comment=tidy(comment))


def _problems(record: R, check: Callable[[R], Iterable[Blocker]]) -> Iterator[Blocker]:
    """What the rules say, and what a field checks where they say nothing of it."""
    found = list(check(record))
    named = {blocker.field for blocker in found}
    yield from found
    for blocker in model_blockers(record):
        if blocker.field not in named and (blocker.field or not found):
            yield blocker


def _edited(
    found: R,
    check: Callable[[R], Iterable[Blocker]],
    actor: Actor,
    event: Event,
    comment: str,
) -> R:
    refuse_if_any(_problems(found, check))
    if found.governed_values() == found.__dict__["_remembered"]:
        return found
    return record(found, actor=actor, event=event, comment=tidy(comment))
