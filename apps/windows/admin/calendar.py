"""The rules of the calendar in the console."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.contrib.postgres.fields import ArrayField
from django.http import HttpRequest
from django.utils.safestring import SafeString

from apps.console import display
from apps.console.admin import GovernedAdmin
from apps.console.forms import words_input
from apps.console.page import Fact, Panel
from apps.console.site import site
from apps.core import clock
from apps.inventory.policies import adding
from apps.windows.models import CalendarRule
from apps.windows.policies import keep_calendar_blockers
from apps.windows.selectors import spans_of_rule
from apps.windows.services import calendar

#: What the page of a rule shows of its spans: so many, of so long.
SHOWN_SPANS, AHEAD = 6, timedelta(days=400)


def _spans(request: HttpRequest, rule: CalendarRule) -> dict[str, Any]:
    now = clock.now()
    found = spans_of_rule(rule, now, now + AHEAD)
    return {
        "spans": [
            (display.when(span.starts_at, rule.zone), display.local(span.ends_at, rule.zone))
            for span in found[:SHOWN_SPANS]
        ],
        "zone": rule.zone,
    }


@admin.register(CalendarRule, site=site)
class CalendarRuleAdmin(GovernedAdmin):
    order = 2
    create_service = calendar.create_rule
    edit_service = calendar.edit_rule
    create_blockers = adding(keep_calendar_blockers, CalendarRule)
    edit_blockers = keep_calendar_blockers
    list_display = ("code", "name", "kind", "strength", "site", "days", "is_active")
    list_display_links = ("code",)
    list_filter = ("kind", "strength", "is_active", "site")
    list_select_related = ("site",)
    search_fields = ("code__icontains", "name__icontains")
    ordering = ("code",)
    fieldsets = (
        (None, {"fields": (("code", "name"), ("kind", "strength"), "reason", "is_active")}),
        ("Days", {"fields": (("site", "zone"), "recurrence", ("first_day", "last_day"), "dates",
                             ("starts_time", "ends_time"), "roll",
                             ("before_days", "after_days"))}),
        ("For whom", {"fields": ("applications", "services", "families", "allows")}),
    )  # fmt: skip
    panels = (Panel("What comes", "windows/_spans.html", _spans, side=True),)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if isinstance(db_field, ArrayField):
            kwargs |= words_input(db_field)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def heading(self, obj: CalendarRule) -> SafeString:
        return display.joined(display.name(obj.code), obj.name)

    def subheading(self, obj: CalendarRule) -> str:
        return obj.reason

    def strip(self, request: HttpRequest, obj: CalendarRule) -> Sequence[Fact]:
        scope = [*obj.applications, *obj.services, *obj.families]
        return (
            Fact("Kind", obj.get_kind_display()),
            Fact("Strength", *obj.get_strength_display().split(": ")),
            Fact("At", obj.site or "every site", obj.zone),
            Fact("For", ", ".join(scope) or "everything"),
            Fact("Lets pass", ", ".join(obj.allows) or "nothing"),
            Fact("In force", "Yes" if obj.is_active else "No"),
        )

    @admin.display(description="Days")
    def days(self, obj: CalendarRule) -> str:
        return obj.recurrence or ", ".join(obj.dates[:3])
