"""Series of windows in the programming interface."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api import PersonRef
from apps.core.api import Filter, StrictSerializer, WriteSerializer, rows_of
from apps.core.moves import Move
from apps.evidence.api import PROBLEMS, Edits, GovernedSerializer, GovernedView, Moves
from apps.windows.models import Cutoff, SeriesCutoff, WindowSeries
from apps.windows.moves import SERIES_MOVES
from apps.windows.selectors import Prospect, prospects, series_with_people
from apps.windows.services import series

_OWN = ("code", "name", "is_active", "zone", "recurrence", "first_day", "horizon_days", "left_out",
        "opens_time", "closes_time", "more_days", "window_type", "may_overlap", "overlap_reason",
        "capacity_changes", "capacity_points", "max_parallel_packages", "capacity_minutes",
        "reserve_percent", "bridge")  # fmt: skip


class SeriesCutoffSerializer(serializers.ModelSerializer):
    class Meta:
        model = SeriesCutoff
        fields = ("kind", "label", "clock", "more_days", "is_hard")
        read_only_fields = fields


class WindowSeriesSerializer(GovernedSerializer):
    site = serializers.CharField(source="site.code", read_only=True)
    sysplex = serializers.CharField(source="sysplex.code", read_only=True, default=None,
                                    allow_null=True)  # fmt: skip
    release_manager = PersonRef(read_only=True, allow_null=True)
    coordinator = PersonRef(read_only=True, allow_null=True)
    cutoffs = SeriesCutoffSerializer(many=True, read_only=True)

    class Meta:
        model = WindowSeries
        fields = ("id", "version", "site", "sysplex", *_OWN, "release_manager", "coordinator",
                  "cutoffs", "created_at", "changed_at")  # fmt: skip
        read_only_fields = fields


class SeriesCutoffWriteSerializer(StrictSerializer):
    kind = serializers.ChoiceField(choices=Cutoff.Kind.choices)
    label = serializers.CharField()  # type: ignore[assignment]
    clock = serializers.TimeField()
    more_days = serializers.IntegerField(default=0, min_value=0, max_value=6)
    is_hard = serializers.BooleanField(default=True)


class WindowSeriesWriteSerializer(WriteSerializer):
    """What a person may enter. `cutoffs`, where given, replace those there are."""

    cutoffs = rows_of(SeriesCutoffWriteSerializer, 50)

    class Meta:
        model = WindowSeries
        fields = (*series.EDITABLE_FIELDS, "cutoffs")


class ProspectSerializer(serializers.Serializer):
    """One night of a series. `window` is the id of its window, null before that is drafted;
    `rules` are those of the calendar over it, `meets` other windows at the same time."""

    code = serializers.CharField()
    window = serializers.UUIDField(allow_null=True)
    opens_at = serializers.DateTimeField()
    closes_at = serializers.DateTimeField()
    rules = serializers.ListField(child=serializers.CharField())
    meets = serializers.ListField(child=serializers.CharField())
    notes = serializers.ListField(child=serializers.CharField())
    problem = serializers.CharField()


def _told(found: Prospect) -> dict[str, Any]:
    times = found.window or found.night
    return {
        "code": found.code,
        "window": found.window.pk if found.window else None,
        "opens_at": times.opens_at,
        "closes_at": times.closes_at,
        "rules": [span.rule.code for span in found.spans],
        "meets": [other.code for other in found.meets],
        "notes": found.night.notes,
        "problem": found.night.problem,
    }


class WindowSeriesView(Moves, Edits, GovernedView):
    """What drafts windows again and again; `draft_windows` makes nothing twice."""

    queryset = series_with_people()
    serializer_class = WindowSeriesSerializer
    write_serializer = WindowSeriesWriteSerializer
    part_fields = ("cutoffs",)
    create_service = series.create_series
    edit_service = series.edit_series
    moves: ClassVar[tuple[Move, ...]] = SERIES_MOVES
    filters = (
        Filter("code", "text"),
        Filter("site", "reference"),
        Filter("is_active", "boolean"),
    )
    search_lookups = ("code__icontains", "name__icontains")
    orderings = ("code", "-code")
    export_columns = ("code", "name", "is_active", "site.code", "sysplex.code", "zone",
                      "recurrence", "first_day", "horizon_days", "opens_time", "closes_time",
                      "more_days")  # fmt: skip

    @extend_schema(responses={200: ProspectSerializer(many=True), **PROBLEMS}, filters=False)
    @action(detail=True, methods=["get"], filter_backends=[], pagination_class=None)
    def prospects(self, request: Request, pk: str) -> Response:
        """The nights to come, with the rules and windows that stand in their way."""
        told = [_told(found) for found in prospects(self.find(pk))]
        return Response(ProspectSerializer(told, many=True).data)
