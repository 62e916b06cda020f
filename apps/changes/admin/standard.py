"""Standard changes in the console."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString

from apps.approvals.admin import AskableAdmin
from apps.changes.domain.standard import BAD_WITHIN, ROUTE
from apps.changes.models import StandardTemplate
from apps.changes.moves import STANDARD_MOVES, STANDARD_QUESTIONS
from apps.changes.policies import edit_proposal_blockers, propose_blockers
from apps.changes.selectors import bad_outcomes, standard_templates
from apps.changes.services import templates
from apps.console import display
from apps.console.page import Fact, Panel
from apps.console.site import site


def _bad(request: HttpRequest, template: StandardTemplate) -> dict[str, Any] | None:
    bad = bad_outcomes(template)
    if not bad and not template.suspended_because:
        return None
    return {
        "bad": bad,
        "because": template.suspended_because,
        "days": BAD_WITHIN.days,
        "changes_url": reverse("admin:changes_changerequest_changelist"),
    }


@admin.register(StandardTemplate, site=site)
class StandardTemplateAdmin(AskableAdmin):
    order = 3
    moves = STANDARD_MOVES
    questions = STANDARD_QUESTIONS
    route = ROUTE
    create_service = templates.propose_template
    edit_service = templates.edit_template
    create_blockers = propose_blockers
    edit_blockers = edit_proposal_blockers
    list_display = ("code", "name", "state_shown", "application", "went", "max_assets",
                    "max_risk", "approved_until")  # fmt: skip
    list_filter = ("state", "max_risk")
    list_select_related = ("application", "proposed_by", "approved_by")
    search_fields = ("code__icontains", "name__icontains")
    autocomplete_fields = ("application",)
    export_fields = ("code", "name", "state", "application", "max_assets", "max_risk",
                     "approved_until", "suspended_because")  # fmt: skip
    fields = ("code", "name", "application", "families", "asset_types", "activity_types",
              "max_assets", "max_risk", "approved_until")  # fmt: skip
    panels = (Panel("Bad outcomes", "changes/_bad_outcomes.html", _bad),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[StandardTemplate]:
        return standard_templates()

    def heading(self, obj: StandardTemplate) -> SafeString:
        return display.joined(display.name(obj.code), obj.name)

    def subheading(self, obj: StandardTemplate) -> str:
        by = f"proposed by {obj.proposed_by}" if obj.proposed_by else "registered"
        return f"Standard change, {by}"

    def strip(self, request: HttpRequest, obj: Any) -> Sequence[Fact]:
        return (
            Fact("Went well", str(obj.succeeded), "closed without a fault"),
            Fact("Went badly", str(obj.went_bad), "failed or backed out"),
            Fact("Approved by", str(obj.approved_by or "nobody yet"),
                 display.when(obj.active_since) if obj.active_since else ""),
            Fact("Approved until", display.when(obj.approved_until)),
            Fact("Limits", f"{obj.max_assets} asset{'s'[: obj.max_assets != 1]} of "
                 f"{', '.join(obj.families) or 'any family'}",
                 f"up to {obj.max_risk} risk"),
        )  # fmt: skip

    @admin.display(description="State", ordering="state")
    def state_shown(self, obj: StandardTemplate) -> SafeString:
        return display.chip(obj.state)

    @admin.display(description="Went well / badly")
    def went(self, obj: Any) -> str:
        return f"{obj.succeeded} / {obj.went_bad}"
