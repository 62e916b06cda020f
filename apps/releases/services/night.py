"""The night of a window, where windows and packages meet. Doors of releases on windows.

Everybody locks the window first, then its packages in key order.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from apps.core.actor import Actor
from apps.core.errors import refuse_if_any
from apps.core.step_up import step_up_blockers
from apps.core.text import text_blockers
from apps.evidence.services.door import door
from apps.evidence.services.ledger import lock
from apps.releases.domain import lifecycle as life
from apps.releases.models import ReleasePackage
from apps.releases.policies import night as rules
from apps.releases.policies.reasons import reason_blockers
from apps.releases.services.activities import release_ready_activities
from apps.releases.services.business_date import day_blockers, day_of
from apps.releases.services.first_cycle import watch_first_cycle
from apps.releases.services.package import leave_window
from apps.releases.services.package_content import lock_package
from apps.releases.services.rows import key_of
from apps.windows.models import ReleaseWindow
from apps.windows.selectors import windows_with_people
from apps.windows.services import night as windows


def _lock_window(pk: Any, expected_seq: int | None) -> ReleaseWindow:
    return lock(windows_with_people(), key_of(pk, "window"), expected_seq=expected_seq)


@door("window")
def start_window(
    *,
    pk: UUID,
    actor: Actor,
    batch_held: bool = False,
    business_date: str = "",
    expected_seq: int | None = None,
    comment: str = "",
) -> ReleaseWindow:
    """The night begins: the steps that all packages share become ready.

    Where no step holds the batch, `batch_held` says that it is held, and `business_date`
    (2026-11-22) for which date; both are kept with the start.
    """
    window = _lock_window(pk, expected_seq)
    refuse_if_any([
        *rules.start_window_blockers(actor, window),
        *rules.batch_hold_blockers(window, confirmed=batch_held, told=day_of(business_date)),
        *(day_blockers(business_date) if business_date else ()),
        *text_blockers("comment", comment),
    ])  # fmt: skip
    told = {"batch_held": True, "business_date": business_date} if batch_held else {}
    window = windows.start(pk=window.pk, actor=actor, comment=comment, told=told)
    release_ready_activities(window=window.pk, actor=actor)
    return window


@door("window")
def hand_back_window(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> ReleaseWindow:
    """Production has its systems back; the first jobs that run what was changed are watched."""
    window = _lock_window(pk, expected_seq)
    refuse_if_any([*rules.hand_back_blockers(actor, window), *text_blockers("comment", comment)])
    window = windows.hand_back(pk=window.pk, actor=actor, comment=comment)
    watch_first_cycle(window, actor)
    return window


@door("window")
def close_window(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> ReleaseWindow:
    """Every package is settled; the comment holds the lessons of the night."""
    window = _lock_window(pk, expected_seq)
    refuse_if_any([*rules.close_window_blockers(actor, window), *text_blockers("comment", comment)])
    return windows.close(pk=window.pk, actor=actor, comment=comment)


@door("window")
def cancel_window(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> ReleaseWindow:
    """The window does not take place; its packages are delayed."""
    window = _lock_window(pk, expected_seq)
    refuse_if_any([*rules.cancel_window_blockers(actor, window), *reason_blockers(comment)])
    _delay_packages(window, actor, comment, life.PLANNED, life.READY)
    return windows.cancel(pk=window.pk, actor=actor, comment=comment)


@door("window")
def abort_window(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> ReleaseWindow:
    """Give the night up before anything was altered; what was to run is delayed."""
    window = _lock_window(pk, expected_seq)
    refuse_if_any(
        [
            *step_up_blockers(actor),
            *rules.abort_window_blockers(actor, window),
            *reason_blockers(comment),
        ]
    )
    _delay_packages(window, actor, comment, life.PLANNED, life.READY, life.IN_PROGRESS)
    return windows.abort(pk=window.pk, actor=actor, comment=comment)


def _delay_packages(window: ReleaseWindow, actor: Actor, comment: str, *states: str) -> None:
    reason = ReleasePackage.DelayReason.WINDOW_CANCELLED
    for package in rules.packages_of(window, *states):
        leave_window(lock_package(package.pk), actor, reason, comment)
