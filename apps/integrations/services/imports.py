"""Bring an inventory in from files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from apps.core.actor import Actor
from apps.integrations.adapters.files import digest_of, file_problem
from apps.integrations.adapters.formats import READERS
from apps.inventory.domain.rows import ImportReport
from apps.inventory.services.import_rows import Listing, Progress, import_inventory


def import_files(
    *,
    actor: Actor,
    file_format: str,
    paths: Sequence[Path],
    feed: str = "",
    partial: bool = False,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Import the files together, all or nothing; see `import_inventory`. Raises ImportRefused.

    The feed is the format's own where none is named. A complete format may be told to be partial.
    """
    known = READERS[file_format]
    return import_inventory(
        actor=actor,
        rows=known.read(paths),
        listing=Listing(
            feed=feed or known.feed,
            source=", ".join(path.name for path in paths)[:200],
            digests={path.name: digest_of(path) for path in paths if file_problem(path) is None},
            partial=partial or known.partial,
        ),
        dry_run=dry_run,
        progress=progress,
    )
