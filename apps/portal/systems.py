"""How the talk with other systems goes."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.console.site import site
from apps.integrations.selectors import other_systems


@require_safe
def systems(request: HttpRequest) -> HttpResponse:
    """Every system that the portal can talk to: on or off, when it answered last, what it said."""
    context = {**site.each_context(request), "title": "Other systems", "systems": other_systems()}
    return render(request, "portal/other_systems.html", context)
