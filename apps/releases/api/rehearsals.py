"""Rehearsals over HTTP."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, QuerySet
from rest_framework import serializers

from apps.accounts.api import PersonRef, TeamRef
from apps.core.api import Filter, WriteSerializer
from apps.evidence.api import Creates, GovernedSerializer, GovernedView, Moves
from apps.releases.domain import lifecycle as life
from apps.releases.models import Rehearsal, RehearsedStep
from apps.releases.moves.rehearsal import REHEARSAL_MOVES
from apps.releases.services import rehearsals


class RehearsedStepSerializer(serializers.ModelSerializer):
    team = TeamRef(read_only=True)

    class Meta:
        model = RehearsedStep
        fields = ("position", "label", "title", "team", "is_backout", "planned_minutes", "outcome",
                  "minutes", "remark")  # fmt: skip
        read_only_fields = fields


class RehearsalSerializer(GovernedSerializer):
    led_by = PersonRef(read_only=True, allow_null=True)

    class Meta:
        model = Rehearsal
        fields: tuple[str, ...] = (
            "id", "version", "package", "environment", "state", "led_by", "started_at", "ended_at",
            "created_at", "changed_at",
        )  # fmt: skip
        read_only_fields: tuple[str, ...] = fields


class RehearsalDetailSerializer(RehearsalSerializer):
    steps = RehearsedStepSerializer(many=True, read_only=True)

    class Meta(RehearsalSerializer.Meta):
        fields = (*RehearsalSerializer.Meta.fields, "steps")
        read_only_fields = fields


class RehearsalWriteSerializer(WriteSerializer):
    class Meta:
        model = Rehearsal
        fields = rehearsals.FIELDS


class RehearsalView(Moves, Creates, GovernedView):
    """Runs of a package's steps in a test environment; nothing of the night counts them."""

    queryset = Rehearsal.objects.select_related("package", "led_by")
    serializer_class = RehearsalSerializer
    detail_serializer = RehearsalDetailSerializer
    write_serializer = RehearsalWriteSerializer
    create_service = rehearsals.plan_rehearsal
    moves = REHEARSAL_MOVES
    filters = (
        Filter("state", choices=life.REHEARSAL_STATES),
        Filter("package", "reference"),
    )
    search_lookups = ("package__code__icontains", "environment__icontains")
    orderings = ("-created_at", "created_at")
    export_columns = ("package.code", "environment", "state", "led_by", "started_at", "ended_at")

    def detail_rows(self) -> QuerySet[Any]:
        steps = RehearsedStep.objects.select_related("team")
        return self.rows().prefetch_related(Prefetch("steps", steps))
