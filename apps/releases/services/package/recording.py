"""What every move of a package ends with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from apps.changes.models import ChangeRequest
from apps.core.actor import Actor
from apps.evidence.events import Event
from apps.evidence.services.ledger import record
from apps.releases.models import ReleasePackage

Outcome = ReleasePackage.Outcome


def forget_decision(package: ReleasePackage) -> None:
    package.go_decision = package.go_reason = ""
    package.go_by = package.go_at = None


def tell_changes(
    move: Any,
    package: ReleasePackage,
    actor: Actor,
    ids: Sequence[UUID],
    state: str,
    comment: str,
) -> None:
    """Tell governance of those changes that are in `state`."""
    there = ChangeRequest.objects.filter(pk__in=ids, state=state).order_by("pk")
    chosen = list(there.values_list("pk", flat=True))
    if chosen:
        move(change_ids=chosen, actor=actor, package=package.subject, comment=comment)


def record_package(
    package: ReleasePackage, actor: Actor, event: Event, comment: str, **more: Any
) -> ReleasePackage:
    """Inner: save what was changed on the locked package, with its entry."""
    record(package, actor=actor, event=event, comment=comment, parts=package.part_values(), **more)
    package.__dict__.pop("_work", None)
    return package
