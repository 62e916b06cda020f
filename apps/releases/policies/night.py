"""What packages and shared steps have to say about the moves of their window."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from apps.core.actor import Actor
from apps.core.errors import Blocker, bad_input
from apps.gates.catalogue.g20_batch import wrong_date
from apps.gates.domain.facts import BatchFacts
from apps.releases.domain import lifecycle as life
from apps.releases.models import Activity, ReleasePackage, ValidationCheck
from apps.releases.policies.activity_facts import business_dates
from apps.releases.policies.first_cycle import first_cycle_blockers
from apps.releases.policies.package import decide_blockers
from apps.releases.policies.package_facts import work_of
from apps.releases.policies.reasons import role_blockers
from apps.releases.policies.roster import primary_blockers
from apps.windows import policies as window_rules
from apps.windows.models import ReleaseWindow

LABELS = dict(life.PACKAGE_STATES)
TO_DECIDE = (life.IN_PROGRESS, life.VALIDATING)


def packages_of(window: ReleaseWindow, *states: str) -> list[ReleasePackage]:
    rows = ReleasePackage.objects.filter(window=window).select_related("window").order_by("pk")
    return list(rows.filter(state__in=states) if states else rows)


def _in_state(window: ReleaseWindow, *states: str, code: str, fix: str) -> Iterator[Blocker]:
    for package in packages_of(window, *states):
        yield Blocker(
            code,
            f"{package.code} is {LABELS[package.state].lower()}.",
            fix,
            "release coordinator",
            details={"package": package.code},
        )


def start_window_blockers(actor: Actor, window: ReleaseWindow) -> Iterator[Blocker]:
    yield from window_rules.start_blockers(actor, window)
    if not packages_of(window, life.READY):
        yield Blocker("nothing_ready", f"No package of {window.code} is ready.",
                      "Confirm at least one package ready.", "release coordinator")  # fmt: skip
    yield from primary_blockers(window)


def batch_hold_blockers(
    window: ReleaseWindow, *, confirmed: bool, told: date | None = None
) -> Iterator[Blocker]:
    """The batch is held by a planned step, or somebody confirmed that it is, for the business date
    `told`, which has to be the next one as far as a rule tells that."""
    steps = Activity.objects.filter(type="HOLD_JOB", is_backout=False)
    planned = steps.filter(window=window) | steps.filter(package__window=window)
    if planned.exists():
        return
    if confirmed:
        if wrong := wrong_date(BatchFacts(expected=business_dates(window.pk)), told):
            yield bad_input(
                "business_date", f"{wrong[:1].upper()}{wrong[1:]}",
                "Look at the scheduler, have its date put right, and enter it.", "wrong_date",
            )  # fmt: skip
    else:
        yield Blocker(
            "batch_not_held",
            "No step holds the batch jobs.",
            "Plan a step that holds them, or confirm that they are held.",
            "release coordinator",
            field="batch_held",
        )


def go_no_go_blockers(actor: Actor, window: ReleaseWindow) -> Iterator[Blocker]:
    """Whether the packages of the window that wait for it may be decided on together."""
    if window.state != "in_progress":
        yield Blocker(
            "wrong_state",
            f"{window.code} is {window.get_state_display().lower()}; it is decided on while it "
            "is in progress.",
            "Start the window first.",
            "release coordinator",
            kind="state",
        )
    waiting = packages_of(window, *TO_DECIDE)
    if not waiting:
        yield from role_blockers(actor, "release_manager")
        yield Blocker("nothing_to_decide", f"No package of {window.code} waits for a decision.",
                      "Start a package first.", "release coordinator")  # fmt: skip
    seen: set[tuple[str, str]] = set()
    for package in waiting:
        for blocker in decide_blockers(actor, package):
            if (blocker.code, blocker.text) not in seen:
                seen.add((blocker.code, blocker.text))
                yield blocker
    yield from open_go_checks(window)


def open_go_checks(window: ReleaseWindow) -> Iterator[Blocker]:
    """Checks of the whole window on which a decision rests."""
    checks = ValidationCheck.objects.filter(
        window=window, phase="go_decision", mandatory=True, state__in=[life.PLANNED, life.RUNNING]
    ).select_related("team")
    for check in checks:
        yield Blocker("check_open", f"Check {check.code} {check.title} has no result.",
                      "Record its result.", f"team {check.team}")  # fmt: skip


def hand_back_blockers(actor: Actor, window: ReleaseWindow) -> Iterator[Blocker]:
    yield from window_rules.hand_back_blockers(actor, window)
    yield from _in_state(
        window, *life.LIVE, code="package_live", fix="Complete it, fail it, or back it out."
    )
    yield from _in_state(window, life.READY, code="package_not_run", fix="Start it, or delay it.")
    for step in Activity.objects.filter(
        window=window, mandatory=True, is_backout=False
    ).exclude(state__in=life.ENDED_STEP).select_related("team"):  # fmt: skip
        yield Blocker(
            "step_open",
            f"Shared step {step.label} {step.title} is {step.get_state_display().lower()}.",
            "Complete it, or have the release manager skip it.",
            f"team {step.team}",
        )


def close_window_blockers(actor: Actor, window: ReleaseWindow) -> Iterator[Blocker]:
    yield from window_rules.close_blockers(actor, window)
    yield from _in_state(
        window, life.PLANNED, life.READY, *life.LIVE, code="package_open", fix="Settle it first."
    )
    for check in ValidationCheck.objects.filter(
        window=window, phase="first_cycle", mandatory=True
    ).exclude(state__in=life.GOOD_CHECK).select_related("team"):  # fmt: skip
        yield Blocker(
            "check_open",
            f"Check {check.code} {check.title} is {check.get_state_display().lower()}.",
            "Record its result; an application owner may accept a deviation.",
            f"team {check.team}",
        )
    yield from first_cycle_blockers(window)


def cancel_window_blockers(actor: Actor, window: ReleaseWindow) -> Iterator[Blocker]:
    yield from window_rules.cancel_blockers(actor, window)


def abort_window_blockers(actor: Actor, window: ReleaseWindow) -> Iterator[Blocker]:
    """A night is given up only when nothing altered is left behind."""
    yield from window_rules.abort_blockers(actor, window)
    yield from _in_state(
        window, life.VALIDATING, life.BACKING_OUT, code="package_live",
        fix="Complete it or finish its backout.",
    )  # fmt: skip
    for package in packages_of(window, life.IN_PROGRESS):
        work = work_of(package)
        if work.altered or work.running:
            yield Blocker(
                "altered",
                f"{package.code} has altered production or is doing so.",
                "Back it out first.",
                "release manager",
                details={"package": package.code},
            )
