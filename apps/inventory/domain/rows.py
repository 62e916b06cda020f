"""What an import reads, before anything is looked up: rows, problems and the report."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

ATTRIBUTES_MAX = 8_000
RAW_MAX = 20_000
KEY_MAX = 40
FEED_MAX = 40
LEVEL_MAX = 64
PACKAGE_ID_MAX = 40
#: How sure a source is of an asset that it only mentions, in percent.
MENTIONED_PERCENT = 60
#: Lines of a preview that are told of each kind of change.
PREVIEW_LINES = 200

#: A source that knows a program or a source member by name, but not which type of ours it is. Such
#: a key is the known asset of that family and name; the default type is that of a new one.
ANY_PROGRAM = "any_program"
ANY_SOURCE = "any_source"
DEFAULT_TYPES = {ANY_PROGRAM: "program_batch", ANY_SOURCE: "copybook"}


class AssetKey(NamedTuple):
    """The identity of an asset. `type` may be one of `DEFAULT_TYPES` in a row that was read."""

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
    """An asset as its source tells it. None: the source says nothing about it.

    A `mentioned` one is only named by the source: it is entered where it is unknown, and changes
    nothing of an asset that is known.
    """

    key: AssetKey
    place: Place
    application: str | None = None
    description: str | None = None
    status: str | None = None
    confidence: int | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    mentioned: bool = False


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
    confidence: int = 100
    origin: str = "import"


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A level seen in an environment, whose code may carry its site: "AMS/PROD"."""

    asset: AssetKey
    place: Place
    environment: str
    level: str
    installed_at: datetime | None = None
    checksum: str = ""


@dataclass(frozen=True, slots=True)
class BuildRow:
    """That `level` of a program was built with `part_level` of a part."""

    program: AssetKey
    level: str
    part: AssetKey
    part_level: str
    place: Place


@dataclass(frozen=True, slots=True)
class PackageRow:
    """A package of a source code manager; `raw` is all that its tool tells of it."""

    tool: str
    package_id: str
    place: Place
    description: str = ""
    status: str = ""
    kind: str = ""
    window_from: datetime | None = None
    window_to: datetime | None = None
    backout_enabled: bool | None = None
    approved_at: datetime | None = None
    executed_at: datetime | None = None
    committed_at: datetime | None = None
    raw: Mapping[str, Any] = field(default_factory=dict)


Row: TypeAlias = AssetRow | RelationRow | VersionRow | BuildRow | PackageRow


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of change that an import makes, and how a report tells it."""

    code: str
    label: str
    #: It changes what is stored; otherwise it is only counted.
    writes: bool = True


#: Every kind of change, in the order of a report.
KINDS: tuple[Kind, ...] = (
    Kind("assets_created", "Assets entered"),
    Kind("assets_changed", "Assets changed"),
    Kind("assets_unchanged", "Assets unchanged", writes=False),
    Kind("versions_seen", "Levels seen for the first time"),
    Kind("versions_unauthorised", "Unauthorised levels", writes=False),
    Kind("relations_created", "Relations entered"),
    Kind("relations_changed", "Relations changed"),
    Kind("relations_unchanged", "Relations unchanged", writes=False),
    Kind("relations_missed", "Relations not told this time"),
    Kind("relations_stale", "Relations that become stale", writes=False),
    Kind("builds_created", "Build inputs entered"),
    Kind("packages_created", "Packages entered"),
    Kind("packages_changed", "Packages changed"),
)


@dataclass(slots=True)
class ImportReport:
    """What an import did, or would do when `dry_run`. With problems it did nothing.

    `rows` were read. `count` has a number for each code of `KINDS`; `lines` tells up to 200 of
    each, in words.
    """

    dry_run: bool = False
    rows: int = 0
    count: dict[str, int] = field(default_factory=lambda: {kind.code: 0 for kind in KINDS})
    lines: dict[str, list[str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    notices: list[Problem] = field(default_factory=list)

    @property
    def is_refused(self) -> bool:
        return bool(self.problems)

    @property
    def changes(self) -> int:
        return sum(self.count[kind.code] for kind in KINDS if kind.writes)


def attribute_problem(attributes: Mapping[str, Any], longest: int = ATTRIBUTES_MAX) -> str | None:
    """Why `attributes` cannot be stored as JSON, or None."""
    try:
        text = json.dumps(attributes, allow_nan=False)
    except ValueError as error:
        return f"The attributes are no JSON: {error}."
    if len(text) > longest:
        return f"The attributes have {len(text):,} characters; {longest:,} fit."
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
