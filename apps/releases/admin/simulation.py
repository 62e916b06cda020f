"""Simulations in the console: to be read and repeated, never edited."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString

from apps.console import display
from apps.console.admin import EvidenceAdmin
from apps.console.page import Fact, Panel
from apps.console.site import site
from apps.releases.models import Simulation


def _durations(request: HttpRequest, kept: Simulation) -> dict[str, Any]:
    inputs = kept.rests_on
    used = [name for name, history in inputs.histories if history.is_used]
    return {
        "steps": inputs.steps,
        "used": used,
        "histories": [
            (name, history, [share / 10 for share in history.quantiles])
            for name, history in inputs.histories
        ],
    }


@admin.register(Simulation, site=site)
class SimulationAdmin(EvidenceAdmin):
    order = 7
    list_display = ("of_window", "reckoned", "seed", "trials", "in_time", "simulated_by")
    list_display_links = ("of_window",)
    list_filter = ("window",)
    list_select_related = ("window", "simulated_by")
    search_fields = ("window__code__istartswith",)
    search_help_text = "Code of the window"
    ordering = ("-created_at", "-id")
    fields = ("inputs_digest",)
    export_fields = ("id", "window", "seed", "trials", "inputs_digest", "outcome", "simulated_by",
                     "created_at")  # fmt: skip
    panels = (Panel("Durations that it rests on", "releases/_simulated.html", _durations),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Simulation]:
        return Simulation.objects.select_related("window", "simulated_by")

    def heading(self, obj: Simulation) -> str:
        return str(obj)

    def subheading(self, obj: Simulation) -> str:
        by = obj.simulated_by or "the system"
        return f"{obj.trials:,} nights, reckoned by {by}"

    def strip(self, request: HttpRequest, obj: Simulation) -> Sequence[Fact]:
        out, opens, zone = obj.told, obj.window.opens_at, obj.window.zone

        def at(minute: int) -> str:
            return display.hhmm(opens + timedelta(minutes=minute), zone)

        plan = f"{reverse('window_plan', args=[obj.window_id])}?repeat={obj.pk}"
        hangs = ", ".join(each.label for each in out.contributors)
        return (
            Fact("Window", display.name(obj.window.code), "repeat this", plan),
            Fact("In time", f"{out.in_time / out.trials:.1%}"),
            Fact("Backout still fits", f"{out.can_return / out.trials:.1%}"),
            Fact("Ends", at(out.p50), f"80 % by {at(out.p80)}, 95 % by {at(out.p95)}"),
            Fact("Hangs on", hangs or "no single step"),
            Fact("Reckoned", display.when(obj.created_at), f"seed {obj.seed}"),
        )

    @admin.display(description="Window", ordering="window")
    def of_window(self, obj: Simulation) -> SafeString:
        return display.name(obj.window.code)

    @admin.display(description="Reckoned", ordering="created_at")
    def reckoned(self, obj: Simulation) -> SafeString:
        return display.when(obj.created_at)

    @admin.display(description="In time")
    def in_time(self, obj: Simulation) -> str:
        out = obj.told
        return f"{out.in_time / out.trials:.0%}"
