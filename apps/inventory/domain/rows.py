"""What an import reads, before anything is looked up: rows, problems and the report."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

ATTRIBUTES_MAX = 8_000
KEY_MAX = 40


class AssetKey(NamedTuple):
    """The identity of an asset."""

    type: str
    qualifier: str
    name: str

    def __str__(self) -> str:
        where = "" if self.qualifier == "-" else f" ({self.qualifier})"
        return f"{self.type} {self.name}{where}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row was read."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at a place. One that is not `fatal` is told, but stops nothing."""

    place: Place
    field: str
    reason: str
    fatal: bool = True

    def __str__(self) -> str:
        about = f"{self.field}: " if self.field else ""
        return f"{self.place.file}:{self.place.line}: {about}{self.reason}"


@dataclass(frozen=True, slots=True)
class AssetRow:
    """An asset as its source tells it. None: the source says nothing about it."""

    key: AssetKey
    place: Place
    application: str | None = None
    description: str | None = None
    status: str | None = None
    confidence: int | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RelationRow:
    """An edge as its source tells it; `origin` is one of the origins of a relation."""

    source: AssetKey
    kind: str
    target: AssetKey
    place: Place
    key: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    confirmed: bool = True
    origin: str = "import"


@dataclass(slots=True)
class ImportReport:
    """What an import did, or would do when `dry_run`. With problems it did nothing."""

    dry_run: bool = False
    assets_created: int = 0
    assets_changed: int = 0
    assets_unchanged: int = 0
    relations_created: int = 0
    relations_changed: int = 0
    relations_unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)
    notices: list[Problem] = field(default_factory=list)

    @property
    def changes(self) -> int:
        return (
            self.assets_created
            + self.assets_changed
            + self.relations_created
            + self.relations_changed
        )

    def counts(self) -> dict[str, int]:
        return {
            f"{what}_{how}": getattr(self, f"{what}_{how}")
            for what in ("assets", "relations")
            for how in ("created", "changed", "unchanged")
        }


def attribute_problem(attributes: Mapping[str, Any]) -> str | None:
    """Why `attributes` cannot be stored as JSON, or None."""
    try:
        text = json.dumps(attributes, allow_nan=False)
    except ValueError as error:
        return f"The attributes are no JSON: {error}."
    if len(text) > ATTRIBUTES_MAX:
        return f"The attributes have {len(text):,} characters; {ATTRIBUTES_MAX:,} fit."
    if re.search(r"(?<!\\)(\\\\)*\\u(0000|d[89a-f])", text) and not _is_storable(attributes):
        return "The attributes hold a NUL or half a character."
    return None


def _is_storable(value: Any) -> bool:
    if isinstance(value, str):
        return "\x00" not in value and not re.search("[\ud800-\udfff]", value)
    if isinstance(value, Mapping):
        return all(_is_storable(part) for pair in value.items() for part in pair)
    if isinstance(value, list):
        return all(map(_is_storable, value))
    return True
