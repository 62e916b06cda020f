"""Is the process alive, and can it do its work? For load balancers and operators."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from apps.evidence.selectors import outbox_lag

BEAT_KEY = "interlock:beat"
BEAT_SILENT = timedelta(minutes=3)
OUTBOX_BEHIND = 1_000


@never_cache
@require_safe
def alive(request: HttpRequest) -> JsonResponse:
    """The process answers. Touches nothing else, so that a slow database kills no web server."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Database, broker, the scheduler's heartbeat and the outbox; 503 when one is not well."""
    checks = {name: _asked(check) for name, check in CHECKS.items()}
    well = all(check["ok"] for check in checks.values())
    return JsonResponse(
        {"status": "ok" if well else "failing", "checks": checks}, status=200 if well else 503
    )


def beat() -> None:
    """The scheduler is alive; called by its own task every half minute."""
    cache.set(BEAT_KEY, timezone.now().isoformat(), timeout=3600)


def _asked(check: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return check()
    except Exception as error:  # noqa: BLE001 - whatever breaks is the answer
        return {"ok": False, "detail": type(error).__name__}


def _database() -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return {"ok": True}


def _broker() -> dict[str, Any]:
    cache.set("interlock:ready", "1", timeout=10)
    return {"ok": cache.get("interlock:ready") == "1"}


def _beat() -> dict[str, Any]:
    last = cache.get(BEAT_KEY)
    if last is None:
        return {"ok": False, "detail": "no heartbeat yet"}
    age = timezone.now() - parse_datetime(last)  # type: ignore[operator]
    return {"ok": age < BEAT_SILENT, "age_seconds": int(age.total_seconds())}


def _outbox() -> dict[str, Any]:
    waiting = outbox_lag()
    return {"ok": waiting < OUTBOX_BEHIND, "waiting": waiting}


CHECKS: dict[str, Callable[[], dict[str, Any]]] = {
    "database": _database,
    "broker": _broker,
    "beat": _beat,
    "outbox": _outbox,
}
