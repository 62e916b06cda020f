"""A batch that runs late or early moves the effective cut-off of its window."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from apps.core import clock
from apps.evidence.models import EvidenceEntry
from apps.windows.domain.cutoff import Limit, late_cause, tightest
from apps.windows.models import ReleaseWindow
from apps.windows.services import planning
from apps.windows.services.late_batch import report_batch
from tests.factories import actor, make_user
from tests.support import commit_now, refused
from tests.windows.worlds import BEFORE, CUTOFF, OPENS, Planners, planners, window_in

PLANNED = CUTOFF["at"]
CLOSES = OPENS + timedelta(hours=8)
ONLINE = {"kind": "online_open", "label": "CICS", "at": PLANNED + timedelta(minutes=30)}


def report(window: ReleaseWindow, people: Planners, **said: Any) -> ReleaseWindow:
    who = said.pop("who", people.actors["release_coordinator"])
    with clock.at(OPENS):
        return report_batch(pk=window.pk, actor=who, comment="ODATE closing ran over.", **said)


def test_the_tightest_hard_limit_holds_as_it_is_expected_now() -> None:
    at = datetime(2026, 11, 22, 3, 30, tzinfo=UTC)
    hour = timedelta(hours=1)
    late = Limit("BATCH", at, expected_at=at + 3 * hour, cause="the batch is 180 minutes late")
    soft, online = Limit("COPY", at - hour, is_hard=False), Limit("CICS", at + hour)
    assert tightest(at + 2 * hour, [late, soft, online]) == online
    assert tightest(at + 2 * hour, [late, soft]).label == "closing"
    assert late.told("Europe/Amsterdam") == (
        "BATCH, 07:30 instead of 04:30: the batch is 180 minutes late"
    )
    assert late_cause(at, at - timedelta(minutes=1)) == "the batch is 1 minute early"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("said", "cutoff_at"),
    [
        ({"minutes": 20}, PLANNED + timedelta(minutes=20)),
        ({"minutes": -45}, PLANNED - timedelta(minutes=45)),
        ({"starts_at": PLANNED - timedelta(hours=1)}, PLANNED - timedelta(hours=1)),
        # No later than the next hard cut-off lets.
        ({"minutes": 240}, ONLINE["at"]),
    ],
)
def test_one_post_moves_the_effective_cutoff(said: dict[str, Any], cutoff_at: datetime) -> None:
    people = planners()
    window = window_in("locked", people, cutoffs=[CUTOFF, ONLINE])
    told = report(window, people, **said)
    commit_now()
    assert told.effective_cutoff == cutoff_at
    window = ReleaseWindow.objects.get(pk=window.pk)
    assert window.effective_cutoff == cutoff_at
    assert ("ODATE closing ran over" in window.cutoff_cause) == (cutoff_at != ONLINE["at"])
    assert window.cutoffs.get(label="CLOSEFIL").at == PLANNED


@pytest.mark.django_db
def test_telling_the_same_again_changes_nothing_and_zero_takes_it_back() -> None:
    people = planners()
    window = window_in("in_progress", people)
    integration = actor(make_user("scheduler", "integration"))
    first = report(window, people, minutes=20, who=integration)
    assert report(window, people, minutes=20).evidence_seq == first.evidence_seq
    entry = EvidenceEntry.objects.get(action="window.batch_reported")
    assert entry.seq == first.evidence_seq
    # The plan is edited for another reason; what was reported holds.
    with clock.at(OPENS):
        edited = planning.edit_window(
            pk=window.pk, actor=people.actors["release_manager"], values={"bridge": "7711"},
            parts={"cutoffs": [CUTOFF]},
        )  # fmt: skip
    assert edited.effective_cutoff == PLANNED + timedelta(minutes=20)
    assert report(window, people, minutes=0).effective_cutoff == PLANNED
    commit_now()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "said", "code"),
    [
        ("open", {}, "one_of_two"),
        ("open", {"minutes": 5, "starts_at": PLANNED}, "one_of_two"),
        ("open", {"minutes": 1441}, "invalid"),
        ("open", {"minutes": -(10**9)}, "invalid"),
        ("open", {"minutes": -391}, "outside_window"),
        ("open", {"starts_at": PLANNED + timedelta(days=2)}, "invalid"),
        ("open", {"starts_at": PLANNED.replace(tzinfo=None)}, "naive_time"),
        ("open", {"minutes": 5, "cutoff": "nothing"}, "invalid"),
        ("draft", {"minutes": 5}, "wrong_state"),
        ("closed", {"minutes": 5}, "wrong_state"),
    ],
)
def test_what_cannot_be_is_refused(state: str, said: dict[str, Any], code: str) -> None:
    people = planners()
    window = window_in(state, people)
    with refused() as refusal:
        report(window, people, **said)
    assert code in {blocker.code for blocker in refusal.value.blockers}


@pytest.mark.django_db
def test_of_two_batches_it_has_to_be_said_which() -> None:
    people = planners()
    second = {**CUTOFF, "label": "POSTTRAN", "at": PLANNED + timedelta(minutes=10)}
    window = window_in("open", people, cutoffs=[CUTOFF, second])
    with refused("required"):
        report(window, people, minutes=5)
    chosen = str(window.cutoffs.get(label="POSTTRAN").pk)
    assert report(window, people, minutes=5, cutoff=chosen).effective_cutoff == PLANNED


@pytest.mark.django_db
def test_a_stranger_reports_nothing_and_a_reason_is_needed() -> None:
    people = planners()
    window = window_in("open", people)
    with refused("role_missing"):
        report(window, people, minutes=5, who=people.actors["stranger"])
    with clock.at(BEFORE), refused() as refusal:
        report_batch(pk=window.pk, actor=people.actors["release_manager"], minutes=5)
    assert {b.field for b in refusal.value.blockers} == {"comment"}


@pytest.mark.django_db
def test_the_batch_is_reported_on_the_page_and_through_the_interface() -> None:
    people = planners()
    window = window_in("open", people)
    client = Client()
    client.force_login(people.coordinator)
    page = f"/admin/windows/releasewindow/{window.pk}/"
    form = {"evidence_seq": window.evidence_seq, "minutes": "20", "comment": "Long day."}
    with clock.at(BEFORE):
        done = client.post(f"{page}move/report_batch/", form, follow=True).content.decode()
        assert "CLOSEFIL, 04:50 instead of 04:30: the batch is 20 minutes late" in done
        told = client.post(
            f"/api/v1/windows/{window.pk}/moves/report_batch/",
            {"starts_at": "2026-11-22T04:10:00+01:00", "comment": "Caught up."},
            content_type="application/json",
        ).json()
    assert told["effective_cutoff_at"].startswith("2026-11-22T03:10:00")
    assert told["cutoff_cause"].endswith("the batch is 20 minutes early (Caught up.)")
