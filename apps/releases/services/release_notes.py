"""Release notes of a package and of a window, read from the records each time."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, QuerySet

from apps.releases.domain import lifecycle as life
from apps.releases.domain.release_notes import ChangeNote, Notes, PackageNote
from apps.releases.models import Finding, PackageChange, ReleasePackage, ValidationCheck
from apps.windows.models import ReleaseWindow

#: Packages that notes of a window leave out: nobody outside heard of them.
UNHEARD = (life.DRAFT, life.CANCELLED)


def notes_of_package(package: ReleasePackage) -> Notes:
    """Four queries."""
    found = _rows().get(pk=package.pk)
    note = _package_note(found)
    return Notes(f"Release notes {found.code} {found.name}", _when(found.window, found),
                 note.outcome, [note])  # fmt: skip


def notes_of_window(window: ReleaseWindow) -> Notes:
    """Of every package that was to run in it; as many queries as for one."""
    rows = _rows().filter(window=window).exclude(state__in=UNHEARD).order_by("code")
    packages = [_package_note(each) for each in rows]
    return Notes(f"Release notes {window.code} {window.name}", _when(window),
                 window.get_state_display(), packages)  # fmt: skip


def _rows() -> QuerySet[ReleasePackage]:
    findings = Finding.objects.filter(state__in=life.LIVE_FINDING).select_related("rule")
    checks = ValidationCheck.objects.filter(state__in=[life.ACCEPTED, life.FAILED])
    members = PackageChange.objects.select_related("change__application")
    return ReleasePackage.objects.select_related("window").prefetch_related(
        Prefetch("members", members),
        Prefetch("findings", findings.order_by("first_detected_at"), to_attr="still_found"),
        Prefetch("checks", checks.order_by("code"), to_attr="bad_checks"),
    )


def _package_note(package: ReleasePackage) -> PackageNote:
    word = package.get_outcome_display() if package.outcome else package.get_state_display()
    members = list(package.members.all())
    changes = [
        ChangeNote(
            member.change.code,
            member.change.title,
            member.change.application.name,
            member.change.reason,
            member.get_outcome_display() or "not delivered yet",
            member.change.impact_words,
        )
        for member in members
    ]
    reason = package.failure_text or (package.delay_text if package.delay_count else "")
    return PackageNote(package.code, package.name, word, changes, reason, _known(package))


def _known(package: ReleasePackage) -> list[str]:
    """Deviations that were accepted, checks that failed, findings that are still there."""
    told = []
    for check in package.bad_checks:  # type: ignore[attr-defined]
        more = f": {check.accepted_reason}" if check.accepted_reason else ""
        measured, state = check.actual_value or "nothing", check.get_state_display().lower()
        told.append(
            f"{package.code} check {check.code} {check.title}: measured {measured}, {state}{more}"
        )
    told += [f"{package.code}: {finding.text}" for finding in package.still_found]  # type: ignore[attr-defined]
    return told


def _when(window: ReleaseWindow | None, package: ReleasePackage | None = None) -> str:
    if window is not None:
        opens, closes = (_wall(at, window.zone) for at in (window.opens_at, window.closes_at))
        return f"{window.code}, {opens} to {closes} ({window.zone})"
    if package is not None and package.started_at is not None:
        return f"outside any window, {_wall(package.started_at, 'UTC')} (UTC)"
    return "not planned"


def _wall(moment: datetime, zone: str) -> str:
    there = moment.astimezone(ZoneInfo(zone))
    return f"{there:%a} {there.day} {there:%b %Y} {there:%H:%M}"
