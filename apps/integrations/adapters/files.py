"""Files that come from outside: size, digest, and lines that can be trusted to be text."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from apps.inventory.domain.rows import Place, Problem

MAX_BYTES = 100_000_000
MAX_LINE_BYTES = 1_000_000
BOM = b"\xef\xbb\xbf"
HEAD_BYTES = 4_096
EBCDIC = "The bytes are EBCDIC. Transfer the file from the mainframe again, as text, not as binary."

_EBCDIC_BLANK = b"\x40"
#: Letters, digits and the blank of EBCDIC code pages.
_EBCDIC_TEXT = re.compile(rb"[\x40\x81-\x89\x91-\x99\xa2-\xa9\xc1-\xc9\xd1-\xd9\xe2-\xe9\xf0-\xf9]")
#: How a file begins → what it looks like.
_LOOKS = (
    (b"PK\x03\x04", "a ZIP file, such as an XLSX workbook"),
    (b"<", "XML"),
    (b"{", "JSON"),
    (b"[", "JSON"),
)


def file_problem(path: Path) -> Problem | None:
    """Why `path` will not be read at all, judged before its lines are."""
    place = Place(path.name, 1)
    try:
        if not path.is_file():
            return Problem(place, "", f"There is no file {path}.")
        size = path.stat().st_size
        head = head_of(path)
    except OSError as error:
        return Problem(place, "", f"The file cannot be read: {error.strerror or error}.")
    if size > MAX_BYTES:
        return Problem(
            place,
            "",
            f"The file has {size / 1e6:,.0f} MB; {MAX_BYTES / 1e6:,.0f} MB are read at once. "
            f"Split it into several files.",
        )
    if not head.removeprefix(BOM).strip():
        return Problem(place, "", "The file is empty.")
    return Problem(place, "", EBCDIC) if is_ebcdic(head) else None


def head_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)


def usable(paths: Sequence[Path], problems: list[Problem]) -> list[Path]:
    """Those of `paths` that can be read; why not for the others, added to `problems`."""
    found = [(path, file_problem(path)) for path in paths]
    problems.extend(problem for _path, problem in found if problem)
    return [path for path, problem in found if problem is None]


def is_ebcdic(head: bytes) -> bool:
    """Most of it is letters, digits and blanks in EBCDIC, where almost nothing of ASCII is."""
    if len(head) < 16 or b" " in head or head.count(_EBCDIC_BLANK) * 20 < len(head):
        return False
    return len(_EBCDIC_TEXT.findall(head)) * 10 > len(head) * 7


def looks_like(path: Path) -> str:
    """What the file seems to be, for somebody who chose another format."""
    head = head_of(path).removeprefix(BOM).lstrip()
    return next((what for start, what in _LOOKS if head.startswith(start)), "plain text")


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def decoding_problem(place: Place, raw: bytes, error: UnicodeDecodeError) -> Problem:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        found = "it looks like UTF-16"
    else:
        found = f"byte 0x{raw[error.start]:02X} at position {error.start + 1}"
    return Problem(place, "", f"This is not UTF-8 ({found}). Save the file as UTF-8.")


def text_lines(path: Path) -> Iterator[str | Problem]:
    """The file's lines, a Problem in the place of one that is no text; a UTF-8 BOM is dropped."""
    with path.open("rb") as file:
        number = 0
        while raw := file.readline(MAX_LINE_BYTES + 1):
            number += 1
            place = Place(path.name, number)
            if len(raw) > MAX_LINE_BYTES:
                yield Problem(place, "", f"The line is longer than {MAX_LINE_BYTES:,} bytes.")
                return
            if number == 1:
                raw = raw.removeprefix(BOM)
            try:
                line = raw.decode()
            except UnicodeDecodeError as error:
                yield decoding_problem(place, raw, error)
                continue
            if "\x00" in line:
                yield Problem(place, "", "The line holds a NUL character.")
            else:
                yield line
