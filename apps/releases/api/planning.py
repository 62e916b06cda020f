"""The plan of a window, what would gain time, and its simulations, over HTTP."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api import PersonRef
from apps.core.api import Filter, WriteSerializer
from apps.core.errors import refuse_if_any
from apps.evidence.api import PROBLEMS, Creates, GovernedSerializer, GovernedView
from apps.releases.models import Simulation
from apps.releases.services.plan_json import simulation_as_dict
from apps.releases.services.simulation import repeat, repeat_blockers, simulate_window
from apps.windows.api import WindowRef


class FitSerializer(serializers.Serializer):
    holds = serializers.BooleanField()
    short_minutes = serializers.IntegerField()


class BottleneckSerializer(serializers.Serializer):
    resource = serializers.CharField()
    margin_gained_minutes = serializers.IntegerField()


class PlannedStepSerializer(serializers.Serializer):
    label = serializers.CharField()  # type: ignore[assignment]
    package = serializers.CharField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    minutes = serializers.IntegerField()
    needs = serializers.DictField(child=serializers.IntegerField())
    slack_minutes = serializers.IntegerField()
    is_critical = serializers.BooleanField()


class VetoSerializer(serializers.Serializer):
    rule = serializers.CharField()
    text = serializers.CharField()


class ShedSerializer(serializers.Serializer):
    """What could go so that the plan fits again. `short_minutes`: what is missing then, by fit."""

    kind = serializers.ChoiceField(choices=["pre_stage", "move", "drop"])
    subject = serializers.CharField()
    text = serializers.CharField()
    fits_again = serializers.BooleanField()
    short_minutes = serializers.DictField(child=serializers.IntegerField())
    vetoes = VetoSerializer(many=True)


class PlanSerializer(serializers.Serializer):
    """Moments carry the offset of the window's zone. `fits`: F1 forward, F2 strict, F2c with a
    checkpoint. The bottleneck of a large plan, and what could go, are null until a worker has found
    them; where the plan fits, nothing has to."""

    window = serializers.CharField()
    opens_at = serializers.DateTimeField()
    cutoff_at = serializers.DateTimeField()
    critical_path_minutes = serializers.IntegerField()
    makespan_minutes = serializers.IntegerField()
    lower_bound_minutes = serializers.IntegerField()
    is_proven = serializers.BooleanField()
    go_ready_at = serializers.DateTimeField()
    commit_at = serializers.DateTimeField(allow_null=True)
    backout_minutes = serializers.IntegerField()
    no_return_at = serializers.DateTimeField(allow_null=True)
    decide_by_at = serializers.DateTimeField(allow_null=True)
    margin_minutes = serializers.IntegerField()
    utilisation = serializers.FloatField()
    band = serializers.ChoiceField(choices=["green", "amber", "red", "blocked"])
    fits = serializers.DictField(child=FitSerializer())
    shortfalls = serializers.ListField(child=serializers.CharField())
    bottleneck = BottleneckSerializer(allow_null=True)
    shed = ShedSerializer(many=True, allow_null=True)
    steps = PlannedStepSerializer(many=True)


class WhatIfSerializer(serializers.Serializer):
    kind = serializers.ChoiceField(
        choices=["capacity", "cutoff", "drop", "move", "pre_stage", "split"]
    )
    subject = serializers.CharField()
    text = serializers.CharField()
    margin_gained_minutes = serializers.IntegerField()
    margin_minutes = serializers.IntegerField()
    go_ready_at = serializers.DateTimeField()
    no_return_at = serializers.DateTimeField(allow_null=True)
    makespan_minutes = serializers.IntegerField()
    is_recommended = serializers.BooleanField()
    vetoes = VetoSerializer(many=True)


class WhatIfsSerializer(serializers.Serializer):
    is_ready = serializers.BooleanField()
    what_ifs = WhatIfSerializer(many=True)


class SimulationSerializer(GovernedSerializer):
    """`ends_at` are the moments by which 50, 80 and 95 % of the nights end; the shares are of 1."""

    window = WindowRef(read_only=True)
    simulated_by = PersonRef(read_only=True, allow_null=True)
    in_time = serializers.SerializerMethodField()
    backout_fits = serializers.SerializerMethodField()

    class Meta:
        model = Simulation
        fields: tuple[str, ...] = (
            "id", "version", "window", "seed", "trials", "in_time", "backout_fits",
            "inputs_digest", "simulated_by", "created_at", "changed_at",
        )  # fmt: skip
        read_only_fields: tuple[str, ...] = fields

    def get_in_time(self, kept: Simulation) -> float:
        return float(kept.outcome["in_time"]) / float(kept.trials)

    def get_backout_fits(self, kept: Simulation) -> float:
        return float(kept.outcome["can_return"]) / float(kept.trials)


class ContributorSerializer(serializers.Serializer):
    label = serializers.CharField()  # type: ignore[assignment]
    correlation = serializers.FloatField()


class EndsSerializer(serializers.Serializer):
    p50 = serializers.DateTimeField()
    p80 = serializers.DateTimeField()
    p95 = serializers.DateTimeField()


class DurationSerializer(serializers.Serializer):
    of = serializers.CharField()
    recorded = serializers.IntegerField()
    is_used = serializers.BooleanField()
    quantiles = serializers.ListField(child=serializers.FloatField())


class SimulationDetailSerializer(SimulationSerializer):
    ends_at = serializers.SerializerMethodField()
    contributors = serializers.SerializerMethodField()
    durations = serializers.SerializerMethodField()
    inputs = serializers.JSONField(read_only=True)
    outcome = serializers.JSONField(read_only=True)

    class Meta(SimulationSerializer.Meta):
        fields = (*SimulationSerializer.Meta.fields, "ends_at", "contributors", "durations",
                  "inputs", "outcome")  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(EndsSerializer)
    def get_ends_at(self, kept: Simulation) -> Any:
        return simulation_as_dict(kept)["ends_at"]

    @extend_schema_field(ContributorSerializer(many=True))
    def get_contributors(self, kept: Simulation) -> Any:
        return simulation_as_dict(kept)["contributors"]

    @extend_schema_field(DurationSerializer(many=True))
    def get_durations(self, kept: Simulation) -> Any:
        return simulation_as_dict(kept)["durations"]


class SimulationWriteSerializer(WriteSerializer):
    class Meta:
        model = Simulation
        fields = ("window", "seed", "trials")


class RepeatedSerializer(serializers.Serializer):
    is_same = serializers.BooleanField()
    is_same_input = serializers.BooleanField()
    is_same_outcome = serializers.BooleanField()
    outcome = serializers.JSONField()


class SimulationView(Creates, GovernedView):
    """How likely the plan of a window ends in time. Added, never edited; anybody may repeat it."""

    queryset = Simulation.objects.select_related("window", "simulated_by")
    serializer_class = SimulationSerializer
    detail_serializer = SimulationDetailSerializer
    write_serializer = SimulationWriteSerializer
    create_service = simulate_window
    filters = (Filter("window", "reference"),)
    search_lookups = ("window__code__icontains",)
    orderings = ("-id", "id")
    export_columns = ("window.code", "seed", "trials", "inputs_digest", "simulated_by",
                      "created_at")  # fmt: skip

    @extend_schema(responses={200: RepeatedSerializer, **PROBLEMS}, filters=False)
    @action(detail=True, methods=["get"], filter_backends=[], pagination_class=None)
    def repeat(self, request: Request, pk: str) -> Response:
        """Reckon it again from its seed and inputs, and compare. Nothing is written."""
        kept = self.find(pk)
        refuse_if_any(repeat_blockers(kept))
        again = repeat(kept)
        return Response(
            {
                "is_same": again.is_same,
                "is_same_input": again.is_same_input,
                "is_same_outcome": again.is_same_outcome,
                "outcome": again.outcome.as_dict(),
            }
        )
