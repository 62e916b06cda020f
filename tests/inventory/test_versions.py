from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from apps.core import clock
from apps.evidence.models import EvidenceEntry
from apps.evidence.services.door import door
from apps.inventory import selectors
from apps.inventory.models import Asset, AssetVersion
from apps.inventory.services.versions import install_version
from tests.inventory.factories import keeper, make_asset, make_environment
from tests.support import commit_now, refused, refused_by_database

pytestmark = pytest.mark.django_db

NIGHT = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
install = door("asset")(install_version)


def test_installing_in_production_moves_the_baseline_and_tells_it() -> None:
    by = keeper()
    asset, prod = make_asset("CBACT04C", by=by), make_environment(by=by)
    test = make_environment("SIT", is_production=False, order=20, by=by)
    with clock.at(NIGHT):
        install(asset_id=asset.pk, actor=by, environment=test, level="01.15")
        first = install(
            asset_id=asset.pk, actor=by, environment=prod, level="01.14", installed_by="package:x"
        )
    commit_now()
    asset.refresh_from_db()
    assert asset.production_version == first
    assert asset.last_changed_at == NIGHT
    assert selectors.production_levels([asset.pk]) == {asset.pk: "01.14"}
    assert list(selectors.versions_installed_by("package:x")) == [first]
    assert selectors.versions_of(asset).count() == 2
    assert EvidenceEntry.objects.get(subject=asset.subject, seq=3).about == "package:x"


def test_an_older_installation_told_late_does_not_move_the_baseline() -> None:
    by = keeper()
    asset, prod = make_asset("CBACT04C", by=by), make_environment(by=by)
    now = install(asset_id=asset.pk, actor=by, environment=prod, level="2", installed_at=NIGHT)
    install(
        asset_id=asset.pk, actor=by, environment=prod, level="1",
        installed_at=NIGHT - timedelta(days=1),
    )  # fmt: skip
    asset.refresh_from_db()
    assert asset.production_version == now
    assert asset.last_changed_at == NIGHT


def test_a_version_has_a_level_and_a_known_origin() -> None:
    by = keeper()
    asset, prod = make_asset("CBACT04C", by=by), make_environment(by=by)
    with refused("required", "invalid"):
        install(asset_id=asset.pk, actor=by, environment=prod, level=" ", origin="rumour")


def test_versions_are_append_only() -> None:
    by = keeper()
    asset, prod = make_asset("CBACT04C", by=by), make_environment(by=by)
    version = install(asset_id=asset.pk, actor=by, environment=prod, level="1")
    commit_now()
    with refused_by_database("append-only|permission denied"):
        AssetVersion.objects.update(level="2")
    with refused_by_database("append-only|permission denied"):
        AssetVersion.objects.filter(pk=version.pk)._raw_delete("default")
    assert Asset.objects.get(pk=asset.pk).production_version is not None


def test_a_production_level_that_no_package_installed_is_unauthorised() -> None:
    by = keeper()
    asset, prod = make_asset("CBACT04C", by=by), make_environment(by=by)
    test = make_environment("SIT", is_production=False, order=20, by=by)
    for number, (where, by_what) in enumerate(
        [(prod, ""), (prod, "package:x"), (prod, ""), (test, ""), (test, "")]
    ):
        install(
            asset_id=asset.pk, actor=by, environment=where, level=f"{number}",
            installed_by=by_what, installed_at=NIGHT + timedelta(days=number),
        )  # fmt: skip
    assert [version.level for version in selectors.unauthorised_versions()] == ["2"]
    told = {version.level: version.is_unauthorised for version in selectors.versions_of(asset)}
    assert told == {"0": False, "1": False, "2": True, "3": False, "4": False}


def test_of_two_levels_told_for_one_moment_the_second_is_unauthorised() -> None:
    by = keeper()
    asset, prod = make_asset("CBACT04C", by=by), make_environment(by=by)
    for level in ("1", "2"):
        install(asset_id=asset.pk, actor=by, environment=prod, level=level, installed_at=NIGHT)
    assert [version.level for version in selectors.unauthorised_versions()] == ["2"]
