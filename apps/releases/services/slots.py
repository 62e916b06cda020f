"""Where a package, or a load that somebody imagines, has room in the coming weeks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from apps.changes.domain import lifecycle as change_life
from apps.changes.models import ChangeAsset, ChangeRequest
from apps.changes.selectors import authorisation_blockers, works_of
from apps.core import clock
from apps.core.errors import Blocker
from apps.gates.selectors import windows_joined_late
from apps.releases.domain import lifecycle as life
from apps.releases.domain.points import default_points
from apps.releases.domain.sequence import Timed, forward_times
from apps.releases.models import PackageDependency, ReleasePackage
from apps.releases.policies.package_facts import load_of, work_of
from apps.windows.domain.calendar import Work
from apps.windows.domain.capacity import Load
from apps.windows.models import ReleaseWindow
from apps.windows.selectors import DAYS, Slot, Wanted, find_slots

#: How a wall clock is told in a sentence.
TOLD = "%a %d %b %Y %H:%M"


def slots_of_package(package: ReleasePackage, *, days: int = DAYS) -> list[Slot]:
    """The windows of the next `days` days with every reason against the package in each; the one
    that it has is left out. A constant number of queries."""
    work = work_of(package)
    wanted = Wanted(
        load_of(package),
        package.code,
        tuple(works_of(work.open_changes).values()),
        package.subject,
        package.is_emergency,
        least_minutes(package),
        work.reserved,
        windows_joined_late(
            package.subject,
            [member.change.code for member in work.members if member.is_open],
        ),
    )
    before = [row.predecessor for row in work.dependencies]
    after = [
        row.package
        for row in PackageDependency.objects.filter(predecessor=package).select_related(
            "package__window"
        )
    ]
    timed = ChangeRequest.objects.filter(pk__in=work.open_changes).exclude(earliest_on=None)
    first_days = dict(timed.values_list("code", "earliest_on"))

    def against(window: ReleaseWindow) -> Iterator[Blocker]:
        yield from order_blockers(window, before, after)
        for facts in work.change_facts.values():
            if facts.state in (change_life.APPROVED, change_life.SCHEDULED):
                yield from authorisation_blockers(facts, window.closes_at)
        opens_on = window.opens_at.astimezone(ZoneInfo(window.zone)).date()
        for code, day in first_days.items():
            if day is not None and opens_on < day:
                yield Blocker(
                    "too_early",
                    f"{code} is not to go live before {day:%d %b %Y}.",
                    "Choose a later window; an earlier one needs its signatures again.",
                    "change owner",
                )

    found = find_slots(wanted, days=days, against=against)
    return [slot for slot in found if slot.window.pk != package.window_id]


def order_blockers(
    window: ReleaseWindow, before: Iterable[ReleasePackage], after: Iterable[ReleasePackage]
) -> Iterator[Blocker]:
    """Whether what comes `before` and `after` a package lies on the right side of `window`."""
    for other in before:
        there = _night_of(other)
        if there is not None and there.opens_at > window.opens_at:
            yield _order(other, f"{other.code} comes first and is in the later {there.code}")
    for other in after:
        there = _night_of(other)
        if there is not None and there.opens_at < window.opens_at:
            yield _order(other, f"{other.code} waits for it and is in the earlier {there.code}")


def _night_of(package: ReleasePackage) -> ReleaseWindow | None:
    """Its window, while it waits for it."""
    return package.window if package.state in life.AWAITING else None


def _order(other: ReleasePackage, text: str) -> Blocker:
    return Blocker(
        "package_order", f"{text}.", f"Move {other.code} as well, or choose another window.",
        "release coordinator",
    )  # fmt: skip


def slots_for_load(
    load: Load, *, applications: Iterable[str] = (), minutes: int = 0, days: int = DAYS
) -> list[Slot]:
    """The same for a load that nobody has drafted yet."""
    works = (Work(applications=frozenset(applications)),)
    return find_slots(Wanted(load, "This", works, minutes=minutes), days=days)


def next_fit(slots: Iterable[Slot], after: datetime | None = None) -> ReleaseWindow | None:
    """The first window with room; with `after` of those that open later."""
    fitting = (slot.window for slot in slots if slot.fits)
    return next((w for w in fitting if after is None or w.opens_at > after), None)


def with_next_window(package: ReleasePackage, blockers: list[Blocker]) -> list[Blocker]:
    """A window that is full is told together with the next one that is not."""
    full = any(blocker.code == "no_capacity" for blocker in blockers)
    return [*blockers, next_window_blocker(package)] if full else blockers


def next_window_blocker(package: ReleasePackage) -> Blocker:
    """In place of the window that is full: the next one with room."""
    found = next_fit(slots_of_package(package))
    if found is None:
        return Blocker(
            "no_room_soon",
            f"No window of the next {DAYS} days has room for {package.code}.",
            "Plan another window, or split the package.",
            "release manager",
        )
    return Blocker(
        "next_window",
        f"{package.code} fits into {found.code} next, which opens "
        f"{found.opens_at.astimezone(ZoneInfo(found.zone)):{TOLD}}.",
        f"Plan it for {found.code}.",
        "release coordinator",
        details={"window": str(found.pk), "code": found.code},
    )


def least_minutes(package: ReleasePackage) -> int:
    """What its plan takes at least: its longest chain of steps, people left aside."""
    work, zero = work_of(package), clock.now()
    times = forward_times(
        (
            Timed(
                step.pk, step.label, step.duration_minutes, frozenset(work.after[step.pk]),
                None, None,
            )
            for step in work.forward
        ),
        zero,
    )  # fmt: skip
    end = max((end for _, end in times.values()), default=zero)
    return int((end - zero) / timedelta(minutes=1))


def points_of(changes: Iterable[UUID], band: str) -> Decimal:
    """The points that follow from what these changes touch, and from their highest band."""
    lines = list(
        ChangeAsset.objects.filter(change__in=list(changes))
        .values_list("asset__type__code", "asset__type__family", "action")
    )  # fmt: skip
    return default_points(
        families=[family for _, family, _ in lines],
        converts_data=any(action == "convert" for *_, action in lines),
        ddl=any(
            code in ("db2_table", "db2_tablespace", "db2_index") and action != "rebind_only"
            for code, _, action in lines
        ),
        interface=any(code == "interface" for code, *_ in lines),
        band=band,
    )
