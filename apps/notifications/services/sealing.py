"""Warn whoever keeps the portal and whoever relies on its evidence that it is not sealed: once for
each alarm, and once for each time that something waits too long."""

from __future__ import annotations

from django.db import transaction

from apps.accounts.models import User
from apps.accounts.selectors import holders_of
from apps.core.actor import system_actor
from apps.evidence.selectors import SealStatus, seal_status
from apps.evidence.services.ledger import record_fact
from apps.notifications import events
from apps.notifications.models import Message
from apps.notifications.services.messages import notify

_TOLD = ("site_admin", "auditor")


def warn_unsealed() -> int:
    """Returns how many messages were queued."""
    status = seal_status()
    if status.is_well:
        return 0
    key, subject_line, text = _words(status)
    wanted = {f"seal:{key}:{user.pk}": user for user in holders_of(_TOLD)}
    keys = Message.objects.filter(dedupe_key__in=list(wanted)).values_list("dedupe_key", flat=True)
    told = set(keys)
    untold = {each: user for each, user in wanted.items() if each not in told}
    return _warn(untold, key, subject_line, text) if untold else 0


def _words(status: SealStatus) -> tuple[str, str, str]:
    """What it is about, and subject line and text of the message."""
    if status.alarm is not None:
        return (
            f"alarm:{status.alarm.pk}",
            f"The evidence is not sealed: {status.alarm.code}",
            f"The sealer refuses to go on. {status.alarm.text}\n"
            f"{status.size} entries are sealed. Records can still be changed; every change waits "
            "unsealed until this is settled. Keep the machine as it is, and read the sealer's log.",
        )
    minutes = int(status.late_by.total_seconds() // 60)
    return (
        f"late:{status.waiting}",
        "The evidence is not sealed in time",
        f"Entry {status.waiting} has waited for {minutes} minutes. Check that the sealer runs.",
    )


def _warn(people: dict[str, User], about: str, subject_line: str, text: str) -> int:
    with transaction.atomic(durable=True):
        told = [
            user.username
            for key, user in people.items()
            if notify(
                recipient=user,
                kind=Message.Kind.EVIDENCE,
                dedupe_key=key,
                subject_line=subject_line,
                text=text,
                about="",
            )
        ]
        if told:
            record_fact(
                "system",
                actor=system_actor("evidence checks"),
                event=events.SEAL_WARNED,
                facts={"because": about, "told": told},
            )
    return len(told)
