"""Read BuildReport.json of IBM Dependency Based Build.

A record of type DEPENDENCY_SET tells what a source file is made of. The SSI that the link-edit of
the file sets is the level of the program; with the version or hash of a dependency it tells which
level of a part went in. A report covers what one build touched, never the whole inventory.

The report names files, not our types: a program or a copybook is the known asset of its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple, TypeAlias

from apps.integrations.adapters.files import usable
from apps.integrations.adapters.inventory import Rows
from apps.integrations.adapters.json_items import json_items
from apps.inventory.domain.rows import (
    ANY_PROGRAM,
    ANY_SOURCE,
    MENTIONED_PERCENT,
    AssetKey,
    AssetRow,
    BuildRow,
    Place,
    Problem,
    RelationRow,
)

#: What a file holds, by its extension; any other holds a program.
TYPES = {
    "bms": "cics_mapset",
    "cpy": ANY_SOURCE,
    "dcl": ANY_SOURCE,
    "inc": ANY_SOURCE,
    "jcl": "job",
    "lnk": "linkcard",
    "mac": "macro",
    "proc": "proc",
}


class Part(NamedTuple):
    """What a dependency of some category is: our relation, and the type of its target."""

    kind: str
    key: str
    type: str


CATEGORIES = {
    "COPY": Part("copies", "", ANY_SOURCE),
    "SQL INCLUDE": Part("copies", "sql_include", ANY_SOURCE),
    "++INCLUDE": Part("copies", "include", ANY_SOURCE),
    "INCLUDE": Part("copies", "include", ANY_SOURCE),
    "MACRO": Part("copies", "", "macro"),
    "CALL": Part("calls", "", ANY_PROGRAM),
    "LINK": Part("calls", "link_edit", ANY_PROGRAM),
    "EXEC CICS": Part("links_to", "link", "program_cics"),
    "PROC": Part("invokes_proc", "", "proc"),
    "EXEC": Part("executes", "", ANY_PROGRAM),
}
#: Parts of a test, which no release moves.
PASSED_OVER = frozenset({"ZUNITINC"})
#: How sure a build is of a dependency that it did not find.
UNRESOLVED_PERCENT = 50

_SSI = re.compile(r"\bSSI=([0-9A-Fa-f]{1,8})\b")

Found: TypeAlias = AssetRow | RelationRow | BuildRow | Problem


def read(paths: Sequence[Path]) -> Rows:
    problems: list[Problem] = []
    readable = usable(paths, problems)
    yield from problems
    seen: set[tuple[AssetKey, str, AssetKey, str]] = set()
    listed: set[AssetKey] = set()
    for path in readable:
        yield from _report(path, seen, listed)


def member_of(file: str) -> AssetKey:
    """The asset that a source file holds: "card/cobol/cbtrn02c.cbl" is the program CBTRN02C."""
    path = PurePosixPath(file)
    kind = TYPES.get(path.suffix.lower().lstrip("."), ANY_PROGRAM)
    return AssetKey(kind, "-", path.stem.upper())


def _report(
    path: Path, seen: set[tuple[AssetKey, str, AssetKey, str]], listed: set[AssetKey]
) -> Iterator[Found]:
    levels = _levels(path)
    unknown: set[str] = set()
    told_any = False
    for found in json_items(path, "records"):
        if isinstance(found, Problem):
            yield found
            return
        place, record = found
        told_any = True
        if not isinstance(record, dict) or not isinstance(record.get("type"), str):
            yield Problem(place, "type", "A record with a type is expected here.")
        elif record["type"] == "DEPENDENCY_SET":
            yield from _dependency_set(record, place, levels, unknown, seen, listed)
    if not told_any:
        yield Problem(Place(path.name, 1), "records", "The report has no records.")


def _levels(path: Path) -> dict[str, str]:
    """The SSI that the link-edit of each file sets."""
    return {
        record["file"]: ssi[1].lower()
        for found in json_items(path, "records")
        if not isinstance(found, Problem)
        for record in [found[1]]
        if isinstance(record, dict)
        and record.get("type") == "EXECUTE"
        and isinstance(record.get("file"), str)
        and (ssi := _SSI.search(str(record.get("options", ""))))
    }


def _dependency_set(
    record: Mapping[str, Any],
    place: Place,
    levels: Mapping[str, str],
    unknown: set[str],
    seen: set[tuple[AssetKey, str, AssetKey, str]],
    listed: set[AssetKey],
) -> Iterator[Found]:
    file, dependencies = record.get("file"), record.get("dependencies", [])
    if not isinstance(file, str) or not file.strip():
        yield Problem(place, "file", "The file of the dependency set is missing.")
        return
    if not isinstance(dependencies, list):
        yield Problem(place, "dependencies", "A list is expected here.")
        return
    source = member_of(file)
    if source not in listed:
        listed.add(source)
        yield AssetRow(source, place, confidence=100, attributes={"source_file": file[:400]})
    for dependency in dependencies:
        if not isinstance(dependency, dict) or not isinstance(dependency.get("lname"), str):
            yield Problem(place, "dependencies", "A dependency with an lname is expected here.")
            continue
        yield from _dependency(dependency, source, levels.get(file, ""), place, unknown, seen)


def _dependency(
    told: Mapping[str, Any],
    source: AssetKey,
    level: str,
    place: Place,
    unknown: set[str],
    seen: set[tuple[AssetKey, str, AssetKey, str]],
) -> Iterator[Found]:
    category = str(told.get("category") or "COPY").upper()
    if category in PASSED_OVER:
        return
    part = CATEGORIES.get(category)
    if part is None:
        part = Part("refers_to", re.sub(r"\W+", "_", category.lower())[:40], ANY_SOURCE)
        if category not in unknown:
            unknown.add(category)
            reason = f"{category[:40]!r} is no category we know; it is imported as 'refers to'."
            yield Problem(place, "category", reason, fatal=False)
    target = AssetKey(part.type, "-", told["lname"].strip().upper())
    if (source, part.kind, target, part.key) in seen:
        return
    seen.add((source, part.kind, target, part.key))
    resolved = told.get("resolved") is not False
    yield AssetRow(target, place, confidence=MENTIONED_PERCENT, mentioned=True)
    yield RelationRow(
        source,
        part.kind,
        target,
        place,
        key=part.key,
        attributes={name: str(told[name])[:400] for name in ("library", "file") if told.get(name)},
        confirmed=resolved,
        confidence=100 if resolved else UNRESOLVED_PERCENT,
        origin="dbb",
    )
    part_level = told.get("version") or told.get("hash")
    if level and part_level:
        yield BuildRow(source, level, target, str(part_level), place)
