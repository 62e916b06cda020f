"""The picture of a plan, from rows to percent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from apps.releases.domain.picture import NARROWEST, Picture, Step, draw

ZONE = ZoneInfo("Europe/Amsterdam")
OPENS = datetime(2026, 11, 21, 21, 0, tzinfo=UTC)
CUTOFF = OPENS + timedelta(hours=6)


def step(label: str, at: int | None, minutes: int = 30, **more: object) -> Step:
    """A planned step `at` minutes after the window opens."""
    start = None if at is None else OPENS + timedelta(minutes=at)
    return replace(Step("OPS", label, "", "planned", minutes, start), **more)  # type: ignore[arg-type]


def drawn(*steps: Step, after: int = 0, cutoff_at: datetime | None = CUTOFF) -> Picture:
    now = OPENS + timedelta(minutes=after)
    picture = draw(steps, now=now, cutoff_at=cutoff_at, zone=ZONE)
    assert picture is not None
    return picture


def kinds(picture: Picture) -> list[list[str]]:
    return [[rect.kind for rect in bar.rects] for bar in picture.bars]


def test_a_plan_without_times_has_no_picture() -> None:
    assert draw([step("A1", None)], now=OPENS, cutoff_at=CUTOFF, zone=ZONE) is None


def test_moments_lie_where_they_are_between_the_first_and_the_last_tick() -> None:
    picture = drawn(step("A1", 0), step("A2", 60), cutoff_at=OPENS + timedelta(minutes=120))
    assert [tick.text for tick in picture.ticks][:3] == ["22:00", "22:15", "22:30"]
    last = len(picture.ticks) - 1
    assert picture.bars[1].x == f"{100 * 4 / last:.3f}"
    assert picture.bars[1].rects[0].width == f"{100 * 2 / last:.3f}"


def test_midnight_is_told_by_its_day() -> None:
    assert "Sun 22" in [tick.text for tick in drawn(step("A1", 0)).ticks]


def test_what_happened_stands_in_front_of_the_plan() -> None:
    ran = step("A1", 0, state="completed", started_at=OPENS, ended_at=OPENS + timedelta(minutes=9))
    runs = step("A2", 30, state="in_progress", started_at=OPENS + timedelta(minutes=35))
    failed = replace(ran, label="A3", state="failed")
    ready, skipped = step("A4", 90, state="ready"), step("A5", 150, state="skipped")
    assert kinds(drawn(ran, after=400)) == [["plan", "done"]]
    assert kinds(drawn(runs, after=40)) == [["plan", "run", "rest"]]
    assert kinds(drawn(runs, after=300)) == [["plan", "run"]]
    assert kinds(drawn(failed)) == [["plan", "fail"]]
    assert drawn(failed).bars[0].text.startswith("A3 failed")
    assert kinds(drawn(ready, skipped)) == [["ready"], ["skip"]]


def test_a_step_that_runs_late_grows_until_now() -> None:
    runs = step("A1", 0, minutes=10, state="in_progress", started_at=OPENS)
    short, long = (drawn(runs, after=after).bars[0].rects[1].width for after in (20, 200))
    assert round(float(long) / float(short), 1) == 10


def test_an_earlier_attempt_of_a_step_that_waits_again_is_not_drawn() -> None:
    again = step("A1", 60, state="ready", started_at=OPENS, ended_at=OPENS)
    assert kinds(drawn(again)) == [["ready"]]


def test_lanes_are_teams_and_steps_that_meet_stand_in_rows() -> None:
    picture = drawn(
        step("A1", 0, 60), step("A2", 30, 60), step("A3", 240), step("B1", 10, lane="STOR")
    )
    assert picture.lanes == ("OPS", "", "STOR")
    assert [bar.y for bar in picture.bars] == [39, 39, 75, 111]
    assert picture.height > picture.bottom > picture.bars[-1].y


def test_two_steps_that_look_the_same_are_both_drawn() -> None:
    assert len(drawn(step("A1", 0), step("A1", 0)).bars) == 2


def test_a_title_is_cut_where_the_next_step_begins() -> None:
    first = step("A1", 0, title="Take a copy of the master files before the conversion begins")
    assert drawn(first).bars[0].text == f"A1 {first.title}"
    assert drawn(first, step("A2", 120)).bars[0].text.endswith("…")
    assert drawn(first, step("A2", 45, 5)).bars[0].text == "A1"


def test_now_is_drawn_only_during_the_night() -> None:
    plan = step("A1", 0)
    assert [mark.kind for mark in drawn(plan, after=-60).marks] == ["cut"]
    assert [mark.text for mark in drawn(plan, after=98).marks] == ["now 23:38", "cut-off 04:00"]
    assert [mark.kind for mark in drawn(plan, after=1000).marks] == ["cut"]


def test_beyond_the_cut_off_the_picture_is_shaded() -> None:
    picture = drawn(step("A1", 0, 600))
    assert picture.beyond is not None
    assert float(picture.beyond.x) + float(picture.beyond.width) == 100.0
    assert drawn(step("A1", 0), cutoff_at=None).beyond is None


def test_a_night_of_25_hours_keeps_its_lengths() -> None:
    begin = datetime(2026, 10, 24, 22, 0, tzinfo=UTC)
    hour = replace(step("A1", 0, 60), planned_start_at=begin)
    later = replace(hour, label="A2", planned_start_at=begin + timedelta(hours=4))
    picture = draw([hour, later], now=begin, cutoff_at=None, zone=ZONE)
    assert picture is not None
    widths = {bar.rects[0].width for bar in picture.bars}
    assert len(widths) == 1


@given(
    st.lists(
        st.tuples(st.integers(-500, 500), st.integers(1, 1440), st.sampled_from(["OPS", "DBA"])),
        min_size=1,
        max_size=12,
    ),
    st.integers(-1000, 1000),
)
def test_nothing_leaves_the_picture_and_no_two_steps_of_a_row_meet(
    plan: list[tuple[int, int, str]], after: int
) -> None:
    steps = [step(f"S{n}", at, minutes, lane=lane) for n, (at, minutes, lane) in enumerate(plan)]
    picture = drawn(*steps, after=after)
    rows: dict[int, list[tuple[float, float]]] = {}
    for bar in picture.bars:
        for rect in bar.rects:
            left, width = float(rect.x), float(rect.width)
            assert -0.01 <= left <= left + width <= 100.01
            rows.setdefault(bar.y, []).append((left, left + width))
    for spans in rows.values():
        for (_, right), (left, _) in pairwise(spans):
            assert left >= right - 0.01
    assert all(0 <= float(mark.x) <= 100 - 7500 / NARROWEST for mark in picture.marks)
