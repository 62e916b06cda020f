"""Do what a comparison found. Assets go through the ledger, in chunks; edges are sets."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from apps.core.actor import Actor
from apps.evidence.services.ledger import record_many, record_many_created, remember
from apps.inventory.events import ASSET_IMPORTED, ASSET_UPDATED, VERSION_INSTALLED
from apps.inventory.models import Asset, AssetVersion

ASSETS_AT_ONCE = 1_000
EDGES_AT_ONCE = 50_000

_CREATE_EDGES = """
INSERT INTO inventory_assetrelation (id, source_id, kind, target_id, key, attributes, origin,
    confirmed, confidence, feed, missed_imports, is_stale, first_seen_at, last_seen_at)
SELECT uuidv7(), source_id, kind, target_id, key, attributes, origin, confirmed, confidence,
    %(feed)s, 0, false, %(now)s, %(now)s
FROM import_edge_plan
WHERE change = 'created' AND no > %(after)s AND no <= %(upto)s
ON CONFLICT (source_id, kind, target_id, key) DO NOTHING
"""

_CHANGE_EDGES = """
UPDATE inventory_assetrelation r
SET attributes = p.attributes, origin = p.origin, confirmed = p.confirmed,
    confidence = p.confidence, feed = %(feed)s, missed_imports = 0, is_stale = false,
    last_seen_at = %(now)s
FROM import_edge_plan p
WHERE r.id = p.known_id AND r.origin <> 'manual' AND p.change IN ('changed', 'unchanged')
    AND p.no > %(after)s AND p.no <= %(upto)s
"""

_MISS_EDGES = """
UPDATE inventory_assetrelation r SET missed_imports = m.missed, is_stale = m.becomes_stale
FROM import_missed m WHERE r.id = m.id
"""

_SEE_ASSETS = """
UPDATE inventory_asset a SET last_seen_at = %(now)s
FROM import_asset_plan p WHERE a.id = p.asset_id AND p.change <> 'created'
"""

_CREATE_BUILDS = """
INSERT INTO inventory_buildinput
    (id, program_id, program_level, part_id, part_level, feed, seen_at)
SELECT uuidv7(), program_id, program_level, part_id, part_level, %(feed)s, %(now)s
FROM import_build_plan WHERE known_level IS NULL
ON CONFLICT (program_id, program_level, part_id) DO NOTHING
"""

_KEEP_PACKAGES = """
INSERT INTO inventory_scmpackage (id, tool, package_id, description, status, kind, window_from,
    window_to, backout_enabled, approved_at, executed_at, committed_at, raw, feed, last_seen_at)
SELECT uuidv7(), tool, package_id, description, status, kind, window_from, window_to,
    backout_enabled, approved_at, executed_at, committed_at, raw, %(feed)s, %(now)s
FROM import_package_plan
ON CONFLICT (tool, package_id) DO UPDATE SET description = excluded.description,
    status = excluded.status, kind = excluded.kind, window_from = excluded.window_from,
    window_to = excluded.window_to, backout_enabled = excluded.backout_enabled,
    approved_at = excluded.approved_at, executed_at = excluded.executed_at,
    committed_at = excluded.committed_at, raw = excluded.raw, feed = excluded.feed,
    last_seen_at = excluded.last_seen_at
"""

_ASSETS = """
SELECT no, asset_id, type, qualifier, name, application_id, description, status, confidence,
    attributes
FROM import_asset_plan WHERE change = %s AND no > %s ORDER BY no LIMIT %s
"""

#: Whole assets at a time: all levels of one are one entry.
_VERSIONS = """
SELECT asset_id, environment_id, environment, level, installed_at, checksum
FROM import_version_plan WHERE asset_id IN (
    SELECT DISTINCT asset_id FROM import_version_plan WHERE asset_id > %s
    ORDER BY asset_id LIMIT %s
) ORDER BY asset_id, no
"""


class _Told(NamedTuple):
    """What a source tells of an asset; None is not told."""

    no: int
    pk: UUID
    type: str
    qualifier: str
    name: str
    application: UUID | None
    description: str | None
    status: str | None
    confidence: int | None
    attributes: dict[str, Any]

    def apply(self, asset: Asset) -> Asset:
        """Its attributes join those of other sources."""
        if self.application is not None:
            asset.application_id = self.application
        if self.description is not None:
            asset.description = self.description
        if self.status is not None:
            asset.status = self.status
        if self.confidence is not None:
            asset.confidence = self.confidence
        asset.attributes = {**asset.attributes, **self.attributes}
        return asset


class Writing:
    """Writes the plans of one import."""

    def __init__(
        self,
        cursor: Any,
        actor: Actor,
        feed: str,
        now: datetime,
        comment: str,
        progress: Callable[[str, int], None],
    ) -> None:
        self._cursor = cursor
        self._actor = actor
        self._values = {"feed": feed, "now": now}
        self._now = now
        self._comment = comment
        self._progress = progress

    def write(self) -> None:
        self._create_assets()
        self._change_assets()
        self._cursor.execute(_SEE_ASSETS, self._values)
        self._write_edges()
        self._cursor.execute(_MISS_EDGES)
        self._install_versions()
        self._cursor.execute(_CREATE_BUILDS, self._values)
        self._cursor.execute(_KEEP_PACKAGES, self._values)

    def _told(self, change: str) -> Iterator[list[_Told]]:
        after = 0
        while True:
            self._cursor.execute(_ASSETS, [change, after, ASSETS_AT_ONCE])
            chunk = [
                _Told._make((*values, json.loads(attributes)))
                for *values, attributes in self._cursor.fetchall()
            ]
            if not chunk:
                return
            yield chunk
            after = chunk[-1].no

    def _create_assets(self) -> None:
        done = 0
        for chunk in self._told("created"):
            assets = [
                told.apply(
                    Asset(
                        id=told.pk,
                        type_id=told.type,
                        qualifier=told.qualifier,
                        name=told.name,
                        source=Asset.Source.IMPORT,
                        last_seen_at=self._now,
                    )
                )
                for told in chunk
            ]
            record_many_created(
                assets, actor=self._actor, event=ASSET_IMPORTED, comment=self._comment
            )
            done += len(assets)
            self._progress("assets entered", done)

    def _change_assets(self) -> None:
        """On the rows as they are now, under their locks: somebody may have edited one since."""
        done = 0
        for chunk in self._told("changed"):
            assets = _locked([told.pk for told in chunk])
            changed = []
            for told in chunk:
                asset = assets[told.pk]
                before = asset.governed_values()
                if told.apply(asset).governed_values() != before:
                    changed.append(asset)
            record_many(changed, actor=self._actor, event=ASSET_UPDATED, comment=self._comment)
            done += len(chunk)
            self._progress("assets changed", done)

    def _write_edges(self) -> None:
        self._cursor.execute("SELECT coalesce(max(no), 0) FROM import_edge_plan")
        last = self._cursor.fetchone()[0]
        for after in range(0, last, EDGES_AT_ONCE):
            values = {**self._values, "after": after, "upto": after + EDGES_AT_ONCE}
            self._cursor.execute(_CREATE_EDGES, values)
            self._cursor.execute(_CHANGE_EDGES, values)
            self._progress("relations entered", min(last, after + EDGES_AT_ONCE))

    def _install_versions(self) -> None:
        """What `install_version` does, for many assets at once."""
        after = UUID(int=0)
        while True:
            self._cursor.execute(_VERSIONS, [after, ASSETS_AT_ONCE])
            rows = self._cursor.fetchall()
            if not rows:
                return
            after = rows[-1][0]
            assets = _locked(sorted({row[0] for row in rows}))
            facts = _add_versions(rows, assets)
            record_many(
                list(assets.values()),
                actor=self._actor,
                event=VERSION_INSTALLED,
                comment=self._comment,
                facts=facts,
            )
            self._progress("levels entered", len(rows))


def _locked(keys: list[UUID]) -> dict[UUID, Asset]:
    """The assets by key, locked in the order of their keys, and remembered as they are."""
    found = Asset.objects.select_for_update().filter(pk__in=keys).order_by("pk")
    assets = {asset.pk: asset for asset in found}
    for asset in assets.values():
        remember(asset)
    return assets


def _add_versions(rows: list[Any], assets: dict[UUID, Asset]) -> dict[UUID, dict[str, Any]]:
    """Add a version for each row and set the baselines; what an entry tells, by asset."""
    versions = [
        AssetVersion(
            asset_id=asset,
            environment_id=environment,
            level=level,
            installed_at=installed_at,
            checksum=checksum,
            origin=AssetVersion.Origin.SCAN,
        )
        for asset, environment, _code, level, installed_at, checksum in rows
    ]
    AssetVersion.objects.bulk_create(versions)
    baselines = AssetVersion.objects.filter(
        asset__in=assets, environment__is_production=True
    ).order_by("asset_id", "-installed_at", "-id")
    for baseline in baselines.distinct("asset_id"):
        asset = assets[baseline.asset_id]
        if asset.production_version_id != baseline.pk:
            asset.production_version = baseline
            asset.last_changed_at = max(
                baseline.installed_at, asset.last_changed_at or baseline.installed_at
            )
    facts: dict[UUID, dict[str, Any]] = {pk: {"versions": []} for pk in assets}
    for version, row in zip(versions, rows, strict=True):
        facts[version.asset_id]["versions"].append(
            {
                "version": version.pk,
                "environment": row[2],
                "level": version.level,
                "installed_at": version.installed_at,
                "checksum": version.checksum,
                "baseline": assets[version.asset_id].production_version_id == version.pk,
            }
        )
    return facts
