"""Change requests in the console."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.approvals.models import Approval
from apps.approvals.policies import tell_lapses
from apps.approvals.selectors import all_slots, live_slots, obligations_about
from apps.approvals.services.views import log_view
from apps.changes.admin.exhibits import ExhibitViews, exhibits_panel
from apps.changes.admin.questions import approve_together
from apps.changes.domain.ageing import AGEING_DAYS
from apps.changes.domain.commitments import due_look
from apps.changes.domain.impact import ASPECTS
from apps.changes.domain.lifecycle import ASSESSING, ENDED, ROUTE
from apps.changes.models import ChangeAsset, ChangeRequest, ContextLink
from apps.changes.moves import CHANGE_MOVES, CHANGE_QUESTIONS
from apps.changes.pictures import risk_picture
from apps.changes.policies import case_about, create_blockers, edit_blockers
from apps.changes.selectors import (
    ageing_changes,
    agreed_score,
    assessments_about,
    changes_with_people,
    changes_with_scope,
    debt_lines,
    decisions_on,
    differences_since,
)
from apps.changes.services import requests
from apps.console import display
from apps.console.admin import PartInline
from apps.console.hooks import actor_of
from apps.console.page import Fact, Panel
from apps.console.site import site
from apps.core import clock


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


class ChangeAssetInline(PartInline):
    model = ChangeAsset
    fields = ("asset", "action", "from_version", "to_version", "scm_ref")
    autocomplete_fields = ("asset",)
    verbose_name = "asset"
    verbose_name_plural = "scope"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ChangeAsset]:
        return super().get_queryset(request).select_related("asset__type")


class ContextLinkInline(PartInline):
    model = ContextLink
    fields = ("kind", "ref", "url", "due_on")
    verbose_name_plural = "business context"


def _signatures(request: HttpRequest, change: ChangeRequest) -> dict[str, Any] | None:
    slots = list(all_slots(change.subject))
    live = [slot for slot in slots if slot.is_live]
    tell_lapses(live, case_about(change, live))
    ask_url = reverse("admin:changes_changerequest_eligibility", args=[change.pk])
    return {"slots": slots, "ask_url": ask_url} if slots else None


def _conditions(request: HttpRequest, change: ChangeRequest) -> dict[str, Any] | None:
    conditions = list(obligations_about(change.subject))
    return {"conditions": conditions} if conditions else None


def _since_you_decided(request: HttpRequest, change: ChangeRequest) -> dict[str, Any] | None:
    decision = decisions_on(change).filter(by=request.user.pk).first()
    found = differences_since(change, decision) if decision else []
    return {"decision": decision, "differences": found} if found else None


def _debts(request: HttpRequest, change: ChangeRequest) -> dict[str, Any] | None:
    """What the application owes for its other emergencies, on the page of each of its changes."""
    lines = [
        line
        for line in debt_lines([change.application_id])
        if line.debt.change_id != str(change.pk)
    ]
    if not lines or change.state in ENDED:
        return None
    blocks = any(line.blocks for line in lines)
    return {"lines": lines, "application": change.application.code, "blocks": blocks}


def _links(request: HttpRequest, change: ChangeRequest) -> dict[str, Any] | None:
    """The business context with what is due soon or over, and every other change for it."""
    today = timezone.localdate(clock.now())
    listed = reverse("admin:changes_changerequest_changelist")
    ended = change.state in ENDED
    rows = [
        {
            "link": link,
            "others_url": f"{listed}?{urlencode({'q': link.ref})}",
            **({} if ended else due_look(link.due_on, today)),
        }
        for link in change.links.all()
    ]
    return {"links": rows} if rows else None


def _risk(request: HttpRequest, change: ChangeRequest) -> dict[str, Any] | None:
    if not change.risk_band:
        return None
    found = list(assessments_about(change.subject))
    return {
        "reasons": change.risk_reasons,
        "picture": risk_picture(found, agreed_score(change)) if found else None,
    }


def _plan(request: HttpRequest, change: ChangeRequest) -> dict[str, Any] | None:
    """What execution handed in, in its words, by the name of its group."""
    groups = [told for _name, told in sorted(change.execution.items())]
    return {"groups": groups} if groups else None


AGEING = f"undecided for over {AGEING_DAYS} business days"


class Ageing(admin.SimpleListFilter):
    title = "ageing"
    parameter_name = "ageing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", AGEING.capitalize())]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(is_ageing=True) if self.value() == "1" else queryset


@admin.register(ChangeRequest, site=site)
class ChangeRequestAdmin(ExhibitViews):
    order = 1
    moves = CHANGE_MOVES
    questions = CHANGE_QUESTIONS
    route = ROUTE
    create_service = requests.create_change
    edit_service = requests.edit_change
    create_blockers = create_blockers
    edit_blockers = edit_blockers
    list_display = ("code_and_title", "state_shown", "risk_shown", "change_type", "application",
                    "owner", "changed")  # fmt: skip
    list_display_links = ("code_and_title",)
    list_filter = ("state", "change_type", "risk_band", "on_hold", Ageing)
    list_select_related = ("application", "requester", "author", "owner")
    search_fields = ("code__icontains", "title__icontains", "links__ref__iexact")
    search_help_text = "Code, title, or a whole reference such as INC0098213"
    ordering = ("-created_at", "-id")
    autocomplete_fields = ("author", "owner", "application", "standard_template")
    inlines = (ChangeAssetInline, ContextLinkInline)
    export_fields = ("code", "title", "change_type", "state", "risk_band", "application", "owner",
                     "created_at")  # fmt: skip
    fieldsets = (
        (None, {"fields": ("title", ("change_type", "category"), "application",
                           ("author", "owner"), "reason")}),
        ("Risk and impact", {
            "fields": ("declared_risk", ("downtime_minutes", "irreversible"),
                       *(name for aspect in ASPECTS for name in (aspect.choice, aspect.words))),
            "description": "From medium risk on each impact is chosen and told in words.",
        }),
        ("How", {"fields": ("implementation_summary", "backout_summary", "validation_summary")}),
        ("Dates and references", {"fields": ("tests_due_on", ("earliest_on", "latest_on"),
                                             "incident_ref", "standard_template",
                                             "external_ref")}),
    )  # fmt: skip
    panels = (
        Panel("What changed since you decided", "changes/_differences.html", _since_you_decided),
        Panel("Approval debt", "changes/_debts.html", _debts, wide=True),
        Panel("Signatures", "changes/_signatures.html", _signatures),
        Panel("Conditions", "changes/_conditions.html", _conditions),
        Panel("Why this risk", "changes/_risk.html", _risk, side=True),
        Panel("Sealed with it: the plan", "changes/_plan.html", _plan, side=True),
        Panel("Test evidence", "changes/_exhibits.html", exhibits_panel, side=True),
        Panel("Business context", "changes/_links.html", _links, side=True),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return changes_with_people().annotate(is_ageing=Q(pk__in=ageing_changes()))

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        return lookup == Ageing.parameter_name or super().lookup_allowed(lookup, value, request)

    def find(self, request: HttpRequest, object_id: str) -> ChangeRequest:
        found: ChangeRequest = super().find(request, object_id)
        return changes_with_scope().get(pk=found.pk)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("together/", wrap(approve_together), name="approve_together"),
            *super().get_urls(),
        ]

    def page_context(
        self, request: HttpRequest, obj: ChangeRequest, extra: Mapping[str, Any]
    ) -> dict[str, Any]:
        log_view(
            about=obj.subject, content_digest=obj.current_fingerprint(), actor=actor_of(request)
        )
        return super().page_context(request, obj, extra)

    def heading(self, obj: ChangeRequest) -> SafeString:
        return format_html('<span class="il-name">{}</span> {}', obj.code, obj.title)

    def subheading(self, obj: ChangeRequest) -> str:
        return f"{obj.get_change_type_display()} change, requested by {obj.requester}"

    def strip(self, request: HttpRequest, obj: ChangeRequest) -> Sequence[Fact]:
        slots = list(live_slots(obj.subject))
        signed = sum(slot.state in Approval.SATISFIED for slot in slots)
        is_ageing = obj.state == ASSESSING and obj.pk in ageing_changes()
        return (
            Fact("Risk", display.risk(None, obj.risk_band) if obj.risk_band else "Not assessed",
                 _count(len(obj.risk_reasons), "reason")),
            Fact("Signatures", f"{signed} of {len(slots)}" if slots else "None asked",
                 AGEING if is_ageing else "of the current content"),
            Fact("Valid until", display.when(obj.valid_until)),
            Fact("Application", obj.application.code, obj.application.name),
            Fact("Owner", str(obj.owner), f"written by {obj.author}"),
            Fact("Scope", _count(len(obj.assets.all()), "asset"),
                 "on hold: " + obj.on_hold_reason if obj.on_hold else ""),
        )  # fmt: skip

    @admin.display(description="Change", ordering="code")
    def code_and_title(self, obj: ChangeRequest) -> SafeString:
        return format_html('<span class="il-name">{}</span> {}', obj.code, obj.title)

    @admin.display(description="State", ordering="state")
    def state_shown(self, obj: Any) -> SafeString:
        state = display.chip(obj.state)
        return display.joined(state, display.chip("ageing")) if obj.is_ageing else state

    @admin.display(description="Risk", ordering="risk_band")
    def risk_shown(self, obj: ChangeRequest) -> SafeString | str:
        return display.risk(None, obj.risk_band) if obj.risk_band else ""

    @admin.display(description="Last change", ordering="changed_at")
    def changed(self, obj: ChangeRequest) -> SafeString:
        return display.when(obj.changed_at)
