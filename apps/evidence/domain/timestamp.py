"""Question and answer of a time-stamp authority (RFC 3161), as far as DER is needed for them.

Whether the token's signature is good is for whoever relies on it: `openssl ts -verify`.
"""

from __future__ import annotations

import hashlib

_SHA256 = bytes.fromhex("300d06096086480165030402010500")  # AlgorithmIdentifier {sha256, NULL}
_SEQUENCE, _INTEGER, _OCTETS, _BOOLEAN = 0x30, 0x02, 0x04, 0x01


class TimestampError(ValueError):
    """The authority refused, or answered something else than was asked."""


def timestamp_query(content: bytes, nonce: int) -> bytes:
    """A TimeStampReq for the sha256 of `content` that asks for the authority's certificate."""
    imprint = _der(_SEQUENCE, _SHA256 + _der(_OCTETS, hashlib.sha256(content).digest()))
    return _der(_SEQUENCE, _number(1) + imprint + _number(nonce) + _der(_BOOLEAN, b"\xff"))


def timestamp_token(reply: bytes, content: bytes, nonce: int) -> bytes:
    """The token in a TimeStampResp, which is about `content` and answers this `nonce`.

    Raises TimestampError.
    """
    tag, inner, rest = _read(reply)
    if tag != _SEQUENCE or rest:
        raise TimestampError("The answer is no timestamp response.")
    tag, status, token = _read(inner)
    tag, value, _ = _read(status)
    if tag != _INTEGER or int.from_bytes(value, "big") not in (0, 1):
        raise TimestampError("The authority refused.")
    if not token or hashlib.sha256(content).digest() not in token or _number(nonce) not in token:
        raise TimestampError("The token is about something else.")
    return token


def _number(value: int) -> bytes:
    return _der(_INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def _read(raw: bytes) -> tuple[int, bytes, bytes]:
    """Tag, content and what follows."""
    if len(raw) < 2:
        raise TimestampError("The answer ends early.")
    size, start = raw[1], 2
    if size & 0x80:
        start += size & 0x7F
        size = int.from_bytes(raw[2:start], "big")
    if len(raw) < start + size:
        raise TimestampError("The answer ends early.")
    return raw[0], raw[start : start + size], raw[start + size :]
