"""Calls of the programming interface as named people, telling what went wrong."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone
from rest_framework.test import APIClient

from apps.accounts.models import User
from apps.accounts.services.tokens import create_token
from tests.factories import actor


class Person:
    """Somebody with a personal token and a fresh step-up."""

    def __init__(self, username: str) -> None:
        self.user = User.objects.get(username=username)
        token, text = create_token(
            pk=self.user.pk, actor=actor(self.user), name="journey", lifetime=timedelta(hours=1)
        )
        token.auth_at = timezone.now()
        token.save(update_fields=["auth_at"])
        self.http = APIClient(raise_request_exception=False)
        self.http.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")

    def get(self, address: str) -> Any:
        answer = self.http.get(address)
        assert answer.status_code == 200, answer.content
        return answer.json()

    def create(self, where: str, **values: Any) -> dict[str, Any]:
        answer = self.http.post(f"/api/v1/{where}/", values, format="json")
        assert answer.status_code == 201, (where, values, answer.json())
        return {**answer.json(), "address": answer["Location"]}

    def move(self, record: dict[str, Any], name: str, **fields: Any) -> dict[str, Any]:
        """Make a move on the current version; the record as it is then."""
        answer = self._send(record, name, fields)
        assert answer.status_code == 200, (name, answer.json())
        return {**answer.json(), "address": record["address"]}

    def refused(self, record: dict[str, Any], name: str, **fields: Any) -> tuple[int, set[str]]:
        """The status and the codes of every blocker of a move that is refused."""
        answer = self._send(record, name, fields)
        assert answer.status_code >= 400, answer.json()
        assert answer["Content-Type"] == "application/problem+json"
        blockers = answer.json()["blockers"]
        assert all(blocker["text"] and blocker["fix"] for blocker in blockers), blockers
        return answer.status_code, {blocker["code"] for blocker in blockers}

    def _send(self, record: dict[str, Any], name: str, fields: dict[str, Any]) -> Any:
        version = self.get(record["address"])["version"]
        return self.http.post(
            f"{record['address']}moves/{name}/", {**fields, "version": version}, format="json"
        )
