"""What emergencies need beside the usual: approvals by phone, and drafts for what went past us."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.accounts.models import User
from apps.accounts.selectors import actor_for, authorities_of, holders_of
from apps.approvals.domain.eligibility import eligibility
from apps.approvals.models import Approval
from apps.approvals.policies import candidate_of, own_decision
from apps.approvals.services import slots as signatures
from apps.changes import events
from apps.changes.domain import lifecycle as life
from apps.changes.domain.debt import CONFIRM_WITHIN
from apps.changes.models import ChangeAsset, ChangeRequest, ExplainedVersion, PhoneApproval
from apps.changes.policies import (
    case_about,
    confirm_phone_blockers,
    deniable_by,
    deny_phone_blockers,
    phone_approval_blockers,
    phone_call_blockers,
    ratify_blockers,
    unconfirmed_calls_of,
)
from apps.changes.selectors import changes_with_people, unexplained_versions
from apps.changes.services.decisions import settle
from apps.changes.services.requests import comment_blockers, next_code
from apps.changes.services.risk import assess_risk
from apps.core import clock
from apps.core.actor import Actor, system_actor
from apps.core.errors import Refused, bad_input, refuse_if_any
from apps.core.step_up import step_up_blockers
from apps.core.text import text_blockers
from apps.evidence.services.door import door
from apps.evidence.services.ledger import lock, record, record_created
from apps.inventory.models import Application

#: A draft explains at most so many versions; the next run drafts another for the rest.
MOST_IN_ONE = 500


@door("change")
def record_phone_approval(
    *,
    pk: UUID,
    actor: Actor,
    person: UUID | str,
    verbal_at: datetime,
    expected_seq: int | None = None,
    comment: str = "",
) -> ChangeRequest:
    """The release manager on duty records that `person` approved by phone at `verbal_at`.

    It counts in the slot at once; `person` confirms it within 24 hours. `comment` says how they
    were reached. Whatever would exclude `person` from signing excludes the call.
    """
    change = lock(changes_with_people(), pk, expected_seq=expected_seq)
    caller = _caller(person)
    slots = signatures.lock_live_slots(change.subject)
    case = case_about(change, slots)
    who = candidate_of(caller, authorities_of(caller.id), called=caller.printed_name)
    answer = eligibility(who, case)
    opening = next(iter(answer.openings), None)
    slot = next((each for each in slots if opening and each.slot == opening.slot), None)
    refuse_if_any(
        [
            *phone_approval_blockers(actor, change),
            *phone_call_blockers(actor, caller.id, verbal_at, slot),
            *answer.blockers(),
            *text_blockers(
                "comment", comment, required=True, longest=200, label="How they were reached"
            ),
            *step_up_blockers(actor),
        ]
    )
    assert opening is not None and slot is not None
    signatures.set_lapsed_aside(slots, case=case, actor=actor)
    outcome = signatures.sign(
        slot=slot, actor=caller, authority=opening.authority, verdict="approve", comment=comment,
        recorder=actor,
    )  # fmt: skip
    decision = own_decision([slot], caller.user_id)
    assert decision is not None
    now = clock.now()
    call = PhoneApproval.objects.create(
        change=change,
        decision=decision,
        verbal_by_id=caller.user_id,
        verbal_at=verbal_at,
        how=comment,
        recorded_by_id=actor.user_id,
        recorded_at=now,
        confirm_due_at=now + CONFIRM_WITHIN,
    )
    event = settle(change, slots, actor=actor, comment=comment, signed=(slot, outcome))
    return record(
        change,
        actor=actor,
        event=event if event is not events.SIGNED else events.PHONE_APPROVED,
        comment=comment,
        meaning=f"{slot.label}: {caller.printed_name} approved by phone",
        slot={"approval": slot.subject, "code": slot.slot},
        content_digest=change.fingerprint,
        policy_version=slot.policy_version,
        parts={"phone_approvals": [call.governed_values()]},
    )


def _caller(person: UUID | str) -> Actor:
    """Who approved by phone, as somebody who acts through somebody else's hands."""
    found = User.objects.filter(pk=person, is_active=True, kind=User.Kind.HUMAN).first()
    if found is None:
        raise Refused(bad_input("person", "There is no such active person.",
                                "Choose who was on the phone."))  # fmt: skip
    return actor_for(found, channel="phone")


@door("change")
def confirm_phone_approval(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> ChangeRequest:
    """The person who approved by phone confirms it; also when it is late."""
    change = lock(changes_with_people(), pk, expected_seq=expected_seq)
    calls = unconfirmed_calls_of(change)
    refuse_if_any([*confirm_phone_blockers(actor, change, calls), *step_up_blockers(actor)])
    now = clock.now()
    mine = [call for call in calls if call.verbal_by_id == actor.id]
    for call in mine:
        call.confirmed_at = now
        call.save(update_fields=["confirmed_at"])
    return record(
        change,
        actor=actor,
        event=events.PHONE_CONFIRMED,
        comment=comment,
        meaning="I confirm that I approved this by phone",
        # What was approved then, whatever the change holds by now.
        content_digest=mine[-1].decision.content_digest,
        parts={"phone_approvals": [call.governed_values() for call in mine]},
    )


@door("change")
def deny_phone_approval(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> ChangeRequest:
    """Who is said to have approved by phone did not: that signature counts no more.

    A change that lacks a signature for it goes back to assessing. Work that has begun goes on:
    the slot stays denied, and is owed for until the board has ratified.
    """
    change = lock(changes_with_people(), pk, expected_seq=expected_seq)
    slots = {slot.pk: slot for slot in signatures.lock_live_slots(change.subject)}
    calls = unconfirmed_calls_of(change)
    refuse_if_any(
        [
            *deny_phone_blockers(actor, change, calls),
            *step_up_blockers(actor),
            *comment_blockers(comment),
        ]
    )
    denied = deniable_by(actor, calls)
    has_begun = change.state not in (life.ASSESSING, *life.SOURCES["invalidate"])
    for call in denied:
        signatures.take_back(
            slot=slots[call.decision.approval_id],
            actor=actor,
            decision=call.decision,
            comment=comment,
            meaning=_denial(actor, call),
            too_late=has_begun,
        )
    lacks = any(slot.state == Approval.State.REQUESTED for slot in slots.values())
    if lacks and change.state in life.SOURCES["invalidate"]:
        change.invalidate()
        change.approved_at = change.valid_until = None
    return record(
        change,
        actor=actor,
        event=events.PHONE_DENIED,
        comment=comment,
        meaning=_denial(actor, denied[-1]),
        content_digest=denied[-1].decision.content_digest,
        asked_again=sorted(
            {slot.slot for slot in slots.values() if slot.state == Approval.State.REQUESTED}
            & {slots[call.decision.approval_id].slot for call in denied}
        ),
        parts={"phone_approvals": [call.governed_values() for call in denied]},
    )


def _denial(actor: Actor, call: PhoneApproval) -> str:
    if call.verbal_by_id == actor.id:
        return "I did not approve this by phone"
    return f"{call.verbal_by} can no longer confirm that they approved this by phone"[:200]


@door("change")
def refuse_ratification(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> ChangeRequest:
    """The board does not accept what the emergency did; the comment says what is missing.

    The ratification stays owed, from now on as overdue: the board has spoken, so that nothing is
    gained by waiting for the day on which it was due.
    """
    change = lock(changes_with_people(), pk, expected_seq=expected_seq)
    refuse_if_any(
        [
            *ratify_blockers(actor, change),
            *step_up_blockers(actor),
            *comment_blockers(comment),
        ]
    )
    now = clock.now()
    change.ratification_due_at = min(change.ratification_due_at or now, now)
    return record(change, actor=actor, event=events.RATIFICATION_REFUSED, comment=comment)


def draft_unexplained() -> list[str]:
    """For production versions that no package installed: one emergency draft per application, to
    be explained by its owner. Codes of the drafts; a version is drafted for once.

    Versions whose asset nobody's application answers for wait until it gets one.
    """
    actor = system_actor("unauthorised changes")
    found = unexplained_versions().exclude(home=None).order_by("home")
    applications = found.values_list("home", flat=True).distinct()
    drafts = (draft_for_application(pk=pk, actor=actor) for pk in list(applications))
    return [draft.code for draft in drafts if draft is not None]


@door("application")
def draft_for_application(*, pk: UUID, actor: Actor) -> ChangeRequest | None:
    """The draft of one application; None where another worker drafted it meanwhile."""
    # The application is the lock: whoever comes second finds the versions explained.
    application = lock(Application, pk)
    versions = list(unexplained_versions().filter(home=application.pk)[:MOST_IN_ONE])
    if not versions:
        return None
    change = _explaining(application, versions)
    lines = _lines(change, versions)
    assess_risk(change, lines)
    explained = [ExplainedVersion(change=change, version=version) for version in versions]
    record_created(
        change,
        actor=actor,
        event=events.UNEXPLAINED,
        parts={
            "assets": [line.governed_values() for line in lines],
            "explained_versions": [each.governed_values() for each in explained],
        },
    )
    ChangeAsset.objects.bulk_create(lines)
    ExplainedVersion.objects.bulk_create(explained)
    return change


def _explaining(application: Application, versions: Sequence[Any]) -> ChangeRequest:
    number = len(versions)
    what = versions[0].asset.name if number == 1 else f"{number} versions"
    told = "; ".join(
        f"{v.asset.name} {v.level} on {v.installed_at:%Y-%m-%d %H:%M} UTC" for v in versions[:20]
    )
    more = f"; and {number - 20} more" if number > 20 else ""
    owner = _answering_for(application)
    return ChangeRequest(
        code=next_code(),
        title=f"Explain {what} in production of {application.code}",
        change_type=ChangeRequest.Type.EMERGENCY,
        application=application,
        requester_id=owner,
        author_id=owner,
        owner_id=owner,
        reason=f"An import saw in production what no package installed: {told}{more}.",
    )


def _answering_for(application: Application) -> UUID:
    """Its business owner; a change manager where that one has left."""
    if application.business_owner.is_active:
        return application.business_owner_id
    manager = holders_of(["change_manager"]).first()
    return manager.pk if manager else application.business_owner_id


def _lines(change: ChangeRequest, versions: Iterable[Any]) -> list[ChangeAsset]:
    """One line per asset: from the level before the first of its versions to the last."""
    lines: dict[UUID, ChangeAsset] = {}
    for version in versions:
        line = lines.setdefault(
            version.asset_id,
            ChangeAsset(
                change=change,
                asset=version.asset,
                action=ChangeAsset.Action.CHANGE,
                from_version=(version.level_before or "")[:40],
            ),
        )
        line.to_version = version.level[:40]
    return list(lines.values())
