"""Start background work after commit, by dotted path, so that nobody imports a tasks module."""

from __future__ import annotations

from typing import Any

from django.db import transaction


def enqueue_on_commit(path: str, **kwargs: Any) -> None:
    """Send the task `path` ("apps.x.tasks.y") once the running transaction has committed."""
    transaction.on_commit(lambda: _send(path, kwargs), robust=True)


def _send(path: str, kwargs: dict[str, Any]) -> None:
    from config.celery import app

    app.send_task(path, kwargs=kwargs)
