"""The first batch cycle after a night is watched."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime, timedelta

import pytest

from apps.inventory.models import Asset
from apps.inventory.services.relations import draw_relation
from apps.releases.domain.first_cycle import judge_cycle
from apps.releases.models import FirstCycleWatch, ReleasePackage
from apps.releases.services import night as nights
from apps.releases.services.after_night import viability_of
from apps.releases.services.first_cycle import accept_cycle, record_cycle
from apps.windows.models import ReleaseWindow
from tests.factories import actor
from tests.inventory.factories import keeper, make_asset, make_schedule
from tests.releases.worlds import NOTE, OPENS, Night, small_night
from tests.support import commit_now, once_a_module, refused

RUN = datetime(2026, 11, 22, 4, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("rc", "took", "usual", "good"),
    [(0, 10, 10, True), (4, None, 10, True), (8, 10, 10, False), (0, 15, 10, True),
     (0, 16, 10, False), (0, 600, None, True)],
)  # fmt: skip
def test_how_a_job_ended(rc: int, took: int | None, usual: int | None, good: bool) -> None:
    ended = judge_cycle(
        rc=rc, expected_rc=4, started_at=RUN,
        ended_at=None if took is None else RUN + timedelta(minutes=took), expected_minutes=usual,
    )  # fmt: skip
    assert ended.as_expected is good


built = once_a_module(small_night)


@pytest.fixture
def night(built: Night, db: None) -> Night:
    return deepcopy(built)


def a_job_runs_it(night: Night) -> Asset:
    """POSTTRAN executes a program that copies the copybook that the night changes."""
    by = keeper()
    with night.before():
        program = make_asset("CBTRN02C", by=by)
        job = make_schedule("POSTTRAN", by=by, elapsed_minutes=40, is_critical=True).job
        for source, target, kind in (
            (program, night.bank.copybook, "copies"), (job, program, "executes"),
        ):  # fmt: skip
            draw_relation(actor=by, values={"source": source, "target": target, "kind": kind})
    return job


def handed_back(night: Night) -> ReleasePackage:
    package = night.completed()
    hand_back(night)
    return package


def hand_back(night: Night) -> None:
    with night.at(120):
        nights.hand_back_window(pk=night.window.pk, actor=actor(night.coordinator))
    commit_now()


@pytest.mark.django_db
def test_the_first_jobs_that_run_what_was_changed_are_watched_until_they_ended(
    night: Night,
) -> None:
    night.completed()
    job = a_job_runs_it(night)
    hand_back(night)
    watch = FirstCycleWatch.objects.get()
    assert (watch.job, watch.expected_minutes, watch.critical) == (job, 40, True)
    assert "POSTTRAN" in watch.because
    coordinator, manager = actor(night.coordinator), actor(night.manager)
    with night.at(900):
        with refused("cycle_open"):
            nights.close_window(pk=night.window.pk, actor=manager, comment=NOTE)
        told = record_cycle(pk=watch.pk, actor=coordinator, rc=12)
        assert told.state == "deviated"
        with refused("role_missing", "own_result"):
            accept_cycle(pk=watch.pk, actor=coordinator, comment=NOTE)
        accept_cycle(pk=watch.pk, actor=manager, comment=NOTE)
        nights.close_window(pk=night.window.pk, actor=manager, comment=NOTE)
    commit_now()
    assert ReleaseWindow.objects.get(pk=night.window.pk).state == "closed"


@pytest.mark.django_db
def test_after_the_night_the_package_tells_whether_it_can_still_be_taken_back(
    night: Night,
) -> None:
    package = handed_back(night)
    with night.at(200):
        found = viability_of(ReleasePackage.objects.select_related("window").get(pk=package.pk))
        assert found is not None and (found.word, found.causes) == ("viable", ())
    late = package.warranty_until - OPENS + timedelta(minutes=1)
    with night.at(late // timedelta(minutes=1) + 1):
        found = viability_of(ReleasePackage.objects.select_related("window").get(pk=package.pk))
        assert found is not None and found.word == "dead"
