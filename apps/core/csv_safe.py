"""Lists as CSV that a spreadsheet opens without running anything.

A cell is a formula to Excel, LibreOffice or Sheets when it starts with = + - @ or with a control
character before one of them (OWASP, CSV injection). Such text gets an apostrophe in front.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.http import StreamingHttpResponse

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")


def safe_cell(value: Any) -> str:
    """`value` as text that no spreadsheet takes for a formula; numbers stay numbers."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float | Decimal):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    text = str(value)
    return f"'{text}" if text.lstrip(" ").startswith(_DANGEROUS) else text


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The file line by line, CRLF (RFC 4180), starting with a byte order mark for Excel."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)

    def written(cells: Sequence[Any]) -> str:
        writer.writerow([safe_cell(cell) for cell in cells])
        line = buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
        return line

    yield "\ufeff" + written(header)
    for row in rows:
        yield written(row)


def csv_response(
    filename: str, header: Sequence[str], rows: Iterable[Sequence[Any]]
) -> StreamingHttpResponse:
    """A download of `rows`; `filename` without its ending."""
    response = StreamingHttpResponse(
        csv_lines(header, rows), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{filename}.csv"'
    return response
