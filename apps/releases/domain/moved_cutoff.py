"""What another cut-off makes of a plan, in sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from apps.releases.domain.planner.plan import NEVER, Plan

#: A minute after opening, as people read it.
Told = Callable[[int], str]


def moved_cutoff(plan: Plan, was: int, told: Told) -> Iterator[str]:
    """Of a plan under its cut-off of now: until when a way back is left, and what no longer fits
    that fitted while the cut-off was at minute `was`."""
    before = plan.until(was)
    if plan.no_return == NEVER:
        yield "No decision to back out leaves time for it before that."
    else:
        then = "there was none" if before.no_return == NEVER else told(before.no_return)
        yield f"Point of no return: {told(plan.no_return)}, before {then}."
    missed = plan.told_short()
    if not missed:
        yield "Everything that is planned fits."
        return
    is_new = any(fit.holds and not plan.fits[fit.code].holds for fit in before.fits.values())
    yield "What no longer fits:" if is_new else "What does not fit, as it did not before:"
    yield from (f"- {sentence}" for sentence in missed)
