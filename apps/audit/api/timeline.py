"""The timeline of a record over HTTP: its history, and everything that happened around it."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from apps.audit.domain.timeline import KINDS
from apps.audit.selectors.timeline import PAGE_SIZE, Timeline, read_asked, read_size
from apps.changes.models import ChangeRequest
from apps.core.api import actor_of, key_of
from apps.core.errors import bad_input, not_found, refuse_if_any
from apps.evidence.api import PROBLEMS
from apps.releases.models import ReleasePackage
from apps.windows.models import ReleaseWindow

MODELS: dict[str, Any] = {
    "packages": ReleasePackage,
    "windows": ReleaseWindow,
    "changes": ChangeRequest,
}
PARAMETERS = ("kind", "person", "first", "last", "q", "cursor", "page_size")


class HappeningSerializer(serializers.Serializer):
    """One thing that happened. `record` and `name` tell to which record; `happened_at` is there
    where it was reported later; `leaf` is the hash of the entry, empty for what has none, and
    `sealed` says that a published checkpoint covers it."""

    at = serializers.DateTimeField()
    happened_at = serializers.DateTimeField(allow_null=True)
    kind = serializers.ChoiceField(choices=[kind.code for kind in KINDS])
    action = serializers.CharField(source="entry.action", default="")
    sentence = serializers.CharField()
    record = serializers.CharField(source="subject")
    name = serializers.CharField()
    version = serializers.IntegerField(source="entry.seq", default=None, allow_null=True)
    from_state = serializers.CharField(source="entry.from_state", default="")
    to_state = serializers.CharField(source="entry.to_state", default="")
    by = serializers.CharField(source="who")
    on_behalf_of = serializers.CharField()
    channel = serializers.CharField()
    comment = serializers.CharField()
    refused = serializers.BooleanField()
    attempted = serializers.CharField()
    reasons = serializers.ListField(child=serializers.CharField())
    diff = serializers.ListField(child=serializers.DictField())
    leaf = serializers.CharField()
    sealed = serializers.BooleanField()


class TimelinePageSerializer(serializers.Serializer):
    next = serializers.URLField(allow_null=True)
    results = HappeningSerializer(many=True)


class TimelineView(APIView):
    """What happened to a package, window or change and around it, newest first.

    Who looked at it is told to auditors and change managers only.
    """

    @extend_schema(
        parameters=[
            OpenApiParameter("kind", many=True, enum=[kind.code for kind in KINDS]),
            OpenApiParameter("person", OpenApiTypes.UUID, description="Who did it."),
            OpenApiParameter("first", OpenApiTypes.DATE, description="Not before this day."),
            OpenApiParameter("last", OpenApiTypes.DATE, description="Not after this day."),
            OpenApiParameter("q", description="Words of it: comment, field, event, record."),
            OpenApiParameter("cursor", description="Where the page before ended."),
            OpenApiParameter("page_size", OpenApiTypes.INT, default=PAGE_SIZE),
        ],
        responses={200: TimelinePageSerializer, **PROBLEMS},
    )
    def get(self, request: Request, kind: str, pk: str) -> Response:
        model = MODELS[kind]
        noun = str(model._meta.verbose_name)
        found = model.objects.filter(pk=key_of(pk, noun)).first()
        if found is None:
            raise not_found(noun)
        query = request.query_params
        asked, blockers = read_asked(query)
        unknown = (
            bad_input(name[:60], f"There is no parameter {name[:60]!r}.",
                      f"Use of: {', '.join(PARAMETERS)}.", "unknown_parameter")
            for name in query
            if name not in PARAMETERS
        )  # fmt: skip
        refuse_if_any([*blockers.values(), *unknown])
        size = read_size(query.get("page_size"))
        page = Timeline(found, actor_of(request), asked).page(query.get("cursor", ""), size)
        here = request.build_absolute_uri()
        link = replace_query_param(here, "cursor", page.next_cursor) if page.next_cursor else None
        return Response(TimelinePageSerializer({"next": link, "results": page.happenings}).data)
