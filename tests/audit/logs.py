"""A log of entries as RFC 6962 defines it, word by word and slowly, with its key; and packs of it.

Nothing of the product's tree or signatures is used: what it makes, the verifier has to accept.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from apps.audit.domain import verify_pack as v
from apps.audit.domain.pack_file import Content, Line, Period, Single, write_pack

ORIGIN = "interlock.example/log/1"


def h(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def split(n: int) -> int:
    """The largest power of two below n."""
    return 1 << (n - 1).bit_length() - 1


def root(leaves: Sequence[bytes]) -> bytes:
    if len(leaves) < 2:
        return leaves[0] if leaves else h(b"")
    k = split(len(leaves))
    return h(b"\x01" + root(leaves[:k]) + root(leaves[k:]))


def inclusion(m: int, leaves: Sequence[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*inclusion(m, leaves[:k]), root(leaves[k:])]
    return [*inclusion(m - k, leaves[k:]), root(leaves[:k])]


def consistency(m: int, leaves: Sequence[bytes], *, known: bool = True) -> list[bytes]:
    if m == len(leaves):
        return [] if known else [root(leaves)]
    k = split(len(leaves))
    if m <= k:
        return [*consistency(m, leaves[:k], known=known), root(leaves[k:])]
    return [*consistency(m - k, leaves[k:], known=False), root(leaves[:k])]


def frontier(leaves: Sequence[bytes]) -> list[bytes]:
    roots, at = [], 0
    for level in reversed(range(len(leaves).bit_length())):
        if len(leaves) >> level & 1:
            roots.append(root(leaves[at : at + (1 << level)]))
            at += 1 << level
    return roots


class Signer:
    """Ed25519 as RFC 8032 signs, under a name."""

    def __init__(self, name: str = ORIGIN, seed: bytes = b"k" * 32, kind: int = 1) -> None:
        hashed = hashlib.sha512(seed).digest()
        scalar = int.from_bytes(hashed[:32], "little")
        self.scalar = scalar & (1 << 254) - 8 | 1 << 254
        self.prefix, self.name, self.kind = hashed[32:], name, kind
        self.public = encoded(v._times(self.scalar, v._B))
        data = bytes([kind]) + self.public
        self.id = h(name.encode() + b"\n" + data)[:4]
        self.vkey = f"{name}+{self.id.hex()}+{base64.b64encode(data).decode()}"

    def sign(self, message: bytes) -> bytes:
        return _signed(self.scalar, self.prefix, self.public, message)

    def line(self, text: str, seconds: int = 1_790_000_000) -> str:
        message, before = text.encode(), b""
        if self.kind == v.COSIGNATURE:
            before = seconds.to_bytes(8, "big")
            message = f"cosignature/v1\ntime {seconds}\n".encode() + message
        blob = base64.b64encode(self.id + before + self.sign(message)).decode()
        return f"\u2014 {self.name} {blob}\n"

    def note(self, text: str) -> bytes:
        return f"{text}\n{self.line(text)}".encode()


@functools.cache
def _signed(scalar: int, prefix: bytes, public: bytes, message: bytes) -> bytes:
    r = int.from_bytes(hashlib.sha512(prefix + message).digest(), "little") % v._L
    nonce = encoded(v._times(r, v._B))
    k = int.from_bytes(hashlib.sha512(nonce + public + message).digest(), "little") % v._L
    return nonce + ((r + k * scalar) % v._L).to_bytes(32, "little")


def encoded(point: tuple[int, int, int, int]) -> bytes:
    inverse = pow(point[2], v._P - 2, v._P)
    x, y = point[0] * inverse % v._P, point[1] * inverse % v._P
    return (y | (x & 1) << 255).to_bytes(32, "little")


class Log:
    """Entries of records one after the other, as the portal's ledger has them."""

    def __init__(self, signer: Signer | None = None) -> None:
        self.signer = signer or Signer()
        self.bodies: list[bytes] = []
        self.heads: dict[str, tuple[int, str]] = {}

    def add(self, subject: str, action: str = "change.edited", **more: Any) -> bytes:
        seq, prev = self.heads.get(subject, (0, ""))
        body = {
            "action": action,
            "at": f"2026-11-21T20:{len(self.bodies) // 60 % 60:02}:{len(self.bodies) % 60:02}Z",
            "subject": subject,
            "seq": seq + 1,
            "prev": prev or None,
            "source": {"channel": "admin", "ip": "10.0.0.1", "request_id": "r"},
            "nonce": f"{len(self.bodies):032x}",
            "v": 1,
            **more,
        }
        raw = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        self.bodies.append(raw)
        self.heads[subject] = (seq + 1, self.leaf(len(self.bodies) - 1).hex())
        return raw

    def exhibit(self, subject: str, data: bytes, name: str = "result.pdf") -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        diff = [{"field": "file_name", "old": None, "new": name},
                {"field": "sha256", "old": None, "new": sha256}]  # fmt: skip
        self.add(subject, "exhibit.added", diff=diff)
        return sha256

    def leaf(self, index: int) -> bytes:
        return h(b"\x00" + self.bodies[index])

    @property
    def leaves(self) -> list[bytes]:
        return [self.leaf(n) for n in range(len(self.bodies))]

    def checkpoint(self, size: int | None = None) -> bytes:
        leaves = self.leaves[:size]
        told = base64.b64encode(root(leaves)).decode()
        return self.signer.note(f"{ORIGIN}\n{len(leaves)}\n{told}\n")

    def line(self, index: int, hidden: Sequence[int] = ()) -> Line:
        return Line(None if index in hidden else self.bodies[index], self.leaf(index))

    def single(self, index: int, hidden: Sequence[int] = ()) -> Single:
        return Single(self.line(index, hidden), index, inclusion(index, self.leaves))


def close_record(log: Log, indexes: Sequence[int], challenge: str = "") -> int:
    kept = b"".join(log.leaf(n) for n in indexes)
    log.add(f"pack:{len(log.bodies)}", "pack.asked", what="RP-2610-02", challenge=challenge,
            entries=len(indexes), leaves_sha256=hashlib.sha256(kept).hexdigest())  # fmt: skip
    return len(log.bodies) - 1


def close_period(log: Log, start: int, end: int, challenge: str = "") -> int:
    log.add(f"pack:{len(log.bodies)}", "pack.asked", what="A period", challenge=challenge,
            first_leaf=log.leaf(start).hex(), last_leaf=log.leaf(end - 1).hex())  # fmt: skip
    return len(log.bodies) - 1


def record_content(
    log: Log, indexes: Sequence[int], *, hidden: Sequence[int] = (), **more: Any
) -> Content:
    """A record pack of these entries, the last one being that of asking."""
    singles = [log.single(n, hidden) for n in indexes]
    return Content(log.checkpoint(), log.signer.vkey, singles, **more)


def period_content(
    log: Log, start: int, end: int, closing: int, *, hidden: Sequence[int] = (), **more: Any
) -> Content:
    period = Period(
        start, end, frontier(log.leaves[:start]), log.checkpoint(start),
        [log.line(n, hidden) for n in range(start, end)],
    )  # fmt: skip
    way = {end: consistency(end, log.leaves)} | more.pop("consistency", {})
    return Content(log.checkpoint(), log.signer.vkey, [log.single(closing)], period,
                   consistency=way, **more)  # fmt: skip


def written(path: Path, content: Content) -> Path:
    with path.open("wb") as file:
        write_pack(file, content, io.BytesIO() if content.period else None)
    return path


def altered(path: Path, name: str, change: Callable[[bytes], bytes | None]) -> Path:
    """A copy of the pack in which one member is another, or gone."""
    copy = path.with_name(f"altered-{path.name}")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(copy, "w") as new:
        for info in old.infolist():
            data: bytes | None = old.read(info)
            if info.filename == name:
                data = change(data or b"")
            if data is not None:
                new.writestr(info.filename, data)
    return copy
