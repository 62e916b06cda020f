"""Going on after a restore: the one act by which the sealer believes the database again.

A restored database is behind what was signed, so that sealing stops by design. Two persons close
the epoch ".../1" and open the origin ".../2". The tree goes on over the leaves that the restore
left, so that every record stays provable under one checkpoint and an old checkpoint that the
restored leaves reach still proves to be the beginning of the new tree. The first leaf under the
new origin tells what was lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction

from apps.core.errors import Blocker, Refused, refuse_if_any
from apps.core.text import tidy
from apps.evidence.domain.merkle import Frontier
from apps.evidence.domain.note import Checkpoint, SigningKey
from apps.evidence.events import SEAL_EPOCH_OPENED
from apps.evidence.models import EvidenceLeaf
from apps.evidence.selectors import keys_of_log
from apps.evidence.services.sealing.alarms import SealAlarm
from apps.evidence.services.sealing.keep import Keep, State
from apps.evidence.services.sealing.keys import tell
from apps.evidence.services.sealing.sealer import single_flight
from apps.evidence.services.sealing.sign import Erased, caught_up, extended, tree_size

_WHO = "two persons at the sealer"


@dataclass(frozen=True, slots=True)
class Closed:
    """Up to leaf `common` the database is what was signed; `lost` leaves after that are gone."""

    origin: str
    vkey: str
    lost: int
    common: int


def close_epoch(
    *, persons: tuple[str, str], reason: str, keep: Keep, altered: bool = False
) -> Closed:
    """Open the next epoch over what the database holds now.

    Raises Refused when nothing stands in the way of sealing, when the two persons are one or
    unnamed, and, unless `altered` says that this is known, when the database differs from what was
    signed even where both have it.
    """
    first, second = map(tidy, persons)
    refuse_if_any(_person_blockers(first, second, tidy(reason)))
    with single_flight() as is_ours:
        if not is_ours:
            raise Refused(Blocker("busy", "The sealer is at work.", "Stop it first.", _WHO))
        state = keep.state()
        _refuse_if_well(keep, state)
        frontier, common, expected = _compared(keep, state)
        if common.size < expected and not altered:
            raise Refused(
                Blocker(
                    "altered",
                    f"The database differs from what was signed after leaf {common.size}, although "
                    f"it has all {expected} leaves of a later checkpoint: this is no restore.",
                    "Restore a backup that was not altered, or go on with --altered.",
                    _WHO,
                )
            )
        return _opened(keep, state, frontier, common, {
            "persons": [first, second],
            "reason": tidy(reason),
            "closed": {"origin": state.origin, "size": state.signed,
                       "root": _root_of(keep, state)},
            "common": {"size": common.size, "root": common.root.hex()},
            "restored": {"size": frontier.size, "root": frontier.root.hex()},
        })  # fmt: skip


def _person_blockers(first: str, second: str, reason: str) -> Iterator[Blocker]:
    if not first or not second or first.casefold() == second.casefold():
        yield Blocker("two_persons", "Two persons close an epoch.",
                      "Name both, each with their function.", _WHO)  # fmt: skip
    if len(reason) < 10:
        yield Blocker("required", "There is no reason.", "Tell what was restored and why.", _WHO)


def _refuse_if_well(keep: Keep, state: State) -> None:
    try:
        caught_up(state, keep.keys(state))
    except SealAlarm:
        return
    raise Refused(
        Blocker(
            "well",
            "The database goes on where the log was signed: no epoch ends.",
            "Start the sealer.",
            _WHO,
        )
    )


def _compared(keep: Keep, state: State) -> tuple[Frontier, Checkpoint, int]:
    """The tree of the database; the newest checkpoint that it agrees with; and the largest size of
    a checkpoint whose leaves it has. One pass over the ledger."""
    size = tree_size()
    common = Checkpoint(state.origin, 0, Frontier().root)
    expected = 0
    frontier, erased = Frontier(), Erased()
    agrees = True
    for published in keep.published(state.origin):
        if published.size > size:
            break
        expected = published.size
        frontier = extended(frontier, published.size, erased)
        agrees = agrees and frontier.root == published.root
        if agrees:
            common = published
    return extended(frontier, size, erased), common, expected


def _root_of(keep: Keep, state: State) -> str:
    roots = [head.root for head in keep.published(state.origin) if head.size == state.signed]
    return roots[-1].hex() if roots else ""


def _opened(
    keep: Keep, state: State, frontier: Frontier, common: Checkpoint, facts: dict[str, object]
) -> Closed:
    """Key, then entry, then state: an act that was cut off goes on where it ended."""
    opened = State(state.next_origin, frontier)
    if not keep.has_keys(opened.epoch):
        keep.write_keys(opened.epoch, [SigningKey.generate(opened.origin)])
    vkey = str(keep.keys(opened)[0].verifier)
    if vkey not in keys_of_log(opened.origin):
        with transaction.atomic():
            entry = tell(SEAL_EPOCH_OPENED, origin=opened.origin, vkey=vkey, **facts)
            EvidenceLeaf.objects.create(idx=frontier.size, entry=entry, leaf=entry.leaf)
    keep.write_state(opened)
    return Closed(opened.origin, vkey, max(0, state.signed - common.size), common.size)
