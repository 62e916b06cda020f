"""Deviations from the calendar in the console."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString

from apps.approvals.admin import AskableAdmin
from apps.approvals.selectors import all_slots
from apps.console import display
from apps.console.page import Fact, Panel
from apps.console.site import site
from apps.windows.domain.deviation import ROUTE
from apps.windows.models import WindowDeviation
from apps.windows.moves import DEVIATION_MOVES, DEVIATION_QUESTIONS
from apps.windows.policies import request_blockers
from apps.windows.services import deviations


def _signatures(request: HttpRequest, deviation: WindowDeviation) -> dict[str, Any]:
    return {"slots": list(all_slots(deviation.subject))}


@admin.register(WindowDeviation, site=site)
class WindowDeviationAdmin(AskableAdmin):
    """Asked for here for a window; for a package on its own page."""

    order = 3
    moves = DEVIATION_MOVES
    questions = DEVIATION_QUESTIONS
    route = ROUTE
    create_service = deviations.request_deviation
    create_blockers = request_blockers
    list_display = ("about_name", "rule", "state_shown", "starts", "requested_by")
    list_display_links = ("about_name",)
    list_filter = ("state", "rule")
    list_select_related = ("rule", "window", "requested_by")
    search_fields = ("about_name__icontains", "rule__code__icontains")
    ordering = ("-created_at", "-id")
    autocomplete_fields = ("rule", "window")
    fields = ("window", "rule", "reason")
    export_fields = ("about_name", "rule", "window", "state", "starts_at", "ends_at", "reason",
                     "requested_by", "decided_at", "used_at")  # fmt: skip
    panels = (Panel("Signatures", "changes/_signatures.html", _signatures),)

    def heading(self, obj: WindowDeviation) -> SafeString:
        return display.joined("Deviation of", display.name(obj.about_name))

    def subheading(self, obj: WindowDeviation) -> str:
        return f"From {obj.rule.name} ({obj.rule.code})"

    def strip(self, request: HttpRequest, obj: WindowDeviation) -> Sequence[Fact]:
        zone = obj.window.zone
        return (
            Fact("From", display.when(obj.starts_at, zone), f"in {obj.window.code}"),
            Fact("To", display.when(obj.ends_at, zone)),
            Fact("Asked for by", str(obj.requested_by), display.when(obj.created_at)),
            Fact("Decided", display.when(obj.decided_at)),
            Fact("Used", display.when(obj.used_at)),
        )

    @admin.display(description="State", ordering="state")
    def state_shown(self, obj: WindowDeviation) -> SafeString:
        return display.chip(obj.state)

    @admin.display(description="From", ordering="starts_at")
    def starts(self, obj: WindowDeviation) -> SafeString:
        return display.when(obj.starts_at, obj.window.zone)
