"""Release windows in the programming interface."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.accounts.api import PersonRef
from apps.core.api import AwareDateTimeField, Filter, StrictSerializer, WriteSerializer, rows_of
from apps.core.moves import Move
from apps.evidence.api import Edits, GovernedSerializer, GovernedView, Moves
from apps.windows.domain import lifecycle as life
from apps.windows.models import Cutoff, ReleaseWindow
from apps.windows.moves import WINDOW_MOVES
from apps.windows.selectors import capacity_use, windows_with_people
from apps.windows.services import planning


class WindowRef(serializers.ModelSerializer):
    class Meta:
        model = ReleaseWindow
        fields = ("id", "code", "name", "state", "opens_at", "closes_at")
        read_only_fields = fields


class CutoffSerializer(serializers.ModelSerializer):
    class Meta:
        model = Cutoff
        fields = ("id", "kind", "label", "at", "is_hard", "expected_at", "cause")
        read_only_fields = fields


class UseSerializer(serializers.Serializer):
    """How far one unit of the window is booked."""

    unit = serializers.CharField()
    booked = serializers.FloatField()
    plannable = serializers.FloatField(help_text="What planned work may book.")
    limit = serializers.FloatField(help_text="With the reserve for emergencies.")
    free = serializers.FloatField()
    percent = serializers.IntegerField()
    is_hard = serializers.BooleanField(help_text="False: being over it only warns.")


class WindowSerializer(GovernedSerializer):
    site = serializers.CharField(source="site.code", read_only=True)
    release_manager = PersonRef(read_only=True, allow_null=True)
    coordinator = PersonRef(read_only=True, allow_null=True)
    cutoffs = CutoffSerializer(many=True, read_only=True)
    sysplex = serializers.CharField(source="sysplex.code", read_only=True, default=None,
                                    allow_null=True)  # fmt: skip
    series = serializers.UUIDField(source="series_id", read_only=True, allow_null=True)
    cutoff_cause = serializers.CharField(
        read_only=True, help_text="What gives the effective cut-off, with what was reported."
    )
    effective_cutoff_at = serializers.DateTimeField(source="effective_cutoff", read_only=True)
    capacity = serializers.SerializerMethodField()

    class Meta:
        model = ReleaseWindow
        fields = ("id", "version", "code", "name", "state", "site", "sysplex", "series",
                  "window_type", "zone", "opens_at", "closes_at", "scope_lock_at",
                  "readiness_deadline_at", "effective_cutoff_at", "cutoff_cause", "cutoffs",
                  "capacity", "may_overlap", "overlap_reason", "reserve_percent",
                  "decide_minutes", "verify_after_backout_minutes", "safety", "release_manager",
                  "coordinator", "bridge", "created_at", "changed_at")  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(UseSerializer(many=True))
    def get_capacity(self, window: ReleaseWindow) -> Any:
        return UseSerializer(capacity_use(window), many=True).data


class CutoffWriteSerializer(StrictSerializer):
    kind = serializers.ChoiceField(choices=Cutoff.Kind.choices)
    label = serializers.CharField()  # type: ignore[assignment]
    at = AwareDateTimeField()
    is_hard = serializers.BooleanField(default=True)


class WindowWriteSerializer(WriteSerializer):
    """What a person may enter. `cutoffs`, where given, replace those there are."""

    cutoffs = rows_of(CutoffWriteSerializer, 50)

    class Meta:
        model = ReleaseWindow
        fields = (*planning.EDITABLE_FIELDS, "cutoffs")


class WindowView(Moves, Edits, GovernedView):
    queryset = windows_with_people()
    serializer_class = WindowSerializer
    write_serializer = WindowWriteSerializer
    part_fields = ("cutoffs",)
    create_service = planning.create_window
    edit_service = planning.edit_window
    moves: ClassVar[tuple[Move, ...]] = WINDOW_MOVES
    filters = (
        Filter("state", choices=life.STATES),
        Filter("window_type", choices=ReleaseWindow.Type.choices),
        Filter("site", "reference"),
        Filter("code", "text"),
    )
    search_lookups = ("code__icontains", "name__icontains")
    orderings = ("-opens_at", "opens_at")
    export_columns = ("code", "name", "state", "site.code", "window_type", "opens_at",
                      "closes_at", "capacity_changes", "booked_changes", "capacity_points",
                      "booked_points", "release_manager", "coordinator")  # fmt: skip
