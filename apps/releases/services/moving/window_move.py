"""Move a window to another time, or to another length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q

from apps.accounts.models import User
from apps.core.actor import Actor
from apps.core.errors import refuse_if_any
from apps.core.text import tidy
from apps.evidence.services.door import door
from apps.evidence.services.ledger import lock, record, remember
from apps.releases import events
from apps.releases.domain import lifecycle as life
from apps.releases.domain.ripple import Ripple
from apps.releases.models import Activity, ReleasePackage
from apps.releases.policies.package import calendar_blockers, valid_through_blockers
from apps.releases.policies.reasons import reason_blockers
from apps.releases.services.execution_seal import seal_plan
from apps.releases.services.moving.picture import Picture
from apps.releases.services.moving.preview import Preview, refuse_other, undone, versions_of
from apps.releases.services.moving.rippling import ripple_of
from apps.releases.services.moving.steps import shift_steps
from apps.releases.services.readiness import IN_A_DOOR, refresh_items
from apps.releases.services.rows import as_key, key_of, lock_rows
from apps.windows.models import ReleaseWindow
from apps.windows.selectors import windows_with_people
from apps.windows.services.planning import shift_window


def preview_window_move(
    *, pk: UUID | str, actor: Actor, opens_at: datetime, closes_at: datetime | None = None
) -> Preview:
    """What `move_window` would do, without doing it."""
    return undone(lambda: _move_window(pk, actor, opens_at, closes_at), as_key(pk))


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
    refuse_other(ripple, digest)
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
    versions = versions_of([window, *packages])
    was = window.opens_at
    before = Picture.of(packages, [window], night=window, whole=True)
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
        shift_steps(
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
    after = Picture.of(packages, [window], night=window, whole=True)
    opens, closes = (
        moment.astimezone(ZoneInfo(window.zone)) for moment in (opens_at, window.closes_at)
    )
    where = f"{opens:%a %d %b %Y %H:%M} to {closes:%a %d %b %H:%M}"
    ripple = ripple_of(window.code, where, before, after, packages, window)
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
