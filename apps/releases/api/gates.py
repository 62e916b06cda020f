"""The gates, what they said of packages, and what people attest, over HTTP."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.accounts.api import PersonRef
from apps.core.api import Filter, WriteSerializer
from apps.evidence.api import Edits, GovernedSerializer, GovernedView, Moves
from apps.gates.catalogue import GATE_BY_CODE
from apps.gates.domain import attestation as life
from apps.gates.domain.waiver import PER_FINDING
from apps.gates.models import Attestation, GateProfile, ReadinessItem
from apps.gates.services.profiles import create_profile, edit_profile
from apps.releases.moves.attestation import ATTESTATION_MOVES
from apps.releases.services.attestations import attestations_with_people


class ReadinessSerializer(serializers.ModelSerializer):
    """What one gate said of the package the last time it was asked. `attestation` is what the
    state of a manual gate rests on, `waiver` the id of what lets it pass, `profile` why its level
    is another than delivered."""

    title = serializers.SerializerMethodField()
    help_text = serializers.SerializerMethodField()  # type: ignore[assignment]
    evidence_kind = serializers.SerializerMethodField()
    waivable_by = serializers.SerializerMethodField()
    is_manual = serializers.SerializerMethodField()
    owner = PersonRef(read_only=True, allow_null=True)
    findings = serializers.JSONField(read_only=True)

    class Meta:
        model = ReadinessItem
        fields: tuple[str, ...] = (
            "gate", "title", "help_text", "level", "state", "detail", "findings", "due_at", "owner",
            "owner_role", "evidence_kind", "waivable_by", "is_manual", "attestation", "profile",
            "waiver", "evaluated_at", "met_since",
        )  # fmt: skip
        read_only_fields: tuple[str, ...] = fields

    def get_title(self, item: ReadinessItem) -> str:
        gate = GATE_BY_CODE.get(item.gate)
        return gate.title if gate else ""

    def get_help_text(self, item: ReadinessItem) -> str:
        gate = GATE_BY_CODE.get(item.gate)
        return gate.help_text if gate else ""

    def get_evidence_kind(self, item: ReadinessItem) -> str:
        gate = GATE_BY_CODE.get(item.gate)
        return gate.evidence_kind if gate else ""

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_waivable_by(self, item: ReadinessItem) -> list[str]:
        """The roles that may let it pass together; empty: nobody may."""
        gate = GATE_BY_CODE.get(item.gate)
        if gate is None:
            return []
        told = [found.get("is_waivable", True) for found in item.findings]
        can = any(told) if gate.code in PER_FINDING else all(told)
        return [*gate.waivable_by] if can or not told else []

    def get_is_manual(self, item: ReadinessItem) -> bool:
        gate = GATE_BY_CODE.get(item.gate)
        return gate is not None and gate.is_manual


class AttestationSerializer(GovernedSerializer):
    submitted_by = PersonRef(read_only=True)
    verified_by = PersonRef(read_only=True, allow_null=True)

    class Meta:
        model = Attestation
        fields = ("id", "version", "about", "about_name", "gate", "holds", "text", "exhibit",
                  "state", "submitted_by", "submitted_at", "verified_by", "verified_at", "remark",
                  "created_at", "changed_at")  # fmt: skip
        read_only_fields = fields


class AttestationView(Moves, GovernedView):
    """What people attest of manual gates. One comes about by the move `attest_gate` of a package,
    and is confirmed or refused here by a second person."""

    queryset = attestations_with_people()
    serializer_class = AttestationSerializer
    moves = ATTESTATION_MOVES
    filters = (
        Filter("about", "text", help_text='The subject of a package, such as "package:<id>".'),
        Filter("gate", "text", help_text="The code of a gate."),
        Filter("state", choices=life.STATES),
    )
    search_lookups = ("about_name__icontains", "text__icontains")
    orderings = ("-submitted_at", "submitted_at")
    export_columns = ("about_name", "gate", "holds", "state", "text", "submitted_by",
                      "submitted_at", "verified_by", "verified_at", "remark")  # fmt: skip


class GateProfileSerializer(GovernedSerializer):
    application = serializers.CharField(
        source="application.code", read_only=True, default=None, allow_null=True
    )

    class Meta:
        model = GateProfile
        fields = ("id", "version", "gate", "application", "risk_band", "setting", "reason",
                  "is_active", "created_at", "changed_at")  # fmt: skip
        read_only_fields = fields


class GateProfileWriteSerializer(WriteSerializer):
    class Meta:
        model = GateProfile
        fields = ("gate", "application", "risk_band", "setting", "reason", "is_active")


class GateProfileView(Edits, GovernedView):
    """Where a gate is hard, soft or off otherwise than delivered; every edit is a version."""

    queryset = GateProfile.objects.select_related("application")
    serializer_class = GateProfileSerializer
    write_serializer = GateProfileWriteSerializer
    create_service = create_profile
    edit_service = edit_profile
    step_up = True
    filters = (
        Filter("gate", "text", help_text="The code of a gate."),
        Filter("application", "reference"),
        Filter("is_active", "boolean"),
    )
    search_lookups = ("gate__iexact", "reason__icontains")
    orderings = ("gate", "-gate")
    export_columns = ("gate", "application.code", "risk_band", "setting", "reason",
                      "is_active")  # fmt: skip
