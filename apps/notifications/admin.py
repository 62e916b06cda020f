"""Messages in the console: people see their own, auditors and site administrators all."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.console import display
from apps.console.admin import EvidenceAdmin
from apps.console.hooks import actor_of
from apps.console.page import Fact
from apps.console.site import site
from apps.notifications.models import Message


@admin.register(Message, site=site)
class MessageAdmin(EvidenceAdmin):
    order = 1
    list_display = ("created", "kind", "subject_line", "recipient", "state_shown")
    list_filter = ("kind", "state")
    list_select_related = ("recipient",)
    search_fields = ("subject_line__icontains", "about__istartswith")
    fields = ("subject_line", "text", "page", "error")
    readonly_fields = ("page",)
    export_fields = (
        "id", "kind", "subject_line", "recipient", "about", "state", "created_at", "sent_at",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        actor = actor_of(request)
        messages = super().get_queryset(request)
        if actor.holds("auditor", "site_admin"):
            return messages
        return messages.filter(recipient=actor.id)

    def subheading(self, obj: Message) -> str:
        return obj.get_kind_display()

    def strip(self, request: HttpRequest, obj: Message) -> Sequence[Fact]:
        return (
            Fact("State", display.chip(obj.state, obj.get_state_display())),
            Fact("To", f"{obj.recipient}", obj.channel),
            Fact("Written", display.when(obj.created_at)),
            Fact("Sent", display.when(obj.sent_at), f"tried {obj.attempts} times"),
        )

    @admin.display(description="When", ordering="created_at")
    def created(self, obj: Message) -> SafeString:
        return display.when(obj.created_at)

    @admin.display(description="State", ordering="state")
    def state_shown(self, obj: Message) -> SafeString:
        return display.chip(obj.state, obj.get_state_display())

    @admin.display(description="Page")
    def page(self, obj: Message) -> SafeString | str:
        return format_html('<a href="{0}">{0}</a>', obj.url) if obj.url else ""
