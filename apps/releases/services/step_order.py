"""Derive the order of a night from its rules, and drop what they only advise."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from apps.approvals.policies import content_blockers
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker, bad_input, refuse_if_any
from apps.core.text import tidy
from apps.core.words import counted
from apps.evidence.events import Event
from apps.evidence.services.door import door
from apps.evidence.services.ledger import lock, record, record_many
from apps.releases import events
from apps.releases.domain.ordering.derivation import Edge
from apps.releases.models import Activity, ActivityDependency, ReleasePackage
from apps.releases.policies import step_order as rules
from apps.releases.policies.reasons import reason_blockers
from apps.releases.policies.step_order import Order, place_of, read_order
from apps.releases.services.activity_plan import lock_step
from apps.releases.services.rows import as_key, key_of, lock_plans
from apps.windows.models import ReleaseWindow

HARD, SOFT = ActivityDependency.Strength.HARD, ActivityDependency.Strength.SOFT


@dataclass(frozen=True, slots=True)
class Derived:
    """What deriving did to the edges of `about`."""

    about: ReleasePackage | ReleaseWindow
    added: int = 0
    changed: int = 0
    removed: int = 0

    @property
    def text(self) -> str:
        if not (self.added or self.changed or self.removed):
            return "The order was as its rules have it."
        return (
            f"{counted(self.added, 'dependency', 'dependencies')} added, {self.changed} changed, "
            f"{self.removed} removed."
        )


@door("package")
def derive_package_order(
    *,
    pk: UUID,
    actor: Actor,
    expected_seq: int | None = None,
    comment: str = "",
    content_digest: str | None = None,
) -> Derived:
    """Write what the rules say of the steps of one package, in the night of its window.

    Adds what is missing, removes what no rule says any more; what people entered stays, and so
    does what was dropped. `content_digest`, where given, is that of the preview that was read.
    Raises Refused: a cycle with its steps and rules; plans that can no longer be edited.
    """
    key = key_of(pk, "package")
    window = ReleasePackage.objects.filter(pk=key).values_list("window_id", flat=True).first()
    _lock_night(window, key)
    package = lock(ReleasePackage.objects.select_related("window"), key, expected_seq=expected_seq)
    return _derive(package, actor, events.PACKAGE_ORDERED, comment, content_digest)


@door("window")
def derive_window_order(
    *,
    pk: UUID,
    actor: Actor,
    expected_seq: int | None = None,
    comment: str = "",
    content_digest: str | None = None,
) -> Derived:
    """The same for every step of a night: those of its packages and those that they share."""
    key = key_of(pk, "window")
    _lock_night(key, None)
    window = lock(ReleaseWindow, key, expected_seq=expected_seq)
    return _derive(window, actor, events.WINDOW_ORDERED, comment, content_digest)


def order_steps(package: ReleasePackage, actor: Actor, comment: str) -> Derived:
    """Inner: the same for a package whose night is locked, as a part of what is done with it; each
    step whose predecessors are others now has its entry. Raises Refused."""
    package.__dict__.pop("_order", None)
    refuse_if_any(rules.order_blockers(package))
    order = rules.order_of(package)
    found = order.difference
    if not found.is_empty:
        _write(order, actor, comment)
        for known in ("_order", "_work"):
            package.__dict__.pop(known, None)
    return Derived(package, len(found.added), len(found.changed), len(found.removed))


def lock_night_of(package: UUID, *windows: UUID | None) -> None:
    """Lock the window of a package and all packages in it, as everybody does who orders steps;
    with `windows` these too."""
    own = ReleasePackage.objects.filter(pk=package).values_list("window_id", flat=True).first()
    nights = {key for key in (own, *windows) if key is not None}
    inside = ReleasePackage.objects.filter(window__in=nights).values_list("pk", flat=True)
    lock_plans(nights, {package, *inside})


def _lock_night(window: UUID | None, package: UUID | None) -> None:
    packages: set[UUID | None] = {package}
    if window is not None:
        inside = ReleasePackage.objects.filter(window=window)
        packages |= set(inside.values_list("pk", flat=True))
    lock_plans([window], packages)


def _derive(
    about: ReleasePackage | ReleaseWindow,
    actor: Actor,
    event: Event,
    comment: str,
    content_digest: str | None,
) -> Derived:
    order: Order = rules.order_of(about)
    refuse_if_any(rules.derive_blockers(actor, about))
    # What somebody saw matters only where they may do it at all.
    refuse_if_any(content_blockers(f"the order of {about.code}", order.digest, content_digest))
    found = order.difference
    if found.is_empty:
        return Derived(about)
    written = _write(order, actor, comment)
    done = Derived(about, len(found.added), len(found.changed), len(found.removed))
    facts = {"added": done.added, "changed": done.changed, "removed": done.removed,
             "steps": sorted(order.steps[key].label for key in written)}  # fmt: skip
    record(about, actor=actor, event=event, comment=comment, facts=facts)
    return done


def _write(order: Order, actor: Actor, comment: str) -> set[UUID]:
    """Change the rows, with one entry on each step whose predecessors are others now."""
    found, touched = order.difference, order.touched
    steps = _lock_steps(touched)
    ActivityDependency.objects.filter(pk__in=[held.row.pk for held in found.removed]).delete()
    for held, edge in found.changed:
        _fill(held.row, edge)
        held.row.save(force_update=True)
    ActivityDependency.objects.bulk_create([_row(edge) for edge in found.added])
    after = _dependencies(touched)
    record_many(
        steps, actor=actor, event=events.ACTIVITY_ORDERED, comment=comment,
        parts={step.pk: {"dependencies": after.get(step.pk, [])} for step in steps},
    )  # fmt: skip
    return touched


def _lock_steps(keys: Iterable[UUID]) -> list[Activity]:
    """The steps, locked in key order and remembered with their predecessors. Two queries."""
    rows = Activity.objects.filter(pk__in=list(keys)).order_by("pk")
    steps = list(rows.select_for_update(of=("self",)))
    before = _dependencies(step.pk for step in steps)
    for step in steps:
        step.__dict__["_remembered"] = {
            **step.governed_values(), "dependencies": before.get(step.pk, []),
        }  # fmt: skip
    return steps


def _dependencies(keys: Iterable[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    found: dict[UUID, list[dict[str, Any]]] = {}
    for row in ActivityDependency.objects.filter(activity__in=list(keys)):
        found.setdefault(row.activity_id, []).append(row.governed_values())
    return found


def _row(edge: Edge) -> ActivityDependency:
    row = ActivityDependency(
        activity_id=edge.after, predecessor_id=edge.before, is_derived=True
    )  # fmt: skip
    _fill(row, edge)
    return row


def _fill(row: ActivityDependency, edge: Edge) -> None:
    row.strength = HARD if edge.is_hard else SOFT
    row.origin = edge.origins[0]
    row.reasons = [list(pair) for pair in zip(edge.origins, edge.why, strict=True)]
    if edge.is_hard:
        row.dropped_at = row.dropped_by = None
        row.dropped_reason = ""


# Dropping what is only advised.


@door("activity")
def drop_predecessor(
    *,
    pk: UUID,
    actor: Actor,
    predecessor: UUID | str,
    expected_seq: int | None = None,
    comment: str = "",
) -> Activity:
    """The step need not wait for `predecessor`, although a soft rule advises it; `comment` is why.

    It stays dropped when the order is derived again. Raises Refused for a hard rule.
    """
    step = lock_step(pk, expected_seq=expected_seq, parts=True)
    blockers = [*rules.drop_blockers(actor, step), *reason_blockers(comment)]
    order = read_order(place_of(step))
    key = as_key(predecessor)
    edge = next((e for e in order.ruled if e.pair == (key, step.pk)), None)
    row = next(
        (r for r in order.rows if r.is_derived and (r.predecessor_id, r.activity_id)
         == (key, step.pk)), None,
    )  # fmt: skip
    if edge is None or key is None:
        blockers.append(_no_rule_blocker(step))
    elif edge.is_hard:
        label = order.steps[key].label
        blockers.append(rules.hard_blocker(edge.origins, label, step.label))
    elif row is not None and not row.holds:
        blockers.append(bad_input("predecessor", "It is dropped already.", "Nothing to do."))
    refuse_if_any(blockers)
    assert edge is not None
    row = row or _row(edge)
    _fill(row, edge)
    row.dropped_at, row.dropped_by_id = clock.now(), actor.user_id
    row.dropped_reason = tidy(comment)
    row.save()
    return _recorded(step, actor, events.ACTIVITY_PREDECESSOR_DROPPED, comment)


@door("activity")
def take_up_predecessor(
    *,
    pk: UUID,
    actor: Actor,
    predecessor: UUID | str,
    expected_seq: int | None = None,
    comment: str = "",
) -> Activity:
    """The step waits again for a predecessor that was dropped."""
    step = lock_step(pk, expected_seq=expected_seq, parts=True)
    blockers = [*rules.drop_blockers(actor, step)]
    key = as_key(predecessor)
    row = (
        step.dependencies.filter(predecessor=key, dropped_at__isnull=False).first() if key else None
    )
    if row is None:
        blockers.append(
            bad_input("predecessor", f"Step {step.label} has dropped no such predecessor.",
                      "Choose one of the list.")
        )  # fmt: skip
    refuse_if_any(blockers)
    assert row is not None
    row.dropped_at = row.dropped_by = None
    row.dropped_reason = ""
    row.save(force_update=True)
    order = read_order(place_of(step))
    refuse_if_any(rules.cycle_blockers(order))
    return _recorded(step, actor, events.ACTIVITY_PREDECESSOR_TAKEN_UP, comment)


def _no_rule_blocker(step: Activity) -> Blocker:
    return bad_input(
        "predecessor",
        f"No rule tells {step.label} to wait for this step.",
        "Choose one of the list; what was entered by hand is taken out by editing the step.",
    )


def _recorded(step: Activity, actor: Actor, event: Event, comment: str) -> Activity:
    told = Activity.objects.get(pk=step.pk).part_values()
    return record(step, actor=actor, event=event, comment=comment, parts=told)
