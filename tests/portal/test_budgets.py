"""Every list of the console costs the same number of queries for one row and for three."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.models import User
from apps.console.admin import ConsoleAdmin
from apps.console.site import site
from tests.live_night import LiveNightTestCase

#: Queries of a list: session, user, roles, teams, count, rows, and what a filter needs.
LIST_BUDGET = 14
HOME_BUDGET = 24


class TestBudgets(LiveNightTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.patch = pytest.MonkeyPatch()
        self.addCleanup(self.patch.undo)

    def client_of(self, username: str) -> Client:
        client = Client()
        client.force_login(User.objects.get(username=username))
        return client

    def cost(self, client: Client, url: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200, url
        return len(queries)

    def test_every_changelist(self) -> None:
        client = self.client_of("auditor")
        wrong = []
        for model, admin in site._registry.items():
            url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
            assert isinstance(admin, ConsoleAdmin)
            self.cost(client, url)
            costs = []
            for rows in (1, 3):
                self.patch.setattr(admin, "list_per_page", rows)
                costs.append(self.cost(client, url))
            if costs[0] != costs[1] or costs[1] > LIST_BUDGET:
                wrong.append((model.__name__, costs))
        assert wrong == []

    def test_the_first_page_of_everybody(self) -> None:
        for username in ("coordinator", "owner.card", "cab.chair", "storage", "auditor", "viewer"):
            client = self.client_of(username)
            self.cost(client, "/admin/")
            assert self.cost(client, "/admin/") <= HOME_BUDGET, username

    def test_the_search(self) -> None:
        client = self.client_of("coordinator")
        assert self.cost(client, "/search/?q=CBTRN02C") <= HOME_BUDGET
