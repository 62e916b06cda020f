"""What the rules of completeness look at, read in a constant number of queries for any number of
packages or changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import TypeVar
from uuid import UUID

from django.db.models import Q

from apps.approvals.models import Approval
from apps.changes.models import ChangeAsset, ChangeRequest
from apps.core import clock
from apps.evidence.models import Exhibit
from apps.inventory.models import Asset, JobSchedule
from apps.inventory.selectors import live_relations
from apps.inventory.selectors.impact import impact_of
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
    "calls", "copies", "layout_of", "protects", "reads", "refers_dbd", "schedules", "supports",
    "uses_map", "writes",
)  # fmt: skip
OUTWARD = ("binds", "layout_of", "reads", "runs_in", "transfers_to", "writes")
#: …and, at the second hop, from what was found at the first.
INWARD_NEXT = ("calls", "copies")
OUTWARD_NEXT = ("built_from", "executes", "runs_in", "transfers_to")

K = TypeVar("K")
V = TypeVar("V")


def facts_of_packages(package_ids: Iterable[UUID], *, reach: bool = True) -> list[Facts]:
    """The facts of these packages, in the order of their codes.

    What a package of high risk reaches is read for each such package, two queries a hop; without
    `reach` it is left out.
    """
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
    governance = _Governance({change for changes in carried.values() for change in changes})
    bands = {
        package.pk: highest_band(governance.rows[key].risk_band for key in carried[package.pk])
        for package in packages
    }
    services = {
        package.pk: critical_services(package, governance.assets_of(carried[package.pk]))
        for package in packages
        if reach and bands[package.pk] in RISKY
    }
    plans = _Plans(packages)
    register = _register(
        {*governance.assets, *plans.assets, *(key for keys in services.values() for key in keys)}
    )
    delivered = _delivered_in({package.window_id for package in packages} - {None})
    return [
        Facts(
            package=package.pk,
            changes=governance.changes_of(carried[package.pk]),
            scope=governance.scope_of(carried[package.pk], register),
            register=register,
            activities=plans.steps_of(package),
            checks=plans.checks_of(package),
            risk_band=bands[package.pk],
            critical_services=services.get(package.pk, ()),
            same_window_assets=frozenset(
                asset for other, asset in delivered[package.window_id] if other != package.pk
            ),
        )
        for package in packages
    ]


def facts_of_changes(change_ids: Iterable[UUID]) -> list[Facts]:
    """The facts of those of the changes that no open package carries, in the order of their
    codes; the others are asked about with their package."""
    carried = PackageChange.objects.filter(is_open=True).values("change")
    wanted = ChangeRequest.objects.filter(pk__in=list(change_ids)).exclude(pk__in=carried)
    governance = _Governance(wanted.values_list("pk", flat=True))
    register = _register(governance.assets)
    return [
        Facts(None, governance.changes_of([key]), governance.scope_of([key], register), register)
        for key in governance.rows
    ]


def critical_services(package: ReleasePackage, assets: Collection[UUID]) -> tuple[UUID, ...]:
    """The assets of the critical business services that changing these in the window reaches."""
    impact = impact_of(assets, package.window.opens_at if package.window else clock.now())
    told = (impact.assets[hit.asset] for hit in impact.services)
    return tuple(service.id for service in told if service.is_critical)


class _Governance:
    """Changes with their scope, signatures and exhibits; four queries."""

    def __init__(self, change_ids: Iterable[UUID]) -> None:
        rows = ChangeRequest.objects.filter(pk__in=list(change_ids)).order_by("code")
        self.rows = {row.pk: row for row in rows}
        self._lines = _grouped(
            (line.change_id, line) for line in ChangeAsset.objects.filter(change__in=self.rows)
        )
        subjects = {row.subject: key for key, row in self.rows.items()}
        self._exhibits = _grouped(
            (subjects[about], ExhibitFacts(kind, title))
            for about, kind, title in Exhibit.objects.filter(about__in=subjects).values_list(
                "about", "kind", "title"
            )
        )
        slots = Approval.objects.filter(about__in=subjects, state__in=Approval.SATISFIED)
        self._signed = _grouped(
            (subjects[about], slot) for about, slot in slots.values_list("about", "slot")
        )

    @property
    def assets(self) -> set[UUID]:
        return self.assets_of(self.rows)

    def assets_of(self, keys: Iterable[UUID]) -> set[UUID]:
        return {line.asset_id for key in keys for line in self._lines[key]}

    def changes_of(self, keys: Collection[UUID]) -> tuple[ChangeFacts, ...]:
        return tuple(
            ChangeFacts(
                id=key,
                code=row.code,
                irreversible=row.irreversible,
                signed=frozenset(self._signed[key]),
                exhibits=tuple(self._exhibits[key]),
            )
            for key, row in self.rows.items()
            if key in keys
        )

    def scope_of(self, keys: Iterable[UUID], register: Register) -> tuple[ScopeLine, ...]:
        return tuple(
            ScopeLine(
                register.assets[line.asset_id],
                line.action,
                key,
                line.from_version,
                line.to_version,
            )
            for key in keys
            for line in self._lines[key]
        )


class _Plans:
    """The steps and checks of packages, and the steps that their windows share; four queries."""

    def __init__(self, packages: Sequence[ReleasePackage]) -> None:
        windows = {package.window_id for package in packages} - {None}
        rows = list(
            Activity.objects.select_related("type", "owner", "deputy", "subsystem").filter(
                Q(package__in=packages) | Q(window__in=windows)
            )
        )
        labels = {row.pk: row.label for row in rows}
        self._targets = _grouped(
            ActivityTarget.objects.filter(activity__in=labels).values_list("activity", "asset")
        )
        self._after = _grouped(
            ActivityDependency.objects.filter(
                activity__in=labels, strength=ActivityDependency.Strength.HARD
            ).values_list("activity", "predecessor")
        )
        self._steps = _grouped(
            (row.package_id or row.window_id, self._step(row, labels)) for row in rows
        )
        checks = ValidationCheck.objects.filter(Q(package__in=packages) | Q(window__in=windows))
        self._checks = _grouped(
            (check.package_id or check.window_id, _check(check, labels)) for check in checks
        )

    @property
    def assets(self) -> set[UUID]:
        """What the steps work on."""
        return {asset for assets in self._targets.values() for asset in assets}

    def steps_of(self, package: ReleasePackage) -> tuple[StepFacts, ...]:
        return (*self._steps[package.pk], *self._steps[package.window_id])

    def checks_of(self, package: ReleasePackage) -> tuple[CheckFacts, ...]:
        return (*self._checks[package.pk], *self._checks[package.window_id])

    def _step(self, row: Activity, labels: dict[UUID, str]) -> StepFacts:
        return StepFacts(
            label=row.label,
            type=row.type_id,
            title=row.title,
            words=words_in(row.title, row.instruction),
            targets=frozenset(self._targets[row.pk]),
            predecessors=tuple(labels[key] for key in self._after[row.pk] if key in labels),
            subsystem=row.subsystem.name if row.subsystem else "",
            owner=str(row.owner or ""),
            deputy=str(row.deputy or ""),
            alters=row.type.alters,
            irreversible=row.irreversible,
            decides=row.type.decides,
            is_backout=row.is_backout,
            reverses=labels.get(row.reverses_id, "") if row.reverses_id else "",
            way_back=row.type.default_backout_id or "",
            is_shared=row.window_id is not None,
        )


def _check(check: ValidationCheck, labels: dict[UUID, str]) -> CheckFacts:
    return CheckFacts(
        code=check.code,
        kind=check.kind,
        phase=check.phase,
        words=words_in(check.title, check.method),
        step=labels.get(check.activity_id, "") if check.activity_id else "",
    )


def _register(seeds: Collection[UUID]) -> Register:
    """What lies within two hops of the seeds; five queries."""
    first = _relations(Q(target__in=seeds, kind__in=INWARD) | Q(source__in=seeds, kind__in=OUTWARD))
    found = {key for edge in first for key in (edge.source, edge.target)}
    further = _relations(
        Q(target__in=found, kind__in=INWARD_NEXT) | Q(source__in=found, kind__in=OUTWARD_NEXT)
    )
    # An edge between two seeds is met from both ends, and again from what lies beyond.
    edges = {(edge.source, edge.kind, edge.target, edge.key): edge for edge in (*first, *further)}
    wanted = {*seeds, *(key for edge in edges.values() for key in (edge.source, edge.target))}
    critical = set(
        JobSchedule.objects.filter(job__in=wanted, is_critical=True).values_list("job", flat=True)
    )
    return Register.of(_assets(wanted, critical), edges.values())


def _relations(which: Q) -> list[RelationFacts]:
    rows = live_relations().filter(which).order_by()
    return [
        RelationFacts(*row)
        for row in rows.values_list("source_id", "kind", "target_id", "key", "attributes")
    ]


def _assets(wanted: Collection[UUID], critical: Collection[UUID]) -> Iterable[AssetFacts]:
    lookaside = set(
        Asset.objects.filter(type="loadlib", attributes__lla_managed=True).values_list(
            "name", flat=True
        )
    )
    rows = Asset.objects.filter(pk__in=wanted).order_by()
    for key, name, kind, family, status, qualifier, attributes in rows.values_list(
        "pk", "name", "type", "type__family", "status", "qualifier", "attributes"
    ):
        library = name if kind == "loadlib" else qualifier
        yield AssetFacts(
            id=key,
            name=name,
            type=kind,
            family=family,
            status=status,
            attributes=attributes,
            critical=key in critical,
            lla=library in lookaside or attributes.get("lla_managed") is True,
        )


def _delivered_in(
    windows: Collection[UUID | None],
) -> defaultdict[UUID | None, list[tuple[UUID, UUID]]]:
    """By window, every asset in the scope of its packages with the package; one query."""
    rows = PackageChange.objects.filter(
        package__window__in=windows, is_open=True, change__assets__isnull=False
    )
    return _grouped(
        (window, (package, asset))
        for window, package, asset in rows.values_list(
            "package__window", "package", "change__assets__asset"
        )
    )


def _grouped(pairs: Iterable[tuple[K, V]]) -> defaultdict[K, list[V]]:
    found: defaultdict[K, list[V]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return found
