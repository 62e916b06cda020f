"""Sheets of an XLSX workbook as rows of text. Its size is judged before anything is unpacked."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from apps.integrations.adapters.csv_rows import CsvRow
from apps.inventory.domain.rows import Place, Problem

#: A zip bomb is small until it is unpacked.
MAX_UNPACKED_BYTES = 500_000_000
MAX_MEMBERS = 1_000
MAX_COLUMNS = 40
#: Blank rows after which a sheet is taken to have ended: a formatted sheet has a million of them.
MAX_BLANK_ROWS = 1_000
#: What reading a workbook raises that is cut, patched by hand, or holds entities in its XML.
BROKEN = (BadZipFile, InvalidFileException, LookupError, OSError, SyntaxError, TypeError,
          ValueError, zlib.error)  # fmt: skip


def workbook_problem(path: Path) -> Problem | None:
    place = Place(path.name, 1)
    try:
        with ZipFile(path) as archive:
            members = archive.infolist()
    except (BadZipFile, OSError, ValueError, NotImplementedError):
        return Problem(place, "", "This is no XLSX workbook, or a part of it is missing.")
    unpacked = sum(member.file_size for member in members)
    if len(members) > MAX_MEMBERS or unpacked > MAX_UNPACKED_BYTES:
        return Problem(
            place,
            "",
            f"The workbook unpacks to {unpacked / 1e6:,.0f} MB in {len(members):,} parts; "
            f"{MAX_UNPACKED_BYTES / 1e6:,.0f} MB in {MAX_MEMBERS:,} are read. Split it.",
        )
    return None


def sheets(path: Path) -> Iterator[tuple[tuple[str, ...], Iterator[CsvRow | Problem], Place]]:
    """(header, rows, where it begins) of each sheet that is not blank.

    Read a sheet's rows before the next sheet. Raises one of BROKEN, at any row.
    """
    with closing(load_workbook(path, read_only=True, data_only=True)) as book:
        for sheet in book.worksheets:
            where = f"{path.name} [{sheet.title}]"
            # A sheet may claim any size; openpyxl would make up blank cells to fill it.
            sheet.reset_dimensions()
            lines = enumerate(sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS), start=1)
            number, cells = next(lines, (1, ()))
            header = tuple(str(cell or "").strip().lower() for cell in cells)
            while header and not header[-1]:
                header = header[:-1]
            if header:
                yield header, _rows(where, header, lines), Place(where, number)


def _rows(
    where: str, header: Sequence[str], lines: Iterator[tuple[int, Sequence[Any]]]
) -> Iterator[CsvRow | Problem]:
    blank = 0
    for number, values in lines:
        if all(value is None for value in values):
            blank += 1
            if blank > MAX_BLANK_ROWS:
                return
            continue
        blank = 0
        place = Place(where, number)
        cells, wrong = {}, False
        padded = (*values, *[None] * len(header))
        for name, value in zip(header, islice(padded, len(header)), strict=True):
            text = _text(value)
            if text is None:
                wrong = True
                reason = f"{value!r} is a number in this cell. Format the column as text."
                yield Problem(place, name, reason)
            else:
                cells[name] = text
        if not wrong:
            yield CsvRow(place, cells)


def _text(value: Any) -> str | None:
    """The cell as text; None for a number that may have lost what was typed: 1.10 became 1.1."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else None
    return str(value).strip()
