"""What may be planned as a step, and who may plan it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Q

from apps.accounts.models import TeamMembership
from apps.core.actor import Actor
from apps.core.errors import Blocker, bad_input
from apps.core.text import text_blockers
from apps.gates.domain.cycles import shortest_cycle
from apps.releases.domain import lifecycle as life
from apps.releases.domain.activity_rules import DURATION_MAX, DURATION_MIN
from apps.releases.models import Activity, ActivityDependency
from apps.releases.policies.activity_facts import HARD
from apps.releases.policies.reasons import role_blockers
from apps.windows.domain import lifecycle as window_life

#: States of a window in which the steps it shares may still be planned.
WINDOW_EDITABLE = (window_life.DRAFT, window_life.OPEN, window_life.LOCKED)


def plan_step_blockers(actor: Actor) -> Iterator[Blocker]:
    yield from role_blockers(actor, "release_coordinator")


def edit_step_blockers(actor: Actor, step: Activity) -> Iterator[Blocker]:
    yield from plan_step_blockers(actor)
    yield from plan_open_blockers(step)


def plan_open_blockers(record: Any) -> Iterator[Blocker]:
    """Whether the plan that a step or check belongs to may still change."""
    package, window = record.package, record.window
    if package is not None and package.state not in life.EDITABLE:
        yield Blocker(
            "plan_fixed",
            f"{package.code} is {package.get_state_display().lower()}; "
            "its plan changes only while it is a draft, planned or delayed.",
            "Take the package back to planned first, or run the plan as it is.",
            "release coordinator",
            kind="state",
        )
    if window is not None and window.state not in WINDOW_EDITABLE:
        yield Blocker(
            "plan_fixed",
            f"Window {window.code} is {window.get_state_display().lower()}; "
            "its shared plan changes only before it starts.",
            "Run the plan as it is.",
            "release coordinator",
            kind="state",
        )


def step_blockers(step: Activity) -> Iterator[Blocker]:
    """What is wrong with the step's own values, beyond what each field checks."""
    if (step.package_id is None) == (step.window_id is None):
        yield bad_input("package", "A step belongs to a package, or else to a window.",
                        "Choose one of the two.")  # fmt: skip
    minutes = step.duration_minutes
    if not isinstance(minutes, int) or not DURATION_MIN <= minutes <= DURATION_MAX:
        yield bad_input(
            "duration_minutes",
            f"A step takes {DURATION_MIN} to {DURATION_MAX:,} minutes, not {minutes}.",
            code="bad_duration",
        )
    yield from text_blockers("instruction", step.instruction)
    yield from _hands_blockers(step)
    for name in ("owner", "deputy"):
        yield from person_blockers(step, name)
    if step.owner_id is not None and step.owner_id == step.deputy_id:
        yield bad_input("deputy", "Owner and deputy are two people.", "Choose somebody else.")
    if step.reverses_id is not None:
        yield from _reverse_blockers(step)


def _hands_blockers(step: Activity) -> Iterator[Blocker]:
    """A step is somebody's, and its team has people for it."""
    if step.team.capacity < 1:
        yield bad_input(
            "team",
            f"{step.team.name} has nobody available: its capacity is 0.",
            "Choose another team, or enter how many people it has at the same time.",
            "no_capacity",
        )
    if step.owner_id is None:
        yield bad_input(
            "owner",
            "A step is owned by somebody.",
            f"Choose an active member of {step.team.name}.",
            "no_owner",
        )


def person_blockers(step: Activity, name: str) -> Iterator[Blocker]:
    """The owner and the deputy are active members of the team."""
    person = getattr(step, name)
    if person is None:
        return
    member = TeamMembership.objects.filter(team=step.team_id, user=person.pk).exists()
    if not member or not person.is_active:
        yield bad_input(
            name,
            f"{person} is no active member of {step.team.name}.",
            "Choose somebody of the team, or another team.",
            "not_in_team",
        )


def _reverse_blockers(step: Activity) -> Iterator[Blocker]:
    undone = step.reverses
    if not step.is_backout:
        yield bad_input("reverses", "Only a backout step undoes another one.",
                        "Mark it as a backout step.")  # fmt: skip
    if undone is None or undone.pk == step.pk or undone.is_backout:
        yield bad_input("reverses", "A backout step undoes a step that goes forward.")
    elif (undone.package_id, undone.window_id) != (step.package_id, step.window_id):
        yield bad_input("reverses", f"Step {undone.label} belongs to another plan.",
                        "Choose a step of the same plan.")  # fmt: skip


def predecessor_blockers(
    step: Activity, links: Mapping[UUID, str], others: Mapping[UUID, Activity]
) -> Iterator[Blocker]:
    """`links` are the step's new predecessors with their strength; refuses other nights' steps
    and a cycle of hard edges, naming the shortest one."""
    nights = {_night(step)}
    for key in links:
        other = others[key]
        if _night(other) not in nights:
            yield bad_input(
                "dependencies",
                f"Step {other.label} does not run in the same night.",
                "Order packages of different windows by the packages themselves.",
                "other_night",
            )
        if other.is_backout and not step.is_backout:
            yield bad_input("dependencies", f"Step {other.label} is a backout step.",
                            "Nothing that goes forward waits for it.", "after_backout")  # fmt: skip
    cycle = shortest_cycle(_edges_with(step, links))
    if cycle:
        labels = dict(Activity.objects.filter(pk__in=cycle).values_list("pk", "label")) | {
            step.pk: step.label
        }
        yield bad_input(
            "dependencies",
            "These steps would wait for each other: "
            + " → ".join(labels[key] for key in (*cycle, cycle[0]))
            + ".",
            "Take one of these dependencies away.",
            "cycle",
        )


def _night(step: Activity) -> tuple[str, UUID | None]:
    """The window in which a step runs; a package without one is a night of its own."""
    if step.window_id is not None:
        return "window", step.window_id
    package = step.package
    if package is not None and package.window_id is not None:
        return "window", package.window_id
    return "package", step.package_id


def _edges_with(step: Activity, links: Mapping[UUID, str]) -> dict[UUID, Iterable[UUID]]:
    """Hard edges of the step's night with its own replaced by `links`, as key → predecessors."""
    kind, key = _night(step)
    here = (
        Q(activity__window=key) | Q(activity__package__window=key)
        if kind == "window"
        else Q(activity__package=key)
    )
    # Its own edges first: of equally short cycles the one told begins at the step itself.
    edges = {step.pk: [key for key, strength in links.items() if strength == HARD]}
    replaced = Q(activity=step.pk, is_derived=False)
    rows = ActivityDependency.objects.filter(here, strength=HARD).exclude(replaced)
    for successor, predecessor in rows.values_list("activity_id", "predecessor_id"):
        edges.setdefault(successor, []).append(predecessor)
    return dict(edges)
