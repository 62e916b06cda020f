"""Move a package to another window, or a window to another time, with all that hangs on it.

A preview does everything and undoes it in one transaction; so what people agree to is what
happens. A commit is refused when it would come to anything else than the preview told.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q

from apps.accounts.domain.roles import LABEL_OF_ROLE
from apps.accounts.models import Delegation, User
from apps.approvals.models import Approval
from apps.approvals.selectors import slots_about
from apps.changes.domain.seal import ROW, handed_in_rows
from apps.changes.models import ChangeRequest
from apps.changes.selectors import works_of
from apps.core.actor import Actor
from apps.core.errors import Blocker, Refused, bad_input, refuse_if_any
from apps.core.text import tidy
from apps.evidence.services.door import door
from apps.evidence.services.ledger import lock, record, record_many, remember
from apps.gates.models import ReadinessItem
from apps.releases import events
from apps.releases.domain import lifecycle as life
from apps.releases.domain.planner.plan import Unplannable
from apps.releases.domain.ripple import (
    Absence,
    Booked,
    Closed,
    Collision,
    Ripple,
    SealBreak,
    new_in,
    shifts,
)
from apps.releases.models import (
    Activity,
    ActivityDependency,
    PackageChange,
    PackageDependency,
    ReleasePackage,
)
from apps.releases.policies.moving import (
    followers_blockers,
    move_package_blockers,
    target_blockers,
)
from apps.releases.policies.package import calendar_blockers, valid_through_blockers
from apps.releases.policies.package_facts import work_of
from apps.releases.policies.reasons import reason_blockers
from apps.releases.services import package_capacity as capacity
from apps.releases.services.detection import Asked, detect
from apps.releases.services.execution_seal import seal_plan
from apps.releases.services.package_content import lock_package
from apps.releases.services.readiness import IN_A_DOOR, refresh_items
from apps.releases.services.rows import as_key, key_of, lock_rows
from apps.releases.services.slots import order_blockers, with_next_window
from apps.releases.services.window_ledger import minutes_use, team_hours
from apps.windows.domain.capacity import Use
from apps.windows.domain.local_time import moved_wall
from apps.windows.models import ReleaseWindow
from apps.windows.selectors import (
    capacity_use,
    reservations_for,
    reservations_in,
    spans_between,
    windows_with_people,
)
from apps.windows.services.planning import shift_window

Reason = ReleasePackage.DelayReason


@dataclass(frozen=True, slots=True)
class Preview:
    """What a move would change, or every reason why it cannot be made."""

    ripple: Ripple | None = None
    blockers: tuple[Blocker, ...] = ()


# A package.


def preview_package_move(*, pk: UUID | str, actor: Actor, window: UUID | str) -> Preview:
    """What `move_package` would do, without doing it."""
    return _undone(lambda: _move_package(pk, actor, window), as_key(window))


@door("package")
def move_package(
    *,
    pk: UUID,
    actor: Actor,
    window: UUID | str,
    digest: str,
    reason: str = "",
    expected_seq: int | None = None,
    comment: str = "",
) -> ReleasePackage:
    """Move the package to `window`, as a preview with this `digest` told.

    A booked package stays planned, one that was confirmed is confirmed again; a delayed one is
    planned. Its steps keep their distance from the opening. `reason` is one of `DelayReason`, which
    whoever leaves a window gives.
    """
    blockers = list(reason_blockers(comment))
    if reason and reason not in Reason.values:
        blockers.append(bad_input("reason", f"{reason[:40]!r} is no reason.",
                                  "Choose one of the list."))  # fmt: skip
    refuse_if_any(blockers)
    package, ripple = _move_package(
        pk, actor, window, reason=reason, comment=tidy(comment), expected_seq=expected_seq
    )
    _refuse_other(ripple, digest)
    return package


def _move_package(
    pk: Any,
    actor: Actor,
    window: Any,
    *,
    reason: str = "",
    comment: str = "",
    expected_seq: int | None = None,
) -> tuple[ReleasePackage, Ripple]:
    key = as_key(window)
    package = lock_package(pk, expected_seq=expected_seq, window_id=key)
    target = ReleaseWindow.objects.select_related("site").filter(pk=key).first() if key else None
    blockers = [*move_package_blockers(actor, package)]
    if not any(blocker.kind == "state" for blocker in blockers):
        blockers += target_blockers(package, target)
        blockers += followers_blockers(package)
    refuse_if_any(with_next_window(package, blockers))
    assert target is not None
    old, was_booked = package.window, package.state in life.BOOKED
    places = [each for each in (old, target) if each is not None]
    versions = _versions([package, *places])
    before = _Picture.of([package], places, night=old)
    cut = _cut_links(package, target, actor, comment)
    if was_booked:
        capacity.give_back(package, actor, comment)
    package.window = target
    package.forget_confirmation()
    if was_booked:
        package.delay_reason, package.delay_text = reason or Reason.BUSINESS, comment
        later = old is not None and target.opens_at > old.opens_at
        package.delay_count += later
    if package.state == life.READY:
        package.regress()
    elif package.state == life.DELAYED:
        package.delay_count += 1
        package.replan()
    if old is not None:
        _shift_steps(
            Activity.objects.filter(package=package), old, old.opens_at, target.opens_at, actor,
            comment,
        )  # fmt: skip
    if package.state != life.DRAFT:
        capacity.take(package, actor)
        seal_plan(package, actor, comment)
        capacity.schedule_approved(package, actor, work_of(package).open_changes)
    record(
        package, actor=actor, event=events.PACKAGE_MOVED, comment=comment,
        parts=package.part_values(),
        facts={"from": old.code if old else "", "to": target.code},
    )  # fmt: skip
    package.__dict__.pop("_work", None)
    if package.state != life.DRAFT:
        refresh_items(package, most_steps=IN_A_DOOR)
    after = _Picture.of([package], places, night=target)
    ripple = _ripple(package.code, f"{old.code if old else 'no window'} to {target.code}",
                     before, after, [package], target)  # fmt: skip
    order = order_blockers(
        target,
        [row.predecessor for row in work_of(package).dependencies],
        [row.package for row in PackageDependency.objects.filter(predecessor=package)
         .select_related("package__window")],
    )  # fmt: skip
    notes = [f"{blocker.text} {blocker.fix}" for blocker in order]
    return package, replace(
        ripple, versions=versions, cut=tuple(cut), notes=(*ripple.notes, *notes)
    )


# A window.


def preview_window_move(
    *, pk: UUID | str, actor: Actor, opens_at: datetime, closes_at: datetime | None = None
) -> Preview:
    """What `move_window` would do, without doing it."""
    return _undone(lambda: _move_window(pk, actor, opens_at, closes_at), as_key(pk))


@door("window")
def move_window(
    *,
    pk: UUID,
    actor: Actor,
    opens_at: datetime,
    digest: str,
    closes_at: datetime | None = None,
    expected_seq: int | None = None,
    comment: str = "",
) -> ReleaseWindow:
    """Let the window open at `opens_at`, as a preview with this `digest` told.

    All that hangs on it moves along: milestones, cut-offs, shared steps, and the steps of its
    packages, of which those that were confirmed are confirmed again. It stays as long as it is,
    unless `closes_at` says when it closes; where only that is another, no step moves.
    """
    refuse_if_any(reason_blockers(comment))
    window, ripple = _move_window(
        pk, actor, opens_at, closes_at, comment=tidy(comment), expected_seq=expected_seq
    )
    _refuse_other(ripple, digest)
    return window


def _move_window(
    pk: Any,
    actor: Actor,
    opens_at: datetime,
    closes_at: datetime | None = None,
    *,
    comment: str = "",
    expected_seq: int | None = None,
) -> tuple[ReleaseWindow, Ripple]:
    window = lock(
        windows_with_people(), key_of(pk, "window"), expected_seq=expected_seq, parts=True
    )
    waiting = ReleasePackage.objects.filter(window=window, state__in=life.AWAITING)
    packages = _with_people(lock_rows(ReleasePackage, waiting.values_list("pk", flat=True)), window)
    versions = _versions([window, *packages])
    was = window.opens_at
    before = _Picture.of(packages, [window], night=window, whole=True)
    window = shift_window(
        window=window, opens_at=opens_at, closes_at=closes_at, actor=actor, comment=comment
    )
    booked = [package for package in packages if package.state in life.BOOKED]
    for package in packages:
        package.window = window
    refuse_if_any(
        blocker
        for package in booked
        for blocker in (
            *calendar_blockers(package, window), *valid_through_blockers(package, window)
        )
    )  # fmt: skip
    if opens_at != was:
        _shift_steps(
            Activity.objects.filter(Q(window=window) | Q(package__in=packages)),
            window, was, opens_at, actor, comment,
        )  # fmt: skip
    for package in booked:
        seal_plan(package, actor, comment)
        if package.state == life.READY:
            package.regress()
            package.forget_confirmation()
            record(
                package, actor=actor, event=events.PACKAGE_MOVED, comment=comment,
                about=window.subject,
            )  # fmt: skip
        package.__dict__.pop("_work", None)
        refresh_items(package, most_steps=IN_A_DOOR)
    after = _Picture.of(packages, [window], night=window, whole=True)
    opens, closes = (
        moment.astimezone(ZoneInfo(window.zone)) for moment in (opens_at, window.closes_at)
    )
    where = f"{opens:%a %d %b %Y %H:%M} to {closes:%a %d %b %H:%M}"
    ripple = _ripple(window.code, where, before, after, packages, window)
    return window, replace(ripple, versions=versions)


def _with_people(packages: Sequence[ReleasePackage], window: ReleaseWindow) -> list[ReleasePackage]:
    """The locked rows, remembered as they are, with what their pages read."""
    people = User.objects.in_bulk(
        {pk for package in packages for pk in (package.owner_id, package.coordinator_id)}
    )
    for package in packages:
        package.owner, package.coordinator = (
            people[package.owner_id], people[package.coordinator_id]
        )  # fmt: skip
        package.window = window
        remember(package)
    return list(packages)


# What both do.


def _undone(move: Callable[[], tuple[Any, Ripple]], night: UUID | None) -> Preview:
    """What `move` comes to, taken back; `night` is the window whose plan is told then."""
    try:
        with transaction.atomic():
            _, ripple = move()
            ripple = replace(ripple, minutes=_minutes(night))
            transaction.set_rollback(True)
    except Refused as refusal:
        return Preview(blockers=refusal.blockers)
    return Preview(ripple)


def _refuse_other(ripple: Ripple, digest: str) -> None:
    if ripple.digest != digest:
        raise Refused(
            Blocker(
                "preview_stale",
                "The move would come to something else by now than its preview told; nothing was "
                "moved.",
                "Look at the new preview, then confirm that one.",
                "you",
                kind="state",
                field="digest",
            )
        )


def _versions(records: Iterable[Any]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted((record.subject, record.evidence_seq) for record in records))


def _shift_steps(
    steps: Any,
    window: ReleaseWindow,
    was: datetime,
    now: datetime,
    actor: Actor,
    comment: str,
) -> None:
    """Planned times keep their distance from the opening, a pinned "not before" its wall time.
    Whoever acknowledged a step did so for another night."""
    moved = []
    rows = steps.select_for_update(of=("self",)).exclude(state__in=life.ENDED_STEP)
    for step in rows.order_by("pk"):
        remember(step)
        for name in ("planned_start_at", "planned_end_at"):
            moment = getattr(step, name)
            if moment is not None:
                setattr(step, name, moment + (now - was))
        if step.not_before_at is not None:
            step.not_before_at = moved_wall(step.not_before_at, was, now, window.zone)
        step.acknowledged_at = None
        if step.governed_values() != step.__dict__["_remembered"]:
            moved.append(step)
    record_many(moved, actor=actor, event=events.ACTIVITY_MOVED, comment=comment)


def _cut_links(
    package: ReleasePackage, target: ReleaseWindow, actor: Actor, comment: str
) -> Iterable[str]:
    """Steps of different nights do not wait for each other: what the package leaves behind, and
    what stays behind, in words."""
    staying = (
        Q(predecessor__window__isnull=False) & ~Q(predecessor__window=target)
        | Q(predecessor__package__isnull=False) & ~Q(predecessor__package__window=target)
    )  # fmt: skip
    outward = Q(activity__package=package) & staying & ~Q(predecessor__package=package)
    inward = (
        Q(predecessor__package=package)
        & ~Q(activity__package=package)
        & ~Q(activity__window=target)
        & (Q(activity__package__isnull=True) | ~Q(activity__package__window=target))
    )
    links = list(
        ActivityDependency.objects.filter(outward | inward)
        .select_related(
            "activity__package", "activity__window", "predecessor__package", "predecessor__window"
        )
        .order_by("activity_id", "predecessor_id")
    )
    by_step: dict[UUID, list[ActivityDependency]] = {}
    for link in links:
        by_step.setdefault(link.activity_id, []).append(link)
    for key, cut in by_step.items():
        step = lock(Activity, key, parts=True)
        ActivityDependency.objects.filter(pk__in=[link.pk for link in cut]).delete()
        record(
            step, actor=actor, event=events.ACTIVITY_MOVED, comment=comment,
            parts=Activity.objects.get(pk=key).part_values(),
        )  # fmt: skip
    told = (
        f"{_step(link.activity)} no longer waits for {_step(link.predecessor)}." for link in links
    )
    # People may have entered what a rule says as well.
    return list(dict.fromkeys(told))


def _step(step: Activity) -> str:
    place = step.package or step.window
    return f"Step {step.label} of {place.code}" if place else f"Step {step.label}"


@dataclass(frozen=True, slots=True)
class _Picture:
    """What can be seen of packages and windows at one moment of the move."""

    dates: Mapping[str, datetime | None]
    collisions: Mapping[str, Collision]
    plans: Mapping[str, Mapping[str, Any]]
    signed: Mapping[str, frozenset[str]]
    asked: Mapping[str, frozenset[str]]
    states: Mapping[str, str]
    uses: Mapping[tuple[str, str], Use]

    @classmethod
    def of(
        cls,
        packages: Sequence[ReleasePackage],
        windows: Sequence[ReleaseWindow],
        *,
        night: ReleaseWindow | None,
        whole: bool = False,
    ) -> _Picture:
        """`whole`: the night itself is moved, with what its packages share."""
        changes = list(
            ChangeRequest.objects.filter(
                memberships__package__in=packages, memberships__is_open=True
            ).order_by("code")
        )
        slots = slots_about([change.subject for change in changes])
        return cls(
            dates=dict(_dates(packages, night, whole=whole)),
            collisions=_collisions(packages),
            plans={change.code: change.execution for change in changes},
            signed={
                change.code: _labels(slots[change.subject], Approval.SATISFIED)
                for change in changes
            },
            asked={
                change.code: _labels(slots[change.subject], (Approval.State.REQUESTED,))
                for change in changes
            },
            states={package.code: package.get_state_display() for package in packages},
            uses=_uses(windows),
        )


def _labels(slots: Iterable[Approval], states: Collection[str]) -> frozenset[str]:
    return frozenset(slot.label for slot in slots if slot.state in states)


def _collisions(packages: Sequence[ReleasePackage]) -> dict[str, Collision]:
    if not packages:
        return {}
    answer = detect(Asked(met=frozenset(package.pk for package in packages)))
    return {
        key: Collision(found.rule, found.severity, found.text)
        for key, found in answer.found.items()
    }


def _uses(windows: Sequence[ReleaseWindow]) -> dict[tuple[str, str], Use]:
    fresh = list(windows_with_people().filter(pk__in=[window.pk for window in windows]))
    hours = team_hours(fresh)
    return {
        (window.code, use.name): use
        for window in sorted(fresh, key=lambda window: window.opens_at)
        for use in (*capacity_use(window), *hours.get(window.pk, ()))
    }


def _dates(
    packages: Sequence[ReleasePackage], night: ReleaseWindow | None, *, whole: bool
) -> Iterator[tuple[str, datetime | None]]:
    """Every date that hangs on the night, by what it is called."""
    if night is not None:
        fresh = windows_with_people().get(pk=night.pk)
        yield "Window opens", fresh.opens_at
        yield "Window closes", fresh.closes_at
        yield "Scope locks", fresh.scope_lock_at
        yield "Readiness deadline", fresh.readiness_deadline_at
        yield "Earliest hard cut-off", fresh.effective_cutoff
        for cutoff in fresh.cutoffs.all():
            yield f"Cut-off {cutoff.label}", cutoff.at
    codes = {package.subject: package.code for package in packages}
    items = ReadinessItem.objects.filter(subject__in=codes).exclude(due_at=None)
    for item in items.order_by("subject_code", "gate"):
        yield f"{item.subject_code} gate {item.gate} due", item.due_at
    here = Q(package__in=packages)
    if whole:
        here |= Q(window=night)
    steps = Activity.objects.filter(here).select_related("package", "window")
    for step in steps.order_by("package__code", "label"):
        name = _step(step)
        yield f"{name} starts", step.planned_start_at
        yield f"{name} ends", step.planned_end_at
        yield f"{name} not before", step.not_before_at
    held = (
        reservations_for(
            [*codes, *(f"{ChangeRequest.SUBJECT}:{pk}" for pk in _carried(packages))]
        )
    )  # fmt: skip
    for booking in held.select_related("window").order_by("expires_at", "subject"):
        yield f"Reservation in {booking.window.code} ends", booking.expires_at
    if whole and night is not None:
        for number, booking in enumerate(reservations_in([night]), start=1):
            yield f"Reservation {number} of {booking.owner} ends", booking.expires_at


def _carried(packages: Sequence[ReleasePackage]) -> list[UUID]:
    members = PackageChange.objects.filter(package__in=packages, is_open=True)
    return list(members.values_list("change_id", flat=True))


def _ripple(
    about: str,
    where: str,
    before: _Picture,
    after: _Picture,
    packages: Sequence[ReleasePackage],
    night: ReleaseWindow,
) -> Ripple:
    again = [
        f"{code} was {state.lower()} and has to be confirmed again."
        for code, state in before.states.items()
        if state != after.states.get(code) and after.states.get(code) == "Planned"
        and state == "Ready"
    ]  # fmt: skip
    return Ripple(
        about=about,
        where=where,
        dates=shifts(before.dates, after.dates),
        collisions=new_in(before.collisions, after.collisions),
        solved=new_in(after.collisions, before.collisions),
        closed=tuple(_closed(packages, night)),
        seals=tuple(_seals(before, after)),
        absent=tuple(_absent(packages, night)),
        capacity=tuple(_booked(before, after)),
        notes=tuple(again),
    )


def _minutes(night: UUID | None) -> Use | None:
    """How long the plan of that night is as it is now; None without a plan."""
    window = windows_with_people().filter(pk__in=[night]).first()
    try:
        return minutes_use(window) if window else None
    except Unplannable:
        return None


def _booked(before: _Picture, after: _Picture) -> Iterator[Booked]:
    for key in dict.fromkeys((*before.uses, *after.uses)):
        was, now = before.uses.get(key), after.uses.get(key)
        present = now or was
        assert present is not None
        nothing = replace(present, booked=present.booked * 0, planned=present.planned * 0)
        if was != now:
            yield Booked(key[0], was or nothing, now or nothing)


def _seals(before: _Picture, after: _Picture) -> Iterator[SealBreak]:
    for code, plan in before.plans.items():
        rows = handed_in_rows(plan, after.plans.get(code, plan))
        nobody: frozenset[str] = frozenset()
        again = after.asked.get(code, nobody) - before.asked[code]
        again |= before.signed[code] - after.signed.get(code, nobody)
        if rows or again:
            told = tuple(ROW[row].what for row in ROW if row in rows)
            yield SealBreak(code, told, tuple(sorted(again)))


def _closed(packages: Sequence[ReleasePackage], night: ReleaseWindow) -> Iterator[Closed]:
    """The rules of the calendar, of any strength, that hold for what is moved."""
    works = [replace(work, site=night.site.code) for work in works_of(_carried(packages)).values()]
    for span in spans_between(night.opens_at, night.closes_at):
        if any(map(span.holds_for, works)):
            yield Closed(
                span.rule.code, span.rule.told, span.rule.strength, span.starts_at, span.ends_at
            )


def _absent(packages: Sequence[ReleasePackage], night: ReleaseWindow) -> Iterator[Absence]:
    """Who has a part in the new night and will not be there, as far as accounts and delegations
    tell."""
    parts: dict[UUID, str] = {}
    for package in packages:
        parts[package.owner_id] = f"owner of {package.code}"
        parts[package.coordinator_id] = f"coordinator of {package.code}"
    steps = Activity.objects.filter(package__in=packages).exclude(state__in=life.ENDED_STEP)
    for label, owner, deputy in steps.order_by("label").values_list("label", "owner", "deputy"):
        for pk, part in ((owner, "owner"), (deputy, "deputy")):
            if pk is not None:
                parts.setdefault(pk, f"{part} of step {label}")
    leading = ((night.release_manager_id, "release manager"), (night.coordinator_id, "coordinator"))
    for lead, part in leading:
        if lead is not None:
            parts.setdefault(lead, f"{part} of {night.code}")
    people = User.objects.in_bulk(parts)
    for pk, person in sorted(people.items(), key=lambda item: item[1].username):
        if not person.is_active:
            yield Absence(str(person), f"{parts[pk]}, has no active account")
    away = Delegation.objects.filter(
        delegator__in=parts, revoked_at=None, starts_at__lt=night.closes_at,
        ends_at__gt=night.opens_at,
    )  # fmt: skip
    for delegation in away.select_related("delegator", "delegate").order_by("starts_at", "pk"):
        role = LABEL_OF_ROLE.get(delegation.role, delegation.role).lower()
        yield Absence(
            str(delegation.delegator),
            f"{parts[delegation.delegator_id]}, has handed the role {role} to "
            f"{delegation.delegate} for that time",
        )
