"""Files that people handed in, as attachments that no browser guesses at or runs."""

from __future__ import annotations

from typing import BinaryIO

from django.http import FileResponse


def attachment(file: BinaryIO, name: str, content_type: str) -> FileResponse:
    """The file under its name and its stored type, kept by no cache."""
    response = FileResponse(file, as_attachment=True, filename=name, content_type=content_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response
