"""Pages that cross the contexts: my work, and the search by any name."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from apps.changes.selectors import debt_lines
from apps.console.hooks import actor_of
from apps.console.site import site
from apps.core import clock
from apps.core.text import LINE_MAX
from apps.portal import panels, work
from apps.portal.live import banner
from apps.portal.requests import own_requests

#: Who settles what emergencies owe, or sees to it.
SETTLE_DEBTS = ("cab_chair", "cab_member", "change_manager")


def home(request: HttpRequest) -> HttpResponse:
    """What waits for the person who is signed in, and the windows ahead."""
    actor = actor_of(request)
    return _page(
        request,
        "portal/home.html",
        "My work",
        nights=banner(),
        owed=debt_lines() if actor.holds(*SETTLE_DEBTS) else (),
        approvals=work.approvals(actor),
        readiness=work.readiness(actor),
        steps=work.steps(actor),
        drafts=work.own_changes(actor),
        windows=work.windows_ahead(),
        packages=work.packages_in_flight(),
        now=clock.now(),
    )


def my_approvals(request: HttpRequest) -> HttpResponse:
    return _page(
        request, "portal/my_approvals.html", "My approvals",
        approvals=work.approvals(actor_of(request)),
    )  # fmt: skip


def my_readiness(request: HttpRequest) -> HttpResponse:
    return _page(
        request, "portal/my_readiness.html", "My readiness items",
        readiness=work.readiness(actor_of(request)),
    )  # fmt: skip


def my_requests(request: HttpRequest) -> HttpResponse:
    """Where one's own changes are, and what is in their way."""
    return _page(
        request, "portal/my_requests.html", "My requests",
        requests=own_requests(actor_of(request)),
    )  # fmt: skip


def search(request: HttpRequest) -> HttpResponse:
    """Everything that has to do with the name that was typed; at most ten of a kind."""
    text = request.GET.get("q", "").strip()[:LINE_MAX].replace("\x00", "")
    groups = work.search(text) if len(text) >= 2 else []
    return _page(request, "portal/search.html", "Search", q=text, groups=groups)


def impact(request: HttpRequest, kind: str, pk: UUID) -> HttpResponse:
    """The dependency picture of an asset, a change or a package, on a page of its own."""
    if kind not in panels.SUBJECTS:
        raise Http404
    model, _ = panels.SUBJECTS[kind]
    record = get_object_or_404(model, pk=pk)
    panel = panels.dependencies(kind, record, request.GET, whole=True)
    return _page(
        request,
        "portal/impact.html",
        panel["picture"].title,
        panel=panel,
        about=record,
        about_url=reverse(
            f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[pk]
        ),
        now=clock.now(),
    )


def _page(request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
    return render(request, template, {**site.each_context(request), "title": title, **context})
