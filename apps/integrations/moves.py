"""The moves of a job that a step runs, as pages, API and tests see them."""

from __future__ import annotations

from apps.core.moves import Move
from apps.integrations.domain.jobs import Outcome
from apps.integrations.models import StepJob
from apps.integrations.policies import withdraw_job_blockers
from apps.integrations.services.jobs import withdraw_job


def _counts(job: StepJob) -> bool:
    return job.outcome != Outcome.WITHDRAWN


STEP_JOB_MOVES = (
    Move(
        "withdraw",
        "Take it back",
        service=withdraw_job,
        blockers=withdraw_job_blockers,
        applies=_counts,
        comment="required",
        comment_label="Why it is not the job of the step",
        tone="danger",
    ),
)
