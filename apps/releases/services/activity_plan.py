"""Plan steps: create, edit, assign and acknowledge them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from django.db import models
from django.db.models import QuerySet

from apps.accounts.models import User
from apps.accounts.selectors import actor_for
from apps.changes.models import ChangeRequest
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker, bad_input, not_found, refuse_if_any
from apps.core.text import tidy
from apps.evidence.services.door import door
from apps.evidence.services.ledger import lock, record, record_created
from apps.evidence.services.register import model_blockers
from apps.inventory.models import Asset
from apps.releases import events
from apps.releases.domain import lifecycle as life
from apps.releases.models import (
    Activity,
    ActivityChange,
    ActivityDependency,
    ActivityTarget,
    BackoutPlan,
    PackageChange,
    PlanTemplate,
)
from apps.releases.policies import activity as rules
from apps.releases.policies import activity_plan as plan_rules
from apps.releases.policies.activity_clock import let_start_duty_blockers
from apps.releases.policies.activity_facts import steps_with_surroundings
from apps.releases.policies.backout import content_of
from apps.releases.policies.reasons import reason_blockers
from apps.releases.services.execution_seal import seal_plan, seal_plans_of
from apps.releases.services.package_capacity import follow_steps
from apps.releases.services.rows import (
    as_key,
    comment_blockers,
    fill,
    key_of,
    lock_owner,
    lock_plans,
)

EDITABLE_FIELDS = (
    "label",
    "type",
    "title",
    "instruction",
    "team",
    "owner",
    "deputy",
    "duration_minutes",
    "planned_start_at",
    "planned_end_at",
    "not_before_at",
    "subsystem",
    "mandatory",
    "hold_point",
    "irreversible",
    "four_eyes",
    "is_backout",
    "reverses",
    "expected_result",
    "max_rc",
)
CREATABLE_FIELDS = ("package", "window", *EDITABLE_FIELDS)

#: Reverse name of a part list → rows: `dependencies` {predecessor, strength}, `targets` {asset},
#: `change_links` {change}; the referred record may be itself or its key.
Parts = Mapping[str, Sequence[Mapping[str, Any]]]
M = TypeVar("M", bound=models.Model)


@door("activity")
def create_activity(
    *,
    actor: Actor,
    values: Mapping[str, Any],
    parts: Parts | None = None,
    template: PlanTemplate | None = None,
    comment: str = "",
) -> Activity:
    """A new planned step of a package, or of a window that shares it; made from `template`, where
    it comes of one.

    Raises Refused naming every field and row that cannot be saved; a cycle by its labels.
    """
    refuse_if_any([*plan_rules.plan_step_blockers(actor), *comment_blockers(comment)])
    step = Activity(template=template)
    fill(step, values, CREATABLE_FIELDS)
    lock_owner(step)
    _derive(step)
    rows, problems = _rows(step, parts or {})
    refuse_if_any([*plan_rules.plan_open_blockers(step), *_value_blockers(step), *problems])
    told = {name: [row.governed_values() for row in found] for name, found in rows.items()}
    record_created(step, actor=actor, event=events.ACTIVITY_CREATED, comment=comment, parts=told)
    for found in rows.values():
        if found:
            type(found[0])._default_manager.bulk_create(found)
    _follow(step, actor)
    return step


@door("activity")
def edit_activity(
    *,
    pk: UUID,
    actor: Actor,
    values: Mapping[str, Any],
    parts: Parts | None = None,
    expected_seq: int | None = None,
    comment: str = "",
) -> Activity:
    """Change a step and, where `parts` holds them, its whole part lists: of `dependencies` those
    that people enter. A new owner has to acknowledge it again."""
    step = lock_step(pk, expected_seq=expected_seq, parts=True)
    refuse_if_any([*plan_rules.edit_step_blockers(actor, step), *comment_blockers(comment)])
    before = {**step.governed_values(), **step.part_values()}
    owner = step.owner_id
    fill(step, values, EDITABLE_FIELDS)
    _derive(step)
    if step.owner_id != owner:
        step.acknowledged_at = None
    rows, problems = _rows(step, parts or {})
    refuse_if_any([*_value_blockers(step), *problems])
    for name, found in rows.items():
        _replace(step, name, found)
    told = Activity.objects.get(pk=step.pk).part_values()
    if {**step.governed_values(), **told} == before:
        return step
    record(step, actor=actor, event=events.ACTIVITY_EDITED, comment=comment, parts=told)
    _follow(step, actor)
    return step


@door("activity")
def assign_activity(
    *,
    pk: UUID,
    actor: Actor,
    owner: UUID | str,
    deputy: UUID | str = "",
    expected_seq: int | None = None,
    comment: str = "",
) -> Activity:
    """Give a step to somebody else of its team, also in the night; they acknowledge it."""
    step = lock_step(pk, expected_seq=expected_seq)
    blockers = [*rules.assign_blockers(actor, step), *comment_blockers(comment)]
    before = step.owner_id
    for name, given in (("owner", owner), ("deputy", deputy)):
        if given:
            key = as_key(given)
            person = User.objects.filter(pk=key).first() if key else None
            if person is None:
                blockers.append(bad_input(name, "There is no such person.", "Choose one."))
            setattr(step, name, person)
            blockers += plan_rules.person_blockers(step, name)
    if step.owner_id is not None and step.owner_id == step.deputy_id:
        step.deputy = None
    refuse_if_any(blockers)
    if step.owner_id != before:
        step.acknowledged_at = None
    return record(step, actor=actor, event=events.ACTIVITY_ASSIGNED, comment=tidy(comment))


@door("activity")
def substitute_activity(
    *,
    pk: UUID,
    actor: Actor,
    substitute: UUID | str,
    expected_seq: int | None = None,
    comment: str = "",
) -> Activity:
    """In the night, let somebody of the team take the place of an owner who is not there.

    Nobody stands in who could not do the step: an implementer of its team who signed no change
    that it serves. The substitute acknowledges it before it starts.
    """
    step = lock_step(pk, expected_seq=expected_seq)
    blockers = [*rules.substitute_blockers(actor, step), *reason_blockers(comment)]
    key, absent = as_key(substitute), step.owner
    person = User.objects.filter(pk=key).first() if key else None
    if person is None:
        blockers.append(bad_input("substitute", "There is no such person.", "Choose one."))
    elif person == absent:
        blockers.append(
            bad_input("substitute", f"{person} owns the step.", "Choose somebody else.")
        )
    else:
        stand_in = actor_for(person)
        found = [
            *rules.implementer_blockers(stand_in, step),
            *rules.duty_blockers(stand_in, step),
            *let_start_duty_blockers(stand_in, step),
        ]
        if not person.is_active or found:
            blockers.append(
                bad_input(
                    "substitute",
                    f"{person} cannot stand in for step {step.label}: "
                    + (in_their_name(found) if found else "the account is not active."),
                    f"Choose an implementer of {step.team.name} who signed no change it serves.",
                    "no_substitute",
                )
            )
    refuse_if_any(blockers)
    step.owner = person
    if step.deputy_id == step.owner_id:
        step.deputy = None
    step.acknowledged_at = None
    return record(
        step, actor=actor, event=events.ACTIVITY_SUBSTITUTED, comment=tidy(comment),
        facts={"absent": str(absent or ""), "substitute": str(person)},
    )  # fmt: skip


def in_their_name(found: Iterable[Blocker]) -> str:
    """What stands against somebody, told to somebody else."""
    words = {
        "role_missing": "no implementer of the team",
        "not_in_team": "not in the team",
        "separation_of_duties": "signed a change it serves, or let it start",
        "not_a_person": "no person",
    }
    return ", ".join(dict.fromkeys(words.get(each.code, each.text) for each in found)) + "."


@door("activity")
def acknowledge_activity(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> Activity:
    """The owner or the deputy knows of the step and is ready for it."""
    step = lock_step(pk, expected_seq=expected_seq)
    refuse_if_any([*rules.acknowledge_blockers(actor, step), *comment_blockers(comment)])
    step.acknowledged_at = clock.now()
    return record(step, actor=actor, event=events.ACTIVITY_ACKNOWLEDGED, comment=tidy(comment))


def lock_step(
    pk: UUID | str,
    *,
    expected_seq: int | None = None,
    parts: bool = False,
    following: bool = False,
) -> Activity:
    """The step, locked after the window or package it belongs to.

    With `following` the packages and windows of its successors are locked too.
    """
    key = key_of(pk, "activity")
    places = set(_places(Activity.objects.filter(pk=key)))
    if not places:
        raise not_found("activity")
    if following:
        places |= set(_places(Activity.objects.filter(dependencies__predecessor=key)))
        windows = {own or of_package for own, _, of_package in places}
    else:
        windows = {own for own, _, _ in places}
    lock_plans(windows, {package for _, package, _ in places})
    return lock(steps_with_surroundings(), key, expected_seq=expected_seq, parts=parts)


def _places(steps: QuerySet[Activity]) -> Iterable[tuple[UUID | None, UUID | None, UUID | None]]:
    """(own window, package, window of the package) of each."""
    return steps.values_list("window_id", "package_id", "package__window_id")


def _follow(step: Activity, actor: Actor) -> None:
    """What rests on the plan that the step is part of."""
    _distrust_backout_plan(step, actor)
    comment = f"Step {step.label} is another now."
    follow_steps(step.package, actor)
    seal_plan(step.package, actor, comment)
    seal_plans_of(step.window, actor, comment)


def _distrust_backout_plan(step: Activity, actor: Actor) -> None:
    """A backout plan that was reviewed for other steps is invalid."""
    if step.package is None:
        return
    found = BackoutPlan.objects.filter(
        package=step.package, state__in=life.BACKOUT_SOURCES["invalidate"]
    ).first()
    if found is None or content_of(found) == found.content_digest:
        return
    plan = lock(BackoutPlan, found.pk)
    plan.invalidate()
    record(
        plan, actor=actor, event=events.BACKOUT_INVALIDATED, about=step.subject,
        comment=f"Step {step.label} is another now.",
    )  # fmt: skip


def _derive(step: Activity) -> None:
    """What follows from the type: whether it holds its subsystem, whether it can be undone."""
    if step.type_id is None:
        return
    kind = step.type.exclusive_kind
    step.exclusive = bool(kind) and step.subsystem is not None and step.subsystem.kind == kind
    step.irreversible = step.irreversible or step.type.irreversible


def _value_blockers(step: Activity) -> list[Blocker]:
    found = list(model_blockers(step))
    # A field that is wrong by itself is told once.
    named = {blocker.field for blocker in found} - {"duration_minutes"}
    found = [blocker for blocker in found if blocker.field != "duration_minutes"]
    if step.team_id is None:
        return found
    return [*found, *(b for b in plan_rules.step_blockers(step) if b.field not in named)]


def _rows(step: Activity, parts: Parts) -> tuple[dict[str, list[Any]], list[Blocker]]:
    """Unsaved part rows by reverse name, and what is wrong with them."""
    rows: dict[str, list[Any]] = {}
    problems: list[Blocker] = [
        bad_input(name, f"“{name}” cannot be entered.", "Leave it out.", "not_writable")
        for name in sorted(set(parts) - set(Activity.PARTS))
    ]
    if "dependencies" in parts:
        rows["dependencies"], found = _dependency_rows(step, parts["dependencies"])
        problems += found
    if "targets" in parts:
        assets, found = _referred(Asset, parts["targets"], "asset", "targets")
        rows["targets"] = [ActivityTarget(activity=step, asset=asset) for asset, _ in assets]
        problems += found
    if "change_links" in parts:
        changes, found = _referred(ChangeRequest, parts["change_links"], "change", "change_links")
        rows["change_links"] = [ActivityChange(activity=step, change=c) for c, _ in changes]
        problems += [*found, *_membership_blockers(step, [change for change, _ in changes])]
    return rows, problems


def _dependency_rows(
    step: Activity, given: Sequence[Mapping[str, Any]]
) -> tuple[list[ActivityDependency], list[Blocker]]:
    others, problems = _referred(
        Activity, given, "predecessor", "dependencies",
        lambda keys: Activity.objects.select_related("package").filter(pk__in=keys),
    )  # fmt: skip
    rows = []
    for other, row in others:
        strength = row.get("strength") or ActivityDependency.Strength.HARD
        if strength not in ActivityDependency.Strength.values:
            problems.append(bad_input("dependencies", f"{strength!r} is no strength.",
                                      "Enter hard or soft."))  # fmt: skip
        rows.append(
            ActivityDependency(
                activity=step,
                predecessor=other,
                strength=strength,
                origin=tidy(str(row.get("origin") or "manual"))[:20],
            )
        )
    links = {row.predecessor_id: row.strength for row in rows}
    by_key = {other.pk: other for other, _ in others}
    return rows, [*problems, *plan_rules.predecessor_blockers(step, links, by_key)]


def _referred(
    model: type[M],
    given: Sequence[Mapping[str, Any]],
    name: str,
    part: str,
    query: Callable[[list[UUID]], Iterable[M]] | None = None,
) -> tuple[list[tuple[M, Mapping[str, Any]]], list[Blocker]]:
    """The record each row names, with the row; rows marked DELETE are left out."""
    kept = [row for row in given if not row.get("DELETE")]
    keys = [as_key(row.get(name)) for row in kept]
    wanted = [key for key in keys if key is not None]
    rows = query(wanted) if query else model._default_manager.filter(pk__in=wanted)
    known = {row.pk: row for row in rows}
    problems, found, seen = [], [], set()
    for number, (row, key) in enumerate(zip(kept, keys, strict=True), start=1):
        if key not in known:
            problems.append(bad_input(part, f"Line {number}: there is no such {name}.",
                                      "Choose one of the list.", "unknown"))  # fmt: skip
        elif key in seen:
            problems.append(bad_input(part, f"Line {number}: {known[key]} is there already.",
                                      "Remove one of the two lines.", "duplicate"))  # fmt: skip
        else:
            seen.add(key)
            found.append((known[key], row))
    return found, problems


def _membership_blockers(step: Activity, changes: Sequence[ChangeRequest]) -> list[Blocker]:
    """A step serves changes of its own package, or of its window's packages."""
    members = PackageChange.objects.filter(change__in=changes)
    members = (
        members.filter(package=step.package_id)
        if step.package_id
        else members.filter(package__window=step.window_id)
    )
    known = set(members.values_list("change_id", flat=True))
    return [
        bad_input(
            "change_links",
            f"{change.code} is not in this package.",
            "Add it to the package first.",
            "not_a_member",
        )
        for change in changes
        if change.pk not in known
    ]


_KEYS = {"dependencies": "predecessor_id", "targets": "asset_id", "change_links": "change_id"}


def _replace(step: Activity, name: str, given: Sequence[Any]) -> None:
    """Make the part list equal to `given`, touching only the rows that differ. Dependencies that
    rules tell are no one's to enter, and stay."""
    manager, key = getattr(step, name), _KEYS[name]
    rows = manager.filter(is_derived=False) if name == "dependencies" else manager.all()
    old = {getattr(part, key): part for part in rows}
    new = {getattr(part, key): part for part in given}
    for gone in old.keys() - new.keys():
        old[gone].delete()
    for both in old.keys() & new.keys():
        new[both].pk = old[both].pk
        if new[both].governed_values() != old[both].governed_values():
            new[both].save(force_update=True)
    manager.model._default_manager.bulk_create([new[k] for k in new.keys() - old.keys()])
