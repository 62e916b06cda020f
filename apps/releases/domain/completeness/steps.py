"""New steps that a rule proposes, and their place among those of the plan."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps.releases.domain.completeness.facts import AssetFacts, Facts
from apps.releases.domain.findings import Fix
from apps.releases.domain.sequence import ahead

TITLE_LONGEST = 160
_COPIES = ("SCM_EXECUTE", "COPY_LOAD")
_BINDS = ("BIND_PACKAGE", "REBIND")
_DEFINES = ("IDCAMS_DEFINE", "GDG_DEFINE")

#: Type of step → the types whose steps run before it, as the ordering rules have it.
RUNS_AFTER: Mapping[str, tuple[str, ...]] = {
    "BIND_PACKAGE": ("SCM_EXECUTE", "COPY_DBRM", "DDL", "REORG", "RUNSTATS"),
    "REBIND": ("DDL", "REORG", "RUNSTATS"),
    "REORG": ("DDL",),
    "RUNSTATS": ("DDL", "REORG"),
    "LLA_REFRESH": _COPIES,
    "NEWCOPY": (*_COPIES, *_BINDS, "LLA_REFRESH", "CICS_INSTALL"),
    "PHASEIN": (*_COPIES, *_BINDS, "LLA_REFRESH", "CICS_INSTALL"),
    "CONVERT_DATA": ("BACKUP_DATA", "CLOSE_FILE", *_DEFINES),
    "OPEN_FILE": ("CONVERT_DATA", "LLA_REFRESH"),
    "PSBGEN": ("SCM_EXECUTE", "DBDGEN"),
    "ACBGEN": ("SCM_EXECUTE", "DBDGEN", "PSBGEN"),
    "IMS_OLC": ("ACBGEN",),
    "SCHED_LOAD": ("SCM_EXECUTE", "COPY_JCL", "SECURITY", *_DEFINES),
    "PLAN_EXTEND": ("SCHED_LOAD",),
    "SMOKE_JOB": (*_BINDS, *_DEFINES, "LLA_REFRESH", "CONVERT_DATA", "IMS_OLC", "SECURITY"),
    "SMOKE_ONLINE": (*_BINDS, "NEWCOPY", "PHASEIN", "IMS_OLC"),
    "RECON": ("CONVERT_DATA",),
}


@dataclass(frozen=True, slots=True)
class NewStep:
    type: str
    title: str
    targets: Sequence[AssetFacts] = ()
    reverses: str = ""


def add_steps(label: str, facts: Facts, steps: Iterable[NewStep]) -> Fix | None:
    """The steps as rows of a fix, each after those that it needs and before those that need it;
    None without steps, or without a package to plan them in."""
    wanted = list(steps)
    if not wanted or facts.package is None:
        return None
    plan = _Plan(facts)
    return Fix("add_steps", label, tuple(plan.add(step) for step in wanted))


def next_label(used: Collection[str]) -> str:
    """A label that is free, in the style of the plan: after A1 and A2 it is A3."""
    first = next((m for m in map(_NUMBERED.fullmatch, used) if m), None)
    letters = first[1] if first else "N"
    numbers = [int(m[2]) for m in map(_NUMBERED.fullmatch, used) if m and m[1] == letters]
    return f"{letters}{max(numbers, default=0) + 1}"


_NUMBERED = re.compile(r"([A-Z]+)(\d{1,4})")


class _Plan:
    """The package's own plan while steps are added to it."""

    def __init__(self, facts: Facts) -> None:
        self._package = str(facts.package)
        self._used = [step.label for step in facts.own]
        self._types = {step.label: step.type for step in facts.own if not step.is_backout}
        self._after = {step.label: set(step.predecessors) for step in facts.own}
        self._new: set[str] = set()

    def add(self, step: NewStep) -> dict[str, Any]:
        label = next_label(self._used)
        after, ahead_of = ((), ()) if step.reverses else self._place(step.type)
        self._used.append(label)
        self._new.add(label)
        self._after[label] = set(after)
        if not step.reverses:
            self._types[label] = step.type
        for each in ahead_of:
            self._after[each].add(label)
        row: dict[str, Any] = {
            "package": self._package,
            "label": label,
            "type": step.type,
            "title": step.title[:TITLE_LONGEST],
            "targets": [str(asset.id) for asset in step.targets],
            "after": list(after),
            "before": list(ahead_of),
        }
        return row | ({"reverses": step.reverses} if step.reverses else {})

    def _place(self, kind: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Labels it runs after, and those it runs before: never one that has to come first."""
        after = tuple(
            label for label, other in self._types.items() if other in RUNS_AFTER.get(kind, ())
        )
        earlier = {*after} | ahead(after, self._after)
        ahead_of = tuple(
            label
            for label, other in self._types.items()
            if kind in RUNS_AFTER.get(other, ()) and label not in earlier | self._new
        )
        return after, ahead_of
