"""The board's meetings: one that took place, and the docket of the next."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from apps.changes.models import CabMeeting, DocketItem
from apps.changes.services import meetings
from apps.core.actor import system_actor
from apps.portal.demo.changes import change, change_scenes
from apps.portal.demo.stage import Scene, acting, moment, person, read


def scenes() -> Iterator[Scene]:
    told = read("meetings.yaml")
    for code, row in told["changes"].items():
        yield from change_scenes(code, row)
    for code, row in told["meetings"].items():
        yield Scene(moment(row["planned"]), partial(_plan, code, row))
        for username, at, wanted, why in row["asked"]:
            yield Scene(moment(at), partial(_add, code, username, wanted, why), order=1)
        yield Scene(moment(row["cutoff"]), partial(_freeze, code), order=2)
        if "session" in row:
            yield from _session(code, row["session"])


def _session(code: str, row: dict[str, Any]) -> Iterator[Scene]:
    yield Scene(moment(row["from"]), partial(_open, code, row["there"]))
    for username, at, what, wanted, why in row["items"]:
        yield Scene(moment(at), partial(_do, code, username, what, wanted, why))
    yield Scene(moment(row["to"]), partial(_close, code))


def _meeting(code: str) -> CabMeeting:
    return CabMeeting.objects.get(code=code)


def _plan(code: str, row: dict[str, Any]) -> None:
    meetings.plan_meeting(
        actor=acting("cab.chair"),
        code=code,
        values={
            "name": row["name"],
            "chair": person("cab.chair"),
            "starts_at": moment(row["starts"]),
            "cutoff_at": moment(row["cutoff"]),
            "place": row["place"],
        },
    )


def _add(code: str, username: str, wanted: str, why: str) -> None:
    pk = _meeting(code).pk
    meetings.add_item(pk=pk, actor=acting(username), change=wanted, comment=why)


def _freeze(code: str) -> None:
    meetings.freeze_docket(pk=_meeting(code).pk, actor=system_actor("docket"))


def _open(code: str, there: list[str]) -> None:
    pk = _meeting(code).pk
    meetings.start_session(pk=pk, actor=acting("cab.chair"))
    for username in there:
        meetings.arrive(pk=pk, actor=acting(username))


def _do(code: str, username: str, what: str, wanted: str, why: str) -> None:
    """One of the moves about an item, such as `take_up_item`."""
    pk = _meeting(code).pk
    item = DocketItem.objects.get(meeting=pk, change=change(wanted))
    getattr(meetings, what)(pk=pk, actor=acting(username), item=str(item.pk), comment=why)


def _close(code: str) -> None:
    meetings.close_session(pk=_meeting(code).pk, actor=acting("cab.chair"))
