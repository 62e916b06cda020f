"""The search by any name: what it finds, why, and in which order."""

from __future__ import annotations

import re

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import User
from apps.inventory.models import Asset
from apps.portal import work
from apps.portal.work import Found
from tests.inventory.factories import keeper, make_asset
from tests.live_night import LiveNightTestCase

SEARCH_BUDGET = 24


class TestSearch(LiveNightTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.client = Client()
        self.client.force_login(User.objects.get(username="viewer"))

    def found(self, text: str) -> dict[str, list[tuple[str, str]]]:
        """(code, reason) by kind."""
        return {
            group.title: [(row.code, row.reason) for row in group.rows]
            for group in work.search(text)
        }

    def test_a_program_is_found_as_asset_job_change_and_package(self) -> None:
        found = self.found("CBTRN02C")
        assert found["Assets"] == [("CBTRN02C", "its name")]
        assert found["Jobs"] == [("POSTTRAN", "executes CBTRN02C")]
        assert found["Changes"] == [
            ("CHG0499", "in its title"),
            ("CHG0510", "CBTRN02C in its scope"),
        ]
        assert found["Packages"] == [
            ("RE-2611-01", "CBTRN02C in the scope of CHG0499"),
            ("RP-2611-02", "CBTRN02C in the scope of CHG0510"),
        ]
        assert ("RE-2611-01 E2", "works on CBTRN02C") in found["Steps"]

    def test_a_job_is_found_by_its_own_name_as_no_other_asset(self) -> None:
        found = self.found("POSTTRAN")
        assert found["Jobs"][0] == ("POSTTRAN", "its name")
        assert "Assets" not in found

    def test_small_letters_find_the_same(self) -> None:
        assert self.found("cbtrn02c") == self.found("CBTRN02C")

    def test_exactly_that_name_comes_before_names_that_hold_it(self) -> None:
        by = keeper()
        for name in ("AAAPAY", "PAY", "PAYROLL"):
            make_asset(name, by=by)
        codes = [code for code, _ in self.found("PAY")["Assets"]]
        assert codes == ["PAY", "AAAPAY", "PAYROLL"]

    def test_a_code_finds_its_change_and_the_package_that_carries_it(self) -> None:
        assert self.found("CHG0510")["Changes"] == [("CHG0510", "its code")]

    def test_what_nobody_knows_is_not_found(self) -> None:
        assert work.search("NOBODYKNOWS") == []
        page = self.client.get("/search/?q=NOBODYKNOWS").content.decode()
        assert "Nothing is called" in page

    def test_one_letter_is_too_little(self) -> None:
        assert "Enter at least two characters." in self.client.get("/search/?q=C").content.decode()

    def test_more_than_are_shown_are_a_link_away(self) -> None:
        groups = {group.title: group for group in work.search("CB")}
        assert len(groups["Assets"].rows) == 10
        more = groups["Assets"].more_url
        assert self.client.get(more).status_code == 200
        asset = Asset.objects.select_related("type", "application").first()
        odd = work._group("Assets", "inventory_asset", "a&b=", [asset] * 11, _shown)
        assert odd.more_url.endswith("?q=a%26b%3D")

    def test_the_page_says_why_each_row_is_there(self) -> None:
        page = self.client.get("/search/?q=CBTRN02C").content.decode()
        assert re.search(r"POSTTRAN</span></a>.*?<small>Executes CBTRN02C</small>", page)
        assert "CBTRN02C in its scope" in page

    def test_every_page_has_the_search(self) -> None:
        for url in ("/admin/", "/my/steps/", "/admin/inventory/asset/"):
            assert 'id="find-any"' in self.client.get(url).content.decode(), url

    def test_it_costs_the_same_for_one_row_and_for_many(self) -> None:
        for text in ("RP-2611-01", "CBTRN02C", "CARD"):
            with CaptureQueriesContext(connection) as queries:
                assert self.client.get(f"/search/?q={text}").status_code == 200
            assert len(queries) <= SEARCH_BUDGET, text


def _shown(url: str, row: Asset) -> Found:
    return Found(url, row.name, "", "")
