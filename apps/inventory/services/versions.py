"""What is installed where."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import bad_input, refuse_if_any
from apps.core.text import text_blockers
from apps.evidence.services.ledger import lock, record
from apps.inventory.events import VERSION_INSTALLED
from apps.inventory.models import Asset, AssetVersion, Environment


def install_version(
    *,
    asset_id: Any,
    actor: Actor,
    environment: Environment,
    level: str,
    installed_by: str = "",
    installed_at: datetime | None = None,
    checksum: str = "",
    origin: str = AssetVersion.Origin.SCM,
) -> AssetVersion:
    """Record that `level` is now in `environment`; the latest in production is the baseline.

    An inner function: it runs inside a caller's door and locks the asset, so a caller with
    several assets goes through them in the order of their ids. `installed_by` names a record of
    the ledger, such as "package:<id>".
    """
    level = level.strip()
    blockers = [
        *text_blockers("level", level, required=True, longest=64),
        *text_blockers("checksum", checksum, longest=128),
    ]
    if origin not in AssetVersion.Origin.values:
        blockers.append(bad_input("origin", f"{origin!r} is no origin of a version."))
    refuse_if_any(blockers)
    asset = lock(Asset, asset_id)
    version = AssetVersion.objects.create(
        asset=asset,
        environment=environment,
        level=level,
        installed_at=installed_at or clock.now(),
        installed_by=installed_by,
        checksum=checksum,
        origin=origin,
    )
    if environment.is_production:
        asset.production_version = (
            AssetVersion.objects.filter(asset=asset, environment__is_production=True)
            .order_by("-installed_at", "-id")
            .first()
        )
        asset.last_changed_at = max(
            version.installed_at, asset.last_changed_at or version.installed_at
        )
    record(
        asset,
        actor=actor,
        event=VERSION_INSTALLED,
        about=installed_by,
        facts={
            "version": version.pk,
            "environment": environment.code,
            "level": level,
            "installed_at": version.installed_at,
            "checksum": checksum,
            "baseline": asset.production_version_id == version.pk,
        },
    )
    return version
