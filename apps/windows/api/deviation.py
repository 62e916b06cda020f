"""Deviations from the calendar in the programming interface."""

from __future__ import annotations

from rest_framework import serializers

from apps.accounts.api import PersonRef
from apps.approvals.api import Eligible
from apps.core.api import Filter, WriteSerializer
from apps.evidence.api import Creates, GovernedSerializer, GovernedView, Moves
from apps.windows.api.window import WindowRef
from apps.windows.domain.deviation import STATES
from apps.windows.models import WindowDeviation
from apps.windows.moves import DEVIATION_MOVES, DEVIATION_QUESTIONS
from apps.windows.selectors import deviations_with_people
from apps.windows.services import deviations


class WindowDeviationSerializer(GovernedSerializer):
    """`about` is the subject that it lets pass: "window:<id>" or "package:<id>"."""

    rule = serializers.CharField(source="rule.code", read_only=True)
    window = WindowRef(read_only=True)
    requested_by = PersonRef(read_only=True)
    tier0_applications = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = WindowDeviation
        fields = ("id", "version", "state", "about", "about_name", "rule", "window", "starts_at",
                  "ends_at", "reason", "tier0_applications", "requested_by", "decided_at",
                  "used_at", "created_at", "changed_at")  # fmt: skip
        read_only_fields = fields


class WindowDeviationWriteSerializer(WriteSerializer):
    class Meta:
        model = WindowDeviation
        fields = deviations.EDITABLE_FIELDS


class WindowDeviationView(Eligible, Moves, Creates, GovernedView):
    """That a window or a package may do what a hard rule of the calendar stops.

    It is asked for here for a window, and by a move of a package for that package.
    """

    queryset = deviations_with_people()
    serializer_class = WindowDeviationSerializer
    write_serializer = WindowDeviationWriteSerializer
    create_service = deviations.request_deviation
    moves = DEVIATION_MOVES
    questions = DEVIATION_QUESTIONS
    filters = (
        Filter("state", choices=STATES),
        Filter("rule", "reference"),
        Filter("window", "reference"),
        Filter("about", "text"),
    )
    search_lookups = ("about_name__icontains", "rule__code__icontains")
    export_columns = ("about_name", "rule.code", "window.code", "state", "starts_at", "ends_at",
                      "reason", "requested_by", "decided_at", "used_at")  # fmt: skip
