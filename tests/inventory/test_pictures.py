"""What the pictures of assets show: what is built again, and what is hit."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.core import clock
from apps.inventory.models import Asset
from apps.inventory.pictures import Folding, Picture, build_picture, plural_of, run_picture
from apps.inventory.services.relations import relate_asset
from tests.inventory.factories import keeper, make_asset
from tests.scenarios import NIGHT_AT, northgate

pytestmark = pytest.mark.django_db
#: Levels down to the last asset that is made again, and the assets themselves.
QUERIES_OF_A_CHAIN = 4


@pytest.fixture
def by(db: None) -> Any:
    return keeper()


def related(by: Any, *edges: tuple[Asset, str, Asset], **attributes: str) -> None:
    for source, kind, target in edges:
        relate_asset(pk=source.pk, actor=by, kind=kind, target=target.pk, attributes=attributes)


def work(picture: Picture) -> dict[str, str]:
    return {row.asset.name: row.work.verb for row in picture.rows}


def labels(picture: Picture) -> set[str]:
    return {box.label for box in picture.layout.boxes}


def test_what_copies_a_copybook_is_compiled_and_what_is_bound_with_it_is_bound(by: Any) -> None:
    book, program = make_asset("CVACT01Y", "copybook", by=by), make_asset("CBTRN02C", by=by)
    package = make_asset("CARDCOLL.CBTRN02C", "db2_package", by=by)
    plan = make_asset("CARDPLAN", "db2_plan", by=by)
    related(by, (program, "copies", book), (program, "binds", package), (plan, "includes", package))
    picture = build_picture([book.pk])
    assert work(picture) == {
        "CBTRN02C": "recompile",
        "CARDCOLL.CBTRN02C": "bind",
        "CARDPLAN": "bind",
    }
    assert [row.because for row in picture.rows if row.asset == program] == ["copies CVACT01Y"]
    assert len({box.x for box in picture.layout.boxes}) == 4


def test_a_caller_is_linked_again_only_where_the_call_is_static(by: Any) -> None:
    sub, caller, other = (make_asset(name, by=by) for name in ("CBSTM03B", "CBSTM03A", "CORPT00C"))
    related(by, (caller, "calls", sub), link="static")
    related(by, (other, "calls", sub), link="dynamic")
    assert work(build_picture([sub.pk])) == {"CBSTM03A": "relink"}


def test_a_database_is_generated_again_and_a_file_converted(by: Any) -> None:
    dbd, psb = make_asset("DBPAUTP0", "ims_dbd", by=by), make_asset("PSBPAUTB", "ims_psb", by=by)
    book, file = make_asset("CVTRA02Y", "copybook", by=by), make_asset("P.DISCGRP", "vsam", by=by)
    related(by, (psb, "refers_dbd", dbd), (book, "layout_of", file))
    picture = build_picture([dbd.pk, book.pk])
    assert work(picture) == {"PSBPAUTB": "regenerate", "P.DISCGRP": "convert"}
    assert "1 VSAM cluster to convert" in picture.summary


def test_copybooks_that_copy_each_other_come_to_an_end(by: Any) -> None:
    one, other = (make_asset(name, "copybook", by=by) for name in ("BOOKA", "BOOKB"))
    related(by, (one, "copies", other), (other, "copies", one), (one, "copies", one))
    picture = build_picture([one.pk])
    assert labels(picture) == {"BOOKA", "BOOKB"}
    assert sum(edge.is_back for edge in picture.layout.edges) == 2


def test_an_asset_that_nothing_is_built_from_stands_alone(by: Any) -> None:
    picture = build_picture([make_asset("CBTRN02C", by=by).pk])
    assert (labels(picture), picture.rows) == ({"CBTRN02C"}, ())
    assert picture.summary == "Nothing has to be built again with it."


def test_what_the_scope_has_is_told_from_what_is_missing_in_it(by: Any) -> None:
    book = make_asset("CVACT01Y", "copybook", by=by)
    programs = [make_asset(f"CBTRN0{n}C", by=by) for n in range(3)]
    related(by, *((program, "copies", book) for program in programs))
    covered = {programs[1].pk: "in scope"}
    picture = build_picture([book.pk], covered=covered)
    assert [(row.asset.name, row.covered, row.tone) for row in picture.rows] == [
        ("CBTRN00C", "", "missing"),
        ("CBTRN02C", "", "missing"),
        ("CBTRN01C", "in scope", "met"),
    ]
    assert "Missing in the scope: 2." in picture.summary
    assert {box.sub for box in picture.layout.boxes} == {
        "Copybook",
        "missing · Batch program",
        "in scope · Batch program",
    }


def test_a_popular_copybook_costs_what_another_does_and_is_folded(by: Any) -> None:
    book = make_asset("CVACT01Y", "copybook", by=by)
    costs = []
    for n in range(30):
        related(by, (make_asset(f"PGM{n:03}", by=by), "copies", book))
        if n in (1, 29):
            with CaptureQueriesContext(connection) as queries:
                picture = build_picture([book.pk], folding=Folding(most=20))
            costs.append(len(queries))
    assert costs[0] == costs[1] <= QUERIES_OF_A_CHAIN
    assert labels(picture) == {"CVACT01Y", "30 batch programs"}
    assert len(picture.rows) == 30


@pytest.mark.parametrize(
    ("label", "many"),
    [
        ("Batch program", "batch programs"),
        ("CICS library", "CICS libraries"),
        ("Db2 index", "Db2 indexes"),
        ("DBRM", "DBRMs"),
        ("IMS database (DBD)", "IMS databases (DBD)"),
    ],
)
def test_many_of_a_type(label: str, many: str) -> None:
    assert plural_of(label) == many


class TestTonight:
    @pytest.fixture(autouse=True)
    def _register(self, db: None) -> None:
        northgate(datetime(2026, 8, 5, tzinfo=NIGHT_AT.tzinfo))

    def drawn(self, names: Iterable[str], **more: Any) -> Picture:
        seeds = Asset.objects.filter(name__in=names).values_list("pk", flat=True)
        with clock.at(NIGHT_AT), timezone.override(NIGHT_AT.tzinfo):
            return run_picture(list(seeds), NIGHT_AT, **more)

    def test_the_first_job_hit_outranks_everything(self) -> None:
        picture = self.drawn(["CVACT01Y"])
        assert picture.fact == (
            "POSTTRAN 05:10",
            "is the first batch job hit, in 4 h 30 min: "
            "CVACT01Y ← copied by CBTRN02C ← executed by POSTTRAN",
        )
        first = [box for box in picture.layout.boxes if box.node.note]
        assert [(box.label, box.node.tone) for box in first] == [("POSTTRAN", "high")]
        assert first[0].sub == "05:10 · Job"

    def test_the_way_to_the_first_job_is_drawn_heavy(self) -> None:
        picture = self.drawn(["CVACT01Y"])
        names = {box.node.key: box.label for box in picture.layout.boxes}
        heavy = [edge.link for edge in picture.layout.edges if edge.link.tone == "high"]
        assert {(names[link.source], names[link.target]) for link in heavy} == {
            ("CVACT01Y", "CBTRN02C"),
            ("CBTRN02C", "POSTTRAN"),
        }

    def test_jobs_come_first_in_the_table_in_the_order_of_the_night(self) -> None:
        rows = self.drawn(["CVACT01Y"]).rows
        jobs = [row for row in rows if row.group == "Jobs"]
        assert rows[0].asset.name == "POSTTRAN"
        assert rows[: len(jobs)] == tuple(jobs)
        assert [row.hit.arrival for row in jobs] == sorted(row.hit.arrival for row in jobs)

    def test_folded_to_the_utmost_the_first_job_services_and_critical_jobs_stay(self) -> None:
        kept = labels(self.drawn(["CVACT01Y"], folding=Folding(most=1)))
        assert {"CVACT01Y", "CBTRN02C", "POSTTRAN", "SVC:CARD-AUTH", "CREASTMT"} <= kept
        assert "CAVW" not in kept
        assert any(label.endswith("CICS transactions") for label in kept)

    def test_what_runs_tonight_by_nothing_is_said(self) -> None:
        with clock.at(NIGHT_AT):
            asset = make_asset("LONELY", by=keeper())
        picture = self.drawn([asset.name])
        assert picture.summary == "Nothing that runs within 48 hours is hit."
        assert picture.fact == ("", "")
