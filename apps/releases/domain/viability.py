"""Whether a package can still be taken back once its night is over, and what stands against it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Word = Literal["viable", "degraded", "dead"]


@dataclass(frozen=True, slots=True)
class Since:
    """What has happened since the package completed.

    `kept_until` is when what the way back rests on is given up. `later` are (asset, package) that
    changed an asset of it again, `final` the labels of done steps that nothing undoes.
    """

    now: datetime
    kept_until: datetime | None
    strategy: str = ""
    plan_state: str = ""
    data_written: str = "none"
    batch_ran: bool = False
    committed_at: datetime | None = None
    scm_package: str = ""
    later: tuple[tuple[str, str], ...] = ()
    final: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cause:
    word: Word
    text: str


@dataclass(frozen=True, slots=True)
class Viability:
    """`word` is that of the worst cause; without one the way back is viable."""

    word: Word
    causes: tuple[Cause, ...]


def viability(since: Since) -> Viability:
    causes = tuple(_causes(since))
    words = {cause.word for cause in causes}
    word: Word = "dead" if "dead" in words else "degraded" if words else "viable"
    return Viability(word, tuple(sorted(causes, key=lambda cause: cause.word != "dead")))


def _causes(since: Since) -> Iterator[Cause]:
    if since.strategy in ("", "none", "fix_forward"):
        yield Cause("dead", "There is no plan to take it back.")
    if since.plan_state == "failed":
        yield Cause("dead", "Its backout was tried and failed.")
    elif since.plan_state == "invalid":
        yield Cause("degraded", "Its backout plan is invalid: the package changed after it.")
    if since.kept_until is not None and since.now > since.kept_until:
        yield Cause("dead", "Its warranty is over: the backups are no longer kept.")
    if since.committed_at is not None and since.committed_at <= since.now:
        name = since.scm_package or "The package"
        yield Cause("dead", f"{name} is committed: its backout data is removed.")
    for asset, package in since.later:
        yield Cause(
            "degraded", f"{asset} was changed again by {package}, which has to be backed out first."
        )
    if since.batch_ran and since.data_written == "recoverable":
        yield Cause("degraded", "Data was written since; it has to be recovered after the restore.")
    elif since.batch_ran and since.data_written == "lost":
        yield Cause("degraded", "Data was written since; a restore loses it.")
    for label in since.final:
        yield Cause("degraded", f"Step {label} cannot be undone; something has to make up for it.")
