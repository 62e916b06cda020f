"""Every reason why a watched job may not be told about."""

from __future__ import annotations

from collections.abc import Iterator

from apps.core.actor import Actor
from apps.core.errors import Blocker
from apps.releases.domain import lifecycle as life
from apps.releases.models import FirstCycleWatch
from apps.releases.policies.reasons import role_blockers, state_blockers
from apps.windows.domain import lifecycle as window_life
from apps.windows.models import ReleaseWindow

LABELS = dict(life.WATCH_STATES)
#: Who tells how a job ended; a scheduler does so with its own account.
WATCHERS = ("release_coordinator", "release_manager", "validator")


def _moment_blockers(watch: FirstCycleWatch) -> Iterator[Blocker]:
    if watch.window.state != window_life.VERIFYING:
        yield Blocker(
            "not_the_moment",
            f"{watch.window.code} is {watch.window.get_state_display().lower()}; its first cycle "
            "is told about while it is verified.",
            "Nothing to do.",
            "nobody",
            kind="state",
        )


def record_cycle_blockers(actor: Actor, watch: FirstCycleWatch) -> Iterator[Blocker]:
    yield from state_blockers(
        watch.job.name, watch.state, life.WATCH_SOURCES["end_well"], LABELS, "given a result"
    )
    if not (actor.kind == "service" and actor.holds("integration")):
        yield from role_blockers(actor, *WATCHERS)
    yield from _moment_blockers(watch)


def accept_cycle_blockers(actor: Actor, watch: FirstCycleWatch) -> Iterator[Blocker]:
    """Who owns the application of the job, or the release manager, lives with what it did."""
    yield from state_blockers(
        watch.job.name, watch.state, life.WATCH_SOURCES["accept"], LABELS, "accepted as it is"
    )
    application = watch.job.application
    scope = f"application:{application.code}" if application else ""
    if not actor.holds("application_owner", scope=scope):
        yield from role_blockers(
            actor, "release_manager",
            fix="Ask a release manager or the owner of the job's application.",
        )  # fmt: skip
    if actor.id is not None and actor.id == watch.recorded_by_id:
        yield Blocker(
            "own_result",
            f"You recorded how {watch.job.name} ended; somebody else accepts it.",
            "Ask the other of the two.",
            "release manager or application owner",
            kind="permission",
        )
    yield from _moment_blockers(watch)


def first_cycle_blockers(window: ReleaseWindow) -> Iterator[Blocker]:
    """Every job of the first cycle has ended as expected, or somebody lives with how it did."""
    rows = FirstCycleWatch.objects.filter(window=window).exclude(state__in=life.WATCH_DONE)
    for watch in rows.select_related("job"):
        yield Blocker(
            "cycle_open",
            f"{watch.job.name} of the first cycle is {watch.get_state_display().lower()}.",
            "Record how it ended, or have its deviation accepted.",
            "release coordinator",
            details={"watch": str(watch.pk)},
        )
