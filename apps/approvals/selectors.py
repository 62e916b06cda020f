"""Open questions and given signatures."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from apps.approvals.models import Approval, Decision
from apps.core.actor import Actor


def live_slots(about: str) -> QuerySet[Approval]:
    """Slots that are open or signed for the current content, with their decisions."""
    return Approval.objects.filter(
        about=about, state__in=[Approval.State.REQUESTED, *Approval.SATISFIED]
    ).prefetch_related(Prefetch("decisions", Decision.objects.select_related("by")))


def all_slots(about: str) -> QuerySet[Approval]:
    return Approval.objects.filter(about=about).prefetch_related(
        Prefetch("decisions", Decision.objects.select_related("by"))
    )


def slots_about(subjects: Iterable[str]) -> dict[str, list[Approval]]:
    """Live slots by subject, in two queries."""
    found: dict[str, list[Approval]] = {subject: [] for subject in subjects}
    rows = Approval.objects.filter(
        about__in=found, state__in=[Approval.State.REQUESTED, *Approval.SATISFIED]
    ).prefetch_related("decisions")
    for slot in rows:
        found[slot.about].append(slot)
    return found


def waiting_for(actor: Actor) -> list[Approval]:
    """Open slots whose turn it is that `actor` is in and has not signed, oldest first. One query.

    The database narrows by role name; scopes are compared here, by the rule that signing uses.
    """
    mine = Q(pk__in=[])
    for role in {held.role for held in actor.roles}:
        mine |= Q(eligible__icontains=f'"{role}"')
    earlier = Approval.objects.filter(
        about=OuterRef("about"), state=Approval.State.REQUESTED, order__lt=OuterRef("order")
    )
    rows = (
        Approval.objects.filter(mine, state=Approval.State.REQUESTED)
        .exclude(decisions__by=actor.id)
        .exclude(Exists(earlier))
        .order_by("requested_at")
    )
    return [slot for slot in rows if slot.spec.admits(actor.roles)]
