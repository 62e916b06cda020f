"""Checkpoints outside the reach of whoever administers the database.

An anchor gets every checkpoint in order, and what it missed when it can be reached again. The
file anchor is a copy of the sealer's journal, byte for byte, on a disk that only takes appends.
"""

from __future__ import annotations

import os
import secrets
import urllib.request
from datetime import timedelta
from http.client import HTTPException
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from apps.evidence.domain.timestamp import TimestampError, timestamp_query, timestamp_token
from apps.evidence.models import EvidenceCheckpoint, EvidenceTimestamp
from apps.evidence.services.sealing.alarms import SealAlarm
from apps.evidence.services.sealing.keep import Keep

_COMPARED = 4_096
_REPLY_MAX = 100_000


def push_all(keep: Keep) -> None:
    """Raises SealAlarm when an anchor cannot be reached or has something else than we sent."""
    if settings.INTERLOCK_SEAL_ANCHOR_FILE:
        push_file(keep.journal, Path(settings.INTERLOCK_SEAL_ANCHOR_FILE))
    if settings.INTERLOCK_SEAL_TSA_URL:
        fetch_timestamp(settings.INTERLOCK_SEAL_TSA_URL)


def push_file(journal: Path, anchor: Path) -> None:
    """Append what `anchor` has not got of `journal`; half a line of a lost connection is ended."""
    if not journal.exists():
        return
    try:
        with journal.open("rb") as ours, anchor.open("a+b") as theirs:
            have = theirs.seek(0, os.SEEK_END)
            start = max(0, have - _COMPARED)
            theirs.seek(start)
            ours.seek(start)
            if theirs.read() != ours.read(have - start):
                raise SealAlarm("anchor", f"{anchor} differs from the checkpoints that were sent.")
            while block := ours.read(1_000_000):
                theirs.write(block)
            theirs.flush()
            os.fsync(theirs.fileno())
    except OSError as error:
        raise SealAlarm(
            "anchor", f"Checkpoints cannot be written to {anchor}: {error.strerror}."
        ) from None


def fetch_timestamp(url: str) -> None:
    """A token of RFC 3161 for the newest checkpoint, when the last token is old enough."""
    newest = EvidenceCheckpoint.objects.first()
    last = EvidenceTimestamp.objects.order_by("-id").first()
    pause = timedelta(seconds=settings.INTERLOCK_SEAL_TSA_SECONDS)
    if newest is None or (
        last is not None and (last.checkpoint_id == newest.pk or timezone.now() < last.at + pause)
    ):
        return
    content, nonce = newest.note.encode(), secrets.randbits(63)
    request = urllib.request.Request(  # noqa: S310 - the scheme is checked with the settings
        url,
        data=timestamp_query(content, nonce),
        headers={"Content-Type": "application/timestamp-query"},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as reply:  # noqa: S310
            token = timestamp_token(reply.read(_REPLY_MAX), content, nonce)
    except (OSError, HTTPException, TimestampError) as error:
        raise SealAlarm("timestamp", f"No timestamp could be had from {url}: {error}.") from None
    EvidenceTimestamp.objects.create(checkpoint=newest, token=token, at=timezone.now())
