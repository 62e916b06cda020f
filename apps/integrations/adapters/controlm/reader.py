"""Read a Control-M DEFTABLE: folders, their jobs, and the conditions that join jobs.

A folder is the scheduler entry of its name under CONTROL-M; a job is the entry of its name under
its folder, "PARENT/CHILD" for a folder in a folder. Names are told in upper case, blanks in them as
"_". The element that holds a job says its folder, not PARENT_FOLDER, which a moved job keeps.

A job with an OUTCOND of sign "+" triggers every job with an INCOND of that name, in whatever
folder. An OUTCOND of sign "-" only deletes the condition.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from apps.integrations.adapters.controlm.elements import BrokenXml, Element, elements
from apps.integrations.adapters.files import looks_like, usable
from apps.integrations.adapters.inventory import Rows
from apps.inventory.domain.naming import is_member_name
from apps.inventory.domain.rows import (
    MENTIONED_PERCENT,
    AssetKey,
    AssetRow,
    Place,
    Problem,
    RelationRow,
)

SCHEDULER = "CONTROL-M"
#: Older exports say table where newer ones say folder.
ROOTS = frozenset({"DEFTABLE", "DEFFOLDER"})
FOLDERS = frozenset(
    {"FOLDER", "SMART_FOLDER", "SUB_FOLDER", "TABLE", "SMART_TABLE", "SUB_TABLE", "SCHED_TABLE"}
)
FOLDER_NAMES = ("FOLDER_NAME", "TABLE_NAME")
#: What is kept of a job or a folder, beside its description.
ATTRIBUTES = (
    "APPLICATION", "SUB_APPLICATION", "DAYS", "WEEKDAYS", "DAYSCAL", "WEEKSCAL", "TIMEFROM",
    "TIMETO", "CYCLIC", "CRITICAL", "MEMLIB", "DATACENTER",
)  # fmt: skip

Found: TypeAlias = AssetRow | RelationRow | Problem


def read(paths: Sequence[Path]) -> Rows:
    """Rows of all files; a condition may join jobs of different files."""
    problems: list[Problem] = []
    readable = usable(paths, problems)
    yield from problems
    table = _Table()
    for path in readable:
        try:
            yield from table.elements(path)
        except BrokenXml as broken:
            reason = str(broken)
            if looks_like(path) != "XML":
                reason = f"This is no XML; it looks like {looks_like(path)}. Choose its format."
            yield Problem(Place(path.name, broken.line), "", reason)
    yield from table.joined()


def _spelled(name: str) -> str:
    return "_".join(name.upper().split())


@dataclass(slots=True)
class _Table:
    """What has been read so far. `open_entries` are the folders and the job around an element."""

    open_entries: list[tuple[str, AssetKey]] = field(default_factory=list)
    entered: set[AssetKey] = field(default_factory=set)
    producers: dict[str, dict[AssetKey, None]] = field(default_factory=lambda: defaultdict(dict))
    consumers: dict[str, dict[AssetKey, Place]] = field(default_factory=lambda: defaultdict(dict))

    def elements(self, path: Path) -> Iterator[Found]:
        self.open_entries.clear()
        seen_root = False
        for element in elements(path):
            place = Place(path.name, element.line)
            if not seen_root:
                seen_root = True
                if element.name not in ROOTS:
                    known = " or ".join(sorted(ROOTS))
                    reason = f"{known} is expected as the outermost element, not {element.name}."
                    yield Problem(place, "", reason)
                    return
            elif element.ends:
                if self.open_entries and self.open_entries[-1][0] == element.name:
                    self.open_entries.pop()
            elif element.name in FOLDERS:
                yield from self._folder(element, place)
            elif element.name == "JOB":
                yield from self._job(element, place)
            elif element.name in ("INCOND", "OUTCOND", "DOCOND"):
                yield from self._condition(element, place)

    def _folder(self, element: Element, place: Place) -> Iterator[Found]:
        told = element.attributes
        named = next((told[name] for name in FOLDER_NAMES if told.get(name)), "")
        name = _spelled(named or told.get("JOBNAME", ""))
        if not name:
            yield Problem(place, "FOLDER_NAME", "The folder has no name.")
        parent = self._folder_around()
        path = f"{parent.name}/{name}" if parent else name
        key = AssetKey("scheduler_entry", SCHEDULER, path)
        self.open_entries.append((element.name, key))
        yield from self._enter(key, told, place)
        if parent:
            yield RelationRow(parent, "includes", key, place, origin="scheduler")

    def _job(self, element: Element, place: Place) -> Iterator[Found]:
        told = element.attributes
        name = _spelled(told.get("JOBNAME") or told.get("MEMNAME", ""))
        if not name:
            yield Problem(place, "JOBNAME", "The job has no name.")
        folder = self._folder_around()
        if folder is None:
            yield Problem(place, "", f"The job {name} stands outside a folder.")
            return
        key = AssetKey("scheduler_entry", folder.name, name)
        self.open_entries.append((element.name, key))
        if key in self.entered:
            reason = f"{folder.name} has {name} twice; both are one entry here."
            yield Problem(place, "JOBNAME", reason, fatal=False)
            return
        yield from self._enter(key, told, place)
        yield RelationRow(folder, "includes", key, place, origin="scheduler")
        member = told.get("MEMNAME", "").strip()
        if is_member_name(member):
            jcl = AssetKey("job", "-", member)
            yield AssetRow(jcl, place, confidence=MENTIONED_PERCENT, mentioned=True)
            yield RelationRow(key, "schedules", jcl, place, origin="scheduler")
        elif member:
            reason = f"{member[:60]!r} is no JCL member; {name} is entered without one."
            yield Problem(place, "MEMNAME", reason, fatal=False)

    def _folder_around(self) -> AssetKey | None:
        return next((key for name, key in reversed(self.open_entries) if name in FOLDERS), None)

    def _enter(self, key: AssetKey, told: Mapping[str, str], place: Place) -> Iterator[AssetRow]:
        """A folder may be told in several pieces; the first one describes it."""
        if key in self.entered:
            return
        self.entered.add(key)
        yield AssetRow(
            key,
            place,
            description=told.get("DESCRIPTION"),
            status="active",
            confidence=100,
            attributes={name.lower(): told[name] for name in ATTRIBUTES if told.get(name)},
        )

    def _condition(self, element: Element, place: Place) -> Iterator[Problem]:
        name = element.attributes.get("NAME", "")
        if not name:
            yield Problem(place, "NAME", "The condition has no name.")
        elif not self.open_entries:
            yield Problem(
                place, "", f"The condition {name[:60]} stands outside a job and a folder."
            )
        elif element.name == "INCOND":
            self.consumers[name].setdefault(self.open_entries[-1][1], place)
        elif element.attributes.get("SIGN", "+") in ("+", "ADD"):
            self.producers[name][self.open_entries[-1][1]] = None

    def joined(self) -> Iterator[RelationRow | Problem]:
        """Edges from who adds a condition to who waits for it; several conditions are one edge."""
        conditions: dict[tuple[AssetKey, AssetKey], list[str]] = defaultdict(list)
        places: dict[tuple[AssetKey, AssetKey], Place] = {}
        for name, waiting in self.consumers.items():
            for consumer, place in waiting.items():
                if name not in self.producers:
                    reason = f"{consumer.name} waits for {name[:60]!r}, which no job here adds."
                    yield Problem(place, "NAME", reason, fatal=False)
                for producer in self.producers.get(name, ()):
                    conditions[producer, consumer].append(name)
                    places.setdefault((producer, consumer), place)
        for (producer, consumer), names in conditions.items():
            yield RelationRow(
                producer,
                "triggers",
                consumer,
                places[producer, consumer],
                attributes={"conditions": names},
                origin="scheduler",
            )
