"""What somebody keeps to prove later that an entry was there: verify_pack.py --expect."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Receipt:
    """The number of an entry in the chain of its record, and its leaf hash as 64 hex digits."""

    subject: str
    seq: int
    leaf: str

    @property
    def words(self) -> str:
        """For a page or a mail."""
        return f"Receipt: entry {self.seq} of its record, {self.leaf}"
