"""One's own messages over HTTP, which nobody else reads; and the readiness of packages, with a call
to remind who owns a gate."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api import PersonRef
from apps.core.api import Filter, StrictSerializer, actor_of, key_of
from apps.evidence.api import PROBLEMS, RecordView
from apps.gates.catalogue import GATES
from apps.gates.models import ReadinessItem
from apps.notifications.models import Message
from apps.notifications.services.reminders import NOTE_LONGEST, chase
from apps.releases.api import ReadinessSerializer


class MessageSerializer(serializers.ModelSerializer):
    class Meta:
        model = Message
        fields = (
            "id", "kind", "subject_line", "text", "about", "url", "state", "created_at", "sent_at",
        )  # fmt: skip
        read_only_fields = fields


class MessageView(RecordView):
    queryset = Message.objects.all()
    serializer_class = MessageSerializer
    filters = (
        Filter("kind", choices=Message.Kind.choices),
        Filter("state", choices=Message.State.choices),
        Filter("about", "text", help_text='A record, such as "change:<id>".'),
    )
    search_lookups = ("subject_line__icontains",)
    orderings = ("-created_at", "created_at")
    export_columns = ("created_at", "kind", "subject_line", "about", "state", "sent_at")

    def rows(self) -> QuerySet[Any]:
        return Message.objects.filter(recipient=self.request.user.pk)


class ReadinessItemSerializer(ReadinessSerializer):
    """`subject` is the package: "package:<id>". `waiver` is the id of what lets the gate pass."""

    class Meta(ReadinessSerializer.Meta):
        fields = ("id", "subject", "subject_code", *ReadinessSerializer.Meta.fields)
        read_only_fields = fields


class ChaseSerializer(StrictSerializer):
    comment = serializers.CharField(required=False, allow_blank=True, max_length=NOTE_LONGEST)


class ChasedSerializer(serializers.Serializer):
    told = PersonRef(many=True)


class ReadinessView(RecordView):
    """What each gate said of each package the last time it was asked."""

    queryset = ReadinessItem.objects.select_related("owner")
    serializer_class = ReadinessItemSerializer
    filters = (
        Filter("gate", choices=[(gate.code, gate.title) for gate in GATES]),
        Filter("state", choices=ReadinessItem.State.choices),
        Filter("level", choices=ReadinessItem.Level.choices),
        Filter("about", "text", lookup="subject", help_text='A package: "package:<id>".'),
        Filter("owner", "reference"),
    )
    search_lookups = ("subject_code__icontains", "gate__iexact")
    orderings = ("subject_code", "-subject_code")
    export_columns = ("subject_code", "gate", "level", "state", "due_at", "owner", "detail",
                      "evaluated_at", "met_since")  # fmt: skip

    @extend_schema(request=ChaseSerializer, responses={200: ChasedSerializer, **PROBLEMS})
    @action(detail=True, methods=["post"])
    def remind(self, request: Request, pk: str) -> Response:
        """Remind whoever answers for this gate; not twice within an hour."""
        entered = ChaseSerializer(data=request.data)
        entered.is_valid(raise_exception=True)
        told = chase(pk=key_of(pk, self.noun), actor=actor_of(request), **entered.validated_data)
        return Response(ChasedSerializer({"told": told}).data)
