"""Readiness in the console: read, never written."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString

from apps.console import display
from apps.console.admin import EvidenceAdmin, GovernedAdmin
from apps.console.page import Fact
from apps.console.site import site
from apps.gates.catalogue import GATE_BY_CODE
from apps.gates.domain.verdict import roles_in_words
from apps.gates.models import GateProfile, ReadinessItem
from apps.gates.services.profiles import create_profile, edit_profile, keep_profiles_blockers
from apps.inventory.policies import adding


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
    fields = ("subject_code", "gate", "level", "profile", "what_it_asks", "what_it_found",
              "who_may_waive", "owner", "owner_role", "attestation")  # fmt: skip
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
        return gate.help_text if gate else ""

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
        return roles_in_words(gate.waivable_by) if gate else ""


def _title(obj: ReadinessItem) -> str:
    gate = GATE_BY_CODE.get(obj.gate)
    return gate.title if gate else ""


@admin.register(GateProfile, site=site)
class GateProfileAdmin(GovernedAdmin):
    order = 2
    step_up = True
    create_service = create_profile
    edit_service = edit_profile
    create_blockers = adding(keep_profiles_blockers, GateProfile)
    edit_blockers = keep_profiles_blockers
    list_display = ("gate_named", "setting_shown", "for_whom", "reason", "is_active")
    list_display_links = ("gate_named",)
    list_filter = ("gate", "setting", "is_active")
    list_select_related = ("application",)
    search_fields = ("gate__iexact", "reason__icontains")
    ordering = ("gate", "pk")
    autocomplete_fields = ("application",)
    fields = ("gate", ("application", "risk_band"), ("setting", "is_active"), "reason")

    def heading(self, obj: GateProfile) -> SafeString:
        gate = GATE_BY_CODE.get(obj.gate)
        return display.joined(display.name(obj.gate), gate.title if gate else "")

    def subheading(self, obj: GateProfile) -> str:
        return f"{obj.get_setting_display()} for {self.for_whom(obj)}"

    @admin.display(description="Gate", ordering="gate")
    def gate_named(self, obj: GateProfile) -> SafeString:
        return self.heading(obj)

    @admin.display(description="For")
    def for_whom(self, obj: GateProfile) -> str:
        application = obj.application.code if obj.application else "every application"
        return f"{application} at {obj.risk_band} risk" if obj.risk_band else application

    @admin.display(description="Asked as", ordering="setting")
    def setting_shown(self, obj: GateProfile) -> str:
        return obj.get_setting_display()
