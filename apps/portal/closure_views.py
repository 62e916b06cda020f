"""After the night: release notes, and how releases went."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from apps.console.display import zone_of
from apps.console.hooks import actor_of
from apps.console.site import site
from apps.core import clock
from apps.evidence.services.exports import exported_csv
from apps.releases.domain.outcomes import WAYS, grouped
from apps.releases.domain.release_notes import Notes, as_markdown
from apps.releases.models import ReleasePackage
from apps.releases.services.outcomes import releases_between
from apps.releases.services.release_notes import notes_of_package, notes_of_window
from apps.windows.models import ReleaseWindow

#: Days that the report tells of where nobody asks for others.
DAYS = 90
OF: dict[str, tuple[Any, Any]] = {
    "package": (ReleasePackage, notes_of_package),
    "window": (ReleaseWindow, notes_of_window),
}
CSV_HEADER = ("way", "cause", "package", "name", "window", "at", "outcome", "what happened")


@require_safe
def release_notes(request: HttpRequest, kind: str, pk: UUID) -> HttpResponse:
    """What people outside the night need to know of a package or a window."""
    place, notes = _notes(kind, pk)
    return _page(request, "portal/release_notes.html", notes.title, notes=notes, kind=kind,
                 place=place)  # fmt: skip


@require_POST
def release_notes_text(request: HttpRequest, kind: str, pk: UUID) -> HttpResponse:
    """The same as a file in Markdown."""
    place, notes = _notes(kind, pk)
    response = HttpResponse(as_markdown(notes), content_type="text/markdown; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="release-notes-{place.code}.md"'
    return response


def _notes(kind: str, pk: UUID) -> tuple[Any, Notes]:
    if kind not in OF:
        raise Http404
    model, read = OF[kind]
    place = get_object_or_404(model, pk=pk)
    return place, read(place)


class PeriodForm(forms.Form):
    first = forms.DateField(label="From", widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    last = forms.DateField(label="To", widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        for name in [name for name, day in told.items() if not clock.is_conceivable(day)]:
            self.add_error(name, "No release is of that year: enter another day.")
        if "first" in told and "last" in told and told["last"] < told["first"]:
            self.add_error("last", "This day is before the first: choose a later one.")
        return told


@require_safe
def outcomes(request: HttpRequest) -> HttpResponse:
    """Failed, delayed, emergency and backed-out releases of a period, by cause."""
    form, first, last = _period(request.GET)
    groups = grouped(_between(first, last)) if form.is_valid() else []
    ways = [
        {"word": WAYS[way], "way": way, "groups": (told := list(found)),
         "count": sum(len(group.releases) for group in told)}
        for way, found in groupby(groups, key=lambda group: group.way)
    ]  # fmt: skip
    return _page(
        request, "portal/outcomes.html", "Releases by outcome", form=form, ways=ways, first=first,
        last=last, status=200 if form.is_valid() else 400,
    )  # fmt: skip


@require_POST
def outcomes_rows(request: HttpRequest) -> Any:
    """The same rows as CSV."""
    _form, first, last = _period(request.POST)
    rows = (
        (WAYS[row.way], row.cause, row.code, row.name, row.window, row.at, row.outcome, row.text)
        for group in grouped(_between(first, last))
        for row in group.releases
    )
    return exported_csv(
        "releases-by-outcome", CSV_HEADER, rows,
        actor=actor_of(request), asked=request.POST.dict(),
    )  # fmt: skip


def _period(sent: Any) -> tuple[PeriodForm, date, date]:
    """What was asked for; the last ninety days where nothing was, or nothing usable."""
    today = clock.now().astimezone(zone_of(None)).date()
    usual = {"first": today - timedelta(days=DAYS), "last": today}
    form = PeriodForm(sent if "first" in sent or "last" in sent else usual)
    told = form.cleaned_data if form.is_valid() else usual
    return form, told["first"], told["last"]


def _between(first: date, last: date) -> Any:
    zone = zone_of(None)
    return releases_between(
        datetime.combine(first, time(), zone),
        datetime.combine(last + timedelta(days=1), time(), zone),
    )


def _page(
    request: HttpRequest, template: str, title: str, *, status: int = 200, **context: Any
) -> HttpResponse:
    whole = {**site.each_context(request), "title": title, **context}
    return render(request, template, whole, status=status)
