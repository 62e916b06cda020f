"""Step 1: give every entry that has none its place in the tree."""

from __future__ import annotations

from django.db import connection, transaction

_BATCH = 20_000
#: Entries of one record come in the order of their row lock, and so of their keys. Whoever
#: committed late is placed later: the tree says what was there, `seq` and `prev` in which order.
_PLACE = """
INSERT INTO evidence_evidenceleaf (idx, entry_id, leaf)
SELECT coalesce((SELECT max(idx) + 1 FROM evidence_evidenceleaf), 0)
       + row_number() OVER (ORDER BY found.id) - 1, found.id, found.leaf
FROM (SELECT entry.id, entry.leaf FROM evidence_evidenceentry AS entry
      WHERE entry.txid >= %s AND NOT EXISTS (
          SELECT FROM evidence_evidenceleaf AS placed WHERE placed.entry_id = entry.id)
      ORDER BY entry.id LIMIT %s) AS found
ORDER BY found.id
"""


class Sequencer:
    """Places entries; remembers before which transaction nothing can be missing any more, so that
    only the first look of a process reads the whole ledger."""

    def __init__(self) -> None:
        self._horizon = 0

    def place_all(self) -> int:
        """Returns how many were placed."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
            (horizon,) = cursor.fetchone()
        placed = 0
        while (batch := self._place()) == _BATCH:
            placed += batch
        self._horizon = horizon
        return placed + batch

    def _place(self) -> int:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_PLACE, [self._horizon, _BATCH])
            return int(cursor.rowcount)
