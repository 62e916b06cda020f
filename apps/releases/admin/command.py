"""Alerts and issues of nights in the console."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from apps.console import display
from apps.console.admin import GovernedAdmin
from apps.console.page import Fact
from apps.console.site import site
from apps.releases.models import Alert, RunIssue
from apps.releases.moves.command import ALERT_MOVES, RUN_ISSUE_MOVES
from apps.releases.policies.command import edit_issue_blockers, raise_issue_blockers
from apps.releases.services.run_issues import edit_issue, raise_issue

_LEVELS = {"amber": ("medium", "warn"), "red": ("failed", "stop")}
_SEVERITIES = {"stops": ("failed", "stop"), "hinders": ("medium", "warn"), "note": ("open", "info")}


@admin.register(Alert, site=site)
class AlertAdmin(GovernedAdmin):
    order = 10
    moves = ALERT_MOVES
    list_display = ("told", "of_window", "level_shown", "state_shown", "raised", "acknowledged_by")
    list_display_links = ("told",)
    list_filter = ("state", "level", "kind")
    list_select_related = ("window", "acknowledged_by")
    search_fields = ("window__code__istartswith", "text__icontains")
    search_help_text = "Code of the window, or part of the text"
    ordering = ("-raised_at", "-id")
    fields = ()
    export_fields = ("window", "kind", "level", "text", "since", "raised_at", "rung", "state",
                     "acknowledged_by", "acknowledged_at", "over_at")  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Alert]:
        return Alert.objects.select_related("window", "step", "acknowledged_by")

    def heading(self, obj: Alert) -> str:
        return obj.text

    def subheading(self, obj: Alert) -> str:
        return f"{obj.get_kind_display()}, {obj.window.code}"

    def strip(self, request: HttpRequest, obj: Alert) -> Sequence[Fact]:
        zone = obj.window.zone
        seen = display.when(obj.acknowledged_at, zone) if obj.acknowledged_at else "nobody yet"
        return (
            Fact("Level", _shown(_LEVELS, obj.level, obj.get_level_display())),
            Fact("State", display.chip(obj.state)),
            Fact("Window", display.name(obj.window.code)),
            Fact("Step", obj.step.label if obj.step else "none"),
            Fact("Since", display.when(obj.since, zone)),
            Fact("Acknowledged", seen, str(obj.acknowledged_by or "")),
        )

    @admin.display(description="Alert")
    def told(self, obj: Alert) -> str:
        return obj.text

    @admin.display(description="Window", ordering="window__code")
    def of_window(self, obj: Alert) -> SafeString:
        return display.name(obj.window.code)

    @admin.display(description="Level", ordering="level")
    def level_shown(self, obj: Alert) -> SafeString:
        return _shown(_LEVELS, obj.level, obj.get_level_display())

    @admin.display(description="State", ordering="state")
    def state_shown(self, obj: Alert) -> SafeString:
        return display.chip(obj.state)

    @admin.display(description="Raised", ordering="raised_at")
    def raised(self, obj: Alert) -> SafeString:
        return display.when(obj.raised_at, obj.window.zone)


@admin.register(RunIssue, site=site)
class RunIssueAdmin(GovernedAdmin):
    order = 11
    moves = RUN_ISSUE_MOVES
    create_service = raise_issue
    edit_service = edit_issue
    create_blockers = raise_issue_blockers
    edit_blockers = edit_issue_blockers
    list_display = ("title", "of_window", "severity_shown", "state_shown", "owner", "raised")
    list_display_links = ("title",)
    list_filter = ("state", "severity")
    list_select_related = ("window", "owner")
    search_fields = ("window__code__istartswith", "title__icontains")
    search_help_text = "Code of the window, or part of the title"
    ordering = ("-created_at", "-id")
    autocomplete_fields = ("window", "step", "owner")
    fields = (("window", "step"), "title", "detail", ("severity", "owner"))
    export_fields = ("window", "step", "title", "severity", "state", "owner", "raised_by",
                     "resolution", "created_at", "resolved_at")  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[RunIssue]:
        return RunIssue.objects.select_related("window", "step__package", "owner", "raised_by")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("window",) if obj else ()

    def strip(self, request: HttpRequest, obj: RunIssue) -> Sequence[Fact]:
        return (
            Fact("Severity", _shown(_SEVERITIES, obj.severity, obj.get_severity_display())),
            Fact("State", display.chip(obj.state)),
            Fact("Window", display.name(obj.window.code)),
            Fact("Owner", str(obj.owner or "nobody")),
            Fact("Raised", display.when(obj.created_at, obj.window.zone), str(obj.raised_by or "")),
            Fact("Solved by", obj.resolution or "not yet"),
        )

    @admin.display(description="Window", ordering="window__code")
    def of_window(self, obj: RunIssue) -> SafeString:
        return display.name(obj.window.code)

    @admin.display(description="Severity", ordering="severity")
    def severity_shown(self, obj: RunIssue) -> SafeString:
        return _shown(_SEVERITIES, obj.severity, obj.get_severity_display())

    @admin.display(description="State", ordering="state")
    def state_shown(self, obj: RunIssue) -> SafeString:
        return display.chip(obj.state)

    @admin.display(description="Raised", ordering="created_at")
    def raised(self, obj: RunIssue) -> SafeString:
        return display.when(obj.created_at, obj.window.zone)


def _shown(looks: dict[str, tuple[str, str]], code: str, word: str) -> SafeString:
    tone, icon = looks[code]
    return display.tone_word(tone, icon, word)
