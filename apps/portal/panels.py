"""Panels on the pages of lower contexts that show facts of higher ones."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from apps.changes.models import CabMeeting, ChangeRequest
from apps.console.page import Panel
from apps.releases.models import PackageChange


def _package_of(request: HttpRequest, change: ChangeRequest) -> dict[str, Any] | None:
    """Where the change is, in which window, and what blocks it there."""
    members = list(
        PackageChange.objects.filter(change=change)
        .select_related("package__window", "package__coordinator")
        .order_by("-is_open", "-package__created_at")
    )
    return {"members": members} if members else None


def _pages_of_meeting(request: HttpRequest, meeting: CabMeeting) -> dict[str, Any]:
    return {"meeting": meeting}


PANELS: dict[str, tuple[Panel, ...]] = {
    "changes.changerequest": (
        Panel("Packages", "portal/_packages_of_change.html", _package_of, side=True),
    ),
    "changes.cabmeeting": (
        Panel("Pages", "portal/_pages_of_meeting.html", _pages_of_meeting, side=True),
    ),
}
