"""Simulate the plan of a window, keep what came out, and reckon it again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.cache import cache

from apps.accounts.models import User
from apps.accounts.selectors import actor_for
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker, bad_input, refuse_if_any
from apps.core.jobs import enqueue_on_commit
from apps.evidence.domain.canonical import digest
from apps.evidence.services.door import door
from apps.evidence.services.ledger import record_created
from apps.evidence.services.register import model_blockers
from apps.releases import events
from apps.releases.domain import lifecycle as life
from apps.releases.domain.planner.simulation import (
    History,
    Inputs,
    Outcome,
    inputs_of,
    simulate,
)
from apps.releases.models import Activity, Simulation, TemplateStep
from apps.releases.policies.reasons import role_blockers
from apps.releases.services.window_plan import planned, planning_of, step_count
from apps.windows.models import ReleaseWindow

#: Who may have a night simulated.
PLANNERS = ("release_coordinator", "release_manager", "change_manager")
#: Durations of steps that ended longer ago tell nothing of today's.
REMEMBERED = timedelta(days=730)
#: Steps times trials that take about two seconds; more are for a worker or the command.
AT_ONCE = 150_000
_PROGRESS, _PROGRESS_SECONDS = "releases:simulation:{}", 600

Told = Callable[[int], None]


def simulate_blockers(actor: Actor) -> Iterator[Blocker]:
    """The system itself may: it acts for whoever has the command line."""
    if actor.kind != "system":
        yield from role_blockers(actor, *PLANNERS)


@door("simulation")
def simulate_window(
    *, actor: Actor, values: Mapping[str, Any], at_once: bool = True, progress: Told | None = None
) -> Simulation:
    """Simulate the plan of `window` (in `values`, with `seed` and `trials`) and keep the numbers.

    Raises Refused: why there is no plan, or, `at_once`, that it would take too long to wait for.
    """
    refuse_if_any(simulate_blockers(actor))
    made = Simulation(**{name: values[name] for name in _ENTERED if name in values})
    made.simulated_by_id = actor.id
    refuse_if_any(model_blockers(made))
    inputs = _inputs(made.window)
    if at_once:
        refuse_if_any(_length_blockers(len(inputs.steps), made.trials))
    outcome = simulate(
        inputs, seed=made.seed, trials=made.trials, progress=progress or (lambda done: None)
    )
    made.inputs, made.outcome = inputs.as_dict(), outcome.as_dict()
    made.inputs_digest = digest(made.inputs)
    return record_created(
        made, actor=actor, event=events.SIMULATED, about=made.window.subject,
        content_digest=made.inputs_digest,
    )  # fmt: skip


_ENTERED = ("window", "seed", "trials")


def start_simulation(
    *, window: ReleaseWindow, actor: Actor, seed: int, trials: int
) -> Simulation | None:
    """Simulate now, or have a worker do it where it would take long: then None."""
    values = {"window": window, "seed": seed, "trials": trials}
    steps = step_count(window)
    if steps * trials <= AT_ONCE:
        return simulate_window(actor=actor, values=values)
    _request(actor=actor, values=values)
    return None


@door("simulation")
def _request(*, actor: Actor, values: Mapping[str, Any]) -> None:
    """Ask a worker for it; whatever cannot be simulated is refused now."""
    refuse_if_any([*simulate_blockers(actor), *model_blockers(Simulation(**values))])
    _inputs(values["window"])
    _tell(values["window"].pk, 0)
    enqueue_on_commit(
        "apps.releases.tasks.simulate_window", window=str(values["window"].pk),
        user=str(actor.user_id), seed=values["seed"], trials=values["trials"],
    )  # fmt: skip


def simulate_for(window: str, user: str, seed: int, trials: int) -> None:
    """In a worker, in the name of who asked, with the roles of now."""
    row = ReleaseWindow.objects.prefetch_related("cutoffs").get(pk=window)
    actor = actor_for(User.objects.get(pk=user), channel="task")

    def progress(done: int) -> None:
        _tell(row.pk, 100 * done // trials)

    try:
        values = {"window": row, "seed": seed, "trials": trials}
        simulate_window(actor=actor, values=values, at_once=False, progress=progress)
    finally:
        cache.delete(_PROGRESS.format(row.pk))


def progress_of(window: ReleaseWindow) -> int | None:
    """How far a worker is with a simulation of the window, in percent; None when none is."""
    told: int | None = cache.get(_PROGRESS.format(window.pk))
    return told


def _tell(window: UUID, percent: int) -> None:
    cache.set(_PROGRESS.format(window), percent, _PROGRESS_SECONDS)


@dataclass(frozen=True, slots=True)
class Repeated:
    """A simulation reckoned again from what was kept of it."""

    outcome: Outcome
    is_same_input: bool
    is_same_outcome: bool

    @property
    def is_same(self) -> bool:
        return self.is_same_input and self.is_same_outcome


def repeat(kept: Simulation, *, progress: Told = lambda done: None) -> Repeated:
    """Reckon it again from its inputs and seed. Nothing is written."""
    outcome = simulate(kept.rests_on, seed=kept.seed, trials=kept.trials, progress=progress)
    return Repeated(
        outcome,
        is_same_input=digest(kept.inputs) == kept.inputs_digest,
        is_same_outcome=outcome == kept.told,
    )


def repeat_blockers(kept: Simulation) -> Iterator[Blocker]:
    """Whether it is short enough to be waited for."""
    yield from _length_blockers(len(kept.inputs["steps"]), kept.trials)


def _length_blockers(steps: int, trials: int) -> Iterator[Blocker]:
    if steps * trials > AT_ONCE:
        yield bad_input(
            "trials",
            f"{trials:,} trials of {steps} steps take longer than a page may.",
            f"Ask for at most {AT_ONCE // steps:,}, or use manage.py simulate.",
            "too_long",
        )


def _inputs(window: ReleaseWindow) -> Inputs:
    """Raises Refused with every reason why there is no plan."""
    planning = planning_of(window)
    plan = planned(planning)
    basis = {key: _basis(step) for key, step in planning.steps.items()}
    back: dict[Hashable, list[tuple[int, str]]] = {
        key: [(step.duration_minutes, _basis(step)) for step in steps]
        for key, steps in planning.back.items()
    }
    steps = [*planning.steps.values(), *(s for some in planning.back.values() for s in some)]
    return inputs_of(plan, basis, back, histories_of(steps))


def _basis(step: Activity) -> str:
    """Steps of one type, by one team, in one direction took similar shares of their plan."""
    return basis_name(step.type_id, step.team.code, is_backout=step.is_backout)


def basis_name(kind: str, team: str, *, is_backout: bool) -> str:
    return f"{kind} by {team}{', going back' if is_backout else ''}"


def histories_of(steps: Iterable[Activity | TemplateStep]) -> dict[str, History]:
    """What steps of the same types and teams took, by `basis_name`; one query."""
    steps = list(steps)
    rows = Activity.objects.filter(
        state=life.COMPLETED,
        type__in={step.type_id for step in steps},
        team__in={step.team_id for step in steps},
        ended_at__gte=clock.now() - REMEMBERED,
        started_at__isnull=False,
    ).order_by()
    pairs: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for kind, team, is_backout, wanted, started, ended in rows.values_list(
        "type_id", "team__code", "is_backout", "duration_minutes", "started_at", "ended_at"
    ):
        assert started is not None and ended is not None  # as the query asks
        minutes = round((ended - started).total_seconds() / 60)
        pairs[basis_name(kind, team, is_backout=is_backout)].append((wanted, minutes))
    return {name: History.of(found) for name, found in pairs.items()}
