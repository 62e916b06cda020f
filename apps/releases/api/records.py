"""Packages, their steps, checks and backout plans, and a window's night, over HTTP."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api import PersonRef, TeamRef
from apps.changes.api import ChangeRef
from apps.changes.models import ChangeRequest
from apps.core.api import Filter, ReferenceField, StrictSerializer, WriteSerializer, rows_of
from apps.evidence.api import PROBLEMS, Edits, GovernedSerializer, GovernedView, Moves
from apps.gates.selectors import items_of
from apps.inventory.api import AssetRef
from apps.releases.api.closure import Noted
from apps.releases.api.command import WindowLive
from apps.releases.api.gates import ReadinessSerializer
from apps.releases.api.outcome import PackageWayBack, WindowNumbers
from apps.releases.api.planning import PlanSerializer, WhatIfsSerializer
from apps.releases.api.room import PackageRoom, WindowRoom
from apps.releases.api.sequence import Ordered, Planned
from apps.releases.domain import lifecycle as life
from apps.releases.domain.required import REQUIREMENTS
from apps.releases.models import (
    Activity,
    ActivityDependency,
    ActivityLog,
    ActivityTarget,
    BackoutPlan,
    PackageChange,
    PackageDependency,
    ReleasePackage,
    ValidationCheck,
)
from apps.releases.moves.activity import ACTIVITY_MOVES
from apps.releases.moves.backout import BACKOUT_MOVES
from apps.releases.moves.check import CHECK_MOVES
from apps.releases.moves.night import WINDOW_NIGHT_MOVES
from apps.releases.moves.package import PACKAGE_MOVES
from apps.releases.moves.room import WINDOW_ROOM_MOVES
from apps.releases.policies.activity_facts import steps_with_surroundings
from apps.releases.services import activity_plan, backout, checks, package_content
from apps.releases.services.plan_json import as_dict, as_row
from apps.releases.services.readiness_matrix import called, forecast_of
from apps.releases.services.release_notes import notes_of_package, notes_of_window
from apps.releases.services.what_if import known_outlook
from apps.releases.services.window_plan import planned, planning_of
from apps.windows.api import WindowRef, WindowView
from apps.windows.moves import WINDOW_MOVES
from apps.windows.selectors import windows_with_people

LOG_SHOWN = 100


class ForecastSerializer(serializers.Serializer):
    """`per_day` is null where too little happened to tell a pace; `late` are the packages that
    would not be ready, by code."""

    sentence = serializers.CharField()
    basis = serializers.CharField()
    deadline = serializers.DateTimeField()
    packages = serializers.IntegerField()
    ready_now = serializers.IntegerField()
    expected = serializers.IntegerField()
    open_items = serializers.IntegerField()
    per_day = serializers.FloatField(allow_null=True)
    late = serializers.ListField(child=serializers.CharField())
    is_over = serializers.BooleanField()


class WindowNightView(Ordered, Noted, WindowRoom, WindowLive, WindowNumbers, WindowView):
    """A window with the moves of its night beside those of its planning."""

    queryset = windows_with_people()
    notes_of = notes_of_window
    moves = (*WINDOW_MOVES, *WINDOW_NIGHT_MOVES, *WINDOW_ROOM_MOVES)

    @extend_schema(responses={200: PlanSerializer, **PROBLEMS}, filters=False)
    @action(detail=True, methods=["get"], filter_backends=[], pagination_class=None)
    def plan(self, request: Request, pk: str) -> Response:
        """The shortest plan of the window, from its opening on; 409 where there is none."""
        planning = planning_of(self.find(pk))
        found = planned(planning)
        return Response(as_dict(planning.window, found, known_outlook(planning, found)))

    @extend_schema(responses={200: ForecastSerializer, **PROBLEMS}, filters=False)
    @action(detail=True, methods=["get"], url_path="readiness-forecast",
            url_name="readiness-forecast", filter_backends=[], pagination_class=None)  # fmt: skip
    def readiness_forecast(self, request: Request, pk: str) -> Response:
        """How many packages will be ready by the deadline, at the pace of the last days."""
        window = self.find(pk)
        found = forecast_of(window)
        told = {"sentence": found.sentence(called(window)), "basis": found.basis}
        return Response(ForecastSerializer({**asdict(found), **told}).data)

    @extend_schema(responses={200: WhatIfsSerializer, **PROBLEMS}, filters=False)
    @action(detail=True, methods=["get"], url_path="what-ifs", url_name="what-ifs",
            filter_backends=[], pagination_class=None)  # fmt: skip
    def what_ifs(self, request: Request, pk: str) -> Response:
        """What would gain time, the best first and vetoed ones last. `is_ready` is false while a
        worker reckons those of a large plan: ask again in a minute."""
        planning = planning_of(self.find(pk))
        outlook = known_outlook(planning, planned(planning))
        found = outlook.what_ifs if outlook else ()
        rows = [as_row(planning.window, each) for each in found]
        return Response({"is_ready": outlook is not None, "what_ifs": rows})


class PackageRef(serializers.ModelSerializer):
    class Meta:
        model = ReleasePackage
        fields = ("id", "code", "name", "state")
        read_only_fields = fields


class ActivityRef(serializers.ModelSerializer):
    class Meta:
        model = Activity
        fields = ("id", "label", "title", "state")
        read_only_fields = fields


# Packages.


class MemberSerializer(serializers.ModelSerializer):
    change = ChangeRef(read_only=True)

    class Meta:
        model = PackageChange
        fields = ("change", "outcome", "is_open")
        read_only_fields = fields


class PackageDependencySerializer(serializers.ModelSerializer):
    predecessor = PackageRef(read_only=True)

    class Meta:
        model = PackageDependency
        fields = ("predecessor", "reason")
        read_only_fields = fields


class PackageSerializer(GovernedSerializer):
    window = WindowRef(read_only=True, allow_null=True)
    owner = PersonRef(read_only=True)
    coordinator = PersonRef(read_only=True)

    class Meta:
        model = ReleasePackage
        fields: tuple[str, ...] = (
            "id", "version", "code", "name", "state", "kind", "window", "owner", "coordinator",
            "points", "risk_band", "health", "gates_met", "gates_total", "go_decision",
            "delay_reason", "delay_count", "outcome", "failure_code", "incident_ref",
            "scm_package", "started_at", "ended_at", "warranty_until", "created_at", "changed_at",
        )  # fmt: skip
        read_only_fields: tuple[str, ...] = fields


class PackageDetailSerializer(PackageSerializer):
    members = MemberSerializer(many=True, read_only=True)
    dependencies = PackageDependencySerializer(many=True, read_only=True)
    retry_of = PackageRef(read_only=True, allow_null=True)
    go_by = PersonRef(read_only=True, allow_null=True)
    readiness = serializers.SerializerMethodField()
    soft_gates = serializers.ListField(
        child=serializers.JSONField(),
        read_only=True,
        help_text="Soft gates that were acknowledged as not met when it was confirmed ready: gate, "
        "title, text, covers (kinds of what it found), reason, by, at.",
    )

    class Meta(PackageSerializer.Meta):
        fields = (*PackageSerializer.Meta.fields, "members", "dependencies", "readiness",
                  "retry_of", "go_by", "go_at", "go_reason",
                  "delay_text", "failure_text", "failed_at", "lessons",
                  "content_digest", "soft_gates")  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(ReadinessSerializer(many=True))
    def get_readiness(self, package: ReleasePackage) -> Any:
        return ReadinessSerializer(items_of(package.subject), many=True).data


class MemberWriteSerializer(StrictSerializer):
    change = ReferenceField(queryset=ChangeRequest.objects.all())


class PackageDependencyWriteSerializer(StrictSerializer):
    predecessor = ReferenceField(queryset=ReleasePackage.objects.all())
    reason = serializers.CharField(required=False, allow_blank=True, max_length=200)


class PackageWriteSerializer(WriteSerializer):
    """What a person may enter. `members` and `dependencies`, where given, replace the rows."""

    members = rows_of(MemberWriteSerializer, 200)
    dependencies = rows_of(PackageDependencyWriteSerializer, 100)

    class Meta:
        model = ReleasePackage
        fields = (*package_content.EDITABLE_FIELDS, "members", "dependencies")
        extra_kwargs = {"owner": {"required": False}, "coordinator": {"required": False}}


class PackageView(Ordered, Noted, Planned, PackageRoom, PackageWayBack, Moves, Edits, GovernedView):
    queryset = ReleasePackage.objects.select_related("window", "owner", "coordinator")
    serializer_class = PackageSerializer
    detail_serializer = PackageDetailSerializer
    write_serializer = PackageWriteSerializer
    part_fields = ("members", "dependencies")
    create_service = package_content.create_package
    edit_service = package_content.edit_package
    moves = PACKAGE_MOVES
    notes_of = notes_of_package
    filters = (
        Filter("state", choices=life.PACKAGE_STATES),
        Filter("kind", choices=ReleasePackage.Kind.choices),
        Filter("window", "reference"),
        Filter("change", "reference", lookup="members__change"),
        Filter("code", "text"),
    )
    search_lookups = ("code__icontains", "name__icontains")
    orderings = ("-created_at", "created_at")
    export_columns = ("code", "name", "kind", "state", "window.code", "owner", "coordinator",
                      "points", "risk_band", "health", "gates_met", "gates_total", "outcome",
                      "started_at", "ended_at")  # fmt: skip

    def detail_rows(self) -> QuerySet[Any]:
        return self.rows().select_related("retry_of", "go_by").prefetch_related(
            Prefetch("members", PackageChange.objects.select_related("change")),
            Prefetch("dependencies", PackageDependency.objects.select_related("predecessor")),
        )  # fmt: skip


# Steps.


class ActivityDependencySerializer(serializers.ModelSerializer):
    """Entered by a person, or told by rules (`is_derived`): then with every rule and its reason. A
    dropped one says nothing more."""

    predecessor = ActivityRef(read_only=True)
    reasons = serializers.ListField(
        child=serializers.ListField(child=serializers.CharField()), read_only=True
    )
    dropped_by = PersonRef(read_only=True, allow_null=True)

    class Meta:
        model = ActivityDependency
        fields = ("predecessor", "strength", "origin", "is_derived", "reasons", "dropped_at",
                  "dropped_by", "dropped_reason")  # fmt: skip
        read_only_fields = fields


class LogSerializer(serializers.ModelSerializer):
    by = PersonRef(read_only=True, allow_null=True)

    class Meta:
        model = ActivityLog
        fields = ("at", "by", "kind", "text")
        read_only_fields = fields


class ActivitySerializer(GovernedSerializer):
    type = serializers.CharField(source="type_id", read_only=True)
    package = PackageRef(read_only=True, allow_null=True)
    window = WindowRef(read_only=True, allow_null=True)
    team = TeamRef(read_only=True)
    owner = PersonRef(read_only=True, allow_null=True)
    deputy = PersonRef(read_only=True, allow_null=True)
    template = serializers.CharField(read_only=True, allow_null=True)
    requires = serializers.ListField(
        child=serializers.ChoiceField(choices=[*REQUIREMENTS.items()]),
        source="required", read_only=True, help_text="The evidence that it completes with.",
    )  # fmt: skip
    subsystem = serializers.CharField(
        source="subsystem.name", read_only=True, default=None, allow_null=True
    )

    class Meta:
        model = Activity
        fields: tuple[str, ...] = (
            "id", "version", "label", "title", "state", "type", "package", "window", "team",
            "owner", "deputy", "duration_minutes", "planned_start_at", "planned_end_at",
            "not_before_at", "subsystem", "exclusive", "mandatory", "hold_point", "hold_released",
            "irreversible", "four_eyes", "requires", "is_backout", "template", "percent",
            "acknowledged_at", "started_at", "ended_at", "rc", "failure_code", "attempts",
            "created_at", "changed_at",
        )  # fmt: skip
        read_only_fields: tuple[str, ...] = fields


class ActivityDetailSerializer(ActivitySerializer):
    reverses = ActivityRef(read_only=True, allow_null=True)
    dependencies = ActivityDependencySerializer(many=True, read_only=True)
    targets = serializers.SerializerMethodField()
    changes = ChangeRef(many=True, read_only=True)
    done_by = PersonRef(read_only=True, allow_null=True)
    verified_by = PersonRef(read_only=True, allow_null=True)
    log = serializers.SerializerMethodField()

    class Meta(ActivitySerializer.Meta):
        fields = (*ActivitySerializer.Meta.fields, "instruction", "reverses", "expected_result",
                  "max_rc", "dependencies", "targets", "changes", "done_by", "verified_by",
                  "recorded_start_at", "recorded_end_at", "result_text", "deviation_reason",
                  "log")  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(AssetRef(many=True))
    def get_targets(self, step: Activity) -> Any:
        return AssetRef([target.asset for target in step.targets.all()], many=True).data

    @extend_schema_field(LogSerializer(many=True))
    def get_log(self, step: Activity) -> Any:
        rows = step.log.select_related("by").order_by("-at", "-id")[:LOG_SHOWN]
        return LogSerializer(rows, many=True).data


class ActivityDependencyWriteSerializer(StrictSerializer):
    predecessor = serializers.UUIDField(help_text="The id of another step.")
    strength = serializers.ChoiceField(
        choices=ActivityDependency.Strength.choices, default=ActivityDependency.Strength.HARD
    )


class ActivityTargetWriteSerializer(StrictSerializer):
    asset = serializers.UUIDField(help_text="The id of an asset.")


class ActivityWriteSerializer(WriteSerializer):
    """What a person may enter; `package` or `window` once, when the step is made. `dependencies`
    are those that people enter: what rules tell stays."""

    dependencies = rows_of(ActivityDependencyWriteSerializer, 200)
    targets = rows_of(ActivityTargetWriteSerializer, 500)
    change_links = rows_of(MemberWriteSerializer, 200)

    class Meta:
        model = Activity
        fields = (*activity_plan.CREATABLE_FIELDS, "dependencies", "targets", "change_links")


class ActivityView(Moves, Edits, GovernedView):
    queryset = steps_with_surroundings()
    serializer_class = ActivitySerializer
    detail_serializer = ActivityDetailSerializer
    write_serializer = ActivityWriteSerializer
    part_fields = ("dependencies", "targets", "change_links")
    create_service = activity_plan.create_activity
    edit_service = activity_plan.edit_activity
    moves = ACTIVITY_MOVES
    filters = (
        Filter("state", choices=life.ACTIVITY_STATES),
        Filter("package", "reference"),
        Filter("window", "reference", help_text="Steps that a whole window shares."),
        Filter("team", "reference"),
        Filter("owner", "reference"),
        Filter("type", "text", lookup="type_id", help_text="The code of a type."),
        Filter("is_backout", "boolean"),
    )
    search_lookups = ("label__icontains", "title__icontains")
    orderings = ("id", "-id")
    export_columns = ("package.code", "window.code", "label", "title", "type_id", "state",
                      "team.code", "owner", "deputy", "duration_minutes", "planned_start_at",
                      "planned_end_at", "started_at", "ended_at", "rc", "percent")  # fmt: skip

    def detail_rows(self) -> QuerySet[Any]:
        return self.rows().select_related("verified_by").prefetch_related(
            Prefetch(
                "dependencies",
                ActivityDependency.objects.select_related("predecessor", "dropped_by"),
            ),
            Prefetch("targets", ActivityTarget.objects.select_related("asset")),
            "changes",
        )  # fmt: skip


# Checks.


class CheckSerializer(GovernedSerializer):
    package = PackageRef(read_only=True, allow_null=True)
    window = WindowRef(read_only=True, allow_null=True)
    change = ChangeRef(read_only=True, allow_null=True)
    activity = ActivityRef(read_only=True, allow_null=True)
    team = TeamRef(read_only=True)
    owner = PersonRef(read_only=True, allow_null=True)

    class Meta:
        model = ValidationCheck
        fields = ("id", "version", "code", "title", "state", "kind", "phase", "mandatory",
                  "package", "window", "change", "activity", "team", "owner", "method",
                  "expected_operator", "expected_value", "baseline", "baseline_source",
                  "actual_value",
                  "result_text", "run_at", "accepted_reason", "created_at",
                  "changed_at")  # fmt: skip
        read_only_fields = fields


class CheckWriteSerializer(WriteSerializer):
    """What a person may enter; `package` or `window` once, when the check is made."""

    activity = serializers.PrimaryKeyRelatedField(
        queryset=Activity.objects.all(), required=False, allow_null=True
    )

    class Meta:
        model = ValidationCheck
        fields = checks.CREATABLE_FIELDS


class CheckView(Moves, Edits, GovernedView):
    queryset = checks.checks_with_surroundings()
    serializer_class = CheckSerializer
    write_serializer = CheckWriteSerializer
    create_service = checks.create_check
    edit_service = checks.edit_check
    moves = CHECK_MOVES
    filters = (
        Filter("state", choices=life.CHECK_STATES),
        Filter("phase", choices=ValidationCheck.Phase.choices),
        Filter("kind", choices=ValidationCheck.Kind.choices),
        Filter("package", "reference"),
        Filter("window", "reference"),
        Filter("team", "reference"),
        Filter("mandatory", "boolean"),
    )
    search_lookups = ("code__icontains", "title__icontains")
    orderings = ("id", "-id")
    export_columns = ("package.code", "window.code", "code", "title", "kind", "phase",
                      "mandatory", "state", "expected_operator", "expected_value",
                      "actual_value", "team.code", "owner", "run_at")  # fmt: skip


# Backout plans.


class BackoutPlanSerializer(GovernedSerializer):
    package = PackageRef(read_only=True)
    decision_owner = PersonRef(read_only=True)

    class Meta:
        model = BackoutPlan
        fields = ("id", "version", "package", "state", "strategy", "trigger_criteria",
                  "decision_owner", "verification", "restore_points", "data_written",
                  "rehearsed_at", "rehearsed_in", "content_digest", "created_at",
                  "changed_at")  # fmt: skip
        read_only_fields = fields


class BackoutPlanWriteSerializer(WriteSerializer):
    """What a person may enter; `package` once, when the plan is made."""

    class Meta:
        model = BackoutPlan
        fields = backout.CREATABLE_FIELDS


class BackoutPlanView(Moves, Edits, GovernedView):
    queryset = backout.plans_with_package()
    serializer_class = BackoutPlanSerializer
    write_serializer = BackoutPlanWriteSerializer
    create_service = backout.create_backout_plan
    edit_service = backout.edit_backout_plan
    moves = BACKOUT_MOVES
    filters = (
        Filter("state", choices=life.BACKOUT_STATES),
        Filter("strategy", choices=BackoutPlan.Strategy.choices),
        Filter("package", "reference"),
    )
    search_lookups = ("package__code__icontains", "package__name__icontains")
    orderings = ("id", "-id")
    export_columns = ("package.code", "strategy", "state", "decision_owner", "data_written",
                      "rehearsed_at", "rehearsed_in")  # fmt: skip
