"""`python -m bench.psplib DIR --limit SECONDS`: the planner on work that nobody here wrote.

PSPLIB (Kolisch and Sprecher) is the common library of project scheduling problems; `DIR` holds
its single-mode instances, files `.sm`. Each is solved with the product's planner, and one JSON
line tells what came out. The limit is counted in the solver's deterministic units, of which one
takes about a second, so that the answer does not hang on how busy the machine is; `seconds` is
what it took here.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from apps.releases.domain.planner.solver import shortest
from apps.releases.domain.planner.work import Work

_NUMBERS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Instance:
    """One problem: its jobs, the artificial first and last included, and units by resource."""

    name: str
    works: tuple[Work, ...]
    capacity: dict[str, int]


def read(path: Path) -> Instance:
    """The problem of one `.sm` file. Raises ValueError with the file's name if it is none."""
    sections = _sections(path.read_text(encoding="ascii", errors="replace"))
    try:
        capacity = {
            f"R{number}": units
            for number, units in enumerate(sections["RESOURCEAVAILABILITIES"][0], start=1)
        }
        after: dict[int, set[int]] = {}
        for job, _modes, _count, *followers in sections["PRECEDENCE RELATIONS"]:
            for follower in followers:
                after.setdefault(follower, set()).add(job)
        works = tuple(
            Work(
                key=job,
                label=f"{job:04}",
                minutes=minutes,
                after=frozenset(after.get(job, ())),
                needs={
                    resource: units
                    for resource, units in zip(capacity, needs, strict=True)
                    if units
                },
            )
            for job, _mode, minutes, *needs in sections["REQUESTS/DURATIONS"]
        )
    except (KeyError, IndexError, ValueError) as fault:
        raise ValueError(f"{path.name} is no single-mode PSPLIB instance: {fault}") from fault
    return Instance(path.stem, works, capacity)


def _sections(text: str) -> dict[str, list[list[int]]]:
    """The rows of numbers below each title; rows of words are titles of columns."""
    found: dict[str, list[list[int]]] = {}
    rows: list[list[int]] = []
    for line in text.splitlines():
        title = line.partition(":")[0].strip()
        if title in {"PRECEDENCE RELATIONS", "REQUESTS/DURATIONS", "RESOURCEAVAILABILITIES"}:
            rows = found.setdefault(title, [])
        elif line.strip() and not re.search("[^0-9 \t]", line):
            rows.append([int(number) for number in _NUMBERS.findall(line)])
    return found


def solved(paths: list[Path], limit: float) -> Iterator[dict[str, object]]:
    for path in paths:
        instance = read(path)
        began = time.perf_counter()
        schedule = shortest(instance.works, instance.capacity, effort=limit)
        yield {
            "instance": instance.name,
            "makespan": schedule.makespan,
            "lower_bound": schedule.bound,
            "optimal": schedule.is_proven,
            "seconds": round(time.perf_counter() - began, 3),
        }


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.psplib", description=__doc__)
    parser.add_argument("directory", type=Path, metavar="DIR")
    parser.add_argument("--limit", type=float, default=1.0, metavar="SECONDS")
    given = parser.parse_args(words)
    if given.limit <= 0:
        parser.error("--limit has to be above 0")
    paths = sorted(given.directory.glob("**/*.sm"))
    if not paths:
        parser.error(f"there is no file .sm in {given.directory}")
    try:
        for line in solved(paths, given.limit):
            print(json.dumps(line), flush=True)
    except ValueError as fault:
        print(fault, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
