"""The auditor's workbench, and which clause is backed by which facts."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.audit.domain import finding as life
from apps.audit.pictures import pieces_of
from apps.audit.policies.auditor import auditor_blockers
from apps.audit.policies.population import READERS
from apps.audit.selectors.workbench import finding_counts, findings_seen_by, populations, reports
from apps.audit.services.mapping import mapping_now
from apps.console.hooks import actor_of
from apps.console.site import site
from apps.core import clock

#: Rows of each list; its own page has all.
SHOWN = 8


@require_safe
def workbench(request: HttpRequest) -> HttpResponse:
    """Populations, reports and findings for who reads them; for everybody else the findings that
    they answer for."""
    actor = actor_of(request)
    reads = actor.holds(*READERS)
    waiting = findings_seen_by(actor).filter(state__in=life.LIVE).order_by("due_at", "code")
    return _page(
        request, "portal/audit.html", "Audit", reads=reads,
        writes=not any(auditor_blockers(actor)), now=clock.now(),
        findings=list(waiting[:SHOWN]),
        states=_states() if reads else [],
        populations=list(populations()[:SHOWN]) if reads else [],
        reports=[
            {"report": report, "pieces": pieces_of(report.counts)} for report in reports()[:SHOWN]
        ] if reads else [],
    )  # fmt: skip


def _states() -> list[dict[str, Any]]:
    words = dict(life.STATES)
    return [
        {"state": state, "word": words[state], "count": count}
        for state, count in finding_counts().items()
    ]


@require_safe
def control_mapping(request: HttpRequest) -> HttpResponse:
    """Every cell leads to what shows it."""
    if not actor_of(request).holds(*READERS):
        raise PermissionDenied
    return _page(request, "portal/control_mapping.html", "Control mapping", mapping=mapping_now())


def _page(request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
    return render(request, template, {**site.each_context(request), "title": title, **context})
