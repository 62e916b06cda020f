"""Rows of every kind that the interface lists."""

from __future__ import annotations

from datetime import timedelta

from apps.changes.models import StandardTemplate
from apps.changes.services.requests import create_template
from apps.core import clock
from apps.evidence.events import RECORD_CREATED
from apps.evidence.services.ledger import record_created
from apps.inventory.models import Application, Asset, AssetRelation, Site
from apps.inventory.services.relations import relate_asset
from apps.windows.models import ReleaseWindow
from apps.windows.services.planning import create_window
from tests.changes.worlds import Bank, draft, make_asset
from tests.factories import SETUP, actor, make_user


def rows(bank: Bank, kind: str, count: int) -> None:
    """Let there be at least `count` rows of the list `kind`."""
    MAKERS[kind](bank, count)


def _changes(bank: Bank, count: int) -> None:
    for _ in range(count):
        draft(bank)


def _standard_changes(bank: Bank, count: int) -> None:
    for number in range(StandardTemplate.objects.count(), count):
        create_template(
            actor=actor(bank.manager),
            values={
                "code": f"STD-{number}",
                "name": "Add a table entry",
                "application": bank.application,
                "families": ["db2"],
                "approved_until": clock.now() + timedelta(days=90),
            },
        )


def _applications(bank: Bank, count: int) -> None:
    for number in range(Application.objects.count(), count):
        record_created(
            Application(
                code=f"APP{number}",
                name="Another",
                business_owner=bank.owner,
                technical_owner=bank.application.technical_owner,
            ),
            actor=SETUP,
            event=RECORD_CREATED,
        )


def _assets(bank: Bank, count: int) -> None:
    for number in range(Asset.objects.count(), count + 2):
        make_asset(f"PGM{number:05}", "program_batch", bank.application)


def _relations(bank: Bank, count: int) -> None:
    keeper = actor(make_user("keeper", "developer"))
    for number in range(AssetRelation.objects.count(), count):
        relate_asset(pk=bank.table.pk, actor=keeper, kind="refers_to", target=bank.copybook.pk,
                     key=f"k{number}")  # fmt: skip


def window(bank: Bank, number: int = 0) -> ReleaseWindow:
    site = Site.objects.first() or record_created(
        Site(code="AMS", name="Amsterdam", tz="Europe/Amsterdam"),
        actor=SETUP,
        event=RECORD_CREATED,
    )
    opens_at = clock.now() + timedelta(days=30 + number)
    return create_window(
        actor=actor(make_user("coordinator", "release_coordinator")),
        values={
            "code": f"WIN-{number}",
            "name": "Autumn release",
            "site": site,
            "opens_at": opens_at,
            "closes_at": opens_at + timedelta(hours=6),
            "capacity_changes": 10,
            "capacity_points": 100,
            "max_parallel_packages": 3,
        },
        parts={
            "cutoffs": [
                {"kind": "batch_start", "label": "CLOSEFIL", "at": opens_at + timedelta(hours=5),
                 "is_hard": True}
            ]
        },
    )  # fmt: skip


def _windows(bank: Bank, count: int) -> None:
    for number in range(ReleaseWindow.objects.count(), count):
        window(bank, number)


MAKERS = {
    "changes": _changes,
    "standard-changes": _standard_changes,
    "applications": _applications,
    "assets": _assets,
    "relations": _relations,
    "windows": _windows,
}
