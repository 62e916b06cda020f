"""Who is on shift in the nights that come."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from apps.accounts.models import Team
from apps.accounts.services.roster import enter_shift
from apps.portal.demo.stage import Row, Scene, acting, moment, person, read

KEEPER = "coordinator"


def scenes() -> Iterator[Scene]:
    for night in read("roster.yaml")["nights"]:
        for shift in night["shifts"]:
            yield Scene(moment(night["entered"]), partial(_enter, night, shift))


def _enter(night: Row, shift: list[Any]) -> None:
    team, username, role, *times = shift
    starts_at, ends_at = times or (night["from"], night["until"])
    enter_shift(
        actor=acting(KEEPER),
        values={
            "team": Team.objects.get(code=team),
            "person": person(username),
            "role": role,
            "phone": read("roster.yaml")["phones"].get(username, ""),
            "starts_at": moment(starts_at),
            "ends_at": moment(ends_at),
        },
    )
