"""Signatures in the console: to be read, never written here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString

from apps.approvals.models import Approval
from apps.approvals.selectors import all_slots
from apps.console import display
from apps.console.admin import EvidenceAdmin
from apps.console.page import Fact, Panel
from apps.console.site import site


def _decisions(request: HttpRequest, approval: Approval) -> dict[str, Any]:
    return {"slots": [slot for slot in all_slots(approval.about) if slot.pk == approval.pk]}


@admin.register(Approval, site=site)
class ApprovalAdmin(EvidenceAdmin):
    order = 2
    list_display = ("label", "about", "state_shown", "quorum", "requested")
    list_filter = ("state",)
    list_select_related = ()
    search_fields = ("label__icontains", "about")
    fields = ("label", "about", "because", "quorum", "policy_version", "content_digest",
              "closed_reason")  # fmt: skip
    panels = (Panel("Decisions", "changes/_signatures.html", _decisions),)

    def strip(self, request: HttpRequest, obj: Approval) -> Sequence[Fact]:
        return (
            Fact("State", display.chip(obj.state)),
            Fact("Quorum", f"{obj.quorum}", "different people"),
            Fact("Asked", display.when(obj.requested_at)),
        )

    @admin.display(description="State", ordering="state")
    def state_shown(self, obj: Approval) -> SafeString:
        return display.chip(obj.state)

    @admin.display(description="Asked", ordering="requested_at")
    def requested(self, obj: Approval) -> SafeString:
        return display.when(obj.requested_at)
