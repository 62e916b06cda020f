"""`python -m bench.ordering`: derive the order of many steps from the delivered rules.

The steps are those of ordinary packages, fourteen of each kind of work, in one window with its
shared steps. Nothing is read from a database: this is what a derivation costs beside its rows.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator

from apps.releases.domain.ordering.delivered import DELIVERED
from apps.releases.domain.ordering.derivation import cycle_of, derive, reduced
from apps.releases.domain.ordering.rule import Step
from bench.timing import told, told_times

SHARED = ("HOLD_JOB", "CLOSE_FILE", "LLA_REFRESH", "OPEN_FILE", "GO_NO_GO", "RELEASE_JOB")
OF_A_PACKAGE = ("BACKUP_LIB", "BACKUP_DATA", "SCM_EXECUTE", "COPY_DBRM", "CONVERT_DATA", "DDL",
                "REORG", "RUNSTATS", "BIND_PACKAGE", "BIND_PLAN", "PHASEIN", "SMOKE_JOB",
                "SMOKE_ONLINE", "RECON")  # fmt: skip
ALTERING = frozenset({"SCM_EXECUTE", "CONVERT_DATA", "DDL", "REORG", "BIND_PACKAGE", "PHASEIN"})


def steps_of(count: int) -> list[Step]:
    """`count` steps; those of a package work on its data set, its table or its program."""
    return list(_steps(count))


def _steps(count: int) -> Iterator[Step]:
    for number, kind in enumerate(SHARED[:count]):
        yield Step(("w", number), f"W{number}", kind)
    for number in range(count - len(SHARED)):
        package, place = divmod(number, len(OF_A_PACKAGE))
        kind = OF_A_PACKAGE[place]
        asset = (package, "table" if kind in ("DDL", "REORG", "RUNSTATS") else "data")
        targets = frozenset({asset, (package, "program")} if kind == "BIND_PACKAGE" else {asset})
        yield Step((package, place), f"P{package}-{place}", kind, package, targets,
                   alters=kind in ALTERING)  # fmt: skip


def main(words: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.ordering", description=__doc__)
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=9)
    given = parser.parse_args(words)
    steps = steps_of(given.steps)
    packages = given.steps // len(OF_A_PACKAGE) + 1
    relations = [((n, "program"), "reads", (n, "table")) for n in range(packages)]
    seconds = []
    for _ in range(given.rounds):
        began = time.perf_counter()
        edges = derive(steps, DELIVERED, relations=relations)
        needed = reduced(edges)
        assert cycle_of(steps, edges) is None
        seconds.append(time.perf_counter() - began)
    told_times("ordering.derive", seconds, steps=given.steps)
    told("ordering.edges", len(edges), "edges", needed=len(needed))


if __name__ == "__main__":
    main(sys.argv[1:])
