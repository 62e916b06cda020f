"""A running night by team: the plan as a ghost, what happened, and what is still to come.

Unlike the picture of a plan, a lane is one row with the ghosts as a thin strip above, for what is
planned and what happens lie far apart in a late night.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from apps.releases.domain.picture import TOP, Axis, Line, Mark, Rect, clock_of, stacked

ROW, FOOT = 38, 22
_GHOST_Y, _GHOST_HEIGHT = 4, 6
_BAR_Y, _BAR_HEIGHT = 13, 19
_TEXT_Y = 27
_LETTER, _PAD, _GAP = 6.6, 5, 5
#: A mark's first row of words; see `stacked`.
_MARK_Y = 15


@dataclass(frozen=True, slots=True)
class Task:
    """A step: when it was to run, and when it ran, runs or will run. `kind` is the second half of
    the CSS class of its bar: done, run, fail, wait, back or proj."""

    lane: str
    label: str
    title: str
    kind: str
    begin: datetime
    end: datetime
    planned: tuple[datetime, datetime] | None = None
    note: str = ""
    is_critical: bool = False

    @property
    def words(self) -> str:
        return f"{self.label} {self.note}".strip()


@dataclass(frozen=True, slots=True)
class Label:
    """Words at `x` percent and `dx` pixels; `is_inside` when they lie on the bar."""

    text: str
    x: str
    dx: int
    y: int
    is_inside: bool


@dataclass(frozen=True, slots=True)
class Bar:
    rects: tuple[Rect, ...]
    label: Label
    story: str
    is_critical: bool


@dataclass(frozen=True, slots=True)
class LivePicture:
    """`lanes` holds one name per row, empty for a further row of the same lane."""

    lanes: tuple[str, ...]
    ghosts: tuple[Rect, ...]
    bars: tuple[Bar, ...]
    ticks: tuple[Line, ...]
    marks: tuple[Line, ...]
    rows: tuple[int, ...]
    beyond: Rect | None
    summary: str
    top: int

    @property
    def bottom(self) -> int:
        return self.top + ROW * len(self.lanes)

    @property
    def height(self) -> int:
        return self.bottom + FOOT

    @property
    def axis_y(self) -> int:
        return self.bottom + 15

    @property
    def mark_rows(self) -> int:
        return 1 + (self.top - TOP) // 14


def draw_live(
    tasks: Iterable[Task],
    *,
    now: datetime,
    zone: tzinfo,
    marks: Sequence[Mark],
    gap: tuple[datetime, datetime] | None = None,
    summary: str = "",
) -> LivePicture | None:
    """The picture; None without a step. `gap` is the time without a way back, drawn red."""
    found = sorted(tasks, key=lambda task: (task.begin, task.end, task.label))
    if not found:
        return None
    marked = [*marks, Mark("now", "now", now)]
    moments = [mark.at for mark in marked]
    edges = [at for task in found for at in (task.begin, task.end, *(task.planned or ()))]
    axis = Axis.over([*edges, *moments], moments, zone)
    lines = stacked(marked, axis)
    top = TOP + max((line.y - _MARK_Y for line in lines), default=0)
    rows = list(_rows(found, axis))
    firsts = {lane: number for number, (lane, _) in reversed(list(enumerate(rows))) if lane}
    return LivePicture(
        lanes=tuple(lane for lane, _ in rows),
        ghosts=tuple(
            axis.rect(
                "plan", *task.planned, top + ROW * firsts[task.lane] + _GHOST_Y, _GHOST_HEIGHT
            )
            for task in found
            if task.planned
        ),
        bars=tuple(
            _bar(task, axis, now, top + ROW * number)
            for number, (_, row) in enumerate(rows)
            for task in row
        ),
        ticks=axis.ticks(),
        marks=lines,
        rows=tuple(top + ROW * number for number in range(len(rows) + 1)),
        beyond=axis.rect("gap", *gap, top, ROW * len(rows)) if gap else None,
        summary=summary,
        top=top,
    )  # fmt: skip


def _rows(tasks: Sequence[Task], axis: Axis) -> Iterator[tuple[str, list[Task]]]:
    """(lane, steps) of each row; lanes as they begin, steps that would meet in rows."""
    lanes: dict[str, list[Task]] = {}
    for task in sorted(tasks, key=lambda each: min(each.begin, *(each.planned or (each.begin,)))):
        lanes.setdefault(task.lane, [])
    for task in tasks:
        lanes[task.lane].append(task)
    for lane, found in lanes.items():
        rows: list[list[Task]] = []
        edges: list[float] = []
        for task in found:
            left = axis.pixels(task.begin)
            number = next((n for n, edge in enumerate(edges) if edge <= left + 0.5), len(edges))
            if number == len(rows):
                rows.append([])
                edges.append(0.0)
            rows[number].append(task)
            edges[number] = max(axis.pixels(task.end), left + _wide(task.label, axis, task))
        yield from ((lane if not number else "", row) for number, row in enumerate(rows))


def _wide(text: str, axis: Axis, task: Task) -> float:
    """Pixels that the bar takes with its label: beside it where the bar is too short for it."""
    length = axis.pixels(task.end) - axis.pixels(task.begin)
    words = len(text) * _LETTER + _PAD
    return length if words + _PAD <= length else length + words + _GAP


def _bar(task: Task, axis: Axis, now: datetime, y: int) -> Bar:
    critical = " is-critical" if task.is_critical else ""
    if task.kind == "run" and task.begin < now < task.end:
        rects: tuple[Rect, ...] = (
            axis.rect(f"rest{critical}", now, task.end, y + _BAR_Y, _BAR_HEIGHT),
            axis.rect("run", task.begin, now, y + _BAR_Y, _BAR_HEIGHT),
        )
    else:
        kind = f"{task.kind}{critical if task.kind == 'proj' else ''}"
        rects = (axis.rect(kind, task.begin, task.end, y + _BAR_Y, _BAR_HEIGHT),)
    until = now if task.kind == "run" else task.end
    room = axis.pixels(until) - axis.pixels(task.begin) - _PAD
    text = next((each for each in _wordings(task) if len(each) * _LETTER + _PAD <= room), "")
    if text:
        label = Label(text, axis.at(task.begin), _PAD, y + _TEXT_Y, is_inside=True)
    else:
        label = Label(task.label, axis.at(task.end), _GAP, y + _TEXT_Y, is_inside=False)
    return Bar(rects, label, _story(task, axis.zone), task.is_critical)


def _wordings(task: Task) -> Iterator[str]:
    yield f"{task.label} {task.title} {task.note}".strip()
    yield task.words
    yield task.label


def _story(task: Task, zone: tzinfo) -> str:
    told = [f"{task.label} {task.title}"]
    if task.planned:
        told.append(
            f"planned {clock_of(task.planned[0], zone)} to {clock_of(task.planned[1], zone)}"
        )
    word = {"proj": "projected", "run": "runs, projected"}.get(task.kind, "ran")
    told.append(f"{word} {clock_of(task.begin, zone)} to {clock_of(task.end, zone)}")
    if task.is_critical:
        told.append("drives the end")
    return "; ".join(told)


@dataclass(frozen=True, slots=True)
class Track:
    """The way back and the work until the decision on one scale, x in percent of the width."""

    now: str
    no_return: str
    go: str
    cutoff: str
    overlap: str
    width: str
    is_late: bool
    go_anchor: str
    return_anchor: str


def track(now: datetime, no_return: datetime, go: datetime, cutoff: datetime) -> Track:
    """From `now` to the cut-off, or to what lies behind it."""
    first, last = 4.0, 96.0
    end = max(cutoff, go, no_return, now)
    span = max((end - now).total_seconds(), 1.0)

    def x(moment: datetime) -> float:
        return first + (last - first) * max((moment - now).total_seconds(), 0.0) / span

    at_return, at_go = x(no_return), x(go)
    is_late = go > no_return
    left, right = sorted((at_return, at_go))
    return Track(
        now=f"{first:.3f}",
        no_return=f"{at_return:.3f}",
        go=f"{at_go:.3f}",
        cutoff=f"{x(cutoff):.3f}",
        overlap=f"{left:.3f}",
        width=f"{right - left:.3f}",
        is_late=is_late,
        go_anchor="start" if at_go < 70 and is_late else "end",
        return_anchor="end" if is_late and at_return > 25 else "start",
    )
