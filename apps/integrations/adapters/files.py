"""Files that come from outside: size, digest, and lines that can be trusted to be text."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from apps.inventory.domain.rows import Place, Problem

MAX_BYTES = 100_000_000
MAX_LINE_BYTES = 1_000_000
BOM = b"\xef\xbb\xbf"


def file_problem(path: Path) -> Problem | None:
    """Why `path` will not be read at all, judged before its content is."""
    place = Place(path.name, 1)
    try:
        if not path.is_file():
            return Problem(place, "", f"There is no file {path}.")
        size = path.stat().st_size
        with path.open("rb"):
            pass
    except OSError as error:
        return Problem(place, "", f"The file cannot be read: {error.strerror or error}.")
    if size > MAX_BYTES:
        return Problem(
            place,
            "",
            f"The file has {size / 1e6:,.0f} MB; {MAX_BYTES / 1e6:,.0f} MB are read at once. "
            f"Split it into several files.",
        )
    return None


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
