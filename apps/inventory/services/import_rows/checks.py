"""What is wrong with a row, judged alone, and how it is staged."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from uuid import UUID

from apps.core.ids import uuid7
from apps.core.text import LINE_MAX, text_blockers
from apps.inventory.domain.naming import name_problems
from apps.inventory.domain.relations import RELATION_KINDS
from apps.inventory.domain.rows import (
    DEFAULT_TYPES,
    KEY_MAX,
    LEVEL_MAX,
    PACKAGE_ID_MAX,
    RAW_MAX,
    AssetKey,
    AssetRow,
    BuildRow,
    PackageRow,
    Place,
    Problem,
    RelationRow,
    Row,
    VersionRow,
    attribute_problem,
)
from apps.inventory.models import (
    Application,
    Asset,
    AssetRelation,
    AssetType,
    Environment,
    ScmPackage,
)
from apps.inventory.services.import_rows.staging import Stage

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_SHORT = 20


class Checks:
    """Knows the reference data that rows name by code, read once."""

    def __init__(self) -> None:
        patterns = dict(AssetType.objects.values_list("code", "name_pattern"))
        self._patterns = patterns | {
            generic: patterns[default] for generic, default in DEFAULT_TYPES.items()
        }
        self._applications = dict(Application.objects.values_list("code", "pk"))
        self._environments: dict[str, list[UUID]] = defaultdict(list)
        for pk, code, site in Environment.objects.values_list("pk", "code", "site__code"):
            self._environments[code].append(pk)
            self._environments[f"{site}/{code}"].append(pk)

    def problems(self, row: Row) -> Iterator[Problem]:
        match row:
            case AssetRow():
                yield from self._asset(row)
            case RelationRow():
                yield from self._relation(row)
            case VersionRow():
                yield from self._version(row)
            case BuildRow():
                yield from _ends(row.place, program=row.program, part=row.part)
                yield from _texts(row.place, LEVEL_MAX, level=row.level, part_level=row.part_level)
            case PackageRow():
                yield from self._package(row)

    def _asset(self, row: AssetRow) -> Iterator[Problem]:
        key, place = row.key, row.place
        pattern = self._patterns.get(key.type)
        if pattern is None:
            yield Problem(place, "type", f"There is no asset type {key.type[:40]!r}.")
        for reason in name_problems(pattern or "free", key.name):
            yield Problem(place, "name", reason)
        for reason in name_problems("free", key.qualifier, what="qualifier"):
            yield Problem(place, "qualifier", reason)
        if row.application is not None and row.application not in self._applications:
            yield Problem(
                place, "application", f"There is no application {row.application[:40]!r}."
            )
        if row.status is not None and row.status not in Asset.Status.values:
            yield Problem(place, "status", f"{row.status[:40]!r} is no status of an asset.")
        yield from _percentage(place, row.confidence)
        for blocker in text_blockers("description", row.description or ""):
            yield Problem(place, "description", blocker.text)
        if wrong := attribute_problem(row.attributes):
            yield Problem(place, "attributes", wrong)

    def _relation(self, row: RelationRow) -> Iterator[Problem]:
        yield from _ends(row.place, source=row.source, target=row.target)
        if row.kind not in RELATION_KINDS:
            yield Problem(row.place, "kind", f"There is no relation {row.kind[:40]!r}.")
        if len(row.key) > KEY_MAX or not row.key.isprintable():
            yield Problem(
                row.place, "key", f"A key is printable and has at most {KEY_MAX} characters."
            )
        if row.origin not in AssetRelation.Origin.values:
            yield Problem(row.place, "origin", f"{row.origin[:40]!r} is no origin of a relation.")
        yield from _percentage(row.place, row.confidence)
        if wrong := attribute_problem(row.attributes):
            yield Problem(row.place, "attributes", wrong)

    def _version(self, row: VersionRow) -> Iterator[Problem]:
        yield from _ends(row.place, asset=row.asset)
        known = len(self._environments.get(row.environment, ()))
        if known == 0:
            reason = f"There is no environment {row.environment[:40]!r}."
            yield Problem(row.place, "environment", reason)
        elif known > 1:
            reason = f"{known} sites have {row.environment}; write the site before it: SITE/CODE."
            yield Problem(row.place, "environment", reason)
        yield from _texts(row.place, LEVEL_MAX, level=row.level)
        for blocker in text_blockers("checksum", row.checksum, longest=128):
            yield Problem(row.place, "checksum", blocker.text)

    def _package(self, row: PackageRow) -> Iterator[Problem]:
        if row.tool not in ScmPackage.Tool.values:
            yield Problem(row.place, "tool", f"{row.tool[:40]!r} is no tool we know.")
        yield from _texts(row.place, PACKAGE_ID_MAX, package_id=row.package_id)
        yield from _texts(row.place, _SHORT, required=False, status=row.status, kind=row.kind)
        yield from _texts(row.place, LINE_MAX, required=False, description=row.description)
        if wrong := attribute_problem(row.raw, longest=RAW_MAX):
            yield Problem(row.place, "raw", wrong)

    def stage(self, row: Row, stage: Stage, *, is_good: bool) -> None:
        """Keep the row. Of a bad one only who it is about is kept, so that what else is wrong with
        the import can be told: nothing will be written."""
        if not is_good:
            if isinstance(row, AssetRow) and not _UNSTORABLE.search("".join(row.key)):
                self._stage_asset(AssetRow(row.key, row.place), stage)
            return
        match row:
            case AssetRow():
                self._stage_asset(row, stage)
            case RelationRow():
                stage.add(
                    "import_edge", row.place, *row.source, row.kind, *row.target, row.key,
                    json.dumps(row.attributes), row.confirmed, row.confidence, row.origin,
                )  # fmt: skip
            case VersionRow():
                stage.add(
                    "import_version", row.place, *row.asset,
                    self._environments[row.environment][0], row.level, row.installed_at,
                    row.checksum,
                )  # fmt: skip
            case BuildRow():
                stage.add(
                    "import_build", row.place, *row.program, row.level, *row.part, row.part_level
                )
            case PackageRow():
                stage.add(
                    "import_package", row.place, row.tool, row.package_id, row.description,
                    row.status, row.kind, row.window_from, row.window_to, row.backout_enabled,
                    row.approved_at, row.executed_at, row.committed_at, json.dumps(row.raw),
                )  # fmt: skip

    def _stage_asset(self, row: AssetRow, stage: Stage) -> None:
        stage.add(
            "import_asset", row.place, *row.key, uuid7(),
            self._applications.get(row.application or ""), row.description, row.status,
            row.confidence, json.dumps(row.attributes), row.mentioned,
        )  # fmt: skip


def _ends(place: Place, **keys: AssetKey) -> Iterator[Problem]:
    for side, key in keys.items():
        if _UNSTORABLE.search("".join(key)):
            yield Problem(place, side, "The name holds a NUL or half a character.")


def _percentage(place: Place, value: int | None) -> Iterator[Problem]:
    if value is not None and not 0 <= value <= 100:
        yield Problem(place, "confidence", "The confidence is a percentage, 0 to 100.")


def _texts(
    place: Place, longest: int, *, required: bool = True, **values: str
) -> Iterator[Problem]:
    for name, value in values.items():
        for blocker in text_blockers(name, value, required=required, longest=longest):
            yield Problem(place, name, blocker.text)
