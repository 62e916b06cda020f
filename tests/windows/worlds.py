"""A site with its planners, and windows in every state."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from apps.accounts.models import User
from apps.core import clock
from apps.core.actor import Actor
from apps.evidence.services.door import door
from apps.evidence.services.register import create_in_register
from apps.inventory.models import Environment, Site, Sysplex
from apps.windows.models import CalendarRule, ReleaseWindow, WindowSeries
from apps.windows.services import calendar, night, planning, series
from tests.factories import SETUP, actor, make_user

#: A Saturday night in Amsterdam: opens 22:00, cut-off 04:30, closes 06:00.
OPENS = datetime(2026, 11, 21, 21, 0, tzinfo=UTC)
BEFORE = OPENS - timedelta(days=20)
BATCH = {"kind": "batch_start", "label": "CLOSEFIL", "clock": time(4, 30)}
CUTOFF = {"kind": "batch_start", "label": "CLOSEFIL", "at": OPENS + timedelta(minutes=390)}


@dataclass
class Planners:
    site: Site
    manager: User
    coordinator: User
    stranger: User
    actors: dict[str, Actor] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.actors = {
            "release_manager": actor(self.manager),
            "release_coordinator": actor(self.coordinator),
            "stranger": actor(self.stranger),
        }


def make_site(code: str) -> Site:
    return create_in_register(
        Site,
        actor=SETUP,
        values={"code": code, "name": code, "tz": "Europe/Amsterdam"},
        check=lambda *_: (),
    )


def make_sysplex(code: str, people: Planners, site: Site | None = None) -> Sysplex:
    where = site or people.site
    stage = Environment.objects.filter(site=where).first() or create_in_register(
        Environment,
        actor=SETUP,
        values={"code": "PROD", "site": where, "order": 9, "is_production": True},
        check=lambda *_: (),
    )
    return create_in_register(
        Sysplex, actor=SETUP, values={"code": code, "environment": stage}, check=lambda *_: ()
    )


def planners() -> Planners:
    with clock.at(BEFORE - timedelta(days=1)):
        return Planners(
            site=make_site("AMS"),
            manager=make_user("release.manager", "release_manager"),
            coordinator=make_user("coordinator", "release_coordinator"),
            stranger=make_user("dev.card", "developer", "application_owner", "implementer"),
        )


def window_values(people: Planners, **more: Any) -> dict[str, Any]:
    return {
        "code": "W-2611",
        "name": "Q4 release weekend",
        "site": people.site,
        "opens_at": OPENS,
        "closes_at": OPENS + timedelta(hours=8),
        "capacity_changes": 10,
        "capacity_points": Decimal(20),
        "max_parallel_packages": 5,
        "capacity_minutes": 600,
        "release_manager": people.manager,
        "coordinator": people.coordinator,
        **more,
    }


def draft_window(people: Planners, **more: Any) -> ReleaseWindow:
    cutoffs = more.pop("cutoffs", [CUTOFF])
    with clock.at(BEFORE):
        return planning.create_window(
            actor=people.actors["release_coordinator"],
            values=window_values(people, **more),
            parts={"cutoffs": cutoffs},
        )


def make_rule(code: str, people: Planners, **more: Any) -> CalendarRule:
    """A hard freeze of the site on 19 to 23 November 2026, unless `more` tells otherwise."""
    values = {
        "code": code,
        "name": "Autumn freeze",
        "kind": "freeze",
        "strength": "hard",
        "reason": "The shops are full.",
        "site": people.site,
        "dates": ["2026-11-19/2026-11-23"],
        **more,
    }
    with clock.at(BEFORE):
        return calendar.create_rule(actor=people.actors["release_manager"], values=values)


def series_values(people: Planners, **more: Any) -> dict[str, Any]:
    return {
        "code": "WKLY", "name": "Weekly window", "site": people.site,
        "recurrence": "FREQ=WEEKLY;BYDAY=SA", "first_day": date(2026, 11, 7), "horizon_days": 30,
        "opens_time": time(22), "closes_time": time(6), "capacity_changes": 10,
        "capacity_points": 20, "max_parallel_packages": 5, "release_manager": people.manager,
        "coordinator": people.coordinator, **more,
    }  # fmt: skip


def make_series(people: Planners, **more: Any) -> WindowSeries:
    cutoffs = more.pop("cutoffs", [BATCH])
    with clock.at(BEFORE):
        return series.create_series(
            actor=people.actors["release_coordinator"],
            values=series_values(people, **more),
            parts={"cutoffs": cutoffs},
        )


def as_door(service: Any) -> Any:
    """An inner function inside a door, as releases calls it."""
    return door("window")(service)


#: State → the moves that lead there from a draft: (service, who, when).
WAYS: dict[str, tuple[tuple[Any, str, datetime], ...]] = {}
_OPEN = (planning.open_window, "release_manager", BEFORE)
_LOCK = (planning.lock_scope, "release_coordinator", BEFORE)
_START = (as_door(night.start), "release_coordinator", OPENS)
_BACK = (as_door(night.hand_back), "release_coordinator", OPENS)
WAYS.update(
    draft=(),
    open=(_OPEN,),
    locked=(_OPEN, _LOCK),
    in_progress=(_OPEN, _LOCK, _START),
    verifying=(_OPEN, _LOCK, _START, _BACK),
    closed=(_OPEN, _LOCK, _START, _BACK, (as_door(night.close), "release_manager", OPENS)),
    cancelled=((as_door(night.cancel), "release_manager", BEFORE),),
)


def window_in(state: str, people: Planners, **more: Any) -> ReleaseWindow:
    window = draft_window(people, **more)
    for service, who, moment in WAYS[state]:
        with clock.at(moment):
            window = service(pk=window.pk, actor=people.actors[who], comment="As planned.")
    return window
