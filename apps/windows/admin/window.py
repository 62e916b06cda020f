"""Release windows in the console."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.console import display
from apps.console.admin import GovernedAdmin, PartInline
from apps.console.page import Fact, Panel
from apps.console.site import site
from apps.evidence.models import GovernedModel
from apps.windows.domain import lifecycle as life
from apps.windows.domain.calendar import Work, holding
from apps.windows.domain.lifecycle import ROUTE
from apps.windows.models import Cutoff, ReleaseWindow
from apps.windows.moves import WINDOW_MOVES
from apps.windows.policies import create_blockers, edit_blockers, overlapping
from apps.windows.selectors import (
    capacity_use,
    deviations_about,
    spans_between,
    windows_with_people,
)
from apps.windows.services import planning


class CutoffInline(PartInline):
    model = Cutoff
    fields = ("kind", "label", "at", "is_hard")
    verbose_name_plural = "cut-offs"


def _over_it(request: HttpRequest, window: ReleaseWindow) -> dict[str, Any] | None:
    """Which rules of the calendar and which other windows are over a window to come."""
    if window.state in (life.CLOSED, life.CANCELLED):
        return None
    spans = spans_between(window.opens_at, window.closes_at)
    work = Work(window.site.code)
    return {
        "spans": holding(spans, work, window.opens_at, window.closes_at),
        "meets": () if window.may_overlap else list(overlapping(window)),
        "series": window.series,
    }


def deviations_panel(request: HttpRequest, obj: GovernedModel) -> dict[str, Any] | None:
    """The deviations of a window, or of a package."""
    found = list(deviations_about(obj.subject))
    return {"deviations": found} if found else None


@admin.register(ReleaseWindow, site=site)
class WindowAdmin(GovernedAdmin):
    order = 1
    moves = WINDOW_MOVES
    route = ROUTE
    create_service = planning.create_window
    edit_service = planning.edit_window
    create_blockers = create_blockers
    edit_blockers = edit_blockers
    list_display = ("code_and_name", "state_shown", "opens", "cutoff", "fullest", "site",
                    "coordinator")  # fmt: skip
    list_display_links = ("code_and_name",)
    list_filter = ("state", "window_type", "site")
    list_select_related = ("site", "sysplex", "series", "coordinator", "release_manager")
    search_fields = ("code__icontains", "name__icontains")
    ordering = ("-opens_at", "code")
    autocomplete_fields = ("sysplex", "release_manager", "coordinator")
    inlines = (CutoffInline,)
    export_fields = ("code", "name", "state", "site", "window_type", "opens_at", "closes_at",
                     "capacity_changes", "booked_changes", "capacity_points", "booked_points",
                     "max_parallel_packages", "booked_packages")  # fmt: skip
    fieldsets = (
        (None, {"fields": (("code", "name"), ("site", "sysplex", "zone"), "window_type",
                           ("may_overlap", "overlap_reason"))}),
        ("When", {"fields": (("opens_at", "closes_at"),
                             ("scope_lock_at", "readiness_deadline_at"))}),
        ("Capacity", {"fields": (("capacity_changes", "capacity_points"),
                                 ("max_parallel_packages", "capacity_binds"),
                                 ("capacity_minutes", "reserve_percent"))}),
        ("The night", {"fields": (("release_manager", "coordinator"), "bridge",
                                  ("decide_minutes", "verify_after_backout_minutes"),
                                  "safety")}),
    )  # fmt: skip
    panels = (
        Panel("Calendar", "windows/_over_it.html", _over_it, side=True),
        Panel("Deviations", "windows/_deviations.html", deviations_panel, side=True),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReleaseWindow]:
        return windows_with_people()

    def heading(self, obj: ReleaseWindow) -> SafeString:
        return display.joined(display.name(obj.code), obj.name)

    def subheading(self, obj: ReleaseWindow) -> str:
        return f"{obj.get_window_type_display()} window at {obj.site.name}, {obj.zone}"

    def strip(self, request: HttpRequest, obj: ReleaseWindow) -> Sequence[Fact]:
        return (
            Fact("Opens", display.when(obj.opens_at, obj.zone)),
            Fact("Cut-off", display.when(obj.effective_cutoff, obj.zone),
                 f"{obj.cutoff_cause}; closes {display.local(obj.closes_at, obj.zone)}"),
            Fact("Scope locks",
                 display.when(obj.scope_lock_at, obj.zone) if obj.scope_lock_at else "by hand"),
            *(
                Fact(use.unit.capitalize(), display.bar(float(use.booked), float(use.limit)),
                     f"{use.booked.normalize():f} of {use.limit.normalize():f}")
                for use in capacity_use(obj)
            ),
            Fact("Coordinator", obj.coordinator or "nobody",
                 f"release manager {obj.release_manager or 'nobody'}"),
            Fact("Bridge", obj.bridge or "none"),
        )  # fmt: skip

    @admin.display(description="Window", ordering="code")
    def code_and_name(self, obj: ReleaseWindow) -> SafeString:
        return display.joined(display.name(obj.code), obj.name)

    @admin.display(description="State", ordering="state")
    def state_shown(self, obj: ReleaseWindow) -> SafeString:
        return display.chip(obj.state)

    @admin.display(description="Opens", ordering="opens_at")
    def opens(self, obj: ReleaseWindow) -> SafeString:
        return display.when(obj.opens_at, obj.zone)

    @admin.display(description="Cut-off")
    def cutoff(self, obj: ReleaseWindow) -> SafeString:
        moved = obj.tightest_cutoff.expected_at is not None
        return display.joined(
            display.local(obj.effective_cutoff, obj.zone),
            display.titled("moved", obj.cutoff_cause) if moved else "",
        )

    @admin.display(description="Fullest")
    def fullest(self, obj: ReleaseWindow) -> SafeString:
        use = max(capacity_use(obj), key=lambda use: use.percent)
        return format_html("{} % of {}", use.percent, use.unit)
