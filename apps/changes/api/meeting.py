"""Board meetings in the programming interface."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api import PersonRef
from apps.accounts.models import User
from apps.approvals.api import Eligible
from apps.changes.api.change import ChangeRef
from apps.changes.domain.meeting import CSV_HEADER, STATES, as_rows
from apps.changes.models import CabMeeting, DocketItem, MeetingMember, Recusal
from apps.changes.moves import MEETING_MOVES, MEETING_QUESTIONS
from apps.changes.policies import consent_seal_of
from apps.changes.selectors import meetings_with_docket, meetings_with_people, minutes_of
from apps.changes.services import meetings
from apps.core.api import (
    Filter,
    ReferenceField,
    StrictSerializer,
    WriteSerializer,
    actor_of,
    rows_of,
)
from apps.evidence.api import PROBLEMS, CSVRenderer, Edits, GovernedSerializer, GovernedView, Moves
from apps.evidence.services.exports import exported_csv


class InvitedSerializer(serializers.ModelSerializer):
    user = PersonRef(read_only=True)

    class Meta:
        model = MeetingMember
        fields = ("user", "is_present")
        read_only_fields = fields


class RecusalSerializer(serializers.ModelSerializer):
    user = PersonRef(read_only=True)

    class Meta:
        model = Recusal
        fields = ("user", "reason")
        read_only_fields = fields


class DocketItemSerializer(serializers.ModelSerializer):
    """A line of the docket. `seal` is what a signature in the session names; `asks` is whether
    the board approves the change, or ratifies an emergency."""

    change = ChangeRef(read_only=True)
    accepted_by = PersonRef(read_only=True, allow_null=True)
    recusals = RecusalSerializer(many=True, read_only=True)
    groups = serializers.DictField(child=serializers.CharField(), read_only=True)
    is_edited = serializers.SerializerMethodField()

    class Meta:
        model = DocketItem
        fields = ("id", "number", "listed", "asks", "change", "state", "outcome", "reason", "seal",
                  "groups", "sealed_version", "is_edited", "accepted_by", "taken_up_at",
                  "seconds_spent", "recusals")  # fmt: skip
        read_only_fields = fields

    def get_is_edited(self, item: DocketItem) -> bool:
        """Whether the change was edited after it was sealed."""
        return bool(item.seal) and item.seal != item.change.fingerprint


class MeetingSerializer(GovernedSerializer):
    chair = PersonRef(read_only=True)

    class Meta:
        model = CabMeeting
        fields: tuple[str, ...] = (
            "id", "version", "code", "name", "state", "starts_at", "cutoff_at", "chair", "quorum",
            "item_minutes", "place", "frozen_at", "started_at", "ended_at", "minutes_sha256",
            "created_at", "changed_at",
        )  # fmt: skip
        read_only_fields: tuple[str, ...] = fields


class MeetingDetailSerializer(MeetingSerializer):
    """`consent_seal` is what a signature under the consent block names; empty without one."""

    members = InvitedSerializer(many=True, read_only=True)
    items = DocketItemSerializer(many=True, read_only=True)
    consent_seal = serializers.SerializerMethodField()

    class Meta(MeetingSerializer.Meta):
        fields = (*MeetingSerializer.Meta.fields, "members", "items", "consent_seal",
                  "minutes_text")  # fmt: skip
        read_only_fields = fields

    def get_consent_seal(self, meeting: CabMeeting) -> str:
        block = [item for item in meeting.items.all() if item.in_consent_block]
        return consent_seal_of(block) if block else ""


class InvitedWriteSerializer(StrictSerializer):
    user = ReferenceField(queryset=User.objects.all())


class MeetingWriteSerializer(WriteSerializer):
    """What a person may enter. `members`, where given, replace those who are invited."""

    members = rows_of(InvitedWriteSerializer, 100)

    class Meta:
        model = CabMeeting
        fields = (*meetings.EDITABLE_FIELDS, "members")


class MeetingView(Eligible, Moves, Edits, GovernedView):
    queryset = meetings_with_people()
    serializer_class = MeetingSerializer
    detail_serializer = MeetingDetailSerializer
    write_serializer = MeetingWriteSerializer
    part_fields = ("members",)
    create_service = meetings.plan_meeting
    edit_service = meetings.edit_meeting
    moves = MEETING_MOVES
    questions = MEETING_QUESTIONS
    filters: ClassVar[tuple[Filter, ...]] = (
        Filter("state", choices=STATES),
        Filter("code", "text"),
        Filter("chair", "reference"),
    )
    search_lookups = ("code__icontains", "name__icontains")
    orderings = ("-starts_at", "starts_at")
    export_columns = ("code", "name", "state", "starts_at", "cutoff_at", "chair", "quorum",
                      "started_at", "ended_at", "minutes_sha256")  # fmt: skip

    def detail_rows(self) -> QuerySet[Any]:
        return meetings_with_docket()

    @extend_schema(responses={200: DocketItemSerializer(many=True), **PROBLEMS}, filters=False)
    @action(detail=True, methods=["get"], filter_backends=[], pagination_class=None)
    def docket(self, request: Request, pk: str) -> Response:
        """The lines of the docket, in order."""
        return Response(DocketItemSerializer(self.find(pk).items.all(), many=True).data)

    @extend_schema(request=None, responses={(200, "text/csv"): OpenApiTypes.STR, **PROBLEMS})
    @action(detail=True, methods=["post"], url_path="docket/export", url_name="docket-export",
            filter_backends=[], pagination_class=None,
            renderer_classes=[CSVRenderer, JSONRenderer])  # fmt: skip
    def export_docket(self, request: Request, pk: str) -> HttpResponseBase:
        """The docket with its results and votes as CSV that no spreadsheet takes for formulas."""
        meeting = self.find(pk)
        return exported_csv(
            f"docket-{meeting.code}", CSV_HEADER, as_rows(minutes_of(meeting)),
            actor=actor_of(request), about=meeting.subject,
        )  # fmt: skip
