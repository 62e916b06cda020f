"""The operator's page, and the one address that its buttons send to.

Every button sends the key of its action and when it was pressed, so that a phone may send it
again and late. It is a form: with a script it is queued, without one it is just sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    JsonResponse,
)
from django.shortcuts import render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST, require_safe

from apps.console.forms import MoveForm
from apps.console.hooks import actor_of
from apps.console.page import meanwhile
from apps.console.site import site
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused, bad_input
from apps.core.moves import find_move
from apps.evidence.services.replays import first_answer
from apps.portal.night_steps import sheet_of
from apps.releases.domain.activity_rules import FAIL_CODES
from apps.releases.models import Activity
from apps.releases.moves.activity import ACTIVITY_MOVES

PAUSES = (
    "Waiting for a system.",
    "Waiting for somebody.",
    "Stopped by the coordinator.",
)
HELPS = ("Somebody has to look at it with me.", "It takes longer than planned.", "I have to leave.")
#: Move → what happened, for the answer, and the words where nobody typed a reason.
PHONE_MOVES: Mapping[str, tuple[str, str]] = {
    "acknowledge": ("acknowledged", ""),
    "start": ("started", ""),
    "complete": ("done", ""),
    "verify": ("verified", ""),
    "pause": ("paused", PAUSES[0]),
    "resume": ("goes on", "It goes on."),
    "fail": ("recorded as failed", ""),
    "escalate": ("called for help", HELPS[0]),
}


@dataclass(frozen=True, slots=True)
class Sent:
    """What a button sent."""

    step: Activity
    move: str
    key: UUID
    version: int | None
    values: dict[str, Any]


@require_safe
def my_steps(request: HttpRequest) -> HttpResponse:
    return _page(request)


def _page(request: HttpRequest, status: int = 200, **more: Any) -> HttpResponse:
    actor = actor_of(request)
    return render(
        request,
        "portal/my_steps.html",
        {
            **site.each_context(request),
            "title": "My steps",
            "sheet": sheet_of(actor),
            "now": clock.now(),
            "zone": settings.INTERLOCK_ZONE,
            "who": actor.id,
            "fail_codes": FAIL_CODES,
            "pauses": PAUSES,
            "helps": HELPS,
            **more,
        },
        status=status,
    )


@require_safe
def worker(request: HttpRequest) -> FileResponse:
    """The script that keeps the page for a phone without a line. A browser lets it see only what
    lies beside it, which is why it is not among the other static files."""
    found = settings.BASE_DIR / "static" / "console" / "steps_worker.js"
    return FileResponse(found.open("rb"), content_type="text/javascript; charset=utf-8")


@require_POST
def act(request: HttpRequest) -> HttpResponse:
    """Make one move of one step: an answer to a script, a page to a form. A refusal tells every
    reason, and of a page that was open too long what happened meanwhile."""
    actor = replace(actor_of(request), channel="phone")
    step: Activity | None = None
    try:
        sent = _sent(request)
        step = sent.step
        answer = _make(actor, sent)
    except Refused as refusal:
        return _refused(request, refusal, step)
    if _wants_json(request):
        return JsonResponse(answer)
    messages.success(request, answer["text"])
    return HttpResponseRedirect(reverse("my_steps"))


def _make(actor: Actor, sent: Sent) -> dict[str, Any]:
    move = find_move(ACTIVITY_MOVES, sent.move)
    assert move is not None
    asking = replace(actor, action_key=sent.key)
    move.service(pk=sent.step.pk, actor=asking, expected_seq=sent.version, **sent.values)
    done, _ = PHONE_MOVES[sent.move]
    return first_answer(asking, {"text": f"{sent.step.label} {sent.step.title}: {done}."})


def _sent(request: HttpRequest) -> Sent:
    """Raises Refused naming what cannot be used, Http404 for what is not there."""
    told = request.POST
    step = Activity.objects.filter(pk=_uuid(told.get("step", ""), "step")).first()
    move = find_move(ACTIVITY_MOVES, told.get("move", ""))
    if step is None or move is None or move.name not in PHONE_MOVES:
        raise Http404
    key = _uuid(told.get("key", ""), "key")
    version = told.get("version", "")
    form = MoveForm(move, step, told)
    if not form.is_valid():
        raise Refused(
            bad_input(name, " ".join(map(str, errors)), "Enter it again.")
            for name, errors in form.errors.items()
        )
    values = form.values()
    if move.name == "fail" and not values.get("comment"):
        values["comment"] = f"{dict(FAIL_CODES)[values['code']]}, told from the phone."
    elif not values.get("comment"):
        values["comment"] = PHONE_MOVES[move.name][1]
    if any(field.by_program for field in move.fields):
        values["pressed_at"] = _pressed(told.get("pressed_at", ""))
    known = version.isascii() and version.isdigit() and len(version) < 10
    return Sent(step, move.name, key, int(version) if known else None, values)


def _uuid(text: str, field: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Refused(
            bad_input(field, f"{text[:40]!r} is no key.", "Reload the page and press again.")
        ) from None


def _pressed(text: str) -> datetime | None:
    try:
        moment = parse_datetime(text) if text else None
    except ValueError:
        moment = None
    if text and (moment is None or moment.tzinfo is None or not clock.is_conceivable(moment)):
        raise Refused(
            bad_input("pressed_at", f"{text[:40]!r} is no moment.", "Reload and press again.")
        )
    return moment


def _refused(request: HttpRequest, refusal: Refused, step: Activity | None) -> HttpResponse:
    since = meanwhile(Activity, refusal)
    if _wants_json(request):
        return JsonResponse(
            {
                "refused": [
                    {"text": each.text, "fix": each.fix, "who": each.who, "code": each.code}
                    for each in refusal.blockers
                ],
                "meanwhile": [
                    {
                        "by": each.by,
                        "at": each.at.isoformat() if each.at else "",
                        "what": each.sentence,
                    }
                    for each in since
                ],
            },
            status=refusal.status,
        )
    return _page(
        request, refusal.status, refused=refusal.blockers, refused_step=step, meanwhile=since
    )


def _wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept") == "application/json"
