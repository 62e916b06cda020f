"""Whom a message goes to, and where its link leads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.urls import reverse

from apps.accounts.domain.authority import Authority
from apps.accounts.models import User
from apps.accounts.selectors import actor_for, authorities_of, deputies_of, holders_of
from apps.approvals.domain.eligibility import Candidate, eligibility
from apps.approvals.models import Approval, Obligation
from apps.approvals.selectors import live_slots, slots_about, slots_in_turn, turn_since
from apps.changes.domain.debt import DENIED, PHONE, RATIFICATION, Debt
from apps.changes.models import ChangeRequest
from apps.changes.policies import cases_of, unconfirmed_calls
from apps.gates.catalogue import GATE_BY_CODE
from apps.gates.domain.reminders import Audience
from apps.gates.models import ReadinessItem, Waiver
from apps.gates.selectors import unmet_items
from apps.releases.domain.alerts import RAISED
from apps.releases.models import Activity, Alert, ReleasePackage
from apps.releases.policies.waiver import eligible_to_sign
from apps.releases.selectors import acknowledgement_of
from apps.windows.models import ReleaseWindow

#: Label of a subject → the console's page of the record.
PAGES = {
    "alert": "admin:releases_alert_change",
    "asset": "admin:inventory_asset_change",
    "change": "admin:changes_changerequest_change",
    "finding": "admin:releases_finding_change",
    "obligation": "admin:approvals_obligation_change",
    "package": "admin:releases_releasepackage_change",
    "waiver": "admin:gates_waiver_change",
    "window": "admin:windows_releasewindow_change",
}

SUBMITTED = ReadinessItem.State.SUBMITTED
#: After these a package's readiness is history.
AWAITING_READINESS = ("draft", "planned", "ready")


def page_of(subject: str) -> str:
    """The path of the page of "change:<id>"."""
    label, _, key = subject.partition(":")
    return reverse(PAGES[label], args=[key])


def plan_of(window: UUID) -> str:
    """The path of the page of a window's plan."""
    return reverse("window_plan", args=[window])


def check_page(pk: UUID) -> str:
    """The path of the page of one run of the evidence checks."""
    return reverse("admin:evidence_evidencecheck_change", args=[pk])


def key_of(subject: str) -> UUID:
    return UUID(subject.partition(":")[2])


def people_of_steps(packages: Iterable[ReleasePackage]) -> QuerySet[User]:
    """Owners and deputies of the steps of these packages."""
    steps = Activity.objects.filter(package__in=list(packages))
    return User.objects.filter(
        Q(pk__in=steps.values("owner")) | Q(pk__in=steps.values("deputy"))
    ).order_by("username")


def signers_wanted(change: ChangeRequest) -> list[tuple[User, Approval]]:
    """Who may give a signature whose turn it is, deputies included, each with its slot."""
    slots = slots_in_turn().filter(about=change.subject).order_by("requested_at", "slot")
    return [(user, slot) for slot in slots for user in signers_of(slot, change)]


def signers_of(slot: Approval, change: ChangeRequest) -> dict[User, Authority]:
    """Who may sign this slot of the change now, deputies included, with the right by which they
    would. Four queries, and at most three for each holder of its roles."""
    case = cases_of([change], {change.subject: list(live_slots(change.subject))})[change.pk]
    found: dict[User, Authority] = {}
    for user in _holders(slot):
        person = Candidate(user.pk, str(user), authorities_of(user.pk))
        answer = eligibility(person, case)
        for opening in answer.openings:
            if answer.may and opening.slot == slot.slot:
                found.setdefault(user, opening.authority)
    return found


def waiver_signers(waiver: Waiver) -> list[tuple[User, Approval]]:
    """Who may sign the waiver now, each with the slot."""
    slots = list(live_slots(waiver.subject))
    found: list[tuple[User, Approval]] = []
    for slot in slots:
        for user in _holders(slot):
            answer = eligible_to_sign(waiver, actor_for(user), slots)
            if answer.may and any(opening.slot == slot.slot for opening in answer.openings):
                found.append((user, slot))
    return found


def _holders(slot: Approval) -> list[User]:
    """People who hold one of the slot's roles, or decide for somebody who does, by name."""
    found: set[User] = set()
    for role, scope in slot.eligible:
        holders = list(holders_of([role], scope))
        found.update(holders, deputies_of(holders, role))
    humans = (user for user in found if user.kind == User.Kind.HUMAN)
    return sorted(humans, key=lambda user: user.username)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A signature whose turn it is, since when, and on what."""

    slot: Approval
    change: ChangeRequest
    since: datetime


def waiting_slots() -> list[Waiting]:
    """What is waited for of changes that are not on hold, the oldest first. Four queries."""
    slots = slots_in_turn().filter(about__startswith=f"{ChangeRequest.SUBJECT}:")
    rows = list(slots.order_by("requested_at", "pk"))
    changes = {
        change.subject: change
        for change in ChangeRequest.objects.filter(
            on_hold=False, pk__in={key_of(slot.about) for slot in rows}
        )
    }
    live = slots_about(changes)
    return [
        Waiting(slot, changes[slot.about], turn_since(slot, live[slot.about]))
        for slot in rows
        if slot.about in changes
    ]


def owing(debt: Debt) -> QuerySet[User]:
    """The people who can settle the debt."""
    if debt.kind in (RATIFICATION, DENIED):
        return holders_of(["cab_chair", "cab_member"])
    change = UUID(debt.change_id)
    if debt.kind == PHONE:
        calls = unconfirmed_calls().filter(change=change, confirm_due_at=debt.due_at)
        return User.objects.filter(pk__in=calls.values("verbal_by"))
    owners = ChangeRequest.objects.filter(pk=change)
    return User.objects.filter(pk__in=owners.values("owner"))


def conditions_due(until: datetime) -> list[Obligation]:
    """Conditions of approvals that are not met and due by `until`, the oldest first. One query."""
    rows = Obligation.objects.filter(state=Obligation.State.OPEN, due_at__lte=until)
    return list(rows.select_related("owner").order_by("due_at", "pk"))


def readiness_due(until: datetime) -> list[tuple[ReadinessItem, ReleasePackage]]:
    """Unmet gates due by `until`, or whenever due if they wait for a second person, of packages
    that still have to become ready; none that somebody lets stand as it is. Two queries."""
    wanted = Q(due_at__lte=until) | Q(state=SUBMITTED, due_at__isnull=False)
    rows = unmet_items().filter(wanted)
    items = list(rows.select_related("owner__manager", "attestation__submitted_by"))
    packages = (
        ReleasePackage.objects.filter(state__in=AWAITING_READINESS)
        .select_related("owner__manager", "coordinator", "window__release_manager")
        .in_bulk([key_of(item.subject) for item in items])
    )
    found = [
        (item, packages[key_of(item.subject)]) for item in items if key_of(item.subject) in packages
    ]
    return [(item, package) for item, package in found if not acknowledgement_of(item, package)]


def answering_for(item: ReadinessItem, package: ReleasePackage) -> list[User]:
    """The gate's owner; without one, whoever has the role that answers for it."""
    if item.owner is not None and item.owner.is_active:
        return [item.owner]
    if item.owner_role == "package_owner":
        return [package.owner]
    gate = GATE_BY_CODE.get(item.gate)
    scopes = gate.owner_scopes if gate else ()
    found = {
        user.pk: user for scope in scopes or ("",) for user in holders_of([item.owner_role], scope)
    }
    return sorted(found.values(), key=lambda user: user.username)


def awaited(item: ReadinessItem, package: ReleasePackage) -> list[User]:
    """Who has to do the next thing about the gate: confirm it, or see to it."""
    if item.state == SUBMITTED and item.attestation is not None:
        return second_persons(item, package, item.attestation.submitted_by_id)
    return answering_for(item, package)


def second_persons(item: ReadinessItem, package: ReleasePackage, first: UUID) -> list[User]:
    """Who may confirm what `first` attested: whoever else answers for the gate, and the
    coordinator; where that is nobody, the release manager of the night, or all of them."""
    near = [*answering_for(item, package), package.coordinator]
    window = package.window
    lead = [window.release_manager] if window and window.release_manager else None

    def others(users: Iterable[User]) -> list[User]:
        found = {user.pk: user for user in users if user.pk != first and user.is_active}
        return list(found.values())

    return others(near) or others(lead or ()) or others(holders_of(["release_manager"]))


def told_of(
    item: ReadinessItem, package: ReleasePackage, audience: Iterable[Audience]
) -> dict[User, Audience]:
    """Everybody of the audience who is there, each once, by the nearest part they have."""
    owners = awaited(item, package)
    window = package.window
    managers = [window.release_manager] if window and window.release_manager else None

    def named(part: Audience) -> Iterable[User | None]:
        if part in ("owner", "second"):
            return owners
        if part == "coordinator":
            return [package.coordinator]
        if part == "manager":
            return [owner.manager for owner in owners]
        return managers or holders_of(["release_manager"])

    found: dict[User, Audience] = {}
    for part in audience:
        for user in named(part):
            if user is not None and user.is_active:
                found.setdefault(user, part)
    return found


def filling_windows() -> QuerySet[ReleaseWindow]:
    """Windows that packages are still planned into."""
    return ReleaseWindow.objects.filter(state__in=["open", "locked"]).select_related("coordinator")


def coordinators_of(window: ReleaseWindow) -> list[User]:
    if window.coordinator is not None and window.coordinator.is_active:
        return [window.coordinator]
    return list(holders_of(["release_coordinator"]))


def managers_of(window: ReleaseWindow) -> list[User]:
    if window.release_manager is not None and window.release_manager.is_active:
        return [window.release_manager]
    return list(holders_of(["release_manager"]))


def alerts_to_tell() -> QuerySet[Alert]:
    """Alerts that nobody has acknowledged, with the people of their window and step."""
    rows = Alert.objects.filter(state=RAISED, rung__gte=0)
    return rows.select_related(
        "window__coordinator", "window__release_manager", "step__owner", "step__deputy"
    ).order_by("raised_at", "pk")
