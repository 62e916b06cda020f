"""Which level of an asset is in production at a moment, over HTTP."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.core import clock
from apps.core.api import AwareDateTimeField, key_of
from apps.core.errors import not_found
from apps.evidence.api import PROBLEMS
from apps.inventory.models import Asset
from apps.releases.services.baselines import baseline_at, coming_versions


class AtSerializer(serializers.Serializer):
    at = AwareDateTimeField(required=False, help_text="A moment with its zone; empty: now.")


class ComingSerializer(serializers.Serializer):
    package = serializers.CharField(source="package.code")
    level = serializers.CharField(source="brings.level")
    built_on = serializers.CharField(source="brings.built_on")
    starts_at = serializers.DateTimeField(source="brings.starts_at", allow_null=True)
    ends_at = serializers.DateTimeField(source="brings.ends_at", allow_null=True)
    meets = serializers.CharField(source="meets.level", default=None, allow_null=True)
    is_down_level = serializers.BooleanField()


class BaselineSerializer(serializers.Serializer):
    """`level` is None for an asset that was never installed; `package` is what brings it, if that
    is still to come."""

    at = serializers.DateTimeField()
    level = serializers.CharField(allow_null=True)
    is_predicted = serializers.BooleanField()
    package = serializers.CharField(allow_null=True)
    coming = ComingSerializer(many=True)


class BaselineView(APIView):
    """The production baseline of an asset at `at`: what is installed by then, or planned to be."""

    @extend_schema(
        parameters=[OpenApiParameter("at", OpenApiTypes.DATETIME)],
        responses={200: BaselineSerializer, **PROBLEMS},
    )
    def get(self, request: Request, pk: str) -> Response:
        asked = AtSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        at = asked.validated_data.get("at") or clock.now()
        asset = (
            Asset.objects.select_related("production_version")
            .filter(pk=key_of(pk, "asset"))
            .first()
        )
        if asset is None:
            raise not_found("asset")
        coming = coming_versions(asset)
        base = baseline_at(asset, at, coming)
        codes = {each.brings.unit: each.package.code for each in coming}
        told = {
            "at": at,
            "level": base.level if base else None,
            "is_predicted": base is not None and base.is_predicted,
            "package": codes.get(base.package) if base and base.package else None,
            "coming": coming,
        }
        return Response(BaselineSerializer(told).data)
