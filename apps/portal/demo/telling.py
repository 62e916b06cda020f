"""Who was told of a night, and who took over what was open in it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from apps.accounts.models import Team
from apps.portal.demo.stage import Row, Scene, acting, moment, person, read
from apps.releases.models import Communication, Handover, ReleasePackage
from apps.releases.services import telling
from apps.windows.models import ReleaseWindow


def scenes() -> Iterator[Scene]:
    told = read("telling.yaml")
    for row in told["communications"]:
        yield Scene(moment(row["planned"]), partial(_plan, row), order=2)
        if "sent" in row:
            yield Scene(moment(row["sent"]), partial(_send, row))
    for row in told["handovers"]:
        yield Scene(moment(row["offered"]), partial(_offer, row), order=2)
        if "accepted" in row:
            yield Scene(moment(row["accepted"]), partial(_accept, row))


def _about(code: str) -> dict[str, Any]:
    window = ReleaseWindow.objects.filter(code=code).first()
    return {"window": window} if window else {"package": ReleasePackage.objects.get(code=code)}


def _plan(row: Row) -> None:
    telling.plan_communication(
        actor=acting(row["owner"]),
        values={
            **_about(row["about"]),
            **{name: row[name] for name in ("title", "audience", "channel", "text")},
            "due_at": moment(row["due"]),
            "owner": person(row["owner"]),
        },
    )


def _send(row: Row) -> None:
    found = Communication.objects.get(title=row["title"])
    telling.send_communication(pk=found.pk, actor=acting(row["owner"]))


def _offer(row: Row) -> None:
    telling.offer_handover(
        actor=acting(row["from"]),
        values={
            **_about(row["about"]),
            "title": row["title"],
            "open_items": row["items"],
            "due_at": moment(row["due"]),
            "receiver": person(row["to"]) if "to" in row else None,
            "receiving_team": Team.objects.get(code=row["to_team"]) if "to_team" in row else None,
        },
    )


def _accept(row: Row) -> None:
    found = Handover.objects.get(title=row["title"])
    telling.accept_handover(pk=found.pk, actor=acting(row["to"]))
