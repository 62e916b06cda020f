"""Read packages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from apps.gates.models import ReadinessItem
from apps.gates.selectors import items_of
from apps.releases.domain import lifecycle as life
from apps.releases.models import Activity, ReleasePackage, ValidationCheck
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
