"""What the demo's chapters share: the clock of the story, its data, its actors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.selectors import actor_for
from apps.core import clock
from apps.core.actor import Actor, system_actor

ZONE = ZoneInfo("Europe/Amsterdam")
DATA = Path(__file__).parent / "data"
SETUP = system_actor("demo")
#: Something told in the data, by name.
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Scene:
    """Something that somebody does at a moment of the story; of two at once, by `order`."""

    at: datetime
    act: Callable[[], object]
    order: int = 0


def play(
    scenes: Iterable[Scene],
    until: datetime | None = None,
    tell: Callable[[int, int], None] | None = None,
) -> None:
    """Do everything in the order of the story's clock, up to and including `until`.

    `tell(done, all)` is called after each scene.
    """
    wanted = [scene for scene in scenes if until is None or scene.at <= until]
    for done, scene in enumerate(sorted(wanted, key=lambda s: (s.at, s.order)), start=1):
        with clock.at(scene.at):
            scene.act()
        if tell is not None:
            tell(done, len(wanted))


@cache
def read(name: str) -> Any:
    """A file of the demo's data; times in it are plain texts. Nobody changes what they get."""
    return yaml.safe_load((DATA / name).read_text(encoding="utf-8"))


def moment(wall: str) -> datetime:
    """The moment of a wall time in Amsterdam such as "2026-11-21 22:00"."""
    return datetime.fromisoformat(wall).replace(tzinfo=ZONE)


class NightClock:
    """Moments of one night: minutes from its zero, or wall times."""

    def __init__(self, zero: str) -> None:
        self._zero = moment(zero)

    def __call__(self, when: int | str) -> datetime:
        if isinstance(when, str):
            return moment(when)
        return self._zero + timedelta(minutes=when)


def person(username: str) -> User:
    return User.objects.get(username=username)


def acting(username: str) -> Actor:
    """The person at the keyboard, who has just proved who they are."""
    return actor_for(
        person(username), channel="admin", auth_at=timezone.now(), auth_methods=("password",)
    )
