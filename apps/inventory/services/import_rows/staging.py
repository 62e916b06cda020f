"""Temporary tables that keep what was read, filled by COPY in chunks."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from apps.inventory.domain.rows import Place

CHUNK = 2_000

_PLACE = "no bigint, file text, line integer, "
#: Table → its columns, in the order of the values that are added.
TABLES: dict[str, str] = {
    "import_asset": _PLACE + "type text, qualifier text, name text, pk uuid, application_id uuid, "
    "description text, status text, confidence integer, attributes jsonb, mentioned boolean",
    "import_edge": _PLACE + "source_type text, source_qualifier text, source_name text, kind text, "
    "target_type text, target_qualifier text, target_name text, key text, attributes jsonb, "
    "confirmed boolean, confidence integer, origin text",
    "import_version": _PLACE + "type text, qualifier text, name text, environment_id uuid, "
    "level text, installed_at timestamptz, checksum text",
    "import_build": _PLACE + "program_type text, program_qualifier text, program_name text, "
    "program_level text, part_type text, part_qualifier text, part_name text, part_level text",
    "import_package": _PLACE + "tool text, package_id text, description text, status text, "
    "kind text, window_from timestamptz, window_to timestamptz, backout_enabled boolean, "
    "approved_at timestamptz, executed_at timestamptz, committed_at timestamptz, raw jsonb",
}
#: What a comparison leaves behind; see `comparing`.
PLANS = (
    "import_generic", "import_asset_plan", "import_end", "import_edge_plan", "import_missed",
    "import_version_plan", "import_build_plan", "import_package_plan",
)  # fmt: skip


class Stage:
    """The tables of one import, new and empty. They end with the transaction."""

    def __init__(self, cursor: Any) -> None:
        self.rows = 0
        self._cursor = cursor
        self._waiting: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        # Those of an import before in the same transaction.
        cursor.execute(
            "DROP TABLE IF EXISTS " + ", ".join(f"pg_temp.{name}" for name in (*TABLES, *PLANS))
        )
        for name, columns in TABLES.items():
            cursor.execute(f"CREATE TEMPORARY TABLE {name} ({columns}) ON COMMIT DROP")

    def add(self, table: str, place: Place, *values: Any) -> None:
        self.rows += 1
        waiting = self._waiting[table]
        waiting.append((self.rows, place.file, place.line, *values))
        if len(waiting) >= CHUNK:
            self._copy(table)

    def finish(self) -> None:
        for table in TABLES:
            self._copy(table)
        # Nobody else tells the planner how large a temporary table is.
        self._cursor.execute("ANALYZE " + ", ".join(TABLES))

    def _copy(self, table: str) -> None:
        with self._cursor.copy(f"COPY {table} FROM STDIN") as copy:
            for row in self._waiting.pop(table, ()):
                copy.write_row(row)
