"""Reports of what moved over HTTP."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api import PersonRef
from apps.audit.adapters import FORMATS
from apps.audit.api.readers import WorkbenchView
from apps.audit.domain.moved import BUCKETS
from apps.audit.models import MovedItem, MovedReport
from apps.audit.policies.moved import BYTES_MOST
from apps.audit.selectors.workbench import reports
from apps.audit.services.moved import CREATABLE_FIELDS, import_moves
from apps.core.api import Filter, KeysetPagination, WriteSerializer
from apps.core.errors import Refused, bad_input
from apps.evidence.api import PROBLEMS, Creates, GovernedSerializer


class MovedReportSerializer(GovernedSerializer):
    """`counts` has how many lines are in each bucket."""

    owner = PersonRef(read_only=True)
    imported_by = PersonRef(read_only=True)
    counts = serializers.DictField(child=serializers.IntegerField(), read_only=True)

    class Meta:
        model = MovedReport
        fields: Any = ("id", "version", "code", "file_format", "file_name", "sha256", "first_on",
                       "last_on", "zone", "owner", "counts", "imported_by", "imported_at",
                       "created_at", "changed_at")  # fmt: skip
        read_only_fields = fields


class MovedReportWriteSerializer(WriteSerializer):
    text = serializers.CharField(
        trim_whitespace=False, max_length=BYTES_MOST, help_text="The whole file as text."
    )

    class Meta:
        model = MovedReport
        fields = (*CREATABLE_FIELDS, "text")


class MovedItemSerializer(serializers.ModelSerializer):
    """A move of the report, or an authorised line that it tells nothing of (`line` is 0)."""

    reasons = serializers.ListField(child=serializers.CharField(), read_only=True)
    change_code = serializers.CharField(source="change.code", read_only=True, default=None)
    package_code = serializers.CharField(source="package.code", read_only=True, default=None)

    class Meta:
        model = MovedItem
        fields: Any = ("position", "bucket", "line", "element", "element_type", "version",
                       "scm_package", "moved_at", "job", "user", "rc", "raw", "change",
                       "change_code", "package", "package_code", "reasons")  # fmt: skip
        read_only_fields = fields


class MovedReportView(Creates, WorkbenchView):
    """What really moved against what was authorised. POST compares all of a file, or nothing of it
    and names every line that is wrong."""

    queryset = reports()
    serializer_class = MovedReportSerializer
    write_serializer = MovedReportWriteSerializer
    create_service = import_moves
    filters = (Filter("file_format", choices=[(known.code, known.label) for known in FORMATS]),)
    search_lookups = ("code__icontains", "file_name__icontains")
    orderings = ("-created_at", "created_at")
    export_columns = ("code", "file_format", "file_name", "first_on", "last_on", "sha256", "owner",
                      "imported_by", "imported_at")  # fmt: skip

    def entered(self, values: dict[str, Any]) -> dict[str, Any]:
        return {"text": values.pop("text"), "values": values}

    @extend_schema(
        parameters=[OpenApiParameter("bucket", str, enum=[bucket for bucket, _ in BUCKETS])],
        responses={200: MovedItemSerializer(many=True), **PROBLEMS},
        filters=False,
    )
    @action(detail=True, methods=["get"], filter_backends=[], orderings=("position",))
    def lines(self, request: Request, pk: str) -> Response:
        """Line by line, of one bucket or of all four."""
        rows = self.find(pk).items.select_related("change", "package")
        bucket = request.query_params.get("bucket")
        if bucket:
            if bucket not in dict(BUCKETS):
                raise Refused(bad_input("bucket", f"{bucket[:40]!r} is no bucket.",
                                        f"Choose of: {', '.join(dict(BUCKETS))}."))  # fmt: skip
            rows = rows.filter(bucket=bucket)
        paginator = KeysetPagination()
        found = paginator.cut(rows, request, ("position",))
        return paginator.get_paginated_response(MovedItemSerializer(found, many=True).data)
