"""The moves of a waiver, and those of a package that ask for one."""

from __future__ import annotations

from typing import Any

from apps.approvals.moves import Questions
from apps.core import clock
from apps.core.moves import Move, MoveField
from apps.gates.domain import waiver as life
from apps.gates.models import ReadinessItem, Waiver
from apps.gates.selectors import UNMET, items_of
from apps.releases.domain.lifecycle import PLANNED
from apps.releases.models import ReleasePackage
from apps.releases.policies import waiver as rules
from apps.releases.services import waivers
from apps.windows.domain.lifecycle import LOCKED
from apps.windows.models import ReleaseWindow


def _seal(waiver: Waiver) -> str:
    return waiver.content_digest()


WAIVER_MOVES = (
    Move(
        "approve",
        "Approve",
        service=waivers.approve_waiver,
        blockers=rules.sign_blockers,
        sources=life.SOURCES["approve"],
        tone="main",
        step_up=True,
        seal=_seal,
    ),
    Move(
        "refuse",
        "Refuse",
        service=waivers.refuse_waiver,
        blockers=rules.sign_blockers,
        sources=life.SOURCES["refuse"],
        comment="required",
        comment_label="Reason",
        tone="danger",
        step_up=True,
        seal=_seal,
    ),
    Move(
        "withdraw",
        "Take the request back",
        service=waivers.withdraw_waiver,
        blockers=rules.withdraw_blockers,
        sources=life.SOURCES["withdraw"],
    ),
    Move(
        "revoke",
        "Revoke",
        service=waivers.revoke_waiver,
        blockers=rules.revoke_blockers,
        sources=life.SOURCES["revoke"],
        comment="required",
        comment_label="Reason",
        tone="danger",
        step_up=True,
    ),
)

WAIVER_QUESTIONS = Questions(WAIVER_MOVES, rules.parts_of)


def _unmet(package: ReleasePackage) -> list[ReadinessItem]:
    """Read once for the choices of one page; what is asked for is evaluated anew."""
    known: list[ReadinessItem] | None = package.__dict__.get("_unmet_items")
    if known is None:
        rows = items_of(package.subject).filter(state__in=UNMET)
        known = package.__dict__["_unmet_items"] = list(rows)
    return known


def _gates(package: ReleasePackage) -> list[tuple[str, str]]:
    return [(item.gate, f"{item.gate} {item.detail[:80]}".strip()) for item in _unmet(package)]


def _findings(package: ReleasePackage) -> list[tuple[str, str]]:
    return [
        (found["key"], f"{item.gate} {found['text'][:80]}")
        for item in _unmet(package)
        if item.gate in life.PER_FINDING
        for found in item.findings
        if found.get("key") and found.get("is_waivable", True) and not found.get("waived")
    ]


def _has_unmet(package: ReleasePackage) -> bool:
    return package.window_id is not None and bool(_unmet(package))


def _locked_windows(_: Any) -> list[tuple[str, str]]:
    rows = ReleaseWindow.objects.filter(state=LOCKED, closes_at__gt=clock.now())
    return [(str(window.pk), str(window)) for window in rows.order_by("opens_at")]


def _joins_a_locked_window(package: ReleasePackage) -> bool:
    """A planned package grows in its own window; any other may join one that is locked."""
    if package.state == PLANNED:
        return package.window is not None and package.window.state == LOCKED
    return bool(_locked_windows(package))


_RISK = MoveField("risk", "What may happen", help_text="If the package goes in as it is.")
_CONTROL = MoveField(
    "control", "What is done against that", help_text="The control in place of the one missing."
)

ASK_WAIVER = Move(
    "ask_waiver",
    "Ask for a waiver",
    service=waivers.ask_waiver,
    blockers=rules.ask_blockers,
    sources=rules.ASKED_IN,
    fields=(
        MoveField("gate", "Gate", kind="choice", choices=_gates),
        MoveField("finding", "Finding", kind="choice", choices=_findings, required=False,
                  help_text="Where a gate is waived for one finding at a time."),
        _RISK,
        _CONTROL,
        MoveField("until", "Until", kind="datetime", required=False,
                  help_text="Empty: until its window closes."),
    ),
    comment="required",
    comment_label="Why the gate cannot be met, in at least 40 characters",
    applies=_has_unmet,
)  # fmt: skip

ASK_LATE_SCOPE = Move(
    "ask_late_scope",
    "Ask to join a locked window",
    service=waivers.ask_late_scope,
    blockers=rules.ask_late_scope_blockers,
    sources=rules.JOINS_IN,
    fields=(
        MoveField("window", "Window", kind="choice", choices=_locked_windows),
        MoveField("changes", "Changes to be added", required=False,
                  help_text="Their codes, beside those that the package carries now."),
        _RISK,
        _CONTROL,
    ),
    comment="required",
    comment_label="Why it cannot wait for another window, in at least 40 characters",
    help_text="Late scope adds 5 points to the risk of the package.",
    applies=_joins_a_locked_window,
)  # fmt: skip
