"""The bench runs, at sizes of no meaning; nothing here is timed."""

from __future__ import annotations

import json
from contextlib import nullcontext

import pytest
from django.db import connection

from apps.changes.models import ChangeRequest
from apps.changes.selectors import search_changes
from apps.inventory.models import Asset, AssetRelation
from bench import approval, impact, imports, lists, timeline
from bench.__main__ import options
from bench.load import COMMON, RARE, load_changes
from bench.timing import interleaved, percentile
from bench.world import Bank, draft, found_bank
from tests.support import commit_now

ROWS = 120


@pytest.fixture
def bank(db: None) -> Bank:
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
    bank = found_bank()
    like = draft(bank)
    commit_now()
    load_changes(bank, like, ROWS)
    return bank


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, object]]:
    figures = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert all({"name", "value", "unit"} <= figure.keys() for figure in figures)
    return {figure["name"]: figure for figure in figures}


def test_loads_what_it_says_with_every_index_back(bank: Bank) -> None:
    assert ChangeRequest.objects.count() == ROWS + 1
    assert not ChangeRequest.objects.filter(assets=None).exists()
    assert search_changes(RARE).count() == 40
    assert 0 < search_changes(COMMON).count() < ROWS / 6
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname FROM pg_indexes WHERE tablename LIKE 'changes_change%'")
        names = {name for (name,) in cursor.fetchall()}
    for model in ChangeRequest, ChangeRequest.assets.rel.related_model:
        assert {index.name for index in model._meta.indexes} <= names


def test_approval_is_told_beside_the_raw_transaction(
    bank: Bank, capsys: pytest.CaptureFixture[str]
) -> None:
    prepared = approval.prepare(bank, 2)
    approval.measure(*prepared, rounds=2, rows=ROWS)
    figures = told(capsys)
    assert figures["approve.wall"]["n"] == 2
    assert {"approve.wall / raw", "approve.postgresql / raw"} <= figures.keys()


def test_an_approval_takes_thirty_statements(
    bank: Bank, capsys: pytest.CaptureFixture[str]
) -> None:
    approval.measure(*approval.prepare(bank, 1), rounds=1, rows=ROWS)
    in_a_savepoint = 2  # of the test's transaction; in a real one they are BEGIN and COMMIT
    assert told(capsys)["approve.statements"]["value"] == 30 + in_a_savepoint


def test_lists_are_told_for_every_size(bank: Bank, capsys: pytest.CaptureFixture[str]) -> None:
    stages = [(nullcontext, ROWS // 2), (nullcontext, ROWS)]
    lists.measure(stages, bank.owner.username, rounds=1)
    figures = told(capsys)
    for page in ("api.list", "api.page_2", "api.search_rare", "admin.list", "admin.last_page"):
        assert figures[f"{page} / small"]["rows"] == [ROWS // 2, ROWS]


def test_the_impact_of_a_popular_copybook_is_told_with_its_page(
    bank: Bank, capsys: pytest.CaptureFixture[str]
) -> None:
    size = impact.Size(assets=500, relations=2_000)
    impact.load_inventory(bank, size)
    assert Asset.objects.count() >= size.assets
    assert AssetRelation.objects.count() >= size.relations
    impact.measure(nullcontext, size, bank.owner.username, rounds=1)
    figures = told(capsys)
    assert figures["impact"]["recompiles"] and figures["impact"]["jobs"]
    assert figures["impact.page"]["n"] == 1


def test_the_timeline_of_a_busy_change_is_told(
    bank: Bank, capsys: pytest.CaptureFixture[str]
) -> None:
    change = draft(bank)
    timeline.busy_change(bank, change, 60)
    timeline.measure(nullcontext, bank.owner.username, change, 60, rounds=1)
    figures = told(capsys)
    assert {"timeline.page", "timeline.text", "timeline.api_page_2"} <= figures.keys()


def test_every_case_runs_equally_often() -> None:
    calls: list[str] = []
    cases = {name: (lambda name=name: calls.append(name)) for name in "abc"}
    taken = interleaved(cases, rounds=4, warm_up=1)
    assert {len(times) for times in taken.values()} == {4}
    assert sorted(calls) == sorted("abc" * 5)
    assert calls[3:6] == ["a", "b", "c"] and calls[6:9] == ["b", "c", "a"]


def test_percentile_is_a_value_that_occurred() -> None:
    assert percentile([3.0, 1.0, 2.0], 95) == 3.0
    assert percentile([float(n) for n in range(100)], 95) == 95.0


def test_sizes_are_read_smallest_first() -> None:
    assert options(["--rows", "1000,10"]).sizes == [10, 1000]
    with pytest.raises(SystemExit):
        options(["--rows", "many"])


def test_an_import_is_told_as_preview_first_and_again(
    db: None, capsys: pytest.CaptureFixture[str]
) -> None:
    imports.measure(assets=40)
    figures = told(capsys)
    changes = [figures[f"import.{name}"]["changes"] for name in ("preview", "first", "again")]
    assert changes == [40 + 400, 40 + 400, 0]
    assert all("mb" in figure for figure in figures.values())
