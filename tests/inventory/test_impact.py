"""The blast radius of Northgate's register, and what reading it costs."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.core import clock
from apps.inventory.domain.blast import Hit
from apps.inventory.models import Asset
from apps.inventory.selectors.impact import Impact, impact_of
from apps.inventory.services import registers
from apps.inventory.services.relations import relate_asset
from tests.inventory.factories import keeper, make_asset
from tests.scenarios import NIGHT_AT, northgate

pytestmark = pytest.mark.django_db
ZONE = NIGHT_AT.tzinfo


@pytest.fixture
def register(db: None) -> None:
    northgate(datetime(2026, 8, 5, tzinfo=ZONE))


def impact(name: str, **more: timedelta) -> Impact:
    with clock.at(NIGHT_AT):
        return impact_of([Asset.objects.get(name=name).pk], NIGHT_AT, **more)


def tonight(found: Impact, hits: tuple[Hit, ...]) -> dict[str, str]:
    """Local times of what is hit before the next evening."""
    return {
        found.assets[hit.asset].name: f"{hit.arrival.astimezone(ZONE):%H:%M}"
        for hit in hits
        if hit.arrival < NIGHT_AT + timedelta(hours=20)
    }


def first_job(found: Impact) -> tuple[str, str]:
    assert found.first_job is not None
    at = found.first_job.arrival.astimezone(ZONE)
    return found.assets[found.first_job.asset].name, f"{at:%H:%M}"


@pytest.mark.usefixtures("register")
class TestNorthgate:
    def test_the_account_copybook_recompiles_thirteen_programs(self) -> None:
        found = impact("CVACT01Y")
        assert len(found.recompiles) == 13
        assert {found.assets[hit.asset].family for hit in found.recompiles} == {"program"}

    def test_posting_is_the_first_job_it_hits(self) -> None:
        found = impact("CVACT01Y")
        assert first_job(found) == ("POSTTRAN", "05:10")
        assert found.time_left == timedelta(hours=4, minutes=30)
        assert found.path(found.first_job) == (
            "CVACT01Y ← copied by CBTRN02C ← executed by POSTTRAN"
        )

    def test_its_services_are_hit_one_after_the_other(self) -> None:
        found = impact("CVACT01Y")
        assert tonight(found, found.services) == {
            "SVC:CARD-AUTH": "00:40",
            "SVC:CARD-SERVICING": "00:40",
            "SVC:INTEREST-POSTING": "06:30",
            "SVC:GL-CLOSE": "06:55",
            "SVC:DWH-MIS": "07:35",
            "SVC:STATEMENTS": "07:50",
        }

    def test_the_backup_that_reads_before_posting_is_not_hit_tonight(self) -> None:
        found = impact("CVACT01Y")
        assert "TRANBKP" in {found.assets[hit.asset].name for hit in found.jobs}
        assert "TRANBKP" not in tonight(found, found.jobs)

    def test_partners_are_told_with_their_cut_offs(self) -> None:
        found = impact("CVACT01Y")
        told = {
            found.assets[hit.asset].partner: str(found.assets[hit.asset].cut_off)
            for hit in found.partners
            if found.assets[hit.asset].partner
        }
        assert told["PRINTCO"] == "10:00:00" and told["DWH"] == "None"

    @pytest.mark.parametrize(
        ("program", "job", "start"),
        [("CBACT04C", "INTCALC", "05:55"), ("CBTRN02C", "POSTTRAN", "05:10")],
    )
    def test_a_program_first_hits_the_job_that_executes_it(
        self, program: str, job: str, start: str
    ) -> None:
        assert first_job(impact(program)) == (job, start)

    def test_a_job_on_demand_is_told_apart(self) -> None:
        assert "READACCT" in {asset.name for asset in impact("CVACT01Y").unplanned}

    def test_criticality_is_that_of_jobs_and_services(self) -> None:
        told = {asset.name: asset for asset in impact("CVACT01Y").assets.values()}
        assert told["POSTTRAN"].is_critical and not told["CBEXPRTJ"].is_critical
        assert told["SVC:CARD-AUTH"].tier == "tier0" and not told["SVC:DWH-MIS"].is_critical

    def test_the_horizon_bounds_it(self) -> None:
        found = impact("CVACT01Y", horizon=timedelta(hours=5))
        assert tonight(found, found.jobs) == {"POSTTRAN": "05:10"}
        assert len(found.jobs) == 1


def test_it_is_read_in_two_queries_a_hop_whatever_the_size() -> None:
    by = keeper()
    book = make_asset("BOOK", "copybook", by=by)

    def grow(names: list[str]) -> None:
        for name in names:
            program = make_asset(f"P{name}", by=by)
            job = make_asset(f"J{name}", "job", by=by)
            relate_asset(pk=program.pk, actor=by, kind="copies", target=book.pk)
            relate_asset(pk=job.pk, actor=by, kind="executes", target=program.pk)

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert impact_of([book.pk], NIGHT_AT).recompiles
        return len(caught)

    grow(["1"])
    few = queries()
    grow(["2", "3"])
    assert queries() == few <= 8


def test_a_retired_asset_is_not_hit() -> None:
    by = keeper()
    book, program = make_asset("BOOK", "copybook", by=by), make_asset("PGM", by=by)
    relate_asset(pk=program.pk, actor=by, kind="copies", target=book.pk)
    assert impact_of([book.pk], NIGHT_AT).recompiles
    registers.edit_asset(pk=program.pk, actor=by, values={"status": "retired"})
    assert impact_of([book.pk], NIGHT_AT).blast.hits == ()


def test_a_copybook_in_a_copybook_is_not_compiled_itself() -> None:
    by = keeper()
    inner, outer = make_asset("INNER", "copybook", by=by), make_asset("OUTER", "copybook", by=by)
    program = make_asset("PGM", by=by)
    relate_asset(pk=outer.pk, actor=by, kind="copies", target=inner.pk)
    relate_asset(pk=program.pk, actor=by, kind="copies", target=outer.pk)
    assert [hit.asset for hit in impact_of([inner.pk], NIGHT_AT).recompiles] == [program.pk]


def test_what_is_not_there_hits_nothing() -> None:
    assert impact_of([uuid4()], NIGHT_AT).blast.hits == ()
