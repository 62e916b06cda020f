"""The files of exhibits: kept once by their sha256 in a private folder, checked when read.

A file is there before the record that tells of it; when that record is refused after all, the
file stays and nobody can reach it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO, Protocol

from django.conf import settings

from apps.core.errors import Blocker, Refused, bad_input
from apps.core.text import text_blockers

MAX_BYTES = 25_000_000
NAME_MAX = 120
_PIECE = 1 << 16
_ZIP, _NONE = (b"PK\x03\x04",), ()
#: Ending → content type, and how its bytes begin; a text has no bytes of value 0.
TYPES: dict[str, tuple[str, tuple[bytes, ...]]] = {
    ".pdf": ("application/pdf", (b"%PDF-",)),
    ".png": ("image/png", (b"\x89PNG\r\n\x1a\n",)),
    ".jpg": ("image/jpeg", (b"\xff\xd8\xff",)),
    ".jpeg": ("image/jpeg", (b"\xff\xd8\xff",)),
    ".zip": ("application/zip", _ZIP),
    ".xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _ZIP),
    ".docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", _ZIP),
    ".txt": ("text/plain; charset=utf-8", _NONE),
    ".log": ("text/plain; charset=utf-8", _NONE),
    ".csv": ("text/csv; charset=utf-8", _NONE),
    ".json": ("application/json", _NONE),
    ".xml": ("application/xml", _NONE),
}


class Upload(Protocol):
    """A file as a browser hands it over."""

    @property
    def name(self) -> str | None: ...

    @property
    def size(self) -> int | None: ...

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]: ...


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that is kept: under which digest, and as what."""

    sha256: str
    name: str
    content_type: str
    size: int


def upload_blockers(upload: Upload) -> Iterator[Blocker]:
    """What its name and its size say against a file, before it is read."""
    name = _name_of(upload)
    yield from text_blockers("file", name, required=True, longest=NAME_MAX, label="File name")
    if Path(name).suffix.lower() not in TYPES:
        yield bad_input(
            "file", f"{name[:60]!r} is of no kind that is kept.",
            f"Choose one that ends in {', '.join(TYPES)}.", "wrong_type",
        )  # fmt: skip
    if (upload.size or 0) > MAX_BYTES:
        yield _too_large()
    if upload.size == 0:
        yield bad_input("file", "The file is empty.", "Choose another.", "empty_file")


def store_file(upload: Upload) -> Stored:
    """Keep the bytes piece by piece; the same bytes are kept once. Raises Refused for what is
    larger than told, or not of the kind that its name tells."""
    name = _name_of(upload)
    content_type, beginnings = TYPES[Path(name).suffix.lower()]
    folder = _folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with NamedTemporaryFile(dir=folder, prefix=".part-", delete=False) as part:
        try:
            for piece in upload.chunks(_PIECE):
                if not size and beginnings and not piece.startswith(beginnings):
                    raise Refused(_other_kind(name))
                if not beginnings and b"\x00" in piece:
                    raise Refused(_other_kind(name))
                size += len(piece)
                if size > MAX_BYTES:
                    raise Refused(_too_large())
                digest.update(piece)
                part.write(piece)
            part.flush()
            os.fsync(part.fileno())
            _keep(Path(part.name), digest.hexdigest())
        finally:
            Path(part.name).unlink(missing_ok=True)
    return Stored(digest.hexdigest(), name, content_type, size)


def _keep(part: Path, sha256: str) -> None:
    """Put the file in its place, also where one lies that is not what it should be."""
    place = path_of(sha256)
    place.parent.mkdir(mode=0o700, exist_ok=True)
    if not (place.is_file() and _digest_of(place) == sha256):
        part.chmod(0o400)
        part.replace(place)


def open_file(sha256: str) -> BinaryIO:
    """The file, from its beginning, after its bytes were checked against the digest.

    Raises Refused when it is gone or was altered: it proves nothing any more.
    """
    try:
        file = path_of(sha256).open("rb")
    except OSError:
        raise Refused(_damaged("file_missing", "The file is not in its place any more.")) from None
    if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
        file.close()
        raise Refused(_damaged("file_altered", "The file is not the one that was handed in."))
    file.seek(0)
    return file


def remove_file(sha256: str) -> bool:
    """Whether there was one to remove."""
    try:
        path_of(sha256).unlink()
    except FileNotFoundError:
        return False
    return True


def path_of(sha256: str) -> Path:
    """Where the bytes of this digest lie."""
    return _folder() / sha256[:2] / sha256


def _folder() -> Path:
    return Path(settings.INTERLOCK_EXHIBITS_DIR)


def _digest_of(place: Path) -> str:
    with place.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _name_of(upload: Upload) -> str:
    """The bare name: browsers and callers may send a path."""
    return (upload.name or "").replace("\\", "/").rpartition("/")[2].strip()


def _too_large() -> Blocker:
    return bad_input(
        "file", f"A file holds at most {MAX_BYTES // 1_000_000} MB.",
        "Hand in the part that proves it, or a link.", "too_large",
    )  # fmt: skip


def _other_kind(name: str) -> Blocker:
    return bad_input(
        "file", f"{name[:60]!r} does not hold what its name tells.",
        "Name it by what it is.", "wrong_type",
    )  # fmt: skip


def _damaged(code: str, text: str) -> Blocker:
    return Blocker(
        code, text, "Hand in the same file again, and have an auditor look at it.", "auditor"
    )
