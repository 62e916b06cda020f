"""Evidence on the page of a change: the form that attaches it, and its files."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.models import User
from apps.approvals.admin import AskableAdmin
from apps.changes.models import ChangeRequest
from apps.changes.services.exhibits import (
    attach_blockers,
    attach_exhibit,
    exhibits_for,
    open_file_of,
)
from apps.console.forms import DayInput, show_at_fields
from apps.console.hooks import actor_of
from apps.core.attachments import attachment
from apps.core.errors import Blocker, Refused
from apps.evidence.models import Exhibit
from apps.evidence.services.files import MAX_BYTES, TYPES

#: The form stands on the page of a change, which has a title and more of its own.
AUTO_ID = "id_exhibit_%s"


class ExhibitForm(forms.ModelForm):
    """Only the form: what may be stored, the service says."""

    # No URLField: what a link may be, the service says to every door.
    url = forms.CharField(required=False, label="Link")
    file = forms.FileField(
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(TYPES)}),
        help_text=f"At most {MAX_BYTES // 1_000_000} MB; or a text or a link instead.",
    )

    tested_by = forms.ModelChoiceField(
        User.objects.filter(kind=User.Kind.HUMAN).order_by("username"),
        required=False,
        label="Tested by",
        help_text="Empty: you.",
    )

    class Meta:
        model = Exhibit
        fields = ("kind", "title", "verdict", "tested_version", "tested_by", "tester", "tested_on",
                  "result",
                  "url", "text", "is_confidential")  # fmt: skip
        widgets = {"tested_on": DayInput, "text": forms.Textarea(attrs={"rows": 3})}


def exhibits_panel(request: HttpRequest, change: ChangeRequest) -> dict[str, Any] | None:
    actor = actor_of(request)
    found = exhibits_for(actor, change)
    may_attach = not any(attach_blockers(actor, change))
    if not found and not may_attach:
        return None
    return {
        "exhibits": found,
        "change": change,
        "form": ExhibitForm(auto_id=AUTO_ID) if may_attach else None,
    }


class ExhibitViews(AskableAdmin):
    """The addresses of evidence under those of a change."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<uuid:pk>/exhibits/", wrap(self.attach_view), name="changes_attach_exhibit"),
            path(
                "<uuid:pk>/exhibits/<uuid:exhibit>/file/",
                wrap(self.file_view),
                name="changes_exhibit_file",
            ),
            *super().get_urls(),
        ]

    @method_decorator(require_POST)
    def attach_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        change = self.find(request, str(pk))
        form = ExhibitForm(request.POST, request.FILES, auto_id=AUTO_ID)
        others: tuple[Blocker, ...] = ()
        status = 400
        if form.is_valid():
            values = dict(form.cleaned_data)
            try:
                attach_exhibit(
                    change=pk, actor=actor_of(request), upload=values.pop("file"), values=values
                )
            except Refused as refusal:
                status = refusal.status
                others = show_at_fields(form, refusal.blockers)
            else:
                address = self.address("change", pk)
                return HttpResponseRedirect(f"{address}#exhibits")
        context = {
            **self.admin_site.each_context(request),
            "title": f"Evidence of {change.code}",
            "change": change,
            "form": form,
            "blockers": others,
        }
        return render(request, "changes/attach.html", context, status=status)

    @method_decorator(require_safe)
    @method_decorator(never_cache)
    def file_view(self, request: HttpRequest, pk: UUID, exhibit: UUID) -> HttpResponseBase:
        change = self.find(request, str(pk))
        try:
            opened = open_file_of(change=change, exhibit=exhibit, actor=actor_of(request))
        except Refused as refusal:
            if refusal.kind == "not_found":
                raise Http404 from None
            context = {
                **self.admin_site.each_context(request),
                "title": f"Evidence of {change.code}",
                "change": change,
                "blockers": refusal.blockers,
            }
            return render(request, "changes/attach.html", context, status=refusal.status)
        told = opened.exhibit
        return attachment(opened.file, told.file_name, told.content_type)
