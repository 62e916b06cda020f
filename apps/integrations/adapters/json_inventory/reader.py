"""Read an inventory kept as JSON: assets by code and type, relations between codes.

Types and kinds are ours. What an asset or a relation holds beyond the known keys are attributes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from apps.integrations.adapters.files import usable
from apps.integrations.adapters.inventory import Rows
from apps.integrations.adapters.json_items import json_items
from apps.inventory.domain.rows import AssetKey, AssetRow, Place, Problem, RelationRow

LISTS = ("assets", "relations")
ASSET_TEXTS = ("code", "type", "qualifier", "application", "description", "status")
RELATION_TEXTS = ("src", "src_type", "kind", "dst", "dst_type", "key")

Codes = dict[str, list[AssetKey]]


def read(paths: Sequence[Path]) -> Rows:
    """Rows of all files; a relation may join assets of different files."""
    codes: Codes = defaultdict(list)
    problems: list[Problem] = []
    readable = usable(paths, problems)
    return chain(problems, _assets(readable, codes), _relations(readable, codes))


def _assets(paths: Sequence[Path], codes: Codes) -> Iterator[AssetRow | Problem]:
    for path in paths:
        for found in json_items(path, "assets", expected=LISTS):
            if isinstance(found, Problem):
                yield found
                continue
            place, item = found
            wrong = list(_wrong(place, item, ASSET_TEXTS, required=("code", "type")))
            if wrong:
                yield from wrong
                continue
            key = AssetKey(item["type"], item.get("qualifier") or "-", item["code"])
            codes[key.name].append(key)
            yield AssetRow(
                key,
                place,
                application=item.get("application"),
                description=item.get("description"),
                status=item.get("status"),
                confidence=item.get("confidence"),
                attributes=_rest(item, (*ASSET_TEXTS, "confidence")),
            )


def _relations(paths: Sequence[Path], codes: Codes) -> Iterator[RelationRow | Problem]:
    for path in paths:
        for found in json_items(path, "relations", expected=LISTS):
            if isinstance(found, Problem):
                # The same break was told while the assets were read.
                continue
            place, item = found
            wrong = list(_wrong(place, item, RELATION_TEXTS, required=("src", "kind", "dst")))
            if wrong:
                yield from wrong
                continue
            ends = [_end(place, item, side, codes) for side in ("src", "dst")]
            source, target = ends
            if isinstance(source, Problem) or isinstance(target, Problem):
                yield from (end for end in ends if isinstance(end, Problem))
                continue
            yield RelationRow(
                source,
                item["kind"],
                target,
                place,
                key=item.get("key", ""),
                confidence=item.get("confidence", 100),
                attributes=_rest(item, (*RELATION_TEXTS, "confidence")),
            )


def _wrong(
    place: Place, item: Any, texts: Sequence[str], required: Sequence[str]
) -> Iterator[Problem]:
    if not isinstance(item, dict):
        yield Problem(place, "", "An object is expected here.")
        return
    for name in texts:
        if name in item and not isinstance(item[name], str):
            yield Problem(place, name, "A text is expected here.")
        elif name in required and not item.get(name):
            yield Problem(place, name, "This is missing.")
    confidence = item.get("confidence", 100)
    if isinstance(confidence, bool) or not isinstance(confidence, int):
        yield Problem(place, "confidence", "A whole number is expected here.")


def _rest(item: Mapping[str, Any], known: Sequence[str]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name not in known}


def _end(place: Place, item: Mapping[str, str], side: str, codes: Codes) -> AssetKey | Problem:
    """The asset that `side` ("src" or "dst") names by its code, and by its type where needed."""
    name, wanted = item[side], item.get(f"{side}_type")
    found = [key for key in codes.get(name, ()) if wanted in (None, key.type)]
    if len(found) == 1:
        return found[0]
    if found:
        types = ", ".join(sorted(key.type for key in found))
        reason = f"{name[:80]!r} names {len(found)} assets ({types}); add {side}_type."
    else:
        reason = f"There is no asset {name[:80]!r} in these files."
    return Problem(place, side, reason)
