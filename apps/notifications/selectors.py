"""Whom a message goes to, and where its link leads."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse

from apps.accounts.models import User
from apps.accounts.selectors import deputies_of, holders_of
from apps.approvals.models import Approval
from apps.approvals.selectors import live_slots, recusals_about
from apps.changes.domain.debt import PHONE, RATIFICATION, Debt
from apps.changes.models import ChangeRequest
from apps.changes.policies import unconfirmed_calls
from apps.gates.models import ReadinessItem
from apps.gates.selectors import unmet_items
from apps.releases.models import ReleasePackage
from apps.windows.models import ReleaseWindow

#: Label of a subject → the console's page of the record.
PAGES = {
    "asset": "admin:inventory_asset_change",
    "change": "admin:changes_changerequest_change",
    "finding": "admin:releases_finding_change",
    "package": "admin:releases_releasepackage_change",
    "window": "admin:windows_releasewindow_change",
}

#: After these a package's readiness is history.
AWAITING_READINESS = ("draft", "planned", "ready")


def page_of(subject: str) -> str:
    """The path of the page of "change:<id>"."""
    label, _, key = subject.partition(":")
    return reverse(PAGES[label], args=[key])


def key_of(subject: str) -> UUID:
    return UUID(subject.partition(":")[2])


def signers_wanted(change: ChangeRequest) -> dict[User, list[str]]:
    """Who may give a signature that is still asked for, deputies included → the labels of those
    slots."""
    found: dict[User, list[str]] = {}
    for slot in live_slots(change.subject).filter(state=Approval.State.REQUESTED):
        for user in signers_of(slot, change):
            found.setdefault(user, []).append(slot.label)
    return found


def signers_of(slot: Approval, change: ChangeRequest) -> set[User]:
    """Who may still sign this open slot of the change, deputies included."""
    out = {person for decision in slot.standing for person in decision.people}
    out |= {said.by_id for said in recusals_about([change.subject])}
    out |= {change.requester_id, change.author_id}
    if "owner" in slot.excludes:
        out.add(change.owner_id)
    eligible: set[User] = set()
    for role, scope in slot.eligible:
        holders = list(holders_of([role], scope).filter(kind=User.Kind.HUMAN))
        eligible.update(holders, deputies_of(holders, role))
    return {user for user in eligible if user.pk not in out}


def waiting_slots() -> list[tuple[Approval, ChangeRequest]]:
    """Open slots of changes that are not on hold, the oldest first. Three queries."""
    slots = list(
        Approval.objects.filter(
            state=Approval.State.REQUESTED, about__startswith=f"{ChangeRequest.SUBJECT}:"
        )
        .prefetch_related("decisions")
        .order_by("requested_at", "pk")
    )
    changes = ChangeRequest.objects.filter(on_hold=False).in_bulk(
        {key_of(slot.about) for slot in slots}
    )
    return [(slot, changes[key_of(slot.about)]) for slot in slots if key_of(slot.about) in changes]


def owing(debt: Debt) -> QuerySet[User]:
    """The people who can settle the debt."""
    if debt.kind == RATIFICATION:
        return holders_of(["cab_chair", "cab_member"])
    change = UUID(debt.change_id)
    if debt.kind == PHONE:
        calls = unconfirmed_calls().filter(change=change)
        return User.objects.filter(pk__in=calls.values("verbal_by"))
    owners = ChangeRequest.objects.filter(pk=change)
    return User.objects.filter(pk__in=owners.values("owner"))


def readiness_due(until: datetime) -> list[tuple[ReadinessItem, ReleasePackage]]:
    """Unmet gates due by `until`, of packages that still have to become ready. Two queries."""
    items = list(unmet_items().filter(due_at__lte=until))
    packages = (
        ReleasePackage.objects.filter(state__in=AWAITING_READINESS)
        .select_related("owner")
        .in_bulk([key_of(item.subject) for item in items])
    )
    return [
        (item, packages[key_of(item.subject)]) for item in items if key_of(item.subject) in packages
    ]


def answering_for(item: ReadinessItem, package: ReleasePackage) -> list[User]:
    """The gate's owner; without one, whoever has the role that answers for it."""
    if item.owner is not None and item.owner.is_active:
        return [item.owner]
    if item.owner_role == "package_owner":
        return [package.owner]
    return list(holders_of([item.owner_role]))


def filling_windows() -> QuerySet[ReleaseWindow]:
    """Windows that packages are still planned into."""
    return ReleaseWindow.objects.filter(state__in=["open", "locked"]).select_related("coordinator")


def coordinators_of(window: ReleaseWindow) -> list[User]:
    if window.coordinator is not None and window.coordinator.is_active:
        return [window.coordinator]
    return list(holders_of(["release_coordinator"]))
