"""What became of a package since its night: whether it can still be taken back."""

from __future__ import annotations

from apps.changes.models import ChangeAsset
from apps.core import clock
from apps.inventory.models import AssetVersion
from apps.inventory.selectors import scm_packages_called
from apps.releases.domain import lifecycle as life
from apps.releases.domain.viability import Since, Viability, viability
from apps.releases.models import ReleasePackage
from apps.releases.policies.package_facts import work_of
from apps.releases.policies.way_back import final_steps
from apps.windows.domain import lifecycle as window_life

DELIVERED = (life.COMPLETED, life.PARTIALLY)


def viability_of(package: ReleasePackage) -> Viability | None:
    """Viable, degraded or dead with its causes, of what was delivered and is in its warranty; None
    of any other package. A constant number of queries."""
    if package.state not in DELIVERED and package.outcome not in DELIVERED:
        return None
    if package.warranty_until is None or package.state == life.BACKING_OUT:
        return None
    if clock.now() > package.warranty_until and package.state == life.CLOSED:
        return None
    plan = work_of(package).backout_plan
    told = list(scm_packages_called(package.scm_package)) if package.scm_package else []
    committed = [each.committed_at for each in told if each.committed_at]
    window = package.window
    ran = window is not None and window.state in (window_life.VERIFYING, window_life.CLOSED)
    return viability(
        Since(
            now=clock.now(),
            kept_until=package.warranty_until,
            strategy=plan.strategy if plan else "",
            plan_state=plan.state if plan else "",
            data_written=plan.data_written if plan else "none",
            batch_ran=ran,
            committed_at=min(committed, default=None),
            scm_package=package.scm_package,
            later=_later(package),
            final=tuple(step.label for step in final_steps(package)),
        )
    )


def _later(package: ReleasePackage) -> tuple[tuple[str, str], ...]:
    """Assets that something else has installed again since the package ended, and what did."""
    if package.ended_at is None:
        return ()
    mine = ChangeAsset.objects.filter(
        change__memberships__package=package, change__memberships__outcome="delivered"
    ).values("asset")
    rows = list(
        AssetVersion.objects.filter(
            asset__in=mine, environment__is_production=True, installed_at__gt=package.ended_at
        )
        .exclude(installed_by=package.subject)
        .order_by("asset__name", "installed_at")
        .values_list("asset__name", "installed_by")
    )
    keys = {by.partition(":")[2] for _, by in rows if by.startswith("package:")}
    codes = {
        f"package:{pk}": code
        for pk, code in ReleasePackage.objects.filter(pk__in=keys).values_list("pk", "code")
    }
    return tuple({name: codes.get(by, "another package") for name, by in rows}.items())
