"""Take times, and say them as JSON lines."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection

WARM_UP = 3


def told(name: str, value: float, unit: str, **more: Any) -> None:
    """Print one figure."""
    print(json.dumps({"name": name, "value": round(value, 2), "unit": unit, **more}), flush=True)


def told_times(name: str, seconds: list[float], **more: Any) -> None:
    """Print the median and the 95th percentile of `seconds`, in milliseconds."""
    p95 = round(1000 * percentile(seconds, 95), 2)
    told(name, 1000 * statistics.median(seconds), "ms p50", p95=p95, n=len(seconds), **more)


def percentile(values: list[float], percent: int) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def ratio(one: list[float], other: list[float]) -> float:
    """Median over median."""
    return statistics.median(one) / statistics.median(other)


def interleaved(
    cases: Mapping[str, Callable[[], object]], rounds: int, warm_up: int = WARM_UP
) -> dict[str, list[float]]:
    """Seconds of each call by case. Every round runs every case, each round in another order, so
    that a noisy moment of the machine falls on all of them alike."""
    taken: dict[str, list[float]] = {name: [] for name in cases}
    names = list(cases)
    for number in range(-warm_up, rounds):
        start = number % len(names)
        for name in names[start:] + names[:start]:
            began = time.perf_counter()
            cases[name]()
            passed = time.perf_counter() - began
            if number >= 0:
                taken[name].append(passed)
    return taken


@dataclass
class Spied:
    """What one block asked of PostgreSQL; commits are timed, not counted as statements."""

    statements: int = 0
    seconds: float = 0.0


@contextmanager
def spied() -> Iterator[Spied]:
    """Time every statement and commit of Django's connection, as its client waits for them.

    The round trip is inside. Deferred triggers run in the commit, so it must be counted.
    """
    seen = Spied()
    commit = connection._commit

    def statement(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            seen.seconds += time.perf_counter() - began
            seen.statements += 1

    def timed_commit() -> None:
        began = time.perf_counter()
        commit()
        seen.seconds += time.perf_counter() - began

    connection._commit = timed_commit
    try:
        with connection.execute_wrapper(statement):
            yield seen
    finally:
        connection._commit = commit
