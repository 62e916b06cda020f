"""Step 3: put the checkpoint into the database, remember it, and take it out of the house."""

from __future__ import annotations

from django.utils import timezone

from apps.core.faults import fault
from apps.evidence.domain.canonical import plain
from apps.evidence.domain.note import Checkpoint, Note
from apps.evidence.models import EvidenceCheckpoint
from apps.evidence.services.sealing.keep import Keep, State


def publish(keep: Keep, state: State, note: Note) -> State:
    """Returns the state, remembered. A sealer that dies in between finds its own checkpoint in the
    database, checks it against the tree and remembers it then."""
    head = Checkpoint.parse(note.text)
    row = EvidenceCheckpoint.objects.create(
        origin=head.origin, size=head.size, note=str(note), at=timezone.now()
    )
    fault("seal.published")
    return remember(keep, state, row)


def remember(keep: Keep, state: State, row: EvidenceCheckpoint) -> State:
    return keep.advance(state, Note.parse(row.note), plain(row.at))
