"""What a package carries, and what it waits for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from apps.changes.domain import lifecycle as change_life
from apps.changes.models import ChangeRequest
from apps.core.actor import Actor
from apps.core.errors import Blocker, bad_input
from apps.core.text import text_blockers
from apps.gates.domain.cycles import shortest_cycle
from apps.releases.domain import lifecycle as life
from apps.releases.models import PackageChange, ReleasePackage
from apps.releases.policies.package.common import LABELS, MANAGER, coordinator_blockers
from apps.releases.policies.package_facts import package_edges, work_of
from apps.windows.domain import lifecycle as window_life


def create_blockers(actor: Actor) -> Iterator[Blocker]:
    yield from coordinator_blockers(actor, MANAGER)


def edit_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    yield from coordinator_blockers(actor, MANAGER)
    yield from content_blockers(package)


def content_blockers(package: ReleasePackage) -> Iterator[Blocker]:
    """Why the content and the plan of a package may not be edited."""
    if package.state == life.READY:
        yield Blocker(
            "content_locked",
            f"{package.code} is confirmed ready; its content and plan are fixed.",
            "Open it for planning again, with a reason.",
            "release coordinator",
            kind="state",
        )
    elif package.state not in life.EDITABLE:
        yield Blocker(
            "content_locked",
            f"{package.code} is {LABELS[package.state].lower()}; its content is fixed.",
            "What is needed now is a new change in a new package.",
            "release coordinator",
            kind="state",
        )


def values_blockers(values: Mapping[str, Any]) -> Iterator[Blocker]:
    yield from text_blockers("name", values.get("name") or "", required=True, longest=120)
    yield from text_blockers("scm_package", values.get("scm_package") or "", longest=60)
    yield from text_blockers("incident_ref", values.get("incident_ref") or "", longest=40)
    yield from text_blockers("code", values.get("code") or "", longest=20)


def window_change_blockers(package: ReleasePackage, had: UUID | None) -> Iterator[Blocker]:
    """`had` is the window it was in. A planned package holds capacity of that window."""
    window = package.window
    if package.state == life.PLANNED and package.window_id != had:
        yield Blocker(
            "window_fixed",
            f"{package.code} is planned; it keeps its window.",
            "Delay it, then plan it for the other window.",
            "release coordinator",
            kind="state",
            field="window",
        )
    elif window is not None and window.state in (window_life.CLOSED, window_life.CANCELLED):
        yield bad_input("window", f"{window.code} is {window.get_state_display().lower()}.",
                        "Choose a window that is still to come.")  # fmt: skip


def member_blockers(package: ReleasePackage, changes: Iterable[ChangeRequest]) -> Iterator[Blocker]:
    """Whether each of `changes` may be carried by this package."""
    rows = list(changes)
    elsewhere = {
        member.change_id: member.package
        for member in PackageChange.objects.filter(
            change__in=[change.pk for change in rows], is_open=True
        )
        .exclude(package=package)
        .select_related("package")
    }
    possible = (change_life.DRAFT, change_life.ASSESSING, change_life.APPROVED,
                change_life.SCHEDULED)  # fmt: skip
    for change in rows:
        if change.pk in elsewhere:
            yield Blocker(
                "in_other_package",
                f"{change.code} is in {elsewhere[change.pk].code}.",
                "Take it out of that package first.",
                "release coordinator",
                field="members",
            )
        if change.state not in possible:
            yield Blocker(
                "change_ended",
                f"{change.code} is {change.get_state_display().lower()}.",
                "Choose a change that is still to be delivered.",
                "release coordinator",
                field="members",
            )


def carried_blockers(
    package: ReleasePackage, changes: Iterable[ChangeRequest]
) -> Iterator[Blocker]:
    """What a planned package asks of the changes it carries after an edit."""
    if package.state != life.PLANNED:
        return
    rows = list(changes)
    if not rows:
        yield empty_blocker(package)
    for change in rows:
        if change.state == change_life.DRAFT:
            yield draft_blocker(change)


def empty_blocker(package: ReleasePackage) -> Blocker:
    return Blocker(
        "no_changes",
        f"{package.code} carries no change.",
        "Add at least one change.",
        "release coordinator",
        field="members",
    )


def draft_blocker(change: ChangeRequest) -> Blocker:
    return Blocker(
        "change_draft",
        f"{change.code} is a draft.",
        "Submit it for assessment.",
        str(change.requester),
        field="members",
    )


def cycle_blockers(package: ReleasePackage, predecessors: Iterable[UUID]) -> Iterator[Blocker]:
    """Whether packages would wait for each other, naming them."""
    edges = package_edges() | {package.pk: set(predecessors)}
    cycle = shortest_cycle(edges)
    if package.pk in cycle:
        codes = dict(ReleasePackage.objects.filter(pk__in=cycle).values_list("pk", "code"))
        codes[package.pk] = package.code
        way = " → ".join(codes[key] for key in (*cycle, cycle[0]))
        yield Blocker(
            "package_cycle",
            f"These packages wait for each other: {way}.",
            "Remove one of the dependencies, or put the changes into one package.",
            "release coordinator",
            field="dependencies",
        )


def plan_cycle_blockers(package: ReleasePackage) -> Iterator[Blocker]:
    work = work_of(package)
    cycle = shortest_cycle(work.after)
    if cycle:
        labels = {step.pk: step.label for step in work.steps}
        way = " → ".join(labels[key] for key in (*cycle, cycle[0]))
        yield Blocker(
            "step_cycle",
            f"These steps wait for each other: {way}.",
            "Remove one of the dependencies between them.",
            "release coordinator",
        )
