"""Who told an edge, how sure, and what becomes of one that is told no more."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.test import override_settings

from apps.core.actor import Actor
from apps.evidence.models import EvidenceEntry
from apps.inventory.domain.rows import AssetKey, AssetRow, ImportReport, Place, RelationRow
from apps.inventory.models import Asset, AssetRelation
from apps.inventory.services.relations import relate_asset
from tests.inventory.factories import keeper
from tests.inventory.test_import_rows import asset, bring, edge
from tests.support import commit_now, refused

pytestmark = pytest.mark.django_db

A_B, B_C = edge("PGMA", "PGMB", 2), edge("PGMB", "PGMC", 3)
ASSETS = [asset("PGMA", 2), asset("PGMB", 3), asset("PGMC", 4)]


@pytest.fixture
def by() -> Actor:
    return keeper()


@pytest.fixture
def told(by: Actor) -> Callable[[str], AssetRelation]:
    """Three programs, A calls B calls C, told by one feed; the edge that starts at a name."""
    bring(*ASSETS, A_B, B_C, by=by)
    return lambda source: AssetRelation.objects.get(source__name=source)


Told = Callable[[str], AssetRelation]


def test_an_edge_keeps_who_told_it_last_and_how_sure(by: Actor, told: Told) -> None:
    assert (told("PGMA").feed, told("PGMA").confidence) == ("test", 100)
    report = bring(edge("PGMA", "PGMB", confidence=70), by=by, feed="other", partial=True)
    assert report.lines["relations_changed"] == [
        "edge program_batch PGMA calls program_batch PGMB: feed test → other; confidence 100 → 70"
    ]
    assert (told("PGMA").feed, told("PGMA").confidence) == ("other", 70)


def test_an_edge_told_no_more_is_missed_and_stale_at_the_third_time(by: Actor, told: Told) -> None:
    for times in (1, 2):
        report = bring(A_B, by=by)
        assert report.count["relations_missed"] == 1
        assert report.count["relations_stale"] == 0
        assert (told("PGMB").missed_imports, told("PGMB").is_stale) == (times, False)
    report = bring(A_B, by=by)
    assert (report.count["relations_missed"], report.count["relations_stale"]) == (1, 1)
    assert told("PGMB").is_stale
    facts = EvidenceEntry.objects.filter(action="import.inventory_imported").latest("id")
    assert json.loads(bytes(facts.body))["facts"]["counts"]["relations_stale"] == 1
    commit_now()
    assert bring(A_B, by=by).changes == 0


def test_an_edge_told_again_is_fresh(by: Actor, told: Told) -> None:
    for _ in range(3):
        bring(A_B, by=by)
    report = bring(A_B, B_C, by=by)
    assert report.count["relations_changed"] == 1
    assert (told("PGMB").missed_imports, told("PGMB").is_stale) == (0, False)


@override_settings(INTERLOCK_STALE_AFTER_IMPORTS=1)
def test_how_often_is_a_setting(by: Actor, told: Told) -> None:
    bring(A_B, by=by)
    assert told("PGMB").is_stale


def test_edges_of_another_feed_are_not_missed(by: Actor, told: Told) -> None:
    assert bring(A_B, by=by, feed="other").count["relations_missed"] == 0


def test_a_partial_listing_misses_only_edges_of_what_it_tells_of(by: Actor, told: Told) -> None:
    assert bring(A_B, by=by, partial=True).count["relations_missed"] == 0
    report = bring(asset("PGMB"), by=by, partial=True)
    assert report.lines["relations_missed"] == [
        "edge program_batch PGMB calls program_batch PGMC: not told once"
    ]


def test_what_a_partial_listing_only_mentions_is_not_told_of(by: Actor, told: Told) -> None:
    mentioned = AssetRow(AssetKey("program_batch", "-", "PGMB"), Place("a", 1), mentioned=True)
    assert bring(mentioned, by=by, partial=True).count["relations_missed"] == 0


def test_a_listing_without_a_single_edge_says_nothing_about_edges(by: Actor, told: Told) -> None:
    assert bring(*ASSETS, by=by).count["relations_missed"] == 0


def test_an_edge_drawn_by_hand_is_never_missed(by: Actor, told: Told) -> None:
    first, last = (Asset.objects.get(name=name) for name in ("PGMA", "PGMC"))
    drawn = relate_asset(pk=first.pk, actor=by, kind="calls", target=last.pk)
    for _ in range(4):
        bring(A_B, B_C, by=by)
    drawn.refresh_from_db()
    assert (drawn.origin, drawn.feed, drawn.missed_imports) == ("manual", "", 0)


def test_nothing_is_deleted(by: Actor, told: Told) -> None:
    for _ in range(5):
        bring(A_B, by=by)
    assert AssetRelation.objects.count() == 2


def test_a_dry_run_tells_what_would_become_stale_and_writes_nothing(by: Actor, told: Told) -> None:
    bring(A_B, by=by)
    bring(A_B, by=by)
    report = bring(A_B, by=by, dry_run=True)
    assert report.lines["relations_stale"] == [
        "edge program_batch PGMB calls program_batch PGMC: not told 3 times"
    ]
    assert (told("PGMB").missed_imports, told("PGMB").is_stale) == (2, False)


@pytest.mark.parametrize("feed", ["", "CA7", "a b", "-x", "x" * 41, "a\n"])
def test_a_feed_has_a_name(by: Actor, feed: str) -> None:
    with refused("invalid"):
        bring(A_B, by=by, feed=feed)


# Names that a source only mentions, and types that it does not know


def mention(name: str, kind: str = "program_batch", line: int = 9) -> AssetRow:
    return AssetRow(AssetKey(kind, "-", name), Place("a.csv", line), confidence=60, mentioned=True)


def test_a_mentioned_name_is_entered_unsure_once(by: Actor) -> None:
    report = bring(mention("PGMA"), mention("PGMA", line=10), by=by)
    assert report.count["assets_created"] == 1
    assert Asset.objects.get().confidence == 60
    assert bring(mention("PGMA"), by=by).changes == 0


def test_a_mention_changes_nothing_of_what_is_told_or_known(by: Actor) -> None:
    bring(mention("PGMA"), asset("PGMA", confidence=90), by=by)
    bring(mention("PGMA"), by=by)
    assert Asset.objects.get().confidence == 90


@pytest.mark.parametrize("known", ["program_cics", "subprogram", "program_batch"])
def test_a_program_of_unknown_type_is_the_known_program(by: Actor, known: str) -> None:
    bring(asset("PGMA", kind=known), asset("PGMA", 3, kind="job"), by=by)
    source = AssetKey("any_program", "-", "PGMA")
    part = AssetKey("any_source", "-", "CPY")
    bring(
        AssetRow(source, Place("a", 1)), mention("CPY", "any_source"),
        RelationRow(source, "copies", part, Place("a", 1)), by=by,
    )  # fmt: skip
    relation = AssetRelation.objects.get()
    assert (relation.source.type_id, relation.target.type_id) == (known, "copybook")
    assert Asset.objects.count() == 3


def test_a_type_told_in_the_same_import_counts(by: Actor) -> None:
    generic = AssetKey("any_program", "-", "PGMA")
    bring(
        RelationRow(generic, "calls", generic, Place("a", 1)), asset("PGMA", kind="program_cics"),
        by=by,
    )  # fmt: skip
    assert Asset.objects.get().type_id == "program_cics"


def test_the_preview_is_told_line_by_line(by: Actor, told: Told) -> None:
    report: ImportReport = bring(
        asset("PGMA", description="The posting run", attributes={"lang": "COBOL"}),
        asset("PGMD", 3), A_B, edge("PGMA", "PGMD", 4, key="dyn"), by=by, dry_run=True,
    )  # fmt: skip
    assert report.lines == {
        "assets_created": ["asset program_batch PGMD"],
        "assets_changed": [
            "asset program_batch PGMA: description none → The posting run; "
            "attributes.lang none → COBOL"
        ],
        "relations_created": ["edge program_batch PGMA calls program_batch PGMD [dyn]"],
        "relations_missed": ["edge program_batch PGMB calls program_batch PGMC: not told once"],
    }


def test_a_preview_has_two_hundred_lines_of_a_kind_at_most(by: Actor) -> None:
    report = bring(*(asset(f"P{n}", n) for n in range(300)), by=by, dry_run=True)
    assert report.count["assets_created"] == 300
    assert len(report.lines["assets_created"]) == 200
