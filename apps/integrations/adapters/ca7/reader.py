"""Read what CA-7 prints for `LJOB,JOB=…,LIST=ALL`.

A job of the report is the scheduler's entry of its name; it schedules the JCL member that the
report names, which may have another name. Under TRIGGERED JOBS stand the entries that its end
triggers, each under a schedule id, which is the key of the edge: without it a job that runs several
times a night looks like a cycle.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from apps.integrations.adapters.files import looks_like, text_lines, usable
from apps.integrations.adapters.inventory import Rows
from apps.inventory.domain.rows import (
    MENTIONED_PERCENT,
    AssetKey,
    AssetRow,
    Place,
    Problem,
    RelationRow,
)

SCHEDULER = "CA7"

_NAME = r"[A-Z@#$][A-Z0-9@#$]*"
#: The command as the report repeats it; a carriage control of 1 may stand before it.
_COMMAND = re.compile(rf"\s?1?\s?LJOB,JOB=({_NAME}|\*)")
#: The top of each page. A page may end anywhere, so it ends no section.
_PAGE = re.compile(
    r"[1\f]?\s*(JOB=\S+\s+LIST=.*\bPAGE\s+\d+|JOB\s+-+JCL-+|NAME\s+ID\s+MEMBER|[1\f]?\s*$)"
)
#: NAME, JCL ID, MEMBER, SYSTEM and the three digits of USR ID.
_DEFINITION = re.compile(rf"\s?({_NAME})\s+(\d{{3}}|\*NONE\*)\s+(\S+)\s+(?:(\S+)\s+)?\d{{3}}\s")
_SECTION = re.compile(r"\s+-{3,}\s(.+?)\s-{3,}\s*$")
_TRIGGER = re.compile(
    rf"\s+JOB=({_NAME})\s+SCHID=(\d{{1,3}})"
    r"(?:\s+QTM=(\d*))?(?:\s+LEADTM=(\d*))?(?:\s+SUBMTM=(\d*))?\s*$"
)
_TRIGGERS_OTHERS = re.compile(r"\b([YN]) -- COMP TRIGGERS OTHER JOBS")

TRIGGERED_JOBS = "TRIGGERED JOBS"
_PASSED_OVER = frozenset({"JOB INFORMATION"})

Found: TypeAlias = AssetRow | RelationRow | Problem


def entry(name: str) -> AssetKey:
    return AssetKey("scheduler_entry", SCHEDULER, name)


def read(paths: Sequence[Path]) -> Rows:
    """Rows of all files; what one file triggers may be listed in another."""
    problems: list[Problem] = []
    readable = usable(paths, problems)
    yield from problems
    report = _Report()
    for path in readable:
        yield from report.lines(path)
    yield from report.never_listed()


@dataclass(slots=True)
class _Listing:
    """The job that is being listed: all of it where it `is_whole`, or more triggers of a job that
    was listed before. `triggers_others` is None until the report says it.
    """

    job: str
    place: Place
    is_whole: bool
    section: str = ""
    triggers_others: bool | None = None
    told_triggers: bool = False

    @property
    def is_cut(self) -> bool:
        return self.is_whole and (
            self.triggers_others is None or (self.triggers_others and not self.told_triggers)
        )


@dataclass(slots=True)
class _Report:
    """What has been read so far: a job may be listed, and its triggers told, several times."""

    members: dict[str, str] = field(default_factory=dict)
    named: dict[str, Place] = field(default_factory=dict)
    edges: set[tuple[str, str, str]] = field(default_factory=set)
    passed_over: set[str] = field(default_factory=set)

    def lines(self, path: Path) -> Iterator[Found]:
        listing: _Listing | None = None
        seen_any = False
        for number, line in enumerate(text_lines(path), start=1):
            if isinstance(line, Problem):
                yield line
                continue
            place = Place(path.name, number)
            if command := _COMMAND.match(line):
                seen_any = True
                listing = self._begin(command[1], place)
            elif _PAGE.match(line):
                continue
            elif section := _SECTION.match(line):
                yield from self._section(section[1].strip(), listing, place)
            elif definition := _DEFINITION.match(line):
                seen_any = True
                listing = _Listing(definition[1], place, is_whole=True)
                yield from self._define(definition, place)
            elif listing and listing.section == TRIGGERED_JOBS:
                yield from self._trigger(line, listing, place)
            elif listing and (told := _TRIGGERS_OTHERS.search(line)):
                listing.triggers_others = told[1] == "Y"
        yield from self._ended(path, listing, seen_any=seen_any)

    def _ended(self, path: Path, listing: _Listing | None, *, seen_any: bool) -> Iterator[Problem]:
        if not seen_any:
            yield Problem(
                Place(path.name, 1),
                "",
                "There is no LJOB listing of CA-7 in this file; it looks like "
                f"{looks_like(path)}. Choose its format, or list with LJOB,JOB=*,LIST=ALL.",
            )
        elif listing and listing.is_cut:
            reason = f"The report ends inside the listing of {listing.job}. Transfer all of it."
            yield Problem(listing.place, "", reason)

    def _begin(self, job: str, place: Place) -> _Listing | None:
        """A masked command (JOB=*) names no job; the definition lines do."""
        if job == "*":
            return None
        self.named.setdefault(job, place)
        return _Listing(job, place, is_whole=job not in self.members)

    def _section(self, name: str, listing: _Listing | None, place: Place) -> Iterator[Problem]:
        if listing is None:
            yield Problem(place, "", f"{name} stands before the first job.")
            return
        listing.section = name
        if name not in (TRIGGERED_JOBS, *_PASSED_OVER, *self.passed_over):
            self.passed_over.add(name)
            yield Problem(place, "", f"The section {name[:60]} is passed over.", fatal=False)

    def _define(self, definition: re.Match[str], place: Place) -> Iterator[Found]:
        job, jcl_id, member, system = definition.groups()
        first = self.members.setdefault(job, member)
        if first != member:
            yield Problem(
                place, "", f"{job} was listed with the member {first}, now with {member}."
            )
        if (job, member, "schedules") in self.edges:
            return
        self.edges.add((job, member, "schedules"))
        attributes = {"jcl_id": jcl_id, "member": member, "system": system or ""}
        yield AssetRow(
            entry(job),
            place,
            status="active",
            confidence=100,
            attributes={name: value for name, value in attributes.items() if value},
        )
        jcl = AssetKey("job", "-", member)
        yield AssetRow(jcl, place, confidence=MENTIONED_PERCENT, mentioned=True)
        yield RelationRow(entry(job), "schedules", jcl, place, origin="scheduler")

    def _trigger(self, line: str, listing: _Listing, place: Place) -> Iterator[Found]:
        found = _TRIGGER.match(line)
        if found is None:
            reason = f"A triggered job (JOB=… SCHID=…) is expected, not {line.strip()[:60]!r}."
            yield Problem(place, "", reason)
            return
        job, schedule, queue, lead, submit = found.groups()
        listing.told_triggers = True
        self.named.setdefault(listing.job, place)
        self.named.setdefault(job, place)
        schedule = schedule.zfill(3)
        if (listing.job, job, schedule) in self.edges:
            return
        self.edges.add((listing.job, job, schedule))
        times = {"queue_time": queue, "lead_time": lead, "submit_time": submit}
        yield RelationRow(
            entry(listing.job),
            "triggers",
            entry(job),
            place,
            key=schedule,
            attributes={name: value for name, value in times.items() if value},
            origin="scheduler",
        )

    def never_listed(self) -> Iterator[Found]:
        for name, place in self.named.items():
            if name not in self.members:
                yield AssetRow(entry(name), place, confidence=MENTIONED_PERCENT, mentioned=True)
                reason = f"{name} is triggered, but the report does not list it."
                yield Problem(place, "", reason, fatal=False)
