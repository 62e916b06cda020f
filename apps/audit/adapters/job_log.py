"""Read the output of copy jobs: when they ran from JESMSGLG, what they copied from SYSPRINT.

JES tells the day once ("---- SATURDAY,  21 NOV 2026 ----", again at midnight) and the time in front
of every message; IEF403I begins a job. IEBCOPY confirms each member with IEB154I (moved under a
new name: IEB155I). A member has no time of its own, so it counts at the end of its step where
that is told after it (IEF404I), else at the start of its job.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from apps.audit.adapters.lines import Wrong, moment
from apps.audit.domain.moved import Move

_DAY = re.compile(r"-{3,4}\s+[A-Z]+,\s+(\d{1,2} [A-Z]{3} \d{4})\s+-{3,4}")
_BEGUN = re.compile(r"^ ?(\d\d\.\d\d\.\d\d)\s+(JOB\d+|J\d+)?\s*IEF403I\s+([A-Z0-9@#$]{1,8})\s")
_ENDED = re.compile(r"^ ?(\d\d\.\d\d\.\d\d)\s+.*IEF404I\s+([A-Z0-9@#$]{1,8})\s")
_USER = re.compile(r"\bUSERID\s+([A-Z0-9@#$]{1,8})\b")
_COPIED = re.compile(r"\bIEB15[45]I\s+([A-Z0-9@#$]{1,8})\s+HAS BEEN SUCCESSFULLY (?:COPIED|MOVED)")
_LOOKS = re.compile(r"\bIEB15[45]I\b")
_RC = re.compile(r"STEP WAS EXECUTED - COND CODE (\d{4})")


@dataclass
class _Job:
    name: str = ""
    began_at: datetime | None = None
    ended_at: datetime | None = None
    user: str = ""
    rc: int | None = None
    members: list[Move] = field(default_factory=list)


def read(text: str, zone: ZoneInfo) -> Iterator[Move | Wrong]:
    day, job, told_any = "", _Job(), False
    for number, line in enumerate(text.splitlines(), start=1):
        if found := _DAY.search(line):
            day = found[1]
        elif begun := _BEGUN.match(line):
            yield from _moves(job)
            job = _Job(begun[3], _at(day, begun[1], zone), user=job.user if not job.name else "")
            told_any = True
            if job.began_at is None:
                yield Wrong(number, f"{job.name} begins and no line before it tells the day.")
        elif (ended := _ENDED.match(line)) and ended[2] == job.name:
            job.ended_at = _at(day, ended[1], zone)
        elif code := _RC.search(line):
            job.rc = max(int(code[1]), job.rc or 0)
        elif user := _USER.search(line):
            job.user = user[1]
        elif _LOOKS.search(line):
            yield from _member(number, line, job)
    yield from _moves(job)
    if not told_any:
        yield Wrong(1, "This is no job log: no line has the message IEF403I.")


def _at(day: str, clock: str, zone: ZoneInfo) -> datetime | None:
    return moment(f"{day} {clock}", "%d %b %Y %H.%M.%S", zone)


def _member(number: int, line: str, job: _Job) -> Iterator[Wrong]:
    copied = _COPIED.search(line)
    if copied is None:
        yield Wrong(number, "The message IEB154I names no member that was copied.")
    elif job.began_at is None:
        yield Wrong(number, f"{copied[1]} was copied and no line before it begins a job.")
    else:
        job.members.append(
            Move(number, copied[1], job.began_at, job=job.name, raw=line.strip()[:200])
        )


def _moves(job: _Job) -> Iterator[Move]:
    for move in job.members:
        yield replace(move, moved_at=job.ended_at or move.moved_at, user=job.user, rc=job.rc)
