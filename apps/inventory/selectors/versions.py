"""What is installed where."""

from __future__ import annotations

from typing import Any

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet

from apps.inventory.models import Asset, AssetVersion


def versions() -> QuerySet[Any]:
    """Versions with what a list shows of them, newest first.

    `is_unauthorised` tells those that got past the release: no package installed them, and their
    environment takes nothing without one. The first level known of an asset there is none of
    them: it was there before the portal knew of it.
    """
    before = AssetVersion.objects.filter(
        Q(installed_at__lt=OuterRef("installed_at"))
        | Q(installed_at=OuterRef("installed_at"), id__lt=OuterRef("id")),
        asset=OuterRef("asset"),
        environment=OuterRef("environment"),
    )
    unauthorised = Q(environment__requires_release=True, installed_by="") & Q(Exists(before))
    return (
        AssetVersion.objects.select_related("asset", "environment")
        .annotate(is_unauthorised=ExpressionWrapper(unauthorised, BooleanField()))
        .order_by("-installed_at", "-id")
    )


def versions_of(asset: Asset) -> QuerySet[Any]:
    """What was installed where, newest first."""
    return versions().filter(asset=asset)


def versions_installed_by(subject: str) -> QuerySet[AssetVersion]:
    """What the record `subject` ("package:<id>") installed."""
    return AssetVersion.objects.filter(installed_by=subject).select_related("asset", "environment")


def unauthorised_versions() -> QuerySet[Any]:
    """Versions installed without a package where one is required, newest first."""
    return versions().filter(is_unauthorised=True)
