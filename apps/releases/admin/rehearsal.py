"""Rehearsals in the console."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString

from apps.console import display
from apps.console.admin import GovernedAdmin
from apps.console.page import Fact, Panel
from apps.console.site import site
from apps.releases.domain import lifecycle as life
from apps.releases.models import Rehearsal
from apps.releases.moves.rehearsal import REHEARSAL_MOVES
from apps.releases.policies import rehearsal as rules
from apps.releases.services import rehearsals


def _steps(request: HttpRequest, rehearsal: Rehearsal) -> dict[str, Any]:
    return {"steps": list(rehearsal.steps.select_related("team"))}


@admin.register(Rehearsal, site=site)
class RehearsalAdmin(GovernedAdmin):
    order = 8
    moves = REHEARSAL_MOVES
    route = (life.PLANNED, life.IN_PROGRESS, life.COMPLETED)
    create_service = rehearsals.plan_rehearsal
    create_blockers = rules.plan_blockers
    list_display = ("package_shown", "environment", "state_shown", "led_by", "ended")
    list_display_links = ("package_shown",)
    list_filter = ("state", "environment")
    list_select_related = ("package", "led_by")
    search_fields = ("package__code__icontains", "environment__icontains")
    ordering = ("-created_at", "-id")
    autocomplete_fields = ("package",)
    fields = ("package", "environment")
    export_fields = ("package", "environment", "state", "led_by", "started_at", "ended_at")
    panels = (Panel("Steps as rehearsed", "releases/_rehearsed.html", _steps, wide=True),)

    def heading(self, obj: Rehearsal) -> str:
        return str(obj)

    def subheading(self, obj: Rehearsal) -> str:
        return f"{obj.package.name}. A rehearsal: nothing of it counts for the night."

    def strip(self, request: HttpRequest, obj: Rehearsal) -> Sequence[Fact]:
        return (
            Fact(
                "Package",
                display.name(obj.package.code),
                obj.package.get_state_display(),
                reverse("admin:releases_releasepackage_change", args=[obj.package_id]),
            ),
            Fact("Where", obj.environment),
            Fact("Led by", str(obj.led_by or "nobody yet")),
            Fact("Began", display.when(obj.started_at)),
            Fact("Ended", display.when(obj.ended_at)),
        )

    @admin.display(description="Package", ordering="package__code")
    def package_shown(self, obj: Rehearsal) -> SafeString:
        return display.joined(display.name(obj.package.code), obj.package.name)

    @admin.display(description="State", ordering="state")
    def state_shown(self, obj: Rehearsal) -> SafeString:
        return display.chip(obj.state, obj.get_state_display())

    @admin.display(description="Ended", ordering="ended_at")
    def ended(self, obj: Rehearsal) -> SafeString:
        return display.when(obj.ended_at)
