"""Signed notes and the checkpoint of a log (c2sp.org/signed-note, c2sp.org/tlog-checkpoint).

A note is a text, a blank line and signature lines "— name base64(key id || signature)". Keys are
Ed25519 (type 0x01): the key id is the first four bytes of sha256(name || "\\n" || 0x01 || public).
A verifier key is written "name+id+base64(0x01 || public)", a signing key, as Go's tools do,
"PRIVATE+KEY+name+id+base64(0x01 || seed)".
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ED25519 = b"\x01"
NOTE_MAX = 1_000_000
SIGNATURES_MAX = 100
_DASH = "— "
_PRIVATE = "PRIVATE+KEY+"


class NoteError(ValueError):
    """The note, the key or the checkpoint is not what it has to be; the message tells why."""


@dataclass(frozen=True, slots=True)
class VerifierKey:
    name: str
    public: bytes

    def __post_init__(self) -> None:
        if not _is_name(self.name):
            raise NoteError("The name of a key is a text without spaces and plus signs.")
        if len(self.public) != 32:
            raise NoteError("An Ed25519 key has 32 bytes.")

    @property
    def key_id(self) -> bytes:
        told = self.name.encode() + b"\n" + ED25519 + self.public
        return hashlib.sha256(told).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{_text64(ED25519 + self.public)}"

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        name, _, rest = text.partition("+")
        key_id, _, encoded = rest.partition("+")
        raw = _bytes64(encoded)
        if raw[:1] != ED25519:
            raise NoteError("The key is not an Ed25519 verifier key.")
        key = cls(name, raw[1:])
        if key.key_id.hex() != key_id:
            raise NoteError("The id of the key does not fit its name and bytes.")
        return key

    def verifies(self, text: str, signature: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class SigningKey:
    name: str
    seed: bytes = field(repr=False)

    @classmethod
    def generate(cls, name: str) -> SigningKey:
        return cls(name, Ed25519PrivateKey.generate().private_bytes_raw())

    @property
    def verifier(self) -> VerifierKey:
        public = Ed25519PrivateKey.from_private_bytes(self.seed).public_key()
        return VerifierKey(self.name, public.public_bytes(Encoding.Raw, PublicFormat.Raw))

    def sign(self, text: str) -> Signature:
        signature = Ed25519PrivateKey.from_private_bytes(self.seed).sign(text.encode())
        return Signature(self.name, self.verifier.key_id, signature)

    @property
    def secret_text(self) -> str:
        """The key as its file keeps it. It is never part of `repr` or of an error."""
        encoded = _text64(ED25519 + self.seed)
        return f"{_PRIVATE}{self.name}+{self.verifier.key_id.hex()}+{encoded}"

    @classmethod
    def parse(cls, text: str) -> SigningKey:
        if not text.startswith(_PRIVATE):
            raise NoteError("The key is not a signing key.")
        name, _, rest = text.removeprefix(_PRIVATE).partition("+")
        key_id, _, encoded = rest.partition("+")
        raw = _bytes64(encoded)
        if raw[:1] != ED25519 or len(raw) != 33:
            raise NoteError("The key is not an Ed25519 signing key.")
        key = cls(name, raw[1:])
        if key.verifier.key_id.hex() != key_id:
            raise NoteError("The id of the key does not fit its name and bytes.")
        return key


@dataclass(frozen=True, slots=True)
class Signature:
    name: str
    key_id: bytes
    signature: bytes

    def __str__(self) -> str:
        return f"{_DASH}{self.name} {_text64(self.key_id + self.signature)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """`text` ends with a newline; nobody may believe it before `verified_by` was asked."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(map(str, self.signatures))

    @classmethod
    def parse(cls, raw: str) -> Note:
        """Raises NoteError when it has not the form of a signed note."""
        if len(raw) > NOTE_MAX or any(char < " " and char != "\n" for char in raw):
            raise NoteError("The note is too long or has control characters.")
        text, blank, lines = raw.rpartition("\n\n")
        if not blank or not lines.endswith("\n"):
            raise NoteError("The note has no signatures.")
        signatures = tuple(_parsed_line(line) for line in lines[:-1].split("\n"))
        if len(signatures) > SIGNATURES_MAX:
            raise NoteError("The note has too many signatures.")
        return cls(text + "\n", signatures)

    def verified_by(self, keys: Iterable[VerifierKey]) -> tuple[VerifierKey, ...]:
        """Which of the known `keys` signed it. Signatures of other keys are ignored.

        Raises NoteError when none did, or when the signature of a known one is wrong.
        """
        known = {(key.name, key.key_id): key for key in keys}
        found: dict[tuple[str, bytes], VerifierKey] = {}
        for line in self.signatures:
            key = known.get((line.name, line.key_id))
            if key is None:
                continue
            if not key.verifies(self.text, line.signature):
                raise NoteError(f"The signature of {key.name}+{key.key_id.hex()} is wrong.")
            found[line.name, line.key_id] = key
        if not found:
            raise NoteError("No known key signed the note.")
        return tuple(found.values())


def sign_note(text: str, *keys: SigningKey) -> Note:
    """`text` signed by each of `keys`, one line each, in their order."""
    if not keys:
        raise NoteError("A note needs a key that signs it.")
    if not text.endswith("\n"):
        raise NoteError("The text of a note ends with a newline.")
    note = Note(text, tuple(key.sign(text) for key in keys))
    return Note.parse(str(note))


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a log: whose it is, how many leaves it has, and the root over them."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{_text64(self.root)}\n"

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """From the text of a note; extension lines are let pass. Raises NoteError."""
        lines = text.split("\n")
        if len(lines) < 4 or lines[-1] or not all(lines[:-1]):
            raise NoteError("A checkpoint has three lines: origin, size and root.")
        origin, size, root = lines[:3]
        is_number = size.isascii() and size.isdigit()
        if not is_number or len(size) > 20 or str(int(size)) != size:
            raise NoteError("The size of a checkpoint is a whole number.")
        hashed = _bytes64(root)
        if len(hashed) != 32:
            raise NoteError("The root of a checkpoint has 32 bytes.")
        return cls(origin, int(size), hashed)


def _parsed_line(line: str) -> Signature:
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not _is_name(name):
        raise NoteError("A signature line is a dash, a name and a signature.")
    raw = _bytes64(encoded)
    if len(raw) < 5:
        raise NoteError("A signature is too short.")
    return Signature(name, raw[:4], raw[4:])


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(char.isspace() for char in name)


def _text64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _bytes64(text: str) -> bytes:
    """Strict: one text for one value, so that a note cannot be varied and still verify."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NoteError("Something is not base64.") from None
    if _text64(raw) != text:
        raise NoteError("Something is not base64 in its one form.")
    return raw
