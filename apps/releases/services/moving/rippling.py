"""What differs between two moments of a move."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from uuid import UUID

from apps.accounts.domain.roles import LABEL_OF_ROLE
from apps.accounts.models import Delegation, User
from apps.changes.domain.seal import ROW, handed_in_rows
from apps.changes.selectors import works_of
from apps.releases.domain import lifecycle as life
from apps.releases.domain.ripple import Absence, Booked, Closed, Ripple, SealBreak, new_in, shifts
from apps.releases.models import Activity, ReleasePackage
from apps.releases.services.moving.picture import Picture, carried
from apps.windows.models import ReleaseWindow
from apps.windows.selectors import spans_between


def ripple_of(
    about: str,
    where: str,
    before: Picture,
    after: Picture,
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


def _booked(before: Picture, after: Picture) -> Iterator[Booked]:
    for key in dict.fromkeys((*before.uses, *after.uses)):
        was, now = before.uses.get(key), after.uses.get(key)
        present = now or was
        assert present is not None
        nothing = replace(present, booked=present.booked * 0, planned=present.planned * 0)
        if was != now:
            yield Booked(key[0], was or nothing, now or nothing)


def _seals(before: Picture, after: Picture) -> Iterator[SealBreak]:
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
    works = [replace(work, site=night.site.code) for work in works_of(carried(packages)).values()]
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
