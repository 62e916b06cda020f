"""Panels on the pages of lower contexts that show facts of higher ones."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, QueryDict
from django.urls import reverse

from apps.audit.policies.packs import pack_blockers
from apps.audit.selectors.packs import packs_of
from apps.changes.domain.lifecycle import ENDED
from apps.changes.models import CabMeeting, ChangeRequest
from apps.changes.policies import is_emergency
from apps.changes.selectors import debt_lines, refused_ratification
from apps.console.hooks import actor_of
from apps.console.page import Panel
from apps.core import clock
from apps.evidence.selectors import body_of
from apps.integrations.selectors import jobs_of, proposal_of
from apps.integrations.services.jobs import zosmf_access
from apps.inventory.domain.layers import MOST_NODES, Group
from apps.inventory.models import Asset
from apps.inventory.pictures import Folding, Picture, build_picture, run_picture
from apps.portal.board import one_pager
from apps.releases.domain.activity_rules import FAIL_CODES
from apps.releases.domain.lifecycle import MOVABLE as PACKAGE_MOVABLE
from apps.releases.domain.lifecycle import RUNNING_STEP, SETTLED
from apps.releases.models import Activity, PackageChange, PostReview, Rehearsal, ReleasePackage
from apps.releases.pictures import coverage_of, order_picture, scope_of
from apps.releases.policies.finding import lines_of
from apps.releases.selectors import (
    lessons_of,
    live_findings,
    open_lessons_for,
    retrofits_after,
)
from apps.releases.services.baselines import coming_versions
from apps.releases.services.readiness_matrix import called, forecast_of
from apps.windows.domain.lifecycle import MOVABLE as WINDOW_MOVABLE
from apps.windows.models import ReleaseWindow

#: Boxes of a picture on a page that shows other things too.
COMPACT = 40
#: A group that is not folded is offered to be from this size on.
WORTH_FOLDING = 4


def _package_of(request: HttpRequest, change: ChangeRequest) -> dict[str, Any] | None:
    """Where the change is, in which window, and what blocks it there."""
    members = list(
        PackageChange.objects.filter(change=change)
        .select_related("package__window", "package__coordinator")
        .order_by("-is_open", "-package__created_at")
    )
    return {"members": members} if members else None


@dataclass(frozen=True, slots=True)
class Subject:
    """What a picture is about, each part read by the mode that asks for it: assets, what covers the
    things that they impact (None: nothing has to), and the packages that hold them.
    """

    assets: Callable[[], Collection[UUID]]
    covered: Callable[[], Mapping[UUID, str]] | None
    packages: Callable[[], Collection[UUID]]


def _of_asset(asset: Asset) -> Subject:
    holding = PackageChange.objects.filter(change__assets__asset=asset)
    return Subject(lambda: {asset.pk}, None, lambda: _packages(holding))


def _of_change(change: ChangeRequest) -> Subject:
    def scope() -> set[UUID]:
        return scope_of([change.pk])

    def covered() -> dict[UUID, str]:
        """By the change itself, or by the package that carries it."""
        member = change.memberships.filter(is_open=True).select_related("package").first()
        others = coverage_of(member.package) if member else {}
        code = member.package.code if member else ""
        return dict.fromkeys(others, f"in {code}") | dict.fromkeys(scope(), "in scope")

    members = PackageChange.objects.filter(change=change)
    return Subject(scope, covered, lambda: _packages(members))


def _of_package(package: ReleasePackage) -> Subject:
    def scope() -> set[UUID]:
        return scope_of(package.members.values_list("change_id", flat=True))

    return Subject(scope, lambda: coverage_of(package), lambda: {package.pk})


def _packages(members: Any) -> set[UUID]:
    return set(members.values_list("package_id", flat=True))


#: Kind in an address → its model, and what its pictures are about.
SUBJECTS: dict[str, tuple[Any, Callable[[Any], Subject]]] = {
    "asset": (Asset, _of_asset),
    "change": (ChangeRequest, _of_change),
    "package": (ReleasePackage, _of_package),
}
MODES: dict[str, str] = {
    "build": "Build impact",
    "run": "Run impact tonight",
    "order": "Package order",
}


def _draw(subject: Subject, mode: str, folding: Folding, *, whole: bool) -> Picture:
    if mode == "order":
        return order_picture(subject.packages(), whole=whole, folding=folding)
    if mode == "run":
        return run_picture(subject.assets(), clock.now(), folding=folding)
    covered = subject.covered() if subject.covered else None
    return build_picture(subject.assets(), covered=covered, folding=folding)


@dataclass(frozen=True, slots=True)
class Way:
    """A link of a picture to another form of it."""

    url: str
    text: str
    is_here: bool = False


def dependencies(kind: str, record: Any, query: QueryDict, *, whole: bool) -> dict[str, Any]:
    """What `inventory/_dependencies.html` shows, on a page of its own (`whole`) or in a panel.

    The query tells the mode (`mode` on the whole page, `picture` in a panel: build, run, order)
    and the groups to fold and to open (`fold`, `open`, each any number of times).
    """
    asked = query.get("mode" if whole else "picture", "")
    mode = asked if asked in MODES else "build"
    fold, unfold = query.getlist("fold") if whole else [], query.getlist("open") if whole else []
    folding = Folding(MOST_NODES if whole else COMPACT, fold, unfold)
    picture = _draw(SUBJECTS[kind][1](record), mode, folding, whole=whole)
    page = reverse("impact", args=[kind, record.pk])
    return {
        "picture": picture,
        "is_scoped": kind != "asset",
        "tabs": [
            Way(
                f"{page}?mode={code}" if whole else f"?picture={code}#dependencies",
                text,
                code == mode,
            )
            for code, text in MODES.items()
        ],
        "whole_url": "" if whole else f"{page}?mode={mode}",
        "unfold_url": f"{page}?{_asking(mode, fold, unfold)}&open=",
        "switches": [
            way
            for group in picture.layout.groups
            if (way := _switch(page, mode, fold, unfold, group)) is not None
        ]
        if whole
        else [],
    }


def _asking(mode: str, fold: Collection[str], unfold: Collection[str]) -> str:
    asked = QueryDict(mutable=True)
    asked["mode"] = mode
    asked.setlist("fold", list(fold))
    asked.setlist("open", list(unfold))
    return asked.urlencode()


def _switch(
    page: str, mode: str, fold: Collection[str], unfold: Collection[str], group: Group
) -> Way | None:
    """To fold a group or to open it; None where it is too small, or too large to be opened."""
    others = [key for key in fold if key != group.key], [key for key in unfold if key != group.key]
    if group.is_folded:
        if group.count > MOST_NODES:
            return None
        ask, verb = _asking(mode, others[0], [*others[1], group.key]), "Show"
    else:
        if group.count < WORTH_FOLDING:
            return None
        ask, verb = _asking(mode, [*others[0], group.key], others[1]), "Fold"
    return Way(f"{page}?{ask}", f"{verb} {group.count:,} {group.plural}")


def _dependencies_of(kind: str) -> Callable[[HttpRequest, Any], dict[str, Any]]:
    def context(request: HttpRequest, record: Any) -> dict[str, Any]:
        return dependencies(kind, record, request.GET, whole=False)

    return context


def _picture_panel(kind: str) -> Panel:
    template = "inventory/_dependencies.html"
    return Panel("Dependencies", template, _dependencies_of(kind), wide=True)


def _in_one_page(request: HttpRequest, change: ChangeRequest) -> dict[str, Any] | None:
    """What a signer reads first; of a change that has ended its history tells."""
    return None if change.state in ENDED else {"page": one_pager(change, actor_of(request))}


def _findings_of(request: HttpRequest, change: ChangeRequest) -> dict[str, Any] | None:
    lines = lines_of(actor_of(request), live_findings(change))
    return {"lines": lines} if lines else None


def _follow_ups(request: HttpRequest, change: ChangeRequest) -> dict[str, Any] | None:
    """What an emergency leaves to be done: retrofits, and what it owes to governance."""
    if not is_emergency(change):
        return None
    owed = [
        line
        for line in debt_lines([change.application_id])
        if line.debt.change_id == str(change.pk)
    ]
    retrofits = list(retrofits_after(change)) if change.ratification_due_at else []
    if not owed and not retrofits:
        return None
    refused = refused_ratification(change)
    why = body_of(refused)["comment"] if refused else ""
    return {"owed": owed, "retrofits": retrofits, "refused": refused, "why": why}


def _owed(request: HttpRequest, package: ReleasePackage) -> dict[str, Any] | None:
    """What the emergencies of a package still owe to governance, above all their ratification."""
    if package.kind != package.Kind.EMERGENCY:
        return None
    changes = list(package.members.select_related("change"))
    owing = {str(member.change_id) for member in changes}
    lines = [
        line
        for line in debt_lines({member.change.application_id for member in changes})
        if line.debt.change_id in owing
    ]
    return {"lines": lines} if lines else None


def _pages_of_meeting(request: HttpRequest, meeting: CabMeeting) -> dict[str, Any]:
    return {"meeting": meeting}


def _another_night(request: HttpRequest, package: ReleasePackage) -> dict[str, Any] | None:
    return {"package": package} if package.state in PACKAGE_MOVABLE else None


def _forecast(request: HttpRequest, window: ReleaseWindow) -> dict[str, Any] | None:
    """While it is still to come: how many of its packages will be ready in time."""
    if window.state not in WINDOW_MOVABLE:
        return None
    found = forecast_of(window)
    if not found.packages:
        return None
    address = f"{reverse('readiness')}?window={window.code}"
    return {"forecast": found, "sentence": found.sentence(called(window)), "url": address}


def _another_time(request: HttpRequest, window: ReleaseWindow) -> dict[str, Any] | None:
    return {"window": window} if window.state in WINDOW_MOVABLE else None


def _coming(request: HttpRequest, asset: Asset) -> dict[str, Any] | None:
    found = coming_versions(asset)
    return {"coming": found} if found else None


def _jobs(request: HttpRequest, step: Activity) -> dict[str, Any] | None:
    """The jobs that the step runs, and what they propose to whoever completes it."""
    found = jobs_of(step)
    may_name = step.state in RUNNING_STEP
    if not found and not may_name:
        return None
    proposal = proposal_of(found) if may_name else None
    return {
        "jobs": found,
        "proposal": proposal,
        "failure": dict(FAIL_CODES).get(proposal.failure, "") if proposal else "",
        "step": step,
        "may_name": may_name,
        "is_off": may_name and zosmf_access() is None,
    }


def _closure(request: HttpRequest, place: ReleasePackage | ReleaseWindow) -> dict[str, Any]:
    """What was learnt, what has to be learnt first, and where the night is told."""
    package = place if isinstance(place, ReleasePackage) else None
    has_run = bool(package and package.state in SETTLED and package.started_at)
    return {
        "place": place,
        "kind": "package" if package else "window",
        "lessons": list(lessons_of(place)),
        "waiting": open_lessons_for(package) if package else (),
        "review": PostReview.objects.filter(package=package).first() if has_run else None,
        "may_review": has_run,
        "rehearsals": list(Rehearsal.objects.filter(package=package)) if package else (),
    }


def _past(kind: str) -> Panel:
    """The way to what changed, and to what happened."""

    def context(request: HttpRequest, place: Any) -> dict[str, Any]:
        return {"kind": kind, "place": place}

    return Panel("The past of it", "portal/_past.html", context, side=True)


def _packs_about(what: str) -> Callable[[HttpRequest, Any], dict[str, Any] | None]:
    def context(request: HttpRequest, record: Any) -> dict[str, Any] | None:
        """For those who may have them."""
        if any(pack_blockers(actor_of(request))):
            return None
        packs = list(packs_of(record.subject)[:5])
        return {"packs": packs, "what": what, "code": record.code}

    return context


def _packs_panel(what: str) -> Panel:
    return Panel("Evidence packs", "portal/_evidence_packs.html", _packs_about(what), side=True)


PANELS: dict[str, tuple[Panel, ...]] = {
    "inventory.asset": (
        _picture_panel("asset"),
        Panel("Coming versions", "portal/_coming_versions.html", _coming, side=True),
    ),
    "changes.changerequest": (
        Panel("In one page", "portal/_change_in_one_page.html", _in_one_page, wide=True),
        Panel("Packages", "portal/_packages_of_change.html", _package_of, side=True),
        _packs_panel("change"),
        Panel("Follow-ups", "portal/_follow_ups.html", _follow_ups),
        Panel("Findings", "releases/_findings.html", _findings_of),
        _picture_panel("change"),
    ),
    "releases.releasepackage": (
        Panel("Owed after the emergency", "changes/_debts.html", _owed, wide=True),
        Panel("After the night", "portal/_closure.html", _closure, side=True),
        Panel("Another night", "portal/_another_night.html", _another_night, side=True),
        _past("package"),
        _packs_panel("release"),
        _picture_panel("package"),
    ),
    "releases.activity": (Panel("Jobs", "portal/_jobs.html", _jobs),),
    "windows.releasewindow": (
        Panel("Readiness", "releases/_forecast.html", _forecast, side=True),
        Panel("After the night", "portal/_closure.html", _closure, side=True),
        Panel("Another time", "portal/_another_time.html", _another_time, side=True),
        _past("window"),
    ),
    "changes.cabmeeting": (
        Panel("Pages", "portal/_pages_of_meeting.html", _pages_of_meeting, side=True),
    ),
}
