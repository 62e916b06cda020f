"""What the command says, and how it asks back."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from apps.core import clock
from apps.portal.demo.stage import moment
from tests.inventory.factories import keeper, make_asset
from tests.scenarios import NIGHT_AT, northgate

pytestmark = pytest.mark.django_db


def run(*words: str) -> str:
    out = StringIO()
    with clock.at(NIGHT_AT):
        call_command("blast_radius", *words, stdout=out, no_color=True)
    return out.getvalue()


def test_it_tells_the_first_job_and_the_ways_as_a_table() -> None:
    northgate(moment("2026-08-05 00:00"))
    said = run("cvact01y", "--at", "00:40")
    assert "CVACT01Y, copybook, changed at 00:40 CET" in said
    assert "First batch job hit: POSTTRAN 05:10 CET, in 4 h 30 min" in said
    assert "To be built again (13)" in said
    assert "CVACT01Y ← copied by CBTRN02C ← executed by POSTTRAN" in said
    assert "PRINTCO by 10:00" in said
    assert "On demand, or not planned: READACCT" in said


def test_the_same_as_json() -> None:
    northgate(moment("2026-08-05 00:00"))
    told = json.loads(run("CVACT01Y", "--at", "2026-11-22T00:40", "--horizon", "5h", "--json"))
    assert told["first_job"]["name"] == "POSTTRAN"
    assert told["first_job"]["arrival"] == "2026-11-22T04:10:00+00:00"
    assert told["time_left_minutes"] == 270
    assert [job["name"] for job in told["jobs"]] == ["POSTTRAN"]


def test_an_asset_that_hits_nothing_says_so() -> None:
    make_asset("ALONE", by=keeper())
    assert "No batch job is hit." in run("ALONE")


def test_an_ambiguous_name_is_told_with_the_choices() -> None:
    by = keeper()
    make_asset("CBEXPORT", by=by)
    make_asset("CBEXPORT", "job", by=by)
    with pytest.raises(CommandError, match="job CBEXPORT in -, program_batch CBEXPORT in -"):
        run("CBEXPORT")
    assert "CBEXPORT, job, changed" in run("CBEXPORT", "--type", "job")
    with pytest.raises(CommandError, match=r"no such asset CBEXPORT\. There are: job CBEXPORT"):
        run("CBEXPORT", "--type", "copybook")


def test_an_unknown_name_is_told_with_those_like_it() -> None:
    make_asset("CBTRN02C", by=keeper())
    with pytest.raises(CommandError, match="There are: program_batch CBTRN02C"):
        run("TRN02")
    with pytest.raises(CommandError, match=r"There is no such asset NOTHING\.$"):
        run("NOTHING")


@pytest.mark.parametrize("at", ["25:00", "tonight", "2026-13-01T00:00", "0001-01-01T00:00"])
def test_what_is_no_time_is_refused(at: str) -> None:
    make_asset("ALONE", by=keeper())
    with pytest.raises(CommandError, match="is no time"):
        run("ALONE", "--at", at)


@pytest.mark.parametrize("span", ["48", "0h", "90d", "-3h"])
def test_what_is_no_horizon_is_refused(span: str) -> None:
    with pytest.raises(CommandError, match=r"no horizon|expected"):
        run("ALONE", "--horizon", span)
