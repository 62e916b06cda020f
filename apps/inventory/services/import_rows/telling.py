"""Count what an import does and tell the first of each kind in words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from apps.inventory.domain.relations import RELATION_KINDS
from apps.inventory.domain.rows import PREVIEW_LINES, AssetKey, ImportReport

_VALUE_MAX = 60
_LINE_MAX = 500

_COUNTS = """
SELECT 'assets_' || change, count(*) FROM import_asset_plan WHERE change <> 'mentioned' GROUP BY 1
UNION ALL SELECT 'versions_seen', count(*) FROM import_version_plan
UNION ALL SELECT 'versions_unauthorised', count(*) FROM import_version_plan WHERE unauthorised
UNION ALL SELECT 'relations_' || CASE change WHEN 'manual' THEN 'unchanged' ELSE change END,
    count(*) FROM import_edge_plan GROUP BY 1
UNION ALL SELECT 'relations_missed', count(*) FROM import_missed
UNION ALL SELECT 'relations_stale', count(*) FROM import_missed WHERE becomes_stale
UNION ALL SELECT 'builds_created', count(*) FROM import_build_plan WHERE known_level IS NULL
UNION ALL SELECT 'packages_' || change, count(*) FROM import_package_plan
    WHERE change <> 'unchanged' GROUP BY 1
"""

_ASSETS_CREATED = """
SELECT type, qualifier, name FROM import_asset_plan WHERE change = 'created' ORDER BY no LIMIT %s
"""

_ASSETS_CHANGED = """
SELECT p.type, p.qualifier, p.name,
    old.code, new.code, a.description, p.description, a.status, p.status,
    a.confidence, p.confidence, a.attributes, a.attributes || p.attributes
FROM import_asset_plan p
JOIN inventory_asset a ON a.id = p.asset_id
LEFT JOIN inventory_application old ON old.id = a.application_id
LEFT JOIN inventory_application new ON new.id = p.application_id
WHERE p.change = 'changed' ORDER BY p.no LIMIT %s
"""

_VERSIONS = """
SELECT e.type, e.qualifier, e.name, v.environment, v.was, v.level FROM import_version_plan v
JOIN import_end e USING (asset_id)
WHERE v.unauthorised OR NOT %s ORDER BY v.no LIMIT %s
"""

#: An edge by the types, qualifiers and names of its ends.
_EDGE = """
SELECT s.type, s.qualifier, s.name, p.kind, t.type, t.qualifier, t.name, p.key{more}
FROM {plan} p JOIN {ends} s ON s.asset_id = p.source_id JOIN {ends} t ON t.asset_id = p.target_id
WHERE {which} LIMIT %s
"""
_KNOWN = "(SELECT id AS asset_id, type_id AS type, qualifier, name FROM inventory_asset)"

_EDGES_CREATED = _EDGE.format(
    plan="import_edge_plan", ends="import_end", which="p.change = 'created' ORDER BY p.no", more=""
)
_EDGES_CHANGED = """
SELECT s.type, s.qualifier, s.name, p.kind, t.type, t.qualifier, t.name, p.key,
    r.feed, %s::text, r.confidence, p.confidence, r.confirmed, p.confirmed, r.origin, p.origin,
    r.missed_imports, 0, r.attributes, p.attributes
FROM import_edge_plan p
JOIN import_end s ON s.asset_id = p.source_id JOIN import_end t ON t.asset_id = p.target_id
JOIN inventory_assetrelation r ON r.id = p.known_id
WHERE p.change = 'changed' ORDER BY p.no LIMIT %s
"""
_EDGES_MISSED = _EDGE.format(
    plan="import_missed", ends=_KNOWN, more=", p.missed",
    which="NOT p.becomes_stale ORDER BY s.name, p.kind, t.name, p.key",
)  # fmt: skip
_EDGES_STALE = _EDGE.format(
    plan="import_missed", ends=_KNOWN, more=", p.missed",
    which="p.becomes_stale ORDER BY s.name, p.kind, t.name, p.key",
)  # fmt: skip

_BUILDS = """
SELECT p.name, b.program_level, q.name, b.part_level FROM import_build_plan b
JOIN import_end p ON p.asset_id = b.program_id JOIN import_end q ON q.asset_id = b.part_id
WHERE b.known_level IS NULL ORDER BY b.no LIMIT %s
"""

_PACKAGES = """
SELECT package_id, was, status FROM import_package_plan WHERE change = %s ORDER BY no LIMIT %s
"""


def tell(cursor: Any, report: ImportReport, feed: str) -> None:
    """Fill the counts and the lines of the report from the plans of an import of the feed."""
    cursor.execute(_COUNTS)
    for code, count in cursor.fetchall():
        report.count[code] += count
    most = PREVIEW_LINES
    cursor.execute(_ASSETS_CREATED, [most])
    _lines(report, "assets_created", (_asset(*key) for key in cursor.fetchall()))
    cursor.execute(_ASSETS_CHANGED, [most])
    names: tuple[str, ...] = ("application", "description", "status", "confidence", "attributes")
    _lines(
        report,
        "assets_changed",
        (f"{_asset(*row[:3])}: {_changes(names, row[3:])}" for row in cursor.fetchall()),
    )
    for code, only_unauthorised in (("versions_seen", False), ("versions_unauthorised", True)):
        cursor.execute(_VERSIONS, [only_unauthorised, most])
        _lines(report, code, (_version(*row) for row in cursor.fetchall()))
    cursor.execute(_EDGES_CREATED, [most])
    _lines(report, "relations_created", (_edge(*row) for row in cursor.fetchall()))
    cursor.execute(_EDGES_CHANGED, [feed, most])
    names = ("feed", "confidence", "confirmed", "origin", "missed imports", "attributes")
    _lines(
        report,
        "relations_changed",
        (f"{_edge(*row[:8])}: {_changes(names, row[8:])}" for row in cursor.fetchall()),
    )
    for code, statement in (("relations_missed", _EDGES_MISSED), ("relations_stale", _EDGES_STALE)):
        cursor.execute(statement, [most])
        _lines(
            report,
            code,
            (f"{_edge(*row)}: not told {_times(missed)}" for *row, missed in cursor.fetchall()),
        )
    cursor.execute(_BUILDS, [most])
    _lines(report, "builds_created", (_build(*row) for row in cursor.fetchall()))
    for code in ("packages_created", "packages_changed"):
        cursor.execute(_PACKAGES, [code.removeprefix("packages_"), most])
        _lines(report, code, (_package(*row) for row in cursor.fetchall()))


def _lines(report: ImportReport, code: str, lines: Iterable[str]) -> None:
    if found := list(lines):
        report.lines[code] = found


def _asset(kind: str, qualifier: str, name: str) -> str:
    return f"asset {AssetKey(kind, qualifier, name)}"


def _edge(*row: str) -> str:
    source, kind, target, key = AssetKey(*row[:3]), row[3], AssetKey(*row[4:7]), row[7]
    return f"edge {source} {RELATION_KINDS[kind]} {target}{f' [{key}]' if key else ''}"


def _version(
    kind: str, qualifier: str, name: str, environment: str, was: str | None, level: str
) -> str:
    found = f"{was} → {level}" if was else f"{level}, the first one known"
    return f"{_asset(kind, qualifier, name)} in {environment}: {found}"


def _build(program: str, level: str, part: str, part_level: str) -> str:
    return f"{program} {level} built with {part} {part_level}"


def _package(package_id: str, was: str | None, status: str) -> str:
    return f"package {package_id}: {f'{was} → ' if was not in (None, status) else ''}{status}"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _changes(names: Sequence[str], values: Sequence[Any]) -> str:
    """What differs, by name, where `values` are pairs of old and new; a new None is not told.

    The last pair holds JSON objects, which are told by their own names.
    """
    pairs = list(zip(values[::2], values[1::2], strict=True))
    old, new = (json.loads(text) for text in pairs[-1])
    compared = [
        *zip(names[:-1], pairs[:-1], strict=True),
        *((f"{names[-1]}.{name}", (old.get(name), new.get(name))) for name in {**old, **new}),
    ]
    return "; ".join(
        f"{name} {_shown(before)} → {_shown(after)}"
        for name, (before, after) in compared
        if before != after and (after is not None or name.startswith(names[-1]))
    )[:_LINE_MAX]


def _shown(value: Any) -> str:
    text = "none" if value in (None, "") else str(value)
    return text if len(text) <= _VALUE_MAX else f"{text[:_VALUE_MAX]}…"
