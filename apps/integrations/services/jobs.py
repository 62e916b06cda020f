"""Jobs that steps run: named by people, asked for at z/OSMF, told to whoever completes the step.

Nothing here completes or fails a step: what a job came to is proposed to its team, who see more
than a return code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings

from apps.core import clock
from apps.core.actor import Actor, system_actor
from apps.core.errors import Refused, bad_input, refuse_if_any
from apps.core.text import tidy
from apps.evidence.services.door import door
from apps.evidence.services.ledger import lock, record, record_created
from apps.integrations import events
from apps.integrations import policies as rules
from apps.integrations.adapters.zosmf import Access, Client, Trouble, UnknownJob
from apps.integrations.domain.jobs import JobSeen, Outcome, Verdict, is_older_run, verdict
from apps.integrations.models import StepJob, SystemStatus
from apps.integrations.selectors import ZOSMF, jobs_to_ask
from apps.releases.policies.activity_facts import steps_with_surroundings
from apps.releases.policies.reasons import reason_blockers
from apps.releases.services.activity_plan import lock_step
from apps.releases.services.rows import as_key, comment_blockers, fill
from apps.releases.services.step_log import log_from_system

log = structlog.get_logger(__name__)
ACTOR = system_actor("z/OSMF")
#: Jobs that one round asks for: the next comes after twenty seconds.
AT_ONCE = 50

Lookup = Callable[[str, str], JobSeen]


@door("step_job")
def report_job(*, actor: Actor, values: Mapping[str, Any], comment: str = "") -> StepJob:
    """Name the job that a running step runs: `activity`, `job_name`, `job_id`."""
    job = StepJob()
    step = as_key(values.get("activity"))
    if step is None:
        raise Refused(bad_input("activity", "It belongs to no step.", "Choose one."))
    job.activity = lock_step(step)
    named = {key: str(value).strip().upper() for key, value in values.items() if key != "activity"}
    fill(job, named, ("job_name", "job_id"))
    job.attempt = job.activity.attempts
    refuse_if_any(
        [
            *rules.name_job_blockers(actor, job),
            *rules.job_blockers(job),
            *comment_blockers(comment),
        ]
    )
    job.reported_by_id = actor.user_id
    return record_created(
        job, actor=actor, event=events.JOB_REPORTED, comment=tidy(comment),
        about=job.activity.subject,
    )  # fmt: skip


@door("step_job")
def withdraw_job(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> StepJob:
    """It was not the job of the step: it is asked for no more, and proposes nothing."""
    job = lock(StepJob.objects.select_related("activity"), pk, expected_seq=expected_seq)
    job.activity = steps_with_surroundings().get(pk=job.activity_id)
    refuse_if_any([*rules.withdraw_job_blockers(actor, job), *reason_blockers(comment)])
    job.outcome = Outcome.WITHDRAWN
    return record(
        job, actor=actor, event=events.JOB_WITHDRAWN, comment=tidy(comment),
        about=job.activity.subject,
    )  # fmt: skip


def zosmf_access() -> Access | None:
    """How z/OSMF is reached; None where it is off."""
    if not settings.INTERLOCK_ZOSMF_URL:
        return None
    return Access(
        settings.INTERLOCK_ZOSMF_URL,
        settings.INTERLOCK_ZOSMF_USER,
        settings.INTERLOCK_ZOSMF_PASSWORD,
        settings.INTERLOCK_ZOSMF_CA_FILE,
        settings.INTERLOCK_ZOSMF_TIMEOUT_SECONDS,
    )


def poll_jobs() -> int:
    """Ask once for every job that a running step waits for; how many were answered.

    No transaction is open while the system is asked. When it cannot be asked at all the round
    ends: the others would only wait as long again.
    """
    access = zosmf_access()
    if access is None:
        return 0
    client, answered = Client(access), 0
    for job in jobs_to_ask()[:AT_ONCE]:
        try:
            _ask(job, client.lookup)
        except Trouble as trouble:
            _note_trouble(str(trouble))
            log.warning("zosmf_trouble", job=str(job), trouble=str(trouble))
            break
        answered += 1
    if answered:
        SystemStatus.objects.update_or_create(code=ZOSMF, defaults={"last_ok_at": clock.now()})
    return answered


def _ask(job: StepJob, lookup: Lookup) -> None:
    try:
        seen = lookup(job.job_name, job.job_id)
    except UnknownJob as error:
        note_unknown(pk=job.pk, actor=ACTOR, text=f"{error} Look at its name and id.")
    else:
        note_seen(pk=job.pk, actor=ACTOR, seen=seen)


def _note_trouble(text: str) -> None:
    SystemStatus.objects.update_or_create(
        code=ZOSMF, defaults={"last_error_at": clock.now(), "last_error": text[:300]}
    )


@door("step_job")
def note_seen(*, pk: UUID, actor: Actor, seen: JobSeen) -> StepJob:
    """Keep a look at a job. One that tells nothing new, or comes after its end, writes nothing."""
    job = _lock(pk)
    if job.is_settled or seen.key() == (job.status, job.retcode, job.system):
        return job
    found = verdict(seen, job.activity.max_rc)
    text = found.text
    if is_older_run(seen, job.activity.started_at):
        text = f"{text} It ended before the step began: is it the right run?"
    job.outcome, job.rc, job.failure = found.outcome, found.rc, found.failure
    job.status, job.retcode, job.system = seen.key()
    return _tell(job, actor, events.JOB_SEEN, text, found)


@door("step_job")
def note_unknown(*, pk: UUID, actor: Actor, text: str) -> StepJob:
    """The system knows no such job; told once until it is seen."""
    job = _lock(pk)
    if job.is_settled or job.told == text:
        return job
    job.outcome = Outcome.UNKNOWN
    job.status = job.retcode = job.system = ""
    return _tell(job, actor, events.JOB_UNKNOWN, text, None)


def _lock(pk: UUID) -> StepJob:
    job = lock(StepJob.objects.select_related("activity"), pk)
    StepJob.objects.filter(pk=pk).update(asked_at=clock.now())
    job.asked_at = clock.now()
    return job


def _tell(job: StepJob, actor: Actor, event: Any, text: str, found: Verdict | None) -> StepJob:
    job.told, job.seen_at = text, clock.now()
    log_from_system(
        job.activity, actor, text, job=str(job), retcode=job.retcode, rc=found.rc if found else None
    )
    return record(job, actor=actor, event=event, about=job.activity.subject)
