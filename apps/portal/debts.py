"""The board of debts: what emergencies still owe to governance, by age."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.changes.selectors import debt_lines
from apps.console.site import site


def approval_debts(request: HttpRequest) -> HttpResponse:
    """Everything owed, the oldest first, and whom it blocks."""
    lines = debt_lines()
    context = {
        **site.each_context(request),
        "title": "Approval debt",
        "lines": lines,
        "blocked": sorted({line.debt.application for line in lines if line.blocks}),
        "overdue": sum(line.is_overdue for line in lines),
    }
    return render(request, "portal/approval_debts.html", context)
