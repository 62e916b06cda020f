"""Go/no-go decisions, the way back and the first cycle, over HTTP."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api import PersonRef
from apps.core import clock
from apps.core.api import Filter
from apps.evidence.api import PROBLEMS, GovernedSerializer, GovernedView, Moves
from apps.releases.domain import lifecycle as life
from apps.releases.models import FirstCycleWatch, GoNoGo, GoNoGoLine
from apps.releases.moves.first_cycle import WATCH_MOVES
from apps.releases.policies.way_back import decision_due
from apps.releases.services.after_night import viability_of
from apps.releases.services.backout_generation import way_back_plan
from apps.releases.services.first_cycle import watches_with_surroundings
from apps.releases.services.go_no_go import numbers_of
from apps.windows.api import WindowRef


class GoNoGoLineSerializer(serializers.ModelSerializer):
    package = serializers.CharField(source="package.code", read_only=True)

    class Meta:
        model = GoNoGoLine
        fields = ("package", "decision", "reason", "delivered")
        read_only_fields = fields


class GoNoGoSerializer(GovernedSerializer):
    """`numbers` are those of the moment: times in UTC, minutes as whole numbers."""

    window = WindowRef(read_only=True, allow_null=True)
    decided_by = PersonRef(read_only=True)
    confirmed_by = PersonRef(read_only=True, allow_null=True)
    lines = GoNoGoLineSerializer(many=True, read_only=True)
    numbers = serializers.JSONField(read_only=True)

    class Meta:
        model = GoNoGo
        fields = ("id", "version", "window", "decided_at", "decided_by", "confirmed_by",
                  "two_persons", "lines", "numbers", "created_at", "changed_at")  # fmt: skip
        read_only_fields = fields


class GoNoGoView(GovernedView):
    """Decisions of the night, each with the numbers of its moment. Added, never edited."""

    queryset = GoNoGo.objects.select_related(
        "window", "decided_by", "confirmed_by"
    ).prefetch_related("lines__package")
    serializer_class = GoNoGoSerializer
    filters = (
        Filter("window", "reference"),
        Filter("package", "reference", lookup="lines__package"),
    )
    search_lookups = ("window__code__icontains",)
    orderings = ("-id", "id")
    export_columns = ("window.code", "decided_at", "decided_by", "confirmed_by", "two_persons")


class FirstCycleWatchSerializer(GovernedSerializer):
    window = WindowRef(read_only=True)
    job = serializers.CharField(source="job.name", read_only=True)
    recorded_by = PersonRef(read_only=True, allow_null=True)
    accepted_by = PersonRef(read_only=True, allow_null=True)

    class Meta:
        model = FirstCycleWatch
        fields = ("id", "version", "state", "window", "job", "because", "critical",
                  "expected_start_at", "expected_rc", "expected_minutes", "started_at", "ended_at",
                  "rc", "result_text", "recorded_by", "accepted_by", "accepted_reason",
                  "created_at", "changed_at")  # fmt: skip
        read_only_fields = fields


class FirstCycleWatchView(Moves, GovernedView):
    """The jobs that are watched in the first cycle after a night."""

    queryset = watches_with_surroundings()
    serializer_class = FirstCycleWatchSerializer
    moves = WATCH_MOVES
    filters = (
        Filter("state", choices=life.WATCH_STATES),
        Filter("window", "reference"),
        Filter("critical", "boolean"),
    )
    search_lookups = ("job__name__icontains",)
    orderings = ("id", "-id")
    export_columns = ("window.code", "job.name", "state", "expected_start_at", "expected_rc",
                      "expected_minutes", "rc", "recorded_by")  # fmt: skip


class WayBackStepSerializer(serializers.Serializer):
    number = serializers.IntegerField()
    step = serializers.CharField()
    state = serializers.CharField()
    undoes = serializers.CharField()


class CauseSerializer(serializers.Serializer):
    word = serializers.ChoiceField(choices=["degraded", "dead"])
    text = serializers.CharField()


class ViabilitySerializer(serializers.Serializer):
    word = serializers.ChoiceField(choices=["viable", "degraded", "dead"])
    causes = CauseSerializer(many=True)
    warranty_until = serializers.DateTimeField()


class WayBackSerializer(serializers.Serializer):
    """`steps` in the order in which they run, of what has been done; `idle` undo nothing, `final`
    cannot be undone, `kept` are shared and still needed by somebody. `viability` is told after the
    night, until the warranty ends; `decide_by` until when a failed package is to be decided on."""

    steps = WayBackStepSerializer(many=True)
    idle = serializers.ListField(child=serializers.CharField())
    final = serializers.ListField(child=serializers.CharField())
    kept = serializers.ListField(child=serializers.CharField())
    decide_by = serializers.DateTimeField(allow_null=True)
    viability = ViabilitySerializer(allow_null=True)


class NumbersSerializer(serializers.Serializer):
    at = serializers.DateTimeField()
    basis = serializers.ChoiceField(
        ["plan", "projection"], help_text="Whether it is as planned, or as the night really went."
    )
    cutoff_at = serializers.DateTimeField()
    go_ready_at = serializers.DateTimeField(allow_null=True)
    no_return_at = serializers.DateTimeField(allow_null=True)
    commit_at = serializers.DateTimeField(allow_null=True)
    margin_minutes = serializers.IntegerField(allow_null=True)
    backout_minutes = serializers.IntegerField()
    backout_whole_minutes = serializers.IntegerField(allow_null=True)
    latest_backout_at = serializers.DateTimeField()
    no_return_passed = serializers.BooleanField()
    obstacles = serializers.ListField(child=serializers.CharField())


class WindowNumbers:
    """What a decision on the window would rest on now."""

    @extend_schema(responses={200: NumbersSerializer, **PROBLEMS}, filters=False)
    @action(detail=True, methods=["get"], filter_backends=[], pagination_class=None)
    def numbers(self, request: Request, pk: str) -> Response:
        """The numbers of this moment, as a go/no-go decision keeps them."""
        window = self.find(pk)  # type: ignore[attr-defined]
        return Response(NumbersSerializer(numbers_of(window, clock.now())).data)


class PackageWayBack:
    """The way back of a package."""

    @extend_schema(responses={200: WayBackSerializer, **PROBLEMS}, filters=False)
    @action(detail=True, methods=["get"], url_path="way-back", url_name="way-back",
            filter_backends=[], pagination_class=None)  # fmt: skip
    def way_back(self, request: Request, pk: str) -> Response:
        """What a backout from here on runs and whether one is still possible after the night."""
        package = self.find(pk)  # type: ignore[attr-defined]
        plan, found = way_back_plan(package), viability_of(package)
        told: dict[str, Any] = {
            "steps": [
                {"number": line.number, "step": line.back.label, "state": line.back.state,
                 "undoes": line.undoes.label}
                for line in plan.lines
            ],
            "idle": [back.label for back in plan.idle],
            "final": [step.label for step in plan.final],
            "kept": [each.step.label for each in plan.kept],
            "decide_by": decision_due(package),
            "viability": found and {
                "word": found.word,
                "causes": [{"word": each.word, "text": each.text} for each in found.causes],
                "warranty_until": package.warranty_until,
            },
        }  # fmt: skip
        return Response(WayBackSerializer(told).data)
