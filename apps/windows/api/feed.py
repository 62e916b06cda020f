"""Subscribed calendars in the programming interface: one's own; a site administrator's view is all
of them."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api import PersonRef, TeamRef
from apps.core.api import Filter, WriteSerializer
from apps.evidence.api import Creates, GovernedSerializer, GovernedView, Moves, actor_of
from apps.windows.api.window import WindowRef
from apps.windows.models import CalendarFeed
from apps.windows.moves import FEED_MOVES
from apps.windows.selectors import address_of, feeds_with_owner
from apps.windows.services.feeds import FIELDS, create_feed


class CalendarFeedSerializer(GovernedSerializer):
    owner = PersonRef(read_only=True)
    window = WindowRef(read_only=True, allow_null=True)
    team = TeamRef(read_only=True, allow_null=True)

    class Meta:
        model = CalendarFeed
        fields: tuple[str, ...] = ("id", "version", "kind", "name", "window", "team", "owner",
                                   "revoked_at", "created_at", "changed_at")  # fmt: skip
        read_only_fields: tuple[str, ...] = fields


class NewCalendarFeedSerializer(CalendarFeedSerializer):
    """With the address, whose secret is shown this once and kept nowhere."""

    address = serializers.URLField(read_only=True)

    class Meta(CalendarFeedSerializer.Meta):
        fields = (*CalendarFeedSerializer.Meta.fields, "address")
        read_only_fields = fields


class CalendarFeedWriteSerializer(WriteSerializer):
    class Meta:
        model = CalendarFeed
        fields = FIELDS


class CalendarFeedView(Moves, Creates, GovernedView):
    """Addresses under which a calendar program reads windows, cut-offs and freezes.

    Who knows one reads it. The answer to POST tells it, once; `revoke` ends it.
    """

    queryset = feeds_with_owner()
    serializer_class = CalendarFeedSerializer
    write_serializer = CalendarFeedWriteSerializer
    made_serializer = NewCalendarFeedSerializer
    create_service = create_feed
    moves = FEED_MOVES
    filters = (Filter("kind", choices=CalendarFeed.Kind.choices),)
    search_lookups = ("name__icontains",)
    orderings = ("-created_at", "created_at")
    export_columns = ("name", "kind", "window.code", "team.code", "owner", "created_at",
                      "revoked_at")  # fmt: skip

    def rows(self) -> QuerySet[Any]:
        actor = actor_of(self.request)
        found = feeds_with_owner()
        return found if actor.holds("site_admin") else found.filter(owner=actor.id)

    def create(self, request: Request) -> Response:
        serializer = self.write_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        feed, secret = create_feed(actor=actor_of(request), values=dict(serializer.validated_data))
        made = self.find(str(feed.pk))
        response = self.shown(made, 201)
        response.data["address"] = address_of(secret)
        response["Location"] = f"{request.path}{made.pk}/"
        response["Cache-Control"] = "no-store"
        return response
