"""Lines that other systems put into the log of a step."""

from __future__ import annotations

from typing import Any

from apps.core import clock
from apps.core.actor import Actor
from apps.core.text import tidy
from apps.releases.models import Activity, ActivityLog


def log_from_system(step: Activity, actor: Actor, text: str, **payload: Any) -> None:
    """Inner: what a system tells of the step. The step stays as it is."""
    ActivityLog.objects.create(
        activity=step,
        at=clock.now(),
        by_id=actor.id,
        kind=ActivityLog.Kind.AUTO,
        text=tidy(text),
        payload=payload,
    )
