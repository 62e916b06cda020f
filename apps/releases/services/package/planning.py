"""A package on its way into a window: plan it, plan it anew, open it for planning again."""

from __future__ import annotations

from uuid import UUID

from apps.core.actor import Actor
from apps.core.errors import bad_input, refuse_if_any
from apps.core.text import text_blockers
from apps.evidence.events import Event
from apps.evidence.services.door import door
from apps.releases import events
from apps.releases.models import ReleasePackage
from apps.releases.policies import package as rules
from apps.releases.policies.package_facts import work_of
from apps.releases.policies.reasons import reason_blockers
from apps.releases.services import package_capacity as capacity
from apps.releases.services.execution_seal import seal_plan
from apps.releases.services.package.blockers import plan_blockers
from apps.releases.services.package.recording import record_package
from apps.releases.services.package_content import lock_package
from apps.releases.services.readiness import IN_A_DOOR, refresh_items
from apps.releases.services.rows import as_key, key_of
from apps.releases.services.slots import with_next_window
from apps.releases.services.step_order import lock_night_of, order_steps
from apps.windows.models import ReleaseWindow


@door("package")
def plan(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> ReleasePackage:
    """Take the window's capacity, schedule the approved changes, order the steps by their rules,
    open the readiness items."""
    lock_night_of(key_of(pk, "package"))
    package = lock_package(pk, expected_seq=expected_seq)
    blockers = [*plan_blockers(actor, package), *text_blockers("comment", comment)]
    refuse_if_any(with_next_window(package, blockers))
    package.plan()
    return _planned(package, actor, events.PACKAGE_PLANNED, comment)


@door("package")
def replan(
    *,
    pk: UUID,
    actor: Actor,
    window: UUID | str,
    expected_seq: int | None = None,
    comment: str = "",
) -> ReleasePackage:
    """Plan a delayed package for `window`."""
    chosen = as_key(window)
    lock_night_of(key_of(pk, "package"), chosen)
    package = lock_package(pk, expected_seq=expected_seq, window_id=chosen)
    found = ReleaseWindow.objects.filter(pk=chosen).first() if chosen else None
    blockers = [*rules.replan_blockers(actor, package), *text_blockers("comment", comment)]
    if found is None:
        blockers.append(bad_input("window", "There is no such window.", "Choose one of the list."))
    else:
        blockers += rules.new_window_blockers(package, found)
    refuse_if_any(with_next_window(package, blockers))
    package.window = found
    package.delay_count += 1
    package.replan()
    return _planned(package, actor, events.PACKAGE_REPLANNED, comment)


def _planned(package: ReleasePackage, actor: Actor, event: Event, comment: str) -> ReleasePackage:
    capacity.take(package, actor)
    seal_plan(package, actor, comment)
    capacity.schedule_approved(package, actor, work_of(package).open_changes)
    record_package(package, actor, event, comment)
    order_steps(package, actor, comment)
    refresh_items(package, most_steps=IN_A_DOOR)
    return package


@door("package")
def regress(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> ReleasePackage:
    """ready → planned: the portal when a gate turned false, a coordinator to edit the plan.

    `comment` is the cause.
    """
    package = lock_package(pk, expected_seq=expected_seq)
    refuse_if_any([*rules.regress_blockers(actor, package), *reason_blockers(comment, "Cause")])
    package.regress()
    package.forget_confirmation()
    record_package(package, actor, events.PACKAGE_REGRESSED, comment)
    refresh_items(package, most_steps=IN_A_DOOR)
    return package
