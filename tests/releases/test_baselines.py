"""The level that will be in production, as the demo's packages plan it."""

from __future__ import annotations

from datetime import timedelta

from rest_framework.test import APIClient

from apps.accounts.models import User
from apps.accounts.services.tokens import create_token
from apps.inventory.models import Asset
from apps.releases.services.baselines import baseline_at, coming_versions
from tests.factories import actor
from tests.live_night import LiveNightTestCase
from tests.scenarios import NIGHT_AT

MORNING = NIGHT_AT + timedelta(hours=8)


class TestTheLiveNight(LiveNightTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.asset = Asset.objects.select_related("production_version").get(name="COPAUS0C")

    def test_before_the_night_is_over_the_old_level_counts(self) -> None:
        base = baseline_at(self.asset, NIGHT_AT, coming_versions(self.asset))
        assert base is not None and (base.level, base.is_predicted) == ("01.07", False)

    def test_after_it_what_the_package_brings_is_predicted(self) -> None:
        base = baseline_at(self.asset, MORNING, coming_versions(self.asset))
        assert base is not None and (base.level, base.is_predicted) == ("01.08", True)

    def test_the_retry_is_down_level_and_the_night_s_package_is_not(self) -> None:
        told = {each.package.code: each.is_down_level for each in coming_versions(self.asset)}
        assert told == {"RP-2611-02": False, "RP-2611-04": True}

    def test_the_interface_tells_the_level_at_a_moment(self) -> None:
        person = User.objects.get(username="coordinator")
        _, text = create_token(
            pk=person.pk, actor=actor(person), name="test", lifetime=timedelta(hours=1)
        )
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
        url = f"/api/v1/assets/{self.asset.pk}/baseline/"
        told = client.get(url, {"at": MORNING.isoformat()}).json()
        assert (told["level"], told["package"]) == ("01.08", "RP-2611-02")
        assert [each["is_down_level"] for each in told["coming"]] == [False, True]
        assert client.get(url, {"at": "2026-11-22T08:00"}).status_code == 400
        assert client.get("/api/v1/assets/x/baseline/").status_code == 404
