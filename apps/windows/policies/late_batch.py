"""Every reason against a report of how the batch stands to its plan."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker, bad_input
from apps.windows.domain import lifecycle as life
from apps.windows.domain.cutoff import LATE_MOST
from apps.windows.models import Cutoff, ReleaseWindow
from apps.windows.policies.window import PLANNERS, moment_blockers, role_blockers

REPORTERS = (*PLANNERS, "integration")
#: States in which the batch of a window can be reported.
REPORTABLE = (life.OPEN, life.LOCKED, life.IN_PROGRESS)


def batch_cutoffs(window: ReleaseWindow) -> list[Cutoff]:
    """The cut-offs of the window at which a batch cycle begins."""
    return [c for c in window.cutoffs.all() if c.kind == Cutoff.Kind.BATCH_START]


def report_blockers(actor: Actor, window: ReleaseWindow) -> Iterator[Blocker]:
    if window.state not in REPORTABLE:
        wanted = " or ".join(life.LABELS[state].lower() for state in REPORTABLE)
        yield Blocker(
            "wrong_state",
            f"{window.code} is {life.LABELS[window.state].lower()}; its batch is reported while "
            f"it is {wanted}.",
            "Nothing to do.",
            "nobody",
            kind="state",
        )
    yield from role_blockers(actor, REPORTERS)
    if not batch_cutoffs(window):
        yield Blocker(
            "no_batch",
            f"{window.code} has no cut-off at which a batch begins.",
            "Enter the start of the batch as a cut-off.",
            "release manager",
            field="cutoffs",
        )


def report_input_blockers(
    window: ReleaseWindow, cutoff: str, minutes: int | None, starts_at: datetime | None
) -> Iterator[Blocker]:
    """Whether it is said of which batch, and how it stands, once."""
    found = batch_cutoffs(window)
    if cutoff and cutoff not in {str(c.pk) for c in found}:
        yield bad_input("cutoff", "This is no batch of the window.", "Choose one of the list.")
    elif not cutoff and len(found) > 1:
        told = ", ".join(c.label for c in found)
        yield bad_input("cutoff", "It has more than one batch.", f"Choose of {told}.", "required")
    if (minutes is None) == (starts_at is None):
        yield bad_input(
            "minutes",
            "Tell how many minutes late the batch is, or when it starts: one of the two.",
            "Enter one, and leave the other empty.",
            "one_of_two",
        )
    if minutes is not None and abs(minutes) > LATE_MOST / timedelta(minutes=1):
        yield bad_input("minutes", "No batch is more than a day late.", "Enter fewer minutes.")
    if starts_at is not None:
        yield from moment_blockers("starts_at", starts_at, window.zone)
        if starts_at.tzinfo is not None and not clock.is_conceivable(starts_at):
            yield bad_input("starts_at", "This is no time that can be.")


def expected_blockers(window: ReleaseWindow, planned: Cutoff, at: datetime) -> Iterator[Blocker]:
    if abs(at - planned.at) > LATE_MOST:
        yield bad_input("starts_at", "No batch is more than a day off its time.")
    elif at <= window.opens_at:
        yield bad_input(
            "starts_at",
            "The batch would start before the window opens; nothing of the window is left.",
            "Cancel the window, or move it.",
            "outside_window",
        )
