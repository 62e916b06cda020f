"""Which steps the scope of a package asks for, and why they cannot be added now."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from django.db.models import Q

from apps.changes.models import ChangeAsset
from apps.core.actor import Actor
from apps.core.errors import Blocker
from apps.evidence.domain.canonical import digest
from apps.releases.domain import activation
from apps.releases.domain.activation import Proposal
from apps.releases.models import Activity, ActivityTarget, ActivityType, ReleasePackage
from apps.releases.policies.activity_plan import edit_step_blockers


def proposals_for(package: ReleasePackage) -> tuple[Proposal, ...]:
    """What the plan lacks for the asset lines of the package's open changes. Four queries,
    remembered on the row object."""
    known: tuple[Proposal, ...] | None = package.__dict__.get("_proposals")
    if known is None:
        known = package.__dict__["_proposals"] = activation.proposals(
            _lines(package), _planned(package), _types()
        )
    return known


def _lines(package: ReleasePackage) -> list[activation.ScopeLine]:
    rows = (
        ChangeAsset.objects.filter(
            change__memberships__package=package, change__memberships__is_open=True
        )
        .select_related("asset__type")
        .order_by("asset__name", "action", "pk")
    )
    return [
        activation.ScopeLine(
            row.asset_id, row.asset.name, row.asset.type_id, row.asset.type.label, row.action
        )
        for row in rows
    ]


def _planned(package: ReleasePackage) -> list[activation.Planned]:
    """Its own steps and those that its window shares."""
    here = Q(package=package)
    if package.window_id is not None:
        here |= Q(window=package.window_id)
    steps = Activity.objects.filter(here, is_backout=False).values_list("pk", "type_id")
    found: dict[UUID, tuple[str, set[UUID]]] = {key: (kind, set()) for key, kind in steps}
    for step, asset in ActivityTarget.objects.filter(activity__in=found).values_list(
        "activity_id", "asset_id"
    ):
        found[step][1].add(asset)
    return [activation.Planned(kind, frozenset(assets)) for kind, assets in found.values()]


def _types() -> dict[str, activation.StepType]:
    rows = ActivityType.objects.select_related("default_backout")
    return {
        row.code: activation.StepType(
            row.code, row.label, row.alters, row.default_backout_id or "",
            row.default_backout.label if row.default_backout else "",
        )
        for row in rows
    }  # fmt: skip


def proposals_digest(package: ReleasePackage) -> str:
    """Of what would be added now."""
    return digest(
        [[each.type, sorted(map(str, each.targets)), each.backout]
         for each in proposals_for(package)]
    )  # fmt: skip


def add_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    found = list(edit_step_blockers(actor, Activity(package=package)))
    yield from found
    if not found and not proposals_for(package):
        yield Blocker(
            "nothing_to_add",
            "The plan has every step that its scope asks for.",
            "Add further steps by hand, or from a plan template.",
            "release coordinator",
        )
