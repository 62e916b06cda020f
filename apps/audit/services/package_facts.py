"""The packages that carried changes, with their steps, checks, deviations and waivers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from apps.audit.domain.controls.facts import Check, Package, Span, Step, Waiver, Who
from apps.gates.models import Waiver as GrantedWaiver
from apps.releases.models import Activity, ReleasePackage, ValidationCheck
from apps.windows.models import WindowDeviation

#: States of a deviation that somebody approved.
_APPROVED = ("approved", "used")


def packages_of(carried: Mapping[UUID, str]) -> dict[UUID, Package]:
    """By key of the change; `carried` has the subject of its package, "" where none carried it.

    Six queries. A step or a check belongs to a change unless it names others.
    """
    keys = {UUID(subject.partition(":")[2]) for subject in carried.values() if subject}
    packages = {
        package.subject: package
        for package in ReleasePackage.objects.filter(pk__in=keys).select_related("window")
    }
    steps, checks = _steps(keys), _checks(keys)
    windows = {package.window_id for package in packages.values() if package.window_id}
    deviations = _deviations([*packages, *(f"window:{key}" for key in windows)])
    waivers = _waivers(packages)
    found = {}
    for change, subject in carried.items():
        package = packages.get(subject)
        if package is None:
            continue
        window = package.window
        found[change] = Package(
            subject=subject,
            code=package.code,
            window=Span(window.opens_at, window.closes_at) if window else None,
            deviations=(
                *deviations.get(subject, ()),
                *(deviations.get(f"window:{window.pk}", ()) if window else ()),
            ),
            steps=tuple(
                told for for_changes, told in steps.get(package.pk, ())
                if not for_changes or change in for_changes
            ),
            checks=tuple(
                told for of, told in checks.get(package.pk, ()) if of in (None, change)
            ),
            waivers=tuple(waivers.get(subject, ())),
        )  # fmt: skip
    return found


def _who(person: Any) -> Who | None:
    return Who(person.pk, str(person)) if person else None


def _steps(packages: Collection[UUID]) -> dict[UUID, list[tuple[set[UUID], Step]]]:
    """Those that began, each with the changes that it serves, none for all of them."""
    rows = Activity.objects.filter(package__in=packages, started_at__isnull=False)
    found: dict[UUID, list[tuple[set[UUID], Step]]] = defaultdict(list)
    rows = rows.select_related("done_by", "verified_by", "let_start_by")
    for step in rows.prefetch_related("change_links").order_by("started_at", "label"):
        assert step.package_id is not None
        serves = {link.change_id for link in step.change_links.all()}
        told = Step(
            subject=step.subject,
            label=step.label,
            done_by=_who(step.done_by),
            started_at=step.started_at,
            ended_at=step.ended_at,
            recorded_start_at=step.recorded_start_at,
            recorded_end_at=step.recorded_end_at,
            let_start_by=str(step.let_start_by or ""),
            verified_by=_who(step.verified_by),
        )
        found[step.package_id].append((serves, told))
    return found


def _checks(packages: Collection[UUID]) -> dict[UUID, list[tuple[UUID | None, Check]]]:
    """Those that tell whether it went well: what is measured after a backout tells of that."""
    rows = ValidationCheck.objects.filter(package__in=packages).exclude(
        phase=ValidationCheck.Phase.POST_BACKOUT
    )
    found: dict[UUID, list[tuple[UUID | None, Check]]] = defaultdict(list)
    for check in rows.select_related("done_by").order_by("phase", "code"):
        assert check.package_id is not None
        told = Check(
            check.subject, check.code, check.state, check.mandatory, check.run_at,
            _who(check.done_by),
        )  # fmt: skip
        found[check.package_id].append((check.change_id, told))
    return found


def _deviations(subjects: Iterable[str]) -> dict[str, list[Span]]:
    rows = WindowDeviation.objects.filter(about__in=list(subjects), state__in=_APPROVED)
    found: dict[str, list[Span]] = defaultdict(list)
    for row in rows.order_by("starts_at"):
        found[row.about].append(Span(row.starts_at, row.ends_at))
    return found


def _waivers(subjects: Iterable[str]) -> dict[str, list[Waiver]]:
    rows = GrantedWaiver.objects.filter(
        about__in=list(subjects), decided_at__isnull=False, decided_by__isnull=False
    ).exclude(state="refused")
    found: dict[str, list[Waiver]] = defaultdict(list)
    for row in rows.order_by("decided_at", "id"):
        assert row.decided_at is not None
        found[row.about].append(Waiver(row.subject, row.what, row.decided_at))
    return found
