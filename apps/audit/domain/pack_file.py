"""The file of a pack: a zip whose bytes depend on nothing but what is in it.

    pack.json       kind, places and proofs        checkpoint.txt  the signed head of the log
    entries.jsonl   one leaf a line, exact bytes   base.txt        the head at which a period begins
    leaves.bin      the leaves of a period         vkey.txt        the log's key
    attachments/…   files by their SHA-256         README.txt, verify_pack.py, report.pdf

Everything is stored unpacked, so that it is verified as fast as it is hashed. Lines and files are
written as they come; nothing is held in memory but what pack.json tells.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

FORMAT = "interlock-pack/1"
#: The same for every file: when it was made is told by the entries.
_MOMENT = (1980, 1, 1, 0, 0, 0)
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as it enters the pack: its exact bytes, None where only the hash is left."""

    body: bytes | None
    leaf: bytes

    @property
    def written(self) -> bytes:
        return (b"#" + self.leaf.hex().encode() if self.body is None else self.body) + b"\n"


@dataclass(frozen=True, slots=True)
class Single:
    """An entry with its place in the log and the way from it to the root."""

    line: Line
    index: int
    proof: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Period:
    """The leaves of the log from `start` up to, not including, `end`; `frontier` holds the roots of
    the whole subtrees before `start`, the largest first, and `base` the checkpoint there."""

    start: int
    end: int
    frontier: Sequence[bytes]
    base: bytes
    lines: Iterable[Line]


@dataclass(frozen=True, slots=True)
class Content:
    """All of a pack. `singles` are in the order of the log, the entry of asking last. `consistency`
    leads from earlier sizes of the log to the checkpoint; `withheld` says of a file why it is not
    enclosed; `more` are members that are no evidence."""

    checkpoint: bytes
    vkey: str
    singles: Sequence[Single]
    period: Period | None = None
    consistency: Mapping[int, Sequence[bytes]] = field(default_factory=dict)
    attachments: Iterable[tuple[str, Iterable[bytes]]] = ()
    withheld: Mapping[str, str] = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=dict)
    more: Iterable[tuple[str, bytes]] = ()


def write_pack(file: IO[bytes], content: Content, leaves: IO[bytes] | None = None) -> None:
    """Write the pack into `file`. `leaves` is an empty scratch file, needed for a period."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=True) as out:
        _write(out, "pack.json", [json.dumps(_pack_json(content), sort_keys=True).encode()])
        _write(out, "checkpoint.txt", [content.checkpoint])
        _write(out, "vkey.txt", [content.vkey.encode() + b"\n"])
        if content.period and content.period.start:
            _write(out, "base.txt", [content.period.base])
        _write(out, "entries.jsonl", _lines(content, leaves))
        if leaves is not None:
            leaves.seek(0)
            _write(out, "leaves.bin", iter(lambda: leaves.read(_PIECE), b""))
        for sha256, pieces in content.attachments:
            _write(out, f"attachments/{sha256}", pieces)
        for name, data in content.more:
            _write(out, name, [data])


def _pack_json(content: Content) -> dict[str, Any]:
    told: dict[str, Any] = {
        "format": FORMAT,
        "kind": "period" if content.period else "subject",
        "index": [single.index for single in content.singles],
        "proofs": [[step.hex() for step in single.proof] for single in content.singles],
        "consistency": {
            str(size): [step.hex() for step in proof]
            for size, proof in sorted(content.consistency.items())
        },
        "withheld": dict(content.withheld),
        "about": dict(content.about),
    }
    if content.period:
        told |= {
            "from": content.period.start,
            "to": content.period.end,
            "frontier": [root.hex() for root in content.period.frontier],
        }
    return told


def _lines(content: Content, leaves: IO[bytes] | None) -> Iterator[bytes]:
    for line in content.period.lines if content.period else ():
        if leaves is not None:
            leaves.write(line.leaf)
        yield line.written
    for single in content.singles:
        yield single.line.written


def _write(out: zipfile.ZipFile, name: str, pieces: Iterable[bytes]) -> None:
    info = zipfile.ZipInfo(name, _MOMENT)
    info.external_attr = 0o644 << 16
    with out.open(info, "w", force_zip64=True) as member:
        for piece in pieces:
            member.write(piece)
