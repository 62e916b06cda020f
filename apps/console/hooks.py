"""What contexts above the console give it, named by dotted path in the settings."""

from __future__ import annotations

from collections.abc import Collection
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.module_loading import import_string

from apps.core.actor import Actor

#: Setting name → what it is.
HOOKS: dict[str, str] = {
    "INTERLOCK_ACTOR_FACTORY": "(user, *, channel, request) -> Actor",
    "INTERLOCK_STEP_UP": "(request, actor) -> None: renew the session after a password check",
    "INTERLOCK_HOME": "(request) -> HttpResponse: the first page",
    "INTERLOCK_NAVIGATION": "tuple of (label, icon, url name[, letter]) above the sections",
    "INTERLOCK_PANELS": "{model label: tuple of Panel} on the pages of lower contexts",
    "INTERLOCK_TIMELINE": "(request, record, subject) -> (context, status): its history",
    "INTERLOCK_RECORDS": "(subjects) -> {subject: (what it is called, path of its page)}",
    "INTERLOCK_WINDOW_WORK": "(window id) -> bool: whether anything is planned in the window",
    "INTERLOCK_DEMO_LOGINS": "() -> rows of (username, role, what to look at)",
}


def hook(name: str) -> Any:
    """The object the setting `name` points to; None when unset or its context is not installed."""
    path: str = getattr(settings, name, "")
    return import_string(path) if path and _exists(path.rpartition(".")[0]) else None


def _exists(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def records_of(subjects: Collection[str]) -> dict[str, tuple[str, str]]:
    """What records of higher contexts are called, and where their pages are."""
    tell = hook("INTERLOCK_RECORDS")
    return tell(subjects) if tell else {}


def actor_of(request: HttpRequest) -> Actor:
    """Who is signed in, as an actor of the console."""
    actor: Actor = hook("INTERLOCK_ACTOR_FACTORY")(request.user, channel="admin", request=request)
    return actor
