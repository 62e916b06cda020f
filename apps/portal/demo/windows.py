"""The windows, from their draft to what was learnt in them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time, timedelta
from functools import partial
from typing import Any

from apps.portal.demo.register import site
from apps.portal.demo.stage import NightClock, Row, Scene, acting, moment, person, read
from apps.releases.models import FirstCycleWatch
from apps.releases.services import first_cycle, night
from apps.releases.services.reservations import reserve_room
from apps.releases.services.simulation import simulate_window
from apps.windows.models import ReleaseWindow, WindowSeries
from apps.windows.services import late_batch, planning, series

COORDINATOR, MANAGER = "coordinator", "release.manager"


def scenes() -> Iterator[Scene]:
    told = read("nights.yaml")
    for code, row in told["windows"].items():
        yield from _window_scenes(code, row)
    for code, row in told["series"].items():
        yield Scene(moment(row["entered"]), partial(_enter_series, code, row))
        yield Scene(moment(row["drafted"]), partial(_draft_series, code))


def _window_scenes(code: str, row: Row) -> Iterator[Scene]:
    at = NightClock(row["opens"])
    yield Scene(at(row["drafted"]), partial(_draft_window, code, row))
    yield Scene(at(row["opened"]), partial(_move_window, planning.open_window, code, MANAGER))
    if "reserved" in row:
        when, about, hours, reason = row["reserved"]
        reserve = partial(_reserve, code, about, hours, reason)
        yield Scene(at(when), reserve)
    for when, minutes, reason in row.get("batch", ()):
        yield Scene(at(when), partial(_report_batch, code, minutes, reason))
    if "locked" in row:
        yield Scene(at(row["locked"]), planning.lock_due_scopes)
    if "simulated" in row:
        yield Scene(at(row["simulated"]["at"]), partial(_simulate, code, row["simulated"]))
    if "started" in row:
        start = partial(_move_window, night.start_window, code, COORDINATOR)
        yield Scene(at(row["started"]), start)
    if "handed_back" in row:
        hand_back = partial(_move_window, night.hand_back_window, code, COORDINATOR)
        yield Scene(at(row["handed_back"]), hand_back)
    if "first_cycle" in row:
        yield Scene(at(row["first_cycle"]), partial(_tell_first_cycle, code))
    if "closed" in row:
        close = partial(_move_window, night.close_window, code, MANAGER, row["lessons"])
        yield Scene(at(row["closed"]), close)


def _tell_first_cycle(code: str) -> None:
    """Every job that was watched ended as it does as a rule."""
    for watch in FirstCycleWatch.objects.filter(window__code=code):
        took = timedelta(minutes=watch.expected_minutes or 1)
        first_cycle.record_cycle(
            pk=watch.pk,
            actor=acting(COORDINATOR),
            rc=0,
            started_at=watch.expected_start_at,
            ended_at=watch.expected_start_at + took,
        )


def _simulate(code: str, row: Row) -> None:
    simulate_window(
        actor=acting(COORDINATOR),
        values={
            "window": ReleaseWindow.objects.get(code=code),
            "seed": row["seed"],
            "trials": row["trials"],
        },
    )


def _enter_series(code: str, row: Row) -> None:
    capacity = row["capacity"]
    series.create_series(
        actor=acting(COORDINATOR),
        values={
            "code": code,
            "name": row["name"],
            "site": site(),
            "window_type": row["type"],
            "recurrence": row["recurrence"],
            "first_day": row["first_day"],
            "horizon_days": row["days_ahead"],
            "opens_time": time.fromisoformat(row["opens"]),
            "closes_time": time.fromisoformat(row["closes"]),
            "capacity_changes": capacity["changes"],
            "capacity_points": capacity["points"],
            "max_parallel_packages": capacity["packages"],
            "reserve_percent": capacity["reserve"],
            "release_manager": person(MANAGER),
            "coordinator": person(COORDINATOR),
            "bridge": "Bridge 4, extension 7711",
        },
        parts={
            "cutoffs": [
                {
                    "kind": "batch_start",
                    "label": "CLOSEFIL",
                    "clock": time.fromisoformat(row["cutoff"]),
                }
            ]
        },
    )


def _draft_series(code: str) -> None:
    found = WindowSeries.objects.get(code=code)
    series.draft_windows(pk=found.pk, actor=acting(COORDINATOR))


def _draft_window(code: str, row: Row) -> None:
    capacity = row["capacity"]
    planning.create_window(
        actor=acting(COORDINATOR),
        values={
            "code": code,
            "name": row["name"],
            "site": site(),
            "window_type": row["type"],
            "opens_at": moment(row["opens"]),
            "closes_at": moment(row["closes"]),
            "capacity_changes": capacity["changes"],
            "capacity_points": capacity["points"],
            "max_parallel_packages": capacity["packages"],
            "capacity_binds": capacity.get("binds", 0),
            "reserve_percent": capacity["reserve"],
            "release_manager": person(MANAGER),
            "coordinator": person(COORDINATOR),
            "bridge": "Bridge 4, extension 7711",
        },
        parts={
            "cutoffs": [{"kind": "batch_start", "label": "CLOSEFIL", "at": moment(row["cutoff"])}]
        },
    )


def _reserve(code: str, about: str, hours: int, reason: str) -> None:
    window = ReleaseWindow.objects.get(code=code)
    reserve_room(pk=window.pk, actor=acting(COORDINATOR), about=about, hours=hours, comment=reason)


def _report_batch(code: str, minutes: int, reason: str) -> None:
    window = ReleaseWindow.objects.get(code=code)
    late_batch.report_batch(
        pk=window.pk, actor=acting(COORDINATOR), minutes=minutes, comment=reason
    )


def _move_window(move: Any, code: str, username: str, comment: str = "") -> None:
    window = ReleaseWindow.objects.get(code=code)
    move(pk=window.pk, actor=acting(username), expected_seq=window.evidence_seq, comment=comment)
