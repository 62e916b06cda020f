"""The release board, and the pages that tell what a move changes before it is made."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_http_methods, require_safe

from apps.console.forms import MomentField, MomentInput
from apps.console.hooks import actor_of
from apps.console.site import site
from apps.core.errors import Blocker, Refused
from apps.portal import release_board as board
from apps.releases.models import ReleasePackage
from apps.releases.services.moving import (
    Preview,
    move_package,
    move_window,
    preview_package_move,
    preview_window_move,
)
from apps.releases.services.rows import as_key
from apps.releases.services.slots import slots_of_package
from apps.windows.models import ReleaseWindow
from apps.windows.selectors import DAYS


class TimesForm(forms.Form):
    opens_at = MomentField(label="Opens", widget=MomentInput)
    closes_at = MomentField(
        label="Closes",
        widget=MomentInput,
        required=False,
        help_text="Left empty, the window stays as long as it is.",
    )


@require_safe
def release_board(request: HttpRequest) -> HttpResponse:
    """Windows with what is in them; a package is chosen, then the window that it is to go to."""
    return _page(
        request, "portal/release_board.html", "Release board", board=board.release_board(),
        days=board.DAYS, chosen=request.GET.get("package", ""),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest) -> HttpResponse:
    """What moving a package to a window changes; POST makes exactly that move.

    The board sends the window of the button that was pressed as `to`, or the one of its list.
    """
    sent = request.POST if request.method == "POST" else request.GET
    package_key, window_key = (
        as_key(sent.get("package")),
        as_key(sent.get("to", sent.get("window"))),
    )
    if package_key is None:
        messages.warning(request, "Choose a package first.")
        return HttpResponseRedirect(reverse("release_board"))
    package = get_object_or_404(
        ReleasePackage.objects.select_related("window", "owner", "coordinator"), pk=package_key
    )
    window = ReleaseWindow.objects.filter(pk=window_key).first() if window_key else None
    if window is None:
        messages.warning(request, f"Choose a window for {package.code}.")
        return HttpResponseRedirect(f"{reverse('release_board')}?package={package.pk}")
    refused: tuple[Blocker, ...] = ()
    if request.method == "POST":
        try:
            move_package(
                pk=package.pk, actor=actor_of(request), window=window.pk,
                digest=sent.get("digest", ""), reason=sent.get("reason", ""),
                comment=sent.get("comment", ""),
            )  # fmt: skip
        except Refused as refusal:
            refused = refusal.blockers
        else:
            messages.success(request, f"{package.code} is in {window.code} now.")
            return HttpResponseRedirect(reverse("release_board"))
    preview = preview_package_move(pk=package.pk, actor=actor_of(request), window=window.pk)
    return _ripple(
        request, f"Move {package.code} to {window.code}", preview, refused, zone=window.zone,
        package=package, window=window, reasons=ReleasePackage.DelayReason.choices,
        comment=sent.get("comment", ""), reason=sent.get("reason", ""),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def shift(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What other times of the window change; POST moves it exactly so."""
    window = get_object_or_404(ReleaseWindow, pk=pk)
    sent = request.POST if request.method == "POST" else request.GET
    form = TimesForm(sent) if "opens_at" in sent else TimesForm({"opens_at": window.opens_at})
    entered = form.cleaned_data if form.is_valid() and "opens_at" in sent else {}
    opens_at = _moment(sent.get("exactly", "")) or entered.get("opens_at")
    closes_at = _moment(sent.get("closing", "")) or entered.get("closes_at")
    refused: tuple[Blocker, ...] = ()
    if request.method == "POST" and opens_at is not None:
        try:
            move_window(
                pk=window.pk, actor=actor_of(request), opens_at=opens_at, closes_at=closes_at,
                digest=sent.get("digest", ""), comment=sent.get("comment", ""),
            )  # fmt: skip
        except Refused as refusal:
            refused = refusal.blockers
        else:
            messages.success(request, f"{window.code} has its new times now.")
            return HttpResponseRedirect(
                reverse("admin:windows_releasewindow_change", args=[window.pk])
            )
    preview = None
    if opens_at is not None:
        preview = preview_window_move(
            pk=window.pk, actor=actor_of(request), opens_at=opens_at, closes_at=closes_at
        )
    return _ripple(
        request, f"Move {window.code} to another time", preview, refused, zone=window.zone,
        window=window, form=form, opens_at=opens_at, closes_at=closes_at,
        comment=sent.get("comment", ""),
    )  # fmt: skip


def _moment(text: str) -> datetime | None:
    """A moment with its zone, as the page's own form sends it back."""
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found is not None and timezone.is_aware(found) else None


@require_safe
def slots(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Where the package has room in the coming weeks, and why not elsewhere."""
    package = ReleasePackage.objects.select_related("window").filter(pk=pk).first()
    if package is None:
        raise Http404
    return _page(
        request, "portal/package_slots.html", f"Room for {package.code}", package=package,
        slots=slots_of_package(package), days=DAYS,
    )  # fmt: skip


def _ripple(
    request: HttpRequest,
    title: str,
    preview: Preview | None,
    refused: tuple[Blocker, ...],
    **context: Any,
) -> HttpResponse:
    status = Refused(refused).status if refused else 200
    return _page(
        request, "portal/ripple.html", title, status=status, preview=preview,
        ripple=preview.ripple if preview else None, refused=refused, **context,
    )  # fmt: skip


def _page(
    request: HttpRequest, template: str, title: str, *, status: int = 200, **context: Any
) -> HttpResponse:
    whole = {**site.each_context(request), "title": title, **context}
    return render(request, template, whole, status=status)
