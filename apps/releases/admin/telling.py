"""Communications and handovers in the console."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString

from apps.console import display
from apps.console.page import Fact, Panel
from apps.console.site import site
from apps.releases.admin.execution import _PlanRecordAdmin, _zone
from apps.releases.domain import lifecycle as life
from apps.releases.models import Communication, Handover
from apps.releases.moves.telling import COMMUNICATION_MOVES, HANDOVER_MOVES
from apps.releases.policies import telling as rules
from apps.releases.services import telling

SHOWN = 20


def communications_of(request: HttpRequest, place: Any) -> dict[str, Any] | None:
    rows = list(place.communications.select_related("owner")[:SHOWN])
    return {"rows": rows, "zone": _place_zone(place)} if rows else None


def handovers_of(request: HttpRequest, place: Any) -> dict[str, Any] | None:
    people = place.handovers.select_related("giver", "receiver", "receiving_team", "answered_by")
    rows = list(people[:SHOWN])
    return {"rows": rows, "zone": _place_zone(place)} if rows else None


def _place_zone(place: Any) -> str | None:
    window = getattr(place, "window", None) if hasattr(place, "window_id") else place
    return window.zone if window else None


TELLING_PANELS = (
    Panel("Communications", "releases/_communications.html", communications_of, side=True),
    Panel("Handovers", "releases/_handovers.html", handovers_of, side=True),
)


@admin.register(Communication, site=site)
class CommunicationAdmin(_PlanRecordAdmin):
    order = 5
    moves = COMMUNICATION_MOVES
    route = (life.PLANNED, life.SENT)
    create_service = telling.plan_communication
    edit_service = telling.edit_communication
    create_blockers = rules.plan_communication_blockers
    edit_blockers = rules.edit_communication_blockers
    list_display = ("place", "title", "state_shown", "audience", "channel", "due", "owner")
    list_display_links = ("title",)
    list_filter = ("state", "channel")
    list_select_related = ("package__window", "window", "owner")
    search_fields = ("title__icontains", "audience__icontains", "package__code__iexact",
                     "window__code__iexact")  # fmt: skip
    ordering = ("-due_at", "-id")
    autocomplete_fields = ("package", "window", "owner")
    export_fields = ("package", "window", "title", "audience", "channel", "state", "owner",
                     "due_at", "sent_at")  # fmt: skip
    fieldsets = (
        (None, {"fields": (("package", "window"), ("audience", "channel"), "title", "text")}),
        ("Who and when", {"fields": (("owner", "due_at"),)}),
    )

    def find(self, request: HttpRequest, object_id: str) -> Communication:
        found: Communication = super().find(request, object_id)
        return telling.communications_with_people().get(pk=found.pk)

    def heading(self, obj: Communication) -> str:
        return obj.title

    def subheading(self, obj: Communication) -> str:
        return f"To {obj.audience} about {obj.package or obj.window}"

    def strip(self, request: HttpRequest, obj: Communication) -> Sequence[Fact]:
        zone = _zone(obj)
        return (
            Fact("Due", display.when(obj.due_at, zone)),
            Fact("Owner", obj.owner),
            Fact("Channel", obj.get_channel_display()),
            Fact("Sent", display.when(obj.sent_at, zone) if obj.sent_at else "Not yet",
                 obj.sent_by or obj.dropped_reason),
        )  # fmt: skip

    @admin.display(description="Due", ordering="due_at")
    def due(self, obj: Communication) -> SafeString:
        return display.when(obj.due_at, _zone(obj))


@admin.register(Handover, site=site)
class HandoverAdmin(_PlanRecordAdmin):
    order = 6
    moves = HANDOVER_MOVES
    route = (life.OFFERED, life.ACCEPTED_HANDOVER)
    create_service = telling.offer_handover
    edit_service = telling.edit_handover
    create_blockers = rules.offer_blockers
    edit_blockers = rules.edit_handover_blockers
    list_display = ("place", "title", "state_shown", "giver", "to_whom", "due")
    list_display_links = ("title",)
    list_filter = ("state", "receiving_team")
    list_select_related = ("package__window", "window", "giver", "receiver", "receiving_team")
    search_fields = ("title__icontains", "package__code__iexact", "window__code__iexact")
    ordering = ("-due_at", "-id")
    autocomplete_fields = ("package", "window", "giving_team", "receiver", "receiving_team")
    export_fields = ("package", "window", "title", "state", "giver", "receiver",
                     "receiving_team", "due_at", "answered_at")  # fmt: skip
    fieldsets = (
        (None, {"fields": (("package", "window"), "title", "open_items")}),
        ("From whom to whom", {"fields": (("giving_team", "due_at"),
                                          ("receiver", "receiving_team"))}),
    )  # fmt: skip

    def find(self, request: HttpRequest, object_id: str) -> Handover:
        found: Handover = super().find(request, object_id)
        return telling.handovers_with_people().get(pk=found.pk)

    def subheading(self, obj: Handover) -> str:
        return f"From {obj.giver} to {obj.to_whom}, about {obj.package or obj.window}"

    def strip(self, request: HttpRequest, obj: Handover) -> Sequence[Fact]:
        zone = _zone(obj)
        return (
            Fact("Due", display.when(obj.due_at, zone)),
            Fact("From", obj.giver, obj.giving_team or ""),
            Fact("To", obj.to_whom),
            Fact("Answered", display.when(obj.answered_at, zone) if obj.answered_at else "Not yet",
                 obj.answered_by or ""),
            *([Fact("Returned because", obj.returned_reason)] if obj.returned_reason else ()),
        )  # fmt: skip

    @admin.display(description="To")
    def to_whom(self, obj: Handover) -> str:
        return obj.to_whom

    @admin.display(description="Due", ordering="due_at")
    def due(self, obj: Handover) -> SafeString:
        return display.when(obj.due_at, _zone(obj))
