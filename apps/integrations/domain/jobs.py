"""What a batch job came to, and what that means for the step that it ran for.

States and return codes are those of the z/OSMF jobs interface (IBM z/OS Management Facility
Programming Guide, "z/OS jobs REST interface", job document): `status` is INPUT, ACTIVE or OUTPUT;
`retcode` is null until the job has ended.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

JOB_NAME = r"^[A-Z$#@][A-Z0-9$#@]{0,7}$"
#: Five digits, or seven where the site has more than 99,999 job numbers.
JOB_ID = r"^((JOB|STC|TSU)[0-9]{5}|[JST][0-9]{7})$"
RC_MAX = 4095


class Outcome(StrEnum):
    """What a job came to; `WAITING` until something was heard of it."""

    WAITING = "waiting"
    RUNNING = "running"
    WELL = "well"
    HIGH = "high"
    FAILED = "failed"
    UNKNOWN = "unknown"
    WITHDRAWN = "withdrawn"


OUTCOMES: tuple[tuple[str, str], ...] = (
    (Outcome.WAITING, "Waits to run"),
    (Outcome.RUNNING, "Runs"),
    (Outcome.WELL, "Ended well"),
    (Outcome.HIGH, "Return code too high"),
    (Outcome.FAILED, "Did not end normally"),
    (Outcome.UNKNOWN, "Not known"),
    (Outcome.WITHDRAWN, "Taken back"),
)
#: After these nothing more is asked.
SETTLED = (Outcome.WELL, Outcome.HIGH, Outcome.FAILED, Outcome.WITHDRAWN)
#: With these a job has run, well or not.
ENDED = (Outcome.WELL, Outcome.HIGH, Outcome.FAILED)

_CC = re.compile(r"^CC\s+(\d{1,4})$")
_ABEND = re.compile(r"^ABEND\s*([SU][0-9A-F]{3,4})$")
#: Return code of z/OSMF → the step's kind of failure, and the words for people.
_ENDS: Mapping[str, tuple[str, str]] = {
    "JCL ERROR": ("human_error", "JCL error: it did not run"),
    "SEC ERROR": ("environment", "security error: its user may not do this"),
    "CANCELED": ("human_error", "cancelled"),
    "CONV ERROR": ("environment", "converter error: it did not run"),
    "CONV ABEND": ("environment", "the converter abended: it did not run"),
    "SYS FAIL": ("environment", "the system failed while it ran"),
}


class NotAJob(ValueError):
    """An answer that is no job document; the text says why."""


@dataclass(frozen=True, slots=True)
class JobSeen:
    """One look at a job. `retcode` is "" while z/OSMF tells none."""

    name: str
    job_id: str
    status: str
    retcode: str = ""
    system: str = ""
    ended_at: datetime | None = None

    def key(self) -> tuple[str, str, str]:
        """What has to differ for a look to tell anything new."""
        return (self.status, self.retcode, self.system)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a look means for the step: `failure` is a kind of failure of steps, "" without one."""

    outcome: Outcome
    text: str
    rc: int | None = None
    failure: str = ""

    @property
    def is_end(self) -> bool:
        return self.outcome in ENDED


def read_job(document: Any) -> JobSeen:
    """A job document of z/OSMF. Raises NotAJob."""
    if not isinstance(document, Mapping):
        raise NotAJob("The answer is no job document.")
    name, job_id, status = (document.get(key) for key in ("jobname", "jobid", "status"))
    if not (isinstance(name, str) and isinstance(job_id, str) and isinstance(status, str)):
        raise NotAJob("The answer names no job, or no status.")
    if status not in ("INPUT", "ACTIVE", "OUTPUT"):
        raise NotAJob(f"{status[:20]!r} is no status of a job.")
    retcode, system = document.get("retcode"), document.get("exec-system")
    return JobSeen(
        name.strip(),
        job_id.strip(),
        status,
        " ".join(retcode.split())[:20] if isinstance(retcode, str) else "",
        system.strip()[:8] if isinstance(system, str) else "",
        _moment(document.get("exec-ended")),
    )


def verdict(seen: JobSeen, highest_rc: int | None) -> Verdict:
    """What it means where the plan allows return codes up to `highest_rc` (None: any)."""
    job = f"{seen.name} {seen.job_id}"
    if seen.status == "INPUT":
        return Verdict(Outcome.WAITING, f"{job} waits to run.")
    if not seen.retcode or seen.status == "ACTIVE":
        where = f" on {seen.system}" if seen.system else ""
        text = f"{job} runs{where}." if seen.status == "ACTIVE" else f"{job} is about to end."
        return Verdict(Outcome.RUNNING, text)
    code = _CC.match(seen.retcode)
    if code and int(code[1]) <= RC_MAX:
        rc = int(code[1])
        if highest_rc is not None and rc > highest_rc:
            text = f"{job} ended with RC {rc}; the plan allows {highest_rc}."
            return Verdict(Outcome.HIGH, text, rc, "return_code")
        return Verdict(Outcome.WELL, f"{job} ended with RC {rc}.", rc)
    abend = _ABEND.match(seen.retcode)
    if abend:
        return Verdict(Outcome.FAILED, f"{job} abended with {abend[1]}.", failure="abend")
    failure, words = _ENDS.get(seen.retcode, ("environment", f"{seen.retcode}"))
    return Verdict(Outcome.FAILED, f"{job}: {words}.", failure=failure)


def together(verdicts: Iterable[Verdict]) -> Verdict | None:
    """What the jobs of one step come to, the worst of them; None without any.

    While one of them runs, the step has no result yet, unless another has failed already. One
    that is not known or was taken back says nothing.
    """
    order = (Outcome.FAILED, Outcome.HIGH, Outcome.RUNNING, Outcome.WAITING, Outcome.WELL)
    telling = (each for each in verdicts if each.outcome in order)
    found = sorted(telling, key=lambda each: (order.index(each.outcome), -(each.rc or 0)))
    return found[0] if found else None


def is_older_run(seen: JobSeen, started_at: datetime | None) -> bool:
    """Whether the job had ended before its step began: job ids come again."""
    return bool(seen.ended_at and started_at and seen.ended_at < started_at)


def _moment(text: Any) -> datetime | None:
    """A time of z/OSMF, such as 2026-11-21T23:10:04.120Z; None for anything else."""
    try:
        found = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else None
