"""What the rules of completeness look at, read in a constant number of queries for any number of
packages or changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from apps.approvals.models import Approval
from apps.changes.models import ChangeAsset, ChangeRequest
from apps.core import clock
from apps.evidence.models import Exhibit
from apps.inventory.models import Asset, AssetRelation
from apps.releases.domain.completeness.facts import (
    AssetFacts,
    ChangeFacts,
    CheckFacts,
    ExhibitFacts,
    Facts,
    Register,
    RelationFacts,
    ScopeLine,
    StepFacts,
    words_in,
)
from apps.releases.domain.completeness.plan import RISKY
from apps.releases.domain.points import highest_band
from apps.releases.models import (
    Activity,
    ActivityDependency,
    ActivityTarget,
    PackageChange,
    ReleasePackage,
    ValidationCheck,
)

#: Kinds of relations that a rule follows from the scope, against and along their direction…
INWARD = (
    "calls", "copies", "layout_of", "protects", "reads", "refers_dbd", "schedules", "uses_map",
    "writes",
)  # fmt: skip
OUTWARD = ("binds", "layout_of", "reads", "runs_in", "supports", "transfers_to", "writes")
#: …and, at the second hop, from what was found at the first.
INWARD_NEXT = ("calls", "copies")
OUTWARD_NEXT = ("built_from", "executes", "runs_in", "transfers_to")


def facts_of_packages(package_ids: Iterable[UUID]) -> list[Facts]:
    """The facts of these packages, in the order of their codes."""
    packages = list(
        ReleasePackage.objects.select_related("window")
        .filter(pk__in=list(package_ids))
        .order_by("code")
    )
    if not packages:
        return []
    carried = _grouped(
        PackageChange.objects.filter(package__in=packages).values_list("package_id", "change_id")
    )
    plans = _Plans(packages)
    governance = _Governance({change for found in carried.values() for change in found})
    register = _register({*governance.assets, *plans.targets_all})
    delivered = _delivered_in({p.window_id for p in packages if p.window_id is not None})
    found = []
    for package in packages:
        changes = governance.of(carried[package.pk])
        scope = governance.scope(carried[package.pk], register)
        band = highest_band(governance.bands[change.id] for change in changes)
        found.append(
            Facts(
                package=package.pk,
                changes=changes,
                scope=scope,
                register=register,
                activities=plans.steps_of(package),
                checks=plans.checks_of(package),
                risk_band=band,
                critical_services=(
                    critical_services(scope, _starts_at(package)) if band in RISKY else ()
                ),
                same_window_assets=frozenset(
                    asset
                    for other, assets in delivered[package.window_id].items()
                    if other != package.pk
                    for asset in assets
                ),
            )
        )
    return found


def facts_of_changes(change_ids: Iterable[UUID]) -> list[Facts]:
    """The facts of those of the changes that no open package carries, in the order of their
    codes; the others are asked about with their package."""
    carried = PackageChange.objects.filter(is_open=True).values("change")
    wanted = ChangeRequest.objects.filter(pk__in=list(change_ids)).exclude(pk__in=carried)
    governance = _Governance(wanted.values_list("pk", flat=True))
    register = _register(governance.assets)
    return [
        Facts(None, (change,), governance.scope([change.id], register), register)
        for change in governance.of(governance.codes)
    ]
