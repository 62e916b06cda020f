"""The approval policy in the programming interface: read, edit, try."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.changes.domain.policy import (
    CHANGE_TYPES,
    LEAD_OF_FAMILY,
    REGULATIONS,
    TIERS,
    WITHOUT_LEAD,
    PolicyInput,
    slots_for,
)
from apps.changes.domain.risk import BANDS
from apps.changes.domain.seal import ROW_CODES
from apps.changes.models import ApprovalPolicy, PolicyRule
from apps.changes.selectors import policies_with_rules
from apps.changes.services import policies
from apps.core.api import Filter, StrictSerializer, WriteSerializer, rows_of
from apps.evidence.api import PROBLEMS, Edits, GovernedSerializer, GovernedView


class PolicyRuleSerializer(serializers.ModelSerializer):
    class Meta:
        model = PolicyRule
        fields = policies.RULE_FIELDS
        read_only_fields = fields


class PolicyRuleWriteSerializer(WriteSerializer):
    class Meta:
        model = PolicyRule
        fields = policies.RULE_FIELDS


class PolicySerializer(GovernedSerializer):
    class Meta:
        model = ApprovalPolicy
        fields: tuple[str, ...] = (
            "id", "version", "code", "name", "is_active", "stamp", "created_at", "changed_at",
        )  # fmt: skip
        read_only_fields: tuple[str, ...] = fields


class PolicyDetailSerializer(PolicySerializer):
    rules = PolicyRuleSerializer(many=True, read_only=True)

    class Meta(PolicySerializer.Meta):
        fields = (*PolicySerializer.Meta.fields, "rules")
        read_only_fields = fields


class PolicyWriteSerializer(WriteSerializer):
    """`rules`, where given, replace those there are: that is a new version."""

    rules = rows_of(PolicyRuleWriteSerializer, 100)

    class Meta:
        model = ApprovalPolicy
        fields = ("code", "name", "is_active", "rules")


#: Conditions of which a change may have several.
LISTS = ("families", "environments", "regulations", "changed")


class TrySerializer(StrictSerializer):
    """A change that could be."""

    change_type = serializers.ChoiceField(choices=CHANGE_TYPES)
    risk_band = serializers.ChoiceField(choices=BANDS)
    application = serializers.CharField(default="APPLICATION", max_length=20)
    families = serializers.ListField(
        child=serializers.ChoiceField(choices=(*LEAD_OF_FAMILY, *WITHOUT_LEAD)), default=list
    )
    tier = serializers.ChoiceField(choices=TIERS, default="tier3")
    environments = serializers.ListField(child=serializers.CharField(max_length=12), default=list)
    regulations = serializers.ListField(
        child=serializers.ChoiceField(choices=REGULATIONS), default=list
    )
    in_freeze = serializers.BooleanField(default=False)
    changed = serializers.ListField(
        child=serializers.ChoiceField(choices=ROW_CODES), default=list,
        help_text="What an edit changed, where the question is asked again.",
    )  # fmt: skip

    def facts(self) -> PolicyInput:
        told: dict[str, Any] = dict(self.validated_data)
        return PolicyInput(**told | {name: frozenset(told[name]) for name in LISTS})


class AskedSlotSerializer(serializers.Serializer):
    """A slot that would be asked for, by which rules and why."""

    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    eligible = serializers.SerializerMethodField()
    quorum = serializers.IntegerField()
    order = serializers.IntegerField()
    sla_hours = serializers.IntegerField()
    excludes = serializers.ListField(child=serializers.CharField())
    rules = serializers.ListField(child=serializers.CharField())
    because = serializers.CharField()

    def get_eligible(self, spec: Any) -> list[str]:
        return [f"{held.role}@{held.scope}" if held.scope else held.role for held in spec.eligible]


class PolicyView(Edits, GovernedView):
    queryset = policies_with_rules()
    serializer_class = PolicySerializer
    detail_serializer = PolicyDetailSerializer
    write_serializer = PolicyWriteSerializer
    part_fields = ("rules",)
    create_service = policies.create_policy
    edit_service = policies.edit_policy
    step_up = True
    filters = (Filter("is_active", "boolean"),)
    search_lookups = ("code__icontains", "name__icontains")
    orderings = ("code", "-code")
    export_columns = ("code", "name", "is_active", "created_at", "changed_at")

    @extend_schema(
        parameters=[TrySerializer], responses={200: AskedSlotSerializer(many=True), **PROBLEMS}
    )
    @action(detail=True, methods=["get"], url_path="try", url_name="try", filter_backends=[],
            pagination_class=None)  # fmt: skip
    def try_out(self, request: Request, pk: str) -> Response:
        """The slots that this policy would ask of such a change. Nothing is kept."""
        policy = self.find(pk)
        query = request.query_params
        form = TrySerializer(
            data={name: query.getlist(name) if name in LISTS else query[name] for name in query}
        )
        form.is_valid(raise_exception=True)
        return Response(
            AskedSlotSerializer(slots_for(policy.in_rules(), form.facts()), many=True).data
        )
