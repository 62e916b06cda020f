"""Test evidence of a change: who attaches it, and who reads what is confidential."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from apps.approvals.models import Approval
from apps.approvals.selectors import live_slots
from apps.changes.domain import lifecycle as life
from apps.changes.models import ChangeRequest
from apps.changes.policies import rights_in
from apps.changes.selectors import changes_with_people
from apps.core.actor import Actor
from apps.core.errors import Blocker, not_found, refuse_if_any
from apps.evidence.models import Exhibit
from apps.evidence.selectors import exhibits_about
from apps.evidence.services.door import door
from apps.evidence.services.files import Upload
from apps.evidence.services.ledger import lock
from apps.evidence.services.remarks import Opened, open_exhibit, record_exhibit

#: Who attaches evidence to anybody's change; its own people do so always.
TESTERS = ("developer", "validator", "technical_lead", "change_manager")
#: What a person enters of an exhibit.
FIELDS = ("kind", "title", "verdict", "result", "text", "url", "tested_version",
          "tested_by", "tester", "tested_on", "is_confidential")  # fmt: skip


def attach_blockers(actor: Actor, change: ChangeRequest) -> Iterator[Blocker]:
    """Why the actor may not attach evidence to this change."""
    if change.state in life.ENDED:
        yield Blocker(
            "wrong_state",
            f"{change.code} is {change.get_state_display().lower()}: its evidence is complete.",
            "Nothing to do.",
            "nobody",
            kind="state",
        )
    if actor.id not in _own_people(change) and not actor.holds(*TESTERS):
        yield Blocker(
            "role_missing",
            f"{actor.printed_name} neither asked for {change.code} nor tests changes.",
            f"Ask {change.owner}, or somebody who tests.",
            str(change.owner),
            kind="permission",
        )


@door("exhibit")
def attach_exhibit(
    *, change: UUID, actor: Actor, values: Mapping[str, Any], upload: Upload | None = None
) -> Exhibit:
    """Attach evidence to the change; `values` holds those of FIELDS that were entered.

    Raises Refused with every reason; a file that is refused is not kept.
    """
    found = lock(changes_with_people(), change)
    refuse_if_any(attach_blockers(actor, found))
    return record_exhibit(
        about=found.subject,
        actor=actor,
        upload=upload,
        **{name: getattr(value, "pk", value) for name, value in values.items() if name in FIELDS},
    )


def open_file_of(*, change: ChangeRequest, exhibit: UUID, actor: Actor) -> Opened:
    """The checked file of an exhibit of this change.

    Refused: not_found for what is not there or not for the actor; file_missing and file_altered.
    """
    found = exhibits_about(change.subject).filter(pk=exhibit).exclude(file_name="").first()
    if found is None or not (_reads_confidential(actor, change) or _is_open(found, actor)):
        raise not_found("file")
    return open_exhibit(exhibit=found, actor=actor)


def exhibits_for(actor: Actor, change: ChangeRequest) -> list[Exhibit]:
    """The exhibits of the change that the actor may read, the oldest first."""
    found = list(exhibits_about(change.subject))
    if all(_is_open(exhibit, actor) for exhibit in found) or _reads_confidential(actor, change):
        return found
    return [exhibit for exhibit in found if _is_open(exhibit, actor)]


def _is_open(exhibit: Exhibit, actor: Actor) -> bool:
    return not exhibit.is_confidential or exhibit.captured_by_id == actor.id


def _reads_confidential(actor: Actor, change: ChangeRequest) -> bool:
    """Auditors, the team and owner of the application, the people of the change, and whoever
    signs it or has signed it."""
    application = change.application
    if actor.holds("auditor") or actor.id in {*_own_people(change), application.business_owner_id}:
        return True
    if application.technical_owner and application.technical_owner.code in actor.teams:
        return True
    slots = list(live_slots(change.subject))
    return any(
        (slot.state == Approval.State.REQUESTED and slot.spec.admits(rights_in(change, actor)))
        or any(decision.by_id == actor.id for decision in slot.decisions.all())
        for slot in slots
    )


def _own_people(change: ChangeRequest) -> set[UUID]:
    return {change.requester_id, change.author_id, change.owner_id}
