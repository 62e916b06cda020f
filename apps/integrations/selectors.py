"""Read imports."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.cache import cache

from apps.integrations.models import ImportRun
from apps.inventory.domain.rows import KINDS, Kind

PROGRESS_KEY = "integrations:import:{}"
#: What an import is at → which part of the bar it fills, in percent.
_SPANS = {
    "rows": (0, 50),
    "rows compared": (50, 60),
    "assets entered": (60, 80),
    "assets changed": (80, 85),
    "relations entered": (85, 98),
}
#: About how long a row is in a file, for files that nobody has counted yet.
_BYTES_A_ROW = 80


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a worker is: a sentence and a percentage."""

    sentence: str
    percent: int


def progress_of(run: ImportRun) -> Progress:
    """A guess for somebody who waits; it never reaches 100 before the import has ended."""
    if not run.is_busy:
        return Progress(run.get_state_display(), 100)
    told = cache.get(PROGRESS_KEY.format(run.pk))
    if not told:
        return Progress("Waiting for a worker", 0)
    what, done = told["what"], told["done"]
    begin, end = _SPANS.get(what, (98, 99))
    share = min(1.0, done / max(1, _expected(run, what)))
    return Progress(f"{done:,} {what}", round(begin + (end - begin) * share))


def _expected(run: ImportRun, what: str) -> int:
    """How many there will be, as far as the preview counted them."""
    count = run.report.get("count", {})
    return {
        "rows": run.report.get("rows", run.size // _BYTES_A_ROW),
        "assets entered": count.get("assets_created", 0),
        "assets changed": count.get("assets_changed", 0),
        "relations entered": run.report.get("rows", 0),
    }.get(what, 1)


@dataclass(frozen=True, slots=True)
class Told:
    """One kind of change in a report: how many, and the first of them in words."""

    kind: Kind
    count: int
    lines: list[str]

    @property
    def more(self) -> int:
        return self.count - len(self.lines) if self.lines else 0


def told_of(run: ImportRun) -> list[Told]:
    """The kinds of change that the run's report counts, those without any left out."""
    count, lines = run.report.get("count", {}), run.report.get("lines", {})
    return [
        Told(kind, count[kind.code], lines.get(kind.code, []))
        for kind in KINDS
        if count.get(kind.code)
    ]
