"""`make bench`: measure on one server, in databases of its own, and print one JSON line a figure.

Without DATABASE_URL the server is an embedded one, durable as in `make run`; its folder is removed.
"""

from __future__ import annotations

import argparse
import logging
import os
import platform
import sys
import time
from pathlib import Path
from typing import Any

from ops.processes import OpsError, remove
from ops.services import OWNER, Services

HOME = Path(__file__).resolve().parent.parent / "var" / "bench"


def options(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rows", default="10000,1000000", help="sizes, separated by commas")
    parser.add_argument("--rounds", type=int, default=40, help="calls of each page")
    parser.add_argument("--approvals", type=int, default=200, help="approvals that are measured")
    parser.add_argument(
        "--touches", type=int, default=1_000_000, help="lines of scope of the portfolio"
    )
    parser.add_argument("--assets", type=int, default=50_000, help="assets that are imported")
    parser.add_argument("--entries", type=int, default=1_000_000, help="entries of a pack")
    parser.add_argument("--events", type=int, default=5_000, help="things around one change")
    parser.add_argument(
        "--keep-open", action="store_true", help="wait before the databases are dropped"
    )
    given = parser.parse_args(words)
    try:
        given.sizes = sorted({int(part) for part in given.rows.split(",")})
    except ValueError:
        parser.error(f"--rows {given.rows} is no list of numbers such as 10000,1000000")
    return given


def bench(given: argparse.Namespace) -> None:
    """Make the databases, load and measure them; DATABASE_URL names the server and its owner."""
    import django

    django.setup()
    logging.disable(logging.INFO)
    from django.db import connection

    from bench import approval, impact, imports, lists, packs
    from bench.database import Database
    from bench.load import load_changes
    from bench.timing import told
    from bench.world import draft, found_bank

    stages = {rows: Database(str(rows)) for rows in given.sizes}
    empty, inventory = Database("empty"), Database("inventory")
    portfolio, busy = Database("portfolio"), Database("busy")
    try:
        empty.create()
        with empty.as_owner():
            bank = found_bank()
            like = draft(bank)
        for rows, database in stages.items():
            database.create(template=empty)
            began = time.monotonic()
            with database.as_owner():
                load_changes(bank, like, rows)
            database.vacuum()
            told("load", time.monotonic() - began, "s", rows=rows)
        with empty.as_owner(), connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            version = cursor.fetchone()[0]
        told("machine", os.cpu_count() or 0, "cores", python=platform.python_version(),
             postgresql=version)  # fmt: skip
        lists.measure(
            [(database.as_application, rows) for rows, database in stages.items()],
            bank.owner.username,
            given.rounds,
        )
        for rows, database in stages.items():
            with database.as_owner():
                prepared = approval.prepare(bank, given.approvals)
            with database.as_application():
                approval.measure(*prepared, rounds=given.approvals, rows=rows)
        _bench_timeline(busy, empty, (bank, like), given)
        inventory.create(template=empty)
        with inventory.as_owner():
            impact.load_inventory(bank, impact.LARGE)
        inventory.vacuum()
        impact.measure(inventory.as_application, impact.LARGE, bank.owner.username, given.rounds)
        _bench_conflicts(portfolio, empty, bank, given)
        with empty.as_application():
            imports.measure(given.assets)
        packs.measure(given.entries, min(given.rounds, 5))
        if given.keep_open:
            input(f"{os.environ['DATABASE_URL']}: Enter drops the databases. ")
    finally:
        for database in (empty, inventory, portfolio, busy, *stages.values()):
            database.drop()


def _bench_conflicts(portfolio: Any, empty: Any, bank: Any, given: argparse.Namespace) -> None:
    """A portfolio of which most is history, then the same with everything open."""
    from bench import conflicts

    portfolio.create(template=empty)
    with portfolio.as_owner():
        pattern = conflicts.plant(bank)
        conflicts.load_portfolio(pattern, given.touches)
        conflicts.become_history(given.touches)
    portfolio.vacuum()
    with portfolio.as_application():
        conflicts.measure(pattern, given.touches, given.rounds)
    with portfolio.as_owner():
        conflicts.open_again()
    with portfolio.as_application():
        conflicts.measure(pattern, given.touches, given.rounds)


def _bench_timeline(busy: Any, empty: Any, known: Any, given: argparse.Namespace) -> None:
    """Of one change around which thousands of things happened."""
    from bench import timeline

    bank, change = known
    busy.create(template=empty)
    with busy.as_owner():
        timeline.busy_change(bank, change, given.events)
    busy.vacuum()
    timeline.measure(busy.as_application, bank.owner.username, change, given.events, given.rounds)


def main() -> int:
    given = options(sys.argv[1:])
    try:
        services = Services(HOME)
        services.start()
    except OpsError as error:
        print(error, file=sys.stderr)
        return 1
    try:
        os.environ.update(services.environment(OWNER))
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
        bench(given)
    except KeyboardInterrupt:
        return 130
    finally:
        services.stop()
        remove(HOME)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
