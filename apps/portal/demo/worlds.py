"""Worlds that the demo shows and the tests live in, each built through the services alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import chain

from apps.portal.demo import changes, people, register
from apps.portal.demo.stage import moment, play

#: The moment of the live night at which the demo opens.
NIGHT_AT = moment("2026-11-22 00:40")


def northgate(until: datetime = NIGHT_AT, tell: Callable[[int, int], None] | None = None) -> None:
    """Northgate Card Services as it is at `until`, at the latest in the live night."""
    play(chain(people.scenes(), register.scenes(), changes.scenes()), until, tell)


def carddemo_inventory() -> None:
    """Northgate's people and landscape with the inventory of the CardDemo sample application:
    539 assets and 1,255 relations."""
    play(chain(people.scenes(), register.landscape_scenes(), register.carddemo_scenes()))
