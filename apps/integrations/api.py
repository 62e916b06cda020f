"""Calendar files, jobs of steps and other systems over HTTP."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.api import PersonRef
from apps.core.api import Filter, ReferenceField, StrictSerializer, WriteSerializer
from apps.evidence.api import PROBLEMS, Creates, GovernedSerializer, GovernedView, Moves, actor_of
from apps.integrations.adapters.calendars import CALENDARS
from apps.integrations.adapters.calendars.rows import MOST_BYTES
from apps.integrations.domain.jobs import OUTCOMES
from apps.integrations.models import StepJob
from apps.integrations.moves import STEP_JOB_MOVES
from apps.integrations.selectors import other_systems, step_jobs
from apps.integrations.services.calendars import (
    DAY_KINDS,
    check_calendar,
    defaults_at,
    import_calendar,
)
from apps.integrations.services.jobs import report_job
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


class StepJobSerializer(GovernedSerializer):
    """`told` is what was seen last, in words; `rc` and `failure` are proposed for the step."""

    step = serializers.CharField(source="activity.label", read_only=True)
    reported_by = PersonRef(read_only=True)

    class Meta:
        model = StepJob
        fields = ("id", "version", "activity", "step", "attempt", "job_name", "job_id",
                  "reported_by", "outcome", "status", "retcode", "system", "rc", "failure", "told",
                  "seen_at", "asked_at", "created_at", "changed_at")  # fmt: skip
        read_only_fields = fields


class StepJobWriteSerializer(WriteSerializer):
    class Meta:
        model = StepJob
        fields = ("activity", "job_name", "job_id")


class StepJobView(Moves, Creates, GovernedView):
    """The jobs that running steps run. POST names one; what becomes of it, z/OSMF is asked."""

    queryset = step_jobs()
    serializer_class = StepJobSerializer
    write_serializer = StepJobWriteSerializer
    create_service = report_job
    moves = STEP_JOB_MOVES
    filters = (
        Filter("activity", "reference"),
        Filter("outcome", choices=OUTCOMES),
    )
    search_lookups = ("job_name__istartswith", "job_id__istartswith")
    orderings = ("-created_at", "created_at")
    export_columns = ("activity.label", "attempt", "job_name", "job_id", "outcome", "retcode",
                      "system", "told", "seen_at")  # fmt: skip


class OtherSystemSerializer(serializers.Serializer):
    """`watched` counts what it is asked for now; `state` is off, unused, ok or failing."""

    code = serializers.CharField()
    name = serializers.CharField()
    state = serializers.ChoiceField(choices=["off", "unused", "ok", "failing"])
    watched = serializers.IntegerField()
    last_ok_at = serializers.DateTimeField(source="status.last_ok_at", allow_null=True)
    last_error_at = serializers.DateTimeField(source="status.last_error_at", allow_null=True)
    last_error = serializers.CharField(source="status.last_error")


class OtherSystemsView(APIView):
    @extend_schema(responses={200: OtherSystemSerializer(many=True), **PROBLEMS})
    def get(self, request: Request) -> Response:
        """How the talk with every other system goes."""
        return Response(OtherSystemSerializer(other_systems(), many=True).data)
