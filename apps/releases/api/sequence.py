"""The order of steps, the steps that a scope asks for, and plans from templates, over HTTP."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api import PersonRef
from apps.core.api import (
    Filter,
    StrictSerializer,
    WriteSerializer,
    actor_of,
    expected_version,
    rows_of,
)
from apps.evidence.api import PROBLEMS, Edits, GovernedSerializer, GovernedView, Moves, RecordView
from apps.releases.domain import lifecycle as life
from apps.releases.models import PlanTemplate, TemplateParameter, TemplateStep
from apps.releases.moves.plan_template import PLAN_TEMPLATE_MOVES
from apps.releases.policies.scope_steps import proposals_digest, proposals_for
from apps.releases.policies.step_order import Order, order_of
from apps.releases.services import plan_templates
from apps.releases.services.plan_steps import Draft, apply_template, preview_template

# The order.


class OrderEdgeSerializer(serializers.Serializer):
    """One step before another; `reasons` are [rule, why]. `is_needed`: no longer way says it."""

    before = serializers.UUIDField()
    after = serializers.UUIDField()
    before_label = serializers.CharField()
    after_label = serializers.CharField()
    strength = serializers.ChoiceField(choices=["hard", "soft"])
    reasons = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))
    is_needed = serializers.BooleanField(required=False)


class DroppedEdgeSerializer(OrderEdgeSerializer):
    dropped_by = serializers.CharField()
    dropped_at = serializers.DateTimeField()
    dropped_reason = serializers.CharField()


class OrderSerializer(serializers.Serializer):
    """The order as it is, and what the move `derive_order` would change: send `content_digest`
    with the move, and it does that or nothing. `cycle` tells why no order is possible."""

    content_digest = serializers.CharField()
    edges = OrderEdgeSerializer(many=True)
    dropped = DroppedEdgeSerializer(many=True)
    to_add = OrderEdgeSerializer(many=True)
    to_change = OrderEdgeSerializer(many=True)
    to_remove = OrderEdgeSerializer(many=True)
    cycle = serializers.CharField(allow_blank=True)


class Ordered(RecordView):
    """Adds the order of the steps of a package, or of all of a window."""

    @extend_schema(responses={200: OrderSerializer, **PROBLEMS}, filters=False)
    @action(detail=True, methods=["get"], url_path="order", filter_backends=[],
            pagination_class=None)  # fmt: skip
    def order(self, request: Request, pk: str) -> Response:
        """Which step waits for which and why, and what deriving again would change."""
        return Response(OrderSerializer(_told(order_of(self.find(pk)))).data)


def _told(order: Order) -> dict[str, Any]:
    found = order.difference
    focus = order.place.focus
    needed = {edge.pair for edge in order.needed}

    def is_meant(before: Any, after: Any) -> bool:
        return focus is None or focus in (
            order.steps[before].package_id, order.steps[after].package_id,
        )  # fmt: skip

    def edge(before: Any, after: Any, is_hard: bool, reasons: Any, **more: Any) -> dict[str, Any]:
        labels = {key: step.label for key, step in order.steps.items()}
        return {
            "before": before,
            "after": after,
            "before_label": labels.get(before, ""),
            "after_label": labels.get(after, ""),
            "strength": "hard" if is_hard else "soft",
            "reasons": [list(pair) for pair in reasons],
            **more,
        }

    def ruled(each: Any, **more: Any) -> dict[str, Any]:
        reasons = zip(each.origins, each.why, strict=True)
        return edge(each.before, each.after, each.is_hard, reasons, **more)

    return {
        "content_digest": order.digest,
        "edges": [
            ruled(each, is_needed=each.pair in needed)
            for each in order.present
            if is_meant(*each.pair)
        ],
        "dropped": [
            edge(
                row.predecessor_id, row.activity_id, row.strength == "hard", row.reasons,
                dropped_by=str(row.dropped_by), dropped_at=row.dropped_at,
                dropped_reason=row.dropped_reason,
            )
            for row in order.dropped
            if is_meant(row.predecessor_id, row.activity_id)
        ],
        "to_add": [ruled(each) for each in found.added],
        "to_change": [ruled(each) for _, each in found.changed],
        "to_remove": [edge(h.before, h.after, h.is_hard, h.reasons) for h in found.removed],
        "cycle": order.cycle.text if order.cycle else "",
    }  # fmt: skip


# Steps that a scope asks for, and those of a template.


class ProposalSerializer(serializers.Serializer):
    """A step that the scope asks for; `backout` is the type of the step that takes it back."""

    type = serializers.CharField()
    title = serializers.CharField()
    because = serializers.CharField()
    targets = serializers.ListField(child=serializers.UUIDField())
    backout = serializers.CharField(allow_blank=True)
    backout_title = serializers.CharField(allow_blank=True)


class ScopeStepsSerializer(serializers.Serializer):
    """What the move `add_scope_steps` would add: send `content_digest` with it."""

    content_digest = serializers.CharField()
    steps = ProposalSerializer(many=True)


class ApplySerializer(StrictSerializer):
    """An active version with a value for each parameter. With `preview` nothing is added."""

    template = serializers.UUIDField()
    values = serializers.DictField(child=serializers.CharField(allow_blank=True), default=dict)
    preview = serializers.BooleanField(default=False)
    comment = serializers.CharField(required=False, allow_blank=True, default="")
    version = serializers.IntegerField(required=False, min_value=1, max_value=2**31 - 1)


class DraftSerializer(serializers.Serializer):
    """A step of the template with its parameters filled in."""

    label = serializers.CharField(source="line.label")  # type: ignore[assignment]
    type = serializers.CharField(source="row.type_id")
    title = serializers.CharField(source="line.title")
    instruction = serializers.CharField(source="line.instruction")
    team = serializers.CharField(source="row.team.code")
    duration_minutes = serializers.IntegerField(source="row.duration_minutes")
    after = serializers.ListField(child=serializers.CharField(), source="line.after")
    reverses = serializers.CharField(source="line.reverses")


class AppliedSerializer(serializers.Serializer):
    """The steps; `is_preview` tells that none of them was added."""

    is_preview = serializers.BooleanField()
    steps = DraftSerializer(many=True)


class Planned(RecordView):
    """Adds what the plan of a package can be made of."""

    @extend_schema(responses={200: ScopeStepsSerializer, **PROBLEMS}, filters=False)
    @action(detail=True, methods=["get"], url_path="scope-steps", filter_backends=[],
            pagination_class=None)  # fmt: skip
    def scope_steps(self, request: Request, pk: str) -> Response:
        """The steps that its scope asks for and the plan does not have."""
        package = self.find(pk)
        told = {"content_digest": proposals_digest(package), "steps": proposals_for(package)}
        return Response(ScopeStepsSerializer(told).data)

    @extend_schema(
        request=ApplySerializer, responses={200: AppliedSerializer, **PROBLEMS}, filters=False
    )
    @action(detail=True, methods=["post"], url_path="template", filter_backends=[],
            pagination_class=None)  # fmt: skip
    def template(self, request: Request, pk: str) -> Response:
        """Add the steps of a plan template, or look at them. A parameter that is missing or does
        not fit is refused by its name: `values.region`."""
        serializer = ApplySerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        told = dict(serializer.validated_data)
        version = expected_version(request, told)
        package = self.find(pk)
        drafts = _drafts(package, told["template"], told["values"])
        if not told["preview"]:
            apply_template(
                pk=package.pk,
                actor=actor_of(request),
                template=told["template"],
                values=told["values"],
                expected_seq=version,
                comment=told["comment"],
            )
        answer = {"is_preview": told["preview"], "steps": drafts}
        return Response(AppliedSerializer(answer).data)


def _drafts(package: Any, template: Any, values: Any) -> list[Draft]:
    return preview_template(package, plan_templates.find_template(template), values)


class TemplateParameterSerializer(serializers.ModelSerializer):
    class Meta:
        model = TemplateParameter
        fields = plan_templates.PARAMETER_FIELDS
        read_only_fields = fields


class TemplateStepSerializer(serializers.ModelSerializer):
    team = serializers.CharField(source="team.code", read_only=True)

    class Meta:
        model = TemplateStep
        fields = plan_templates.STEP_FIELDS
        read_only_fields = fields


class PlanTemplateSerializer(GovernedSerializer):
    """One version of a template; `number` is which."""

    written_by = PersonRef(read_only=True, allow_null=True)
    reviewed_by = PersonRef(read_only=True, allow_null=True)

    class Meta:
        model = PlanTemplate
        fields: tuple[str, ...] = (
            "id", "version", "code", "number", "name", "purpose", "state", "written_by",
            "reviewed_by", "created_at", "changed_at",
        )  # fmt: skip
        read_only_fields: tuple[str, ...] = fields


class PlanTemplateDetailSerializer(PlanTemplateSerializer):
    parameters = TemplateParameterSerializer(many=True, read_only=True)
    steps = TemplateStepSerializer(many=True, read_only=True)

    class Meta(PlanTemplateSerializer.Meta):
        fields = (*PlanTemplateSerializer.Meta.fields, "parameters", "steps")
        read_only_fields = fields


class TemplateParameterWriteSerializer(WriteSerializer):
    class Meta:
        model = TemplateParameter
        fields = plan_templates.PARAMETER_FIELDS


class TemplateStepWriteSerializer(WriteSerializer):
    class Meta:
        model = TemplateStep
        fields = plan_templates.STEP_FIELDS


class PlanTemplateWriteSerializer(WriteSerializer):
    """A draft; `parameters` and `steps`, where given, replace those there are."""

    parameters = rows_of(TemplateParameterWriteSerializer, 40)
    steps = rows_of(TemplateStepWriteSerializer, 200)

    class Meta:
        model = PlanTemplate
        fields = (*plan_templates.CREATABLE_FIELDS, "parameters", "steps")


class PlanTemplateView(Moves, Edits, GovernedView):
    """Plans to be used again. A package is planned from one by POST to its `template/`."""

    queryset = PlanTemplate.objects.select_related("written_by", "reviewed_by")
    serializer_class = PlanTemplateSerializer
    detail_serializer = PlanTemplateDetailSerializer
    write_serializer = PlanTemplateWriteSerializer
    part_fields = ("parameters", "steps")
    create_service = plan_templates.write_template
    edit_service = plan_templates.edit_template
    moves = PLAN_TEMPLATE_MOVES
    filters = (
        Filter("state", choices=life.TEMPLATE_STATES),
        Filter("code", "text", help_text="The code of a template: all its versions."),
    )
    search_lookups = ("code__icontains", "name__icontains")
    orderings = ("id", "-id")
    export_columns = ("code", "number", "name", "state", "written_by", "reviewed_by")

    def detail_rows(self) -> Any:
        return self.rows().prefetch_related("parameters", "steps__team")
