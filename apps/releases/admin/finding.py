"""Findings and rules in the console, and what packages show of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from apps.console import display
from apps.console.admin import GovernedAdmin
from apps.console.page import Fact, Panel
from apps.console.site import site
from apps.releases.models import Finding, Rule
from apps.releases.moves.finding import FINDING_MOVES
from apps.releases.policies.finding import keep_rules_blockers
from apps.releases.selectors import findings_with_rule
from apps.releases.services.rules import edit_rule

#: Assets of a finding that its page names; the list of a wide copybook is behind a link.
SHOWN_ASSETS = 200


def _concerns(request: HttpRequest, finding: Finding) -> dict[str, Any]:
    assets = list(
        finding.assets.select_related("type", "production_version").order_by("name", "id")[
            :SHOWN_ASSETS
        ]
    )
    return {
        "packages": list(finding.packages.select_related("window").order_by("code")),
        "changes": list(finding.changes.order_by("code")),
        "assets": assets,
        "more": finding.asset_count - len(assets),
    }


def _why(request: HttpRequest, finding: Finding) -> dict[str, Any]:
    return {"finding": finding, "rule": finding.rule}


@admin.register(Finding, site=site)
class FindingAdmin(GovernedAdmin):
    order = 5
    moves = FINDING_MOVES
    list_display = ("told", "rule_code", "severity_shown", "state_shown", "owner", "since")
    list_display_links = ("told",)
    list_filter = ("state", "rule__kind", "severity", "rule__code")
    list_select_related = ("rule", "owner")
    search_fields = ("text__icontains",)
    search_help_text = "Part of what was found, such as an asset or a package"
    ordering = ("-first_detected_at", "-id")
    export_fields = ("rule", "severity", "text", "state", "owner", "remark", "first_detected_at",
                     "last_seen_at")  # fmt: skip
    fields = ("remark",)
    panels = (
        Panel("What it concerns", "releases/_finding_concerns.html", _concerns),
        Panel("The rule", "releases/_finding_rule.html", _why, side=True),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Finding]:
        return findings_with_rule()

    def heading(self, obj: Finding) -> SafeString:
        return display.joined(display.name(obj.rule.code), obj.rule.title)

    def subheading(self, obj: Finding) -> str:
        return obj.text

    def strip(self, request: HttpRequest, obj: Finding) -> Sequence[Fact]:
        seen = display.when(obj.last_seen_at)
        return (
            Fact("Severity", display.severity(obj.severity), obj.rule.get_kind_display()),
            Fact("State", display.chip(obj.state), "found now" if obj.is_detected else "gone"),
            Fact("Owner", str(obj.owner or "nobody")),
            Fact("First found", display.when(obj.first_detected_at)),
            Fact("Last found", seen),
            Fact("Assets", f"{obj.asset_count:,}"),
        )

    @admin.display(description="Finding")
    def told(self, obj: Finding) -> str:
        return obj.text

    @admin.display(description="Rule", ordering="rule__code")
    def rule_code(self, obj: Finding) -> SafeString:
        return display.titled(display.name(obj.rule.code), obj.rule.title)

    @admin.display(description="Severity", ordering="severity")
    def severity_shown(self, obj: Finding) -> SafeString:
        return display.severity(obj.severity)

    @admin.display(description="State", ordering="state")
    def state_shown(self, obj: Finding) -> SafeString:
        return display.chip(obj.state)

    @admin.display(description="Found", ordering="first_detected_at")
    def since(self, obj: Finding) -> SafeString:
        return display.when(obj.first_detected_at)


@admin.register(Rule, site=site)
class RuleAdmin(GovernedAdmin):
    order = 9
    edit_service = edit_rule
    edit_blockers = keep_rules_blockers
    list_display = ("code_and_title", "kind", "severity_shown", "waivable", "is_active")
    list_display_links = ("code_and_title",)
    list_filter = ("kind", "severity", "is_active")
    list_select_related = ()
    search_fields = ("code__icontains", "title__icontains")
    ordering = ("code",)
    fieldsets = (
        (None, {"fields": ("title", "condition", "requirement", "symptom")}),
        ("Weight", {"fields": (("severity", "is_active"), "waivable_by")}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Rule | None = None) -> Any:
        """A rule of order is never waived: it is narrowed."""
        if obj is None or obj.kind != Rule.Kind.ORDERING:
            return self.fieldsets
        weight = {"fields": (("severity", "is_active"), "narrowed_to")}
        return (self.fieldsets[0], ("Weight", weight))

    def heading(self, obj: Rule) -> SafeString:
        return display.joined(display.name(obj.code), obj.title)

    def strip(self, request: HttpRequest, obj: Rule) -> Sequence[Fact]:
        facts = (
            Fact("Severity", display.severity(obj.severity), obj.get_kind_display()),
            Fact("Version", obj.evidence_seq, display.when(obj.changed_at)),
        )
        if obj.kind == Rule.Kind.ORDERING:
            return facts
        live = obj.findings.filter(state__in=["open", "acknowledged"]).count()
        return (*facts, Fact("Findings", f"{live:,}", "open or acknowledged"))

    @admin.display(description="Rule", ordering="code")
    def code_and_title(self, obj: Rule) -> SafeString:
        return display.joined(display.name(obj.code), obj.title)

    @admin.display(description="Severity", ordering="severity")
    def severity_shown(self, obj: Rule) -> SafeString:
        return display.severity(obj.severity)

    @admin.display(description="Waivable by")
    def waivable(self, obj: Rule) -> str:
        return "" if obj.kind == Rule.Kind.ORDERING else obj.waivable_by or "nobody"
