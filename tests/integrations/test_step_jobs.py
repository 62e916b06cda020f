"""Jobs of running steps: named by their team, watched by the portal, proposed to the team."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from apps.core import clock
from apps.evidence.models import EvidenceEntry
from apps.integrations.models import StepJob, SystemStatus
from apps.integrations.selectors import jobs_of, other_systems, proposal_of
from apps.integrations.services.jobs import poll_jobs, report_job, withdraw_job
from apps.portal.night_steps import sheet_of
from apps.releases.models import Activity, ActivityLog
from tests.integrations.zosmf import Server, recorded, serving
from tests.releases.night import NIGHT, Night, night, walk
from tests.support import refused

pytestmark = pytest.mark.django_db
JOB = {"job_name": "readacct", "job_id": "JOB02020"}


@pytest.fixture
def dark(db: None) -> Iterator[Night]:
    with clock.at(NIGHT):
        yield night()


@pytest.fixture
def zosmf(settings: Any) -> Iterator[Server]:
    with serving() as server:
        settings.INTERLOCK_ZOSMF_URL = server.url
        settings.INTERLOCK_ZOSMF_TIMEOUT_SECONDS = 0.5
        server.answer = (200, recorded("ended"))
        yield server


def named(dark: Night, step: Activity, who: str = "implementer", **more: Any) -> StepJob:
    return report_job(actor=dark.actor(who), values={"activity": step, **JOB, **more})


def answer(status: str, retcode: str = "null", system: str = "PRDA") -> tuple[int, bytes]:
    body = f'{{"jobname":"READACCT","jobid":"JOB02020","status":"{status}","retcode":{retcode},'
    return 200, f'{body}"exec-system":"{system}"}}'.encode()


def test_the_team_of_a_running_step_names_its_job(dark: Night) -> None:
    step = dark.step("A1", "in_progress")
    job = named(dark, step)
    assert (str(job), job.attempt) == ("READACCT JOB02020", step.attempts)
    with refused("duplicate"):
        named(dark, step)
    with refused("not_in_team"):
        named(dark, step, "other_team", job_id="JOB02021")
    with refused("wrong_state"):
        named(dark, dark.step("A2", "ready"))
    with refused("invalid") as caught:
        named(dark, step, job_name="9BAD", job_id="12345")
    assert {b.field for b in caught.value.blockers} == {"job_name", "job_id"}  # type: ignore[attr-defined]


def test_each_change_of_a_job_is_told_once_however_often_it_is_seen(
    dark: Night, zosmf: Server
) -> None:
    step = dark.step("A1", "in_progress", max_rc=4)
    job = named(dark, step)
    for told in (answer("INPUT"), answer("ACTIVE"), answer("ACTIVE"),
                 answer("OUTPUT", '"CC 0004"'), answer("OUTPUT", '"CC 0004"')):  # fmt: skip
        zosmf.answer = told
        poll_jobs()
        poll_jobs()
    texts = list(ActivityLog.objects.filter(activity=step).values_list("text", flat=True))
    assert texts == [
        "READACCT JOB02020 waits to run.",
        "READACCT JOB02020 runs on PRDA.",
        "READACCT JOB02020 ended with RC 4.",
    ]
    entries = EvidenceEntry.objects.filter(subject=job.subject).values_list("action", flat=True)
    assert list(entries.order_by("seq")) == ["step_job.reported", *["step_job.seen"] * 3]
    step = Activity.objects.get(pk=step.pk)
    assert step.state == "in_progress", "its team completes it"
    proposal = proposal_of(jobs_of(step))
    assert proposal is not None and (proposal.rc, proposal.failure) == (4, "")
    assert len(zosmf.asked) == 7, "an ended job is not asked for again"


def test_only_jobs_of_running_steps_are_asked_for(dark: Night, zosmf: Server) -> None:
    step = dark.step("A1", "in_progress")
    named(dark, step)
    walk(step, ("complete",))
    assert poll_jobs() == 0 and zosmf.asked == []


def test_nothing_is_asked_while_it_is_switched_off(dark: Night, settings: Any) -> None:
    named(dark, dark.step("A1", "in_progress"))
    assert poll_jobs() == 0
    assert [system.state for system in other_systems()] == ["off"]


def test_an_older_run_is_told_as_such(dark: Night, zosmf: Server) -> None:
    step = dark.step("A1", "in_progress")
    job = named(dark, step)
    zosmf.answer = (200, recorded("ended").replace(b"2026-11-21T23:44", b"2025-11-21T23:44"))
    poll_jobs()
    job.refresh_from_db()
    assert job.told.endswith("It ended before the step began: is it the right run?")


def test_an_unknown_job_is_told_once_and_found_when_it_comes(dark: Night, zosmf: Server) -> None:
    step = dark.step("A1", "in_progress")
    job = named(dark, step)
    zosmf.answer = (400, recorded("no_job_name"))
    poll_jobs()
    poll_jobs()
    job.refresh_from_db()
    assert job.told == "z/OSMF knows no job READACCT JOB02020. Look at its name and id."
    assert ActivityLog.objects.filter(activity=step).count() == 1
    assert proposal_of(jobs_of(step)) is None, "it proposes nothing"
    zosmf.answer = answer("ACTIVE")
    poll_jobs()
    job.refresh_from_db()
    assert job.outcome == "running"


def test_the_wrong_job_is_taken_back_and_proposes_nothing(dark: Night, zosmf: Server) -> None:
    step = dark.step("A1", "in_progress")
    job = named(dark, step)
    zosmf.answer = answer("OUTPUT", '"ABEND S0C7"')
    poll_jobs()
    with refused("not_in_team"):
        withdraw_job(pk=job.pk, actor=dark.actor("other_team"), comment="Not ours.")
    withdraw_job(pk=job.pk, actor=dark.actor("implementer"), comment="That of the other region.")
    assert proposal_of(jobs_of(step)) is None
    with refused("withdrawn"):
        withdraw_job(pk=job.pk, actor=dark.actor("implementer"), comment="Again.")


def test_a_system_in_trouble_is_asked_once_a_round_and_the_page_tells_it(
    dark: Night, zosmf: Server
) -> None:
    step = dark.step("A1", "in_progress")
    named(dark, step)
    named(dark, step, job_id="JOB02021")
    poll_ok = answer("ACTIVE")
    zosmf.answer = (401, b"")
    assert poll_jobs() == 0 and len(zosmf.asked) == 1
    (told,) = other_systems()
    assert told.state == "failing" and told.watched == 2
    browser = Browser()
    browser.force_login(dark.people["coordinator"])
    assert "refuses the service id" in browser.get(reverse("other_systems")).content.decode()
    zosmf.answer = poll_ok
    with clock.at(NIGHT + timedelta(minutes=1)):
        poll_jobs()
    assert SystemStatus.objects.get().last_error, "what went wrong once stays to be read"


def test_the_page_of_the_step_shows_its_job_and_proposes_the_return_code(
    dark: Night, zosmf: Server
) -> None:
    step = dark.step("A1", "in_progress", max_rc=4)
    browser = Browser()
    browser.force_login(dark.people["implementer"])
    page = reverse("admin:releases_activity_change", args=[step.pk])
    assert "Name a job" in browser.get(page).content.decode()
    form = {"activity": str(step.pk), **JOB}
    assert browser.post(reverse("admin:integrations_stepjob_add"), form).status_code == 302
    poll_jobs()
    told = browser.get(page).content.decode()
    assert "READACCT JOB02020 ended with RC 0." in told and "Proposed: complete it" in told
    named(dark, step, job_id="JOB02021")
    zosmf.answer = (200, answer("OUTPUT", '"ABEND S0C7"')[1].replace(b"JOB02020", b"JOB02021"))
    poll_jobs()
    assert "as “Abend”" in browser.get(page).content.decode()


def test_the_phone_has_the_return_code_in_its_field_already(dark: Night, zosmf: Server) -> None:
    step = dark.step("A1", "in_progress", done_by=dark.people["implementer"])
    named(dark, step)
    poll_jobs()
    (card,) = sheet_of(dark.actor("implementer")).now
    assert card.job is not None and card.job.rc == 0
    browser = Browser()
    browser.force_login(dark.people["implementer"])
    assert 'name="rc" value="0"' in browser.get("/my/steps/").text
