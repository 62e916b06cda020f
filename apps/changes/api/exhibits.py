"""Test evidence of a change in the programming interface: attached as a form with a file."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api import PersonRef
from apps.changes.services.exhibits import attach_exhibit, exhibits_for, open_file_of
from apps.core.api import LimitedJSONParser, StrictSerializer, actor_of, key_of
from apps.core.attachments import attachment
from apps.evidence.api import PROBLEMS, RecordView
from apps.evidence.models import Exhibit


class ExhibitSerializer(serializers.ModelSerializer):
    captured_by = PersonRef(read_only=True)
    tested_by = PersonRef(read_only=True, allow_null=True)

    class Meta:
        model = Exhibit
        fields = ("id", "kind", "title", "verdict", "result", "text", "url", "tested_version",
                  "tested_by", "tester", "tested_on", "is_confidential", "file_name",
                  "content_type", "size", "sha256", "captured_at", "captured_by")  # fmt: skip
        read_only_fields = fields


class ExhibitWriteSerializer(StrictSerializer):
    """A file, a text or a link, and what it proves."""

    kind = serializers.ChoiceField(choices=Exhibit.Kind.choices)
    title = serializers.CharField()
    verdict = serializers.ChoiceField(
        choices=Exhibit.Verdict.choices, required=False, allow_blank=True
    )
    result = serializers.CharField(required=False, allow_blank=True)
    text = serializers.CharField(required=False, allow_blank=True)
    url = serializers.CharField(required=False, allow_blank=True)
    tested_version = serializers.CharField(required=False, allow_blank=True)
    tested_by = serializers.UUIDField(
        required=False, allow_null=True, help_text="The id of who tested; empty: you."
    )
    tester = serializers.CharField(
        required=False, allow_blank=True, help_text="A laboratory, where nobody of the house did."
    )
    tested_on = serializers.DateField(required=False, allow_null=True)
    is_confidential = serializers.BooleanField(required=False, default=False)
    file = serializers.FileField(required=False)


class Documents(RecordView):
    """Adds the evidence of a record: list, attach, and each file."""

    @extend_schema(responses={200: ExhibitSerializer(many=True), **PROBLEMS}, filters=False)
    @action(detail=True, methods=["get"], filter_backends=[], pagination_class=None,
            parser_classes=[LimitedJSONParser, MultiPartParser])  # fmt: skip
    def documents(self, request: Request, pk: str) -> Response:
        """Every document that you may read, the oldest first."""
        found = exhibits_for(actor_of(request), self.find(pk))
        return Response(ExhibitSerializer(found, many=True).data)

    @extend_schema(
        request={
            "multipart/form-data": ExhibitWriteSerializer,
            "application/json": ExhibitWriteSerializer,
        },
        responses={201: ExhibitSerializer, **PROBLEMS},
    )
    @documents.mapping.post
    def attach(self, request: Request, pk: str) -> Response:
        """Attach a document; it is never edited."""
        serializer = ExhibitWriteSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        values: dict[str, Any] = dict(serializer.validated_data)
        upload = values.pop("file", None)
        made = attach_exhibit(
            change=key_of(pk, self.noun), actor=actor_of(request), values=values, upload=upload
        )
        return Response(ExhibitSerializer(made).data, 201)

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY, **PROBLEMS})
    @action(
        detail=True,
        methods=["get"],
        url_path="documents/(?P<document>[^/]+)/file",
        url_name="document-file",
        filter_backends=[],
        pagination_class=None,
    )
    def document_file(self, request: Request, pk: str, document: str) -> HttpResponseBase:
        """The file, after its bytes were checked against their digest."""
        opened = open_file_of(
            change=self.find(pk), exhibit=key_of(document, "file"), actor=actor_of(request)
        )
        told = opened.exhibit
        return attachment(opened.file, told.file_name, told.content_type)
