"""Packs of evidence in the console: ask for one, follow it, download it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.http import HttpResponseRedirect as Redirect
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from apps.audit.forms import PackForm
from apps.audit.models import EvidencePack
from apps.audit.policies.packs import PACK_ROLES, pack_blockers
from apps.audit.selectors.packs import progress_of
from apps.audit.services.pack_making import verifier
from apps.audit.services.packs import ask_for_pack, open_pack
from apps.console import display
from apps.console.admin import EvidenceAdmin
from apps.console.forms import show_at_fields
from apps.console.hooks import actor_of
from apps.console.page import Fact, Panel
from apps.console.site import site
from apps.core.errors import Refused
from apps.evidence.selectors import keys_of_log


def _waiting(request: HttpRequest, pack: EvidencePack) -> dict[str, Any] | None:
    return {"pack": pack, "progress": progress_of(pack)} if pack.is_busy else None


def _ready(request: HttpRequest, pack: EvidencePack) -> dict[str, Any] | None:
    if pack.state != EvidencePack.State.READY:
        return None
    return {"pack": pack, "vkeys": keys_of_log()}


def _failed(request: HttpRequest, pack: EvidencePack) -> dict[str, Any] | None:
    return {"pack": pack} if pack.error else None


@admin.register(EvidencePack, site=site)
class EvidencePackAdmin(EvidenceAdmin):
    order = 1
    readers = PACK_ROLES
    list_display = ("asked", "of_what", "kind", "state_shown", "entries", "asked_by")
    list_display_links = ("of_what",)
    list_filter = ("state", "kind")
    list_select_related = ("asked_by",)
    search_fields = ("code__istartswith", "sha256__istartswith")
    search_help_text = "Code of the release or change, or SHA-256 of the file"
    fields = ("about_what", "challenge_shown", "earlier_size", "begins", "ends", "receipt",
              "digest")  # fmt: skip
    readonly_fields = ("about_what", "challenge_shown", "begins", "ends", "receipt", "digest")
    export_fields = ("id", "kind", "code", "what", "state", "challenge", "entries", "log_size",
                     "size", "sha256", "leaf", "asked_by", "asked_at", "finished_at")  # fmt: skip
    panels = (
        Panel("At work", "audit/_pack_progress.html", _waiting, wide=True),
        Panel("What went wrong", "audit/_pack_failed.html", _failed, wide=True),
        Panel("Download and verify", "audit/_pack_ready.html", _ready, wide=True),
    )

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        prefix = f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path("verifier/", wrap(self.verifier_view), name=f"{prefix}_verifier"),
            path("<path:object_id>/download/", wrap(self.download_view), name=f"{prefix}_download"),
            path("<path:object_id>/progress/", wrap(self.progress_view), name=f"{prefix}_progress"),
            *super().get_urls(),
        ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return not any(pack_blockers(actor_of(request)))

    def heading(self, obj: EvidencePack) -> str:
        return f"Evidence of {obj.code}" if obj.code else "Evidence of a period"

    def subheading(self, obj: EvidencePack) -> str:
        return obj.what

    def strip(self, request: HttpRequest, obj: EvidencePack) -> Sequence[Fact]:
        sealed = f"of a log of {obj.log_size:,}" if obj.log_size else ""
        return (
            Fact("State", obj.get_state_display(), "in flight" if obj.in_flight else ""),
            Fact("Asked for", display.when(obj.asked_at), f"{obj.asked_by}"),
            Fact("Entries", "not yet" if obj.entries is None else f"{obj.entries:,}", sealed),
            Fact("File", filesizeformat(obj.size) if obj.size else "not yet",
                 display.when(obj.finished_at) if obj.finished_at else ""),
        )  # fmt: skip

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        words = {"add_label": "Ask for a pack", **(extra_context or {})}
        return super().changelist_view(request, words)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask for a pack. The answer is its page, which follows the worker."""
        blockers = tuple(pack_blockers(actor_of(request)))
        if request.method != "POST":
            given = request.GET
            asked = {name: given[name] for name in PackForm.base_fields if name in given}
            return self._form_page(
                request, PackForm(initial=asked), blockers, 403 if blockers else 200
            )
        form = PackForm(request.POST)
        if not form.is_valid():
            return self._form_page(request, form, blockers, 400)
        try:
            pack = ask_for_pack(actor=actor_of(request), **form.values())
        except Refused as refusal:
            others = show_at_fields(form, refusal.blockers)
            return self._form_page(request, form, others, refusal.status)
        return Redirect(self.address("change", pack.pk))

    def _form_page(
        self, request: HttpRequest, form: PackForm, blockers: Sequence[Any], status: int
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": "Ask for a pack of evidence",
            "opts": self.opts,
            "form": form,
            "blockers": blockers,
            "vkeys": keys_of_log(),
        }
        return render(request, "audit/ask_for_pack.html", context, status=status)

    @method_decorator(require_POST)
    def download_view(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """The file. That somebody had it is an entry, so it is no GET."""
        pack = self.find(request, object_id)
        try:
            file = open_pack(pack=pack, actor=actor_of(request))
        except Refused as refusal:
            return self.object_page(
                request, self.find(request, object_id), status=refusal.status,
                edit_refused=refusal.blockers,
            )  # fmt: skip
        return FileResponse(
            file, as_attachment=True, filename=pack.file_name, content_type="application/zip"
        )

    @method_decorator(require_POST)
    def verifier_view(self, request: HttpRequest) -> HttpResponse:
        """verify_pack.py, for whoever wants it from elsewhere than the pack."""
        response = HttpResponse(verifier(), content_type="text/x-python; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="verify_pack.py"'
        return response

    @method_decorator([never_cache, require_safe])
    def progress_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """How far a worker is, for the script of the page."""
        pack = self.find(request, object_id)
        progress = progress_of(pack)
        return JsonResponse(
            {"busy": pack.is_busy, "percent": progress.percent, "sentence": progress.sentence}
        )

    @admin.display(description="When", ordering="asked_at")
    def asked(self, obj: EvidencePack) -> SafeString:
        return display.when(obj.asked_at)

    @admin.display(description="Evidence of")
    def of_what(self, obj: EvidencePack) -> str:
        return obj.what

    @admin.display(description="State", ordering="state")
    def state_shown(self, obj: EvidencePack) -> str:
        return obj.get_state_display()

    @admin.display(description="Challenge")
    def challenge_shown(self, obj: EvidencePack) -> str:
        return obj.challenge or "none"

    @admin.display(description="It holds")
    def about_what(self, obj: EvidencePack) -> str:
        return obj.what

    @admin.display(description="Period from")
    def begins(self, obj: EvidencePack) -> SafeString | str:
        return display.when(obj.from_at) if obj.from_at else "no period"

    @admin.display(description="Period to")
    def ends(self, obj: EvidencePack) -> SafeString | str:
        return display.when(obj.to_at) if obj.to_at else "no period"

    @admin.display(description="Receipt of asking")
    def receipt(self, obj: EvidencePack) -> SafeString:
        return display.name(obj.leaf)

    @admin.display(description="SHA-256 of the file")
    def digest(self, obj: EvidencePack) -> SafeString | str:
        return display.name(obj.sha256) if obj.sha256 else "not yet"
