"""Read packages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Case, Count, Q, QuerySet, Value, When

from apps.changes.models import ChangeRequest
from apps.gates.domain.acknowledgement import Acknowledged, standing
from apps.gates.models import ReadinessItem
from apps.gates.selectors import items_of
from apps.releases.domain import lifecycle as life
from apps.releases.domain.conflicts.versions import DownLevel
from apps.releases.models import Activity, Finding, Lesson, ReleasePackage, ValidationCheck
from apps.releases.policies.lesson import open_lessons_of
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


def has_work_in(window: UUID) -> bool:
    """Whether a package or a step is planned in the window, in whatever state; two queries at most.
    What windows ask without knowing of either."""
    return (
        ReleasePackage.objects.filter(window=window).exists()
        or Activity.objects.filter(window=window).exists()
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


def acknowledgement_of(item: ReadinessItem, package: ReleasePackage) -> Acknowledged | None:
    """Who lets this soft gate stand as it is since the package was confirmed ready."""
    texts = [found["text"] for found in item.findings if not found.get("waived")]
    return standing(package.soft_gates, item.gate, item.level, texts)


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


def retrofits_after(change: ChangeRequest) -> QuerySet[Finding]:
    """What is built on a version that the packages of this change have replaced in production, and
    is not built again yet."""
    packages = change.memberships.order_by().values("package")
    rows = findings_with_rule().filter(state__in=life.LIVE_FINDING, rule__code=DownLevel.code)
    return rows.filter(packages__in=packages).distinct().order_by("first_detected_at")


def settled_findings(about: ReleasePackage) -> QuerySet[Finding]:
    """What was found once and is resolved or gone, the newest first."""
    rows = findings_with_rule().filter(packages=about).exclude(state__in=life.LIVE_FINDING)
    return rows.order_by("-changed_at")


def weight_in_words(found: Iterable[Finding]) -> str:
    """Such as "1 hard, 2 soft"; empty without any."""
    weights = [finding.severity for finding in found]
    counts = ((weights.count(each), each) for each in ("hard", "soft", "info"))
    return ", ".join(f"{count} {each}" for count, each in counts if count)


@dataclass(frozen=True, slots=True)
class OpenLesson:
    """A lesson that has to be seen to before a package reuses what it is about."""

    code: str
    text: str
    owner: str
    due: date


def open_lessons_for(package: ReleasePackage) -> tuple[OpenLesson, ...]:
    """What other packages and nights taught about the templates, standard changes and assets that
    this package uses, and nobody has done yet; the first due first. One query."""
    return tuple(
        OpenLesson(lesson.code, lesson.action, str(lesson.owner), lesson.due_on)
        for lesson in open_lessons_of(package)
    )


def lessons_of(place: ReleasePackage | ReleaseWindow) -> QuerySet[Lesson]:
    """What the package or the window taught, the open ones first."""
    of = Q(package=place) if isinstance(place, ReleasePackage) else Q(window=place)
    rows = Lesson.objects.filter(of).select_related("owner")
    return rows.order_by("settled_at", "due_on", "code")
