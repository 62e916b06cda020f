"""One id leads from the answer to the log and to the evidence."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from apps.evidence.models import EvidenceEntry
from tests.factories import make_team, make_user

pytestmark = pytest.mark.django_db


def test_the_answer_and_the_entry_carry_the_same_id(client: Client) -> None:
    client.force_login(make_user("outsider"))
    team = make_team("OPS")
    answer = client.post(f"/admin/accounts/team/{team.pk}/comment/", {"text": "Who is on call?"})
    entry = EvidenceEntry.objects.latest("id")
    assert entry.action == "comment.added"
    told = json.loads(bytes(entry.body))["source"]
    assert told["request_id"] and told["request_id"] == answer["X-Request-ID"]
    assert told["channel"] == "admin"
