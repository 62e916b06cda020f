"""The readiness matrix: packages by gates, who owns what is missing, and one click to remind."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    QueryDict,
    StreamingHttpResponse,
)
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from apps.console.hooks import actor_of
from apps.console.site import site
from apps.core.errors import Refused
from apps.evidence.services.exports import exported_csv
from apps.notifications.services.reminders import chase
from apps.releases.services import readiness_matrix as matrix
from apps.releases.services.rows import key_of


def _asked(sent: QueryDict) -> dict[str, Any]:
    """The filters, from an address or a form."""
    return {
        "window": sent.get("window", "")[:20].replace("\x00", ""),
        "gate": sent.get("gate", "")[:4].replace("\x00", ""),
        "mine": sent.get("mine") == "1",
    }


def _address(asked: dict[str, Any]) -> str:
    kept = {name: "1" if value is True else value for name, value in asked.items() if value}
    address = reverse("readiness")
    return f"{address}?{urlencode(kept)}" if kept else address


@require_safe
def readiness(request: HttpRequest) -> HttpResponse:
    return _page(request, _asked(request.GET))


def _page(
    request: HttpRequest, asked: dict[str, Any], status: int = 200, **more: Any
) -> HttpResponse:
    found = matrix.readiness_matrix(actor_of(request), **asked)
    every = matrix.TITLES.items()
    groups = [
        (group, matrix.called(group.window) if group.window else "",
         group.forecast.sentence(matrix.called(group.window))
         if group.window and group.forecast else "")
        for group in found.groups
    ]  # fmt: skip
    context = {
        **site.each_context(request),
        "title": "Readiness",
        "matrix": found,
        "groups": groups,
        "every_gate": every,
        "asked": asked,
        **more,
    }
    return render(request, "portal/readiness_matrix.html", context, status=status)


@require_POST
def remind(request: HttpRequest) -> HttpResponse:
    """Remind whoever owns the gate that the button stands in; the filters stay."""
    asked = _asked(request.POST)
    try:
        item = key_of(request.POST.get("item", ""), "readiness item")
        told = chase(pk=item, actor=actor_of(request), comment=request.POST.get("comment", ""))
    except Refused as refusal:
        return _page(request, asked, status=refusal.status, refused=refusal.blockers)
    names = ", ".join(str(user) for user in told)
    messages.success(request, f"Reminded {names}." if names else "There is nobody to remind.")
    return HttpResponseRedirect(_address(asked))


@require_POST
def export(request: HttpRequest) -> StreamingHttpResponse:
    """What the page shows, as CSV."""
    actor = actor_of(request)
    found = matrix.readiness_matrix(actor, **_asked(request.POST))
    return exported_csv(
        "readiness", matrix.CSV_HEADER, matrix.csv_rows(found),
        actor=actor, asked=request.POST.dict(),
    )  # fmt: skip
