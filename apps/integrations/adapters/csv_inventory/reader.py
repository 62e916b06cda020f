"""Read an inventory kept as CSV: files of assets and files of relations, told by their header."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from apps.integrations.adapters.csv_inventory.mapping import (
    CONFIDENCE,
    UNMANAGED,
    Edge,
    asset_key,
    defines_cics_program,
    edge_for,
    unmapped,
)
from apps.integrations.adapters.csv_rows import CsvRow, csv_rows, found_header, header_of
from apps.integrations.adapters.files import usable
from apps.integrations.adapters.inventory import Rows
from apps.inventory.domain.rows import (
    MENTIONED_PERCENT,
    AssetKey,
    AssetRow,
    Place,
    Problem,
    RelationRow,
)

ASSET_COLUMNS = ("asset_type", "name", "origin", "path", "note")
RELATION_COLUMNS = (
    "from_type", "from_name", "relation", "to_type", "to_name",
    "occurrences", "confidence", "evidence",
)  # fmt: skip


def read(paths: Sequence[Path]) -> Rows:
    """Rows of all files. Which programs run in CICS is told by the relations."""
    problems: list[Problem] = []
    asset_files: list[Path] = []
    relation_files: list[Path] = []
    for path in usable(paths, problems):
        header = header_of(path)
        if isinstance(header, Problem):
            problems.append(header)
        elif header == ASSET_COLUMNS:
            asset_files.append(path)
        elif header == RELATION_COLUMNS:
            relation_files.append(path)
        else:
            problems.append(_header_problem(path, header))
    if asset_files and not relation_files:
        reason = "Without a file of relations every program is taken as a batch program."
        problems.append(Problem(Place(asset_files[0].name, 1), "", reason, fatal=False))
    cics_programs = _cics_programs(relation_files)
    return chain(
        problems,
        *(_assets(path, cics_programs) for path in asset_files),
        _relations(relation_files, cics_programs),
    )


def _header_problem(path: Path, header: Sequence[str]) -> Problem:
    return Problem(
        Place(path.name, 1),
        "header",
        f"The columns are {','.join(ASSET_COLUMNS)} or {','.join(RELATION_COLUMNS)}; "
        f"this file has {found_header(header)}.",
    )


def _cics_programs(paths: Sequence[Path]) -> frozenset[str]:
    return frozenset(
        row.cells["to_name"]
        for path in paths
        for row in csv_rows(path, RELATION_COLUMNS)
        if isinstance(row, CsvRow)
        and defines_cics_program(
            row.cells["from_type"], row.cells["relation"].upper(), row.cells["to_type"]
        )
    )


def _assets(path: Path, cics_programs: frozenset[str]) -> Iterator[AssetRow | Problem]:
    for row in csv_rows(path, ASSET_COLUMNS):
        if isinstance(row, Problem):
            yield row
            continue
        cells = row.cells
        key = _key(row, "asset_type", "name", cics_programs)
        if isinstance(key, Problem):
            yield key
            continue
        yield AssetRow(
            key,
            row.place,
            status="unmanaged" if cells["asset_type"] in UNMANAGED else "active",
            confidence=100 if cells["origin"] == "defined" else MENTIONED_PERCENT,
            attributes={name: cells[name] for name in ("origin", "path", "note") if cells[name]},
        )


def _relations(
    paths: Sequence[Path], cics_programs: frozenset[str]
) -> Iterator[RelationRow | Problem]:
    told: set[str] = set()
    for row in chain.from_iterable(csv_rows(path, RELATION_COLUMNS) for path in paths):
        if isinstance(row, Problem):
            yield row
            continue
        ends = (
            _key(row, "from_type", "from_name", cics_programs),
            _key(row, "to_type", "to_name", cics_programs),
        )
        relation = row.cells["relation"].upper()
        wrong = [end for end in ends if isinstance(end, Problem)]
        if not relation:
            wrong.append(Problem(row.place, "relation", "The relation is missing."))
        if wrong:
            yield from wrong
            continue
        edge = edge_for(relation, row.cells["evidence"])
        if edge is None and relation not in told:
            told.add(relation)
            reason = f"{relation[:40]!r} is no relation we know; it is imported as 'refers to'."
            yield Problem(row.place, "relation", reason, fatal=False)
        yield _relation(row, ends, edge or unmapped(relation))  # type: ignore[arg-type]


def _relation(row: CsvRow, ends: tuple[AssetKey, AssetKey], edge: Edge) -> RelationRow:
    source, target = reversed(ends) if edge.reverse else ends
    names = ("occurrences", "confidence", "evidence")
    confidence = CONFIDENCE.get(row.cells["confidence"], MENTIONED_PERCENT)
    return RelationRow(
        source,
        edge.kind,
        target,
        row.place,
        key=edge.key,
        attributes={name: row.cells[name] for name in names if row.cells[name]},
        confirmed=confidence == 100,
        confidence=confidence,
        origin="scan",
    )


def _key(
    row: CsvRow, type_column: str, name_column: str, cics_programs: frozenset[str]
) -> AssetKey | Problem:
    asset_type, name = row.cells[type_column], row.cells[name_column]
    if not name:
        return Problem(row.place, name_column, "The name is missing.")
    try:
        return asset_key(asset_type, name, cics_programs)
    except KeyError:
        reason = f"There is no asset type {asset_type[:40]!r} in a CSV inventory."
        return Problem(row.place, type_column, reason)
