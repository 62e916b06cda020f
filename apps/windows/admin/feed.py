"""Subscribed calendars in the console: one's own; a site administrator's view is all of them."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.console import display
from apps.console.admin import GovernedAdmin
from apps.console.hooks import actor_of
from apps.console.page import Fact
from apps.console.site import site
from apps.windows.models import CalendarFeed
from apps.windows.moves import FEED_MOVES
from apps.windows.selectors import feeds_with_owner


@admin.register(CalendarFeed, site=site)
class CalendarFeedAdmin(GovernedAdmin):
    """The address is shown once, on the page where it is made; here it can be revoked."""

    order = 5
    moves = FEED_MOVES
    list_display = ("name", "kind", "window", "team", "owner", "created_at", "revoked_at")
    list_filter = ("kind",)
    list_select_related = ("window", "team", "owner")
    search_fields = ("name__icontains",)
    ordering = ("-created_at", "-id")
    fields = ("name", "kind", "window", "team")
    export_fields = ("name", "kind", "window", "team", "owner", "created_at", "revoked_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[CalendarFeed]:
        actor = actor_of(request)
        found = feeds_with_owner()
        return found if actor.holds("site_admin") else found.filter(owner=actor.id)

    def strip(self, request: HttpRequest, obj: CalendarFeed) -> Sequence[Fact]:
        return (
            Fact("Of", obj.get_kind_display(), str(obj.window or obj.team or "")),
            Fact("Owner", str(obj.owner)),
            Fact("Made", display.when(obj.created_at)),
            Fact("Revoked", display.when(obj.revoked_at) if obj.revoked_at else "No"),
        )
