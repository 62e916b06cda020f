"""One pass of the sealer, and the nightly scrub."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection
from django.utils import timezone

from apps.core.faults import fault
from apps.evidence.domain.canonical import plain
from apps.evidence.domain.merkle import Frontier
from apps.evidence.services.sealing.alarms import SealAlarm, clear_alarm, raise_alarm
from apps.evidence.services.sealing.anchors import push_all
from apps.evidence.services.sealing.keep import Keep
from apps.evidence.services.sealing.keys import tell_keys
from apps.evidence.services.sealing.publish import publish, remember
from apps.evidence.services.sealing.sequence import Sequencer
from apps.evidence.services.sealing.sign import Erased, caught_up, extended, signed

#: "SEAL" in ASCII; whoever holds it in this database is the one sealer.
_LOCK = 0x5345414C
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pass:
    """What one pass did: how many entries it placed, and up to which size the tree is signed."""

    placed: int = 0
    size: int = 0
    alarm: SealAlarm | None = None
    is_busy: bool = False


class Sealer:
    def __init__(self, keep: Keep | None = None) -> None:
        self._keep = keep or Keep()
        self._sequencer = Sequencer()

    def one_pass(self) -> Pass:
        """Place what is new, sign and publish it. Never raises SealAlarm: it is kept and told."""
        with single_flight() as is_ours:
            if not is_ours:
                return Pass(is_busy=True)
            try:
                done = self._seal()
            except SealAlarm as alarm:
                # After a restore, transactions are counted from elsewhere.
                self._sequencer = Sequencer()
                raise_alarm(alarm)
                return Pass(alarm=alarm)
            if (standing := self._found_by_scrub()) is not None:
                return Pass(done.placed, done.size, standing)
            clear_alarm()
            return done

    def _seal(self) -> Pass:
        keep = self._keep
        state = keep.state()
        keys = keep.keys(state)
        state, unremembered = caught_up(state, keys)
        if unremembered is not None:
            state = remember(keep, state, unremembered)
        tell_keys(state, keys)
        placed = self._sequencer.place_all()
        fault("seal.sequenced")
        found = signed(state, keys)
        fault("seal.signed")
        if found is not None:
            state = publish(keep, *found)
            logger.info("Sealed %s of %s", state.signed, state.origin)
        push_all(keep)
        return Pass(placed, state.signed)

    def scrub(self) -> Pass:
        """Hash every sealed body anew and compare the root with what was signed."""
        with single_flight() as is_ours:
            if not is_ours:
                return Pass(is_busy=True)
            told = {"at": plain(timezone.now()), "code": "", "text": ""}
            try:
                done = self._scrub()
            except SealAlarm as alarm:
                raise_alarm(alarm)
                told |= {"code": alarm.code, "text": str(alarm)}
                done = Pass(alarm=alarm)
            self._keep.write_scrubbed(told)
            return done

    def _scrub(self) -> Pass:
        signed_tree = self._keep.state().frontier
        if extended(Frontier(), signed_tree.size, Erased()) != signed_tree:
            raise SealAlarm("altered", f"The {signed_tree.size} leaves are not what was signed.")
        return Pass(size=signed_tree.size)

    def _found_by_scrub(self) -> SealAlarm | None:
        """What a scrub found stays until another scrub finds it well."""
        told = self._keep.scrubbed()
        if not told.get("code"):
            return None
        alarm = SealAlarm(told["code"], told["text"])
        raise_alarm(alarm)
        return alarm


@contextmanager
def single_flight() -> Iterator[bool]:
    """True for the one sealer of the database, False for every other while it works."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        (is_ours,) = cursor.fetchone()
    try:
        yield is_ours
    finally:
        if is_ours:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
