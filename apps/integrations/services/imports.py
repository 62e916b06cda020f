"""Bring an inventory in from files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from apps.core.actor import Actor
from apps.integrations.adapters import csv_inventory, json_inventory
from apps.integrations.adapters.files import digest_of, file_problem
from apps.integrations.adapters.inventory import Inventory
from apps.inventory.domain.rows import ImportReport
from apps.inventory.services.import_rows import Progress, import_inventory

Format = Literal["csv", "json"]
READERS: dict[Format, Callable[[Sequence[Path]], Inventory]] = {
    "csv": csv_inventory.read,
    "json": json_inventory.read,
}


def import_files(
    *,
    actor: Actor,
    file_format: Format,
    paths: Sequence[Path],
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Import the files together, all or nothing; see `import_inventory`. Raises ImportRefused."""
    inventory = READERS[file_format](paths)
    return import_inventory(
        actor=actor,
        assets=inventory.assets,
        relations=inventory.relations,
        source=", ".join(path.name for path in paths)[:200],
        digests={path.name: digest_of(path) for path in paths if file_problem(path) is None},
        dry_run=dry_run,
        progress=progress,
    )
