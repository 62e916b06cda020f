"""Readiness in the console: read, never written."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString

from apps.console import display
from apps.console.admin import EvidenceAdmin
from apps.console.page import Fact
from apps.console.site import site
from apps.gates.catalogue import GATE_BY_CODE
from apps.gates.models import ReadinessItem


@admin.register(ReadinessItem, site=site)
class ReadinessItemAdmin(EvidenceAdmin):
    order = 1
    list_display = ("item", "state_shown", "level", "due", "owner", "detail")
    list_display_links = ("item",)
    list_filter = ("state", "gate", "level")
    list_select_related = ("owner",)
    search_fields = ("subject_code__icontains", "gate__iexact")
    search_help_text = "Package or gate"
    ordering = ("subject_code", "gate")
    fields = ("subject_code", "gate", "level", "what_it_asks", "what_it_found", "who_may_waive",
              "owner", "owner_role")  # fmt: skip
    readonly_fields = ("what_it_asks", "what_it_found", "who_may_waive")
    export_fields = ("subject_code", "gate", "level", "state", "due_at", "owner", "detail",
                     "evaluated_at", "met_since")  # fmt: skip

    def heading(self, obj: ReadinessItem) -> SafeString:
        return display.joined(
            display.gate(obj.gate, obj.state), _title(obj), f"of {obj.subject_code}"
        )

    def strip(self, request: HttpRequest, obj: ReadinessItem) -> Sequence[Fact]:
        return (
            Fact("State", display.chip(obj.state), obj.get_level_display()),
            Fact("Due", display.when(obj.due_at)),
            Fact("Owner", obj.owner or obj.owner_role.replace("_", " ")),
            Fact("Asked", display.when(obj.evaluated_at)),
            Fact("Met since", display.when(obj.met_since) if obj.met_since else "not met"),
        )

    @admin.display(description="Gate", ordering="gate")
    def item(self, obj: ReadinessItem) -> SafeString:
        return display.joined(display.name(obj.subject_code), display.name(obj.gate), _title(obj))

    @admin.display(description="State", ordering="state")
    def state_shown(self, obj: ReadinessItem) -> SafeString:
        return display.chip(obj.state)

    @admin.display(description="Due", ordering="due_at")
    def due(self, obj: ReadinessItem) -> SafeString:
        return display.when(obj.due_at)

    @admin.display(description="What must be true")
    def what_it_asks(self, obj: ReadinessItem) -> str:
        gate = GATE_BY_CODE.get(obj.gate)
        return gate.help if gate else ""

    @admin.display(description="What is missing")
    def what_it_found(self, obj: ReadinessItem) -> SafeString | str:
        if not obj.findings:
            return "Nothing"
        return display.lines(
            f"{found['text']} {found['fix']} ({found['who']})" for found in obj.findings
        )

    @admin.display(description="Who may waive it")
    def who_may_waive(self, obj: ReadinessItem) -> str:
        gate = GATE_BY_CODE.get(obj.gate)
        if gate is None:
            return ""
        return " and ".join(role.replace("_", " ") for role in gate.waivable_by) or "nobody"


def _title(obj: ReadinessItem) -> str:
    gate = GATE_BY_CODE.get(obj.gate)
    return gate.title if gate else ""
