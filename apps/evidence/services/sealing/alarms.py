"""Why the sealer refuses to go on, and how that is kept."""

from __future__ import annotations

import logging

from django.utils import timezone

from apps.evidence.models import EvidenceAlarm

logger = logging.getLogger(__name__)


class SealAlarm(Exception):
    """The log may not be signed as it is. `code` is for programs, the text tells where to look."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


def raise_alarm(alarm: SealAlarm) -> None:
    """Keep it, once for as long as it is the same."""
    newest = EvidenceAlarm.objects.first()
    if newest is None or (newest.code, newest.text) != (alarm.code, str(alarm)):
        EvidenceAlarm.objects.create(code=alarm.code, text=str(alarm), at=timezone.now())
    logger.critical("The sealer refuses: %s (%s)", alarm, alarm.code)


def clear_alarm() -> None:
    newest = EvidenceAlarm.objects.first()
    if newest is not None and newest.code != EvidenceAlarm.CLEAR:
        EvidenceAlarm.objects.create(
            code=EvidenceAlarm.CLEAR, text="The log is sealed again.", at=timezone.now()
        )
