"""The exact bytes of an entry, its leaf hash and the difference of two values.

The leaf is RFC 6962's: sha256(0x00 || body), so that a Merkle log can be laid over the entries.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

#: A longer text enters a body as its sha256: the record keeps the text, the ledger proves it.
TEXT_INLINE_MAX = 1024
BODY_MAX = 60 * 1024


def plain(value: Any) -> Any:
    """`value` as JSON without floats: times in UTC RFC 3339, decimals and keys as text."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("A naive time cannot enter evidence.")
        return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    if isinstance(value, date | time | UUID | Decimal):
        return str(value)
    if isinstance(value, timedelta):
        return f"PT{value // timedelta(microseconds=1)}US"
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        items = [plain(item) for item in value]
        return sorted(items, key=repr) if isinstance(value, set | frozenset) else items
    raise TypeError(f"{type(value).__name__} cannot enter evidence.")


def canonical(value: Any) -> bytes:
    """One line of JSON: sorted keys, no spaces, UTF-8."""
    return json.dumps(
        plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def digest(value: Any) -> str:
    """sha256 of the canonical form, 64 hex digits."""
    return hashlib.sha256(canonical(value)).hexdigest()


def shape_digest(names: Iterable[str]) -> str:
    """Tells sets of column names apart, in 16 hex digits."""
    return digest(sorted(names))[:16]


def leaf_hash(body: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + body).digest()


def field_diff(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What changed, by field name; long values as sha256."""
    changes = []
    for name in sorted(before.keys() | after.keys()):
        old, new = plain(before.get(name)), plain(after.get(name))
        if old != new:
            changes.append({"field": name, **_side("old", old), **_side("new", new)})
    return changes


def _side(side: str, value: Any) -> dict[str, Any]:
    encoded = canonical(value)
    if len(encoded) > TEXT_INLINE_MAX:
        return {f"{side}_sha256": hashlib.sha256(encoded).hexdigest()}
    return {side: value}
