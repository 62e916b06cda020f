"""Who works at Northgate."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from apps.accounts.models import User
from apps.accounts.services.people import create_team, create_user, edit_user, grant_role
from apps.portal.demo.logins import demo_password
from apps.portal.demo.stage import SETUP, Scene, moment, person, read

HIRED_AT = "2026-08-03 09:00"


def scenes() -> Iterator[Scene]:
    told = read("people.yaml")
    at = moment(HIRED_AT)
    for username, row in told["people"].items():
        yield Scene(at, partial(_hire, username, row))
    for username, row in told["people"].items():
        if "manager" in row:
            yield Scene(at, partial(_answer_to, username, row["manager"]), order=1)
    for code, row in told["teams"].items():
        members = [name for name, who in told["people"].items() if code in who.get("teams", ())]
        yield Scene(at, partial(_form_team, code, row, members))


def _hire(username: str, row: dict[str, Any]) -> None:
    first_name, _, last_name = row["name"].partition(" ")
    password = (demo_password() or None) if "look_at" in row else None
    user = create_user(
        actor=SETUP,
        username=username,
        password=password,
        first_name=first_name,
        last_name=last_name,
        email=f"{username}@northgate.example",
        kind=row.get("kind", User.Kind.HUMAN),
    )
    for granted in row["roles"]:
        role, _, scope = granted.partition("@")
        grant_role(actor=SETUP, user=user, role=role, scope=scope)


def _answer_to(username: str, manager: str) -> None:
    edit_user(pk=person(username).pk, actor=SETUP, values={"manager": person(manager)})


def _form_team(code: str, row: list[Any], members: list[str]) -> None:
    name, kind, capacity = row
    create_team(
        actor=SETUP,
        values={"code": code, "name": name, "kind": kind, "capacity": capacity},
        members=[person(username).pk for username in members],
    )
