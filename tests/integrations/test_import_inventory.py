"""The command: golden numbers, output and exit."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from apps.evidence.models import EvidenceEntry
from apps.inventory.models import Asset, AssetRelation
from tests.factories import make_user
from tests.inventory.factories import keeper, make_application
from tests.support import commit_now

pytestmark = pytest.mark.django_db

DATA = Path(__file__).parents[2] / "apps/portal/demo/data"
EXPORTS = Path(__file__).parents[1] / "data"
CARDDEMO = [str(DATA / "carddemo_assets.csv"), str(DATA / "carddemo_relations.csv")]


def run(*words: str) -> tuple[str, str, str]:
    """What the command said on stdout and stderr, and the error it ended with."""
    out, err, ended = StringIO(), StringIO(), ""
    try:
        call_command("import_inventory", *words, stdout=out, stderr=err, no_color=True)
    except CommandError as error:
        ended = f"{error} (exit {error.returncode})"
    return out.getvalue(), err.getvalue(), ended


def test_the_sample_inventory_is_539_assets_and_1255_relations_once() -> None:
    before = EvidenceEntry.objects.count()
    said, _err, ended = run("--format", "csv", *CARDDEMO, "--dry-run")
    assert not ended
    assert "Would import assets entered: 539; relations entered: 1,255." in said
    assert not Asset.objects.exists()
    said, _err, ended = run("--format", "csv", *CARDDEMO)
    assert not ended
    assert "… 1,000 rows\n" in said
    commit_now()
    assert (Asset.objects.count(), AssetRelation.objects.count()) == (539, 1255)
    assert EvidenceEntry.objects.count() == before + 540
    said, _err, ended = run("--format", "csv", *CARDDEMO)
    commit_now()
    assert "Imported assets unchanged: 539; relations unchanged: 1,255." in said
    assert EvidenceEntry.objects.count() == before + 540


def test_the_register_of_the_demo_is_167_assets_and_296_relations() -> None:
    by = keeper()
    for code in ("CARD", "AUTH"):
        make_application(code, by=by)
    _said, _err, ended = run(
        "--format", "json", str(DATA / "northgate_register.json"), "--user", by.username
    )
    commit_now()
    assert not ended
    assert (Asset.objects.count(), AssetRelation.objects.count()) == (167, 296)
    assert Asset.objects.filter(name="CBACT04C", application__code="CARD").exists()
    assert EvidenceEntry.objects.get(action="import.inventory_imported").actor_id == by.id


def test_bad_input_is_one_line_a_problem_and_nothing_saved(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "asset_type,name,origin,path,note\njcl-job,GOOD,,,\njcl-job,NINECHARS,,,\nfloppy,X,,,\n"
    )
    _said, err, ended = run("--format", "csv", str(path))
    assert err.splitlines() == [
        "a.csv:3: name: A member name has at most 8 characters; 'NINECHARS' has 9.",
        "a.csv:4: asset_type: There is no asset type 'floppy' in a CSV inventory.",
    ]
    assert ended == "Nothing was imported: 2 problems. (exit 1)"
    assert not Asset.objects.exists()


def test_scheduler_exports_find_the_assets_of_the_sample_inventory() -> None:
    run("--format", "csv", *CARDDEMO)
    for file_format, path, edges in (
        ("ca7", "CardDemo.ca7", "relations entered: 1; relations changed: 41"),
        ("controlm", "CardDemo.controlm", "relations changed: 42"),
    ):
        said, _err, ended = run("--format", file_format, str(EXPORTS / path))
        assert not ended
        assert "assets entered" not in said
        assert edges in said
    assert Asset.objects.count() == 539
    assert AssetRelation.objects.filter(feed="ca7").count() == 42
    assert AssetRelation.objects.filter(feed="controlm").count() == 42


def test_a_feed_and_a_partial_listing_are_told_by_options(tmp_path: Path) -> None:
    header = "source_type,source,kind,target_type,target\n"
    names = tmp_path / "names.csv"
    names.write_text("type,name\njob,A\njob,B\n")
    both, one = tmp_path / "both.csv", tmp_path / "one.csv"
    both.write_text(header + "job,A,triggers,job,B\njob,B,triggers,job,A\n")
    one.write_text(header + "job,A,triggers,job,B\n")
    run("--format", "table", str(names), str(both), "--feed", "jobs")
    said, _err, _ended = run("--format", "table", str(one), "--feed", "jobs", "--partial")
    assert "not told" not in said
    said, _err, _ended = run("--format", "table", str(one), "--feed", "jobs", "--dry-run")
    assert "Relations not told this time: edge job B triggers job A: not told once" in said
    assert "is no name of a feed" in run("--format", "table", str(one), "--feed", "Jobs!")[2]


def test_in_whose_name(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"assets": [{"code": "A", "type": "job"}]}')
    assert "no active user nobody" in run("--format", "json", str(path), "--user", "nobody")[2]
    make_user("looker", "auditor")
    assert "looker does not import" in run("--format", "json", str(path), "--user", "looker")[2]
    assert run("--format", "json", str(path))[2] == ""
