"""Import an inventory: all of it, or nothing and every reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from django.db import connection

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker, Refused, refuse_if_any
from apps.core.text import text_blockers
from apps.evidence.services.door import door
from apps.evidence.services.ledger import (
    record_fact,
    record_many,
    record_many_created,
    remember,
)
from apps.inventory.domain.naming import name_problems
from apps.inventory.domain.relations import RELATION_KINDS
from apps.inventory.domain.rows import (
    KEY_MAX,
    AssetKey,
    AssetRow,
    ImportReport,
    Problem,
    RelationRow,
    attribute_problem,
)
from apps.inventory.events import ASSET_IMPORTED, ASSET_UPDATED, INVENTORY_IMPORTED
from apps.inventory.models import Application, Asset, AssetRelation, AssetType
from apps.inventory.policies import import_blockers

CHUNK = 1000
#: Two imports at once would both insert the same asset; the second waits for the first.
IMPORT_LOCK = 0x494E56
TOLD_IN_REFUSAL = 100

Progress = Callable[[str, int], None]
T = TypeVar("T")
Row = TypeVar("Row", AssetRow, RelationRow)


class ImportRefused(Refused):
    """Nothing was imported. `report.problems` has every one, `blockers` the first hundred."""

    def __init__(self, report: ImportReport) -> None:
        self.report = report
        super().__init__(
            Blocker("bad_row", str(problem), "Correct the file.", "you", "input", problem.field)
            for problem in report.problems[:TOLD_IN_REFUSAL]
        )


@door("import")
def import_inventory(
    *,
    actor: Actor,
    assets: Iterable[AssetRow | Problem],
    relations: Iterable[RelationRow | Problem],
    source: str,
    digests: Mapping[str, str],
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Bring assets and their relations to what a source tells.

    A reader yields a Problem in the place of a row it could not read. Any fatal problem, of the
    reader or found here, raises ImportRefused with all of them; a dry run returns them instead.
    What a row does not tell stays; edges drawn by hand stay. `digests` are the files' sha256 by
    name. `progress(what, done)` is called every thousand rows.
    """
    refuse_if_any(import_blockers(actor))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [IMPORT_LOCK])
    report = ImportReport(dry_run=dry_run)
    watch = progress or _silent
    plan = _Reading(report, watch).read(assets, relations)
    if any(problem.fatal for problem in report.problems):
        report.problems.sort(key=lambda problem: (problem.place.file, problem.place.line))
        if dry_run:
            return report
        raise ImportRefused(report)
    if not dry_run:
        _write(plan, report, actor, source, digests, watch)
    return report


def _silent(what: str, done: int) -> None:
    """Progress that nobody watches."""


def _chunks(items: Iterable[T]) -> Iterator[list[T]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk


class _Edge(NamedTuple):
    source: UUID
    kind: str
    target: UUID
    key: str


class _Plan(NamedTuple):
    """What is to be written: `seen` are known assets that the source told of."""

    created: list[Asset]
    changed: list[Asset]
    seen: list[UUID]
    edges: list[AssetRelation]


class _Reading:
    """Checks every row and compares it with what is known; writes nothing."""

    def __init__(self, report: ImportReport, progress: Progress) -> None:
        self._report = report
        self._progress = progress
        self._patterns = dict(AssetType.objects.values_list("code", "name_pattern"))
        self._applications = dict(Application.objects.values_list("code", "pk"))

    def read(
        self, assets: Iterable[AssetRow | Problem], relations: Iterable[RelationRow | Problem]
    ) -> _Plan:
        asset_rows = self._distinct(assets, "assets", lambda row: row.key, self._check_asset)
        edge_rows = self._distinct(
            relations,
            "relations",
            lambda row: (row.source, row.kind, row.target, row.key),
            self._check_relation,
        )
        ends = {end for row in edge_rows.values() for end in (row.source, row.target)}
        known = self._known_assets({*asset_rows, *ends})
        plan = _Plan([], [], [], [])
        for key, row in asset_rows.items():
            self._compare(row, known.get(key), plan)
        by_key = {key: asset.pk for key, asset in known.items()}
        by_key.update({_key(asset): asset.pk for asset in plan.created})
        plan.edges.extend(self._edges(edge_rows.values(), by_key))
        return plan

    def _distinct(
        self,
        rows: Iterable[Row | Problem],
        what: str,
        identity: Callable[[Row], Any],
        check: Callable[[Row], Iterator[Problem]],
    ) -> dict[Any, Row]:
        """Good rows by identity; a repeated identity is a problem of the later row."""
        found: dict[Any, Row] = {}
        for number, row in enumerate(rows, start=1):
            if number % CHUNK == 0:
                self._progress(what, number)
            if isinstance(row, Problem):
                self._tell(row)
                continue
            for problem in check(row):
                self._tell(problem)
            first = found.setdefault(identity(row), row)
            if first is not row:
                where = f"line {first.place.line} of {first.place.file}"
                self._tell(Problem(row.place, "", f"This repeats {where}."))
        return found

    def _tell(self, problem: Problem) -> None:
        (self._report.problems if problem.fatal else self._report.notices).append(problem)

    def _check_asset(self, row: AssetRow) -> Iterator[Problem]:
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
        if row.confidence is not None and not 0 <= row.confidence <= 100:
            yield Problem(place, "confidence", "The confidence is a percentage, 0 to 100.")
        for blocker in text_blockers("description", row.description or ""):
            yield Problem(place, "description", blocker.text)
        if wrong := attribute_problem(row.attributes):
            yield Problem(place, "attributes", wrong)

    def _check_relation(self, row: RelationRow) -> Iterator[Problem]:
        if row.kind not in RELATION_KINDS:
            yield Problem(row.place, "kind", f"There is no relation {row.kind[:40]!r}.")
        if len(row.key) > KEY_MAX or not row.key.isprintable():
            yield Problem(
                row.place, "key", f"A key is printable and has at most {KEY_MAX} characters."
            )
        if row.origin not in AssetRelation.Origin.values:
            yield Problem(row.place, "origin", f"{row.origin[:40]!r} is no origin of a relation.")
        if wrong := attribute_problem(row.attributes):
            yield Problem(row.place, "attributes", wrong)

    def _known_assets(self, keys: set[AssetKey]) -> dict[AssetKey, Asset]:
        names = {key.name for key in keys if "\x00" not in key.name}
        return {
            key: asset
            for chunk in _chunks(sorted(name for name in names if name.isprintable()))
            for asset in Asset.objects.filter(name__in=chunk)
            if (key := _key(asset)) in keys
        }

    def _compare(self, row: AssetRow, known: Asset | None, plan: _Plan) -> None:
        if known is None:
            plan.created.append(self._apply(row, _new_asset(row.key)))
            self._report.assets_created += 1
            return
        plan.seen.append(known.pk)
        remember(known)
        before = known.governed_values()
        if self._apply(row, known).governed_values() == before:
            self._report.assets_unchanged += 1
        else:
            plan.changed.append(known)
            self._report.assets_changed += 1

    def _apply(self, row: AssetRow, asset: Asset) -> Asset:
        """Set what the row tells; its attributes join those of other sources."""
        if row.application is not None:
            asset.application_id = self._applications.get(row.application)
        if row.description is not None:
            asset.description = row.description
        if row.status is not None:
            asset.status = row.status
        if row.confidence is not None:
            asset.confidence = row.confidence
        asset.attributes = {**asset.attributes, **row.attributes}
        return asset

    def _edges(
        self, rows: Iterable[RelationRow], by_key: Mapping[AssetKey, UUID]
    ) -> Iterator[AssetRelation]:
        now = clock.now()
        done = 0
        for chunk in _chunks(rows):
            known = _known_edges({by_key[row.source] for row in chunk if row.source in by_key})
            for row in chunk:
                edge = self._edge(row, by_key)
                if edge is None:
                    continue
                attributes = dict(row.attributes)
                before = known.get(edge)
                if before is not None and before.origin == AssetRelation.Origin.MANUAL:
                    self._report.relations_unchanged += 1
                    continue
                if before is None:
                    self._report.relations_created += 1
                elif (before.attributes, before.confirmed) == (attributes, row.confirmed):
                    self._report.relations_unchanged += 1
                else:
                    self._report.relations_changed += 1
                yield AssetRelation(
                    source_id=edge.source,
                    kind=edge.kind,
                    target_id=edge.target,
                    key=edge.key,
                    attributes=attributes,
                    confirmed=row.confirmed,
                    origin=row.origin,
                    first_seen_at=now,
                    last_seen_at=now,
                )
            done += len(chunk)
            self._progress("relations compared", done)

    def _edge(self, row: RelationRow, by_key: Mapping[AssetKey, UUID]) -> _Edge | None:
        missing = [
            (side, key)
            for side, key in (("source", row.source), ("target", row.target))
            if key not in by_key
        ]
        for side, key in missing:
            self._tell(
                Problem(row.place, side, f"There is no asset {key!s:.160}, in the import or known.")
            )
        if missing:
            return None
        return _Edge(by_key[row.source], row.kind, by_key[row.target], row.key)


def _key(asset: Asset) -> AssetKey:
    return AssetKey(asset.type_id, asset.qualifier, asset.name)


def _new_asset(key: AssetKey) -> Asset:
    return Asset(
        type_id=key.type, qualifier=key.qualifier, name=key.name, source=Asset.Source.IMPORT
    )


def _known_edges(sources: set[UUID]) -> dict[_Edge, AssetRelation]:
    return {
        _Edge(edge.source_id, edge.kind, edge.target_id, edge.key): edge
        for edge in AssetRelation.objects.filter(source__in=sources)
    }


def _write(
    plan: _Plan,
    report: ImportReport,
    actor: Actor,
    source: str,
    digests: Mapping[str, str],
    progress: Progress,
) -> None:
    """Everything in a number of statements that grows with the thousands, not with the rows."""
    comment = f"Import of {source}"
    now = clock.now()
    for asset in plan.created:
        asset.last_seen_at = now
    for number, created in enumerate(_chunks(plan.created)):
        progress("assets entered", number * CHUNK + len(created))
        record_many_created(created, actor=actor, event=ASSET_IMPORTED, comment=comment)
    for changed in _chunks(plan.changed):
        _refuse_if_moved(changed)
        record_many(changed, actor=actor, event=ASSET_UPDATED, comment=comment)
    for seen in _chunks(plan.seen):
        Asset.objects.filter(pk__in=seen).update(last_seen_at=now)
    for number, edges in enumerate(_chunks(plan.edges)):
        progress("relations entered", number * CHUNK + len(edges))
        AssetRelation.objects.bulk_create(
            edges,
            update_conflicts=True,
            unique_fields=["source", "kind", "target", "key"],
            update_fields=["attributes", "confirmed", "last_seen_at"],
        )
    if report.changes:
        record_fact(
            "import",
            actor=actor,
            event=INVENTORY_IMPORTED,
            comment=comment,
            facts={"source": source, "sha256": dict(digests), "counts": report.counts()},
        )


def _refuse_if_moved(assets: Sequence[Asset]) -> None:
    """Lock the rows; one that somebody edited since it was compared stops the import."""
    read = {asset.pk: asset.evidence_seq for asset in assets}
    locked = Asset.objects.select_for_update().filter(pk__in=read).order_by("pk")
    moved = [pk for pk, seq in locked.values_list("pk", "evidence_seq") if read[pk] != seq]
    if moved:
        raise Refused(
            Blocker(
                "stale",
                f"{len(moved)} of the assets were edited while the import read them.",
                "Import again.",
                "you",
                kind="stale",
            )
        )
