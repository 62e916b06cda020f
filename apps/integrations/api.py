"""Calendar files over HTTP: what entering one would do, and entering it."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.core.api import ReferenceField, StrictSerializer
from apps.evidence.api import PROBLEMS, actor_of
from apps.integrations.adapters.calendars import CALENDARS
from apps.integrations.adapters.calendars.rows import MOST_BYTES
from apps.integrations.services.calendars import (
    DAY_KINDS,
    check_calendar,
    defaults_at,
    import_calendar,
)
from apps.inventory.models import Site
from apps.windows.domain.calendar import STRENGTHS
from apps.windows.domain.series import HORIZON_MOST


class CalendarFileSerializer(StrictSerializer):
    """A file as text, and what it does not say itself. `zone`: empty for that of the site."""

    format = serializers.ChoiceField(choices=[*CALENDARS])
    site = ReferenceField(queryset=Site.objects.all())
    text = serializers.CharField(trim_whitespace=False, max_length=MOST_BYTES)
    zone = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")
    days = serializers.ChoiceField(choices=DAY_KINDS, default="freeze")
    strength = serializers.ChoiceField(choices=[*STRENGTHS.items()], default="advisory")
    horizon_days = serializers.IntegerField(min_value=1, max_value=HORIZON_MOST, default=28)
    check_only = serializers.BooleanField(
        default=False, help_text="Tell what entering it would do, and enter nothing."
    )


class CalendarEntrySerializer(serializers.Serializer):
    line = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=["rule", "series", "window"])
    code = serializers.CharField()
    name = serializers.CharField()
    what = serializers.ChoiceField(choices=["new", "same", "changed", "kept"])


class CalendarProblemSerializer(serializers.Serializer):
    line = serializers.IntegerField()
    text = serializers.CharField()


class CalendarReportSerializer(serializers.Serializer):
    """`kept` is a window that somebody has gone on with; `skipped` counts what is nothing for the
    calendar."""

    is_entered = serializers.BooleanField()
    entries = CalendarEntrySerializer(many=True)
    problems = CalendarProblemSerializer(many=True)
    skipped = serializers.IntegerField()


class CalendarImportView(APIView):
    @extend_schema(
        request=CalendarFileSerializer, responses={200: CalendarReportSerializer, **PROBLEMS}
    )
    def post(self, request: Request) -> Response:
        """Enter a calendar file: all of it, or nothing and every line that is wrong."""
        handed = CalendarFileSerializer(data=request.data)
        handed.is_valid(raise_exception=True)
        given = handed.validated_data
        question: dict[str, Any] = {
            "text": given["text"],
            "format_code": given["format"],
            "site": given["site"],
            "defaults": defaults_at(
                given["site"], zone=given["zone"], kind=given["days"],
                strength=given["strength"], horizon_days=given["horizon_days"],
            ),
        }  # fmt: skip
        enter = check_calendar if given["check_only"] else import_calendar
        report = enter(actor=actor_of(request), **question)
        return Response(
            CalendarReportSerializer(
                {
                    "is_entered": not given["check_only"],
                    "entries": report.entries,
                    "problems": report.problems,
                    "skipped": report.skipped,
                }
            ).data
        )
