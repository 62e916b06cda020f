"""When a session's user last proved who they are."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from apps.accounts.selectors import AUTH_AT_KEY


def stamp_session(request: HttpRequest, **_: Any) -> None:
    """Real time, not the demo's: a step-up is about the person at the keyboard."""
    request.session[AUTH_AT_KEY] = timezone.now().isoformat()
