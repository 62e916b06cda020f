"""The keys of the log, and that the ledger tells of each of them."""

from __future__ import annotations

import re
from typing import Any

from django.db import transaction

from apps.core.actor import system_actor
from apps.core.errors import Blocker, Refused
from apps.evidence.domain.merkle import Frontier
from apps.evidence.domain.note import Note, SigningKey, VerifierKey
from apps.evidence.events import SEAL_KEY_ADDED, SEAL_KEY_RETIRED
from apps.evidence.models import EvidenceCheckpoint
from apps.evidence.selectors import SEAL_CHAIN, keys_of_log
from apps.evidence.services.ledger import record_fact
from apps.evidence.services.sealing.keep import Keep, State, verifiers
from apps.evidence.services.sealing.sign import newest_checkpoint

SEALER = system_actor("sealer")
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]*(/[a-z0-9.-]+)*")


def create_key(*, name: str, keep: Keep) -> VerifierKey:
    """Begin a log called `name` (as "evidence.example.com"): its first key, and an empty tree.

    Tells the key that is there already. Raises Refused where the folder is new although the
    database was sealed: then the sealer's folder has to come back from its backup.
    """
    if not keep.is_new:
        return keep.keys(keep.state())[0].verifier
    if not _NAME.fullmatch(name) or len(name) > 100:
        raise Refused(
            Blocker(
                "invalid",
                f"{name[:100]!r} is no name of a log.",
                "Use a host name of yours, as evidence.example.com.",
                "you",
            )
        )
    if EvidenceCheckpoint.objects.exists():
        raise Refused(
            Blocker(
                "sealed_before",
                "This database was sealed before, by a sealer with a folder.",
                "Bring that folder back from its backup.",
                "whoever runs the sealer",
            )
        )
    state = State(f"{name}/1", Frontier())
    keep.create()
    if not keep.has_keys(state.epoch):
        keep.write_keys(state.epoch, [SigningKey.generate(state.origin)])
    keep.write_state(state)
    return keep.keys(state)[0].verifier


def add_key(keep: Keep) -> VerifierKey:
    """Begin a rotation: from the next checkpoint on, the old and a new key sign side by side."""
    state = keep.state()
    keys = keep.keys(state)
    if len(keys) > 1:
        raise Refused(
            Blocker(
                "rotating",
                "The key is being replaced already.",
                "Give the new key to the auditors, then retire the old one.",
                "whoever runs the sealer",
            )
        )
    new = SigningKey.generate(state.origin)
    keep.write_keys(state.epoch, [*keys, new])
    return new.verifier


def retire_key(keep: Keep) -> VerifierKey:
    """End a rotation: the old key signs no more. Returns it."""
    state = keep.state()
    keys = keep.keys(state)
    newest = newest_checkpoint(state.origin)
    if len(keys) < 2 or newest is None:
        raise Refused(
            Blocker(
                "not_rotating",
                "There is no other key that signs.",
                "Add a new key first.",
                "whoever runs the sealer",
            )
        )
    old, *others = keys
    signed_by = {(line.name, line.key_id) for line in Note.parse(newest.note).signatures}
    if not all((key.name, key.key_id) in signed_by for key in verifiers(others)):
        raise Refused(
            Blocker(
                "not_signed_yet",
                "The new key has not signed a checkpoint yet.",
                "Wait until the log is sealed again.",
                "whoever runs the sealer",
            )
        )
    keep.write_keys(state.epoch, others)
    return old.verifier


def tell_keys(state: State, keys: tuple[SigningKey, ...]) -> None:
    """Enter which keys sign from now on, and which sign no more, where the ledger does not know."""
    ours = [str(key) for key in verifiers(keys)]
    known = keys_of_log(state.origin)
    for vkey in ours:
        if vkey not in known:
            tell(SEAL_KEY_ADDED, origin=state.origin, vkey=vkey)
    for vkey in known:
        if vkey not in ours:
            tell(SEAL_KEY_RETIRED, origin=state.origin, vkey=vkey)


def tell(event: Any, **facts: Any) -> Any:
    with transaction.atomic():
        return record_fact("seal", key=SEAL_CHAIN, actor=SEALER, event=event, facts=facts)
