"""When a session's user last proved who they are.

Real time, not the demo's: it is about the person at the keyboard.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from apps.accounts.selectors import AUTH_AT_KEY, SIGNED_IN_KEY
from apps.accounts.services.people import record_step_up
from apps.core.actor import Actor


def stamp_session(request: HttpRequest, **_: Any) -> None:
    """At sign-in."""
    request.session[AUTH_AT_KEY] = request.session[SIGNED_IN_KEY] = timezone.now().isoformat()


def step_up(request: HttpRequest, actor: Actor) -> None:
    """After the password was checked again: a new session key, a new stamp, an entry."""
    assert actor.id is not None
    record_step_up(pk=actor.id, actor=actor)
    request.session.cycle_key()
    request.session[AUTH_AT_KEY] = timezone.now().isoformat()
    if hasattr(request, "_interlock_actor"):
        del request._interlock_actor
