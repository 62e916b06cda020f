"""Where everything of a plan lies in its picture: steps by team over time.

x runs in percent of the picture's width and y in pixels, so that text keeps its size at any width.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from apps.releases.domain import lifecycle as life

TOP, ROW, FOOT = 26, 36, 22
#: Labels are placed so that they do not meet at this width; a wider picture has more room.
NARROWEST = 640
_LETTER, _GAP = 6.4, 8
_MARK_ROOM = 12.0
#: Where the words of a mark stand, and how far below each other those that would meet.
_MARK_Y, _MARK_ROW = 15, 14
_TICKS = tuple(
    timedelta(minutes=minutes)
    for minutes in (5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10080)
)
_MOST_TICKS = 9

#: What a state adds to a step's label; the others are told by the shape of their bar.
_WORDS = {
    life.FAILED: "failed",
    life.PAUSED: "paused",
    life.SKIPPED: "skipped",
    life.BACKED_OUT: "backed out",
}
_KINDS = {life.FAILED: "fail", life.PAUSED: "wait", life.BACKED_OUT: "back"}


@dataclass(frozen=True, slots=True)
class Step:
    """A step as it is planned and as it went; moments are aware."""

    lane: str
    label: str
    title: str
    state: str
    minutes: int
    planned_start_at: datetime | None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    is_critical: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment that the whole picture is about; `kind` is the second half of its CSS class."""

    kind: str
    word: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Rect:
    """`kind` is the second half of its CSS class."""

    kind: str
    x: str
    width: str
    y: int
    height: int


@dataclass(frozen=True, slots=True)
class Bar:
    """One step: its rectangles, what is written above them, and the whole story as a title."""

    rects: tuple[Rect, ...]
    x: str
    y: int
    text: str
    story: str
    is_critical: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A vertical line with its words; `anchor` and `dx` keep them inside the picture."""

    kind: str
    x: str
    text: str
    anchor: str = "middle"
    dx: int = 0
    y: int = _MARK_Y


@dataclass(frozen=True, slots=True)
class Picture:
    """`lanes` holds one name per row, empty for a further row of the same lane."""

    lanes: tuple[str, ...]
    bars: tuple[Bar, ...]
    ticks: tuple[Line, ...]
    marks: tuple[Line, ...]
    rows: tuple[int, ...]
    beyond: Rect | None
    summary: str
    top: int = TOP

    @property
    def bottom(self) -> int:
        return self.top + ROW * len(self.lanes)

    @property
    def height(self) -> int:
        return self.bottom + FOOT

    @property
    def mark_rows(self) -> int:
        """Rows of words above the lanes."""
        return 1 + (self.top - TOP) // _MARK_ROW

    @property
    def axis_y(self) -> int:
        return self.bottom + 15


def draw(
    steps: Iterable[Step],
    *,
    now: datetime,
    cutoff_at: datetime | None,
    zone: tzinfo,
    marks: Sequence[Mark] = (),
    summary: str = "",
) -> Picture | None:
    """The picture of `steps`; None when none of them has a time yet.

    The axis spans all steps, the cut-off and the further `marks`; now is drawn where it lies in
    that span. Lanes stand in the order in which they begin, and steps that would meet in a lane
    stand in rows.
    """
    placed = [found for step in steps if (found := _placed(step, now)) is not None]
    if not placed:
        return None
    begin = min(each.begin for each in placed)
    end = max(each.end for each in placed)
    marked = [*marks, *([Mark("cut", "cut-off", cutoff_at)] if cutoff_at else [])]
    if begin <= now <= max(end, cutoff_at or end):
        marked.append(Mark("now", "now", now))
    moments = [mark.at for mark in marked]
    axis = Axis.over([begin, end, *moments], moments, zone)
    rows = list(_rows(placed, axis))
    lines = _marks(marked, axis) if len(marked) < 3 else stacked(marked, axis)
    top = TOP + max((line.y - _MARK_Y for line in lines), default=0)
    beyond = axis.rect("late", cutoff_at, axis.end, top, ROW * len(rows)) if cutoff_at else None
    return Picture(
        lanes=tuple(lane for lane, _ in rows),
        bars=tuple(
            bar for number, (_, row) in enumerate(rows)
            for bar in _bars(row, axis, now, top + ROW * number)
        ),
        ticks=axis.ticks(),
        marks=lines,
        rows=tuple(top + ROW * number for number in range(len(rows) + 1)),
        beyond=beyond,
        summary=summary or _summary([each.step for each in placed], cutoff_at, zone),
        top=top,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class _Placed:
    """A step with the first and the last moment that it takes in the picture."""

    step: Step
    begin: datetime
    end: datetime
    started_at: datetime | None
    ended_at: datetime | None


def _placed(step: Step, now: datetime) -> _Placed | None:
    waits = step.state in (life.PLANNED, life.READY)
    started_at, ended_at = (None, None) if waits else (step.started_at, step.ended_at)
    length = timedelta(minutes=step.minutes)
    begins = [at for at in (step.planned_start_at, started_at) if at]
    if not begins:
        return None
    ends = [at + length for at in begins]
    if started_at:
        ends[-1] = ended_at or max(ends[-1], now)
    return _Placed(step, min(begins), max(ends), started_at, ended_at)


@dataclass(frozen=True, slots=True)
class Axis:
    """Moments as percent of the width, on whole ticks of the wall clock of `zone`."""

    begin: datetime
    end: datetime
    tick: timedelta
    zone: tzinfo

    @classmethod
    def over(cls, moments: Sequence[datetime], marked: Sequence[datetime], zone: tzinfo) -> Axis:
        """Whole ticks around all moments, with room for words right of those that are marked."""
        first, last = min(moments).astimezone(UTC), max(moments).astimezone(UTC)
        there = first.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
        midnight = there.astimezone(UTC)
        for tick in _TICKS:
            begin = midnight + (first - midnight) // tick * tick
            end = begin + max(1, -((begin - last) // tick)) * tick
            if (end - begin) / tick <= _MOST_TICKS:
                break
        axis = cls(begin, end, tick, zone)
        while any(axis.percent(at) > 100 - _MARK_ROOM for at in marked):
            axis = cls(begin, axis.end + tick, tick, zone)
        return axis

    def percent(self, moment: datetime) -> float:
        return 100.0 * ((moment - self.begin) / (self.end - self.begin))

    def pixels(self, moment: datetime) -> float:
        return self.percent(moment) * NARROWEST / 100

    def at(self, moment: datetime) -> str:
        return f"{self.percent(moment):.3f}"

    def rect(self, kind: str, begin: datetime, end: datetime, y: int, height: int) -> Rect:
        width = max(0.0, self.percent(end) - self.percent(begin))
        return Rect(kind, self.at(begin), f"{width:.3f}", y, height)

    def ticks(self) -> tuple[Line, ...]:
        count = round((self.end - self.begin) / self.tick)
        lines = []
        for number in range(count + 1):
            there = (self.begin + number * self.tick).astimezone(self.zone)
            is_midnight = (there.hour, there.minute) == (0, 0)
            text = f"{there:%a} {there.day}" if is_midnight else f"{there:%H:%M}"
            anchor, dx = {0: ("start", 4), count: ("end", -4)}.get(number, ("middle", 0))
            lines.append(Line("grid", self.at(there), text, anchor, dx))
        return tuple(lines)


def _rows(placed: Iterable[_Placed], axis: Axis) -> Iterator[tuple[str, list[_Placed]]]:
    """(lane, steps) of each row, the lane named once; no two steps of a row meet."""
    lanes: dict[str, list[_Placed]] = {}
    for each in sorted(placed, key=lambda each: (each.begin, each.end, each.step.label)):
        lanes.setdefault(each.step.lane, []).append(each)
    for lane, steps in lanes.items():
        rows: list[list[_Placed]] = []
        edges: list[float] = []
        for each in steps:
            left = axis.pixels(each.begin)
            right = max(axis.pixels(each.end), left + len(_label(each.step)) * _LETTER) + _GAP
            number = next((n for n, edge in enumerate(edges) if edge <= left), len(rows))
            if number == len(rows):
                rows.append([])
                edges.append(0.0)
            rows[number].append(each)
            edges[number] = right
        yield from ((lane if not number else "", row) for number, row in enumerate(rows))


def _bars(row: Sequence[_Placed], axis: Axis, now: datetime, y: int) -> Iterator[Bar]:
    rights = [*(axis.pixels(each.begin) - _GAP for each in row[1:]), float(NARROWEST)]
    for each, right in zip(row, rights, strict=True):
        text = _words(each.step, right - axis.pixels(each.begin))
        rects = tuple(_rects(each, axis, now, y))
        story = _story(each, axis.zone)
        yield Bar(rects, axis.at(each.begin), y + 13, text, story, each.step.is_critical)


def _label(step: Step) -> str:
    return " ".join(filter(None, (step.label, _WORDS.get(step.state))))


def _words(step: Step, room: float) -> str:
    """The label, and as much of the title as there is room for."""
    label = _label(step)
    left = int(room / _LETTER) - len(label) - 1
    if left >= len(step.title):
        return f"{label} {step.title}"
    return f"{label} {step.title[: left - 1].rstrip()}…" if left > 8 else label


def _rects(each: _Placed, axis: Axis, now: datetime, y: int) -> Iterator[Rect]:
    """The plan as a ghost, what happened in front of it, and what is left of a step that runs."""
    step, length = each.step, timedelta(minutes=each.step.minutes)
    if step.planned_start_at:
        kind = {life.SKIPPED: "skip", life.READY: "ready"}.get(step.state, "plan")
        kind = "plan is-critical" if step.is_critical and kind == "plan" else kind
        end = step.planned_start_at + length
        yield axis.rect(kind, step.planned_start_at, end, y + 17, 14)
    if each.started_at:
        kind = _KINDS.get(step.state, "done" if each.ended_at else "run")
        until = each.ended_at or max(now, each.started_at)
        yield axis.rect(kind, each.started_at, until, y + 20, 8)
        if not each.ended_at and each.end > until:
            yield axis.rect("rest", until, max(until, each.started_at + length), y + 20, 8)


def _marks(marked: Sequence[Mark], axis: Axis) -> tuple[Line, ...]:
    """The earlier one has its words on its left, so that two close ones do not meet."""
    lines = []
    for number, mark in enumerate(sorted(marked, key=lambda mark: mark.at)):
        is_left = number < len(marked) - 1 and axis.percent(mark.at) > _MARK_ROOM
        anchor, dx = ("end", -5) if is_left else ("start", 5)
        lines.append(Line(mark.kind, axis.at(mark.at), _mark_words(mark, axis), anchor, dx))
    return tuple(lines)


def stacked(marked: Sequence[Mark], axis: Axis) -> tuple[Line, ...]:
    """Words on the right of their lines, those that would meet below each other."""
    lines = []
    edges: list[float] = []
    for mark in sorted(marked, key=lambda mark: mark.at):
        words, left = _mark_words(mark, axis), axis.pixels(mark.at)
        width = len(words) * _LETTER + 2 * _GAP
        anchor, dx = ("start", 5) if left + width <= NARROWEST else ("end", -5)
        begin = left if anchor == "start" else left - width
        row = next((n for n, edge in enumerate(edges) if edge <= begin), len(edges))
        edges[row : row + 1] = [begin + width]
        y = _MARK_Y + _MARK_ROW * row
        lines.append(Line(mark.kind, axis.at(mark.at), words, anchor, dx, y))
    return tuple(lines)


def _mark_words(mark: Mark, axis: Axis) -> str:
    return f"{mark.word} {clock_of(mark.at, axis.zone)}"


def clock_of(moment: datetime, zone: tzinfo) -> str:
    return f"{moment.astimezone(zone):%H:%M}"


def _story(each: _Placed, zone: tzinfo) -> str:
    step = each.step
    told = [f"{step.label} {step.title}: {step.state.replace('_', ' ')}"]
    if step.is_critical:
        told.append("critical")
    if step.planned_start_at:
        told.append(f"planned {clock_of(step.planned_start_at, zone)}, {step.minutes} min")
    if each.started_at:
        told.append(f"started {clock_of(each.started_at, zone)}")
    if each.ended_at:
        told.append(f"ended {clock_of(each.ended_at, zone)}")
    return "; ".join(told)


def _summary(steps: Sequence[Step], cutoff_at: datetime | None, zone: tzinfo) -> str:
    done = sum(step.state in life.ENDED_STEP for step in steps)
    words = [f"{done} of {len(steps)} steps ended"]
    for state, word in ((life.IN_PROGRESS, "running"), (life.FAILED, "failed")):
        count = sum(step.state == state for step in steps)
        if count:
            words.append(f"{count} {word}")
    if cutoff_at:
        words.append(f"cut-off {clock_of(cutoff_at, zone)}")
    return ", ".join(words)
