"""Rows of a CSV file with a header, each with its line; one that is broken is a Problem."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from apps.integrations.adapters.files import text_lines
from apps.inventory.domain.rows import Place, Problem


class CsvRow(NamedTuple):
    """`cells` by column, without outer blanks."""

    place: Place
    cells: dict[str, str]


def header_of(path: Path) -> tuple[str, ...] | Problem:
    """The columns in lower case; () where the first line holds none."""
    line = next(text_lines(path), "")
    if isinstance(line, Problem):
        return line
    try:
        cells = next(csv.reader([line]), [])
    except csv.Error:
        return ()
    return tuple(cell.strip().lower() for cell in cells)


def found_header(header: Sequence[str]) -> str:
    """The header as a message shows it."""
    return ",".join(header)[:120] if any(header) else "an empty line"


def csv_rows(path: Path, columns: Sequence[str]) -> Iterator[CsvRow | Problem]:
    """Everything below the header."""
    problems: list[Problem] = []

    def lines() -> Iterator[str]:
        for line in text_lines(path):
            if isinstance(line, Problem):
                problems.append(line)
                yield "\n"
            else:
                yield line

    reader = csv.reader(lines(), strict=True)
    while True:
        before = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            problems.append(Problem(Place(path.name, before), "", f"Broken CSV: {error}."))
            cells = []
        yield from problems
        problems.clear()
        if not cells or reader.line_num == 1:
            continue
        place = Place(path.name, before)
        if len(cells) != len(columns):
            yield Problem(
                place, "", f"{len(columns)} columns are expected; this row has {len(cells)}."
            )
            continue
        yield CsvRow(place, {name: cell.strip() for name, cell in zip(columns, cells, strict=True)})
    yield from problems
