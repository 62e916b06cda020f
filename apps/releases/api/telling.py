"""Communications and handovers over HTTP."""

from __future__ import annotations

from apps.accounts.api import PersonRef, TeamRef
from apps.core.api import Filter, WriteSerializer
from apps.evidence.api import Edits, GovernedSerializer, GovernedView, Moves
from apps.releases.api.records import PackageRef
from apps.releases.domain import lifecycle as life
from apps.releases.models import Communication, Handover
from apps.releases.moves.telling import COMMUNICATION_MOVES, HANDOVER_MOVES
from apps.releases.services import telling
from apps.windows.api import WindowRef


class CommunicationSerializer(GovernedSerializer):
    package = PackageRef(read_only=True, allow_null=True)
    window = WindowRef(read_only=True, allow_null=True)
    owner = PersonRef(read_only=True)
    sent_by = PersonRef(read_only=True, allow_null=True)

    class Meta:
        model = Communication
        fields = ("id", "version", "state", "package", "window", "title", "text", "audience",
                  "channel", "due_at", "owner", "sent_at", "sent_by", "dropped_reason",
                  "created_at", "changed_at")  # fmt: skip
        read_only_fields = fields


class CommunicationWriteSerializer(WriteSerializer):
    """What a person may enter; `package` or `window` once, when it is planned."""

    class Meta:
        model = Communication
        fields = (*telling.PLACE, *telling.COMMUNICATION_FIELDS)
        extra_kwargs = {"owner": {"required": False}}


class CommunicationView(Moves, Edits, GovernedView):
    queryset = telling.communications_with_people()
    serializer_class = CommunicationSerializer
    write_serializer = CommunicationWriteSerializer
    create_service = telling.plan_communication
    edit_service = telling.edit_communication
    moves = COMMUNICATION_MOVES
    filters = (
        Filter("state", choices=life.COMMUNICATION_STATES),
        Filter("channel", choices=Communication.Channel.choices),
        Filter("package", "reference"),
        Filter("window", "reference"),
        Filter("owner", "reference"),
    )
    search_lookups = ("title__icontains", "audience__icontains")
    orderings = ("id", "-id")
    export_columns = ("package.code", "window.code", "title", "audience", "channel", "state",
                      "owner", "due_at", "sent_at")  # fmt: skip


class HandoverSerializer(GovernedSerializer):
    package = PackageRef(read_only=True, allow_null=True)
    window = WindowRef(read_only=True, allow_null=True)
    giver = PersonRef(read_only=True)
    giving_team = TeamRef(read_only=True, allow_null=True)
    receiver = PersonRef(read_only=True, allow_null=True)
    receiving_team = TeamRef(read_only=True, allow_null=True)
    answered_by = PersonRef(read_only=True, allow_null=True)

    class Meta:
        model = Handover
        fields = ("id", "version", "state", "package", "window", "title", "open_items", "due_at",
                  "giver", "giving_team", "receiver", "receiving_team", "answered_at",
                  "answered_by", "returned_reason", "created_at", "changed_at")  # fmt: skip
        read_only_fields = fields


class HandoverWriteSerializer(WriteSerializer):
    """What a person may enter; `package` or `window` once, when it is offered."""

    class Meta:
        model = Handover
        fields = (*telling.PLACE, *telling.HANDOVER_FIELDS)


class HandoverView(Moves, Edits, GovernedView):
    queryset = telling.handovers_with_people()
    serializer_class = HandoverSerializer
    write_serializer = HandoverWriteSerializer
    create_service = telling.offer_handover
    edit_service = telling.edit_handover
    moves = HANDOVER_MOVES
    filters = (
        Filter("state", choices=life.HANDOVER_STATES),
        Filter("package", "reference"),
        Filter("window", "reference"),
        Filter("giver", "reference"),
        Filter("receiver", "reference"),
        Filter("receiving_team", "reference"),
    )
    search_lookups = ("title__icontains",)
    orderings = ("id", "-id")
    export_columns = ("package.code", "window.code", "title", "state", "giver", "receiver",
                      "receiving_team.code", "due_at", "answered_at")  # fmt: skip
