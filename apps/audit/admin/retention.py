"""Retention, holds and redactions in the console."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import admin
from django.contrib.postgres.fields import ArrayField
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from apps.audit.models import LegalHold, Redaction, RetentionClass
from apps.audit.moves.retention import HOLD_MOVES, REDACTION_MOVES
from apps.audit.policies.retention import (
    keep_classes_blockers,
    place_hold_blockers,
    propose_redaction_blockers,
)
from apps.audit.services import retention
from apps.console import display
from apps.console.admin import GovernedAdmin
from apps.console.forms import words_input
from apps.console.hooks import records_of
from apps.console.page import Fact
from apps.console.site import site
from apps.inventory.policies import adding


@admin.register(RetentionClass, site=site)
class RetentionClassAdmin(GovernedAdmin):
    order = 40
    step_up = True
    create_service = retention.create_class
    edit_service = retention.edit_class
    create_blockers = adding(keep_classes_blockers, RetentionClass)
    edit_blockers = keep_classes_blockers
    list_display = ("code", "name", "term", "holds", "basis")
    list_display_links = ("code",)
    list_select_related = ()
    search_fields = ("code__icontains", "name__icontains")
    ordering = ("code",)
    fields = (("code", "name"), "kinds", "years", "basis")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if isinstance(db_field, ArrayField):
            kwargs |= words_input(db_field)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def heading(self, obj: RetentionClass) -> SafeString:
        return display.joined(display.name(obj.code), obj.name)

    def subheading(self, obj: RetentionClass) -> str:
        return obj.basis

    def strip(self, request: HttpRequest, obj: RetentionClass) -> Sequence[Fact]:
        return (
            Fact("Bytes are kept", self.term(obj), "hashes stay for ever"),
            Fact("Of", self.holds(obj)),
        )

    @admin.display(description="Term", ordering="years")
    def term(self, obj: RetentionClass) -> str:
        return f"{obj.years} year{'s' if obj.years > 1 else ''}"

    @admin.display(description="Kinds")
    def holds(self, obj: RetentionClass) -> str:
        return ", ".join(obj.kinds) or "every other kind"


class NamesRecords(GovernedAdmin):
    """A list of what is about other records, which names them by their codes."""

    subject_field = "about"
    help_texts: Mapping[str, str] = {}

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        shown = super().get_changelist_instance(request)
        about = {row: getattr(row, self.subject_field) for row in shown.result_list}
        named = records_of({subject for subject in about.values() if ":" in subject})
        for row, subject in about.items():
            row.named = named[subject][0] if subject in named else subject
        return shown

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.help_texts:
            kwargs["help_text"] = self.help_texts[db_field.name]
        return super().formfield_for_dbfield(db_field, request, **kwargs)


def _place_hold(*, actor: Any, values: Mapping[str, Any]) -> LegalHold:
    return retention.place_hold(actor=actor, values=values)


@admin.register(LegalHold, site=site)
class LegalHoldAdmin(NamesRecords):
    order = 41
    step_up = True
    moves = HOLD_MOVES
    subject_field = "scope"
    help_texts = {
        "scope": "The code of a change, release, window or team, or a kind of record such as "
        "change. Left empty, everything is held."
    }
    create_service = _place_hold
    create_blockers = place_hold_blockers
    list_display = ("what", "state_shown", "reason", "placed_by", "placed")
    list_display_links = ("what",)
    list_filter = ("state",)
    list_select_related = ("placed_by",)
    search_fields = ("scope__istartswith", "reason__icontains")
    ordering = ("-created_at", "-id")
    fields = ("scope", "reason")
    export_fields = ("scope", "reason", "state", "placed_by", "created_at", "released_by",
                     "released_at", "released_because")  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[LegalHold]:
        return LegalHold.objects.select_related("placed_by", "released_by")

    def strip(self, request: HttpRequest, obj: LegalHold) -> Sequence[Fact]:
        named = records_of([obj.scope]) if ":" in obj.scope else {}
        shown = display.record(obj.scope, named) if ":" in obj.scope else obj.scope or "everything"
        released = display.when(obj.released_at) if obj.released_at else "no"
        return (
            Fact("State", display.chip(obj.state, obj.get_state_display())),
            Fact("Held", shown),
            Fact("Placed", display.when(obj.created_at), str(obj.placed_by)),
            Fact("Released", released, str(obj.released_by or "")),
        )

    @admin.display(description="Held", ordering="scope")
    def what(self, obj: LegalHold) -> str:
        named: str = obj.named  # type: ignore[attr-defined]
        return named or "everything"

    @admin.display(description="State", ordering="state")
    def state_shown(self, obj: LegalHold) -> SafeString:
        return display.chip(obj.state, obj.get_state_display())

    @admin.display(description="Placed", ordering="created_at")
    def placed(self, obj: LegalHold) -> SafeString:
        return display.when(obj.created_at)


def _propose(*, actor: Any, values: Mapping[str, Any]) -> Redaction:
    return retention.propose_redaction(actor=actor, values=values)


@admin.register(Redaction, site=site)
class RedactionAdmin(NamesRecords):
    """Proposed here by a site administrator; a change manager erases, or refuses."""

    order = 42
    step_up = True
    moves = REDACTION_MOVES
    help_texts = {
        "about": "The code of a change, release, window or team; of any other record the name "
        "under the title of its timeline."
    }
    create_service = _propose
    create_blockers = propose_redaction_blockers
    list_display = ("record", "state_shown", "basis", "proposed_by", "proposed", "decided_by")
    list_display_links = ("record",)
    list_filter = ("state",)
    list_select_related = ("proposed_by", "decided_by")
    search_fields = ("about__istartswith", "basis__icontains")
    ordering = ("-created_at", "-id")
    fields = ("about", ("versions", "files"), "basis", "reason")
    export_fields = ("about", "versions", "files", "basis", "reason", "state", "proposed_by",
                     "created_at", "decided_by", "decided_at")  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Redaction]:
        return Redaction.objects.select_related("proposed_by", "decided_by")

    def strip(self, request: HttpRequest, obj: Redaction) -> Sequence[Fact]:
        decided = display.when(obj.decided_at) if obj.decided_at else "not yet"
        return (
            Fact("State", display.chip(obj.state, obj.get_state_display())),
            Fact("Record", display.record(obj.about, records_of([obj.about]))),
            Fact("What goes", str(len(obj.digests)), "bodies and files, told by their hash"),
            Fact("Proposed", display.when(obj.created_at), str(obj.proposed_by)),
            Fact("Decided", decided, str(obj.decided_by or "")),
        )

    @admin.display(description="State", ordering="state")
    def state_shown(self, obj: Redaction) -> SafeString:
        return display.chip(obj.state, obj.get_state_display())

    @admin.display(description="Record", ordering="about")
    def record(self, obj: Redaction) -> str:
        named: str = obj.named  # type: ignore[attr-defined]
        return named

    @admin.display(description="Proposed", ordering="created_at")
    def proposed(self, obj: Redaction) -> SafeString:
        return display.when(obj.created_at)
