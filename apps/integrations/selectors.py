"""Read imports, watched jobs, and how other systems are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.db.models import F, QuerySet

from apps.integrations.domain import jobs
from apps.integrations.models import ImportRun, StepJob, SystemStatus
from apps.inventory.domain.rows import KINDS, Kind
from apps.releases.domain.lifecycle import RUNNING_STEP
from apps.releases.models import Activity

PROGRESS_KEY = "integrations:import:{}"
#: What an import is at → which part of the bar it fills, in percent.
_SPANS = {
    "rows": (0, 50),
    "rows compared": (50, 60),
    "assets entered": (60, 80),
    "assets changed": (80, 85),
    "relations entered": (85, 98),
}
#: About how long a row is in a file, for files that nobody has counted yet.
_BYTES_A_ROW = 80


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a worker is: a sentence and a percentage."""

    sentence: str
    percent: int


def progress_of(run: ImportRun) -> Progress:
    """A guess for somebody who waits; it never reaches 100 before the import has ended."""
    if not run.is_busy:
        return Progress(run.get_state_display(), 100)
    told = cache.get(PROGRESS_KEY.format(run.pk))
    if not told:
        return Progress("Waiting for a worker", 0)
    what, done = told["what"], told["done"]
    begin, end = _SPANS.get(what, (98, 99))
    share = min(1.0, done / max(1, _expected(run, what)))
    return Progress(f"{done:,} {what}", round(begin + (end - begin) * share))


def _expected(run: ImportRun, what: str) -> int:
    """How many there will be, as far as the preview counted them."""
    count = run.report.get("count", {})
    return {
        "rows": run.report.get("rows", run.size // _BYTES_A_ROW),
        "assets entered": count.get("assets_created", 0),
        "assets changed": count.get("assets_changed", 0),
        "relations entered": run.report.get("rows", 0),
    }.get(what, 1)


@dataclass(frozen=True, slots=True)
class Told:
    """One kind of change in a report: how many, and the first of them in words."""

    kind: Kind
    count: int
    lines: list[str]

    @property
    def more(self) -> int:
        return self.count - len(self.lines) if self.lines else 0


def told_of(run: ImportRun) -> list[Told]:
    """The kinds of change that the run's report counts, those without any left out."""
    count, lines = run.report.get("count", {}), run.report.get("lines", {})
    return [
        Told(kind, count[kind.code], lines.get(kind.code, []))
        for kind in KINDS
        if count.get(kind.code)
    ]


#: The code of z/OSMF among the other systems.
ZOSMF = "zosmf"


def step_jobs() -> QuerySet[StepJob]:
    return StepJob.objects.select_related(
        "activity__package__window", "activity__window", "reported_by"
    )


def _waited_for() -> QuerySet[StepJob]:
    return StepJob.objects.filter(
        activity__state__in=RUNNING_STEP, attempt=F("activity__attempts")
    ).exclude(outcome__in=jobs.SETTLED)


def jobs_to_ask() -> QuerySet[StepJob]:
    """Jobs of running steps that have not ended; who waited longest comes first."""
    return _waited_for().order_by(F("asked_at").asc(nulls_first=True), "id")


def jobs_of(step: Activity) -> list[StepJob]:
    """The jobs of the step's present attempt, the newest first."""
    return list(StepJob.objects.filter(activity=step, attempt=step.attempts))


def proposal_of(found: list[StepJob]) -> jobs.Verdict | None:
    """What the jobs of a step come to, for whoever completes it; None without any job."""
    return jobs.together(
        jobs.Verdict(jobs.Outcome(job.outcome), job.told or f"{job} was not asked for yet.",
                     job.rc, job.failure)
        for job in found
    )  # fmt: skip


def proposals_of(steps: Iterable[Activity]) -> dict[UUID, jobs.Verdict]:
    """The same for several steps, by step; only those that have a job. One query."""
    attempts = {step.pk: step.attempts for step in steps}
    found: dict[UUID, list[StepJob]] = {}
    for job in StepJob.objects.filter(activity__in=attempts):
        if job.attempt == attempts[job.activity_id]:
            found.setdefault(job.activity_id, []).append(job)
    told = {step: proposal_of(of_step) for step, of_step in found.items()}
    return {step: verdict for step, verdict in told.items() if verdict is not None}


@dataclass(frozen=True, slots=True)
class OtherSystem:
    """A system that the portal talks to; `address` is "" while it is off."""

    code: str
    name: str
    what_for: str
    address: str
    watched: int
    status: SystemStatus

    @property
    def state(self) -> str:
        """off, unused, ok or failing."""
        if not self.address:
            return "off"
        if self.status.is_failing:
            return "failing"
        return "ok" if self.status.last_ok_at else "unused"


def other_systems() -> list[OtherSystem]:
    """Every system that the portal can talk to. Two queries."""
    known = {status.code: status for status in SystemStatus.objects.all()}
    return [
        OtherSystem(
            ZOSMF,
            "z/OSMF jobs",
            "Tells how the jobs of running steps are. It is asked, never told to do anything.",
            settings.INTERLOCK_ZOSMF_URL,
            _waited_for().count(),
            known.get(ZOSMF) or SystemStatus(code=ZOSMF),
        )
    ]
