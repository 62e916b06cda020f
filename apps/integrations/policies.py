"""What keeps a job from being named."""

from __future__ import annotations

from collections.abc import Iterator

from apps.core.actor import Actor
from apps.core.errors import Blocker, bad_input
from apps.evidence.services.register import model_blockers
from apps.integrations.domain.jobs import Outcome
from apps.integrations.models import StepJob
from apps.releases.policies.activity import progress_blockers


def name_job_blockers(actor: Actor, job: StepJob | None = None) -> Iterator[Blocker]:
    """Whoever may report on the step, while it runs; without a job, whether anybody may at all."""
    if job is None:
        if not actor.holds("implementer", "integration"):
            yield Blocker(
                "role_missing",
                f"{actor.printed_name} may not do this; it takes the role implementer.",
                "Ask an implementer of the step's team.",
                "implementer",
                kind="permission",
            )
        return
    yield from progress_blockers(actor, job.activity)
    if actor.id is None:
        yield Blocker("not_a_person", "Only an account names a job.", "Sign in as yourself.",
                      "implementer", kind="permission")  # fmt: skip


def withdraw_job_blockers(actor: Actor, job: StepJob) -> Iterator[Blocker]:
    yield from name_job_blockers(actor, job)
    if job.outcome == Outcome.WITHDRAWN:
        yield Blocker("withdrawn", f"{job} is taken back already.", "Name the right one.",
                      "the team of the step", kind="state")  # fmt: skip


def job_blockers(job: StepJob) -> Iterator[Blocker]:
    """What of its name and id cannot be."""
    yield from model_blockers(job, exclude=("activity", "reported_by"))
    same = StepJob.objects.filter(
        activity=job.activity, attempt=job.attempt, job_name=job.job_name, job_id=job.job_id
    )
    if same.exists():
        yield bad_input("job_id", f"{job} is named for this step already.", "Look at its page.",
                        "duplicate")  # fmt: skip
