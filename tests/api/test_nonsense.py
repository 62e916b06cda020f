"""Every address takes every kind of nonsense without a fault of ours."""

from __future__ import annotations

import json
import random
from typing import Any
from uuid import uuid4

import pytest

from apps.core.errors import STATUS_OF_KIND
from apps.evidence.api import Creates, Edits, Moves
from tests.api import worlds
from tests.api.test_surface import RECORDS
from tests.releases.worlds import Night

pytestmark = pytest.mark.django_db

VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 1.5, 10**18, -(10**18), 1e308, "", " ", "x", "x" * 3000, "=1+1", "\u00e9",
    "\u0007", "\u0000", "1", "2026-11-21", "2026-11-21T10:00:00Z", "CARD", "'; --", "%s", "../..",
    [], {}, [None], [{}], [[]], {"id": 1}, [{"x": 1}], ["x"],
)  # fmt: skip
KNOWN = {200, 201, 428, *STATUS_OF_KIND.values()}


def nonsense(names: list[str], dice: random.Random) -> dict[str, Any]:
    chosen = dice.sample(names, dice.randint(0, len(names)))
    return {name: dice.choice([*VALUES, str(uuid4())]) for name in chosen}


@pytest.mark.parametrize("prefix", [prefix for prefix, _view in RECORDS])
def test_nonsense_is_refused_and_never_a_fault(night: Night, call_as: Any, prefix: str) -> None:
    dice = random.Random(prefix)
    view = dict(RECORDS)[prefix]
    clients = [
        call_as(person, fresh=True)
        for person in (night.bank.requester, night.coordinator, night.manager, night.operator)
    ]
    worlds.rows(night, prefix, 1)
    url = f"/api/v1/{prefix}/"
    listed = clients[0].get(url).json()["results"] or [{"id": str(uuid4())}]
    row = listed[0]
    calls: list[tuple[str, str, dict[str, Any]]] = []
    for _ in range(8):
        if issubclass(view, Creates):
            calls.append(("POST", url, nonsense(list(view.write_serializer().fields), dice)))
        if issubclass(view, Edits):
            sent = nonsense(list(view.edit_serializer().fields), dice)
            calls.append(("PATCH", f"{url}{row['id']}/", sent))
    if issubclass(view, Moves):
        for move in view.moves:
            names = [*(field.name for field in move.fields), "comment", "version"]
            calls.append(("POST", f"{url}{row['id']}/moves/{move.name}/", nonsense(names, dice)))
    for filtering in view.filters:
        value = dice.choice([v for v in VALUES if isinstance(v, str)])
        answer = clients[0].get(url, {filtering.name: value})
        assert answer.status_code in (200, 400), (filtering.name, value)
    for method, address, sent in calls:
        client = dice.choice(clients)
        version = clients[0].get(f"{url}{row['id']}/").json().get("version", 1)
        answer = client.generic(
            method, address, *_json(sent), HTTP_IF_MATCH=f'"{version}"'
        )  # fmt: skip
        assert answer.status_code in KNOWN, (method, address, sent, answer.content[:800])


def _json(sent: dict[str, Any]) -> tuple[bytes, str]:
    return json.dumps(sent).encode(), "application/json"
