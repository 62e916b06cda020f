"""That the evidence is not sealed is told once, to those who keep it and those who rely on it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from django.test import Client

from apps.evidence import selectors
from apps.evidence.models import EvidenceEntry
from apps.notifications.models import Message
from apps.notifications.services.sealing import warn_unsealed
from apps.portal import health
from tests.evidence.log import Log
from tests.factories import make_team, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def log(tmp_path: Path) -> Log:
    make_user("admin", "site_admin"), make_user("auditor", "auditor"), make_user("someone")
    found = Log(tmp_path / "sealer")
    found.grow("OPS")
    return found


def told() -> list[tuple[str, str]]:
    return list(
        Message.objects.order_by("created_at", "recipient__username").values_list(
            "recipient__username", "subject_line"
        )
    )


def test_nobody_is_told_while_all_is_well(log: Log) -> None:
    assert warn_unsealed() == 0


def test_an_alarm_is_told_once(log: Log) -> None:
    (log.keep.folder / "1.keys").unlink()
    log.seal()
    assert warn_unsealed() == 2 and warn_unsealed() == 0
    assert told() == [
        ("admin", "The evidence is not sealed: key_missing"),
        ("auditor", "The evidence is not sealed: key_missing"),
    ]
    assert EvidenceEntry.objects.filter(action="system.seal_warned").count() == 1


def test_what_waits_for_two_minutes_is_told_once(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    make_team("DBA")
    assert warn_unsealed() == 0
    monkeypatch.setattr(selectors, "SEAL_LATE", timedelta())
    assert warn_unsealed() == 2
    make_team("NET")
    assert warn_unsealed() == 0 and told()[0][1] == "The evidence is not sealed in time"


def test_the_health_page_shows_the_lag_and_stays_in_service(
    log: Log, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    health.beat()
    make_team("DBA")
    answer = client.get("/readyz")
    assert answer.status_code == 200
    seal = answer.json()["checks"]["seal"]
    assert seal["ok"] and seal["size"] > 0 and seal["lag_seconds"] < 120 and "alarm" not in seal
    (log.keep.folder / "1.keys").unlink()
    log.seal()
    answer = client.get("/readyz")
    assert answer.status_code == 200 and answer.json()["status"] == "degraded"
    assert answer.json()["checks"]["seal"]["alarm"] == "key_missing"
    cache.delete(health.BEAT_KEY)
