"""Remind people of gates that are due or overdue: once per gate and day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.db import transaction

from apps.accounts.models import User
from apps.core import clock
from apps.core.actor import system_actor
from apps.evidence.services.ledger import record_fact
from apps.gates.catalogue import GATES
from apps.gates.models import ReadinessItem
from apps.notifications import events
from apps.notifications.domain.letter import day_there, wall_clock
from apps.notifications.models import Message
from apps.notifications.selectors import answering_for, page_of, readiness_due
from apps.notifications.services.messages import notify
from apps.releases.models import ReleasePackage

AHEAD = timedelta(hours=24)
_TITLES = {gate.code: gate.title for gate in GATES}


def remind_readiness() -> int:
    """Tell whoever answers for an unmet gate that it is due within a day, or overdue.

    Each reminder is recorded as evidence about the package. Returns how many gates were told of.
    """
    today = day_there(clock.now(), settings.INTERLOCK_ZONE)
    due = [
        (item, package, {f"readiness:{item.pk}:{today}:{user.pk}": user for user in people})
        for item, package in readiness_due(clock.now() + AHEAD)
        for people in [answering_for(item, package)]
    ]
    keys = [key for _, _, people in due for key in people]
    told = set(Message.objects.filter(dedupe_key__in=keys).values_list("dedupe_key", flat=True))
    return sum(
        _remind(item, package, [(key, user) for key, user in people.items() if key not in told])
        for item, package, people in due
        if not told.issuperset(people)
    )


def _remind(
    item: ReadinessItem, package: ReleasePackage, people: Sequence[tuple[str, User]]
) -> bool:
    """False when another worker was first."""
    assert item.due_at is not None
    word = "overdue" if item.due_at <= clock.now() else "due"
    title = _TITLES.get(item.gate, "")
    with transaction.atomic(durable=True):
        told = [
            user.username
            for key, user in people
            if notify(
                recipient=user,
                kind=Message.Kind.READINESS,
                dedupe_key=key,
                subject_line=f"{package.code}: gate {item.gate} is {word}",
                text=(
                    f"{package.code} {package.name}\n"
                    f"Gate {item.gate} {title} is not met and {word}: "
                    f"{wall_clock(item.due_at, settings.INTERLOCK_ZONE)}.\n"
                    f"{item.detail}"
                ).strip(),
                about=item.subject,
                url=page_of(item.subject),
            )
        ]
        if told:
            record_fact(
                "system",
                actor=system_actor("readiness reminders"),
                event=events.READINESS_REMINDED,
                about=item.subject,
                facts={"gate": item.gate, "due_at": item.due_at, "told": told},
            )
    return bool(told)
