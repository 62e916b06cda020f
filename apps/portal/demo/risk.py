"""What Northgate knows of its assets' past, and the documents that its testers attached."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from django.core.files.base import ContentFile

from apps.changes.services.exhibits import attach_exhibit
from apps.inventory.models import Asset
from apps.inventory.services.balances import Balance, take_balances
from apps.portal.demo.changes import change
from apps.portal.demo.register import ADMIN
from apps.portal.demo.stage import Row, Scene, acting, moment, person, read

BALANCED_AT = "2026-08-04 11:30"


def scenes() -> Iterator[Scene]:
    told = read("risk.yaml")
    yield Scene(moment(BALANCED_AT), partial(_take_balances, told["balances"]))
    for row in told["documents"]:
        yield Scene(moment(row["at"]), partial(_attach, row))


def _take_balances(told: dict[str, tuple[int, int]]) -> None:
    assets = Asset.objects.filter(name__in=told)
    take_balances(
        actor=acting(ADMIN),
        balances={asset.pk: Balance(*told[asset.name]) for asset in assets},
        comment="From the change records of the two years before.",
    )


def _attach(row: Row) -> None:
    name, text = row["file"]
    values = dict(row["values"])
    if "tested_by" in values:
        values["tested_by"] = person(values["tested_by"])
    attach_exhibit(
        change=change(row["change"]).pk,
        actor=acting(row["by"]),
        values=values,
        upload=ContentFile(text.encode(), name=name),
    )
