"""What forces the order in which packages are backed out, and what nothing undoes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q

from apps.changes.models import ChangeAsset
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker
from apps.evidence.domain.canonical import digest
from apps.releases.domain import lifecycle as life
from apps.releases.domain.baseline import Installation, why_before
from apps.releases.models import Activity, ActivityChange, PackageDependency, ReleasePackage
from apps.releases.policies.package_facts import work_of

#: What waits for the second executive, by its name in the proposals.
BACKOUT = "backout"
#: The second executive where the way back is no longer safe.
EXECUTIVES = ("cab_chair", "change_manager")
_IN_PRODUCTION = Q(
    state__in=[life.IN_PROGRESS, life.VALIDATING, life.FAILED, life.BACKING_OUT, life.COMPLETED,
               life.PARTIALLY]
) | Q(state=life.CLOSED, outcome__in=[life.COMPLETED, life.PARTIALLY])  # fmt: skip


def final_steps(package: ReleasePackage) -> list[Activity]:
    """Steps that have run, cannot be undone and have no way back."""
    work = work_of(package)
    reversed_ids = {step.reverses_id for step in work.steps if step.is_backout}
    return [
        step
        for step in work.forward
        if step.irreversible
        and step.pk not in reversed_ids
        and step.state in (*life.DONE_STEP, *life.RUNNING_STEP)
    ]


def on_top_blockers(package: ReleasePackage) -> Iterator[Blocker]:
    """X05: packages that rest on what this one installed are backed out before it."""
    for other, why in resting_on(package):
        yield Blocker(
            "rests_on_it",
            f"{other.code} rests on {package.code}: {why}.",
            f"Back {other.code} out first.",
            "release manager",
            details={"package": other.code},
        )


def resting_on(package: ReleasePackage) -> list[tuple[ReleasePackage, str]]:
    """Packages that have altered production on top of this one, and why each is on top.

    A constant number of queries.
    """
    mine = set(
        ChangeAsset.objects.filter(change__memberships__package=package).values_list(
            "asset_id", flat=True
        )
    )
    on_it = Q(members__change__assets__asset__in=mine) | Q(dependencies__predecessor=package)
    rows = ReleasePackage.objects.filter(_IN_PRODUCTION).filter(on_it).exclude(pk=package.pk)
    if package.started_at is not None:
        rows = rows.filter(Q(ended_at__isnull=True) | Q(ended_at__gt=package.started_at))
    others = {row.pk: row for row in rows.distinct().order_by("code")}
    if not others:
        return []
    installed = _installed([package.pk, *others])
    here = installed.get(package.pk, {})
    found = []
    for key, other in others.items():
        for asset, (name, theirs) in sorted(
            installed.get(key, {}).items(), key=lambda each: each[1][0]
        ):
            if asset in here and _comes_later(here[asset][1], theirs):
                found.append((other, f"{name} in it came later"))
                break
        else:
            waits = any(package.pk in one.after for _, one in installed.get(key, {}).values())
            if waits and here:
                found.append((other, "it waits for it"))
    return found


def _comes_later(mine: Installation, theirs: Installation) -> bool:
    if why_before(mine, theirs):
        return True
    if why_before(theirs, mine) or mine.starts_at is None or theirs.starts_at is None:
        return False
    return theirs.starts_at > mine.starts_at


def _installed(packages: Sequence[UUID]) -> dict[UUID, dict[UUID, tuple[str, Installation]]]:
    """By package and asset what its altering steps have brought, with the asset's name."""
    steps = list(
        Activity.objects.filter(
            package__in=packages, is_backout=False, type__alters=True,
            state__in=[*life.DONE_STEP, *life.RUNNING_STEP],
        ).values_list("pk", "package_id", "started_at", "ended_at")
    )  # fmt: skip
    named: dict[UUID, set[UUID]] = {}
    for step, change in ActivityChange.objects.filter(
        activity__in=[row[0] for row in steps]
    ).values_list("activity_id", "change_id"):
        named.setdefault(step, set()).add(change)
    after: dict[UUID, set[UUID]] = {}
    for key, before in PackageDependency.objects.filter(package__in=packages).values_list(
        "package_id", "predecessor_id"
    ):
        after.setdefault(key, set()).add(before)
    lines = ChangeAsset.objects.filter(
        change__memberships__package__in=packages
    ).exclude(change__memberships__outcome="not_delivered").values_list(
        "change__memberships__package", "change_id", "asset_id", "asset__name", "from_version",
        "to_version",
    )  # fmt: skip
    found: dict[UUID, dict[UUID, tuple[str, Installation]]] = {}
    for package, change, asset, name, built_on, level in lines:
        served = [
            row for row in steps
            if row[1] == package and (row[0] not in named or change in named[row[0]])
        ]  # fmt: skip
        if served and package in packages:
            starts = [row[2] for row in served if row[2] is not None]
            ends = [row[3] for row in served if row[3] is not None]
            found.setdefault(package, {})[asset] = name, Installation(
                asset=asset, unit=package, code="", built_on=built_on, level=level,
                starts_at=min(starts, default=None),
                ends_at=max(ends) if len(ends) == len(served) else None,
                after=frozenset(after.get(package, ())),
            )  # fmt: skip
    return found


def backout_digest(package: ReleasePackage, values: dict[str, Any]) -> str:
    return digest({"package": package.code, "state": package.state, "values": values})


def executive_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    """The second executive has no step of the package."""
    if actor.id in work_of(package).implementers:
        yield Blocker(
            "separation_of_duties",
            "You run or stand in for a step of this package.",
            "Another executive confirms.",
            "another executive",
            kind="permission",
        )


def decision_due(package: ReleasePackage) -> Any:
    """Until when a failed package is to be decided on: D minutes after it failed; None otherwise.

    D is its window's; a package without a window has that of a window by default.
    """
    if package.state != life.FAILED or package.failed_at is None:
        return None
    minutes = package.window.decide_minutes if package.window else 15
    return package.failed_at + timedelta(minutes=minutes)


def is_overdue(package: ReleasePackage) -> bool:
    due = decision_due(package)
    return due is not None and clock.now() > due
