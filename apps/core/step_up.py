"""A fresh proof of identity: what decides, and what changes who or what decides, asks for one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone

from apps.core.actor import Actor
from apps.core.errors import Blocker

FRESH_FOR = timedelta(minutes=5)


def is_fresh(actor: Actor) -> bool:
    """Real time, as the session's stamp is: it is about the person, not about the demo's clock."""
    return actor.auth_at is not None and timezone.now() - actor.auth_at <= FRESH_FOR


def step_up_blockers(actor: Actor) -> Iterator[Blocker]:
    """The one reason there is where the actor's proof of who they are is missing or too old."""
    if not is_fresh(actor):
        over_api = actor.channel == "api"
        yield Blocker(
            "step_up_needed",
            "This needs a proof of who you are that is not older than five minutes.",
            "Send your password to POST /api/v1/step-up/, then ask again."
            if over_api
            else "Enter your password again.",
            "you",
            kind="permission",
        )
