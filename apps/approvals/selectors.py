"""Open questions and given signatures."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, prefetch_related_objects

from apps.accounts.selectors import authorities_of, roles_held_by, was_active
from apps.approvals.events import CARRIED, REQUESTED
from apps.approvals.models import Approval, Countersign, Decision, Obligation, ViewLog
from apps.core import clock
from apps.core.actor import Actor, RoleHeld
from apps.evidence.models import EvidenceEntry

_WITH_DECISIONS = Prefetch("decisions", Decision.objects.select_related("by", "on_behalf_of"))


def open_proposal(about: str, purpose: str) -> Countersign | None:
    """What waits for a second person, however old it is."""
    rows = Countersign.objects.select_related("proposed_by")
    return rows.filter(about=about, purpose=purpose, state="proposed").first()


def live_slots(about: str) -> QuerySet[Approval]:
    """Slots that are open, signed or denied for the current content, with their decisions."""
    return Approval.objects.filter(about=about, state__in=Approval.LIVE).prefetch_related(
        _WITH_DECISIONS
    )


def slots_now(about: str) -> list[Approval]:
    """The live slots with their decisions; looking back, those that were live then."""
    if not clock.is_looking_back():
        return list(live_slots(about))
    moment = clock.now()
    told = Approval.history.filter(about=about, history_date__lte=moment)
    last = {row.id: row for row in told.order_by("history_date", "history_id")}
    slots = sorted(
        (slot for slot in (row.instance for row in last.values()) if slot.is_live),
        key=lambda slot: (slot.requested_at, slot.slot),
    )
    said = Decision.objects.filter(decided_at__lte=moment).select_related("by", "on_behalf_of")
    prefetch_related_objects(slots, Prefetch("decisions", said))
    return slots


def all_slots(about: str) -> QuerySet[Approval]:
    return Approval.objects.filter(about=about).prefetch_related(_WITH_DECISIONS)


def slots_about(subjects: Iterable[str]) -> dict[str, list[Approval]]:
    """Live slots by subject, in two queries."""
    found: dict[str, list[Approval]] = {subject: [] for subject in subjects}
    rows = Approval.objects.filter(about__in=found, state__in=Approval.LIVE).prefetch_related(
        _WITH_DECISIONS
    )
    for slot in rows:
        found[slot.about].append(slot)
    return found


def words_about(subjects: Iterable[str]) -> dict[str, Decision]:
    """What was said last about each record, by its subject. One query."""
    rows = Decision.objects.filter(approval__about__in=list(subjects), replaced_by__isnull=True)
    found = rows.select_related("by", "approval").order_by("decided_at", "pk")
    return {decision.approval.about: decision for decision in found}


def slots_in_turn() -> QuerySet[Approval]:
    """Open slots whose turn it is: about the same record none of a lower order is open."""
    earlier = Approval.objects.filter(
        about=OuterRef("about"), state=Approval.State.REQUESTED, order__lt=OuterRef("order")
    )
    return Approval.objects.filter(~Exists(earlier), state=Approval.State.REQUESTED)


def turn_since(slot: Approval, live: Iterable[Approval]) -> datetime:
    """Since when it is the turn of `slot`: since it was asked for, or since the last word in the
    slots before it. `live` are those about the same record."""
    before = [
        said.decided_at for other in live if other.order < slot.order for said in other.standing
    ]
    return max([slot.requested_at, *before])


def asked_since(slots: Iterable[Approval]) -> dict[UUID, datetime]:
    """Since when each slot asks about the content that it asks about now, by its key. One query."""
    found = {slot.subject: slot for slot in slots}
    entries = EvidenceEntry.objects.filter(
        subject__in=found, action__in=[REQUESTED.code, CARRIED.code]
    )
    told = dict(entries.order_by("id").values_list("subject", "at"))
    return {slot.pk: told.get(subject, slot.requested_at) for subject, slot in found.items()}


def roles_of_signers(slots: Iterable[Approval]) -> dict[UUID, frozenset[RoleHeld]]:
    """The roles of who decided in the slots, or for whom, and is active. One query at most."""
    said = [decision for slot in slots for decision in slot.decisions.all()]
    people = {user.pk: user for each in said for user in (each.by, each.on_behalf_of) if user}
    active = [user.pk for user in people.values() if was_active(user)]
    return roles_held_by(active) if active else {}


def waiting_for(actor: Actor) -> list[Approval]:
    """Open slots whose turn it is, that `actor` may be in, by own roles or by delegation, and has
    not answered, oldest first. Three queries.

    The database narrows by role name; scopes are compared here, by the rule that signing uses.
    """
    held = [authority.held for authority in authorities_of(actor.id)]
    mine = Q(pk__in=[])
    for role in {each.role for each in held}:
        mine |= Q(eligible__icontains=f'"{role}"')
    said = Decision.objects.filter(Q(by=actor.id) | Q(on_behalf_of=actor.id))
    stepped_back = said.filter(by=actor.id, verdict=Decision.Verdict.RECUSE)
    answered = said.filter(replaced_by__isnull=True).exclude(verdict=Decision.Verdict.WITHDRAW)
    rows = (
        slots_in_turn()
        .filter(mine)
        .exclude(pk__in=answered.values("approval"))
        .exclude(about__in=stepped_back.values("approval__about"))
        .order_by("requested_at")
    )
    return [slot for slot in rows if slot.spec.admits(held)]


def recusals_about(subjects: Iterable[str]) -> QuerySet[Decision]:
    """Who stepped back from these records, on whatever content."""
    rows = Decision.objects.filter(
        approval__about__in=list(subjects), verdict=Decision.Verdict.RECUSE
    )
    if clock.is_looking_back():
        rows = rows.filter(decided_at__lte=clock.now())
    return rows.select_related("approval")


def obligations_about(*subjects: str) -> QuerySet[Obligation]:
    """Conditions of signatures that count, oldest first."""
    return (
        Obligation.objects.filter(about__in=subjects)
        .exclude(state=Obligation.State.WITHDRAWN)
        .select_related("owner", "set_by", "met_by")
    )


def opened_since_sign_in(actor: Actor) -> set[tuple[str, str]]:
    """(subject, content digest) of what the person opened since they signed in."""
    if actor.signed_in_at is None:
        return set()
    rows = ViewLog.objects.filter(user=actor.id, at__gte=actor.signed_in_at)
    return set(rows.values_list("about", "content_digest"))
