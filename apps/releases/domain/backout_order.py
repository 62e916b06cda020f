"""The way back of what has really been done: which backout steps run, and in which order.

Last done, first undone: the backout of a step waits for that of every step that came after it, over
the order of the plan or because both worked on the same asset. What was not done is not undone.

Steps that the whole window shares are undone with the package that was built on them, unless
somebody else still needs them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

#: States of a step after which there is something to undo; one that runs leaves something, too.
LEFT_SOMETHING = frozenset({"completed", "failed", "in_progress", "paused"})
#: Whose a step is: of the package that is taken back, of the whole window, of a package that goes
#: on, or of one that is taken back as well.
OWN, SHARED, OTHER, GOING_BACK = "own", "shared", "other", "going_back"


@dataclass(frozen=True, slots=True)
class Back:
    """One backout step."""

    key: UUID
    label: str
    state: str = "planned"


@dataclass(frozen=True, slots=True)
class Forward:
    """One step that goes forward, as it stands now; `backs` undo it. Of another package, `package`
    is its code, and `place` says whether that is still built on what is below it."""

    key: UUID
    label: str
    title: str = ""
    state: str = "planned"
    after: frozenset[UUID] = frozenset()
    assets: Mapping[UUID, str] = field(default_factory=dict)
    started_at: datetime | None = None
    irreversible: bool = False
    alters: bool = True
    place: str = OWN
    package: str = ""
    backs: tuple[Back, ...] = ()

    @property
    def left_something(self) -> bool:
        return self.state in LEFT_SOMETHING


@dataclass(frozen=True, slots=True)
class Wait:
    """That the backout step `after` waits for `before`, and why, in a few words."""

    before: Back
    after: Back
    why: str


@dataclass(frozen=True, slots=True)
class Line:
    """A backout step with its place in the way back, from 1, and the step that it undoes."""

    number: int
    back: Back
    undoes: Forward


@dataclass(frozen=True, slots=True)
class Kept:
    """A shared step that stays as it is, and who still needs it."""

    step: Forward
    needed_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WayBackPlan:
    """`idle` undo nothing and do not run; `final` are done steps that cannot be undone and have no
    way back: what makes up for them, people have to say. `kept` are shared and stay."""

    lines: tuple[Line, ...]
    waits: tuple[Wait, ...]
    idle: tuple[Back, ...]
    final: tuple[Forward, ...]
    kept: tuple[Kept, ...] = ()


def generate(steps: Iterable[Forward], known: Iterable[tuple[UUID, UUID]] = ()) -> WayBackPlan:
    """The way back from here. `known` are (before, after) pairs of backout steps that people have
    ordered: nothing is added that would turn their order round."""
    rows = {step.key: step for step in steps}
    behind = _behind(rows)
    own = [step for step in rows.values() if step.place == OWN]
    done = [step for step in own if step.left_something]
    below = [
        step
        for step in rows.values()
        if step.place == SHARED
        and step.left_something
        and step.backs
        and any(each.key in behind[step.key] for each in done)
    ]
    kept = [Kept(step, names) for step in below if (names := _needing(step, below, rows, behind))]
    staying = {each.step.key for each in kept}
    undone = sorted(
        (s for s in [*done, *below] if s.backs and s.key not in staying),
        key=lambda step: _when(step, behind), reverse=True,
    )  # fmt: skip
    first = [*_waits(undone, rows, behind), *_across(undone, rows, behind)]
    waits = _without_circles(first, known)
    order = [(back, step) for step in undone for back in step.backs]
    return WayBackPlan(
        tuple(
            Line(number, back, step)
            for number, (back, step) in enumerate(_sorted(order, waits, known), start=1)
        ),
        waits,
        tuple(back for step in own if not step.left_something for back in step.backs),
        tuple(
            sorted(
                (s for s in done if s.irreversible and not s.backs),
                key=lambda step: step.label,
            )
        ),
        tuple(sorted(kept, key=lambda each: each.step.label)),
    )


def _needing(
    step: Forward,
    below: Sequence[Forward],
    rows: Mapping[UUID, Forward],
    behind: Mapping[UUID, set[UUID]],
) -> tuple[str, ...]:
    """Who builds on a shared step and goes on: other packages, and what the window did on top."""
    with_it = {each.key for each in below}
    after = [rows[key] for key in behind[step.key]]
    packages = {each.package for each in after if each.place == OTHER}
    shared = {
        f"step {each.label}"
        for each in after
        if each.place == SHARED
        and each.left_something
        and (each.alters or each.irreversible)
        and each.key not in with_it
    }
    return (*sorted(packages), *sorted(shared))


def _across(
    undone: Sequence[Forward], rows: Mapping[UUID, Forward], behind: Mapping[UUID, set[UUID]]
) -> Iterator[Wait]:
    """What is shared waits for what other packages, which are taken back as well, did on it."""
    for step in undone:
        if step.place != SHARED:
            continue
        for other in sorted((rows[key] for key in behind[step.key]), key=lambda each: each.label):
            if other.place == GOING_BACK and other.left_something:
                why = f"{other.label} of {other.package} came after {step.label}"
                yield from (Wait(b, after, why) for b in other.backs for after in step.backs)


def _behind(rows: Mapping[UUID, Forward]) -> dict[UUID, set[UUID]]:
    """For every step all that come after it, over any number of steps."""
    followers: dict[UUID, set[UUID]] = {key: set() for key in rows}
    for step in rows.values():
        for before in step.after:
            if before in followers:
                followers[before].add(step.key)
    found: dict[UUID, set[UUID]] = {}
    for key in rows:
        seen: set[UUID] = set()
        queue = list(followers[key])
        while queue:
            each = queue.pop()
            if each not in seen:
                seen.add(each)
                queue += followers[each]
        found[key] = seen - {key}
    return found


def _when(step: Forward, behind: Mapping[UUID, set[UUID]]) -> tuple[float, int, str]:
    started = step.started_at.timestamp() if step.started_at else 0.0
    return started, -len(behind[step.key]), step.label


def _waits(
    undone: Sequence[Forward],
    rows: Mapping[UUID, Forward],
    behind: Mapping[UUID, set[UUID]],
) -> list[Wait]:
    """Of every two steps of which one came later, without what follows from others of these."""
    later: dict[UUID, dict[UUID, str]] = {}
    for step in undone:
        later[step.key] = {}
        for other in undone:
            if other is not step and (why := _came_later(other, step, behind)):
                later[step.key][other.key] = why
    found = []
    for step in undone:
        for key, why in later[step.key].items():
            # Through another one that waits and is waited for, it follows by itself.
            between = any(key in later.get(mid, {}) for mid in later[step.key] if mid != key)
            if not between:
                found += [
                    Wait(before, after, why) for before in rows[key].backs for after in step.backs
                ]
    return found


def _came_later(other: Forward, step: Forward, behind: Mapping[UUID, set[UUID]]) -> str:
    if other.key in behind[step.key]:
        return f"{other.label} came after {step.label}"
    if step.key in behind[other.key]:
        return ""
    shared = sorted(step.assets[key] for key in step.assets.keys() & other.assets.keys())
    if not shared or step.started_at is None or other.started_at is None:
        return ""
    if (other.started_at, other.label) > (step.started_at, step.label):
        return f"{other.label} worked on {shared[0]} after {step.label}"
    return ""


def _without_circles(waits: Iterable[Wait], known: Iterable[tuple[UUID, UUID]]) -> tuple[Wait, ...]:
    after: dict[UUID, set[UUID]] = {}
    for before, follower in known:
        after.setdefault(before, set()).add(follower)
    kept = []
    for wait in waits:
        if not _reaches(wait.after.key, wait.before.key, after):
            after.setdefault(wait.before.key, set()).add(wait.after.key)
            kept.append(wait)
    return tuple(kept)


def _reaches(start: UUID, goal: UUID, after: Mapping[UUID, set[UUID]]) -> bool:
    seen, queue = {start}, [start]
    while queue:
        key = queue.pop()
        if key == goal:
            return True
        fresh = after.get(key, set()) - seen
        seen |= fresh
        queue += fresh
    return False


def _sorted(
    order: Sequence[tuple[Back, Forward]],
    waits: Iterable[Wait],
    known: Iterable[tuple[UUID, UUID]],
) -> Iterator[tuple[Back, Forward]]:
    """`order` as far as the waits let it; they are in no circle with what is left."""
    here = {back.key for back, _ in order}
    before: dict[UUID, set[UUID]] = {key: set() for key in here}
    for first, then in [*((w.before.key, w.after.key) for w in waits), *known]:
        if first in here and then in here:
            before[then].add(first)
    left = list(order)
    while left:
        free = next((each for each in left if not before[each[0].key]), left[0])
        left.remove(free)
        for waiting in before.values():
            waiting.discard(free[0].key)
        yield free
