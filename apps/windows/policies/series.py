"""Every reason against a series of windows, and against what it would draft."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from apps.core.actor import Actor
from apps.core.errors import Blocker, bad_input
from apps.evidence.models import GovernedModel
from apps.windows.domain import series as engine
from apps.windows.models import SeriesCutoff, WindowSeries
from apps.windows.policies.window import PLANNERS, role_blockers


def keep_series_blockers(actor: Actor, series: GovernedModel) -> Iterator[Blocker]:
    yield from role_blockers(actor, PLANNERS)


def pattern_blockers(series: WindowSeries, cutoffs: Iterable[SeriesCutoff]) -> Iterator[Blocker]:
    """What is wrong with the clock times of a series whose fields are right."""
    for field, text in engine.pattern_problems(series.as_pattern(cutoffs)):
        yield bad_input(field, text, "Enter a time before the closing.", "outside_window")


def draft_blockers(actor: Actor, series: WindowSeries) -> Iterator[Blocker]:
    """People draft when they want, the portal itself what comes into the horizon."""
    if actor.kind != "system":
        yield from role_blockers(actor, PLANNERS)
    if not series.is_active:
        yield Blocker(
            "not_in_force",
            f"{series.code} is not in force.",
            "Put it in force first.",
            "release coordinator",
            kind="state",
        )


def amount_blockers(series: WindowSeries, nights: int) -> Iterator[Blocker]:
    if nights > engine.MOST:
        yield Blocker(
            "too_many",
            f"{series.code} makes more than {engine.MOST} windows.",
            "Enter an earlier end, or fewer days ahead.",
            "release coordinator",
            field="horizon_days",
        )
