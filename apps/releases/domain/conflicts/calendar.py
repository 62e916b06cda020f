"""Packages in a span that does not let them pass: K05."""

from __future__ import annotations

from collections.abc import Iterator

from apps.releases.domain.conflicts.portfolio import Package, Portfolio, Span
from apps.releases.domain.conflicts.rule import day_and_time, finding
from apps.releases.domain.findings import RELEASE_MANAGER, Detected, Severity, by_people


class ClosedCalendar:
    """The warranty of converted data counts: while it runs, a way back may be needed."""

    code = "K05"
    title = "Freeze or blackout"
    condition = (
        "A freeze, blackout or month end of a touched application lies between the start of the "
        "package and the end of the warranty of its data."
    )
    requirement = "The package is in another window, or the span lets its kind pass."
    severity: Severity = "hard"
    symptom = "Production changes when nobody is there, or when the business cannot bear it"
    waivable_by = f"{RELEASE_MANAGER} and CAB chair, as a deviation"

    def find(self, portfolio: Portfolio) -> Iterator[Detected]:
        for package in portfolio.open_packages:
            for span in portfolio.spans:
                if _lies_in(package, span):
                    yield finding(
                        self,
                        portfolio,
                        f"{package.told} lies in {span.name} ({span.code}), from "
                        f"{day_and_time(span.starts_at, package.zone)} to "
                        f"{day_and_time(span.ends_at, package.zone)}.",
                        packages=[package.id],
                        apart=[f"span:{span.code}:{span.starts_at.isoformat()}"],
                        severity="hard" if span.is_hard else "soft",
                        fixes=[by_people("Move the package, or ask for a deviation.")],
                    )


def _lies_in(package: Package, span: Span) -> bool:
    if package.starts_at is None or package.ends_at is None or package.kind in span.allows:
        return False
    if span.applications and span.applications.isdisjoint(package.applications):
        return False
    until = max(package.ends_at, package.data_until or package.ends_at)
    return package.starts_at < span.ends_at and span.starts_at < until
