"""The import service alone: rows in, everything or nothing out."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.evidence.models import EvidenceEntry
from apps.inventory.domain.rows import (
    AssetKey,
    AssetRow,
    ImportReport,
    Place,
    Problem,
    RelationRow,
    Row,
)
from apps.inventory.models import Asset, AssetRelation
from apps.inventory.services.import_rows import ImportRefused, Listing, import_inventory
from apps.inventory.services.registers import edit_asset
from apps.inventory.services.relations import relate_asset
from tests.factories import actor, make_user
from tests.inventory.factories import keeper, make_application
from tests.support import commit_now, refused

pytestmark = pytest.mark.django_db


def asset(name: str, line: int = 2, kind: str = "program_batch", **more: Any) -> AssetRow:
    return AssetRow(AssetKey(kind, "-", name), Place("a.csv", line), **more)


def edge(source: str, target: str, line: int = 2, kind: str = "calls", **more: Any) -> RelationRow:
    return RelationRow(
        AssetKey("program_batch", "-", source),
        kind,
        AssetKey("program_batch", "-", target),
        Place("r.csv", line),
        **more,
    )


def bring(
    *rows: Row | Problem,
    by: Actor,
    dry_run: bool = False,
    feed: str = "test",
    partial: bool = False,
) -> ImportReport:
    return import_inventory(
        actor=by,
        rows=rows,
        listing=Listing(feed, "test", {"a.csv": "0" * 64}, partial=partial),
        dry_run=dry_run,
    )


ROWS = [asset("PGMA", 2), asset("PGMB", 3), asset("PGMC", 4)]
EDGES = [edge("PGMA", "PGMB", 2), edge("PGMA", "PGMA", 3), edge("PGMB", "PGMC", 4, key="k")]


def test_importing_twice_changes_nothing() -> None:
    by = keeper()
    first = bring(*ROWS, *EDGES, by=by)
    commit_now()
    assert (first.count["assets_created"], first.count["relations_created"]) == (3, 3)
    told = EvidenceEntry.objects.count()
    seen = Asset.objects.get(name="PGMA").last_seen_at
    assert seen is not None
    second = bring(*ROWS, *EDGES, by=by)
    commit_now()
    assert second.changes == 0
    assert (second.count["assets_unchanged"], second.count["relations_unchanged"]) == (3, 3)
    assert EvidenceEntry.objects.count() == told
    assert Asset.objects.filter(name="PGMA", last_seen_at__gt=seen).exists()
    assert AssetRelation.objects.count() == 3


def test_every_new_asset_has_its_entry_and_the_import_one_with_counts_and_digests() -> None:
    import json

    by = keeper()
    bring(*ROWS, *EDGES, by=by)
    commit_now()
    fact = EvidenceEntry.objects.get(action="import.inventory_imported")
    facts = json.loads(bytes(fact.body))["facts"]
    assert facts["sha256"] == {"a.csv": "0" * 64}
    assert facts["counts"]["assets_created"] == 3
    for found in Asset.objects.all():
        assert EvidenceEntry.objects.get(subject=found.subject).action == "asset.imported"
        assert found.history.count() == 1
        assert found.source == "import"


def test_a_changed_row_is_one_entry_and_what_it_does_not_tell_stays() -> None:
    by = keeper()
    make_application(by=by)
    bring(asset("PGMA", application="CARD", attributes={"a": 1}), asset("PGMB"), by=by)
    known = Asset.objects.get(name="PGMA")
    edit_asset(pk=known.pk, actor=by, values={"description": "by hand"})
    report = bring(
        asset("PGMA", attributes={"b": [1, {"c": None}]}), asset("PGMB", status="retired"), by=by
    )
    commit_now()
    known.refresh_from_db()
    assert report.count["assets_changed"] == 2
    assert known.application is not None
    assert known.description == "by hand"
    assert known.attributes == {"a": 1, "b": [1, {"c": None}]}
    assert known.evidence_seq == 3
    assert known.history.count() == 3
    assert Asset.objects.get(name="PGMB").status == "retired"


def test_an_edge_is_updated_in_place() -> None:
    by = keeper()
    bring(*ROWS, edge("PGMA", "PGMB", attributes={"n": 1}), by=by)
    before = AssetRelation.objects.get()
    report = bring(edge("PGMA", "PGMB", attributes={"n": 2}, confirmed=False), by=by)
    after = AssetRelation.objects.get()
    assert report.count["relations_changed"] == 1
    assert (after.pk, after.first_seen_at) == (before.pk, before.first_seen_at)
    assert (after.attributes, after.confirmed) == ({"n": 2}, False)


def test_an_edge_drawn_by_hand_survives() -> None:
    by = keeper()
    bring(*ROWS, by=by)
    source, target = (Asset.objects.get(name=name) for name in ("PGMA", "PGMB"))
    relate_asset(
        pk=source.pk, actor=by, kind="calls", target=target.pk, attributes={"why": "I know"}
    )
    report = bring(edge("PGMA", "PGMB", attributes={"n": 1}), by=by)
    assert report.count["relations_unchanged"] == 1
    assert AssetRelation.objects.get().attributes == {"why": "I know"}


def test_a_dry_run_tells_the_same_and_saves_nothing() -> None:
    by = keeper()
    told = EvidenceEntry.objects.count()
    report = bring(*ROWS, *EDGES, by=by, dry_run=True)
    assert (report.count["assets_created"], report.count["relations_created"]) == (3, 3)
    assert not Asset.objects.exists()
    assert EvidenceEntry.objects.count() == told
    wrong = bring(asset("NINECHARS"), by=by, dry_run=True)
    assert len(wrong.problems) == 1


def test_one_bad_last_row_saves_nothing_and_every_bad_row_is_told() -> None:
    by = keeper()
    with pytest.raises(ImportRefused) as caught:
        bring(
            *ROWS,
            asset("NINECHARS", 5),
            asset("PGMD", 6, kind="floppy"),
            *EDGES,
            edge("PGMA", "NOWHERE", 5),
            edge("PGMA", "PGMB", 6, kind="eats"),
            by=by,
        )
    told = {(p.place.file, p.place.line, p.field) for p in caught.value.report.problems}
    assert told == {
        ("a.csv", 5, "name"),
        ("a.csv", 6, "type"),
        ("r.csv", 5, "target"),
        ("r.csv", 6, "kind"),
    }
    assert not Asset.objects.exists()
    assert not AssetRelation.objects.exists()
    assert EvidenceEntry.objects.filter(action="access.refused").count() == 1
    assert not EvidenceEntry.objects.filter(action="import.inventory_imported").exists()


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (asset(""), "name"),
        (asset("A\x00"), "name"),
        (asset("A", kind="\x00"), "type"),
        (asset("A", application="NOPE"), "application"),
        (asset("A", status="broken"), "status"),
        (asset("A", confidence=101), "confidence"),
        (asset("A", description="a\x00b"), "description"),
        (asset("A", description="x" * 1_000_000), "description"),
        (asset("A", attributes={"a": "b\x00"}), "attributes"),
        (asset("A", attributes={"a": ["\ud800"]}), "attributes"),
        (asset("A", attributes={"a": float("inf")}), "attributes"),
        (asset("A", attributes={"a": "x" * 9_000}), "attributes"),
        (AssetRow(AssetKey("job", "", "A"), Place("a.csv", 2)), "qualifier"),
        (Problem(Place("a.csv", 2), "cells", "unreadable"), "cells"),
    ],
)
def test_a_bad_value_is_told_with_its_field(row: AssetRow | Problem, field: str) -> None:
    with pytest.raises(ImportRefused) as caught:
        bring(row, by=keeper())
    assert [problem.field for problem in caught.value.report.problems] == [field]
    assert "a.csv:2" in str(caught.value)


@pytest.mark.parametrize("attributes", [{"path": "C:\\u0000"}, {"face": "\U0001f600"}])
def test_what_only_looks_unstorable_is_stored(attributes: dict[str, str]) -> None:
    bring(asset("PGMA", attributes=attributes), by=keeper())
    assert Asset.objects.get().attributes == attributes


def test_a_repeated_row_is_told_with_its_first_line() -> None:
    with pytest.raises(ImportRefused) as caught:
        bring(asset("A", 2), asset("A", 9), by=keeper())
    (problem,) = caught.value.report.problems
    assert str(problem) == "a.csv:9: This repeats line 2 of a.csv."


def test_thousands_of_problems_make_a_bounded_refusal() -> None:
    with pytest.raises(ImportRefused) as caught:
        bring(*(asset("NINECHARS", line) for line in range(2, 3002)), by=keeper())
    assert len(caught.value.report.problems) == 3000 + 2999
    assert len(caught.value.blockers) == 100


@pytest.mark.parametrize("role", ["integration", "developer", "release_coordinator"])
def test_who_may_import(role: str) -> None:
    kind = "service" if role == "integration" else "human"
    bring(*ROWS, by=actor(make_user("somebody", role, kind=kind)))


@pytest.mark.parametrize("role", ["auditor", "viewer", "implementer", "cab_chair"])
def test_who_may_not(role: str) -> None:
    with refused("role_missing"):
        bring(*ROWS, by=actor(make_user("somebody", role)), dry_run=True)


def test_the_number_of_queries_does_not_grow_with_the_rows() -> None:
    by = keeper()

    def queries(rows: list[AssetRow], edges: list[RelationRow]) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            bring(*rows, *edges, by=by)
        return len(captured)

    one = queries([asset("ONE")], [edge("ONE", "ONE")])
    three = queries(ROWS, EDGES)
    assert one == three
    assert queries([asset("ONE", status="retired")], [edge("ONE", "ONE")]) == queries(
        [asset(row.key.name, row.place.line, status="retired") for row in ROWS], EDGES
    )


def test_a_refusal_of_an_import_is_a_refusal_like_any_other() -> None:
    with pytest.raises(Refused) as caught:
        bring(asset("NINECHARS"), by=keeper())
    assert caught.value.kind == "input"
