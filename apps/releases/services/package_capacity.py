"""The two scarce things of a package before its night: its window's capacity and its changes'
schedule. Inner functions of the package's doors."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from apps.changes.models import ChangeRequest
from apps.changes.services import execution
from apps.core.actor import Actor
from apps.releases.models import ReleasePackage
from apps.releases.policies.package_facts import load_of
from apps.windows.services.bookings import book, rebook, release_booking


def take(package: ReleasePackage, actor: Actor) -> None:
    """Book the package into its window; refused when it does not fit."""
    load = load_of(package)
    assert package.window_id is not None
    book(
        window_pk=package.window_id,
        subject=package.subject,
        changes=load.changes,
        points=load.points,
        minutes=load.minutes,
        emergency=package.is_emergency,
        actor=actor,
    )


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
    load = load_of(package)
    rebook(
        subject=package.subject,
        changes=load.changes,
        points=load.points,
        minutes=load.minutes,
        actor=actor,
    )
    unschedule(package, actor, removed, "Taken out of the package.")
    schedule_approved(package, actor, added)
