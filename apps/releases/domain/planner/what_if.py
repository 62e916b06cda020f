"""What would gain time: the plan again with one thing changed, ranked by the margin that it gains.

The margin is how long the go/no-go decision may wait: the point of no return less the minute at
which its evidence is complete. Whatever breaks what remains is vetoed; it is told all the same,
because somebody will propose it. What has begun, and so is pinned, stays as it is.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from apps.releases.domain.planner.plan import Plan, plan
from apps.releases.domain.planner.solver import EFFORT
from apps.releases.domain.planner.work import Role, Work

Kind = Literal["capacity", "cutoff", "drop", "move", "pre_stage", "split"]
#: By how many minutes another cut-off is tried, later and earlier.
CUTOFF_SHIFTS = (60, 30, 15, -15, -30, -60)
#: A check shorter than this is not worth two people.
SPLIT_FROM = 10
#: Of many steps, the longest that may run early and the last that validate are tried.
MOST_STEPS = 8


@dataclass(frozen=True, slots=True)
class Veto:
    """Why something may not be recommended: the code of a rule, and what it says."""

    rule: str
    text: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.text}"


@dataclass(frozen=True, slots=True)
class _Half:
    """The key of a half of a step: what it is of, and how much of it one person did before."""

    of: Hashable
    after: int


@dataclass(frozen=True, slots=True)
class Around:
    """What may be changed about a night.

    `teams` are the resources that are people; `closes` is when the window closes, in minutes
    after its opening; `batch` is when the first job starts on what changes, and which; `early` are
    the steps of a kind that may run before the window; `windows` are others to which a package may
    be moved. `against` are the vetoes by (package, window); the window is empty where the package
    is dropped.
    """

    teams: frozenset[str] = frozenset()
    closes: int | None = None
    batch: tuple[int, str] | None = None
    early: frozenset[Hashable] = frozenset()
    windows: tuple[str, ...] = ()
    against: Mapping[tuple[str, str], Sequence[Veto]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WhatIf:
    """One thing changed, and what comes of it; minutes after opening. `gain` is of margin; `short`
    tells of each fit by how many minutes it is missed then."""

    kind: Kind
    subject: str
    text: str
    gain: int
    margin: int
    go_ready: int
    no_return: int
    makespan: int
    vetoes: tuple[Veto, ...] = ()
    short: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_recommended(self) -> bool:
        return self.gain > 0 and not self.vetoes

    @property
    def rank(self) -> tuple[bool, int, str, str]:
        """Recommended first by what it gains, vetoed last."""
        return bool(self.vetoes), -self.gain, self.kind, self.subject


def what_ifs(base: Plan, around: Around, *, effort: float = EFFORT) -> tuple[WhatIf, ...]:
    """Every single thing that can be changed about the plan, the best first and vetoed ones last.

    Those that ask for another plan have half the `effort` of one together.
    """
    changed = list(_changed(base, around))
    each = effort / 2 / max(1, len(changed))
    cutoffs = _cutoffs(base, around)
    found = [
        *_more_people(base, around),
        *(_told(base, kind, subject, text, other, vetoes)
          for kind, subject, text, other, vetoes in cutoffs),
        *(_told(base, kind, subject, text, _planned(base, works, each), vetoes)
          for kind, subject, text, works, vetoes in changed),
    ]  # fmt: skip
    return tuple(sorted([*found, *_moved(found, around)], key=lambda each: each.rank))


def _planned(base: Plan, works: Sequence[Work], effort: float) -> Plan:
    """Whatever is changed here leaves the plan as it was possible."""
    known = dict(base.schedule.starts)
    for work in works:
        if isinstance(work.key, _Half):
            known[work.key] = known[work.key.of] + work.key.after
    kept = {work.key: known[work.key] for work in works}
    return plan(base.night, works, effort=effort, known=kept)


def _told(
    base: Plan, kind: Kind, subject: str, text: str, other: Plan, vetoes: Iterable[Veto] = ()
) -> WhatIf:
    return WhatIf(
        kind, subject, text,
        gain=other.margin - base.margin,
        margin=other.margin,
        go_ready=other.go_ready,
        no_return=other.no_return,
        makespan=other.makespan,
        vetoes=tuple(vetoes),
        short={fit.code: fit.short for fit in other.fits.values()},
    )  # fmt: skip


def _more_people(base: Plan, around: Around) -> Iterator[WhatIf]:
    """One more in each team that is planned; where nobody waits for it, nothing comes of it."""
    used = {name for work in base.works for name in work.needs}
    for team in sorted(used & around.teams):
        other = base.with_one_more.get(team, base)
        yield _told(base, "capacity", team, f"One more person in {team}", other)


def _cutoffs(base: Plan, around: Around) -> Iterator[tuple[Kind, str, str, Plan, tuple[Veto, ...]]]:
    for shift in CUTOFF_SHIFTS:
        cutoff = base.night.cutoff + shift
        if cutoff <= 0:
            continue
        word = "later" if shift > 0 else "earlier"
        vetoes: tuple[Veto, ...] = ()
        if around.closes is not None and cutoff > around.closes:
            vetoes = (Veto("window", "The window is closed by then."),)
        elif shift > 0 and around.batch is not None and cutoff > around.batch[0]:
            vetoes = (Veto("batch", f"{around.batch[1]} runs on what changes by then."),)
        text = f"The cut-off {abs(shift)} min {word}"
        yield "cutoff", f"{shift:+d}", text, base.until(cutoff), vetoes


def _changed(
    base: Plan, around: Around
) -> Iterator[tuple[Kind, str, str, Sequence[Work], Sequence[Veto]]]:
    """What asks for another plan: (kind, subject, text, steps, vetoes)."""
    works = base.works
    packages = sorted({work.package for work in works} - {""})
    if len(packages) > 1:
        for code in packages:
            left = [work for work in works if work.package != code or work.pinned is not None]
            begun = any(work.package == code for work in left)
            text = f"Drop the rest of {code}" if begun else f"Drop {code}"
            if len(left) < len(works):
                yield "drop", code, text, left, around.against.get((code, ""), ())
    for work in _early(works, around):
        text = f"Run {work.label} before the window"
        yield "pre_stage", work.label, text, [_begun(w, work) for w in works], ()
    for work in _checks(base):
        text = f"Split {work.label} between two people"
        yield "split", work.label, text, [*_split(works, work)], ()


def _moved(found: Iterable[WhatIf], around: Around) -> Iterator[WhatIf]:
    """A package that is moved leaves this night as if it were dropped."""
    for each in found:
        if each.kind == "drop":
            for window in around.windows:
                vetoes = tuple(around.against.get((each.subject, window), ()))
                text = f"Move {each.subject} to {window}"
                yield replace(each, kind="move", text=text, vetoes=vetoes)


def _early(works: Sequence[Work], around: Around) -> list[Work]:
    """Steps that nothing comes before, of a kind that may run before the window."""
    planned = {work.key for work in works}
    free = [
        w
        for w in works
        if w.key in around.early and planned.isdisjoint(w.after) and w.pinned is None
    ]
    return sorted(free, key=lambda work: (-work.minutes, work.label))[:MOST_STEPS]


def _begun(work: Work, early: Work) -> Work:
    """The step takes no time of the night; what it did still has to be undone in it."""
    return replace(work, minutes=0, earliest=0) if work.key == early.key else work


def _checks(base: Plan) -> list[Work]:
    """Steps that validate and are worth two people, those that end last first."""
    ends = {slot.work.key: slot.end for slot in base.slots}
    checks = [
        w
        for w in base.works
        if w.role is Role.VALIDATE and w.minutes >= SPLIT_FROM and w.pinned is None
    ]
    return sorted(checks, key=lambda work: (-ends[work.key], work.label))[:MOST_STEPS]


def _split(works: Sequence[Work], check: Work) -> Iterator[Work]:
    """The check in two halves, both between what it waits for and what waits for it."""
    first, rest = check.minutes - check.minutes // 2, check.minutes // 2
    halves = {_Half(check.key, 0): first, _Half(check.key, first): rest}
    for work in works:
        if work.key == check.key:
            for number, (key, minutes) in enumerate(halves.items(), start=1):
                yield replace(work, key=key, label=f"{work.label}/{number}", minutes=minutes)
        elif check.key in work.after:
            yield replace(work, after=work.after - {check.key} | halves.keys())
        else:
            yield work
