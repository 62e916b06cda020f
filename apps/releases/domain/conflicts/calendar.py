"""Packages in a span that does not let them pass: K05."""

from __future__ import annotations

from collections.abc import Iterator

from apps.releases.domain.conflicts.portfolio import Package, Portfolio
from apps.releases.domain.conflicts.rule import day_and_time, finding
from apps.releases.domain.findings import RELEASE_MANAGER, Detected, Severity, by_people
from apps.windows.domain.calendar import FREEZES, PERIOD_ENDS, Span, Work


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
                        f"{_touch(package, span)} {span.rule.told}, from "
                        f"{day_and_time(span.starts_at, package.zone)} to "
                        f"{day_and_time(span.ends_at, package.zone)}.",
                        packages=[package.id],
                        apart=[f"span:{span.rule.code}:{span.starts_at.isoformat()}"],
                        severity=_severity(package, span),
                        fixes=[by_people("Move the package, or ask for a deviation.")],
                        facts={"cause": f"calendar:{span.rule.code}"},
                    )


def _lies_in(package: Package, span: Span) -> bool:
    if package.starts_at is None or package.ends_at is None:
        return False
    if span.rule.strength == "advisory" and span.rule.kind not in FREEZES | PERIOD_ENDS:
        return False
    if any(one.covers(span, package.starts_at, package.ends_at) for one in package.exemptions):
        return False
    until = max(package.ends_at, package.data_until or package.ends_at)
    works = package.works or (Work(site=package.site),)
    return span.overlaps(package.starts_at, until) and any(map(span.holds_for, works))


def _touch(package: Package, span: Span) -> str:
    """How the package comes to lie in the span: by its night, or by its data afterwards."""
    if package.ends_at is not None and package.ends_at <= span.starts_at:
        return f"The warranty of the data that {package.told} converts reaches into"
    return f"{package.told} lies in"


def _severity(package: Package, span: Span) -> Severity:
    """A freeze does not stop an emergency; it is shown."""
    return "hard" if span.rule.strength == "hard" and package.kind != "emergency" else "soft"
