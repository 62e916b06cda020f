"""A running night, its alerts and its issues, over HTTP."""

from __future__ import annotations

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api import PersonRef
from apps.core.api import Filter, WriteSerializer
from apps.evidence.api import PROBLEMS, Edits, GovernedSerializer, GovernedView, Moves, RecordView
from apps.releases.api.planning import WhatIfSerializer
from apps.releases.domain import alerts as ladder
from apps.releases.domain import run_issues as issues
from apps.releases.models import Activity, Alert, RunIssue
from apps.releases.moves.command import ALERT_MOVES, RUN_ISSUE_MOVES
from apps.releases.services import run_issues
from apps.releases.services.live import live_of
from apps.releases.services.live_json import live_as_dict, state_tag
from apps.windows.api import WindowRef

#: Alerts that the live answer holds.
ALERTS_SHOWN = 50


class StepRef(serializers.ModelSerializer):
    class Meta:
        model = Activity
        fields = ("id", "label", "title", "state")
        read_only_fields = fields


class AlertSerializer(GovernedSerializer):
    """`rung` is the last step of the ladder that was told, -1 for none yet."""

    window = WindowRef(read_only=True)
    step = StepRef(read_only=True, allow_null=True)
    acknowledged_by = PersonRef(read_only=True, allow_null=True)

    class Meta:
        model = Alert
        fields = ("id", "version", "window", "step", "kind", "level", "text", "state", "since",
                  "raised_at", "rung", "acknowledged_by", "acknowledged_at", "over_at",
                  "created_at", "changed_at")  # fmt: skip
        read_only_fields = fields


class LiveStepSerializer(serializers.Serializer):
    step = serializers.CharField()
    package = serializers.CharField(help_text="Empty for a step that the window shares.")
    team = serializers.CharField()
    state = serializers.CharField()
    percent = serializers.IntegerField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    is_projected = serializers.BooleanField()
    is_critical = serializers.BooleanField()


class ProjectionSerializer(serializers.Serializer):
    """`margin_minutes` is from the evidence for go/no-go to the point of no return."""

    level = serializers.ChoiceField(choices=["green", "amber", "red"])
    margin_minutes = serializers.IntegerField()
    go_ready_at = serializers.DateTimeField()
    planned_go_ready_at = serializers.DateTimeField()
    no_return_at = serializers.DateTimeField(allow_null=True)
    commit_at = serializers.DateTimeField(allow_null=True)
    ends_at = serializers.DateTimeField()
    late_minutes = serializers.IntegerField()
    is_decided = serializers.BooleanField()
    backout_now_minutes = serializers.IntegerField()
    backout_whole_minutes = serializers.IntegerField()
    planned_value = serializers.IntegerField()
    earned_value = serializers.IntegerField()
    budget_at_completion = serializers.IntegerField()
    earned_schedule_minutes = serializers.IntegerField()
    schedule_variance_minutes = serializers.IntegerField()
    spi = serializers.FloatField()
    steps = LiveStepSerializer(many=True)


class FirstJobSerializer(serializers.Serializer):
    job = serializers.CharField()
    starts_at = serializers.DateTimeField()
    path = serializers.CharField()


class LiveSerializer(serializers.Serializer):
    window = serializers.CharField()
    state = serializers.CharField()
    now = serializers.DateTimeField()
    cutoff_at = serializers.DateTimeField()
    obstacles = serializers.ListField(child=serializers.CharField())
    projection = ProjectionSerializer(allow_null=True)
    what_ifs_ready = serializers.BooleanField()
    what_ifs = WhatIfSerializer(many=True)
    first_job = FirstJobSerializer(allow_null=True)
    alerts = AlertSerializer(many=True)


def alerts_with_people() -> QuerySet[Alert]:
    return Alert.objects.select_related("window", "step", "acknowledged_by")


class WindowLive(RecordView):
    """What the night of a window tells while it runs."""

    @extend_schema(
        responses={200: LiveSerializer, 304: None, **PROBLEMS},
        parameters=[OpenApiParameter("If-None-Match", OpenApiTypes.STR, "header")],
        filters=False,
    )
    @action(detail=True, methods=["get"], filter_backends=[], pagination_class=None)
    def live(self, request: Request, pk: str) -> Response:
        """Where the night will end and what would help. 304 to whoever hands in the tag of the
        last answer, within the minute and as long as nothing was recorded."""
        window = self.find(pk)
        tag = state_tag(window.pk, "api")
        if request.headers.get("If-None-Match") == tag:
            return Response(status=304, headers={"ETag": tag})
        standing = alerts_with_people().filter(window=window, state__in=ladder.STANDING)
        told = live_as_dict(live_of(window))
        told["alerts"] = standing.order_by("-raised_at", "-pk")[:ALERTS_SHOWN]
        return Response(LiveSerializer(told).data, headers={"ETag": tag})


class AlertView(Moves, GovernedView):
    """What called somebody in a night. Raised by the portal alone."""

    queryset = alerts_with_people()
    serializer_class = AlertSerializer
    moves = ALERT_MOVES
    filters = (
        Filter("window", "reference"),
        Filter("state", choices=ladder.ALERT_STATES),
        Filter("level", choices=Alert.Level.choices),
        Filter("kind", choices=ladder.KINDS),
    )
    search_lookups = ("text__icontains",)
    orderings = ("-id", "id")
    export_columns = ("window.code", "kind", "level", "text", "state", "since", "raised_at",
                      "rung", "acknowledged_by", "acknowledged_at", "over_at")  # fmt: skip


class RunIssueSerializer(GovernedSerializer):
    window = WindowRef(read_only=True)
    step = StepRef(read_only=True, allow_null=True)
    owner = PersonRef(read_only=True, allow_null=True)
    raised_by = PersonRef(read_only=True, allow_null=True)

    class Meta:
        model = RunIssue
        fields = ("id", "version", "window", "step", "title", "detail", "severity", "state",
                  "owner", "raised_by", "resolution", "resolved_at", "created_at",
                  "changed_at")  # fmt: skip
        read_only_fields = fields


class RunIssueWriteSerializer(WriteSerializer):
    """What a person may enter; `window` once, when the issue is raised."""

    class Meta:
        model = RunIssue
        fields = run_issues.CREATABLE_FIELDS


class RunIssueView(Moves, Edits, GovernedView):
    """What went wrong in a night and who sees to it."""

    queryset = RunIssue.objects.select_related("window", "step", "owner", "raised_by")
    serializer_class = RunIssueSerializer
    write_serializer = RunIssueWriteSerializer
    create_service = run_issues.raise_issue
    edit_service = run_issues.edit_issue
    moves = RUN_ISSUE_MOVES
    filters = (
        Filter("window", "reference"),
        Filter("state", choices=issues.ISSUE_STATES),
        Filter("severity", choices=RunIssue.Severity.choices),
        Filter("owner", "reference"),
    )
    search_lookups = ("title__icontains",)
    orderings = ("-id", "id")
    export_columns = ("window.code", "step.label", "title", "severity", "state", "owner",
                      "resolution", "created_at", "resolved_at")  # fmt: skip
