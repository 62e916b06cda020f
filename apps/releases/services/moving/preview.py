"""What a preview does and undoes, and that a commit is what its preview told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.core.errors import Blocker, Refused
from apps.releases.domain.planner.plan import Unplannable
from apps.releases.domain.ripple import Ripple
from apps.releases.services.window_ledger import minutes_use
from apps.windows.domain.capacity import Use
from apps.windows.selectors import windows_with_people


@dataclass(frozen=True, slots=True)
class Preview:
    """What a move would change, or every reason why it cannot be made."""

    ripple: Ripple | None = None
    blockers: tuple[Blocker, ...] = ()


def undone(move: Callable[[], tuple[Any, Ripple]], night: UUID | None) -> Preview:
    """What `move` comes to, taken back; `night` is the window whose plan is told then."""
    try:
        with transaction.atomic():
            _, ripple = move()
            ripple = replace(ripple, minutes=_minutes(night))
            transaction.set_rollback(True)
    except Refused as refusal:
        return Preview(blockers=refusal.blockers)
    return Preview(ripple)


def refuse_other(ripple: Ripple, digest: str) -> None:
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


def versions_of(records: Iterable[Any]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted((record.subject, record.evidence_seq) for record in records))


def _minutes(night: UUID | None) -> Use | None:
    """How long the plan of that night is as it is now; None without a plan."""
    window = windows_with_people().filter(pk__in=[night]).first()
    try:
        return minutes_use(window) if window else None
    except Unplannable:
        return None
