"""What waits for one person, across the contexts; every function a constant number of queries."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q, QuerySet
from django.urls import reverse

from apps.approvals.models import Approval
from apps.approvals.selectors import waiting_for
from apps.changes.models import ChangeAsset, ChangeRequest
from apps.changes.selectors import changes_with_people, search_changes
from apps.core import clock
from apps.core.actor import Actor
from apps.gates.catalogue import GATES
from apps.gates.models import ReadinessItem, Waiver
from apps.gates.selectors import UNMET, waivers_with_people
from apps.inventory.domain.relations import RELATION_KINDS
from apps.inventory.models import Asset
from apps.inventory.selectors import live_relations
from apps.releases.models import Activity, ActivityTarget, PackageChange, ReleasePackage
from apps.windows.models import ReleaseWindow, WindowDeviation
from apps.windows.selectors import capacity_use, upcoming_windows

LONGEST_LIST = 50


@dataclass(frozen=True, slots=True)
class ApprovalWork:
    """A signature that somebody waits for. `word` says how much is at stake: the risk."""

    url: str
    code: str
    title: str
    band: str
    word: str
    application: str
    window: ReleaseWindow | None
    slot: str
    because: str
    requested_at: datetime


def approvals(actor: Actor) -> list[ApprovalWork]:
    """Open slots of the actor's roles, without the records they asked for or wrote."""
    slots = waiting_for(actor)[:LONGEST_LIST]
    asked = {
        **_changes_asked(slots, actor),
        **_deviations_asked(slots, actor),
        **_waivers_asked(slots, actor),
    }
    return [
        ApprovalWork(
            *asked[slot.about], slot=slot.label, because=slot.because,
            requested_at=slot.requested_at,
        )
        for slot in slots
        if slot.about in asked
    ]  # fmt: skip


#: What a list of signatures tells of a record: url, code, title, band, word, application, window.
_Asked = tuple[str, str, str, str, str, str, ReleaseWindow | None]


def _changes_asked(slots: Iterable[Approval], actor: Actor) -> dict[str, _Asked]:
    keys = _keys(slots, ChangeRequest.SUBJECT)
    members = PackageChange.objects.filter(change__in=keys, is_open=True)
    windows = {
        member.change_id: member.package.window
        for member in members.select_related("package__window")
    }
    found = ChangeRequest.objects.select_related("application").filter(pk__in=keys)
    return {
        change.subject: (
            reverse("admin:changes_changerequest_change", args=[change.pk]),
            change.code,
            change.title,
            change.risk_band,
            change.risk_band or "not assessed",
            change.application.name,
            windows.get(change.pk),
        )
        for change in found
        if actor.id not in (change.requester_id, change.author_id)
    }


def _deviations_asked(slots: Iterable[Approval], actor: Actor) -> dict[str, _Asked]:
    found = WindowDeviation.objects.filter(pk__in=_keys(slots, WindowDeviation.SUBJECT))
    return {
        deviation.subject: (
            reverse("admin:windows_windowdeviation_change", args=[deviation.pk]),
            deviation.about_name,
            f"in {deviation.rule.name}",
            "",
            "deviation",
            "",
            None,
        )
        for deviation in found.select_related("rule")
        if actor.id != deviation.requested_by_id
    }


def _waivers_asked(slots: Iterable[Approval], actor: Actor) -> dict[str, _Asked]:
    found = waivers_with_people().filter(pk__in=_keys(slots, Waiver.SUBJECT))
    return {
        waiver.subject: (
            reverse("admin:gates_waiver_change", args=[waiver.pk]),
            waiver.about_name,
            f"waiver of {waiver.what}" if waiver.gate else "late scope",
            "",
            f"{waiver.get_level_display()} gate" if waiver.gate else "waiver",
            "",
            waiver.window,
        )
        for waiver in found
        if actor.id != waiver.requested_by_id
    }


def _keys(slots: Iterable[Approval], label: str) -> list[UUID]:
    told = (slot.about.partition(":") for slot in slots)
    return [UUID(key) for kind, _, key in told if kind == label]


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
    mine = [
        gate.code
        for gate in GATES
        if any(actor.holds(gate.owner_role, scope=scope) for scope in gate.owner_scopes or (None,))
    ]
    items = ReadinessItem.objects.filter(
        Q(owner=actor.id) | Q(owner__isnull=True, gate__in=mine),
        state__in=UNMET,
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
    cutoff_moved: bool


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
            cutoff_moved=window.tightest_cutoff.expected_at is not None,
        )
        for window in upcoming_windows(days)
    ]


def packages_in_flight() -> QuerySet[ReleasePackage]:
    return (
        ReleasePackage.objects.exclude(state__in=["closed", "cancelled"])
        .select_related("window")
        .order_by("window__opens_at", "code")[:LONGEST_LIST]
    )


#: Rows of each kind that the search shows.
SHOWN = 10
#: Assets of a name that are looked for in scopes, plans and jobs.
MOST_NAMED = 50
JOBS = ("job", "scheduler_entry")


@dataclass(frozen=True, slots=True)
class Found:
    """A row of the search: what it is and why it is there."""

    url: str
    code: str
    title: str
    reason: str
    state: str = ""


#: (address, record) → how it is shown.
Tell = Callable[[str, Any], Found]


@dataclass(frozen=True, slots=True)
class Group:
    """One kind of result; `more_url` where there are more than are shown."""

    title: str
    rows: tuple[Found, ...]
    more_url: str = ""


def search(text: str) -> list[Group]:
    """Everything whose name holds `text`, and what has an asset of such a name: in its scope, in
    its plan, or runs it. What bears exactly that name comes first, then the newest.
    """
    named = _named(text)
    groups = (
        _assets(text, named),
        _jobs(text, named),
        _changes(text, named),
        _packages(text, named),
        _windows(text),
        _activities(text, named),
    )
    return [group for group in groups if group.rows]


def _spelled(text: str) -> tuple[str, ...]:
    """The ways in which a name may be written as it was typed: host names are in capitals."""
    return text, text.upper()


def _named(text: str) -> dict[UUID, str]:
    """Assets by key, those of exactly this name first."""
    exact = Asset.objects.filter(name__in=_spelled(text)).order_by("name", "id")
    found = dict(exact.values_list("pk", "name")[:MOST_NAMED])
    like = Asset.objects.filter(name__icontains=text).order_by("name", "id")
    for pk, name in like.values_list("pk", "name")[:MOST_NAMED]:
        found.setdefault(pk, name)
    return found


def _first(*ways: QuerySet[Any]) -> list[Any]:
    """The rows of each way after those of the ways before, one more than are shown."""
    found: dict[Any, Any] = {}
    for rows in ways:
        if len(found) <= SHOWN:
            for row in rows[: SHOWN + 1]:
                found.setdefault(row.pk, row)
    return list(found.values())[: SHOWN + 1]


def _group(title: str, model: str, text: str, rows: Sequence[Any], told: Tell) -> Group:
    more = ""
    if len(rows) > SHOWN:
        more = f"{reverse(f'admin:{model}_changelist')}?{urlencode({'q': text})}"
    shown = (told(reverse(f"admin:{model}_change", args=[row.pk]), row) for row in rows[:SHOWN])
    return Group(title, tuple(shown), more)


def _why(text: str, **fields: str) -> str:
    """Which field is the text or holds it, in words; "" when none does."""
    for name, value in fields.items():
        if text.lower() in value.lower():
            known = name.replace("_", " ")
            return f"its {known}" if text.lower() == value.lower() else f"in its {known}"
    return ""


def _exact_assets(text: str, named: Mapping[UUID, str]) -> list[UUID]:
    return [pk for pk, name in named.items() if name in _spelled(text)]


def _assets(text: str, named: Mapping[UUID, str]) -> Group:
    found = Asset.objects.select_related("type", "application").exclude(type__in=JOBS)
    rows = _first(
        found.filter(pk__in=_exact_assets(text, named)),
        found.filter(name__icontains=text).order_by("name", "id"),
    )
    return _group(
        "Assets", "inventory_asset", text, rows,
        lambda url, row: Found(url, row.name, _kind_of(row), _why(text, name=row.name)),
    )  # fmt: skip


def _kind_of(asset: Asset) -> str:
    return ", ".join(
        filter(None, (asset.type.label, str(asset.application or ""), asset.qualifier.strip("-")))
    )


def _jobs(text: str, named: Mapping[UUID, str]) -> Group:
    """Jobs of that name, and jobs that run what has it."""
    runs = live_relations().filter(
        kind__in=("executes", "invokes_proc", "uses_parm"), target__in=named, source__type__in=JOBS
    )
    run_by: dict[UUID, str] = {}
    for pk, kind, name in runs.order_by("source__name").values_list(
        "source", "kind", "target__name"
    )[:MOST_NAMED]:
        run_by.setdefault(pk, f"{RELATION_KINDS[kind]} {name}")
    found = Asset.objects.select_related("type", "application").filter(type__in=JOBS)
    rows = _first(
        found.filter(pk__in=_exact_assets(text, named)),
        found.filter(Q(pk__in=run_by) | Q(name__icontains=text)).order_by("name", "id"),
    )
    return _group(
        "Jobs", "inventory_asset", text, rows,
        lambda url, row: Found(
            url, row.name, _kind_of(row), _why(text, name=row.name) or run_by.get(row.pk, "")
        ),
    )  # fmt: skip


def _changes(text: str, named: Mapping[UUID, str]) -> Group:
    exact = _exact_assets(text, named)
    newest = changes_with_people().order_by("-created_at", "-id")
    rows = _first(
        newest.filter(
            Q(code__in=_spelled(text))
            | Q(pk__in=ChangeAsset.objects.filter(asset__in=exact).values("change"))
        ),
        search_changes(text),
    )
    lines = ChangeAsset.objects.filter(change__in=rows, asset__name__icontains=text)
    scopes = dict(lines.order_by("-asset__name").values_list("change", "asset__name"))
    return _group(
        "Changes", "changes_changerequest", text, rows,
        lambda url, row: Found(
            url, row.code, row.title,
            _why(text, code=row.code, title=row.title)
            or f"{scopes.get(row.pk, text)} in its scope",
            row.state,
        ),
    )  # fmt: skip


def _packages(text: str, named: Mapping[UUID, str]) -> Group:
    def holding(assets: Collection[UUID]) -> Q:
        lines = PackageChange.objects.filter(change__assets__asset__in=assets)
        return Q(pk__in=lines.values("package"))

    newest = ReleasePackage.objects.order_by("-created_at", "-id")
    rows = _first(
        newest.filter(Q(code__in=_spelled(text)) | holding(_exact_assets(text, named))),
        newest.filter(
            Q(code__icontains=text)
            | Q(name__icontains=text)
            | Q(scm_package__icontains=text)
            | holding(named)
        ),
    )
    lines = PackageChange.objects.filter(package__in=rows, change__assets__asset__in=named)
    scopes = {
        package: f"{name} in the scope of {code}"
        for package, code, name in lines.order_by("-change__code").values_list(
            "package", "change__code", "change__assets__asset__name"
        )
    }
    return _group(
        "Packages", "releases_releasepackage", text, rows,
        lambda url, row: Found(
            url, row.code, row.name,
            _why(text, code=row.code, name=row.name, SCM_package=row.scm_package)
            or scopes.get(row.pk, ""),
            row.state,
        ),
    )  # fmt: skip


def _windows(text: str) -> Group:
    found = ReleaseWindow.objects.order_by("-opens_at")
    rows = _first(
        found.filter(code__in=_spelled(text)),
        found.filter(Q(code__icontains=text) | Q(name__icontains=text)),
    )
    return _group(
        "Windows", "windows_releasewindow", text, rows,
        lambda url, row: Found(
            url, row.code, row.name, _why(text, code=row.code, name=row.name), row.state
        ),
    )  # fmt: skip


def _activities(text: str, named: Mapping[UUID, str]) -> Group:
    targets = ActivityTarget.objects.filter(asset__in=named)
    rows = _first(
        Activity.objects.select_related("package", "window")
        .filter(Q(title__icontains=text) | Q(pk__in=targets.values("activity")))
        .order_by("-planned_start_at", "label")
    )
    aims = dict(
        targets.filter(activity__in=rows)
        .order_by("-asset__name")
        .values_list("activity", "asset__name")
    )
    return _group(
        "Steps", "releases_activity", text, rows,
        lambda url, row: Found(
            url, f"{(row.package or row.window).code} {row.label}", row.title,
            _why(text, title=row.title) or f"works on {aims.get(row.pk, text)}", row.state,
        ),
    )  # fmt: skip
