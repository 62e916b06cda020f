"""The calendar in the programming interface."""

from __future__ import annotations

from rest_framework import serializers

from apps.core.api import Filter, WriteSerializer
from apps.evidence.api import Edits, GovernedSerializer, GovernedView
from apps.windows.domain.calendar import KINDS, STRENGTHS
from apps.windows.models import CalendarRule
from apps.windows.services import calendar

_ENTERED = ("code", "name", "kind", "strength", "is_active", "reason", "site", "zone",
            "recurrence", "dates", "first_day", "last_day", "starts_time", "ends_time", "roll",
            "before_days", "after_days", "allows", "applications", "services",
            "families")  # fmt: skip


class CalendarRuleSerializer(GovernedSerializer):
    site = serializers.CharField(source="site.code", read_only=True, default=None,
                                 allow_null=True)  # fmt: skip

    class Meta:
        model = CalendarRule
        fields = ("id", "version", *_ENTERED, "created_at", "changed_at")
        read_only_fields = fields


class CalendarRuleWriteSerializer(WriteSerializer):
    class Meta:
        model = CalendarRule
        fields = _ENTERED


class CalendarRuleView(Edits, GovernedView):
    """When production may not change, or only with care."""

    queryset = CalendarRule.objects.select_related("site")
    serializer_class = CalendarRuleSerializer
    write_serializer = CalendarRuleWriteSerializer
    create_service = calendar.create_rule
    edit_service = calendar.edit_rule
    filters = (
        Filter("code", "text"),
        Filter("kind", choices=[*KINDS.items()]),
        Filter("strength", choices=[*STRENGTHS.items()]),
        Filter("site", "reference"),
        Filter("is_active", "boolean"),
    )
    search_lookups = ("code__icontains", "name__icontains")
    orderings = ("code", "-code")
    export_columns = ("code", "name", "kind", "strength", "is_active", "site.code", "zone",
                      "recurrence", "first_day", "last_day", "before_days",
                      "after_days")  # fmt: skip
