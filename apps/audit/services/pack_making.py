"""Make packs whose entry of asking is sealed: read once, write once, check the result."""

from __future__ import annotations

import hashlib
import logging
import os
import shlex
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryFile
from typing import IO, Any

from django.core.cache import cache
from django.db import transaction
from django.db.models import Q

from apps.accounts.selectors import actor_for
from apps.audit.domain import verify_pack
from apps.audit.domain.pack_file import Content, Line, Period, Single, write_pack
from apps.audit.events import PACK_MADE
from apps.audit.models import EvidencePack
from apps.audit.selectors import packs as read
from apps.audit.services.pack_report import report_of
from apps.audit.services.packs import folder, path_of
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.evidence.domain.merkle import Span, consistency_spans, hash_spans, inclusion_spans
from apps.evidence.models import (
    EvidenceCheckpoint,
    EvidenceEntry,
    EvidenceLeaf,
    EvidenceTimestamp,
    Exhibit,
)
from apps.evidence.selectors import keys_of_log
from apps.evidence.services.files import open_file
from apps.evidence.services.ledger import record_fact

State = EvidencePack.State
#: A worker that has not finished after this long has died; another begins anew.
ABANDONED = timedelta(minutes=30)
PROGRESS_SECONDS = 3_600
_CHUNK = 5_000
_PIECE = 1 << 20

logger = logging.getLogger(__name__)
Tell = Callable[[str, int], None]


def make_waiting_packs(within_seconds: float = 400) -> int:
    """Make the packs that can be made; returns how many. One that is not sealed yet goes on
    waiting, and so does what does not fit into the time."""
    ends = time.monotonic() + within_seconds
    made = 0
    lost = Q(state=State.BUILDING, began_at__lt=clock.now() - ABANDONED)
    waiting = EvidencePack.objects.filter(Q(state=State.WAITING) | lost)
    for pk in list(waiting.order_by("asked_at").values_list("pk", flat=True)):
        if time.monotonic() > ends:
            break
        made += make_pack(pk=pk) is not None
    return made


def make_pack(*, pk: Any, actor: Actor | None = None) -> EvidencePack | None:
    """Make one pack; None while it is not sealed, or in the hands of another worker.

    Without `actor`, as in a worker, it acts for who asked, with the roles of now.
    """
    pack = _claimed(pk)
    if pack is None:
        return None
    who = actor or actor_for(pack.asked_by, channel="task")
    try:
        _Making(pack, who).make()
    except Exception as error:  # a pack that cannot be made says so, whatever the reason
        logger.exception("Pack %s failed", pack.pk)
        pack.state, pack.finished_at = State.FAILED, clock.now()
        pack.error = _reason(error)
        pack.save(update_fields=["state", "finished_at", "error"])
    return pack


def _reason(error: Exception) -> str:
    if isinstance(error, verify_pack.Broken):
        return f"The pack that was made does not verify: {error.text}"[:500]
    return "The pack could not be made. Ask for it anew; the log of the worker tells more."


def _claimed(pk: Any) -> EvidencePack | None:
    with transaction.atomic(durable=True):
        rows = EvidencePack.objects.select_for_update(skip_locked=True, of=("self",))
        pack = rows.select_related("asked_by").filter(pk=pk).first()
        if pack is None or not pack.is_busy or _sealed_in(pack) is None:
            return None
        if (
            pack.state == State.BUILDING
            and pack.began_at
            and (pack.began_at > clock.now() - ABANDONED)
        ):
            return None
        pack.state, pack.began_at = State.BUILDING, clock.now()
        pack.save(update_fields=["state", "began_at"])
    return pack


def _sealed_in(pack: EvidencePack) -> tuple[EvidenceCheckpoint, EvidenceLeaf] | None:
    """The newest checkpoint and the leaf of asking, once the one holds the other."""
    head = read.newest_checkpoint()
    placed = EvidenceLeaf.objects.filter(entry__subject=pack.subject, entry__seq=1).first()
    return (head, placed) if head and placed and placed.idx < head.size else None


class _Making:
    def __init__(self, pack: EvidencePack, actor: Actor) -> None:
        sealed = _sealed_in(pack)
        assert sealed is not None
        self.pack, self.actor = pack, actor
        self.head, self.asked = sealed
        self.size = self.head.size
        self.vkey = keys_of_log(self.head.origin)[0]

    def tell(self, sentence: str, percent: int) -> None:
        cache.set(read.PROGRESS_KEY.format(self.pack.pk), (sentence, percent), PROGRESS_SECONDS)

    def make(self) -> None:
        folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=folder(), prefix=".part-", delete=False) as part:
            place = Path(part.name)
            try:
                self._write(part)
                part.flush()
                os.fsync(part.fileno())
                self.tell("Checking it as an auditor does", 90)
                self._check(place)
                place.replace(path_of(self.pack))
            finally:
                place.unlink(missing_ok=True)
        self._finish()

    def _write(self, file: IO[bytes]) -> None:
        self.tell("Reading the log", 10)
        places = self._places()
        start, end = self._range()
        sizes = {size for size in self._earlier_sizes() if size != self.size}
        if end and end != self.size:
            sizes.add(end)
        frontier = _frontier_spans(start)
        spans: set[Span] = set(frontier)
        for index in places:
            spans.update(inclusion_spans(index, self.size))
        for size in sizes:
            spans.update(consistency_spans(size, self.size))
        found = hash_spans(self._leaves(), spans)
        singles = list(self._singles(places, found))
        self.tell("Writing the entries", 40)
        content = Content(
            checkpoint=self.head.note.encode(),
            vkey=self.vkey,
            singles=singles,
            period=self._period(start, end, [found[span] for span in frontier]),
            consistency={
                size: [found[span] for span in consistency_spans(size, self.size)]
                for size in sizes
            },
            attachments=self._attachments(),
            withheld=self._withheld,
            about={"what": self.pack.what, "asked_at": f"{self.pack.asked_at:%Y-%m-%dT%H:%M:%SZ}",
                   "in_flight": self.pack.in_flight},
            more=self._more(),
        )  # fmt: skip
        self.pack.entries = len(singles) + (end - start)
        with TemporaryFile() as scratch:
            write_pack(file, content, scratch if content.period else None)

    def _range(self) -> tuple[int, int]:
        """From and to of a period: it begins at a checkpoint. Both 0 for a record."""
        pack = self.pack
        if pack.from_at is None or pack.to_at is None:
            self.base = b""
            return 0, 0
        first, end = read.range_of(pack.from_at, pack.to_at, self.asked.idx)
        base = read.checkpoint_before(self.head.origin, first)
        self.base = base.note.encode() if base else b""
        return (base.size if base else 0), end

    def _places(self) -> dict[int, int]:
        """Place in the log → key of the entry, of what is proven one by one, in order."""
        keys = [*self.pack.entry_ids, self.asked.entry_id]
        if self.pack.kind == EvidencePack.Kind.PERIOD:
            keys = [self.asked.entry_id]
        found: dict[int, int] = {}
        for at in range(0, len(keys), _CHUNK):
            rows = EvidenceLeaf.objects.filter(entry__in=keys[at : at + _CHUNK])
            found.update(rows.values_list("idx", "entry_id"))
        if len(found) != len(keys):
            raise RuntimeError("An entry of the pack is not sealed.")
        return dict(sorted(found.items()))

    def _earlier_sizes(self) -> set[int]:
        asked = {self.pack.earlier_size} if self.pack.earlier_size else set()
        return {*read.handed_out_sizes(self.size), *asked}

    def _leaves(self) -> Iterator[bytes]:
        rows = EvidenceLeaf.objects.filter(idx__lt=self.size).order_by("idx")
        for number, leaf in enumerate(
            rows.values_list("leaf", flat=True).iterator(chunk_size=_CHUNK)
        ):
            if number % 50_000 == 0:
                self.tell(f"Read {number:,} of {self.size:,} places", 10 + 30 * number // self.size)
            yield bytes(leaf)

    def _singles(self, places: dict[int, int], found: dict[Span, bytes]) -> Iterator[Single]:
        indexes = list(places)
        for at in range(0, len(indexes), _CHUNK):
            some = indexes[at : at + _CHUNK]
            lines = dict(_entries(EvidenceLeaf.objects.filter(idx__in=some)))
            for index in some:
                spans = inclusion_spans(index, self.size)
                yield Single(lines[index], index, [found[span] for span in spans])

    def _period(self, start: int, end: int, frontier: Sequence[bytes]) -> Period | None:
        if not end:
            return None
        rows = EvidenceLeaf.objects.filter(idx__gte=start, idx__lt=end)

        def lines() -> Iterator[Line]:
            for index, line in _entries(rows):
                if index % 20_000 == 0:
                    done = 40 + 45 * (index - start) // (end - start)
                    self.tell(f"Wrote {index - start:,} of {end - start:,} entries", done)
                yield line

        return Period(start, end, frontier, self.base, lines())

    def _attachments(self) -> Iterable[tuple[str, Iterable[bytes]]]:
        self._withheld: dict[str, str] = {}
        if self.pack.kind == EvidencePack.Kind.PERIOD:
            return []
        subjects = EvidenceEntry.objects.filter(pk__in=self.pack.entry_ids)
        exhibits = read.exhibits_in(
            subjects.filter(subject__startswith="exhibit:")
            .order_by()
            .values_list("subject", flat=True)
            .distinct()
        )
        return [(one.sha256, _pieces(one)) for one in exhibits if self._encloses(one)]

    def _encloses(self, exhibit: Exhibit) -> bool:
        """Whether the file goes into the pack; why not, otherwise, is kept."""
        if exhibit.is_confidential and not self.actor.holds("auditor"):
            reason = "confidential: only an auditor has it in a pack"
        else:
            try:
                open_file(exhibit.sha256).close()
            except Refused as refusal:
                reason = str(refusal)
            else:
                return True
        self._withheld[exhibit.sha256] = reason
        return False

    def _more(self) -> Iterator[tuple[str, bytes]]:
        """What helps to read the pack and is no evidence."""
        yield "README.txt", readme(self.pack, self.head.origin).encode()
        yield "verify_pack.py", verifier()
        yield "report.pdf", report_of(self.pack, self.head, self._told())
        for stamp in EvidenceTimestamp.objects.filter(checkpoint=self.head):
            yield "checkpoint.tsr", bytes(stamp.token)

    def _told(self) -> Iterator[EvidenceEntry]:
        """The entries of a record for its report; those of a period are too many for paper."""
        keys = self.pack.entry_ids
        for at in range(0, len(keys), _CHUNK):
            yield from EvidenceEntry.objects.filter(pk__in=keys[at : at + _CHUNK]).order_by("pk")

    def _check(self, place: Path) -> None:
        given = verify_pack.Options(
            vkeys=(self.vkey,), challenge=self.pack.challenge or None, allow_withheld=True,
            processes=1,
        )  # fmt: skip
        report = verify_pack.verify(str(place), given)
        if report.broken:
            raise verify_pack.Broken(report.broken, report.line)

    def _finish(self) -> None:
        pack = self.pack
        with path_of(pack).open("rb") as file:
            pack.sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        pack.size = path_of(pack).stat().st_size
        pack.log_size, pack.state, pack.finished_at = self.size, State.READY, clock.now()
        pack.error = ""
        with transaction.atomic(durable=True):
            EvidencePack.objects.select_for_update().get(pk=pack.pk)
            pack.save(update_fields=["sha256", "size", "entries", "log_size", "state",
                                     "finished_at", "error"])  # fmt: skip
            record_fact(
                EvidencePack.SUBJECT, key=pack.pk, actor=self.actor, event=PACK_MADE,
                about=pack.about, sha256=pack.sha256, size=pack.size, log_size=pack.log_size,
            )  # fmt: skip


def _entries(rows: Any) -> Iterator[tuple[int, Line]]:
    """Place and line of these leaves, in order."""
    told = rows.order_by("idx").values_list("idx", "leaf", "entry__body")
    for index, leaf, body in told.iterator(chunk_size=_CHUNK):
        yield index, Line(None if body is None else bytes(body), bytes(leaf))


def _frontier_spans(size: int) -> list[Span]:
    """The whole subtrees of a tree of `size` leaves, the largest first."""
    spans, start = [], 0
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            spans.append((start, start + (1 << level)))
            start += 1 << level
    return spans


def _pieces(exhibit: Exhibit) -> Iterator[bytes]:
    with open_file(exhibit.sha256) as file:
        yield from iter(lambda: file.read(_PIECE), b"")


def verifier() -> bytes:
    """The verifier as it is handed out: its own source."""
    return Path(verify_pack.__file__).read_bytes()


def readme(pack: EvidencePack, origin: str) -> str:
    challenge = f" --challenge {shlex.quote(pack.challenge)}" if pack.challenge else ""
    flight = "It was in flight when the pack was asked for.\n" if pack.in_flight else ""
    return README.format(what=pack.what, flight=flight, origin=origin, challenge=challenge)


README = """EVIDENCE PACK

{what}
{flight}
What to do with it

 1. Take verify_pack.py from somewhere you trust, not from this pack: from your last audit, or from
    the portal's page Evidence packs. It is one file of plain Python; you can read it.
 2. Take the key of the log ({origin}) from whoever operates the log, on another
    way than this pack: it is a line that begins with the log's name.
 3. On a computer with Python 3.9 or later, without any network:

    python3 -I verify_pack.py pack.zip --vkey 'THE KEY'{challenge}

    It says VERIFIED, or what is broken and in which line. --help tells the rest: the checkpoint you
    kept from your last audit (--pinned), receipts of decisions (--expect), witnesses (--witness).
 4. Keep checkpoint.txt. Next time it shows that nothing of today was rewritten since.

What is in it

 entries.jsonl   the evidence: one entry a line, exactly the bytes that were sealed. A line that is
                 # and 64 digits is an entry whose text was erased by law or term; its hash stays.
 checkpoint.txt  the head of the log, signed by the log (and by witnesses): number of entries, root
 base.txt        the same where the period begins
 pack.json       places and proofs that lead from the entries to the signed root
 leaves.bin      the hashes of all lines of a period, by which an altered line is found
 attachments/    files under the SHA-256 that entries tell of them
 *.tsr           timestamps of an authority over checkpoint.txt (RFC 3161), checked with openssl

 report.pdf and this text are there to be read. They are not evidence, and nothing checks them.
"""
