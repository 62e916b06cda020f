"""Findings in the console: auditors see all, everybody else what they answer for or may accept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.audit.domain import finding as life
from apps.audit.models import AuditFinding
from apps.audit.moves.workbench import FINDING_MOVES
from apps.audit.policies import finding as rules
from apps.audit.selectors.workbench import findings_seen_by, page_of
from apps.audit.services import findings
from apps.console import display
from apps.console.admin import GovernedAdmin
from apps.console.hooks import actor_of
from apps.console.page import Fact, Panel
from apps.console.site import site
from apps.core import clock


def _answer(request: HttpRequest, finding: AuditFinding) -> dict[str, Any] | None:
    if not finding.answer:
        return None
    return {"finding": finding}


@admin.register(AuditFinding, site=site)
class AuditFindingAdmin(GovernedAdmin):
    order = 12
    moves = FINDING_MOVES
    route = life.ROUTE
    create_service = findings.open_finding
    edit_service = findings.edit_finding
    create_blockers = rules.open_blockers
    edit_blockers = rules.edit_blockers
    list_display = ("code_shown", "state_shown", "concerns", "control", "owner", "due")
    list_display_links = ("code_shown",)
    list_filter = ("state", "control")
    list_select_related = ("owner", "population", "report", "answered_by", "closed_by")
    search_fields = ("code__istartswith", "about_name__icontains", "what__icontains")
    ordering = ("-created_at", "-id")
    autocomplete_fields = ("owner", "population")
    export_fields = ("code", "control", "about_name", "what", "owner", "due_at", "state", "answer",
                     "answered_by", "answered_at", "closed_by", "closed_at")  # fmt: skip
    fieldsets = (
        (None, {"fields": ("about_name", ("control", "population"), "what")}),
        ("Who answers", {"fields": (("owner", "due_at"),)}),
    )
    panels = (Panel("The answer", "audit/_answer.html", _answer),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditFinding]:
        return findings_seen_by(actor_of(request))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("about_name", "control", "population") if obj else ()

    def heading(self, obj: AuditFinding) -> SafeString:
        return display.joined(display.name(obj.code), obj.about_name)

    def subheading(self, obj: AuditFinding) -> str:
        return obj.what[:300]

    def strip(self, request: HttpRequest, obj: AuditFinding) -> Sequence[Fact]:
        source = obj.population or obj.report
        return (
            Fact("State", display.chip(obj.state), "overdue" if self.is_late(obj) else ""),
            Fact("Concerns", display.name(obj.about_name), obj.get_control_display(),
                 page_of(obj.fact or obj.about)),
            Fact("Owner", str(obj.owner), "answers for it"),
            Fact("Due", display.when(obj.due_at)),
            Fact("Found in", display.name(source.code) if source else "no population",
                 f"opened by {obj.opened_by}", page_of(source.subject) if source else ""),
            Fact("Closed", display.when(obj.closed_at) if obj.closed_at else "not yet",
                 str(obj.closed_by or "")),
        )  # fmt: skip

    def is_late(self, obj: AuditFinding) -> bool:
        return obj.state == life.OPEN and obj.due_at < clock.now()

    @admin.display(description="Finding", ordering="code")
    def code_shown(self, obj: AuditFinding) -> SafeString:
        return display.joined(display.name(obj.code), obj.what.partition("\n")[0][:100])

    @admin.display(description="State", ordering="state")
    def state_shown(self, obj: AuditFinding) -> SafeString:
        return display.chip(obj.state)

    @admin.display(description="Concerns", ordering="about_name")
    def concerns(self, obj: AuditFinding) -> SafeString:
        url = page_of(obj.fact or obj.about)
        shown = display.name(obj.about_name)
        return format_html('<a href="{}">{}</a>', url, shown) if url else shown

    @admin.display(description="Due", ordering="due_at")
    def due(self, obj: AuditFinding) -> SafeString:
        return display.when(obj.due_at)
