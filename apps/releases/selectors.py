"""Read packages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, Max, Min, Q, QuerySet, Value, When

from apps.changes.models import ChangeAsset, ChangeRequest
from apps.gates.models import ReadinessItem
from apps.gates.selectors import items_of
from apps.inventory.models import Asset
from apps.releases.domain import lifecycle as life
from apps.releases.domain.baseline import Base, Installation, base_at, base_of, in_order
from apps.releases.models import Activity, Finding, ReleasePackage, ValidationCheck
from apps.releases.policies.package_facts import work_of
from apps.windows.models import ReleaseWindow


def packages_with_people() -> QuerySet[ReleasePackage]:
    return ReleasePackage.objects.select_related("window", "owner", "coordinator")


def packages_with_counts() -> QuerySet[ReleasePackage]:
    """With `change_count`, `step_count` and `done_count`, the steps that go forward."""
    forward = Q(activities__is_backout=False)
    ended = forward & Q(activities__state__in=life.ENDED_STEP)
    return packages_with_people().annotate(
        change_count=Count("members", distinct=True),
        step_count=Count("activities", filter=forward, distinct=True),
        done_count=Count("activities", filter=ended, distinct=True),
    )


def packages_of_window(window: ReleaseWindow) -> QuerySet[ReleasePackage]:
    return packages_with_counts().filter(window=window).order_by("code")


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A step of the plan with the labels of the steps it still waits for."""

    step: Activity
    waits_for: tuple[str, ...]


def plan_of(package: ReleasePackage) -> list[PlanLine]:
    """The steps in the order in which people read them: forward, then the way back."""
    work = work_of(package)
    open_labels = {step.pk: step.label for step in work.steps if step.state not in life.ENDED_STEP}
    lines = [
        PlanLine(
            step,
            tuple(sorted(open_labels[key] for key in work.after[step.pk] if key in open_labels)),
        )
        for step in work.steps
    ]
    return sorted(lines, key=lambda line: line.step.is_backout)


def checks_of(package: ReleasePackage) -> Sequence[ValidationCheck]:
    return work_of(package).checks


def readiness_of(package: ReleasePackage) -> QuerySet[ReadinessItem]:
    return items_of(package.subject)


#: The heaviest first.
_BY_WEIGHT = Case(
    When(severity="hard", then=Value(0)), When(severity="soft", then=Value(1)), default=Value(2)
)


def findings_with_rule() -> QuerySet[Finding]:
    return Finding.objects.select_related("rule", "owner")


def live_findings(about: ReleasePackage | ChangeRequest) -> QuerySet[Finding]:
    """What somebody still has to see to, the heaviest first."""
    rows = findings_with_rule().filter(state__in=life.LIVE_FINDING)
    mine = Q(packages=about) if isinstance(about, ReleasePackage) else Q(changes=about)
    return rows.filter(mine).order_by(_BY_WEIGHT, "rule__code", "first_detected_at")


def settled_findings(about: ReleasePackage) -> QuerySet[Finding]:
    """What was found once and is resolved or gone, the newest first."""
    rows = findings_with_rule().filter(packages=about).exclude(state__in=life.LIVE_FINDING)
    return rows.order_by("-changed_at")


def weight_in_words(found: Iterable[Finding]) -> str:
    """Such as "1 hard, 2 soft"; empty without any."""
    weights = [finding.severity for finding in found]
    counts = ((weights.count(each), each) for each in ("hard", "soft", "info"))
    return ", ".join(f"{count} {each}" for count, each in counts if count)


# Versions that are to come.


@dataclass(frozen=True, slots=True)
class Coming:
    """What an open package brings of an asset, and the level that it will meet in production."""

    package: ReleasePackage
    brings: Installation
    meets: Base | None

    @property
    def is_down_level(self) -> bool:
        """It was built on something else than it will meet, and would take that back."""
        built_on = self.brings.built_on
        return bool(built_on and self.meets and self.meets.level != built_on)


def coming_versions(asset: Asset) -> list[Coming]:
    """What open packages bring of the asset, in the order in which they come; three queries."""
    packages = {
        package.pk: package
        for package in ReleasePackage.objects.filter(
            state__in=_INSTALLING, members__is_open=True, members__change__assets__asset=asset
        )
        .select_related("window")
        .prefetch_related("dependencies")
        .annotate(
            first_step=Min("activities__planned_start_at"),
            last_step=Max("activities__planned_end_at"),
        )
    }
    lines = ChangeAsset.objects.filter(
        asset=asset, change__memberships__is_open=True, change__memberships__package__in=packages
    ).values_list("change__memberships__package", "from_version", "to_version")
    ordered = in_order(
        _installation(asset, packages[pk], old, new) for pk, old, new in lines if new
    )
    level = asset.production_version.level if asset.production_version else None
    production = Base(level) if level else None
    return [Coming(packages[one.unit], one, base_of(one, ordered, production)) for one in ordered]


def baseline_at(asset: Asset, at: datetime, coming: Iterable[Coming]) -> Base | None:
    """Which level of the asset is in production at `at`: installed by then, or planned to be.

    `coming` are its `coming_versions`.
    """
    installed = asset.versions.filter(environment__is_production=True, installed_at__lte=at)
    latest = installed.order_by("-installed_at", "-id").first()
    production = Base(latest.level) if latest else None
    return base_at([each.brings for each in coming], at, production)


_INSTALLING = (life.DRAFT, life.PLANNED, life.READY, life.IN_PROGRESS, life.VALIDATING)


def _installation(asset: Asset, package: Any, built_on: str, level: str) -> Installation:
    window = package.window
    return Installation(
        asset=asset.pk,
        unit=package.pk,
        code=package.code,
        built_on=built_on,
        level=level,
        starts_at=package.first_step or (window.opens_at if window else None),
        ends_at=package.last_step or (window.closes_at if window else None),
        after=frozenset(row.predecessor_id for row in package.dependencies.all()),
    )
