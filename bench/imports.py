"""Import a large inventory from tables: how long it takes, and how much memory it needs."""

from __future__ import annotations

import csv
import resource
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from apps.core.actor import system_actor
from apps.integrations.services.imports import import_files
from bench.timing import told

ASSETS, EDGES_EACH = 50_000, 10


def measure(assets: int = ASSETS) -> None:
    """Print the seconds of a preview, of the import, and of the same import again.

    `mb` is by how much the peak memory of this process grew.
    """
    with TemporaryDirectory() as folder:
        paths = write_tables(Path(folder), assets)
        for name, dry_run in (("preview", True), ("first", False), ("again", False)):
            before = _peak_mb()
            began = time.monotonic()
            report = import_files(
                actor=system_actor("bench"), file_format="table", paths=paths, dry_run=dry_run
            )
            passed = time.monotonic() - began
            told(
                f"import.{name}", passed, "s", assets=assets, relations=assets * EDGES_EACH,
                changes=report.changes, mb=round(_peak_mb() - before, 1),
            )  # fmt: skip


def write_tables(folder: Path, assets: int) -> list[Path]:
    """Files of `assets` programs, each of which calls ten others."""
    paths = [folder / "assets.csv", folder / "relations.csv"]
    _write(
        paths[0],
        ("type", "name", "description"),
        assets,
        lambda n: [("program_batch", f"P{n:07}", f"Program {n} of the bench")],
    )
    _write(
        paths[1],
        ("source_type", "source", "kind", "target_type", "target", "confidence"),
        assets,
        lambda n: [
            (
                "program_batch",
                f"P{n:07}",
                "calls",
                "program_batch",
                f"P{(n + 1 + 97 * step) % assets:07}",
                "90",
            )
            for step in range(EDGES_EACH)
        ],
    )
    return paths


def _write(
    path: Path, header: tuple[str, ...], count: int, rows: Callable[[int], list[tuple[str, ...]]]
) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        for number in range(count):
            writer.writerows(rows(number))


def _peak_mb() -> float:
    """ru_maxrss is in KiB on Linux."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
