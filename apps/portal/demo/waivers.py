"""Waivers of gates: who asked, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from apps.gates.models import Waiver
from apps.portal.demo.stage import Row, Scene, acting, moment, read
from apps.releases.models import ReleasePackage
from apps.releases.services import waivers

DECIDES = {"approve": waivers.approve_waiver, "refuse": waivers.refuse_waiver}


def scenes() -> Iterator[Scene]:
    for row in read("waivers.yaml")["asked"]:
        yield Scene(moment(row["at"]), partial(_ask, row))
        for at, username, how, words in row["decided"]:
            yield Scene(moment(at), partial(_decide, row, username, how, words))


def _ask(row: Row) -> None:
    package = ReleasePackage.objects.get(code=row["package"])
    waivers.ask_waiver(
        pk=package.pk, actor=acting(row["by"]), gate=row["gate"], risk=row["risk"],
        control=row["control"], comment=row["reason"],
    )  # fmt: skip


def _decide(row: Row, username: str, how: str, words: str) -> None:
    waiver = Waiver.objects.get(about_name=row["package"], gate=row["gate"])
    DECIDES[how](
        pk=waiver.pk, actor=acting(username), expected_seq=waiver.evidence_seq, comment=words
    )
