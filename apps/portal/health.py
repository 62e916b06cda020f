"""Is the process alive, and can it do its work? For load balancers and operators."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from apps.console.site import site
from apps.core import clock
from apps.evidence.models import EvidenceCheck
from apps.evidence.selectors import last_check, outbox_lag, seal_status

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
    """Database, broker, the scheduler's heartbeat and the outbox; 503 when one is not well.

    What somebody has to look at while the portal goes on working is told too, and is "degraded".
    """
    checks = {name: _asked(check) for name, check in CHECKS.items()}
    watched = {name: _asked(check) for name, check in WATCHED.items()}
    failing = not all(check["ok"] for check in checks.values())
    degraded = not all(check["ok"] for check in watched.values())
    status = "failing" if failing else "degraded" if degraded else "ok"
    return JsonResponse(
        {"status": status, "checks": checks | watched}, status=503 if failing else 200
    )


class Line(NamedTuple):
    """One line of the page: what is asked, whether all is well, and how it went."""

    name: str
    what: str
    ok: bool
    told: dict[str, Any]


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """The same for people."""
    lines = [
        Line(name, IN_WORDS.get(name, ""), told["ok"], told)
        for name, check in {**CHECKS, **WATCHED}.items()
        for told in [_asked(check)]
    ]
    context = {**site.each_context(request), "title": "Health", "lines": lines}
    return render(request, "portal/health.html", context)


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


def _seal() -> dict[str, Any]:
    """How far the ledger is sealed, since when something waits, and why the sealer refuses."""
    status = seal_status()
    alarm = {"alarm": status.alarm.code} if status.alarm else {}
    return {
        "ok": status.is_well,
        "size": status.size,
        "lag_seconds": int(status.late_by.total_seconds()),
        **alarm,
    }


#: A check of the evidence that ran longer ago than this did not run in the last night.
CHECK_SILENT = timedelta(hours=26)


def _history() -> dict[str, Any]:
    return _last(EvidenceCheck.Kind.HISTORY)


def _invariants() -> dict[str, Any]:
    return _last(EvidenceCheck.Kind.INVARIANTS)


def _last(kind: str) -> dict[str, Any]:
    """What the last run of a check found; one that is due and did not run is not well either."""
    check = last_check(kind)
    if check is None:
        return {"ok": False, "detail": "has not run yet"}
    is_old = clock.now() - check.ended_at > CHECK_SILENT
    return {
        "ok": check.is_clean and not is_old,
        "found": check.found,
        "at": check.ended_at,
        "run": str(check.pk),
        **({"detail": "did not run last night"} if is_old else {}),
    }


CHECKS: dict[str, Callable[[], dict[str, Any]]] = {
    "database": _database,
    "broker": _broker,
    "beat": _beat,
    "outbox": _outbox,
}
#: Looked at by people: no process is taken out of service for it.
WATCHED: dict[str, Callable[[], dict[str, Any]]] = {
    "seal": _seal,
    "history": _history,
    "invariants": _invariants,
}
IN_WORDS = {
    "database": "Answers.",
    "broker": "Keeps what it is given.",
    "beat": "The scheduler gives a sign of life.",
    "outbox": "What happened is told to those who wait for it.",
    "seal": "What happened is sealed within two minutes.",
    "history": "Every record and every version of it is what its entry tells.",
    "invariants": "Nothing is in a state that it can never be in.",
}
