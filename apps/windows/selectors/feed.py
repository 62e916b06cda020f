"""Read the addresses under which calendars are read."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse

from apps.windows.models import CalendarFeed


def secret_hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def address_of(secret: str) -> str:
    """What a calendar program subscribes to."""
    return f"{settings.INTERLOCK_URL}{reverse('calendar_feed', args=[secret])}"


def feeds_with_owner() -> QuerySet[CalendarFeed]:
    return CalendarFeed.objects.select_related("owner", "window", "team")


def feeds_of(user_id: Any) -> QuerySet[CalendarFeed]:
    """The addresses of one person that are alive."""
    return feeds_with_owner().filter(owner=user_id, revoked_at=None)


def feed_at(secret: str) -> CalendarFeed | None:
    """The feed of a secret; None when it is revoked, or its owner may not sign in any more."""
    alive = feeds_with_owner().filter(revoked_at=None, owner__is_active=True)
    return alive.filter(secret_sha256=secret_hash(secret)).first()
