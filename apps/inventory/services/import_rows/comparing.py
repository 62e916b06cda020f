"""Compare what was staged with what is known, as sets: each step leaves one table of what to do.

`change` in a plan is one of created, changed and unchanged. Beside them an asset is mentioned when
a source only names one that is known, and an edge is manual when a person drew it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from apps.inventory.domain.rows import DEFAULT_TYPES, AssetKey, Place, Problem

#: Where staged tables name assets: table → prefixes of type, qualifier and name.
_NAMED = {
    "import_asset": ("",),
    "import_edge": ("source_", "target_"),
    "import_version": ("",),
    "import_build": ("program_", "part_"),
}

_GENERIC = """
CREATE TEMPORARY TABLE import_generic ON COMMIT DROP AS
WITH named AS ({named}),
candidate AS (
    SELECT a.type_id AS type, a.qualifier, a.name, 1 AS rank
    FROM inventory_asset a WHERE a.name IN (SELECT name FROM named)
    UNION ALL
    SELECT type, qualifier, name, 2 FROM import_asset
)
SELECT DISTINCT ON (n.type, n.qualifier, n.name)
    n.type AS generic, n.qualifier, n.name, coalesce(c.type, d.type) AS type
FROM named n
JOIN unnest(%(generics)s::text[], %(defaults)s::text[]) AS d (generic, type) ON d.generic = n.type
LEFT JOIN (candidate c JOIN inventory_assettype t ON t.code = c.type)
    ON c.qualifier = n.qualifier AND c.name = n.name AND 'any_' || t.family = n.type
ORDER BY n.type, n.qualifier, n.name, c.rank, c.type <> d.type, c.type
"""

_ASSETS = """
CREATE TEMPORARY TABLE import_asset_plan ON COMMIT DROP AS
SELECT s.no, s.file, s.line, s.type, s.qualifier, s.name, s.application_id, s.description,
    s.status, s.confidence, s.attributes, s.mentioned, coalesce(a.id, s.pk) AS asset_id,
    CASE WHEN a.id IS NULL THEN 'created'
         WHEN s.mentioned THEN 'mentioned'
         WHEN s.application_id <> coalesce(a.application_id, %(nobody)s)
              OR s.description <> a.description
              OR s.status <> a.status
              OR s.confidence <> a.confidence
              OR (a.attributes || s.attributes) <> a.attributes THEN 'changed'
         ELSE 'unchanged' END AS change
FROM (
    SELECT *, row_number() OVER (PARTITION BY type, qualifier, name ORDER BY mentioned, no) AS nth
    FROM import_asset
) s
LEFT JOIN inventory_asset a
    ON a.type_id = s.type AND a.qualifier = s.qualifier AND a.name = s.name
WHERE s.nth = 1
"""

_ENDS = """
CREATE TEMPORARY TABLE import_end ON COMMIT DROP AS
SELECT type, qualifier, name, asset_id FROM import_asset_plan
UNION ALL
SELECT a.type_id, a.qualifier, a.name, a.id FROM inventory_asset a
WHERE a.name IN ({names}) AND NOT EXISTS (
    SELECT FROM import_asset_plan p WHERE p.asset_id = a.id
)
"""

_EDGES = """
CREATE TEMPORARY TABLE import_edge_plan ON COMMIT DROP AS
SELECT e.no, e.file, e.line, s.asset_id AS source_id, e.kind, t.asset_id AS target_id, e.key,
    e.attributes, e.confirmed, e.confidence, e.origin, r.id AS known_id,
    CASE WHEN r.id IS NULL THEN 'created'
         WHEN r.origin = 'manual' THEN 'manual'
         WHEN r.attributes = e.attributes AND r.confirmed = e.confirmed
              AND r.confidence = e.confidence AND r.origin = e.origin AND r.feed = %(feed)s
              AND r.missed_imports = 0 THEN 'unchanged'
         ELSE 'changed' END AS change,
    row_number() OVER told AS nth,
    first_value(e.no) OVER told AS first_no
FROM import_edge e
LEFT JOIN import_end s
    ON s.type = e.source_type AND s.qualifier = e.source_qualifier AND s.name = e.source_name
LEFT JOIN import_end t
    ON t.type = e.target_type AND t.qualifier = e.target_qualifier AND t.name = e.target_name
LEFT JOIN inventory_assetrelation r
    ON r.source_id = s.asset_id AND r.kind = e.kind AND r.target_id = t.asset_id AND r.key = e.key
WINDOW told AS (PARTITION BY s.asset_id, t.asset_id, e.kind, e.key ORDER BY e.no)
"""

_MISSED = """
CREATE TEMPORARY TABLE import_missed ON COMMIT DROP AS
SELECT r.id, r.source_id, r.kind, r.target_id, r.key, r.missed_imports + 1 AS missed,
    r.missed_imports + 1 >= %(stale_after)s AS becomes_stale
FROM inventory_assetrelation r
WHERE r.feed = %(feed)s AND NOT r.is_stale AND r.feed <> '' AND r.origin <> 'manual'
    AND CASE WHEN %(partial)s THEN r.source_id IN (
            SELECT asset_id FROM import_asset_plan WHERE NOT mentioned
            UNION SELECT source_id FROM import_edge_plan WHERE source_id IS NOT NULL
        ) ELSE EXISTS (SELECT FROM import_edge) END
    AND NOT EXISTS (SELECT FROM import_edge_plan p WHERE p.known_id = r.id)
"""

_VERSIONS = """
CREATE TEMPORARY TABLE import_version_plan ON COMMIT DROP AS
SELECT v.no, v.file, v.line, e.asset_id, v.environment_id, n.code AS environment, v.level,
    coalesce(v.installed_at, %(now)s) AS installed_at, v.checksum, latest.level AS was,
    n.is_production AND n.requires_release AND latest.level IS NOT NULL AS unauthorised
FROM import_version v
JOIN import_end e ON e.type = v.type AND e.qualifier = v.qualifier AND e.name = v.name
JOIN inventory_environment n ON n.id = v.environment_id
LEFT JOIN LATERAL (
    SELECT k.level, k.checksum FROM inventory_assetversion k
    WHERE k.asset_id = e.asset_id AND k.environment_id = v.environment_id
    ORDER BY k.installed_at DESC, k.id DESC LIMIT 1
) latest ON true
WHERE (latest.level IS NULL OR latest.level <> v.level
       OR (latest.checksum <> v.checksum AND latest.checksum <> '' AND v.checksum <> ''))
    AND NOT EXISTS (
        SELECT FROM inventory_assetversion k
        WHERE k.asset_id = e.asset_id AND k.environment_id = v.environment_id
            AND k.installed_at = v.installed_at AND k.level = v.level
    )
"""

_BUILDS = """
CREATE TEMPORARY TABLE import_build_plan ON COMMIT DROP AS
SELECT DISTINCT ON (p.asset_id, b.program_level, q.asset_id)
    b.no, b.file, b.line, p.asset_id AS program_id, b.program_level, q.asset_id AS part_id,
    b.part_level, k.part_level AS known_level
FROM import_build b
JOIN import_end p ON p.type = b.program_type AND p.qualifier = b.program_qualifier
    AND p.name = b.program_name
JOIN import_end q ON q.type = b.part_type AND q.qualifier = b.part_qualifier
    AND q.name = b.part_name
LEFT JOIN inventory_buildinput k ON k.program_id = p.asset_id
    AND k.program_level = b.program_level AND k.part_id = q.asset_id
ORDER BY p.asset_id, b.program_level, q.asset_id, b.no
"""

_PACKAGES = """
CREATE TEMPORARY TABLE import_package_plan ON COMMIT DROP AS
SELECT s.*, p.id AS known_id, p.status AS was,
    CASE WHEN p.id IS NULL THEN 'created'
         WHEN s.raw = p.raw AND p.feed = %(feed)s THEN 'unchanged'
         ELSE 'changed' END AS change
FROM (SELECT DISTINCT ON (tool, package_id) * FROM import_package ORDER BY tool, package_id, no) s
LEFT JOIN inventory_scmpackage p ON p.tool = s.tool AND p.package_id = s.package_id
"""

#: What is told twice: the place of the later one, and that of the first. An edge or a build may
#: name an asset twice; one row for each says who it is, one for each environment at which level.
_REPEATED = """
SELECT file, line, first_file, first_line FROM (
    SELECT no, file, line, row_number() OVER told AS nth, first_value(file) OVER told AS first_file,
        first_value(line) OVER told AS first_line
    FROM import_asset WHERE NOT mentioned
    WINDOW told AS (PARTITION BY type, qualifier, name ORDER BY no)
) assets WHERE nth > 1
UNION ALL
SELECT file, line, first_file, first_line FROM (
    SELECT no, file, line, row_number() OVER told AS nth, first_value(file) OVER told AS first_file,
        first_value(line) OVER told AS first_line
    FROM import_version
    WINDOW told AS (PARTITION BY type, qualifier, name, environment_id ORDER BY no)
) versions WHERE nth > 1
UNION ALL
SELECT file, line, first_file, first_line FROM (
    SELECT no, file, line, row_number() OVER told AS nth, first_value(file) OVER told AS first_file,
        first_value(line) OVER told AS first_line
    FROM import_package
    WINDOW told AS (PARTITION BY tool, package_id ORDER BY no)
) packages WHERE nth > 1
UNION ALL
SELECT p.file, p.line, f.file, f.line
FROM import_edge_plan p JOIN import_edge f ON f.no = p.first_no
WHERE p.nth > 1 AND p.source_id IS NOT NULL AND p.target_id IS NOT NULL
"""

#: Places that name an asset which is neither staged nor known.
_MISSING = """
SELECT file, line, 'source', source_type, source_qualifier, source_name
FROM import_edge_plan p JOIN import_edge e USING (no, file, line) WHERE p.source_id IS NULL
UNION ALL
SELECT file, line, 'target', target_type, target_qualifier, target_name
FROM import_edge_plan p JOIN import_edge e USING (no, file, line) WHERE p.target_id IS NULL
UNION ALL
SELECT v.file, v.line, 'name', v.type, v.qualifier, v.name FROM import_version v
WHERE NOT EXISTS (SELECT FROM import_end e
    WHERE e.type = v.type AND e.qualifier = v.qualifier AND e.name = v.name)
UNION ALL
SELECT b.file, b.line, 'program', b.program_type, b.program_qualifier, b.program_name
FROM import_build b WHERE NOT EXISTS (SELECT FROM import_end e WHERE e.type = b.program_type
    AND e.qualifier = b.program_qualifier AND e.name = b.program_name)
UNION ALL
SELECT b.file, b.line, 'part', b.part_type, b.part_qualifier, b.part_name
FROM import_build b WHERE NOT EXISTS (SELECT FROM import_end e WHERE e.type = b.part_type
    AND e.qualifier = b.part_qualifier AND e.name = b.part_name)
"""

_CONTRADICTED = """
SELECT file, line, program_level, known_level, part_level FROM import_build_plan
WHERE known_level <> part_level ORDER BY no
"""


class Comparison:
    """What an import of the feed would do, found in the database."""

    def __init__(self, cursor: Any, feed: str, now: datetime, stale_after: int) -> None:
        self._cursor = cursor
        self._values = {"feed": feed, "now": now, "stale_after": stale_after}

    def compare(self, *, partial: bool) -> None:
        """Make every plan."""
        self._name_types()
        nobody = "00000000-0000-0000-0000-000000000000"
        self._make("import_asset_plan", _ASSETS, nobody=nobody)
        names = " UNION ".join(
            f"SELECT {prefix}name FROM {table}"
            for table, prefixes in _NAMED.items()
            for prefix in prefixes
            if table != "import_asset"
        )
        self._make("import_end", _ENDS.format(names=names))
        self._make("import_edge_plan", _EDGES)
        self._make("import_missed", _MISSED, partial=partial)
        self._make("import_version_plan", _VERSIONS)
        self._make("import_build_plan", _BUILDS)
        self._make("import_package_plan", _PACKAGES)

    def _make(self, table: str, statement: str, **values: Any) -> None:
        self._cursor.execute(statement, {**self._values, **values})
        self._cursor.execute(f"ANALYZE {table}")

    def _name_types(self) -> None:
        """Replace generic types by those of known assets, of other rows, or by the default."""
        generics = ", ".join(f"'{generic}'" for generic in DEFAULT_TYPES)
        named = " UNION ".join(
            f"SELECT {p}type AS type, {p}qualifier AS qualifier, {p}name AS name FROM {table} "
            f"WHERE {p}type IN ({generics})"
            for table, prefixes in _NAMED.items()
            for p in prefixes
        )
        self._make(
            "import_generic",
            _GENERIC.format(named=named),
            generics=list(DEFAULT_TYPES),
            defaults=list(DEFAULT_TYPES.values()),
        )
        for table, prefixes in _NAMED.items():
            for p in prefixes:
                self._cursor.execute(
                    f"UPDATE {table} s SET {p}type = g.type FROM import_generic g "
                    f"WHERE s.{p}type = g.generic AND s.{p}qualifier = g.qualifier "
                    f"AND s.{p}name = g.name"
                )

    def problems(self) -> Iterator[Problem]:
        """What is wrong between rows."""
        self._cursor.execute(_REPEATED)
        for file, line, first_file, first_line in self._cursor.fetchall():
            yield Problem(Place(file, line), "", f"This repeats line {first_line} of {first_file}.")
        self._cursor.execute(_MISSING)
        for file, line, side, *key in self._cursor.fetchall():
            told = str(AssetKey(*key))[:160]
            yield Problem(
                Place(file, line), side, f"There is no asset {told}, in the import or known."
            )
        self._cursor.execute(_CONTRADICTED)
        for file, line, level, known, part_level in self._cursor.fetchall():
            reason = f"Level {level} was built with {known} before; {part_level} is not taken."
            yield Problem(Place(file, line), "part_level", reason, fatal=False)
