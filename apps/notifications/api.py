"""One's own messages over HTTP; nobody reads those of others."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from apps.core.api import Filter
from apps.evidence.api import RecordView
from apps.notifications.models import Message


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
