"""The blast radius of a popular copybook, in a large inventory loaded past the guards."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from apps.accounts.services.people import create_user, grant_role
from apps.core import clock
from apps.inventory.models import Asset, AssetRelation, JobSchedule
from apps.inventory.selectors.impact import Impact, impact_of
from apps.inventory.services import registers, schedules
from apps.inventory.services.relations import relate_asset
from bench.load import copy_statement
from bench.timing import interleaved, told_times
from bench.world import PASSWORD, SETUP, Bank

NIGHT_AT = datetime(2026, 11, 22, 0, 40, tzinfo=UTC)
POPULAR = "B0"

#: Of a hundred assets: so many of each type, with the first letter of their names.
_TYPES = {
    "P": ("program_batch", 40),
    "B": ("copybook", 10),
    "J": ("job", 16),
    "D": ("vsam", 30),
    "T": ("cics_transaction", 3),
    "S": ("business_service", 1),
}
#: Of a thousand relations: kind, from, to, and how many. The targets of `copies` are skewed: one
#: program in seven copies the most popular copybook.
_KINDS = (
    ("copies", "P", "B", 460),
    ("calls", "P", "P", 200),
    ("reads", "J", "D", 190),
    ("writes", "J", "D", 90),
    ("executes", "J", "P", 24),
    ("triggers", "J", "J", 18),
    ("layout_of", "B", "D", 10),
    ("starts", "T", "P", 6),
    ("supports", "T", "S", 2),
)


@dataclass(frozen=True)
class Size:
    assets: int
    relations: int

    def of(self, letter: str) -> int:
        """How many assets have names with this letter."""
        return max(1, self.assets * _TYPES[letter][1] // 100)


LARGE = Size(50_000, 500_000)


def load_inventory(bank: Bank, size: Size) -> None:
    """Add assets, relations and a timetable for each job. The connection must be the owner's."""
    like, edge, timetable = _patterns(bank)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for letter, (asset_type, _share) in _TYPES.items():
            values = {
                "id": f"md5('{letter}' || n)::uuid",
                "type_id": f"'{asset_type}'",
                "name": f"'{letter}' || n",
                "evidence_head": "sha256(n::text::bytea)",
            }
            series = f"generate_series(0, {size.of(letter) - 1}) n"
            cursor.execute(copy_statement(Asset, values, series, "t.id = %s"), [like.pk])
        for kind, source, target, share in _KINDS:
            many = size.relations * share // 1000
            values = {
                "id": "gen_random_uuid()",
                "kind": f"'{kind}'",
                "source_id": f"md5('{source}' || n %% {size.of(source)})::uuid",
                "target_id": f"md5('{target}' || {_target(kind, size.of(target))})::uuid",
                "key": "n::text",
            }
            series = f"generate_series(1, {many}) n"
            cursor.execute(copy_statement(AssetRelation, values, series, "t.id = %s"), [edge.pk])
        values = {
            "id": "gen_random_uuid()",
            "job_id": "md5('J' || n)::uuid",
            "start_time": "time '22:00' + n %% 600 * interval '1 minute'",
            "evidence_head": "sha256(n::text::bytea)",
        }
        series = f"generate_series(0, {size.of('J') - 1}) n"
        cursor.execute(copy_statement(JobSchedule, values, series, "t.id = %s"), [timetable.pk])


def _target(kind: str, many: int) -> str:
    """A number below `many` for relation n: the square of a share prefers the low ones."""
    share = f"(hashtext('{kind}' || n)::bigint + 2147483648) / 4294967296.0"
    power = 2 if kind == "copies" else 1
    return f"floor({many} * power({share}, {power}))::int"


def _patterns(bank: Bank) -> tuple[Asset, AssetRelation, JobSchedule]:
    """One row of each kind, made by the services, that all others are like."""
    keeper = create_user(
        actor=SETUP, username="bench.keeper", password=PASSWORD, email="keeper@bank.example"
    )
    grant_role(actor=SETUP, user=keeper, role="site_admin")
    by = bank.actor(keeper)
    site = registers.create_site(
        actor=by, values={"code": "BENCH", "name": "Bench", "tz": "Europe/Amsterdam"}
    )
    job = registers.create_asset(actor=by, values={"type_id": "job", "name": "BENCHJOB"})
    edge = relate_asset(pk=job.pk, actor=by, kind="executes", target=bank.assets[0].pk)
    cycle = schedules.create_batch_cycle(
        actor=by,
        values={"code": "NIGHT", "name": "Night", "site": site, "first_job": job,
                "latest_start": time(4, 30), "end_by": time(8, 0)},
    )  # fmt: skip
    timetable = schedules.create_job_schedule(
        actor=by,
        values={"job": job, "cycle": cycle, "start_time": time(5, 0), "elapsed_minutes": 5},
    )
    return job, edge, timetable


def measure(
    enter: Callable[[], AbstractContextManager[Any]], size: Size, username: str, rounds: int
) -> None:
    """Print the times of the impact itself and of its page."""
    with enter():
        popular = Asset.objects.get(name=POPULAR)
        client = Client()
        client.post(reverse("admin:login"), {"username": username, "password": PASSWORD})
        page = reverse("admin:inventory_asset_impact", args=[popular.pk])
        found = _asked(popular)
        taken = interleaved(
            {"impact": partial(_asked, popular), "impact.page": partial(_shown, client, page)},
            rounds,
        )
    for name, seconds in taken.items():
        told_times(
            name, seconds, assets=size.assets, relations=size.relations,
            hits=len(found.blast.hits), recompiles=len(found.recompiles), jobs=len(found.jobs),
            is_cut=found.blast.is_cut,
        )  # fmt: skip


def _asked(asset: Asset) -> Impact:
    with clock.at(NIGHT_AT):
        return impact_of([asset.pk], NIGHT_AT)


def _shown(client: Client, page: str) -> None:
    answer = client.get(page)
    assert answer.status_code == 200, f"{page} answers {answer.status_code}."
