"""Hand a calendar file in, look at what it would do, enter it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from apps.console.hooks import actor_of
from apps.console.site import site as console
from apps.core.errors import Refused
from apps.integrations.adapters.calendars import CALENDARS
from apps.integrations.adapters.calendars.rows import MOST_BYTES
from apps.integrations.services.calendars import (
    DAY_KINDS,
    check_calendar,
    defaults_at,
    import_calendar,
    import_calendar_blockers,
    preview_calendar,
)
from apps.inventory.models import Site
from apps.windows.domain.calendar import STRENGTHS
from apps.windows.domain.series import HORIZON_MOST


class CalendarForm(forms.Form):
    """The file, or its text once it was read, and what it does not say itself."""

    format = forms.ChoiceField(
        choices=[(known.code, known.label) for known in CALENDARS.values()],
        help_text=" ".join(known.hint for known in CALENDARS.values()),
    )
    site = forms.ModelChoiceField(Site.objects.order_by("code"))
    zone = forms.CharField(
        label="Time zone", max_length=40, required=False,
        help_text="Of what the file does not say. Empty: the zone of the site.",
    )  # fmt: skip
    kind = forms.ChoiceField(label="Whole days are", choices=DAY_KINDS, initial="freeze")
    strength = forms.ChoiceField(choices=[*STRENGTHS.items()], initial="advisory")
    horizon_days = forms.IntegerField(
        label="Days ahead", min_value=1, max_value=HORIZON_MOST, initial=28,
        help_text="How far ahead series of windows are drafted.",
    )  # fmt: skip
    file = forms.FileField(required=False, help_text="Up to 1 MB of UTF-8 text.")
    text = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        upload = found.get("file")
        if upload is not None and upload.size > MOST_BYTES:
            self.add_error("file", "A calendar file holds at most 1 MB. Split it.")
        elif upload is not None:
            try:
                found["text"] = upload.read().decode("utf-8-sig")
            except UnicodeDecodeError:
                self.add_error("file", "It is no UTF-8 text. Save it as such, then try again.")
        elif not found.get("text"):
            self.add_error("file", "The file is missing. Choose one.")
        return found

    def question(self) -> dict[str, Any]:
        """The keywords of the services."""
        told = self.cleaned_data
        return {
            "text": told["text"],
            "format_code": told["format"],
            "site": told["site"],
            "defaults": defaults_at(
                told["site"],
                zone=told["zone"],
                kind=told["kind"],
                strength=told["strength"],
                horizon_days=told["horizon_days"],
            ),
        }


@require_http_methods(["GET", "HEAD", "POST"])
def calendar_import(request: HttpRequest) -> HttpResponse:
    """Without `enter` a file is only shown. Between the two pages it travels in the form."""
    actor = actor_of(request)
    form = CalendarForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {
        **console.each_context(request),
        "title": "Import a calendar",
        "form": form,
        "may": not any(import_calendar_blockers(actor)),
        "blockers": tuple(import_calendar_blockers(actor)),
    }
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            question = form.question()
            try:
                if "enter" in request.POST:
                    context["entered"] = import_calendar(actor=actor, **question)
                else:
                    context["report"] = (
                        check_calendar(actor=actor, **question)
                        if context["may"]
                        else preview_calendar(**question)
                    )
                    context["kept"] = {
                        name: request.POST.get(name, "")
                        for name in ("format", "site", "zone", "kind", "strength", "horizon_days")
                    } | {"text": question["text"]}
                status = 200
            except Refused as refusal:
                context["refused"], status = refusal.blockers, refusal.status
    return render(request, "portal/calendar_import.html", context, status=status)
