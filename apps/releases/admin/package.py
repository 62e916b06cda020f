"""Packages in the console, and what windows show of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString

from apps.changes.pictures import risk_picture
from apps.changes.selectors import assessments_about
from apps.console import display
from apps.console.admin import GovernedAdmin, PartInline
from apps.console.hooks import actor_of
from apps.console.page import Fact, Link, Panel
from apps.console.site import site
from apps.gates.catalogue import GATE_BY_CODE
from apps.gates.selectors import summary
from apps.inventory.selectors import scm_packages_called
from apps.releases.admin.outcome import first_cycle_panel, go_no_go_panel, way_back_panel
from apps.releases.admin.plan_template import template_page
from apps.releases.admin.telling import TELLING_PANELS
from apps.releases.admin.waiver import package_waivers, window_waivers
from apps.releases.domain.alerts import STANDING
from apps.releases.domain.lifecycle import (
    COMPLETED,
    DELAYED,
    EDITABLE,
    FAILED,
    LIVE,
    PACKAGE_ROUTE,
    PLANNED,
)
from apps.releases.models import Alert, Finding, PackageChange, PackageDependency, ReleasePackage
from apps.releases.moves.night import WINDOW_NIGHT_MOVES
from apps.releases.moves.package import PACKAGE_MOVES
from apps.releases.moves.room import WINDOW_ROOM_MOVES, codes_of
from apps.releases.pictures import (
    picture_of_package,
    picture_of_window,
    step_order_picture,
)
from apps.releases.policies.finding import lines_of
from apps.releases.policies.package import create_blockers, edit_blockers
from apps.releases.policies.package_facts import work_of
from apps.releases.policies.scope_steps import proposals_for
from apps.releases.selectors import (
    acknowledgement_of,
    checks_of,
    live_findings,
    packages_of_window,
    packages_with_counts,
    plan_of,
    readiness_of,
    settled_findings,
    weight_in_words,
)
from apps.releases.services import package_content as content
from apps.releases.services.risk import reckon_package
from apps.releases.services.window_ledger import ledger_of
from apps.windows.admin import WindowAdmin, deviations_panel
from apps.windows.models import ReleaseWindow
from apps.windows.moves import WINDOW_MOVES


class MemberInline(PartInline):
    model = PackageChange
    fields = ("change",)
    autocomplete_fields = ("change",)
    verbose_name = "change"
    verbose_name_plural = "changes"

    def get_queryset(self, request: HttpRequest) -> QuerySet[PackageChange]:
        return super().get_queryset(request).select_related("change")


class DependencyInline(PartInline):
    model = PackageDependency
    fk_name = "package"
    fields = ("predecessor", "reason")
    autocomplete_fields = ("predecessor",)
    verbose_name = "package that comes first"
    verbose_name_plural = "packages that come first"

    def get_queryset(self, request: HttpRequest) -> QuerySet[PackageDependency]:
        return super().get_queryset(request).select_related("predecessor")


def _gates(request: HttpRequest, package: ReleasePackage) -> dict[str, Any] | None:
    """What applies, with its words; the codes of what does not."""
    items = list(readiness_of(package))
    for item in items:
        gate = GATE_BY_CODE.get(item.gate)
        item.title = gate.title if gate else item.gate  # type: ignore[attr-defined]
        item.acknowledged = acknowledgement_of(item, package)  # type: ignore[attr-defined]
    asked = [item for item in items if item.state != item.State.NOT_APPLICABLE]
    others = [item.gate for item in items if item.state == item.State.NOT_APPLICABLE]
    return {"items": asked, "others": others} if items else None


def _gates_in_words(package: ReleasePackage) -> str:
    waived = summary(package.subject).waived
    return f"met, {waived} waived" if waived else "met"


def _plan(request: HttpRequest, package: ReleasePackage) -> dict[str, Any] | None:
    lines = plan_of(package)
    zone = package.window.zone if package.window else None
    return {"lines": lines, "zone": zone} if lines else None


def _picture(request: HttpRequest, package: ReleasePackage) -> dict[str, Any] | None:
    picture = picture_of_package(package)
    return {"picture": picture} if picture else None


def _sequence(request: HttpRequest, about: ReleasePackage | ReleaseWindow) -> dict[str, Any] | None:
    order = step_order_picture(about)
    window = about if isinstance(about, ReleaseWindow) else about.window
    return {"order": order, "zone": window.zone if window else None} if order else None


def _scope_steps(request: HttpRequest, package: ReleasePackage) -> dict[str, Any] | None:
    """While the plan can be edited: what its scope asks for and it does not have."""
    if package.state not in EDITABLE:
        return None
    address = reverse("admin:releases_releasepackage_template", args=[package.pk])
    return {"proposals": proposals_for(package), "template_url": address}


def _checks(request: HttpRequest, package: ReleasePackage) -> dict[str, Any] | None:
    checks = checks_of(package)
    return {"checks": checks} if checks else None


#: Settled findings that a package's page still shows.
SHOWN_SETTLED = 10


def _live(package: ReleasePackage) -> list[Finding]:
    """Read once for the strip and the panel of one page."""
    known: list[Finding] | None = package.__dict__.get("_live_findings")
    if known is None:
        known = package.__dict__["_live_findings"] = list(live_findings(package))
    return known


def _findings(request: HttpRequest, package: ReleasePackage) -> dict[str, Any] | None:
    actor = actor_of(request)
    live = lines_of(actor, _live(package))
    settled = lines_of(actor, settled_findings(package)[:SHOWN_SETTLED])
    return {"lines": live, "settled": settled} if live or settled else None


def _scm(request: HttpRequest, package: ReleasePackage) -> dict[str, Any] | None:
    told = list(scm_packages_called(package.scm_package)) if package.scm_package else []
    return {"packages": told} if told else None


def _risk(request: HttpRequest, package: ReleasePackage) -> dict[str, Any] | None:
    """What was found when it was confirmed and started; before that, what would be found now."""
    kept = list(assessments_about(package.subject))
    is_coming = not kept and package.state in (PLANNED, DELAYED)
    picture = risk_picture([reckon_package(package, "confirm")] if is_coming else kept)
    return {"picture": picture, "as_now": is_coming} if picture else None


def _backout(request: HttpRequest, package: ReleasePackage) -> dict[str, Any] | None:
    plan = work_of(package).backout_plan
    return {"plan": plan} if plan else None


def _what_happened(request: HttpRequest, package: ReleasePackage) -> dict[str, Any] | None:
    """Why it did not go its usual way, in the words of who said so."""
    is_delayed = package.state == DELAYED and bool(package.delay_text)
    if not (is_delayed or package.failure_text):
        return None
    return {"package": package, "is_delayed": is_delayed}


def _night_links(window: ReleaseWindow | None) -> Sequence[Link]:
    """Into the night while it runs."""
    if window is None or window.state != "in_progress":
        return ()
    return (
        Link("Command centre", reverse("window_live", args=[window.pk]), "live"),
        Link("Decide", reverse("decide", args=[window.pk]), "sign"),
    )


@admin.register(ReleasePackage, site=site)
class PackageAdmin(GovernedAdmin):
    order = 1
    moves = PACKAGE_MOVES
    route = PACKAGE_ROUTE
    create_service = content.create_package
    edit_service = content.edit_package
    create_blockers = create_blockers
    edit_blockers = edit_blockers
    list_display = ("code_and_name", "state_shown", "risk_shown", "gates", "steps", "window",
                    "coordinator")  # fmt: skip
    list_display_links = ("code_and_name",)
    list_filter = ("state", "kind", "risk_band", "window")
    list_select_related = ("window", "owner", "coordinator")
    search_fields = ("code__icontains", "name__icontains")
    search_help_text = "Code or name"
    ordering = ("-created_at", "-id")
    autocomplete_fields = ("window", "owner", "coordinator", "retry_of")
    inlines = (MemberInline, DependencyInline)
    export_fields = ("code", "name", "kind", "state", "outcome", "window", "risk_band", "points",
                     "owner", "coordinator", "created_at")  # fmt: skip
    fieldsets = (
        (None, {"fields": ("name", ("window", "kind"), ("owner", "coordinator"))}),
        ("More", {"fields": (("points", "scm_package"), ("incident_ref", "retry_of"))}),
    )
    panels = (
        Panel("What happened", "releases/_what_happened.html", _what_happened, wide=True),
        Panel("Waivers", "releases/_waivers.html", package_waivers, wide=True),
        Panel("Plan over time", "releases/_picture.html", _picture, wide=True),
        Panel("Findings", "releases/_findings.html", _findings),
        Panel("Plan", "releases/_plan.html", _plan),
        Panel("What the scope asks for", "releases/_scope_steps.html", _scope_steps),
        Panel("Order of the steps", "releases/_sequence.html", _sequence),
        Panel("Way back", "releases/_way_back.html", way_back_panel),
        Panel("Validation checks", "releases/_checks.html", _checks),
        Panel("Gates", "releases/_gates.html", _gates, side=True),
        Panel("Backout", "releases/_backout.html", _backout, side=True),
        Panel("Go / no-go", "releases/_go_no_go.html", go_no_go_panel, side=True),
        Panel("Deviations", "windows/_deviations.html", deviations_panel, side=True),
        Panel("Source code manager", "releases/_scm.html", _scm, side=True),
        *TELLING_PANELS,
        Panel("Risk score", "changes/_risk_scores.html", _risk, side=True),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReleasePackage]:
        return packages_with_counts()

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.template_view)
        name = "releases_releasepackage_template"
        return [path("<path:object_id>/template/", view, name=name), *super().get_urls()]

    def template_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        package = self.find(request, object_id)
        return template_page(request, package, self.address("change", package.pk))

    def heading(self, obj: ReleasePackage) -> SafeString:
        return display.joined(display.name(obj.code), obj.name)

    def subheading(self, obj: ReleasePackage) -> str:
        return f"{obj.get_kind_display()} package, coordinated by {obj.coordinator}"

    def links(self, request: HttpRequest, obj: ReleasePackage) -> Sequence[Link]:
        return _night_links(obj.window) if obj.state in (*LIVE, FAILED) else ()

    def route_for(self, obj: ReleasePackage) -> Sequence[str]:
        """What ended another way never was completed."""
        ended = obj.outcome or COMPLETED
        return [ended if state == COMPLETED else state for state in PACKAGE_ROUTE]

    def strip(self, request: HttpRequest, obj: ReleasePackage) -> Sequence[Fact]:
        window = obj.window
        cutoff = Fact("Cut-off", "None")
        if window is not None:
            limit = window.tightest_cutoff
            held = display.when(limit.holds_at, window.zone)
            cutoff = Fact("Cut-off", held, limit.told(window.zone))
        work = work_of(obj)
        done = sum(step.state in ("completed", "skipped") for step in work.forward)
        health, why = _health(obj)
        return (
            Fact("Health", health, why),
            Fact("Window", window.code if window else "None",
                 display.when(window.opens_at, window.zone) if window else "",
                 reverse("admin:windows_releasewindow_change", args=[window.pk]) if window else ""),
            cutoff,
            Fact("Risk", display.risk(None, obj.risk_band), f"{obj.points} points"),
            Fact("Gates", f"{obj.gates_met} of {obj.gates_total}", _gates_in_words(obj))
            if obj.gates_total else Fact("Gates", "Not asked"),
            Fact("Findings", len(_live(obj)), weight_in_words(_live(obj))),
            Fact("Steps", f"{done} of {len(work.forward)}", "done"),
            Fact("Owner", str(obj.owner), f"delayed {obj.delay_count} times" if obj.delay_count
                 else ""),
        )  # fmt: skip

    @admin.display(description="Package", ordering="code")
    def code_and_name(self, obj: ReleasePackage) -> SafeString:
        return display.joined(display.name(obj.code), obj.name)

    @admin.display(description="State", ordering="state")
    def state_shown(self, obj: ReleasePackage) -> SafeString:
        return display.chip(obj.outcome if obj.state == "closed" else obj.state)

    @admin.display(description="Risk", ordering="risk_band")
    def risk_shown(self, obj: ReleasePackage) -> SafeString | str:
        return display.risk(None, obj.risk_band) if obj.risk_band else ""

    @admin.display(description="Gates")
    def gates(self, obj: ReleasePackage) -> str:
        return f"{obj.gates_met} of {obj.gates_total}" if obj.gates_total else ""

    @admin.display(description="Steps")
    def steps(self, obj: Any) -> str:
        return f"{obj.done_count} of {obj.step_count}" if obj.step_count else ""


_HEALTH_LOOKS = {
    "green": ("completed", "done"), "amber": ("medium", "warn"), "red": ("failed", "fail"),
}  # fmt: skip


def _health(package: ReleasePackage) -> tuple[SafeString | str, str]:
    """Said while work goes on, and where it went wrong, with why; a package at rest shows how it
    ended. It is no better than what its night calls for."""
    decided = package.get_go_decision_display()
    why = " by ".join(filter(None, (decided, str(package.go_by or "")))) if decided else ""
    if package.state not in (*LIVE, FAILED):
        return display.chip(package.outcome or package.state), why
    health = ReleasePackage.Health(package.health)
    alert = _worst_alert(package) if health != health.RED else None
    if alert is not None:
        health, why = ReleasePackage.Health(alert.level), alert.text
    return display.tone_word(*_HEALTH_LOOKS[health], str(health.label)), why


def _worst_alert(package: ReleasePackage) -> Alert | None:
    """What calls for somebody in its night, and is about all of it or about a step of its own."""
    rows = Alert.objects.filter(
        Q(step__isnull=True) | Q(step__package=package), window=package.window_id,
        state__in=STANDING,
    )  # fmt: skip
    # "red" comes after "amber".
    return rows.order_by("-level", "-raised_at", "-pk").first()


def _packages(request: HttpRequest, window: ReleaseWindow) -> dict[str, Any] | None:
    packages = list(packages_of_window(window))
    return {"packages": packages} if packages else None


def _night(request: HttpRequest, window: ReleaseWindow) -> dict[str, Any] | None:
    picture = picture_of_window(window)
    return {"picture": picture} if picture else None


def _ledger(request: HttpRequest, window: ReleaseWindow) -> dict[str, Any]:
    ledger = ledger_of(window)
    codes = codes_of([held.subject for held in ledger.reservations])
    return {
        "ledger": ledger,
        "window": window,
        "reservations": [(codes.get(held.subject, ""), held) for held in ledger.reservations],
    }


site.unregister(ReleaseWindow)


@admin.register(ReleaseWindow, site=site)
class WindowNightAdmin(WindowAdmin):
    """The page of a window as its night needs it: with its packages and their moves."""

    # mypy takes the base's tuples for tuples of that length.
    moves = (*WINDOW_MOVES, *WINDOW_NIGHT_MOVES, *WINDOW_ROOM_MOVES)  # type: ignore[assignment]
    panels = (  # type: ignore[assignment]
        Panel("Waivers", "releases/_waivers.html", window_waivers, wide=True),
        Panel("The night by team", "releases/_picture.html", _night, wide=True),
        Panel("Packages", "releases/_packages.html", _packages),
        Panel("Go / no-go", "releases/_go_no_go.html", go_no_go_panel),
        Panel("First cycle", "releases/_first_cycle.html", first_cycle_panel),
        Panel("Capacity ledger", "releases/_ledger.html", _ledger),
        Panel("Order of the steps", "releases/_sequence.html", _sequence, wide=True),
        *WindowAdmin.panels,
        *TELLING_PANELS,
    )

    def links(self, request: HttpRequest, obj: ReleaseWindow) -> Sequence[Link]:
        return _night_links(obj)

    def strip(self, request: HttpRequest, obj: ReleaseWindow) -> Sequence[Fact]:
        plan = Fact("Plan", "Shortest plan", "what if, simulation, run-book",
                    reverse("window_plan", args=[obj.pk]))  # fmt: skip
        return (*super().strip(request, obj), plan)
