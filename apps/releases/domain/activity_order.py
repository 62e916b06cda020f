"""The order of steps: cycles, which may begin, and in which order they are undone."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

#: States of a predecessor that let its successor begin.
SATISFIED = frozenset({"completed", "skipped"})
#: States of a step that left something to undo.
DONE = frozenset({"completed", "failed"})


@dataclass(frozen=True, slots=True)
class Step:
    """One step as the order sees it; `after` are the keys of its hard predecessors."""

    key: UUID
    label: str
    state: str
    after: frozenset[UUID] = frozenset()
    held: bool = False
    not_before_at: datetime | None = None
    is_backout: bool = False
    reverses: UUID | None = None


def unfinished(step: Step, steps: Mapping[UUID, Step]) -> list[Step]:
    """Hard predecessors that keep `step` from beginning, by label."""
    return sorted(
        (steps[key] for key in step.after if key in steps and steps[key].state not in SATISFIED),
        key=lambda before: before.label,
    )


def to_undo_first(step: Step, steps: Mapping[UUID, Step]) -> list[Step]:
    """What must be undone before the backout step `step` may begin: last done, first undone.

    These are the done steps that have a backout step of their own and follow, over any number
    of hard edges, the step that `step` reverses.
    """
    followers: dict[UUID, list[UUID]] = {}
    for other in steps.values():
        for before in other.after:
            followers.setdefault(before, []).append(other.key)
    undoable = {other.reverses for other in steps.values() if other.is_backout}
    if step.reverses is None:
        return []
    seen = {step.reverses}
    queue = deque([step.reverses])
    found = []
    while queue:
        for key in followers.get(queue.popleft(), ()):
            if key in seen:
                continue
            seen.add(key)
            queue.append(key)
            if key in undoable and steps[key].state in DONE:
                found.append(steps[key])
    return sorted(found, key=lambda other: other.label)


def ready_steps(steps: Mapping[UUID, Step], at: datetime, *, undoing: bool = False) -> list[Step]:
    """Planned steps that may begin at `at`, by label: backout steps when `undoing`, else others.

    A backout step also waits until the step it reverses left something to undo.
    """
    found = []
    for step in steps.values():
        if step.state != "planned" or step.is_backout is not undoing or step.held:
            continue
        if step.not_before_at is not None and step.not_before_at > at:
            continue
        if unfinished(step, steps):
            continue
        if undoing and step.reverses is not None:
            reversed_step = steps.get(step.reverses)
            if reversed_step is None or reversed_step.state not in DONE:
                continue
            if to_undo_first(step, steps):
                continue
        found.append(step)
    return sorted(found, key=lambda step: step.label)
