"""Every reason why a package or a window cannot be moved to another night."""

from __future__ import annotations

from collections.abc import Iterator

from apps.core.actor import Actor
from apps.core.errors import Blocker, bad_input
from apps.releases.domain import lifecycle as life
from apps.releases.models import ActivityDependency, ReleasePackage
from apps.releases.policies.package import (
    COORDINATOR,
    LABELS,
    MANAGER,
    content_complete_blockers,
    new_window_blockers,
)
from apps.releases.policies.reasons import role_blockers
from apps.windows.domain import lifecycle as window_life
from apps.windows.models import ReleaseWindow


def move_package_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    """Whether `actor` may move it to some other window."""
    yield from role_blockers(actor, COORDINATOR, MANAGER)
    window = package.window
    if package.state not in life.MOVABLE:
        yield Blocker(
            "wrong_state",
            f"{package.code} is {LABELS[package.state].lower()}; a package is moved before its "
            "night.",
            "Delay it, or back it out.",
            "release coordinator",
            kind="state",
        )
    elif (
        window is not None
        and package.state in life.BOOKED
        and window.state not in window_life.MOVABLE
    ):
        yield Blocker(
            "night_begun",
            f"{window.code} is {window.get_state_display().lower()}.",
            "Move the package out of its window, then plan it for another one.",
            "release coordinator",
            kind="state",
        )


def target_blockers(package: ReleasePackage, target: ReleaseWindow | None) -> Iterator[Blocker]:
    """Whether the package may come into `target`."""
    if target is None:
        yield bad_input("window", "There is no such window.", "Choose one of the list.")
    elif target.pk == package.window_id and package.state != life.DELAYED:
        yield bad_input("window", f"{package.code} is in {target.code} already.",
                        "Choose another window.", "same_window")  # fmt: skip
    elif package.state == life.DRAFT:
        if target.state not in window_life.MOVABLE:
            yield bad_input("window", f"{target.code} is {target.get_state_display().lower()}.",
                            "Choose a window that is still to come.")  # fmt: skip
    else:
        yield from content_complete_blockers(package)
        yield from new_window_blockers(package, target)


def followers_blockers(package: ReleasePackage) -> Iterator[Blocker]:
    """Steps of packages that are confirmed and stay behind do not lose what they wait for."""
    links = ActivityDependency.objects.filter(
        predecessor__package=package, activity__package__state=life.READY
    ).exclude(activity__package=package)
    for link in links.select_related("activity__package", "predecessor"):
        other = link.activity.package
        assert other is not None
        yield Blocker(
            "awaited",
            f"Step {link.activity.label} of {other.code}, which is confirmed ready, waits for step "
            f"{link.predecessor.label}.",
            f"Open {other.code} for planning, or move it as well.",
            "release coordinator",
        )
