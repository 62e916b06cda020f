"""Series of windows in the console."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.postgres.fields import ArrayField
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from apps.console import display
from apps.console.admin import GovernedAdmin, PartInline
from apps.console.forms import words_input
from apps.console.page import Fact, Panel
from apps.console.site import site
from apps.inventory.policies import adding
from apps.windows.models import SeriesCutoff, WindowSeries
from apps.windows.moves import SERIES_MOVES
from apps.windows.policies import keep_series_blockers
from apps.windows.selectors import prospects, series_with_people
from apps.windows.services import series


class SeriesCutoffInline(PartInline):
    model = SeriesCutoff
    fields = ("kind", "label", "clock", "more_days", "is_hard")
    verbose_name_plural = "cut-offs"


def _coming(request: HttpRequest, obj: WindowSeries) -> dict[str, Any]:
    return {"coming": prospects(obj), "zone": obj.zone}


@admin.register(WindowSeries, site=site)
class WindowSeriesAdmin(GovernedAdmin):
    order = 4
    moves = SERIES_MOVES
    create_service = series.create_series
    edit_service = series.edit_series
    create_blockers = adding(keep_series_blockers, WindowSeries)
    edit_blockers = keep_series_blockers
    list_display = ("code", "name", "site", "sysplex", "recurrence", "horizon_days", "is_active")
    list_display_links = ("code",)
    list_filter = ("is_active", "site")
    list_select_related = ("site", "sysplex", "release_manager", "coordinator")
    search_fields = ("code__icontains", "name__icontains")
    ordering = ("code",)
    autocomplete_fields = ("sysplex", "release_manager", "coordinator")
    inlines = (SeriesCutoffInline,)
    export_fields = ("code", "name", "is_active", "site", "sysplex", "zone", "recurrence",
                     "first_day", "horizon_days", "opens_time", "closes_time",
                     "more_days")  # fmt: skip
    fieldsets = (
        (None, {"fields": (("code", "name"), ("site", "sysplex", "zone"),
                           ("window_type", "is_active"))}),
        ("Days", {"fields": ("recurrence", ("first_day", "horizon_days"), "left_out")}),
        ("Every window", {"fields": (("opens_time", "closes_time", "more_days"),
                                     ("may_overlap", "overlap_reason"),
                                     ("capacity_changes", "capacity_points"),
                                     ("max_parallel_packages", "capacity_minutes"),
                                     "reserve_percent", ("release_manager", "coordinator"),
                                     "bridge")}),
    )  # fmt: skip
    panels = (Panel("What comes", "windows/_prospects.html", _coming),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[WindowSeries]:
        return series_with_people()

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if isinstance(db_field, ArrayField):
            kwargs |= words_input(db_field)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def heading(self, obj: WindowSeries) -> SafeString:
        return display.joined(display.name(obj.code), obj.name)

    def subheading(self, obj: WindowSeries) -> str:
        return f"{obj.get_window_type_display()} windows at {obj.site.name}, {obj.zone}"

    def strip(self, request: HttpRequest, obj: WindowSeries) -> Sequence[Fact]:
        ahead = f"{obj.horizon_days} days ahead" if obj.horizon_days else "to the end of the rule"
        return (
            Fact("Days", display.name(obj.recurrence), f"from {obj.first_day}"),
            Fact("Open", f"{obj.opens_time:%H:%M} to {obj.closes_time:%H:%M}",
                 f"{obj.more_days} days later" if obj.more_days else obj.zone),
            Fact("Drafted", ahead),
            Fact("On", obj.sysplex or "the whole site", str(obj.site)),
            Fact("In force", "Yes" if obj.is_active else "No"),
        )  # fmt: skip
