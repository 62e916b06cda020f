"""The control mapping over HTTP."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.audit.policies.population import READERS
from apps.audit.services.mapping import mapping_now
from apps.evidence.api import PROBLEMS, actor_of


class ShownFactSerializer(serializers.Serializer):
    """What backs a clause: a control test with its last result, a gate, a guard or a page."""

    kind = serializers.CharField()
    name = serializers.CharField()
    page = serializers.CharField()
    result = serializers.CharField()


class ClauseSerializer(serializers.Serializer):
    framework = serializers.CharField()
    clause = serializers.CharField()
    asks = serializers.CharField()
    facts = ShownFactSerializer(many=True)


class ControlMappingView(APIView):
    @extend_schema(responses={200: ClauseSerializer(many=True), **PROBLEMS})
    def get(self, request: Request) -> Response:
        """Which clause of which framework is backed by which facts."""
        if not actor_of(request).holds(*READERS):
            raise PermissionDenied
        return Response(ClauseSerializer(mapping_now().clauses, many=True).data)
