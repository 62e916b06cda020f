"""What waits for one person, across the contexts; every function a constant number of queries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.urls import reverse

from apps.approvals.selectors import waiting_for
from apps.changes.models import ChangeRequest
from apps.changes.selectors import changes_with_people, search_changes
from apps.core import clock
from apps.core.actor import Actor
from apps.gates.models import ReadinessItem
from apps.inventory.models import Asset
from apps.releases.models import Activity, ReleasePackage
from apps.windows.models import ReleaseWindow
from apps.windows.selectors import capacity_use, upcoming_windows

LONGEST_LIST = 50


@dataclass(frozen=True, slots=True)
class ApprovalWork:
    """A signature that somebody waits for."""

    url: str
    code: str
    title: str
    band: str
    slot: str
    because: str
    requested_at: datetime


def approvals(actor: Actor) -> list[ApprovalWork]:
    """Open slots of the actor's roles, without the changes they asked for or wrote."""
    slots = waiting_for(actor)[:LONGEST_LIST]
    changes = ChangeRequest.objects.in_bulk([UUID(slot.about.partition(":")[2]) for slot in slots])
    found = []
    for slot in slots:
        change = changes.get(UUID(slot.about.partition(":")[2]))
        if change is None or actor.id in (change.requester_id, change.author_id):
            continue
        found.append(
            ApprovalWork(
                url=reverse("admin:changes_changerequest_change", args=[change.pk]),
                code=change.code,
                title=change.title,
                band=change.risk_band,
                slot=slot.label,
                because=slot.because,
                requested_at=slot.requested_at,
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class ReadinessWork:
    """A gate that is not met and whose owner is the person."""

    url: str
    code: str
    gate: str
    detail: str
    due_at: datetime | None
    is_overdue: bool


def readiness(actor: Actor) -> list[ReadinessWork]:
    """Unmet gates the actor owns, or that the role they hold answers for; the next due first."""
    now = clock.now()
    roles = {held.role for held in actor.roles}
    items = ReadinessItem.objects.filter(
        Q(owner=actor.id) | Q(owner__isnull=True, owner_role__in=roles),
        state__in=[ReadinessItem.State.OPEN, ReadinessItem.State.NOT_MET],
    ).order_by("due_at")[:LONGEST_LIST]
    return [
        ReadinessWork(
            url=reverse(
                "admin:releases_releasepackage_change", args=[item.subject.partition(":")[2]]
            ),
            code=item.subject_code,
            gate=item.gate,
            detail=item.detail,
            due_at=item.due_at,
            is_overdue=item.due_at is not None and item.due_at < now,
        )
        for item in items
    ]


@dataclass(frozen=True, slots=True)
class StepWork:
    """A step of a running night that the person or their team runs."""

    url: str
    label: str
    title: str
    word: str
    tone: str
    icon: str
    package: str
    team: str
    minutes: int
    planned_start_at: datetime | None


#: Order of the cards: what runs, what can start, what failed, what comes.
_STEP_LOOKS: dict[str, tuple[str, str, str]] = {
    "in_progress": ("Now", "in-progress", "run"),
    "paused": ("Paused", "delayed", "clock"),
    "failed": ("Failed", "failed", "fail"),
    "ready": ("Can start", "ready", "ready"),
    "planned": ("Waiting for its predecessors", "planned", "planned"),
}
_RUNNING = ("in_progress", "validating", "backing_out")


def steps(actor: Actor) -> list[StepWork]:
    """Steps of packages and windows in progress for the actor or one of their teams."""
    rows = (
        Activity.objects.filter(
            Q(owner=actor.id) | Q(deputy=actor.id) | Q(team__code__in=actor.teams),
            Q(package__state__in=_RUNNING) | Q(window__state="in_progress"),
            state__in=list(_STEP_LOOKS),
        )
        .exclude(is_backout=True, package__state__in=["in_progress", "validating"])
        .select_related("package", "window", "team")
        .order_by("planned_start_at", "label")[:LONGEST_LIST]
    )
    order = list(_STEP_LOOKS)
    return [_step(row) for row in sorted(rows, key=lambda row: order.index(row.state))]


def _step(row: Activity) -> StepWork:
    word, tone, icon = _STEP_LOOKS[row.state]
    return StepWork(
        url=reverse("admin:releases_activity_change", args=[row.pk]),
        label=row.label,
        title=row.title,
        word=word,
        tone=tone,
        icon=icon,
        package=row.package.code if row.package else row.window.code if row.window else "",
        team=row.team.code,
        minutes=row.duration_minutes,
        planned_start_at=row.planned_start_at,
    )


def own_changes(actor: Actor) -> QuerySet[ChangeRequest]:
    """Changes that the actor requested, wrote or owns and that are not done."""
    return (
        changes_with_people()
        .filter(Q(requester=actor.id) | Q(author=actor.id) | Q(owner=actor.id))
        .exclude(state__in=["closed", "cancelled", "rejected"])
        .order_by("-changed_at")[:12]
    )


@dataclass(frozen=True, slots=True)
class UseRow:
    label: str
    booked: float
    limit: float


@dataclass(frozen=True, slots=True)
class WindowAhead:
    url: str
    window: ReleaseWindow
    uses: tuple[UseRow, ...]
    cutoff_at: datetime


def windows_ahead(days: int = 14) -> list[WindowAhead]:
    """Windows of the next `days` days with how full they are."""
    return [
        WindowAhead(
            url=reverse("admin:windows_releasewindow_change", args=[window.pk]),
            window=window,
            uses=tuple(
                UseRow(use.unit.capitalize(), float(use.booked), float(use.limit))
                for use in capacity_use(window)
                if use.limit
            ),
            cutoff_at=window.effective_cutoff,
        )
        for window in upcoming_windows(days)
    ]


def packages_in_flight() -> QuerySet[ReleasePackage]:
    return (
        ReleasePackage.objects.exclude(state__in=["closed", "cancelled"])
        .select_related("window")
        .order_by("window__opens_at", "code")[:LONGEST_LIST]
    )


def _packages(text: str) -> QuerySet[ReleasePackage]:
    return ReleasePackage.objects.filter(
        Q(code__icontains=text) | Q(name__icontains=text) | Q(scm_package__icontains=text)
    )


def _windows(text: str) -> QuerySet[ReleaseWindow]:
    return ReleaseWindow.objects.filter(Q(code__icontains=text) | Q(name__icontains=text))


def _assets(text: str) -> QuerySet[Asset]:
    return Asset.objects.select_related("type").filter(name__icontains=text)


def _activities(text: str) -> QuerySet[Activity]:
    return (
        Activity.objects.select_related("package", "window")
        .filter(Q(title__icontains=text) | Q(targets__asset__name__icontains=text))
        .distinct()
    )


#: Title, admin page, and how to find rows: the search by any name, in the order of the page.
SEARCHES: tuple[tuple[str, str, Callable[[str], QuerySet[Any]]], ...] = (
    ("Changes", "changes_changerequest", search_changes),
    ("Packages", "releases_releasepackage", _packages),
    ("Windows", "windows_releasewindow", _windows),
    ("Assets", "inventory_asset", _assets),
    ("Steps", "releases_activity", _activities),
)
