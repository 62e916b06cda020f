"""Conflicts of a whole portfolio, and of one package inside its transaction.

Every package has two hundred touches and fifty packages share a window. Each asset is touched
once, but for one touch in five hundred that meets an asset of the package before, and one that is
built on a version that is no longer in production. At first nine packages in ten are history; then
all are open, more than any shop has. Packages, windows, assets and versions are copies of one that
the services made, loaded past the guards. What packages hit beyond that is not followed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from apps.accounts.services.people import create_user, grant_role
from apps.changes.models import ChangeAsset, ChangeRequest
from apps.core.actor import Actor
from apps.evidence.services.door import door
from apps.inventory.models import Asset, AssetVersion, Environment
from apps.inventory.services import registers
from apps.inventory.services.versions import install_version
from apps.releases.models import PackageChange, ReleasePackage
from apps.releases.services.conflicts import detect
from apps.releases.services.package_content import create_package
from apps.windows.models import ReleaseWindow
from apps.windows.services import planning
from bench.load import copy_statement, without_indexes
from bench.timing import WARM_UP, spied, told_times
from bench.world import PASSWORD, SETUP, Bank, draft

IN_CHANGE, IN_PACKAGE, IN_WINDOW, ODD = 100, 200, 50 * 200, 500
PLACES = (("UAT", 30, False), ("PROD", 40, True))


def _key(letter: str, number: str) -> str:
    return f"md5('conflict {letter}' || ({number}))::uuid"


#: Touch n is of asset n, but the last of each five hundred is of one of the package before.
_ASSET = f"CASE WHEN n %% {ODD} = {ODD - 1} THEN n - {IN_PACKAGE} ELSE n END"
#: Model → what differs from its pattern in row n, and how many touches share a row.
_ROWS = (
    (Asset, 1, {
        "id": _key("a", "n"), "name": "'K' || n", "production_version_id": _key("v", "n"),
    }),
    (AssetVersion, 1, {
        "id": _key("v", "n"), "asset_id": _key("a", "n"),
        "level": f"CASE WHEN n %% {ODD} = {ODD // 2} THEN '01.01' ELSE '01.00' END",
    }),
    (ReleaseWindow, IN_WINDOW, {
        "id": _key("w", "n"), "code": "'WB' || n",
        "opens_at": "t.opens_at + n * interval '1 day'",
        "closes_at": "t.closes_at + n * interval '1 day'",
    }),
    (ReleasePackage, IN_PACKAGE, {
        "id": _key("p", "n"), "code": "'PB' || n", "state": "'planned'",
        "window_id": _key("w", f"n * {IN_PACKAGE} / {IN_WINDOW}"),
    }),
    (ChangeRequest, IN_CHANGE, {
        "id": _key("c", "n"), "code": "'CB' || n", "state": "'approved'",
    }),
    (PackageChange, IN_CHANGE, {
        "id": _key("m", "n"), "change_id": _key("c", "n"),
        "package_id": _key("p", f"n * {IN_CHANGE} / {IN_PACKAGE}"),
    }),
    (ChangeAsset, 1, {
        "id": _key("l", "n"), "change_id": _key("c", f"n / {IN_CHANGE}"),
        "asset_id": _key("a", _ASSET), "from_version": "'01.00'", "to_version": "'01.02'",
    }),
)  # fmt: skip


def plant(bank: Bank) -> ReleasePackage:
    """One package with one change of one installed asset, made by the services: the pattern."""
    keeper, planner = (
        create_user(
            actor=SETUP, username=f"bench.{name}", password=PASSWORD, email=f"{name}@bank.example"
        )
        for name in ("keeper", "planner")
    )
    grant_role(actor=SETUP, user=keeper, role="site_admin")
    for role in ("release_coordinator", "release_manager"):
        grant_role(actor=SETUP, user=planner, role=role)
    by, keeps = bank.actor(planner), bank.actor(keeper)
    site = registers.create_site(
        actor=keeps, values={"code": "BEN", "name": "Bench", "tz": "Europe/Amsterdam"}
    )
    for code, order, is_production in PLACES:
        values = {"code": code, "site": site, "order": order, "is_production": is_production}
        registers.create_environment(actor=keeps, values=values)
    opens_at = timezone.now() + timedelta(days=3)
    window = planning.create_window(
        actor=by,
        values={
            "code": "W-BENCH", "name": "Bench", "site": site, "opens_at": opens_at,
            "closes_at": opens_at + timedelta(hours=8), "may_overlap": True,
            "overlap_reason": "Measured beside others",
        },
    )  # fmt: skip
    change = draft(bank)
    _take_over(pk=bank.assets[0].pk, actor=by)
    return create_package(
        actor=by,
        values={"name": "Bench", "window": window, "owner": planner, "coordinator": planner},
        parts={"members": [{"change": change}]},
    )


@door("asset")
def _take_over(*, pk: UUID, actor: Actor) -> AssetVersion:
    production = Environment.objects.get(site__code="BEN", is_production=True)
    return install_version(asset_id=pk, actor=actor, environment=production, level="01.14")


def load_portfolio(like: ReleasePackage, touches: int) -> None:
    """Add packages with so many touches in all. The connection must be the owner's."""
    member = like.members.get()
    line = ChangeAsset.objects.get(change=member.change_id)
    patterns = {
        Asset: line.asset_id,
        AssetVersion: line.asset.production_version_id,
        ReleaseWindow: like.window_id,
        ReleasePackage: like.pk,
        ChangeRequest: member.change_id,
        PackageChange: member.pk,
        ChangeAsset: line.pk,
    }
    with _past_the_guards() as cursor:
        for model, share, values in _ROWS:
            series = f"generate_series(0, {(touches - 1) // share}) n"
            with without_indexes(model):
                cursor.execute(
                    copy_statement(model, values, series, "t.id = %s"), [patterns[model]]
                )
            cursor.execute(f"ANALYZE {model._meta.db_table}")


def become_history(touches: int) -> None:
    """Close nine packages in ten, the early ones, long ago. The connection must be the owner's."""
    packages = touches // IN_PACKAGE * 9 // 10
    changes = packages * IN_PACKAGE // IN_CHANGE
    with _past_the_guards() as cursor:
        cursor.execute(
            "UPDATE releases_releasepackage SET state = 'closed', outcome = 'completed' "
            f"WHERE id IN (SELECT {_key('p', 'n')} FROM generate_series(0, {packages - 1}) n)"
        )
        cursor.execute(
            "UPDATE changes_changerequest SET state = 'closed' "
            f"WHERE id IN (SELECT {_key('c', 'n')} FROM generate_series(0, {changes - 1}) n)"
        )
        cursor.execute("ANALYZE releases_releasepackage, changes_changerequest")


def open_again() -> None:
    """Open every package that is closed. The connection must be the owner's."""
    with _past_the_guards() as cursor:
        cursor.execute(
            "UPDATE releases_releasepackage SET state = 'planned', outcome = '' "
            "WHERE state = 'closed'"
        )
        cursor.execute("UPDATE changes_changerequest SET state = 'approved' WHERE state = 'closed'")
        cursor.execute("ANALYZE releases_releasepackage, changes_changerequest")


@contextmanager
def _past_the_guards() -> Iterator[Any]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
        yield cursor


def measure(like: ReleasePackage, touches: int, rounds: int, **more: Any) -> None:
    """Print the times of the whole portfolio, of one package, of one change alone in its package,
    and of the least that PostgreSQL must do for a portfolio: group all touches by asset."""
    last = ReleasePackage.objects.get(code=f"PB{(touches - 1) // IN_PACKAGE}")
    more |= {"touches": touches, "open": ReleasePackage.objects.filter(state="planned").count()}
    _told("conflicts.portfolio", partial(detect, impact=False), max(3, rounds // 10), more)
    _told("conflicts.touches_by_asset", _touches_by_asset, max(3, rounds // 10), more)
    _told("conflicts.package", partial(detect, [last.pk], impact=False), rounds, more)
    _told("conflicts.change", partial(detect, [like.pk], impact=False), rounds, more)


def _touches_by_asset() -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT asset_id FROM changes_changeasset GROUP BY asset_id HAVING count(*) > 1"
        )
        return cursor.fetchall()


def _told(name: str, ask: Callable[[], list[Any]], rounds: int, more: dict[str, Any]) -> None:
    wall: list[float] = []
    inside: list[float] = []
    for number in range(-WARM_UP, rounds):
        with transaction.atomic(), spied() as seen:
            began = time.perf_counter()
            found = ask()
            passed = time.perf_counter() - began
        if number >= 0:
            wall.append(passed)
            inside.append(seen.seconds)
    more = more | {"found": len(found), "statements": seen.statements}
    told_times(f"{name}.wall", wall, **more)
    told_times(f"{name}.postgresql", inside, **more)
