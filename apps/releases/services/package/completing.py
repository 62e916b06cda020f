"""Complete a package: versions move, the warranty begins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from apps.changes.models import ChangeAsset
from apps.changes.services import execution
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import refuse_if_any
from apps.core.text import text_blockers
from apps.evidence.services.door import door
from apps.inventory.models import Environment
from apps.inventory.services.versions import install_version
from apps.releases import events
from apps.releases.domain import lifecycle as life
from apps.releases.models import ReleasePackage
from apps.releases.policies import package as rules
from apps.releases.policies.package_facts import work_of
from apps.releases.services.package.recording import Outcome, record_package
from apps.releases.services.package_content import lock_package


@door("package")
def complete(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> ReleasePackage:
    """Everything is delivered: versions move, the warranty begins."""
    package = lock_package(pk, expected_seq=expected_seq)
    refuse_if_any([*rules.complete_blockers(actor, package), *text_blockers("comment", comment)])
    delivered = work_of(package).open_changes
    deliver(package, actor, delivered, comment)
    package.outcome = Outcome.COMPLETED
    package.complete()
    return record_package(package, actor, events.PACKAGE_COMPLETED, comment)


def deliver(package: ReleasePackage, actor: Actor, ids: Sequence[UUID], comment: str) -> None:
    """Inner: these changes are delivered; versions move, the warranty begins."""
    execution.complete(change_ids=ids, actor=actor, package=package.subject, comment=comment)
    package.members.filter(change__in=ids).update(outcome="delivered")
    package.ended_at = clock.now()
    package.warranty_until = package.ended_at + life.WARRANTY
    lines = ChangeAsset.objects.filter(change__in=ids).exclude(to_version="")
    versions = lines.exclude(action=ChangeAsset.Action.DELETE).order_by("asset_id", "id")
    install_versions(package, actor, versions.values_list("asset_id", "to_version"))


def install_versions(package: ReleasePackage, actor: Actor, versions: Any) -> None:
    """Record what is in production now; `versions` are (asset key, level) in key order."""
    places = Environment.objects.filter(is_production=True).order_by("site__code", "order")
    if package.window is not None:
        places = places.filter(site=package.window.site_id)
    environment = places.first()
    if environment is None:
        return
    for asset_id, level in versions:
        install_version(
            asset_id=asset_id,
            actor=actor,
            environment=environment,
            level=level,
            installed_by=package.subject,
        )
