"""Warn of windows that fill up: once per window, unit and threshold."""

from __future__ import annotations

from collections import defaultdict

from django.db import transaction

from apps.core.actor import system_actor
from apps.evidence.services.ledger import record_fact
from apps.notifications import events
from apps.notifications.models import Message
from apps.notifications.selectors import coordinators_of, filling_windows, page_of
from apps.notifications.services.messages import notify
from apps.windows.domain.capacity import Use, crossed
from apps.windows.models import ReleaseWindow
from apps.windows.selectors import capacity_use


def warn_full_windows() -> int:
    """Tell the coordinator of each window of which a unit has reached 75, 90 or 100 %.

    Only the highest threshold is told, and never one below a threshold told before. Each warning
    is recorded as evidence about the window. Returns how many thresholds were told of.
    """
    windows = list(filling_windows())
    told = _highest_told([window.subject for window in windows])
    return sum(
        _warn(window, use, threshold)
        for window in windows
        for use in capacity_use(window)
        if (threshold := crossed(use.percent)) > told[_stem(window, use)]
    )


def _stem(window: ReleaseWindow, use: Use) -> str:
    return f"capacity:{window.pk}:{use.unit}"


def _highest_told(subjects: list[str]) -> defaultdict[str, int]:
    """Stem of the key → the highest threshold told of; 0 where none was."""
    highest: defaultdict[str, int] = defaultdict(int)
    messages = Message.objects.filter(kind=Message.Kind.CAPACITY, about__in=subjects)
    for key in messages.values_list("dedupe_key", flat=True):
        stem, threshold, _user = key.rsplit(":", 2)
        highest[stem] = max(highest[stem], int(threshold))
    return highest


def _warn(window: ReleaseWindow, use: Use, threshold: int) -> bool:
    """False when another worker was first, or when there is nobody to tell."""
    with transaction.atomic(durable=True):
        told = [
            user.username
            for user in coordinators_of(window)
            if notify(
                recipient=user,
                kind=Message.Kind.CAPACITY,
                dedupe_key=f"{_stem(window, use)}:{threshold}:{user.pk}",
                subject_line=f"{window.code}: {use.unit} booked to {use.percent} %",
                text=(
                    f"{window.code} {window.name}\n"
                    f"{use.booked:f} of {use.limit:f} {use.unit} are booked "
                    f"({use.percent} % of what may be). "
                    f"Free for planned work: {use.free:f}."
                ),
                about=window.subject,
                url=page_of(window.subject),
            )
        ]
        if told:
            record_fact(
                "system",
                actor=system_actor("capacity checks"),
                event=events.CAPACITY_WARNED,
                about=window.subject,
                facts={
                    "unit": use.unit,
                    "threshold": threshold,
                    "percent": use.percent,
                    "booked": use.booked,
                    "limit": use.limit,
                    "told": told,
                },
            )
    return bool(told)
