#!/usr/bin/env python3
"""Check an evidence pack, offline: python3 -I verify_pack.py pack.zip --vkey KEY

This one file needs Python 3.9 or later and nothing else: no network, no library, no database, and
nothing of the portal that made the pack. It unpacks nothing to your disk and runs nothing that it
finds in the pack. What it checks:

 signature    the checkpoint is signed with the key that you name (Ed25519, C2SP signed note)
 tree         every entry is a leaf of the tree that was signed (RFC 6962, SHA-256)
 records      the entries of each record follow each other without a gap
 closing      nothing was taken out of a record pack, or added to it, after it was asked for
 attachments  every file is the one whose hash an entry tells
 and, when you name them: your challenge, receipts, the checkpoint you kept last time, witnesses

It ends with 0: verified; 1: broken; 2: could not be read or asked for wrongly; 3: intact, with a
reservation that it tells.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import gc
import hashlib
import json
import multiprocessing
import os
import re
import struct
import sys
import tempfile
import unicodedata
import zipfile
from typing import Any, BinaryIO, Dict, Iterable, Iterator, List, NamedTuple, Optional, Tuple

FORMAT = "interlock-pack/1"
VERIFIED, BROKEN, UNREADABLE, RESERVED = 0, 1, 2, 3

LINE_MAX = 64 * 1024
SMALL_MAX = 64 * 1024
JSON_MAX = 256 * 1024 * 1024
MEMBERS_MAX = 50_000
#: A member that unpacks to more than this may not be packed tighter than RATIO_MAX.
BOMB_MIN, RATIO_MAX = 16 * 1024 * 1024, 100
BLOCK = 1 << 20
#: Below this many bytes a second process costs more than it gains.
PARALLEL_MIN = 32 * 1024 * 1024
CLOSING = "pack.asked"
#: Actions of the entries that tell why the text of others was erased.
ERASURES = (b"evidence.redacted", b"evidence.purged")
CHALLENGE_MAX = 200


class Broken(Exception):
    """The pack does not prove what it says. `line` is that of entries.jsonl, from 1."""

    def __init__(self, text: str, line: int = 0) -> None:
        super().__init__(text)
        self.text = text
        self.line = line


class Unreadable(Exception):
    """The file or an option cannot be read; nothing is said about the evidence."""


def shown(text: Any, longest: int = 120) -> str:
    """Somebody else's text, safe to print."""
    told = "".join(c if c.isprintable() else "?" for c in str(text)[: longest + 1])
    return told if len(told) <= longest else told[:longest] + "..."


# --- Ed25519, verification only (RFC 8032, 5.1.7) -------------------------------------------

_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_I = pow(2, (_P - 1) // 4, _P)
_BY = 4 * pow(5, _P - 2, _P) % _P

_Point = Tuple[int, int, int, int]


def _x_of(y: int, sign: int) -> Optional[int]:
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    if square == 0:
        return None if sign else 0
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _I % _P
    if (x * x - square) % _P:
        return None
    return _P - x if x & 1 != sign else x


def _point(raw: bytes) -> Optional[_Point]:
    number = int.from_bytes(raw, "little")
    y = number & ((1 << 255) - 1)
    x = _x_of(y, number >> 255)
    return None if x is None else (x, y, 1, x * y % _P)


def _add(p: _Point, q: _Point) -> _Point:
    a = (p[1] - p[0]) * (q[1] - q[0]) % _P
    b = (p[1] + p[0]) * (q[1] + q[0]) % _P
    c = 2 * p[3] * q[3] * _D % _P
    d = 2 * p[2] * q[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(scalar: int, point: _Point) -> _Point:
    result: _Point = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = _add(result, point)
        point = _add(point, point)
        scalar >>= 1
    return result


_bx = _x_of(_BY, 0)
assert _bx is not None
_B: _Point = (_bx, _BY, 1, _bx * _BY % _P)


def ed25519_verify(public: bytes, message: bytes, signature: bytes) -> bool:
    if len(public) != 32 or len(signature) != 64:
        return False
    key, nonce = _point(public), _point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if key is None or nonce is None or s >= _L:
        return False
    told = hashlib.sha512(signature[:32] + public + message).digest()
    k = int.from_bytes(told, "little") % _L
    left, right = _times(s, _B), _add(nonce, _times(k, key))
    return (left[0] * right[2] - right[0] * left[2]) % _P == 0 and (
        left[1] * right[2] - right[1] * left[2]
    ) % _P == 0


# --- Keys, signed notes and checkpoints (C2SP signed-note, tlog-checkpoint, tlog-cosignature) --

ED25519, COSIGNATURE = 1, 4


class Key(NamedTuple):
    name: str
    id: bytes
    kind: int
    public: bytes

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.public).hexdigest()


class Note(NamedTuple):
    text: str
    signatures: List[Tuple[str, bytes, bytes]]  # name, key id, signature


class Checkpoint(NamedTuple):
    origin: str
    size: int
    root: bytes
    note: Note


def parse_vkey(text: str) -> Key:
    """`name+8 hex+base64(kind, public key)`; the hex must be that of the name and the key."""
    parts = text.strip().split("+", 2)
    if len(parts) != 3 or not parts[0] or re.search(r"\s", parts[0]):
        raise Unreadable("A key reads name+8 hex digits+base64; %r does not." % shown(text, 60))
    name, told, encoded = parts
    try:
        data = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise Unreadable("The key %s is not whole." % shown(name)) from None
    if len(data) != 33 or data[0] not in (ED25519, COSIGNATURE):
        raise Unreadable("The key %s is of a kind that this file does not know." % shown(name))
    key_id = hashlib.sha256(name.encode(errors="replace") + b"\n" + data).digest()[:4]
    if told != key_id.hex():
        raise Unreadable("The key %s is not whole: its hash differs." % shown(name))
    return Key(name, key_id, data[0], data[1:])


def parse_note(raw: bytes) -> Note:
    try:
        text, gap, tail = raw.decode().rpartition("\n\n")
    except UnicodeDecodeError:
        raise Broken("A signed note is text, and this is none.") from None
    if not gap or not tail.endswith("\n") or any(ord(c) < 32 and c != "\n" for c in text + tail):
        raise Broken("This is no signed note.")
    signatures: List[Tuple[str, bytes, bytes]] = []
    for line in tail[:-1].split("\n"):
        words = line.split(" ")
        if len(words) != 3 or words[0] != "\u2014" or not words[1] or len(signatures) > 100:
            raise Broken("A signature line is not whole.")
        try:
            data = base64.b64decode(words[2], validate=True)
        except (binascii.Error, ValueError):
            data = b""
        if len(data) < 5:
            raise Broken("A signature line is not whole.")
        signatures.append((words[1], data[:4], data[4:]))
    return Note(text + "\n", signatures)


def signers(note: Note, keys: Iterable[Key]) -> List[Key]:
    """The keys that signed the note. One that is named and signed wrongly rejects the note; a
    signature by a key that is not known is passed over."""
    found = []
    for key in keys:
        for name, key_id, signature in note.signatures:
            if (name, key_id) != (key.name, key.id):
                continue
            message, what = note.text.encode(), signature
            if key.kind == COSIGNATURE:
                seconds = struct.unpack(">Q", signature[:8])[0] if len(signature) == 72 else 0
                message = b"cosignature/v1\ntime %d\n" % seconds + message
                what = signature[8:]
            if not ed25519_verify(key.public, message, what):
                raise Broken(
                    "The signature of %s is wrong: what it signed was altered." % shown(name)
                )
            if key not in found:
                found.append(key)
    return found


def parse_checkpoint(raw: bytes) -> Checkpoint:
    note = parse_note(raw)
    lines = note.text.split("\n")
    if len(lines) < 4 or not lines[0] or not re.fullmatch(r"0|[1-9][0-9]{0,17}", lines[1]):
        raise Broken("This is no checkpoint: it has no origin, size and root.")
    try:
        root = base64.b64decode(lines[2], validate=True)
    except (binascii.Error, ValueError):
        root = b""
    if len(root) != 32:
        raise Broken("The root of the checkpoint is not 32 bytes.")
    return Checkpoint(lines[0], int(lines[1]), root, note)


# --- The tree (RFC 6962) ---------------------------------------------------------------------


def leaf_hash(body: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_by_inclusion(index: int, size: int, leaf: bytes, proof: List[bytes]) -> bytes:
    """The root that a leaf at `index` of `size` has with this proof (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        raise Broken("An entry is placed outside the tree.")
    fn, sn, found = index, size - 1, leaf
    for step in proof:
        if sn == 0:
            raise Broken("A proof is too long.")
        if fn & 1 or fn == sn:
            found = node_hash(step, found)
            while fn and not fn & 1:
                fn >>= 1
                sn >>= 1
        else:
            found = node_hash(found, step)
        fn >>= 1
        sn >>= 1
    if sn:
        raise Broken("A proof is too short.")
    return found


def check_consistency(  # noqa: C901 the algorithm of the RFC, step by step
    old: int, new: int, old_root: bytes, new_root: bytes, proof: List[bytes]
) -> None:
    """Raise Broken unless the tree of `old` leaves is the beginning of that of `new` (RFC 9162,
    2.1.4.2)."""
    differ = Broken(
        "The log of %d entries does not continue the one of %d: it was rewritten." % (new, old)
    )
    if old > new:
        raise differ
    if old in (new, 0):
        if proof or (old == new and old_root != new_root):
            raise differ
        return
    path = list(proof)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    if not path:
        raise differ
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn >>= 1
        sn >>= 1
    first = second = path[0]
    for step in path[1:]:
        if sn == 0:
            raise differ
        if fn & 1 or fn == sn:
            first, second = node_hash(step, first), node_hash(step, second)
            while fn and not fn & 1:
                fn >>= 1
                sn >>= 1
        else:
            second = node_hash(second, step)
        fn >>= 1
        sn >>= 1
    if sn or first != old_root or second != new_root:
        raise differ


def cover(start: int, leaves: List[bytes]) -> List[Tuple[int, bytes]]:
    """The roots of the largest whole subtrees over leaves that begin at `start`: (level, root)."""
    left: List[Tuple[int, bytes]] = []
    right: List[Tuple[int, bytes]] = []
    level, nodes, at = 0, leaves, start
    sha = hashlib.sha256
    while nodes:
        if at & 1:
            left.append((level, nodes[0]))
            nodes, at = nodes[1:], at + 1
        if len(nodes) & 1:
            right.append((level, nodes[-1]))
            nodes = nodes[:-1]
        evens = iter(nodes)
        nodes = [sha(b"\x01" + a + b).digest() for a, b in zip(evens, evens)]
        at >>= 1
        level += 1
    return left + right[::-1]


class Frontier:
    """A tree that grows to the right: the roots of its whole subtrees, the largest first."""

    def __init__(self, size: int, roots: List[bytes]) -> None:
        levels = [n for n in range(size.bit_length() - 1, -1, -1) if size >> n & 1]
        if len(levels) != len(roots):
            raise Broken("The frontier of the earlier entries is not whole.")
        self.size = size
        self.stack = [(levels[i], roots[i]) for i in range(len(roots))]

    def extend(self, nodes: Iterable[Tuple[int, bytes]]) -> None:
        stack = self.stack
        for node in nodes:
            self.size += 1 << node[0]
            stack.append(node)
            while len(stack) > 1 and stack[-1][0] == stack[-2][0]:
                level, right = stack.pop()
                stack[-1] = (level + 1, node_hash(stack[-1][1], right))

    def root(self) -> bytes:
        if not self.stack:
            return hashlib.sha256(b"").digest()
        found = self.stack[-1][1]
        for _, left in self.stack[-2::-1]:
            found = node_hash(left, found)
        return found


# --- The zip ---------------------------------------------------------------------------------

_NAME = re.compile(
    r"pack\.json|checkpoint\.txt|base\.txt|vkey\.txt|entries\.jsonl|leaves\.bin|README\.txt|"
    r"report\.pdf|verify_pack\.py|ca\.pem|[A-Za-z0-9_-]{1,80}\.tsr|attachments/[0-9a-f]{64}"
)
_NOT_EVIDENCE = ("README.txt", "report.pdf", "verify_pack.py")


class Pack:
    """The members of a pack by name, none of them trusted."""

    def __init__(self, path: str) -> None:
        self.path = path
        try:
            self.zip = zipfile.ZipFile(path)
            members = self.zip.infolist()
        except FileNotFoundError:
            raise Unreadable("There is no file %s." % shown(path)) from None
        except OSError as error:
            raise Unreadable("%s cannot be read: %s." % (shown(path), error.strerror)) from None
        except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error):
            raise Broken("The file is no whole zip: it was cut off or is something else.") from None
        if len(members) > MEMBERS_MAX:
            raise Broken("The zip holds %d files; a pack holds far fewer." % len(members))
        self.members: Dict[str, zipfile.ZipInfo] = {}
        for info in members:
            self._take(info)

    def _take(self, info: zipfile.ZipInfo) -> None:
        name = info.orig_filename
        if not _NAME.fullmatch(name):
            raise Broken("A file named %r does not belong in a pack." % shown(name))
        if name in self.members:
            raise Broken("The file %s is there twice." % name)
        if info.flag_bits & 1 or info.compress_type not in (0, zipfile.ZIP_DEFLATED):
            raise Broken("The file %s is packed in a way that packs do not use." % name)
        if info.file_size > BOMB_MIN and info.file_size > RATIO_MAX * max(info.compress_size, 1):
            raise Broken(
                "The file %s would unpack to %d bytes: a zip bomb." % (name, info.file_size)
            )
        self.members[name] = info

    def __contains__(self, name: str) -> bool:
        return name in self.members

    def open(self, name: str) -> BinaryIO:
        if name not in self.members:
            raise Broken("The file %s is missing." % name)
        try:
            return self.zip.open(self.members[name])  # type: ignore[return-value]
        except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, struct.error):
            raise Broken("The file %s cannot be unpacked." % name) from None

    def read(self, name: str, most: int = SMALL_MAX) -> bytes:
        return b"".join(self.pieces(name, most))

    def pieces(self, name: str, most: int = 0) -> Iterator[bytes]:
        with self.open(name) as file:
            total = 0
            while True:
                try:
                    piece = file.read(BLOCK)
                except (zipfile.BadZipFile, OSError, EOFError, ValueError) as error:
                    raise Broken("The file %s is damaged (%s)." % (name, shown(error))) from None
                except Exception as error:  # noqa: BLE001 zlib.error, which zipfile lets through
                    raise Broken("The file %s is damaged (%s)." % (name, shown(error))) from None
                if not piece:
                    return
                total += len(piece)
                if most and total > most:
                    raise Broken("The file %s is larger than it can be." % name)
                yield piece

    def json(self, name: str) -> Dict[str, Any]:
        try:
            told = json.loads(self.read(name, JSON_MAX))
        except (ValueError, RecursionError):
            raise Broken("The file %s is no JSON." % name) from None
        if not isinstance(told, dict):
            raise Broken("The file %s tells nothing." % name)
        return told

    def place_of(self, name: str) -> Tuple[str, int, int, Any]:
        """File, offset and length of a member's bytes; a packed one goes to a temporary file,
        which lasts as long as the last value."""
        if name not in self.members:
            raise Broken("The file %s is missing." % name)
        info = self.members[name]
        if info.compress_type == zipfile.ZIP_STORED:
            with open(self.path, "rb") as file:
                file.seek(info.header_offset)
                head = file.read(30)
                if len(head) < 30 or head[:4] != b"PK\x03\x04":
                    raise Broken("The file %s cannot be found in the zip." % name)
                lengths = struct.unpack("<HH", head[26:30])
                offset = info.header_offset + 30 + lengths[0] + lengths[1]
                if offset + info.file_size > os.fstat(file.fileno()).st_size:
                    raise Broken("The file %s is cut off." % name)
            return self.path, offset, info.file_size, None
        spool = tempfile.NamedTemporaryFile(prefix="verify-pack-")  # noqa: SIM115 lives with its user
        size = 0
        for piece in self.pieces(name, info.file_size):
            size += spool.write(piece)
        spool.flush()
        return spool.name, 0, size, spool


# --- Entries ---------------------------------------------------------------------------------

#: The end of an entry as the portal writes it (sorted keys, no blanks), up to the end of the
#: line: prev, seq and subject without parsing the whole. A quote within a JSON text has a backslash
#: before it, so none of this can stand inside one. Any other line is parsed.
_TAIL = re.compile(
    rb',"prev":(?:null|"(.{64})"),"seq":(\d{1,9}),"source":\{[^}]*\},'
    rb'"subject":"([^"]+)",(?:"to":"[^"]*",)?"v":1\}\n'
)
_HASH_LINE = re.compile(rb"#[0-9a-f]{64}")


#: Subject, first line, first number, hash before it, last number, last leaf.
RunTold = Tuple[bytes, int, int, bytes, int, bytes]


class Run:
    """Entries of one record that follow each other, from its first one here to its last."""

    __slots__ = ("first_line", "first_prev", "first_seq", "last_leaf", "last_seq", "subject")

    def __init__(self, subject: bytes, line: int, seq: int, prev: bytes, leaf: bytes) -> None:
        self.subject = subject
        self.first_line = line
        self.first_seq = self.last_seq = seq
        self.first_prev = prev
        self.last_leaf = leaf

    def told(self) -> RunTold:
        return (
            self.subject,
            self.first_line,
            self.first_seq,
            self.first_prev,
            self.last_seq,
            self.last_leaf,
        )


class Told(NamedTuple):
    """A file that an entry tells of."""

    sha256: str
    name: str
    line: int


class Scan:
    """What a stretch of entries holds. Lines count from 1."""

    def __init__(self, line: int, expect: Iterable[bytes] = (), reads: bool = True) -> None:
        self.line = line
        self.reads = reads
        self.expect = frozenset(expect)
        self.nodes: List[Tuple[int, bytes]] = []
        self.runs: Dict[bytes, Run] = {}
        self.closed: List[Run] = []
        self.order: List[RunTold] = []
        self.redacted: List[Tuple[int, bytes]] = []
        self.redactions: List[str] = []
        self.files: List[Told] = []
        self.found: Dict[bytes, int] = {}

    def take(self, block: bytes) -> List[bytes]:
        """Whole lines, each with its end; returns their leaves."""
        # Each line with the zero byte before it that a leaf is hashed with.
        lines = (b"\x00" + block[:-1].replace(b"\n", b"\n\x00")).split(b"\n")
        if max(map(len, lines)) > LINE_MAX:
            at = next(i for i, line in enumerate(lines) if len(line) > LINE_MAX)
            raise Broken("The line is longer than an entry can be.", self.line + at)
        told = _TAIL.findall(block)
        if len(told) == len(lines):
            leaves = [one.digest() for one in map(hashlib.sha256, lines)]
        else:
            leaves, told = self._slowly([line[1:] for line in lines])
        self._chain(told, leaves)
        if self.reads:
            self._files(block)
        if self.expect:
            for leaf in self.expect.intersection(leaves):
                self.found[leaf] = self.line + leaves.index(leaf)
        self.line += len(lines)
        return leaves

    def _slowly(self, lines: List[bytes]) -> Tuple[List[bytes], List[Any]]:
        leaves: List[bytes] = []
        told: List[Any] = []
        for at, line in enumerate(lines):
            if line[:1] == b"#":
                if not _HASH_LINE.fullmatch(line):
                    raise Broken("A withheld line is # and 64 hex digits.", self.line + at)
                leaves.append(bytes.fromhex(line[1:].decode()))
                told.append(None)
                self.redacted.append((self.line + at, line[1:]))
                continue
            leaves.append(leaf_hash(line))
            match = _TAIL.search(line + b"\n")
            if match:
                told.append(match.groups(b""))
                continue
            body = parse_entry(line, self.line + at)
            prev = body.get("prev") or ""
            told.append((_bytes(prev), body["seq"], _bytes(body["subject"])))
        return leaves, told

    def _chain(self, told: List[Any], leaves: List[bytes]) -> None:
        runs, hexlify = self.runs, binascii.hexlify
        for at in range(len(told)):
            if told[at] is None:
                continue
            prev, number, subject = told[at]
            seq = int(number)
            run = runs.get(subject)
            leaf = hexlify(leaves[at])
            if run is not None:
                if run.last_leaf == prev and run.last_seq + 1 == seq:
                    run.last_seq = seq
                    run.last_leaf = leaf
                    continue
                self.closed.append(run)
            runs[subject] = Run(subject, self.line + at, seq, prev, leaf)

    def end(self) -> None:
        """What was found of each record, in a form that goes quickly to another process."""
        self.order = [run.told() for run in [*self.closed, *self.runs.values()]]
        self.closed, self.runs = [], {}

    def _files(self, block: bytes) -> None:
        """What the entries tell of files and of redactions. Searching takes as long as hashing."""
        self.redactions += redactions(block)
        if not (b'"exhibit.added"' in block or b'"attachments"' in block):
            return
        for at, line in enumerate(block.split(b"\n")):
            if line[:1] != b"#" and (b'"exhibit.added"' in line or b'"attachments"' in line):
                for sha256, name in files_told(parse_entry(line, self.line + at)):
                    self.files.append(Told(sha256, name, self.line + at))


def _bytes(text: str) -> bytes:
    """Also of half a character, which JSON can name and UTF-8 cannot."""
    return text.encode(errors="surrogatepass")


def redactions(block: bytes) -> List[str]:
    """The hashes that entries of erasure in these lines name."""
    if not any(action in block for action in ERASURES):
        return []
    lines = [line for line in block.split(b"\n") if any(action in line for action in ERASURES)]
    return [one.decode() for line in lines for one in re.findall(rb"[0-9a-f]{64}", line)]


def parse_entry(line: bytes, number: int) -> Dict[str, Any]:
    try:
        body = json.loads(line)
    except (ValueError, RecursionError):
        body = None
    if (
        not isinstance(body, dict)
        or not isinstance(body.get("subject"), str)
        or type(body.get("seq")) is not int
        or not isinstance(body.get("prev"), (str, type(None)))
    ):
        raise Broken("The line is no entry: it tells no record and number.", number)
    return body


def files_told(body: Dict[str, Any]) -> Iterator[Tuple[str, str]]:
    """Hash and name of each file that an entry tells of."""
    listed = body.get("attachments")
    for row in listed if isinstance(listed, list) else []:
        if isinstance(row, dict) and _is_hash(row.get("sha256")):
            yield str(row["sha256"]), str(row.get("name", ""))
    if body.get("action") == "exhibit.added" and isinstance(body.get("diff"), list):
        new = {row.get("field"): row.get("new") for row in body["diff"] if isinstance(row, dict)}
        if new.get("file_name") and _is_hash(new.get("sha256")):
            yield str(new["sha256"]), str(new["file_name"])


def _is_hash(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[0-9a-f]{64}", value) is not None


class Stretch(NamedTuple):
    """Bytes of a file that hold whole lines, the first one being `line` and leaf `place`."""

    path: str
    offset: int
    length: int
    line: int
    place: int
    expect: Tuple[bytes, ...]
    reads: bool


def blocks(path: str, offset: int, length: int, size: int = BLOCK) -> Iterator[bytes]:
    """The lines there, in blocks of whole lines."""
    with open(path, "rb") as file:
        file.seek(offset)
        while length > 0:
            block = file.read(min(size, length))
            if block[-1:] != b"\n" and len(block) < length:
                block += file.readline(min(LINE_MAX + 2, length - len(block)))
            if not block:
                raise Broken("The entries are cut off.")
            length -= len(block)
            if block[-1:] != b"\n":
                if length > 0:
                    raise Broken("A line is longer than an entry can be.")
                raise Broken("The last line is cut off.")
            yield block


def scan(stretch: Stretch) -> Scan:
    result = Scan(stretch.line, stretch.expect, stretch.reads)
    at = stretch.place
    for block in blocks(stretch.path, stretch.offset, stretch.length):
        leaves = result.take(block)
        result.nodes += cover(at, leaves)
        at += len(leaves)
    result.end()
    return result


def scan_or_tell(stretch: Stretch) -> Any:
    """In another process: what goes wrong comes back as a value."""
    gc.disable()
    try:
        return scan(stretch)
    except Broken as broken:
        return (broken.text, broken.line)


class Entries:
    """Where entries.jsonl lies, and where its lines begin, counted in bytes from its first one."""

    def __init__(self, path: str, offset: int, length: int) -> None:
        self.path, self.offset, self.length = path, offset, length
        if not length:
            raise Broken("The pack holds no entry.")
        if self.read(length - 1, 1) != b"\n":
            raise Broken("The last line is cut off.")

    def read(self, position: int, length: int) -> bytes:
        with open(self.path, "rb") as file:
            file.seek(self.offset + position)
            return file.read(length)

    def lines(self, start: int, stop: int) -> int:
        """How many lines there are between two positions."""
        counted = 0
        with open(self.path, "rb") as file:
            file.seek(self.offset + start)
            while start < stop:
                block = file.read(min(BLOCK, stop - start))
                if not block:
                    raise Broken("The entries are cut off.")
                counted += block.count(b"\n")
                start += len(block)
        return counted

    def after(self, position: int) -> int:
        """Where the first line begins that begins at or after `position`."""
        if not 0 < position < self.length:
            return max(0, min(position, self.length))
        found = self.read(position - 1, LINE_MAX + 2).find(b"\n")
        if found < 0:
            raise Broken("A line is longer than an entry can be.")
        return position + found

    def skip(self, lines: int) -> int:
        """Where the line begins that has `lines` before it; the end when there are not as many."""
        position = 0
        while lines and position < self.length:
            block = self.read(position, BLOCK)
            held = block.count(b"\n")
            if held < lines:
                lines -= held
                position += len(block)
                continue
            at = -1
            for _ in range(lines):
                at = block.index(b"\n", at + 1)
            return position + at + 1
        return position

    def tail(self, lines: int) -> int:
        """Where the last `lines` lines begin; the beginning when there are fewer."""
        position, missing = self.length, lines + 1
        while position > 0:
            start = max(0, position - BLOCK)
            block = self.read(start, position - start)
            held = block.count(b"\n")
            if held < missing:
                missing -= held
                position = start
                continue
            at = len(block)
            for _ in range(missing):
                at = block.rindex(b"\n", 0, at)
            return start + at + 1
        return 0


# --- The verdict -----------------------------------------------------------------------------


class Report:
    """What was checked, what has to be minded, and where it broke, if it did."""

    def __init__(self) -> None:
        self.title = ""
        self.checked: List[Tuple[str, str]] = []
        self.notes: List[str] = []
        self.reservations: List[str] = []
        self.broken = ""
        self.line = 0
        self.step = "pack"

    @property
    def code(self) -> int:
        if self.broken:
            return BROKEN
        return RESERVED if self.reservations else VERIFIED

    def ok(self, what: str, text: str) -> None:
        self.checked.append((what, text))


class Options(NamedTuple):
    vkeys: Tuple[str, ...] = ()
    pinned: Optional[bytes] = None
    challenge: Optional[str] = None
    expect: Tuple[str, ...] = ()
    witnesses: Tuple[str, ...] = ()
    quorum: int = 0
    allow_withheld: bool = False
    processes: int = 0


def verify(path: str, options: Options = Options()) -> Report:  # noqa: B008 immutable
    """Check the pack at `path`. Raises Unreadable when there is nothing to judge."""
    report = Report()
    collects = gc.isenabled()
    gc.disable()  # a million small objects, none of them in a circle
    try:
        _Check(Pack(path), options, report).all()
    except Broken as broken:
        report.broken, report.line = broken.text, broken.line
    finally:
        if collects:
            gc.enable()
    return report


def _hashes(value: Any, what: str) -> List[bytes]:
    if not isinstance(value, list) or not all(map(_is_hash, value)):
        raise Broken("pack.json: %s is no list of hashes." % what)
    return [bytes.fromhex(one) for one in value]


def _whole(value: Any, what: str) -> int:
    if type(value) is not int or not 0 <= value < 2**53:
        raise Broken("pack.json: %s is no number." % what)
    return int(value)


class _Check:
    """One run over one pack."""

    def __init__(self, pack: Pack, options: Options, report: Report) -> None:
        self.pack, self.options, self.report = pack, options, report
        self.keys = [parse_vkey(text) for text in options.vkeys]
        self.witnesses = [parse_vkey(text) for text in options.witnesses]
        self.expect = tuple(self._receipt(text) for text in options.expect)
        self._quorum(options.quorum, len(set(self.witnesses)))
        challenge = options.challenge
        # As the portal keeps it: accents in one form, outer blanks gone.
        self.challenge = challenge and unicodedata.normalize("NFC", challenge).strip()
        if self.challenge == "":
            raise Unreadable(
                "The challenge is empty. Give the one that you handed in when you asked for the "
                "pack, or leave --challenge out."
            )
        if challenge is not None and len(challenge) > CHALLENGE_MAX:
            raise Unreadable(
                "A challenge has at most %d characters; yours has %d. Give the one that you handed "
                "in when you asked for the pack." % (CHALLENGE_MAX, len(challenge))
            )
        self.roots: Dict[int, bytes] = {}  # of the log, by size, as this pack proves them
        self.scans: List[Scan] = []
        self.spool: Any = None

    @staticmethod
    def _quorum(quorum: int, named: int) -> None:
        """A quorum that asks for nothing, or for more than there can be, is no check."""
        if quorum < 0:
            raise Unreadable("--quorum %d: Enter 1 or more." % quorum)
        if quorum and not named:
            raise Unreadable(
                "--quorum counts witnesses, and you named none. Name them with --witness."
            )
        if quorum > named:
            raise Unreadable(
                "--quorum %d: you named %d witness%s. Name more, or enter less."
                % (quorum, named, "" if named == 1 else "es")
            )

    @staticmethod
    def _receipt(text: str) -> bytes:
        told = text.strip().lower()
        if not _is_hash(told):
            raise Unreadable("A receipt is 64 hex digits; %r is not." % shown(text, 70))
        return bytes.fromhex(told)

    def all(self) -> None:
        report = self.report
        self.about = self.pack.json("pack.json")
        if self.about.get("format") != FORMAT:
            raise Broken("This is no pack of the format %s." % FORMAT)
        self.kind = self.about.get("kind")
        if self.kind not in ("period", "subject"):
            raise Broken("pack.json tells no kind that this file knows.")
        report.step = "signature"
        self._signature()
        report.step = "tree"
        self._tree()
        report.step = "records"
        self._records()
        report.step = "closing"
        self._closing()
        report.step = "attachments"
        self._attachments()
        report.step = "earlier checkpoint"
        self._pinned()
        report.step = "receipts"
        self._receipts()
        report.step = "timestamps"
        self._timestamps()
        self._withheld()
        there = [name for name in _NOT_EVIDENCE if name in self.pack]
        if there:
            report.notes.append("%s: not evidence, and not looked at." % ", ".join(there))

    def _signature(self) -> None:
        raw = self.pack.read("checkpoint.txt")
        self.checkpoint = parse_checkpoint(raw)
        keys = self.keys
        if not keys:
            try:
                keys = [parse_vkey(self.pack.read("vkey.txt").decode(errors="replace"))]
            except Unreadable as error:
                raise Broken("vkey.txt: %s" % error) from None
        signed = [key for key in signers(self.checkpoint.note, keys) if key.kind == ED25519]
        if not signed:
            raise Broken(
                "The checkpoint is not signed with the key %s."
                % " or ".join(shown(key.name) for key in keys)
            )
        if self.checkpoint.origin != signed[0].name:
            self.report.notes.append(
                "The log is called %s, its key %s."
                % (shown(self.checkpoint.origin), shown(signed[0].name))
            )
        self.trusted = signed
        self.report.ok(
            "signature",
            "The checkpoint of %d entries of the log %s is signed."
            % (self.checkpoint.size, shown(self.checkpoint.origin)),
        )
        self.report.notes.append(
            "Key: %s, SHA-256 of its public part %s"
            % (shown(signed[0].name), signed[0].fingerprint)
        )
        if not self.keys:
            self.report.reservations.append(
                "Who signed is not proven: the key was taken from the pack itself. Ask the "
                "operator for the key on another way and give it with --vkey."
            )
        if self.witnesses:
            seen = signers(self.checkpoint.note, self.witnesses)
            needed = self.options.quorum or len(set(self.witnesses))
            if len(seen) < needed:
                raise Broken(
                    "%d of the witnesses that you named signed the checkpoint; you ask "
                    "for %d." % (len(seen), needed)
                )
            self.report.ok("witnesses", "%d of your witnesses signed the checkpoint." % len(seen))

    def _tree(self) -> None:
        path, offset, length, self.spool = self.pack.place_of("entries.jsonl")
        self.entries = Entries(path, offset, length)
        index, proofs = self.about.get("index"), self.about.get("proofs")
        if not isinstance(index, list) or not isinstance(proofs, list):
            raise Broken("pack.json: index and proofs are missing.")
        if len(index) != len(proofs):
            raise Broken("pack.json: there are not as many proofs as places.")
        self.index: List[Any] = index
        self.split = self.entries.tail(len(index)) if self.kind == "period" else 0
        self._closing_line()
        self.lines = 0
        encloses = any(name.startswith("attachments/") for name in self.pack.members)
        self.reads = encloses or self.split < PARALLEL_MIN
        if self.kind == "period":
            self._contiguous()
        self._singles(proofs)
        self.roots[self.checkpoint.size] = self.checkpoint.root
        if self.kind == "subject":
            self.report.ok("tree", "Each of the %d entries is in the signed log." % self.lines)

    def _closing_line(self) -> None:
        """Read the last line, which says what the pack is to hold; its own proof is checked with
        the others."""
        start = self.entries.tail(1)
        line = self.entries.read(start, min(self.entries.length - start, LINE_MAX + 1))
        try:
            self.closing = {} if line[:1] == b"#" else parse_entry(line.rstrip(b"\n"), 0)
        except Broken:
            self.closing = {}
        wrong = Broken(
            "The last line is not the entry of this pack's being asked for: the end was taken out."
        )
        bounds = []
        if self.kind == "period":
            bounds = [self.closing.get("first_leaf"), self.closing.get("last_leaf")]
        elif not _is_hash(self.closing.get("leaves_sha256")):
            raise self._at_end(wrong)
        if self.closing.get("action") != CLOSING or not all(map(_is_hash, bounds)):
            raise self._at_end(wrong)
        self.report.title = shown(self.closing.get("what", ""), 200)
        self.bounds = [bytes.fromhex(str(leaf)) for leaf in bounds]
        self.sought = (*self.expect, *self.bounds)

    def _at_end(self, broken: Broken) -> Broken:
        """The same, with the number of the last line."""
        return Broken(broken.text, self.entries.lines(0, self.entries.length))

    def _cuts(self, stops: List[int], start: int) -> List[int]:
        """Where the lines of the period are cut: at `stops`, which are sizes of the log, and so
        that each process has as much to do."""
        processes = self.options.processes or min(os.cpu_count() or 1, 8)
        cuts = {0, self.split, *(self.entries.skip(stop - start) for stop in stops)}
        self.parallel = self.split >= PARALLEL_MIN and processes > 1
        if self.parallel:
            cuts |= {self.entries.after(self.split * n // processes) for n in range(1, processes)}
        return sorted(cut for cut in cuts if cut <= self.split)

    def _stretches(self, cuts: List[int], start: int) -> Iterator[Stretch]:
        """One after the other: how many lines one holds is counted while it is being worked on."""
        before = 0
        for at in range(len(cuts) - 1):
            yield Stretch(
                self.entries.path,
                self.entries.offset + cuts[at],
                cuts[at + 1] - cuts[at],
                before + 1,
                start + before,
                self.sought,
                self.reads,
            )
            if at + 2 < len(cuts):
                before += self.entries.lines(cuts[at], cuts[at + 1])

    def _contiguous(self) -> None:
        start = _whole(self.about.get("from"), "from")
        end = _whole(self.about.get("to"), "to")
        frontier = Frontier(start, _hashes(self.about.get("frontier"), "frontier"))
        if start:
            self.roots[start] = frontier.root()
            self._base(start)
        pinned = self._pinned_checkpoint()
        stops = [pinned.size] if pinned and start < pinned.size < end else []
        for scanned in self._scan(self._cuts(stops, start), start):
            frontier.extend(scanned.nodes)
            self.roots[frontier.size] = frontier.root()
            self.scans.append(scanned)
        self.lines = frontier.size - start
        try:
            self._meets(end, frontier.root(), frontier.size)
        except Broken as broken:
            self._locate(start)
            raise self._at_end(broken) if frontier.size != end else broken from None
        self.report.ok(
            "tree",
            "The %d entries of the period are all there, in their order: "
            "entries %d to %d of the signed log, without a gap." % (self.lines, start + 1, end),
        )

    def _base(self, start: int) -> None:
        base = parse_checkpoint(self.pack.read("base.txt"))
        if base.origin != self.checkpoint.origin or base.size != start:
            raise Broken("base.txt is not the checkpoint at which the period begins.")
        if base.root != self.roots[start]:
            raise Broken("The entries before the period are not those of base.txt.")
        if not signers(base.note, self.trusted):
            self.report.notes.append(
                "base.txt is signed with another key; that its entries are "
                "the beginning of the log is proven all the same."
            )

    def _scan(self, cuts: List[int], start: int) -> Iterator[Scan]:
        stretches = self._stretches(cuts, start)
        if not self.parallel:
            for stretch in stretches:
                yield scan(stretch)
            return
        with multiprocessing.Pool(min(len(cuts) - 1, os.cpu_count() or 1)) as pool:
            asked = [pool.apply_async(scan_or_tell, (stretch,)) for stretch in stretches]
            for answer in asked:
                told = answer.get()
                if isinstance(told, tuple):
                    raise Broken(*told)
                yield told

    def _meets(self, size: int, root: bytes, counted: int) -> None:
        """That the tree of `size` entries with `root` is the beginning of the signed log."""
        new = self.checkpoint
        if size != counted:
            how = "are missing" if counted < size else "were added"
            raise Broken(
                "The period ends with entry %d, and its lines with entry %d: lines %s."
                % (size, counted, how)
            )
        if size > new.size:
            raise Broken("The period ends after the checkpoint: the checkpoint was put back.")
        if size == new.size:
            if root != new.root:
                raise Broken("The entries are not those that were signed.")
            return
        proof = _hashes(self._consistency(size), "consistency")
        try:
            check_consistency(size, new.size, root, new.root, proof)
        except Broken:
            raise Broken("The entries are not those that were signed.") from None

    def _consistency(self, size: int) -> Any:
        proofs = self.about.get("consistency")
        return proofs.get(str(size)) if isinstance(proofs, dict) else None

    def _locate(self, start: int) -> None:
        """Find the first line that is not what was signed, with the list of leaves in the pack,
        which counts only when it is itself what was signed. Raises Broken naming the line."""
        if "leaves.bin" not in self.pack:
            return
        frontier = Frontier(start, _hashes(self.about.get("frontier"), "frontier"))
        end = _whole(self.about.get("to"), "to")
        kept = b"".join(self.pack.pieces("leaves.bin", 32 * max(end - start, 0)))
        leaves = [kept[n : n + 32] for n in range(0, len(kept) - 31, 32)]
        frontier.extend(cover(start, leaves))
        self._meets(end, frontier.root(), frontier.size)
        number = 0
        for block in blocks(self.entries.path, self.entries.offset, self.split):
            for line in block.split(b"\n")[:-1]:
                hidden = _HASH_LINE.fullmatch(line)
                leaf = bytes.fromhex(line[1:].decode()) if hidden else leaf_hash(line)
                if number >= len(leaves) or leaf != leaves[number]:
                    raise Broken(
                        "The line is not the entry that was signed here: it was altered, "
                        "added or moved, or one before it was taken out.",
                        number + 1,
                    )
                number += 1

    def _singles(self, proofs: List[Any]) -> None:
        """Lines that are proven one by one, in the order of their places."""
        entries = self.entries
        self.leaves: List[bytes] = []
        scanned = Scan(self.lines + 1, self.sought)
        before = -1
        for block in blocks(entries.path, entries.offset + self.split, entries.length - self.split):
            for leaf in scanned.take(block):
                at = len(self.leaves)
                line = self.lines + at + 1
                if at >= len(self.index):
                    raise Broken("The line has no proof: it was added.", line)
                before = self._single(at, line, leaf, proofs[at], before)
                self.leaves.append(leaf)
        if len(self.leaves) < len(self.index):
            raise Broken(
                "%d lines are missing." % (len(self.index) - len(self.leaves)),
                self.lines + len(self.leaves),
            )
        self.lines += len(self.leaves)
        scanned.end()
        self.single = scanned

    def _single(self, at: int, line: int, leaf: bytes, proof: Any, before: int) -> int:
        index = _whole(self.index[at], "index")
        if index <= before:
            raise Broken("The lines are not in the order of the log.", line)
        try:
            found = root_by_inclusion(index, self.checkpoint.size, leaf, _hashes(proof, "proofs"))
        except Broken as broken:
            raise Broken(broken.text, line) from None
        if found != self.checkpoint.root:
            raise Broken("The line is not the entry that was signed in its place.", line)
        return index

    def _records(self) -> None:
        start = self.about.get("from", 0) if self.kind == "period" else 0
        scans = self.scans if self.kind == "period" else [self.single]
        redacted = {leaf for scanned in [*scans, self.single] for _, leaf in scanned.redacted}
        state: Dict[bytes, Tuple[int, bytes]] = {}  # last number and leaf of each record
        gap = continued = 0
        for scanned in scans:
            for subject, line, seq, prev, last_seq, last_leaf in scanned.order:
                before = state.get(subject)
                state[subject] = (last_seq, last_leaf)
                if before is None:
                    if seq == 1 and not prev:
                        continue
                    if seq > 1 and start and prev:
                        continued += 1
                        continue
                    missing = seq - 1
                elif prev == before[1] and seq == before[0] + 1:
                    continue
                else:
                    missing = seq - before[0] - 1
                if missing > 0 and prev in redacted:
                    gap += missing
                    continue
                raise Broken(
                    "%s: entry %d does not follow the one before it. One was altered, "
                    "taken out or added." % (shown(subject.decode(errors="replace")), seq),
                    line,
                )
        if gap > len(redacted):
            raise Broken("More entries are missing from records than lines are withheld.")
        text = "%d records, the entries of each without a gap" % len(state)
        if continued:
            text += " (%d of them began before the period)" % continued
        self.report.ok("records", text + ".")

    def _closing(self) -> None:
        """What the portal entered in the log when the pack was asked for."""
        closing, line = self.closing, self.lines
        at = shown(closing.get("at"))
        if self.kind == "subject":
            kept = hashlib.sha256(b"".join(self.leaves[:-1])).hexdigest()
            told = (closing.get("entries"), closing.get("leaves_sha256"))
            if told != (len(self.leaves) - 1, kept):
                raise Broken(
                    "The pack does not hold the %s entries that it held when it was asked "
                    "for: some were taken out or added." % shown(told[0]),
                    line,
                )
            self.report.ok(
                "closing",
                "These are the %d entries that were there when the pack was "
                "asked for, at %s." % (len(self.leaves) - 1, at),
            )
        else:
            if not all(
                any(leaf in scanned.found for scanned in self.scans) for leaf in self.bounds
            ):
                raise Broken(
                    "The first or the last entry of the period that was asked for is not "
                    "there: the period was cut.",
                    line,
                )
            self.report.ok("closing", "The period is the one that was asked for, at %s." % at)
        wanted = self.challenge
        if wanted is None:
            self.report.notes.append(
                "You named no challenge (--challenge): that this is the newest state of the log, "
                "and not an earlier pack, is not proven."
            )
        elif closing.get("challenge") != wanted:
            raise Broken(
                "The pack does not answer your challenge: it was made for another one, or earlier.",
                self.lines,
            )
        else:
            self.report.ok(
                "challenge",
                "The last entry carries your challenge: the log was not "
                "put back to a time before you chose it.",
            )

    def _attachments(self) -> None:
        told: Dict[str, Told] = {}
        for scanned in [*self.scans, self.single]:
            for file in scanned.files:
                told.setdefault(file.sha256, file)
        there = [name for name in self.pack.members if name.startswith("attachments/")]
        for name in there:
            sha256 = name.partition("/")[2]
            found = hashlib.sha256()
            for piece in self.pack.pieces(name):
                found.update(piece)
            if found.hexdigest() != sha256:
                raise Broken(
                    "The file %s was altered." % name, told[sha256].line if sha256 in told else 0
                )
            if sha256 not in told:
                raise Broken("No entry tells of the file %s: it was added." % name)
        if there:
            self.report.ok("attachments", "%d files are the ones that entries tell." % len(there))
        self._absent(
            [file for sha256, file in told.items() if "attachments/" + sha256 not in self.pack]
        )

    def _absent(self, files: List[Told]) -> None:
        if files and self.kind == "period":
            self.report.notes.append(
                "%d files are told by their hash and not enclosed." % len(files)
            )
            return
        reasons = self.about.get("withheld")
        for file in files:
            if not isinstance(reasons, dict) or file.sha256 not in reasons:
                raise Broken(
                    "The file %s (%s) was taken out." % (shown(file.name), file.sha256), file.line
                )
            self.report.reservations.append(
                "The file %s (line %d) is withheld: %s"
                % (shown(file.name), file.line, shown(reasons[file.sha256]))
            )

    def _pinned_checkpoint(self) -> Optional[Checkpoint]:
        if self.options.pinned is None:
            return None
        try:
            return parse_checkpoint(self.options.pinned)
        except Broken as broken:
            raise Unreadable("The pinned checkpoint: %s" % broken.text) from None

    def _pinned(self) -> None:
        old = self._pinned_checkpoint()
        if old is None:
            return
        new = self.checkpoint
        signers(old.note, self.trusted)
        if old.origin != new.origin:
            raise Broken(
                "Your earlier checkpoint is of the log %s and this pack of %s. Ask why a "
                "new log was begun." % (shown(old.origin), shown(new.origin))
            )
        if old.size > new.size:
            raise Broken(
                "Your earlier checkpoint has %d entries, this pack's only %d: the log was "
                "put back." % (old.size, new.size)
            )
        if old.size in self.roots:
            if self.roots[old.size] != old.root:
                raise Broken(
                    "The log of your earlier checkpoint is not the beginning of this one: "
                    "it was rewritten."
                )
        else:
            proof = self._consistency(old.size)
            if proof is None:
                self.report.reservations.append(
                    "That your earlier checkpoint (%d entries) is the beginning of this log is not "
                    "proven: the pack was made without it. Ask for the pack with the number %d in "
                    "the field Earlier checkpoint." % (old.size, old.size)
                )
                return
            check_consistency(old.size, new.size, old.root, new.root, _hashes(proof, "consistency"))
        self.report.ok(
            "earlier checkpoint",
            "The log continues the one of your earlier checkpoint (%d entries)." % old.size,
        )

    def _receipts(self) -> None:
        for leaf in self.expect:
            lines = [s.found[leaf] for s in [*self.scans, self.single] if leaf in s.found]
            if not lines:
                raise Broken(
                    "The entry of your receipt %s is not in the pack. If it belongs to "
                    "what the pack is about, it was taken out." % leaf.hex()
                )
            self.report.ok("receipt", "%s is line %d." % (leaf.hex(), lines[0]))

    def _timestamps(self) -> None:
        tokens = [name for name in self.pack.members if name.endswith(".tsr")]
        imprint = hashlib.sha256(self.pack.read("checkpoint.txt")).digest()
        for name in tokens:
            same = imprint in self.pack.read(name)
            self.report.notes.append(
                "%s: %s; check its own signature with openssl ts -verify -data checkpoint.txt "
                "-in %s -CAfile ca.pem"
                % (
                    name,
                    "made over this checkpoint" if same else "made over another checkpoint",
                    name,
                )
            )

    def _withheld(self) -> None:
        scans = [*self.scans, self.single]
        hidden = [row for scanned in scans for row in scanned.redacted]
        if not hidden:
            return
        explained = {sha256.encode() for scanned in scans for sha256 in scanned.redactions}
        if not self.reads:
            for block in blocks(self.entries.path, self.entries.offset, self.split):
                explained |= {sha256.encode() for sha256 in redactions(block)}
        open_ones = [line for line, leaf in hidden if leaf not in explained]
        text = "%d entries are withheld: only their hash is here" % len(hidden)
        if not open_ones:
            self.report.ok("withheld", text + ", and an entry tells why for each.")
        elif self.options.allow_withheld:
            self.report.notes.append(text + ", which you allow.")
        else:
            self.report.reservations.append(
                "%s. For %d of them, the first on line %d, no entry in this pack tells why. Ask; "
                "--allow-withheld accepts them." % (text, len(open_ones), open_ones[0])
            )


VERDICTS = {
    VERIFIED: "VERIFIED. Nothing in this pack was altered, added or taken out.",
    RESERVED: "INTACT, WITH A RESERVATION. Nothing was found altered, but read what follows.",
    BROKEN: "BROKEN. Do not rely on this pack.",
}


def tell(report: Report, path: str) -> str:
    """The report in words."""
    out = [VERDICTS[report.code], ""]
    out.append("Pack      %s" % shown(os.path.basename(path)))
    if report.title:
        out.append("About     %s" % report.title)
    if report.broken:
        where = " (line %d of entries.jsonl)" % report.line if report.line else ""
        out += [
            "",
            "First break, at the check of the %s%s:" % (report.step, where),
            "  " + report.broken,
        ]
    if report.reservations:
        out += ["", "Reservations"] + ["  - " + text for text in report.reservations]
    if report.checked:
        out += ["", "Checked"] + ["  ok  %-18s  %s" % row for row in report.checked]
    if report.notes:
        out += ["", "To know"] + ["  - " + text for text in report.notes]
    return "\n".join(out) + "\n"


def main(arguments: Optional[List[str]] = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pack", help="the zip file")
    parser.add_argument(
        "--vkey",
        action="append",
        default=[],
        metavar="KEY",
        help="the log's key, or a file that holds it; may be repeated",
    )
    parser.add_argument("--pinned", metavar="FILE", help="checkpoint.txt of your last audit")
    parser.add_argument(
        "--challenge", metavar="TEXT", help="what you chose before the pack was made"
    )
    parser.add_argument(
        "--expect",
        action="append",
        default=[],
        metavar="LEAF",
        help="a receipt that must be in the pack (64 hex digits); may be repeated",
    )
    parser.add_argument(
        "--witness",
        action="append",
        default=[],
        metavar="KEY",
        help="a witness's key, or a file that holds it; may be repeated",
    )
    parser.add_argument(
        "--quorum",
        type=int,
        default=0,
        metavar="N",
        help="how many of the witnesses must have signed; all, if not given",
    )
    parser.add_argument(
        "--allow-withheld", action="store_true", help="accept lines of which only the hash is left"
    )
    given = parser.parse_args(arguments)
    try:
        pinned = _file(given.pinned) if given.pinned else None
        report = verify(
            given.pack,
            Options(
                vkeys=tuple(_key("--vkey", text) for text in given.vkey),
                pinned=pinned,
                challenge=given.challenge,
                expect=tuple(given.expect),
                witnesses=tuple(_key("--witness", text) for text in given.witness),
                quorum=given.quorum,
                allow_withheld=given.allow_withheld,
            ),
        )
    except Unreadable as error:
        sys.stderr.write("NOT CHECKED. %s\n" % error)
        return UNREADABLE
    _say(tell(report, given.pack))
    return report.code


def _say(text: str) -> None:
    """Print it, whatever the terminal: a character that it lacks does not hide the verdict."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, errors="backslashreplace").decode(encoding))


def _key(option: str, text: str) -> str:
    """The key itself, or that in the file of this name."""
    if "+" in text:
        return text
    try:
        return _file(text).decode(errors="replace").strip()
    except Unreadable:
        raise Unreadable(
            "%s: %r is neither a key (name+8 hex digits+base64) nor a file that can be read."
            % (option, shown(text))
        ) from None


def _file(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(SMALL_MAX)
    except OSError as error:
        raise Unreadable("%s cannot be read: %s." % (shown(path), error.strerror)) from None


if __name__ == "__main__":
    sys.exit(main())
