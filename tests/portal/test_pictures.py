"""The dependency pictures on the pages of assets, changes and packages, and on their own."""

from __future__ import annotations

import re
from uuid import uuid4

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.models import User
from apps.changes.models import ChangeRequest
from apps.inventory.models import Asset
from apps.portal import panels
from apps.portal.panels import MODES
from apps.releases.models import ReleasePackage
from tests.live_night import LiveNightTestCase

#: A picture on a page of its own: session, user, roles, teams, the record, and what is drawn.
BUDGETS = {"build": 16, "run": 32, "order": 16}


class TestPictures(LiveNightTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.package = ReleasePackage.objects.get(code="RP-2611-02")

    def setUp(self) -> None:
        super().setUp()
        self.client = Client()
        self.client.force_login(User.objects.get(username="coordinator"))

    def read(self, url: str) -> str:
        answer = self.client.get(url)
        assert answer.status_code == 200, (url, answer.status_code)
        return answer.content.decode()

    def whole(self, kind: str, record: object, query: str = "") -> str:
        return self.read(f"{reverse('impact', args=[kind, record.pk])}?{query}")  # type: ignore[attr-defined]

    def asset(self, name: str) -> Asset:
        return Asset.objects.get(name=name)

    def test_the_build_impact_of_the_account_copybook(self) -> None:
        page = self.whole("asset", self.asset("CVACT01Y"))
        assert "13 programs to recompile, 1 VSAM cluster to convert." in page
        assert page.count('class="d-box') == 15

    def test_the_run_impact_of_the_account_copybook(self) -> None:
        page = self.whole("asset", self.asset("CVACT01Y"), "mode=run")
        assert "POSTTRAN 05:10" in page
        assert "First batch job hit, in 4 h 30 min" in page

    def test_every_box_opens_what_it_shows(self) -> None:
        page = self.whole("asset", self.asset("CVACT01Y"), "mode=run")
        targets = re.findall(r'class="d-box[^"]*" href="([^"]+)"', page)
        assert len(targets) > 40
        for url in targets[:5]:
            self.read(url)

    def test_the_table_says_what_the_picture_shows(self) -> None:
        page = self.whole("asset", self.asset("CVACT01Y"))
        boxes = set(re.findall(r'class="d-box[^"]*" href="([^"]+)"', page))
        rows = set(re.findall(r'<th scope="row"><a href="([^"]+)"', page))
        seed = reverse("admin:inventory_asset_change", args=[self.asset("CVACT01Y").pk])
        assert boxes - {seed} == rows

    def test_a_picture_has_a_name_and_a_description(self) -> None:
        page = self.whole("asset", self.asset("CVACT01Y"))
        assert 'aria-labelledby="deps-title deps-desc"' in page
        assert '<title id="deps-title">Build impact</title>' in page

    def test_a_change_tells_what_its_package_has_and_what_is_missing(self) -> None:
        change = ChangeRequest.objects.get(code="CHG0510")
        page = self.whole("change", change)
        assert "13 programs to recompile, 1 VSAM cluster to convert. All covered." in page
        assert page.count("in RP-2611-02") == 2 * 8
        alone = ChangeRequest.objects.get(code="CHG0541")
        assert "Missing in the scope:" in self.whole("change", alone)

    def test_the_order_of_the_packages_around_one(self) -> None:
        page = self.whole("package", self.package, "mode=order")
        for code in ("RP-2611-01", "RP-2611-02", "RP-2611-04", "RE-2611-01"):
            assert f">{code}</text>" in page
        assert "CBACT04C 01.12 before 01.13" in page
        assert "COPAUS0C 01.08 before 01.09" in page

    def test_the_pages_of_all_three_show_a_compact_picture(self) -> None:
        for label, record in (
            ("inventory_asset", self.asset("CBTRN02C")),
            ("changes_changerequest", ChangeRequest.objects.get(code="CHG0510")),
            ("releases_releasepackage", self.package),
        ):
            url = reverse(f"admin:{label}_change", args=[record.pk])
            for mode, title in MODES.items():
                page = self.read(f"{url}?picture={mode}")
                here = f'<a href="?picture={mode}#dependencies" aria-current="true">{title}</a>'
                assert here in page, (label, mode)
                assert f"?mode={mode}" in page

    def test_a_group_is_folded_and_opened_again(self) -> None:
        page = self.whole("asset", self.asset("CVACT01Y"), "fold=1-program_cics")
        assert ">7 CICS programs</text>" in page
        opened = re.search(r'class="d-box[^"]*" href="([^"]*open=1-program_cics)"', page)
        assert opened is not None
        again = self.read(opened.group(1).replace("&amp;", "&"))
        assert ">7 CICS programs</text>" not in again
        assert "Fold 7 CICS programs" in again

    def test_beyond_the_limit_groups_are_folded(self) -> None:
        limit, panels.MOST_NODES = panels.MOST_NODES, 10
        self.addCleanup(setattr, panels, "MOST_NODES", limit)
        page = self.whole("asset", self.asset("CVACT01Y"))
        assert ">7 CICS programs</text>" in page
        assert page.count('class="d-box') <= 10

    def test_nonsense_in_the_address_is_answered(self) -> None:
        asset = self.asset("CVACT01Y")
        odd = ("mode=x", "fold=%22%3E&open=%E2%80%AE", "fold=" + "x" * 3000, "open=9-job")
        for query in odd:
            assert "<svg" in self.whole("asset", asset, query)
        for path in (f"window/{asset.pk}", f"asset/{uuid4()}", f"change/{asset.pk}", "asset/1"):
            assert self.client.get(f"/impact/{path}/").status_code == 404

    def test_who_is_not_signed_in_sees_nothing(self) -> None:
        url = reverse("impact", args=["asset", self.asset("CVACT01Y").pk])
        assert Client().get(url).status_code == 302

    def test_what_is_drawn_costs_no_query_of_its_own(self) -> None:
        for mode, budget in BUDGETS.items():
            costs = []
            for record in (self.package, ReleasePackage.objects.get(code="RP-2611-01")):
                self.whole("package", record, f"mode={mode}")
                with CaptureQueriesContext(connection) as queries:
                    self.whole("package", record, f"mode={mode}")
                costs.append(len(queries))
            assert max(costs) <= budget, (mode, costs)
