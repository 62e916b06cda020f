"""Populations over HTTP: taken, tested, asked again; their rows, results and samples."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api import PersonRef
from apps.audit.api.readers import WorkbenchView
from apps.audit.domain.sample import IN_WORDS
from apps.audit.models import ControlResult, Population, PopulationRow
from apps.audit.moves.workbench import POPULATION_MOVES
from apps.audit.selectors.workbench import last_results, page_of, populations
from apps.audit.services.populations import (
    CREATABLE_FIELDS,
    CSV_HEADER,
    csv_rows,
    drawn,
    export_rows,
    take_population,
)
from apps.core.api import Filter, KeysetPagination, WriteSerializer, key_of
from apps.core.csv_safe import csv_response
from apps.core.errors import Refused, bad_input
from apps.evidence.api import PROBLEMS, Creates, CSVRenderer, GovernedSerializer, Moves, actor_of


class PopulationSerializer(GovernedSerializer):
    """`digest` is the SHA-256 over one line for each row, in order: kind|key|version|head."""

    run_by = PersonRef(read_only=True)
    again_by = PersonRef(read_only=True, allow_null=True)
    tested_by = PersonRef(read_only=True, allow_null=True)
    parameters = serializers.DictField(read_only=True)
    difference = serializers.DictField(read_only=True)
    is_same = serializers.BooleanField(read_only=True, allow_null=True)

    class Meta:
        model = Population
        fields: Any = ("id", "version", "code", "name", "first_on", "last_on", "zone",
                       "application", "query", "parameters", "digest", "row_count", "run_by",
                       "run_at", "again_by", "again_at", "again_digest", "is_same", "difference",
                       "run", "tested_by", "tested_at", "exception_count", "facts_digest",
                       "created_at", "changed_at")  # fmt: skip
        read_only_fields = fields


class PopulationWriteSerializer(WriteSerializer):
    class Meta:
        model = Population
        fields = CREATABLE_FIELDS


class PopulationRowSerializer(serializers.ModelSerializer):
    class Meta:
        model = PopulationRow
        fields: Any = ("position", "kind", "key", "code", "title", "application", "change_type",
                       "state", "at", "version", "head")  # fmt: skip
        read_only_fields = fields


class ReasonSerializer(serializers.Serializer):
    """Why, and what shows it: a subject of the ledger and the path of its page, if it has one."""

    reason = serializers.CharField()
    fact = serializers.CharField()
    page = serializers.SerializerMethodField()

    def get_page(self, told: Any) -> str:
        return page_of(told["fact"])


class ExceptionSerializer(serializers.Serializer):
    subject = serializers.CharField()
    code = serializers.CharField()
    reasons = ReasonSerializer(many=True)


class ControlResultSerializer(serializers.ModelSerializer):
    """`facts` is the digest of what the test read."""

    exceptions = ExceptionSerializer(many=True, read_only=True)

    class Meta:
        model = ControlResult
        fields: Any = ("control", "title", "run", "tested", "passed", "exceptions", "facts")
        read_only_fields = fields


class SampleSerializer(serializers.Serializer):
    seed = serializers.CharField()
    size = serializers.IntegerField()
    algorithm = serializers.CharField()
    rows = PopulationRowSerializer(many=True)


class PopulationView(Moves, Creates, WorkbenchView):
    """All production changes of a period. POST asks the question and keeps the answer."""

    queryset = populations()
    serializer_class = PopulationSerializer
    write_serializer = PopulationWriteSerializer
    create_service = take_population
    moves = POPULATION_MOVES
    filters = (Filter("application", "reference"),)
    search_lookups = ("code__icontains", "name__icontains")
    orderings = ("-created_at", "created_at")
    export_columns = ("code", "name", "first_on", "last_on", "zone", "query", "row_count", "digest",
                      "run_by", "run_at", "tested_at", "exception_count")  # fmt: skip

    @extend_schema(responses={200: PopulationRowSerializer(many=True), **PROBLEMS}, filters=False)
    @action(detail=True, methods=["get"], url_path="rows", url_name="rows", filter_backends=[],
            orderings=("position",))  # fmt: skip
    def kept_rows(self, request: Request, pk: str) -> Response:
        """The rows as they were kept, in order."""
        rows: QuerySet[Any] = self.find(pk).rows.all()
        paginator = KeysetPagination()
        found = paginator.cut(rows, request, ("position",))
        return paginator.get_paginated_response(PopulationRowSerializer(found, many=True).data)

    @extend_schema(
        request=None, responses={(200, "text/csv"): OpenApiTypes.STR, **PROBLEMS}, filters=False
    )
    @action(detail=True, methods=["post"], url_path="export-rows", url_name="export-rows",
            filter_backends=[], pagination_class=None,
            renderer_classes=[CSVRenderer, JSONRenderer])  # fmt: skip
    def export_rows(self, request: Request, pk: str) -> HttpResponseBase:
        """The rows as CSV, streamed; that they were taken is evidence."""
        population = export_rows(pk=key_of(pk, self.noun), actor=actor_of(request))
        name = f"{population.code}-{population.digest[:12]}"
        return csv_response(name, CSV_HEADER, csv_rows(population))

    @extend_schema(responses={200: ControlResultSerializer(many=True), **PROBLEMS}, filters=False)
    @action(detail=True, methods=["get"], filter_backends=[], pagination_class=None)
    def results(self, request: Request, pk: str) -> Response:
        """What each control test said in the last run, with every exception."""
        return Response(ControlResultSerializer(last_results(self.find(pk)), many=True).data)

    @extend_schema(
        parameters=[
            OpenApiParameter("seed", OpenApiTypes.STR, required=True),
            OpenApiParameter("size", OpenApiTypes.INT, required=True),
        ],
        responses={200: SampleSerializer, **PROBLEMS},
        filters=False,
    )
    @action(detail=True, methods=["get"], filter_backends=[], pagination_class=None)
    def sample(self, request: Request, pk: str) -> Response:
        """The rows that this seed draws, the same each time and everywhere."""
        seed, size = request.query_params.get("seed", ""), request.query_params.get("size", "")
        if not (size.isascii() and size.isdigit() and len(size) < 6):
            raise Refused(bad_input("size", "The size is no number.", "Enter one such as 25."))
        rows = drawn(self.find(pk), seed, int(size))
        told = {"seed": seed, "size": int(size), "algorithm": IN_WORDS, "rows": rows}
        return Response(SampleSerializer(told).data)
