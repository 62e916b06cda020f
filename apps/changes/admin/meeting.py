"""Board meetings in the console: their plan, their docket, their record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from apps.approvals.admin import AskableAdmin
from apps.changes.domain.meeting import LISTS, ROUTE
from apps.changes.models import CabMeeting, MeetingMember
from apps.changes.moves import MEETING_QUESTIONS, RECORD_MOVES
from apps.changes.policies import edit_meeting_blockers, plan_meeting_blockers, seats_there
from apps.changes.selectors import meetings_with_docket, meetings_with_people
from apps.changes.services import meetings
from apps.console import display
from apps.console.admin import PartInline
from apps.console.page import Fact, Panel
from apps.console.site import site


class MemberInline(PartInline):
    model = MeetingMember
    fields = ("user",)
    autocomplete_fields = ("user",)
    verbose_name = "member"
    verbose_name_plural = "members"

    def get_queryset(self, request: HttpRequest) -> QuerySet[MeetingMember]:
        return super().get_queryset(request).select_related("user", "meeting")


def _docket(request: HttpRequest, meeting: CabMeeting) -> dict[str, Any] | None:
    items = list(meeting.items.all())
    lists = [(label, [item for item in items if item.listed == name]) for name, label in LISTS]
    return {"lists": [(label, lines) for label, lines in lists if lines]} if items else None


@admin.register(CabMeeting, site=site)
class MeetingAdmin(AskableAdmin):
    order = 2
    moves = RECORD_MOVES
    questions = MEETING_QUESTIONS
    route = ROUTE
    create_service = meetings.plan_meeting
    edit_service = meetings.edit_meeting
    create_blockers = plan_meeting_blockers
    edit_blockers = edit_meeting_blockers
    list_display = ("code_and_name", "state_shown", "starts", "cutoff", "chair", "lines")
    list_display_links = ("code_and_name",)
    list_filter = ("state",)
    list_select_related = ("chair",)
    search_fields = ("code__icontains", "name__icontains")
    ordering = ("-starts_at", "-id")
    autocomplete_fields = ("chair",)
    inlines = (MemberInline,)
    export_fields = ("code", "name", "state", "starts_at", "cutoff_at", "chair", "quorum",
                     "started_at", "ended_at", "minutes_sha256")  # fmt: skip
    fieldsets = (
        (None, {"fields": ("name", ("starts_at", "cutoff_at"), ("chair", "quorum"),
                           ("item_minutes", "place"))}),
    )  # fmt: skip
    panels = (Panel("Docket", "changes/_meeting_docket.html", _docket),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[CabMeeting]:
        return meetings_with_people().annotate(line_count=Count("items"))

    def find(self, request: HttpRequest, object_id: str) -> CabMeeting:
        found: CabMeeting = super().find(request, object_id)
        return meetings_with_docket().get(pk=found.pk)

    def heading(self, obj: CabMeeting) -> SafeString:
        return display.joined(display.name(obj.code), obj.name)

    def subheading(self, obj: CabMeeting) -> str:
        return f"Chaired by {obj.chair}" + (f", {obj.place}" if obj.place else "")

    def strip(self, request: HttpRequest, obj: CabMeeting) -> Sequence[Fact]:
        items = list(obj.items.all())
        members = list(obj.members.all())
        return (
            Fact("Starts", display.when(obj.starts_at)),
            Fact("Docket cut-off", display.when(obj.cutoff_at),
                 f"frozen {display.local(obj.frozen_at)}" if obj.frozen_at else "not frozen yet"),
            Fact("Docket", f"{sum(not item.is_unsettled for item in items)} of {len(items)}",
                 "settled"),
            Fact("Quorum", f"{seats_there(obj)} of {obj.quorum} seats",
                 f"filled by who is there; {len(members)} invited"),
            Fact("Minutes", display.name(obj.minutes_sha256[:12]) if obj.minutes_sha256
                 else "Not written yet", "sha256" if obj.minutes_sha256 else ""),
        )  # fmt: skip

    @admin.display(description="Meeting", ordering="code")
    def code_and_name(self, obj: CabMeeting) -> SafeString:
        return display.joined(display.name(obj.code), obj.name)

    @admin.display(description="State", ordering="state")
    def state_shown(self, obj: CabMeeting) -> SafeString:
        return display.chip(obj.state, obj.get_state_display())

    @admin.display(description="Starts", ordering="starts_at")
    def starts(self, obj: CabMeeting) -> SafeString:
        return display.when(obj.starts_at)

    @admin.display(description="Cut-off", ordering="cutoff_at")
    def cutoff(self, obj: CabMeeting) -> SafeString:
        return display.when(obj.cutoff_at)

    @admin.display(description="Docket")
    def lines(self, obj: Any) -> int:
        count: int = obj.line_count
        return count
