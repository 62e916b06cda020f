"""Change requests in the programming interface."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api import PersonRef
from apps.approvals.api import Eligible, ObligationSerializer
from apps.approvals.models import Approval, Decision
from apps.approvals.policies import tell_lapses, wanted
from apps.approvals.selectors import live_slots, obligations_about
from apps.approvals.services.views import log_view
from apps.changes.api.exhibits import Documents
from apps.changes.domain.lifecycle import STATES
from apps.changes.models import ChangeAsset, ChangeRequest, ContextLink, RiskAssessment
from apps.changes.moves import CHANGE_MOVES, CHANGE_QUESTIONS
from apps.changes.policies import case_about
from apps.changes.selectors import (
    assessments_about,
    changes_with_people,
    changes_with_scope,
    decisions_on,
    differences_since,
    search_changes,
)
from apps.changes.services import content, requests
from apps.core.api import Filter, StrictSerializer, WriteSerializer, actor_of, key_of, rows_of
from apps.core.errors import not_found
from apps.evidence.api import PROBLEMS, Edits, GovernedSerializer, GovernedView, Moves
from apps.inventory.api import ApplicationRef, AssetRef


class ChangeRef(serializers.ModelSerializer):
    class Meta:
        model = ChangeRequest
        fields = ("id", "code", "title", "state", "risk_band")
        read_only_fields = fields


class ScopeLineSerializer(serializers.ModelSerializer):
    asset = AssetRef(read_only=True)

    class Meta:
        model = ChangeAsset
        fields = ("asset", "action", "from_version", "to_version", "scm_ref")
        read_only_fields = fields


class LinkSerializer(serializers.ModelSerializer):
    class Meta:
        model = ContextLink
        fields = ("kind", "ref", "url", "due_on")
        read_only_fields = fields


class DecisionSerializer(serializers.ModelSerializer):
    by = PersonRef(read_only=True)
    on_behalf_of = PersonRef(read_only=True, allow_null=True)

    class Meta:
        model = Decision
        fields: tuple[str, ...] = (
            "id", "by", "on_behalf_of", "verdict", "comment", "conditions", "meaning",
            "decided_at",
        )  # fmt: skip
        read_only_fields: tuple[str, ...] = fields


class GivenSerializer(DecisionSerializer):
    """A decision in a slot; `lapse` tells why it counts no more, and is empty while it does."""

    lapse = serializers.CharField(read_only=True)

    class Meta(DecisionSerializer.Meta):
        fields = (*DecisionSerializer.Meta.fields, "lapse")
        read_only_fields = fields


class SlotSerializer(serializers.ModelSerializer):
    """One question put to the holders of a role. Answered by the moves of the change only."""

    wanted = serializers.SerializerMethodField()
    decisions = GivenSerializer(many=True, read_only=True)

    class Meta:
        model = Approval
        fields = ("slot", "label", "wanted", "quorum", "order", "sla_hours", "because", "rules",
                  "policy_version", "state", "content_digest", "seal", "requested_at",
                  "decisions")  # fmt: skip
        read_only_fields = fields

    def get_wanted(self, slot: Approval) -> str:
        return wanted(slot)


class RiskSerializer(serializers.ModelSerializer):
    """One reckoning of the risk: the score with its terms, and the band that the floors and the
    score lead to."""

    class Meta:
        model = RiskAssessment
        fields = ("moment", "points", "score_band", "band", "reasons", "terms", "inputs",
                  "weights_version", "at")  # fmt: skip
        read_only_fields = fields


class ExecutionGroupSerializer(serializers.Serializer):
    """One thing that execution is about to do and that signatures rest on."""

    group = serializers.CharField()
    what = serializers.CharField()
    words = serializers.CharField()
    digest = serializers.CharField()


class ChangeSerializer(GovernedSerializer):
    application = ApplicationRef(read_only=True)
    requester = PersonRef(read_only=True)
    author = PersonRef(read_only=True)
    owner = PersonRef(read_only=True)

    class Meta:
        model = ChangeRequest
        fields: tuple[str, ...] = (
            "id", "version", "code", "title", "state", "change_type", "category", "application",
            "requester", "author", "owner", "risk_band", "impact", "on_hold", "on_hold_reason",
            "submitted_at", "approved_at", "valid_until", "outcome", "external_ref", "created_at",
            "changed_at",
        )  # fmt: skip
        read_only_fields: tuple[str, ...] = fields


class ChangeDetailSerializer(ChangeSerializer):
    assets = ScopeLineSerializer(many=True, read_only=True)
    links = LinkSerializer(many=True, read_only=True)
    standard_template: Any = serializers.SlugRelatedField("code", read_only=True, allow_null=True)
    risk_reasons = serializers.ListField(child=serializers.CharField(), read_only=True)
    approvals = serializers.SerializerMethodField()
    obligations = serializers.SerializerMethodField()
    risk = serializers.SerializerMethodField()
    execution = serializers.SerializerMethodField()

    class Meta(ChangeSerializer.Meta):
        fields = (*ChangeSerializer.Meta.fields, "reason", "downtime_minutes", "irreversible",
                  "impact_words", "security_impact", "security_words", "data_impact", "data_words",
                  "continuity", "continuity_words", "declared_risk", "risk_reasons",
                  "implementation_summary", "backout_summary",
                  "validation_summary", "tests_due_on", "earliest_on", "latest_on",
                  "incident_ref", "standard_template", "fingerprint", "policy_version",
                  "ratification_due_at", "ratified_at", "review", "assets", "links",
                  "approvals", "obligations", "risk", "execution")  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(ObligationSerializer(many=True))
    def get_obligations(self, change: ChangeRequest) -> Any:
        return ObligationSerializer(obligations_about(change.subject), many=True).data

    @extend_schema_field(ExecutionGroupSerializer(many=True))
    def get_execution(self, change: ChangeRequest) -> Any:
        rows = [{"group": name, **told} for name, told in sorted(change.execution.items())]
        return ExecutionGroupSerializer(rows, many=True).data

    @extend_schema_field(RiskSerializer(many=True))
    def get_risk(self, change: ChangeRequest) -> Any:
        return RiskSerializer(assessments_about(change.subject), many=True).data

    @extend_schema_field(SlotSerializer(many=True))
    def get_approvals(self, change: ChangeRequest) -> Any:
        slots = list(live_slots(change.subject))
        tell_lapses(slots, case_about(change, slots))
        return SlotSerializer(slots, many=True).data


class ScopeLineWriteSerializer(StrictSerializer):
    asset = serializers.UUIDField(help_text="The id of an asset of the inventory.")
    action = serializers.ChoiceField(
        choices=ChangeAsset.Action.choices, default=ChangeAsset.Action.CHANGE
    )
    from_version = serializers.CharField(
        required=False, allow_blank=True, help_text="The version it was built on."
    )
    to_version = serializers.CharField(required=False, allow_blank=True)
    scm_ref = serializers.CharField(required=False, allow_blank=True)


class LinkWriteSerializer(StrictSerializer):
    kind = serializers.ChoiceField(choices=ContextLink.Kind.choices)
    ref = serializers.CharField()
    url = serializers.CharField(required=False, allow_blank=True)
    due_on = serializers.DateField(required=False, allow_null=True)


class ChangeWriteSerializer(WriteSerializer):
    """What a person may enter. `assets` and `links`, where given, replace the rows there are."""

    assets = rows_of(ScopeLineWriteSerializer, 1000)
    links = rows_of(LinkWriteSerializer, 100)

    class Meta:
        model = ChangeRequest
        fields = (*content.EDITABLE_FIELDS, "assets", "links")
        extra_kwargs = {"author": {"required": False}, "owner": {"required": False}}


class DifferenceSerializer(serializers.Serializer):
    what = serializers.CharField()
    old = serializers.CharField(allow_blank=True)
    new = serializers.CharField(allow_blank=True)


class DifferencesSerializer(serializers.Serializer):
    """In what the change differs from what a person decided on; `since` is null when the caller
    never decided."""

    since = DecisionSerializer(allow_null=True)
    content_digest = serializers.CharField()
    differences = DifferenceSerializer(many=True)


class ChangeView(Eligible, Documents, Moves, Edits, GovernedView):
    queryset = changes_with_people()
    serializer_class = ChangeSerializer
    detail_serializer = ChangeDetailSerializer
    write_serializer = ChangeWriteSerializer
    part_fields = ("assets", "links")
    create_service = requests.create_change
    edit_service = requests.edit_change
    moves = CHANGE_MOVES
    questions = CHANGE_QUESTIONS
    filters = (
        Filter("state", choices=STATES),
        Filter("change_type", choices=ChangeRequest.Type.choices),
        Filter("risk_band", choices=ChangeRequest.Band.choices),
        Filter("application", "reference"),
        Filter("code", "text"),
        Filter(
            "ref",
            "text",
            lookup="links__ref",
            help_text="A reference of its business context, such as INC0098213.",
        ),
    )
    search_lookups = ("code__icontains", "title__icontains")
    orderings = ("-created_at", "created_at")
    export_columns = ("code", "title", "change_type", "category", "state", "risk_band",
                      "application.code", "requester", "author", "owner", "created_at",
                      "submitted_at", "approved_at", "outcome")  # fmt: skip

    def detail_rows(self) -> QuerySet[Any]:
        return changes_with_scope().select_related("standard_template")

    def retrieve(self, request: Request, pk: str) -> Response:
        """The whole change. Whoever gets it with a token or a session has opened it."""
        change = self.find(pk)
        digest = change.current_fingerprint()
        log_view(about=change.subject, content_digest=digest, actor=actor_of(request))
        return self.shown(change)

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """A change that names a reference twice, as two kinds, is one row."""
        found = super().filter_queryset(queryset)
        return found.distinct() if "ref" in self.request.query_params else found

    def search(self, queryset: QuerySet[Any], text: str) -> QuerySet[Any]:
        return queryset.filter(pk__in=search_changes(text).order_by().values("pk"))

    @extend_schema(
        parameters=[OpenApiParameter("since", OpenApiTypes.UUID, description="A decision on it.")],
        responses={200: DifferencesSerializer, **PROBLEMS},
    )
    @action(detail=True, methods=["get"], filter_backends=[], pagination_class=None)
    def differences(self, request: Request, pk: str) -> Response:
        """What changed since a decision; without `since`, since the caller's own last one."""
        change = self.find(pk)
        decisions = decisions_on(change)
        asked = request.query_params.get("since")
        if asked:
            since = decisions.filter(pk=key_of(asked, "decision")).first()
            if since is None:
                raise not_found("decision")
        else:
            since = decisions.filter(by=request.user.pk).first()
        found = {
            "since": since,
            "content_digest": change.fingerprint,
            "differences": differences_since(change, since) if since else [],
        }
        return Response(DifferencesSerializer(found).data)
