"""Step 2: go on with the tree where the sealer left it, and sign what it is now."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import islice

from apps.evidence.domain.merkle import Frontier, leaf_hash
from apps.evidence.domain.note import Checkpoint, Note, NoteError, SigningKey, sign_note
from apps.evidence.models import TELLS_OF_ERASURE, EvidenceCheckpoint, EvidenceEntry, EvidenceLeaf
from apps.evidence.selectors import body_of
from apps.evidence.services.sealing.alarms import SealAlarm
from apps.evidence.services.sealing.keep import State, verifiers

_CHUNK = 2_000


def tree_size() -> int:
    """How many leaves the database has; they are numbered from 0 without a gap."""
    last = EvidenceLeaf.objects.order_by("-idx").values_list("idx", flat=True).first()
    return 0 if last is None else last + 1


class Erased:
    """The leaves whose bodies were erased, as the entries that have to tell of it say."""

    @cached_property
    def _leaves(self) -> frozenset[str]:
        telling = EvidenceEntry.objects.filter(action__in=TELLS_OF_ERASURE).iterator()
        return frozenset(leaf for entry in telling for leaf in body_of(entry)["erased"])

    def __contains__(self, leaf: object) -> bool:
        return isinstance(leaf, bytes) and leaf.hex() in self._leaves


def checked_leaves(start: int, stop: int, erased: Container[bytes] = ()) -> Iterator[bytes]:
    """The leaf hashes `start` to `stop`, each hashed anew from its entry; memory stays flat.

    Of an entry whose bytes were erased, which `erased` has to know, the hash is what is left.
    Raises SealAlarm at the first that is missing or not what its entry says.
    """
    expected = start
    rows = (
        EvidenceLeaf.objects.filter(idx__gte=start, idx__lt=stop)
        .order_by("idx")
        .values_list("idx", "leaf", "entry_id", "entry__leaf", "entry__body")
    )
    for idx, leaf, entry, told, body in rows.iterator(chunk_size=_CHUNK):
        if idx != expected:
            raise SealAlarm("gap", f"Leaf {expected} of the tree is missing.")
        hashed = bytes(leaf)
        is_erased = body is None and hashed in erased
        if hashed != bytes(told) or not (is_erased or hashed == leaf_hash(bytes(body or b""))):
            raise SealAlarm("altered", f"Entry {entry} (leaf {idx}) is not what was recorded.")
        expected += 1
        yield hashed
    if expected != stop:
        raise SealAlarm("gap", f"Leaf {expected} of the tree is missing.")


def extended(frontier: Frontier, stop: int, erased: Container[bytes] = ()) -> Frontier:
    """`frontier` with the leaves of the database up to `stop`."""
    leaves = checked_leaves(frontier.size, stop, erased)
    while chunk := list(islice(leaves, _CHUNK)):
        frontier = frontier.extended(chunk)
    return frontier


def newest_checkpoint(origin: str) -> EvidenceCheckpoint | None:
    return EvidenceCheckpoint.objects.filter(origin=origin).order_by("-size").first()


def caught_up(state: State, keys: Sequence[SigningKey]) -> tuple[State, EvidenceCheckpoint | None]:
    """The state up to the newest published checkpoint, and that when it is ahead of the state:
    then the sealer died before it could remember it.

    Raises SealAlarm when the database is behind what was signed, or tells of another tree.
    """
    size, published = tree_size(), newest_checkpoint(state.origin)
    if size < state.frontier.size or (0 if published is None else published.size) < state.signed:
        have = "none" if published is None else str(published.size)
        raise SealAlarm(
            "rollback",
            f"The database has {size} leaves and its newest checkpoint is {have}; "
            f"{state.signed} were signed. Was it restored? See manage.py close_epoch.",
        )
    if published is None:
        return state, None
    if published.size < state.frontier.size:
        raise SealAlarm("rollback", f"The checkpoint of size {state.signed} is gone.")
    reached = replace(state, frontier=extended(state.frontier, published.size))
    _check_published(published, reached, keys)
    return reached, published if published.size > state.signed else None


def signed(state: State, keys: Sequence[SigningKey]) -> tuple[State, Note] | None:
    """The state over all leaves there are, and its checkpoint; None when nothing is new."""
    size = tree_size()
    if size == state.signed:
        return None
    reached = replace(state, frontier=extended(state.frontier, size))
    head = Checkpoint(state.origin, size, reached.frontier.root)
    return reached, sign_note(head.text, *keys)


def _check_published(row: EvidenceCheckpoint, state: State, keys: Sequence[SigningKey]) -> None:
    try:
        note = Note.parse(row.note)
        note.verified_by(verifiers(keys))
        told = Checkpoint.parse(note.text)
    except NoteError as error:
        raise SealAlarm("fork", f"The checkpoint of size {row.size} is not ours: {error}") from None
    if told != Checkpoint(state.origin, row.size, state.frontier.root):
        raise SealAlarm(
            "fork", f"The checkpoint of size {row.size} does not extend what was signed before."
        )
