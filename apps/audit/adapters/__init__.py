"""The reports that tell what really moved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from apps.audit.adapters import endevor_report, job_log, moves_csv
from apps.audit.adapters.lines import Wrong
from apps.audit.domain.moved import Move

#: The text of a file and the zone of its clock → moves, and in their place what cannot be read.
Reader = Callable[[str, ZoneInfo], Iterator[Move | Wrong]]


@dataclass(frozen=True, slots=True)
class Format:
    code: str
    label: str
    read: Reader
    hint: str


#: In the order in which people choose among them.
FORMATS = (
    Format(
        "endevor", "Endevor package report", endevor_report.read,
        "The detail report of packages that were executed, as text.",
    ),
    Format(
        "job_log", "Job log (IEBCOPY)", job_log.read,
        "The output of copy jobs: JESMSGLG and SYSPRINT, as text.",
    ),
    Format(
        "csv", "Table (CSV)", moves_csv.read,
        f"Columns {', '.join(moves_csv.COLUMNS)}; only element and moved_at must be filled.",
    ),
)  # fmt: skip
READERS = {known.code: known for known in FORMATS}
