"""Standard changes and approval debt in the programming interface."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.api import PersonRef
from apps.approvals.api import Eligible
from apps.changes.domain.debt import KINDS
from apps.changes.domain.standard import STATES
from apps.changes.models import StandardTemplate
from apps.changes.moves import STANDARD_MOVES, STANDARD_QUESTIONS
from apps.changes.selectors import debt_lines, standard_templates
from apps.changes.services import templates
from apps.core.api import Filter, WriteSerializer
from apps.evidence.api import Edits, GovernedSerializer, GovernedView, Moves
from apps.inventory.api import ApplicationRef


class StandardChangeSerializer(GovernedSerializer):
    """A kind of change approved in advance. `succeeded` and `went_bad` count its changes."""

    application = ApplicationRef(read_only=True, allow_null=True)
    proposed_by = PersonRef(read_only=True, allow_null=True)
    approved_by = PersonRef(read_only=True, allow_null=True)
    families = serializers.ListField(child=serializers.CharField(), read_only=True)
    asset_types = serializers.ListField(child=serializers.CharField(), read_only=True)
    activity_types = serializers.ListField(child=serializers.CharField(), read_only=True)
    succeeded = serializers.IntegerField(read_only=True)
    went_bad = serializers.IntegerField(read_only=True)

    class Meta:
        model = StandardTemplate
        fields = ("id", "version", "code", "name", "state", "application", "families",
                  "asset_types", "activity_types", "max_assets", "max_risk", "approved_until",
                  "proposed_by", "approved_by", "active_since", "suspended_because", "succeeded",
                  "went_bad", "created_at", "changed_at")  # fmt: skip
        read_only_fields = fields


class StandardChangeWriteSerializer(WriteSerializer):
    """The limits of a proposal; what the board approved is not edited."""

    families = serializers.ListField(child=serializers.CharField())
    asset_types = serializers.ListField(child=serializers.CharField(), required=False)
    activity_types = serializers.ListField(child=serializers.CharField(), required=False)

    class Meta:
        model = StandardTemplate
        fields = templates.EDITABLE_FIELDS


class StandardChangeView(Eligible, Moves, Edits, GovernedView):
    queryset = standard_templates()
    serializer_class = StandardChangeSerializer
    write_serializer = StandardChangeWriteSerializer
    create_service = templates.propose_template
    edit_service = templates.edit_template
    moves = STANDARD_MOVES
    questions = STANDARD_QUESTIONS
    filters = (Filter("state", choices=STATES), Filter("application", "reference"))
    search_lookups = ("code__icontains", "name__icontains")
    orderings = ("code", "-code")
    export_columns = ("code", "name", "state", "application.code", "max_assets", "max_risk",
                      "approved_until", "succeeded", "went_bad")  # fmt: skip


class ApprovalDebtSerializer(serializers.Serializer[Any]):
    """One thing that an emergency owes. It blocks when it is overdue and not waived."""

    change = serializers.CharField(source="debt.change")
    change_id = serializers.UUIDField(source="debt.change_id")
    title = serializers.CharField(source="debt.title")
    application = serializers.CharField(source="debt.application")
    kind = serializers.ChoiceField(choices=KINDS, source="debt.kind")
    owes = serializers.CharField(source="debt.owes")
    fix = serializers.CharField(source="debt.fix")
    due_at = serializers.DateTimeField(source="debt.due_at")
    waived_until = serializers.DateTimeField(source="debt.waived_until", allow_null=True)
    is_overdue = serializers.BooleanField()
    blocks = serializers.BooleanField()
    age_hours = serializers.FloatField(help_text="Hours overdue; negative before it is due.")


class ApprovalDebtsView(APIView):
    """What emergencies still owe to governance, the oldest first; all of it, it is never long."""

    @extend_schema(responses={200: ApprovalDebtSerializer(many=True)})
    def get(self, request: Request) -> Response:
        return Response(ApprovalDebtSerializer(debt_lines(), many=True).data)
