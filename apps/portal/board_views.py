"""The pages of a board meeting: live for the session, small for the train, and its minutes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from apps.approvals.services.views import log_view
from apps.changes.domain.meeting import CSV_HEADER, as_rows
from apps.changes.models import CabMeeting, DocketItem
from apps.changes.moves import MEETING_MOVES
from apps.changes.selectors import (
    changes_with_scope,
    current_meeting,
    meetings_with_docket,
    minutes_of,
)
from apps.console.admin import receipts_of
from apps.console.hooks import actor_of
from apps.console.site import site
from apps.console.step_up import StepUpForm, kept_of
from apps.core.errors import Refused
from apps.core.moves import Move, find_move
from apps.core.step_up import is_fresh
from apps.core.text import LINE_MAX
from apps.evidence.services.exports import exported_csv
from apps.portal import board

#: What can be done on the live page and on no other of these.
_LIVE_MOVES = tuple(move for move in MEETING_MOVES if move.name not in ("freeze", "cancel"))


@require_safe
def current(request: HttpRequest) -> HttpResponse:
    """The meeting that is on, or the next."""
    meeting = current_meeting()
    if meeting is not None:
        return HttpResponseRedirect(reverse("board", args=[meeting.pk]))
    return _render(request, "changes/meeting_none.html", title="Board")


@require_safe
def live(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The screen of the session. Answers 304 to whoever has it already."""
    return _screen(request, pk, "changes/meeting_live.html")


@require_safe
def phone(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The same change on the same page, to be read with one thumb."""
    return _screen(request, pk, "changes/meeting_phone.html")


def _screen(request: HttpRequest, pk: UUID, template: str) -> HttpResponse:
    meeting, item = _shown(pk, request.GET.get("item", ""))
    tag = board.state_tag(meeting, item, actor_of(request))
    if request.headers.get("If-None-Match") == tag:
        return HttpResponse(status=304, headers={"ETag": tag})
    return _show(request, meeting, item, template, here=request.get_full_path())


def _shown(pk: UUID, wanted: str) -> tuple[CabMeeting, DocketItem | None]:
    meeting = meetings_with_docket().filter(pk=pk).first()
    if meeting is None:
        raise Http404
    return meeting, board.shown_item(board.in_order(meeting), wanted)


def _show(
    request: HttpRequest,
    meeting: CabMeeting,
    item: DocketItem | None,
    template: str = "changes/meeting_live.html",
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """`here` in `more` is the address that the page asks for what changed."""
    actor = actor_of(request)
    shown = changes_with_scope().get(pk=item.change_id) if item is not None else None
    page = board.one_pager(shown, actor) if shown is not None else None
    if page is not None:
        digest = page.change.current_fingerprint()
        log_view(about=page.change.subject, content_digest=digest, actor=actor)
    tag = board.state_tag(meeting, item, actor)
    response = _render(
        request, template, title=f"{meeting.code} {meeting.name}", status=status, meeting=meeting,
        screen=board.screen(meeting, item, page, actor), tag=tag, **more,
    )  # fmt: skip
    response["ETag"] = tag
    return response


@require_POST
@sensitive_post_parameters("password")
def act(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Make one move of the meeting; a refusal is told on the page itself."""
    move = find_move(_LIVE_MOVES, request.POST.get("move", ""))
    meeting, item = _shown(pk, request.POST.get("item", ""))
    if move is None:
        raise Http404
    if move.step_up and not is_fresh(actor_of(request)):
        proof = StepUpForm(request, request.POST if "password" in request.POST else None)
        if not proof.is_valid():
            return _ask_who(request, meeting, item, move, proof)
        proof.renew()
    values = {field.name: request.POST.get(field.name, "") for field in move.fields}
    comment = request.POST.get("comment", "")
    try:
        done = move.service(pk=meeting.pk, actor=actor_of(request), comment=comment, **values)
    except Refused as refusal:
        meeting, item = _shown(pk, request.POST.get("item", ""))
        return _show(
            request, meeting, item, status=refusal.status, here=_address(meeting, item),
            refused=refusal.blockers, refused_move=move, typed=comment,
        )  # fmt: skip
    for receipt in receipts_of(move, done):
        messages.success(request, receipt)
    return HttpResponseRedirect(_address(meeting, item))


def _address(meeting: CabMeeting, item: DocketItem | None) -> str:
    address = reverse("board", args=[meeting.pk])
    return f"{address}?item={item.pk}" if item is not None else address


def _ask_who(
    request: HttpRequest,
    meeting: CabMeeting,
    item: DocketItem | None,
    move: Move,
    proof: StepUpForm,
) -> HttpResponse:
    """The password page; it carries what was typed and sends all of it to the move."""
    response: HttpResponse = site.step_up_page(
        request,
        proof,
        {
            "kept": kept_of(request), "action": request.path, "move": move,
            "about": item.change if item is not None and "item" in request.POST else meeting,
            "comment": request.POST.get("comment", "")[:LINE_MAX],
            "next": _address(meeting, item),
        },
    )  # fmt: skip
    return response


# Minutes and docket.


@require_safe
def minutes(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What the session decided; while it lasts, what it decided so far."""
    meeting = _meeting(pk)
    return _render(
        request, "changes/meeting_minutes.html", title=f"Minutes of {meeting.code}",
        meeting=meeting, minutes=minutes_of(meeting),
    )  # fmt: skip


@require_POST
def minutes_text(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The very bytes whose digest is evidence."""
    meeting = _meeting(pk)
    if not meeting.minutes_text:
        raise Http404
    response = HttpResponse(meeting.minutes_text, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="minutes-{meeting.code}.txt"'
    return response


@require_POST
def minutes_rows(request: HttpRequest, pk: UUID) -> Any:
    """The docket with its results as CSV."""
    meeting = _meeting(pk)
    return exported_csv(
        f"docket-{meeting.code}", CSV_HEADER, as_rows(minutes_of(meeting)),
        actor=actor_of(request), about=meeting.subject,
    )  # fmt: skip


def _meeting(pk: UUID) -> CabMeeting:
    meeting = meetings_with_docket().filter(pk=pk).first()
    if meeting is None:
        raise Http404
    return meeting


def _render(
    request: HttpRequest, template: str, *, title: str, status: int = 200, **context: Any
) -> HttpResponse:
    whole = {**site.each_context(request), "is_nav_sidebar_enabled": False, "title": title}
    return render(request, template, {**whole, **context}, status=status)
