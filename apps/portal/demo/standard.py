"""A standard change that went badly twice, outside any package, and was suspended for it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from apps.changes.services import execution, requests, templates
from apps.core.actor import Actor
from apps.evidence.services.door import door
from apps.evidence.services.outbox import relay
from apps.portal.demo.changes import change
from apps.portal.demo.stage import Row, Scene, acting, moment, read

#: Who runs what no package carries.
OPERATOR = "coordinator"


def scenes() -> Iterator[Scene]:
    for code, row in read("changes.yaml")["changes"].items():
        for at, what in row.get("went", ()):
            yield Scene(moment(at), partial(_tell, code, row, what))
            yield Scene(moment(at), _follow, order=1)


def _tell(code: str, row: Row, what: str) -> None:
    told = change(code)
    if what == "close":
        requests.close(
            pk=told.pk,
            actor=acting(told.owner.username),
            expected_seq=told.evidence_seq,
            comment=row["lesson"],
        )
        return

    @door("change")
    def tell(*, actor: Actor) -> None:
        getattr(execution, what)(change_ids=[told.pk], actor=actor, package="")

    tell(actor=acting(OPERATOR))


def _follow() -> None:
    relay("standard", templates.follow_outcome)
