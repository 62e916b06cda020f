"""Findings over HTTP: auditors read all, everybody else what they answer for or may accept."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from apps.accounts.api import PersonRef
from apps.audit.domain import finding as life
from apps.audit.models import AuditFinding
from apps.audit.models.finding import control_choices
from apps.audit.moves.workbench import FINDING_MOVES
from apps.audit.selectors.workbench import findings_seen_by, page_of
from apps.audit.services import findings
from apps.core.api import Filter, WriteSerializer
from apps.evidence.api import Edits, GovernedSerializer, GovernedView, Moves, actor_of


class AuditFindingSerializer(GovernedSerializer):
    """`about` is the subject of the record that it concerns, `fact` of what shows it; `page` is the
    path of the page of that fact."""

    owner = PersonRef(read_only=True)
    opened_by = PersonRef(read_only=True, allow_null=True)
    answered_by = PersonRef(read_only=True, allow_null=True)
    closed_by = PersonRef(read_only=True, allow_null=True)
    control = serializers.CharField(read_only=True)
    page = serializers.SerializerMethodField()

    class Meta:
        model = AuditFinding
        fields: Any = ("id", "version", "code", "state", "control", "population", "report", "about",
                       "about_name", "fact", "page", "what", "owner", "due_at", "opened_by",
                       "answer", "answered_by", "answered_at", "closed_by", "closed_at",
                       "created_at", "changed_at")  # fmt: skip
        read_only_fields = fields

    def get_page(self, finding: AuditFinding) -> str:
        return page_of(finding.fact or finding.about)


class AuditFindingWriteSerializer(WriteSerializer):
    class Meta:
        model = AuditFinding
        fields = findings.CREATABLE_FIELDS


class AuditFindingView(Moves, Edits, GovernedView):
    """An exception that its owner answers and an auditor closes."""

    queryset = AuditFinding.objects.select_related("owner", "opened_by", "answered_by", "closed_by")
    serializer_class = AuditFindingSerializer
    write_serializer = AuditFindingWriteSerializer
    create_service = findings.open_finding
    edit_service = findings.edit_finding
    moves = FINDING_MOVES
    filters = (
        Filter("state", choices=life.STATES),
        Filter("control", choices=control_choices),
        Filter("owner", "reference"),
        Filter("population", "reference"),
        Filter("report", "reference"),
        Filter("about", "text", help_text='A record, such as "change:<id>".'),
    )
    search_lookups = ("code__icontains", "about_name__icontains", "what__icontains")
    orderings = ("-created_at", "created_at")
    export_columns = ("code", "control", "about_name", "what", "owner", "due_at", "state", "answer",
                      "answered_by", "closed_by", "closed_at")  # fmt: skip

    def rows(self) -> QuerySet[Any]:
        return findings_seen_by(actor_of(self.request))

    def subject(self, pk: str) -> str:
        subject: str = self.find(pk).subject
        return subject
