"""Call people in a night: each rung of an alert's ladder once, until somebody acknowledges."""

from __future__ import annotations

from django.db import transaction
from django.urls import reverse

from apps.accounts.models import User
from apps.notifications.domain.letter import wall_clock
from apps.notifications.models import Message
from apps.notifications.selectors import alerts_to_tell, coordinators_of, managers_of
from apps.notifications.services.messages import notify
from apps.releases.domain.alerts import DEPUTY, MANAGER, OWNER, told_by
from apps.releases.models import Alert
from apps.releases.services.alerts import watch_nights


def watch_and_call() -> int:
    """Raise what is due, then tell whom the ladders name. Returns how many messages were queued.

    What was raised is kept before anybody is told, and who was told is told by the messages
    themselves: a worker that dies in between leaves the telling to the next run.
    """
    watch_nights()
    return call_people()


def call_people() -> int:
    wanted = {
        f"alert:{alert.pk}:{rung}:{user.pk}": (alert, user)
        for alert in alerts_to_tell()
        for rung, who in told_by(alert.kind, alert.rung)
        for user in _people(alert, who)
    }
    told = set(
        Message.objects.filter(dedupe_key__in=list(wanted)).values_list("dedupe_key", flat=True)
    )
    return sum(_tell(key, alert, user) for key, (alert, user) in wanted.items() if key not in told)


def _people(alert: Alert, who: str) -> list[User]:
    """Without an owner or deputy, the next in line is told in their place."""
    step = alert.step
    if who == OWNER and step is not None and step.owner is not None:
        return [step.owner]
    if who in (OWNER, DEPUTY) and step is not None and step.deputy is not None:
        return [step.deputy]
    return managers_of(alert.window) if who == MANAGER else coordinators_of(alert.window)


def _tell(key: str, alert: Alert, user: User) -> bool:
    """False when another worker was first."""
    window = alert.window
    with transaction.atomic(durable=True):
        message = notify(
            recipient=user,
            kind=Message.Kind.ALERT,
            dedupe_key=key,
            subject_line=f"{window.code}: {alert.text}",
            text=(
                f"{window.code} {window.name}\n"
                f"{alert.text}\n"
                f"Raised {wall_clock(alert.raised_at, window.zone)}. "
                "Acknowledge it in the command centre, or the next in line is told."
            ),
            about=alert.subject,
            url=reverse("window_live", args=[window.pk]),
        )
    return message is not None
