"""Packages that rest on a register nobody has refreshed: K13."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from apps.releases.domain.conflicts.portfolio import Portfolio
from apps.releases.domain.conflicts.rule import finding, named
from apps.releases.domain.findings import RELEASE_MANAGER, Detected, Severity, by_people

STALE_AFTER = timedelta(days=90)


class StaleDiscovery:
    """What no import ever saw was entered by hand, and is not expected in one."""

    code = "K13"
    title = "Stale discovery"
    condition = "The import that knows an asset of the package has not seen it for over 90 days."
    requirement = "The register is refreshed before impact and conflicts are relied upon."
    severity: Severity = "info"
    symptom = "What depends on the asset may have changed, and nobody is warned"
    waivable_by = RELEASE_MANAGER

    def find(self, portfolio: Portfolio) -> Iterator[Detected]:
        oldest = portfolio.now - STALE_AFTER
        for package in portfolio.open_packages:
            stale = [
                asset
                for asset in portfolio.touched_by(package.id)
                if (known := portfolio.assets.get(asset))
                and known.last_seen_at is not None
                and known.last_seen_at < oldest
            ]
            if stale:
                yield finding(
                    self,
                    portfolio,
                    f"No import has seen {named(portfolio, stale)} of {package.code} for over "
                    f"{STALE_AFTER.days} days.",
                    packages=[package.id],
                    assets=stale,
                    fixes=[by_people("Import the register again.")],
                )
