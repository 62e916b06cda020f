"""A batch that runs late or early moves what the plan of its window fits, and people hear of it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from apps.evidence.services.outbox import relay_all
from apps.notifications.models import Message
from apps.releases.services.window_plan import plan_window
from apps.windows.models import ReleaseWindow
from apps.windows.selectors import windows_with_people
from apps.windows.services.late_batch import report_batch
from tests.factories import actor
from tests.releases.worlds import Night, small_night

pytestmark = pytest.mark.django_db


@pytest.fixture
def night() -> Night:
    night = small_night()
    night.planned()
    return night


def report(night: Night, minutes: int) -> ReleaseWindow:
    with night.before():
        return report_batch(
            pk=night.window.pk, actor=actor(night.manager), minutes=minutes, comment="Long day."
        )


def told() -> list[Message]:
    before = set(Message.objects.values_list("pk", flat=True))
    relay_all()
    return list(Message.objects.exclude(pk__in=before).order_by("recipient__username"))


def test_tests_that_fit_and_the_point_of_no_return_move_with_the_batch(night: Night) -> None:
    planned = plan_window(windows_with_people().get(pk=night.window.pk))
    assert all(fit.holds for fit in planned.fits.values())
    early = plan_window(report(night, -60))
    assert early.no_return == planned.no_return - 60
    assert early.margin == planned.margin - 60
    short = [plan_window(report(night, minutes)).fits["F2"].short for minutes in (-350, -355)]
    assert short[1] == short[0] + 5 > 5
    assert plan_window(report(night, 0)).fits == planned.fits


def test_who_runs_the_night_and_who_answers_for_its_packages_is_told_once(night: Night) -> None:
    told()
    report(night, -350)
    owner = night.window.packages.get().owner
    (first, *others) = told()
    assert {m.recipient for m in (first, *others)} == {night.coordinator, owner} - {night.manager}
    text = first.text
    assert first.subject_line == "W-2611: the cut-off is 22:40 now, not 04:30"
    assert "Effective cut-off: Sat 21 Nov 2026 22:40 (Europe/Amsterdam), before Sun 22" in text
    assert "350 minutes early (Long day.)" in text
    assert "What no longer fits:\n- What fails at the very last check is undone" in text
    assert first.url == f"/windows/{night.window.pk}/plan/"
    report(night, -350)
    assert told() == []


def test_a_batch_that_leaves_the_cutoff_where_it_is_tells_nobody(night: Night) -> None:
    night.window = report(night, 90)
    assert night.window.effective_cutoff == night.window.closes_at
    told()
    report(night, 120)
    assert told() == []


def test_the_page_and_the_interface_tell_what_could_go(night: Night) -> None:
    night.planned(name="Second")
    client = Client()
    client.force_login(night.coordinator)
    page, address = (f"{prefix}/windows/{night.window.pk}/plan/" for prefix in ("", "/api/v1"))

    def shed() -> Any:
        return client.get(address).json()["shed"]

    assert shed() == [] and "What could go" not in client.get(page).content.decode()
    report(night, -300)
    (first, *_) = shed()
    assert (first["kind"], first["fits_again"]) == ("drop", True)
    text = client.get(page).content.decode()
    assert text.index("What could go") < text.index(first["text"]) < text.index("Plan by team")


def test_the_plan_of_the_same_night_is_reckoned_once(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = windows_with_people().get(pk=night.window.pk)
    first = plan_window(window)
    monkeypatch.setattr("apps.releases.services.kept_plan.plan", None)
    again = plan_window(window)
    assert (again.slots, again.no_return, again.fits) == (first.slots, first.no_return, first.fits)
    window.decide_minutes += 1
    with pytest.raises(TypeError):
        plan_window(window)
