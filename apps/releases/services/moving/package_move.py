"""Move a package to another window."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from apps.core.actor import Actor
from apps.core.errors import bad_input, refuse_if_any
from apps.core.text import tidy
from apps.evidence.services.door import door
from apps.evidence.services.ledger import record
from apps.releases import events
from apps.releases.domain import lifecycle as life
from apps.releases.domain.ripple import Ripple
from apps.releases.models import Activity, PackageDependency, ReleasePackage
from apps.releases.policies.moving import followers_blockers, move_package_blockers, target_blockers
from apps.releases.policies.package_facts import work_of
from apps.releases.policies.reasons import reason_blockers
from apps.releases.services import package_capacity as capacity
from apps.releases.services.execution_seal import seal_plan
from apps.releases.services.moving.picture import Picture
from apps.releases.services.moving.preview import Preview, refuse_other, undone, versions_of
from apps.releases.services.moving.rippling import ripple_of
from apps.releases.services.moving.steps import cut_links, shift_steps
from apps.releases.services.package_content import lock_package
from apps.releases.services.readiness import IN_A_DOOR, refresh_items
from apps.releases.services.rows import as_key
from apps.releases.services.slots import order_blockers, with_next_window
from apps.windows.models import ReleaseWindow

Reason = ReleasePackage.DelayReason


def preview_package_move(*, pk: UUID | str, actor: Actor, window: UUID | str) -> Preview:
    """What `move_package` would do, without doing it."""
    return undone(lambda: _move_package(pk, actor, window), as_key(window))


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
    refuse_other(ripple, digest)
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
    versions = versions_of([package, *places])
    before = Picture.of([package], places, night=old)
    cut = cut_links(package, target, actor, comment)
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
        shift_steps(
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
    after = Picture.of([package], places, night=target)
    ripple = ripple_of(package.code, f"{old.code if old else 'no window'} to {target.code}",
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
