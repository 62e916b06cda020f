"""Signatures in the console, to be read and never written here; and the page that tells of any
record why somebody may do something with it, or may not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString

from apps.accounts.models import User
from apps.accounts.selectors import holders_of
from apps.approvals.domain.eligibility import Fact as FactAbout
from apps.approvals.models import Approval, Countersign, Obligation
from apps.approvals.moves import OBLIGATION_MOVES, Questions, moment_asked
from apps.approvals.selectors import all_slots, slots_about
from apps.console import display
from apps.console.admin import AboutRecords, EvidenceAdmin, GovernedAdmin
from apps.console.hooks import actor_of
from apps.console.page import Fact, Panel
from apps.console.site import site
from apps.core.errors import Refused
from apps.evidence.models import GovernedModel

HOLDERS_AT_MOST = 30


@dataclass(frozen=True, slots=True)
class ShownFact:
    fact: FactAbout
    proof_url: str


class AskableAdmin(GovernedAdmin):
    """Adds a page that answers `questions`: any person, any action, every fact with its proof."""

    questions: ClassVar[Questions]

    def get_urls(self) -> list[URLPattern]:
        page = path(
            "<path:object_id>/eligibility/",
            self.admin_site.admin_view(self.eligibility_view),
            name=f"{self.opts.app_label}_{self.opts.model_name}_eligibility",
        )
        return [page, *super().get_urls()]

    def page_context(
        self, request: HttpRequest, obj: Any, extra: Mapping[str, Any]
    ) -> dict[str, Any]:
        ask_url = self.address("eligibility", obj.pk)
        return {**super().page_context(request, obj, extra), "ask_url": ask_url}

    def eligibility_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        obj, asker = self.find(request, object_id), actor_of(request)
        name = request.GET.get("user", "").strip()[:150].replace("\0", "")
        actions = self.questions.actions
        action = request.GET.get("action", next(name for name in ("approve", *actions)
                                                if name in actions))  # fmt: skip
        typed = request.GET.get("at", "")[:40]
        user = User.objects.filter(**({"username": name} if name else {"pk": asker.id})).first()
        answer, at, refused = None, None, ()
        if user is not None and action in actions:
            called = "You" if user.pk == asker.id else str(user)
            try:
                at = moment_asked(typed)
                answer = self.questions.answer(obj, user, action, called=called, at=at)
            except Refused as refusal:
                refused = refusal.blockers
        context = {
            **self.admin_site.each_context(request),
            "title": f"Who may do what with {getattr(obj, 'code', obj)}",
            "opts": self.opts,
            "original": obj,
            "list_url": self.address("changelist"),
            "change_url": self.address("change", obj.pk),
            "asked": name or asker.username,
            "person": user,
            "is_you": user is not None and user.pk == asker.id,
            "action": action,
            "actions": actions.items(),
            "action_label": actions.get(action, ""),
            "at": at if answer else None,
            "at_typed": typed,
            "at_refused": refused,
            "zone": settings.INTERLOCK_ZONE,
            "answer": answer,
            "facts": [ShownFact(f, self._proof(f)) for f in answer.facts] if answer else (),
            "holders": _holders(obj),
        }
        return render(request, "approvals/eligibility.html", context, status=200 if answer else 400)

    def _proof(self, fact: FactAbout) -> str:
        """The history of the record that proves it."""
        label, _, key = fact.evidence.partition(":")
        for model in self.admin_site._registry:
            if label and getattr(model, "SUBJECT", "") == label:
                meta = model._meta
                return reverse(f"admin:{meta.app_label}_{meta.model_name}_history", args=[key])
        return ""


def _holders(obj: GovernedModel) -> list[User]:
    """People who hold a role that is asked for, to choose from."""
    slots = slots_about([obj.subject])[obj.subject]
    asked = {(role, scope) for slot in slots for role, scope in slot.eligible}
    found = {user.pk: user for role, scope in sorted(asked) for user in holders_of([role], scope)}
    return sorted(found.values(), key=lambda user: user.username)[:HOLDERS_AT_MOST]


def _decisions(request: HttpRequest, approval: Approval) -> dict[str, Any]:
    return {"slots": [slot for slot in all_slots(approval.about) if slot.pk == approval.pk]}


@admin.register(Approval, site=site)
class ApprovalAdmin(AboutRecords, EvidenceAdmin):
    order = 2
    list_display = ("label", "record", "state_shown", "quorum", "requested")
    list_filter = ("state",)
    list_select_related = ()
    search_fields = ("label__icontains", "about")
    fields = ("label", "because", "quorum", "policy_version", "content_digest",
              "closed_reason")  # fmt: skip
    panels = (Panel("Decisions", "changes/_signatures.html", _decisions),)

    def strip(self, request: HttpRequest, obj: Approval) -> Sequence[Fact]:
        return (
            self.about_fact(obj),
            Fact("State", display.chip(obj.state)),
            Fact("Quorum", f"{obj.quorum}", "different people"),
            Fact("Asked", display.when(obj.requested_at)),
        )

    @admin.display(description="State", ordering="state")
    def state_shown(self, obj: Approval) -> SafeString:
        return display.chip(obj.state)

    @admin.display(description="Asked", ordering="requested_at")
    def requested(self, obj: Approval) -> SafeString:
        return display.when(obj.requested_at)


@admin.register(Obligation, site=site)
class ObligationAdmin(AboutRecords, GovernedAdmin):
    """A condition is set by a signature and met with proof, never edited."""

    order = 4
    moves = OBLIGATION_MOVES
    list_display = ("text", "record", "state_shown", "owner", "due", "set_by")
    list_filter = ("state",)
    list_select_related = ("owner", "set_by", "met_by", "approval")
    search_fields = ("text__icontains", "about", "owner__username")
    ordering = ("-created_at", "-id")
    fields = ("text", "approval", "set_by", "owner", "due_at", "proof", "closed_reason")

    def heading(self, obj: Obligation) -> str:
        return f"Condition: {obj.text}"

    def subheading(self, obj: Obligation) -> str:
        return f"Set by {obj.set_by}, {obj.approval.label}"

    def strip(self, request: HttpRequest, obj: Obligation) -> Sequence[Fact]:
        return (
            self.about_fact(obj),
            Fact("Meets it", str(obj.owner)),
            Fact("Until", display.when(obj.due_at) if obj.due_at else "before the work starts"),
            Fact("Met", display.when(obj.met_at) if obj.met_at else "not yet",
                 f"by {obj.met_by}" if obj.met_by else ""),
        )  # fmt: skip

    @admin.display(description="State", ordering="state")
    def state_shown(self, obj: Obligation) -> SafeString:
        return display.chip(obj.state)

    @admin.display(description="Until", ordering="due_at")
    def due(self, obj: Obligation) -> SafeString | str:
        return display.when(obj.due_at) if obj.due_at else "before the work starts"


@admin.register(Countersign, site=site)
class CountersignAdmin(AboutRecords, EvidenceAdmin):
    """What one person proposed and another one confirmed."""

    order = 5
    list_display = ("purpose_shown", "record", "state_shown", "proposed_by", "confirmed_by",
                    "proposed")  # fmt: skip
    list_display_links = ("purpose_shown",)
    list_filter = ("state", "purpose")
    list_select_related = ("proposed_by", "confirmed_by")
    search_fields = ("about", "proposed_by__username", "confirmed_by__username")
    search_help_text = "Record or person"
    ordering = ("-proposed_at", "-id")
    fields = ("because", "reason", "content_digest")
    export_fields = ("about", "purpose", "state", "because", "reason", "proposed_by",
                     "proposed_at", "confirmed_by", "confirmed_at")  # fmt: skip

    def heading(self, obj: Countersign) -> str:
        return obj.purpose.replace("_", " ").capitalize()

    def strip(self, request: HttpRequest, obj: Countersign) -> Sequence[Fact]:
        return (
            self.about_fact(obj),
            Fact("State", display.chip(obj.state)),
            Fact("Proposed", obj.proposed_by, display.when(obj.proposed_at)),
            Fact("Confirmed", obj.confirmed_by or "Nobody yet",
                 display.when(obj.confirmed_at) if obj.confirmed_at else ""),
        )  # fmt: skip

    @admin.display(description="Action", ordering="purpose")
    def purpose_shown(self, obj: Countersign) -> str:
        return self.heading(obj)

    @admin.display(description="State", ordering="state")
    def state_shown(self, obj: Countersign) -> SafeString:
        return display.chip(obj.state)

    @admin.display(description="Proposed", ordering="proposed_at")
    def proposed(self, obj: Countersign) -> SafeString:
        return display.when(obj.proposed_at)
