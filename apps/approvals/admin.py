"""Signatures in the console: to be read, never written here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString

from apps.approvals.models import Approval, Obligation
from apps.approvals.moves import OBLIGATION_MOVES
from apps.approvals.selectors import all_slots
from apps.console import display
from apps.console.admin import AboutRecords, EvidenceAdmin, GovernedAdmin
from apps.console.page import Fact, Panel
from apps.console.site import site


def _decisions(request: HttpRequest, approval: Approval) -> dict[str, Any]:
    return {"slots": [slot for slot in all_slots(approval.about) if slot.pk == approval.pk]}


@admin.register(Approval, site=site)
class ApprovalAdmin(AboutRecords, EvidenceAdmin):
    order = 2
    list_display = ("label", "record", "state_shown", "quorum", "requested")
    list_filter = ("state",)
    list_select_related = ()
    search_fields = ("label__icontains", "about")
    fields = ("label", "because", "quorum", "policy_version", "content_digest",
              "closed_reason")  # fmt: skip
    panels = (Panel("Decisions", "changes/_signatures.html", _decisions),)

    def strip(self, request: HttpRequest, obj: Approval) -> Sequence[Fact]:
        return (
            self.about_fact(obj),
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


@admin.register(Obligation, site=site)
class ObligationAdmin(AboutRecords, GovernedAdmin):
    """A condition is set by a signature and met with proof, never edited."""

    order = 4
    moves = OBLIGATION_MOVES
    list_display = ("text", "record", "state_shown", "owner", "due", "set_by")
    list_filter = ("state",)
    list_select_related = ("owner", "set_by", "met_by", "approval")
    search_fields = ("text__icontains", "about", "owner__username")
    ordering = ("-created_at", "-id")
    fields = ("text", "approval", "set_by", "owner", "due_at", "proof", "closed_reason")

    def heading(self, obj: Obligation) -> str:
        return f"Condition: {obj.text}"

    def subheading(self, obj: Obligation) -> str:
        return f"Set by {obj.set_by}, {obj.approval.label}"

    def strip(self, request: HttpRequest, obj: Obligation) -> Sequence[Fact]:
        return (
            self.about_fact(obj),
            Fact("Meets it", str(obj.owner)),
            Fact("Until", display.when(obj.due_at) if obj.due_at else "before the work starts"),
            Fact("Met", display.when(obj.met_at) if obj.met_at else "not yet",
                 f"by {obj.met_by}" if obj.met_by else ""),
        )  # fmt: skip

    @admin.display(description="State", ordering="state")
    def state_shown(self, obj: Obligation) -> SafeString:
        return display.chip(obj.state)

    @admin.display(description="Until", ordering="due_at")
    def due(self, obj: Obligation) -> SafeString | str:
        return display.when(obj.due_at) if obj.due_at else "before the work starts"
