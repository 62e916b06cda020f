"""The two scarce things of a package before its night: its window's capacity and its changes'
schedule. Inner functions of the package's doors."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from apps.changes.models import ChangeRequest
from apps.changes.services import execution
from apps.core.actor import Actor
from apps.releases.domain import lifecycle as life
from apps.releases.models import ReleasePackage
from apps.releases.policies.package_facts import load_of, may_join_late, reserved_for
from apps.windows.services.bookings import book, rebook, release_booking


def take(package: ReleasePackage, actor: Actor) -> None:
    """Book the package into its window; refused when it does not fit."""
    assert package.window_id is not None
    book(
        window_pk=package.window_id,
        subject=package.subject,
        load=load_of(package),
        emergency=package.is_emergency,
        actor=actor,
        holding=reserved_for(package),
        may_join_late=may_join_late(package, package.window),
    )


def follow_steps(package: ReleasePackage | None, actor: Actor) -> None:
    """After an edit of its steps: a booked package holds as many binds as it has."""
    if package is not None and package.state in life.BOOKED:
        package.__dict__.pop("_work", None)
        rebook(subject=package.subject, load=load_of(package), actor=actor)


def give_back(package: ReleasePackage, actor: Actor, comment: str = "") -> None:
    release_booking(subject=package.subject, actor=actor, comment=comment)


def schedule_approved(package: ReleasePackage, actor: Actor, ids: Iterable[UUID]) -> None:
    """approved → scheduled for those of `ids` that are approved."""
    approved = ChangeRequest.objects.filter(pk__in=list(ids), state="approved")
    chosen = list(approved.values_list("pk", flat=True))
    if chosen:
        execution.schedule(
            change_ids=chosen,
            actor=actor,
            package=package.subject,
            valid_through=package.window.closes_at if package.window else None,
        )


def unschedule(
    package: ReleasePackage, actor: Actor, ids: Iterable[UUID], comment: str = ""
) -> None:
    execution.unschedule(
        change_ids=list(ids), actor=actor, package=package.subject, comment=comment
    )


def follow_edit(
    package: ReleasePackage, actor: Actor, *, added: set[UUID], removed: set[UUID]
) -> None:
    """After an edit of a planned package: its booking and its changes' schedule fit again."""
    package.__dict__.pop("_work", None)
    rebook(
        subject=package.subject,
        load=load_of(package),
        actor=actor,
        may_join_late=may_join_late(package, package.window),
    )
    unschedule(package, actor, removed, "Taken out of the package.")
    schedule_approved(package, actor, added)
