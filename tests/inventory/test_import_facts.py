"""Levels, build inputs and packages of source code managers that an import brings."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from apps.core.actor import Actor
from apps.evidence.models import EvidenceEntry
from apps.inventory.domain.rows import AssetKey, BuildRow, PackageRow, Place, Problem, VersionRow
from apps.inventory.models import Asset, AssetVersion, BuildInput, ScmPackage
from apps.inventory.services.import_rows import ImportRefused
from tests.inventory.factories import keeper, make_environment
from tests.inventory.test_import_rows import asset, bring
from tests.support import commit_now, refused_by_database

pytestmark = pytest.mark.django_db

PGMA = AssetKey("program_batch", "-", "PGMA")
MONDAY = datetime(2026, 11, 16, tzinfo=UTC)


@pytest.fixture
def by() -> Actor:
    by = keeper()
    make_environment(by=by)
    make_environment("SIT", is_production=False, order=20, by=by)
    return by


def level(told: str, environment: str = "PROD", line: int = 2, **more: Any) -> VersionRow:
    return VersionRow(PGMA, Place("v.csv", line), environment, told, **more)


def problems(*rows: Any, by: Actor) -> list[Problem]:
    with pytest.raises(ImportRefused) as caught:
        bring(*rows, by=by)
    return caught.value.report.problems


# Levels


def test_a_level_seen_in_production_is_the_baseline(by: Actor) -> None:
    report = bring(asset("PGMA"), level("01.14", installed_at=MONDAY, checksum="c0ffee"), by=by)
    commit_now()
    version = AssetVersion.objects.get()
    assert (version.level, version.origin, version.installed_by) == ("01.14", "scan", "")
    assert (version.installed_at, version.checksum) == (MONDAY, "c0ffee")
    found = Asset.objects.get()
    assert found.production_version == version
    assert found.last_changed_at == MONDAY
    assert report.lines["versions_seen"] == [
        "asset program_batch PGMA in PROD: 01.14, the first one known"
    ]


def test_all_levels_of_an_asset_are_one_entry(by: Actor) -> None:
    bring(asset("PGMA"), by=by)
    bring(level("01.14"), level("01.15", "SIT", 3), by=by)
    commit_now()
    entry = EvidenceEntry.objects.get(action="asset.version_installed")
    facts = json.loads(bytes(entry.body))["facts"]["versions"]
    assert [(v["environment"], v["level"], v["baseline"]) for v in facts] == [
        ("PROD", "01.14", True),
        ("SIT", "01.15", False),
    ]
    assert Asset.objects.get().evidence_seq == 2


def test_a_level_seen_again_is_no_news(by: Actor) -> None:
    bring(asset("PGMA"), level("01.14", checksum="c0ffee"), by=by)
    assert bring(level("01.14"), by=by).changes == 0
    assert bring(level("01.14", checksum="c0ffee"), by=by).changes == 0
    assert bring(level("01.14", checksum="decade"), by=by).count["versions_seen"] == 1


def test_an_older_level_told_again_is_entered_once(by: Actor) -> None:
    bring(asset("PGMA"), level("01.15", installed_at=MONDAY), by=by)
    older = level("01.14", installed_at=MONDAY - timedelta(days=7))
    assert bring(older, by=by).count["versions_seen"] == 1
    assert bring(older, by=by).count["versions_seen"] == 0
    assert Asset.objects.get().production_version.level == "01.15"


def test_a_production_level_that_no_package_installed_is_unauthorised(by: Actor) -> None:
    first = bring(asset("PGMA"), level("01.14"), level("01.14", "SIT", 3), by=by)
    assert first.count["versions_unauthorised"] == 0
    report = bring(level("01.15"), level("01.16", "SIT", 3), by=by)
    assert report.count["versions_unauthorised"] == 1
    assert report.lines["versions_unauthorised"] == [
        "asset program_batch PGMA in PROD: 01.14 → 01.15"
    ]
    entry = EvidenceEntry.objects.filter(action="import.inventory_imported").latest("id")
    assert (
        json.loads(bytes(entry.body))["facts"]["unauthorised"]
        == report.lines["versions_unauthorised"]
    )


def test_an_environment_may_be_told_with_its_site(by: Actor) -> None:
    bring(asset("PGMA"), level("01.14", "AMS/SIT"), by=by)
    assert AssetVersion.objects.get().environment.code == "SIT"


def test_bad_levels_are_told(by: Actor) -> None:
    found = problems(
        asset("PGMA"), level("x" * 65), level("1", "MOON", 3), level("1", "SIT", 4),
        level("2", "SIT", 5),
        VersionRow(AssetKey("job", "-", "GHOST"), Place("v.csv", 6), "SIT", "1"), by=by,
    )  # fmt: skip
    assert [(p.place.line, p.field) for p in found] == [
        (2, "level"), (3, "environment"), (5, ""), (6, "name"),
    ]  # fmt: skip


def test_a_dry_run_installs_nothing(by: Actor) -> None:
    report = bring(asset("PGMA"), level("01.14"), by=by, dry_run=True)
    assert report.count["versions_seen"] == 1
    assert not AssetVersion.objects.exists()


# Builds


def build(part_level: str, *, at: str = "0f2caa66", part: str = "CPY") -> BuildRow:
    return BuildRow(PGMA, at, AssetKey("copybook", "-", part), part_level, Place("b.csv", 2))


def test_what_a_program_was_built_of_is_kept(by: Actor) -> None:
    rows = asset("PGMA"), asset("CPY", 3, kind="copybook")
    report = bring(*rows, build("9f1c"), by=by, feed="dbb")
    made = BuildInput.objects.get()
    assert (made.program.name, made.program_level) == ("PGMA", "0f2caa66")
    assert (made.part.name, made.part_level, made.feed) == ("CPY", "9f1c", "dbb")
    assert report.lines["builds_created"] == ["PGMA 0f2caa66 built with CPY 9f1c"]
    assert bring(build("9f1c"), by=by).changes == 0


def test_a_build_that_contradicts_the_one_known_is_told_and_not_taken(by: Actor) -> None:
    bring(asset("PGMA"), asset("CPY", 3, kind="copybook"), build("9f1c"), by=by)
    report = bring(build("aaaa"), by=by)
    assert [str(notice) for notice in report.notices] == [
        "b.csv:2: part_level: Level 0f2caa66 was built with 9f1c before; aaaa is not taken."
    ]
    assert BuildInput.objects.get().part_level == "9f1c"


def test_a_build_is_never_edited(by: Actor) -> None:
    bring(asset("PGMA"), asset("CPY", 3, kind="copybook"), build("9f1c"), by=by)
    with refused_by_database("permission denied"):
        BuildInput.objects.update(part_level="x")


def test_a_build_of_unknown_parts_is_told(by: Actor) -> None:
    assert [p.field for p in problems(asset("PGMA"), build("1", part="GHOST"), by=by)] == ["part"]


# Packages


def package(status: str, **more: Any) -> PackageRow:
    return PackageRow("endevor", "CARD2611B", Place("p.json", 3), status=status,
                      raw={"pkgId": "CARD2611B", "status": status}, **more)  # fmt: skip


def test_a_package_is_as_its_tool_told_it_last(by: Actor) -> None:
    report = bring(package("APPROVED", window_from=MONDAY, backout_enabled=True), by=by)
    assert report.lines["packages_created"] == ["package CARD2611B: APPROVED"]
    report = bring(package("EXECUTED", executed_at=MONDAY), by=by)
    assert report.lines["packages_changed"] == ["package CARD2611B: APPROVED → EXECUTED"]
    kept = ScmPackage.objects.get()
    assert (kept.status, kept.executed_at, kept.window_from) == ("EXECUTED", MONDAY, None)
    assert kept.raw == {"pkgId": "CARD2611B", "status": "EXECUTED"}
    assert bring(package("EXECUTED", executed_at=MONDAY), by=by).changes == 0


def test_a_bad_package_is_told(by: Actor) -> None:
    bad = PackageRow("abacus", "X" * 41, Place("p.json", 3), status="S" * 21, description="a\x00")
    assert {p.field for p in problems(bad, package("A"), package("B"), by=by)} == {
        "tool", "package_id", "status", "description", "",
    }  # fmt: skip
