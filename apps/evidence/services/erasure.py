"""Let bytes of evidence go. The hash stays, and an entry tells why; nothing else is ever erased.

Inner: whoever may do it, with what blockers, is the business of the doors that call this.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import connection, transaction

from apps.core import clock
from apps.evidence.models import Erasure, EvidenceEntry, Exhibit
from apps.evidence.services.files import remove_file

FILE = Erasure.What.FILE


def erase(entry: EvidenceEntry, digests: Iterable[Mapping[str, str]]) -> int:
    """Erase what `digests` ({what, digest}) name. `entry` tells of it: written in this transaction,
    with every digest under "erased". Returns how many bodies went; files go after the commit.

    The database refuses a digest that the entry does not tell, one that is held, one whose term is
    not over where the entry says so, and any other change of an entry.
    """
    rows = [Erasure(what=d["what"], digest=d["digest"], entry=entry, at=clock.now())
            for d in digests]  # fmt: skip
    Erasure.objects.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute("SELECT evidence_erase(%s)", [entry.pk])
        (erased,) = cursor.fetchone()
    files = [row.digest for row in rows if row.what == FILE]
    if files:
        transaction.on_commit(lambda: sweep_files(files))
    return int(erased)


def sweep_files(digests: Iterable[str] | None = None) -> int:
    """Remove the files that were erased, all of them without `digests`, so that one that was left
    by a process that died goes the next night. A file that was handed in again since stays."""
    erasures = Erasure.objects.filter(what=FILE)
    if digests is not None:
        erasures = erasures.filter(digest__in=list(digests))
    removed = 0
    for digest, at in erasures.order_by("at").values_list("digest", "at").iterator():
        if not Exhibit.objects.filter(sha256=digest, created_at__gt=at).exists():
            removed += remove_file(digest)
    return removed
