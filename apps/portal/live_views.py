"""The command centre of a night, and its status page for those who only look."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.domain.roles import READ_ONLY_ROLES
from apps.console.hooks import actor_of
from apps.console.site import site
from apps.core.errors import Blocker, Refused
from apps.core.text import tidy
from apps.evidence.services.remarks import add_comment
from apps.portal.live import screen_of
from apps.releases.services.alerts import acknowledge_alert
from apps.releases.services.live import LIVE, live_windows
from apps.releases.services.live_json import state_tag
from apps.windows.models import ReleaseWindow
from apps.windows.selectors import windows_with_people


@require_safe
def current(request: HttpRequest) -> HttpResponse:
    """The night that runs; of several the first to end. Without one, the calendar."""
    windows = live_windows()
    if windows:
        return HttpResponseRedirect(reverse("window_live", args=[windows[0].pk]))
    return HttpResponseRedirect(reverse("calendar"))


@require_safe
def live(request: HttpRequest, pk: UUID) -> HttpResponse:
    """`?wall=1` fills a screen on the wall, `?text=1` draws nothing, `?part=1` is what changes."""
    return _screen(request, pk, "window_live")


@require_safe
def status(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The same facts to look at: nothing can be done here."""
    return _screen(request, pk, "window_status")


@require_POST
def write(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put a line into the log of the night."""
    window = _window(pk)
    text = request.POST.get("text", "")
    try:
        add_comment(about=window.subject, actor=actor_of(request), text=tidy(text))
    except Refused as refusal:
        return _screen(request, pk, "window_live", refused=refusal, typed=text)
    return HttpResponseRedirect(f"{reverse('window_live', args=[pk])}#live-log")


@require_POST
def acknowledge(request: HttpRequest, pk: UUID, alert: UUID) -> HttpResponse:
    """Acknowledge an alert with one click."""
    try:
        acknowledge_alert(pk=alert, actor=actor_of(request))
    except Refused as refusal:
        return _screen(request, pk, "window_live", refused=refusal)
    return HttpResponseRedirect(f"{reverse('window_live', args=[pk])}#live-alerts")


def _window(pk: UUID) -> ReleaseWindow:
    window = windows_with_people().filter(pk=pk).first()
    if window is None:
        raise Http404
    return window


def _screen(
    request: HttpRequest, pk: UUID, name: str, *, refused: Refused | None = None, typed: str = ""
) -> HttpResponse:
    actor = actor_of(request)
    modes = {mode: request.GET.get(mode) == "1" for mode in ("wall", "text", "part")}
    tag = state_tag(pk, actor.id, name, sorted(modes.items()))
    if refused is None and request.headers.get("If-None-Match") == tag:
        return HttpResponse(status=304, headers={"ETag": tag})
    window = _window(pk)
    is_status = name == "window_status"
    page = reverse(name, args=[pk])
    asked = "&".join(f"{mode}=1" for mode in ("wall", "text") if modes[mode])
    blockers: tuple[Blocker, ...] = refused.blockers if refused else ()
    may_write = any(held.role not in READ_ONLY_ROLES for held in actor.roles)
    told: dict[str, Any] = {
        "window": window,
        "screen": screen_of(window, actor),
        "is_live": window.state in LIVE,
        "is_status": is_status,
        "may_act": may_write and not is_status and not modes["wall"],
        "wall": modes["wall"],
        "text": modes["text"],
        "here": page,
        "window_url": reverse("admin:windows_releasewindow_change", args=[pk]),
    }
    if modes["part"]:
        response = render(request, "portal/_live.html", told)
    else:
        whole = {
            **site.each_context(request), **told,
            "title": f"{window.code} {'status' if is_status else 'command centre'}",
            "is_popup": modes["wall"],
            "part": f"{page}?{asked}{'&' if asked else ''}part=1",
            "refused": blockers,
            "typed": typed,
        }  # fmt: skip
        status_code = refused.status if refused else 200
        response = render(request, "portal/live.html", whole, status=status_code)
    response["ETag"] = tag
    return response
