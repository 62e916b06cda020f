"""What is installed where."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.inventory.models import Asset, AssetVersion


def versions() -> QuerySet[AssetVersion]:
    """Versions with what a list shows of them, newest first."""
    return AssetVersion.objects.select_related("asset", "environment__site").order_by(
        "-installed_at", "-id"
    )


def versions_of(asset: Asset) -> QuerySet[AssetVersion]:
    """What was installed where, newest first."""
    return asset.versions.select_related("environment").order_by("-installed_at", "-id")


def versions_installed_by(subject: str) -> QuerySet[AssetVersion]:
    """What the record `subject` ("package:<id>") installed."""
    return AssetVersion.objects.filter(installed_by=subject).select_related("asset", "environment")


def unauthorised() -> Q:
    """The condition on versions that got past the release: no package installed them, and their
    environment takes nothing without one.

    The first level known of an asset there is none of them: it was there before the portal.
    """
    before = AssetVersion.objects.filter(
        Q(installed_at__lt=OuterRef("installed_at"))
        | Q(installed_at=OuterRef("installed_at"), id__lt=OuterRef("id")),
        asset=OuterRef("asset"),
        environment=OuterRef("environment"),
    )
    return Q(environment__requires_release=True, installed_by="") & Q(Exists(before))


def unauthorised_versions() -> QuerySet[AssetVersion]:
    """Versions that were installed without a package where that is not allowed, newest first."""
    return versions().filter(unauthorised())
