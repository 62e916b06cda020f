"""What emergencies need beside the usual: approvals by phone, and drafts for what went past us."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Subquery

from apps.accounts.models import User
from apps.accounts.selectors import actor_for, authorities_of
from apps.approvals.domain.eligibility import eligibility
from apps.approvals.policies import candidate_of, step_up_blockers
from apps.approvals.services import slots as signatures
from apps.changes import events
from apps.changes.domain.debt import CONFIRM_WITHIN
from apps.changes.models import ChangeAsset, ChangeRequest, ExplainedVersion, PhoneApproval
from apps.changes.policies import (
    case_about,
    confirm_phone_blockers,
    phone_approval_blockers,
    phone_call_blockers,
    unconfirmed_calls,
)
from apps.changes.selectors import changes_with_people
from apps.changes.services.decisions import settle
from apps.changes.services.requests import next_code
from apps.changes.services.risk import assess_risk
from apps.core import clock
from apps.core.actor import Actor, system_actor
from apps.core.errors import Refused, bad_input, refuse_if_any
from apps.core.text import text_blockers
from apps.evidence.services.door import door
from apps.evidence.services.ledger import lock, record, record_created
from apps.inventory.models import Application, AssetVersion
from apps.inventory.selectors import unauthorised_versions

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
    refuse_if_any(
        [
            *phone_approval_blockers(actor, change),
            *phone_call_blockers(actor, change, caller.id, verbal_at),
            *answer.blockers(),
            *text_blockers("comment", comment, required=True, longest=200, label="How"),
            *step_up_blockers(actor),
        ]
    )
    signatures.set_lapsed_aside(slots, case=case, actor=actor)
    opening = answer.openings[0]
    slot = next(each for each in slots if each.slot == opening.slot)
    outcome = signatures.sign(
        slot=slot, actor=caller, authority=opening.authority, verdict="approve", comment=comment,
        recorder=actor,
    )  # fmt: skip
    now = clock.now()
    call = PhoneApproval.objects.create(
        change=change,
        slot=slot.subject,
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
    calls = unconfirmed_calls(change)
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
        content_digest=change.fingerprint,
        parts={"phone_approvals": [call.governed_values() for call in mine]},
    )


def draft_unexplained() -> list[str]:
    """For production versions that no package installed: one emergency draft per application, to
    be explained by its owner. Codes of the drafts; a version is drafted for once.

    Versions of assets without an application stay in the inventory's own list.
    """
    actor = system_actor("unauthorised changes")
    found = _unexplained().exclude(asset__application=None).order_by("asset__application")
    applications = found.values_list("asset__application", flat=True).distinct()
    drafts = (draft_for_application(pk=pk, actor=actor) for pk in list(applications))
    return [draft.code for draft in drafts if draft is not None]


@door("application")
def draft_for_application(*, pk: UUID, actor: Actor) -> ChangeRequest | None:
    """The draft of one application; None where another worker drafted it meanwhile."""
    # The application is the lock: whoever comes second finds the versions explained.
    application = lock(Application, pk)
    versions = list(_unexplained().filter(asset__application=application)[:MOST_IN_ONE])
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


def _unexplained() -> Any:
    """Oldest first, each with the level that was in production before it: `level_before`."""
    before = AssetVersion.objects.filter(
        asset=OuterRef("asset"),
        environment=OuterRef("environment"),
        installed_at__lt=OuterRef("installed_at"),
    ).order_by("-installed_at", "-id")
    return (
        unauthorised_versions()
        .filter(environment__is_production=True, explained__isnull=True)
        .select_related("asset__type", "environment")
        .annotate(level_before=Subquery(before.values("level")[:1]))
        .order_by("installed_at", "id")
    )


def _explaining(application: Application, versions: Sequence[Any]) -> ChangeRequest:
    number = len(versions)
    what = versions[0].asset.name if number == 1 else f"{number} versions"
    told = "; ".join(
        f"{v.asset.name} {v.level} on {v.installed_at:%Y-%m-%d %H:%M} UTC" for v in versions[:20]
    )
    more = f"; and {number - 20} more" if number > 20 else ""
    owner = application.business_owner_id
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
