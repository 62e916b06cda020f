"""What an answer of z/OSMF means for the step."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from apps.integrations.domain.jobs import (
    JobSeen,
    NotAJob,
    Outcome,
    Verdict,
    is_older_run,
    read_job,
    together,
    verdict,
)


def seen(status: str = "OUTPUT", retcode: str = "", **more: Any) -> JobSeen:
    return JobSeen("READACCT", "JOB02020", status, retcode, **more)


@pytest.mark.parametrize(
    ("status", "retcode", "outcome", "rc", "failure"),
    [
        ("INPUT", "", Outcome.WAITING, None, ""),
        ("ACTIVE", "", Outcome.RUNNING, None, ""),
        ("OUTPUT", "", Outcome.RUNNING, None, ""),
        ("OUTPUT", "CC 0000", Outcome.WELL, 0, ""),
        ("OUTPUT", "CC 0004", Outcome.WELL, 4, ""),
        ("OUTPUT", "CC 0008", Outcome.HIGH, 8, "return_code"),
        ("OUTPUT", "ABEND S0C7", Outcome.FAILED, None, "abend"),
        ("OUTPUT", "ABENDU0456", Outcome.FAILED, None, "abend"),
        ("OUTPUT", "ABEND U0456", Outcome.FAILED, None, "abend"),
        ("OUTPUT", "JCL ERROR", Outcome.FAILED, None, "human_error"),
        ("OUTPUT", "SEC ERROR", Outcome.FAILED, None, "environment"),
        ("OUTPUT", "CANCELED", Outcome.FAILED, None, "human_error"),
        ("OUTPUT", "CONV ERROR", Outcome.FAILED, None, "environment"),
        ("OUTPUT", "CONV ABEND", Outcome.FAILED, None, "environment"),
        ("OUTPUT", "SYS FAIL", Outcome.FAILED, None, "environment"),
        ("OUTPUT", "SOMETHING NEW", Outcome.FAILED, None, "environment"),
    ],
)
def test_every_end_of_a_job_has_its_meaning(
    status: str, retcode: str, outcome: Outcome, rc: int | None, failure: str
) -> None:
    found = verdict(seen(status, retcode), highest_rc=4)
    assert (found.outcome, found.rc, found.failure) == (outcome, rc, failure)
    assert found.text.startswith("READACCT JOB02020")


def test_without_a_limit_every_return_code_is_well() -> None:
    assert verdict(seen(retcode="CC 4095"), None).outcome == Outcome.WELL


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        {"jobname": "A", "jobid": 1, "status": "X"},
        {"jobname": "A", "jobid": "JOB1", "status": "PAUSED"},
    ],
)
def test_what_is_no_job_document_is_refused(document: Any) -> None:
    with pytest.raises(NotAJob):
        read_job(document)


def test_the_worst_job_of_a_step_speaks_for_it() -> None:
    well, high = Verdict(Outcome.WELL, "a", 0), Verdict(Outcome.HIGH, "b", 8)
    runs, failed = Verdict(Outcome.RUNNING, "c"), Verdict(Outcome.FAILED, "d")
    assert together([]) is None
    assert together([well, Verdict(Outcome.WELL, "e", 4)]) == Verdict(Outcome.WELL, "e", 4)
    assert together([well, runs]) == runs
    assert together([runs, high, well]) == high
    assert together([high, failed]) == failed


def test_a_job_that_ended_before_its_step_began_is_an_older_run() -> None:
    began = datetime(2026, 11, 21, 23, 45, tzinfo=UTC)
    ended = read_job({"jobname": "A", "jobid": "JOB02020", "status": "OUTPUT",
                      "exec-ended": "2026-11-21T23:44:10.120Z"})  # fmt: skip
    assert is_older_run(ended, began)
    assert not is_older_run(seen(), began) and not is_older_run(ended, None)
