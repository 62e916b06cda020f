"""The ledger in the console. Evidence stands below the console and cannot register itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.console import display
from apps.console.admin import AboutRecords, EvidenceAdmin
from apps.console.hooks import actor_of, records_of
from apps.console.page import Fact
from apps.console.site import site
from apps.evidence.events import vocabulary
from apps.evidence.models import Comment, Erasure, EvidenceCheck, EvidenceEntry, Exhibit
from apps.evidence.selectors import body_of


@admin.register(EvidenceEntry, site=site)
class EntryAdmin(EvidenceAdmin):
    """Every entry, with its exact bytes."""

    order = 10
    readers = ("auditor", "change_manager")
    list_display = ("at_local", "action", "subject", "seq", "transition", "actor_name")
    list_select_related = ()
    search_fields = ("subject__istartswith", "about__istartswith", "action__istartswith")
    search_help_text = "Record (change:…), action (package.started)"
    fields = ("subject", "seq", "about", "action", "at", "recorded_at", "leaf_hex", "pretty_body")
    readonly_fields = ("leaf_hex", "pretty_body")
    export_fields = (
        "id", "subject", "seq", "action", "from_state", "to_state", "about", "actor_id", "at",
        "recorded_at",
    )  # fmt: skip

    def heading(self, obj: EvidenceEntry) -> SafeString:
        event = vocabulary().get(obj.action)
        return format_html("Entry {}: {}", obj.pk, event.sentence if event else obj.action)

    def strip(self, request: HttpRequest, obj: EvidenceEntry) -> Sequence[Fact]:
        body = body_of(obj)
        return (
            Fact("When", display.when(obj.at)),
            Fact("Who", body["actor"]["printed_name"], body["source"]["channel"]),
            Fact("Record", display.record(obj.subject, records_of([obj.subject])),
                 f"version {obj.seq}"),
            Fact("Outcome", display.word("refused" if body["outcome"] == "refused" else "met",
                                         body["outcome"].capitalize())),
        )  # fmt: skip

    @admin.display(description="When", ordering="id")
    def at_local(self, obj: EvidenceEntry) -> SafeString:
        return display.when(obj.at)

    @admin.display(description="State")
    def transition(self, obj: EvidenceEntry) -> SafeString | str:
        if not obj.to_state or obj.from_state == obj.to_state:
            return ""
        return display.word(obj.to_state)

    @admin.display(description="Who")
    def actor_name(self, obj: EvidenceEntry) -> str:
        name: str = body_of(obj)["actor"]["printed_name"]
        return name

    @admin.display(description="Leaf hash")
    def leaf_hex(self, obj: EvidenceEntry) -> SafeString:
        return display.name(bytes(obj.leaf).hex())

    @admin.display(description="Body")
    def pretty_body(self, obj: EvidenceEntry) -> SafeString:
        text = json.dumps(body_of(obj), indent=2, ensure_ascii=False, sort_keys=True)
        return format_html('<pre class="il-code">{}</pre>', text)


class _RemarkAdmin(AboutRecords, EvidenceAdmin):
    def strip(self, request: HttpRequest, obj: Any) -> Sequence[Fact]:
        return (self.about_fact(obj),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).order_by("-created_at")


@admin.register(Comment, site=site)
class CommentAdmin(_RemarkAdmin):
    order = 30
    list_display = ("created", "author", "record", "text")
    list_select_related = ("author",)
    search_fields = ("text", "about__istartswith")
    fields = ("author", "text")

    @admin.display(description="When", ordering="created_at")
    def created(self, obj: Comment) -> SafeString:
        return display.when(obj.created_at)


@admin.register(Exhibit, site=site)
class ExhibitAdmin(_RemarkAdmin):
    order = 20
    list_display = ("title", "kind", "result", "record", "captured_by", "captured")
    list_select_related = ("captured_by", "tested_by")
    list_filter = ("kind",)
    search_fields = ("title", "about__istartswith", "tested_version", "sha256__istartswith")
    fields = (
        "kind", "title", "verdict", "result", "text", "url", "tested_version", "tested_by",
        "tester", "tested_on", "is_confidential", "file_name", "content_type", "size", "sha256",
        "captured_at", "captured_by",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Who else reads a confidential one, its record knows, on whose page it stands."""
        rows = super().get_queryset(request)
        if actor_of(request).holds("auditor"):
            return rows
        return rows.filter(Q(is_confidential=False) | Q(captured_by=request.user.pk))

    @admin.display(description="Captured", ordering="captured_at")
    def captured(self, obj: Exhibit) -> SafeString:
        return display.when(obj.captured_at)


@admin.register(EvidenceCheck, site=site)
class CheckAdmin(EvidenceAdmin):
    """Every run of the checks over what is kept, clean or not."""

    order = 15
    list_display = ("at", "kind", "result", "looked_at")
    list_display_links = ("at",)
    list_select_related = ()
    list_filter = ("kind",)
    search_fields = ()
    fields = ("kind", "started_at", "ended_at", "seen", "what_was_found")
    readonly_fields = ("seen", "what_was_found")
    export_fields = ("kind", "started_at", "ended_at", "found", "counts")

    def heading(self, obj: EvidenceCheck) -> str:
        return obj.get_kind_display()

    def strip(self, request: HttpRequest, obj: EvidenceCheck) -> Sequence[Fact]:
        return (Fact("Result", self.result(obj)), Fact("Ran", display.when(obj.started_at)))

    @admin.display(description="Ran", ordering="started_at")
    def at(self, obj: EvidenceCheck) -> SafeString:
        return display.when(obj.started_at)

    @admin.display(description="Result", ordering="found")
    def result(self, obj: EvidenceCheck) -> SafeString:
        if obj.is_clean:
            return display.word("met", "All agrees")
        return display.word("failed", f"{obj.found} found")

    @admin.display(description="Looked at")
    def looked_at(self, obj: EvidenceCheck) -> int:
        return sum(obj.counts.get(name, 0) for name in ("versions", "records", "rules"))

    @admin.display(description="Counted")
    def seen(self, obj: EvidenceCheck) -> SafeString:
        counted = sorted(obj.counts.items())
        return display.lines(f"{name.replace('_', ' ')}: {count}" for name, count in counted)

    @admin.display(description="Found")
    def what_was_found(self, obj: EvidenceCheck) -> SafeString | str:
        if not obj.findings:
            return "Nothing"
        told = [f"{found['where']}: {found['text']}" for found in obj.findings]
        more = obj.found - len(told)
        return display.lines([*told, *([f"and {more} more"] if more > 0 else [])])


@admin.register(Erasure, site=site)
class ErasureAdmin(EvidenceAdmin):
    """What is gone, and the entry that tells why."""

    order = 16
    readers = ("auditor", "change_manager")
    list_display = ("erased", "what", "digest", "entry")
    list_display_links = ("erased",)
    list_select_related = ("entry",)
    list_filter = ("what",)
    search_fields = ("digest__istartswith",)
    fields = ("what", "digest", "at", "entry")

    @admin.display(description="Erased", ordering="at")
    def erased(self, obj: Erasure) -> SafeString:
        return display.when(obj.at)
