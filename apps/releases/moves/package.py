"""The moves of a package, as pages, API and tests see them."""

from __future__ import annotations

from typing import Any

from apps.core import clock
from apps.core.moves import Move, MoveField
from apps.releases.domain import lifecycle as life
from apps.releases.models import ReleasePackage
from apps.releases.moves.attestation import ATTEST
from apps.releases.moves.waiver import ASK_LATE_SCOPE, ASK_WAIVER
from apps.releases.policies import package as rules
from apps.releases.policies.go_no_go import confirm_decision_blockers, is_proposed
from apps.releases.policies.package_facts import spans_stopping
from apps.releases.policies.partial import complete_partially_blockers, propose_partial_blockers
from apps.releases.policies.scope_steps import add_blockers, proposals_digest
from apps.releases.policies.step_order import derive_blockers, order_digest
from apps.releases.services import night_decision as decision
from apps.releases.services import package as services
from apps.releases.services import package_backout as back
from apps.releases.services import partial
from apps.releases.services.deviations import ask_deviation
from apps.releases.services.plan_steps import Added, add_scope_steps
from apps.releases.services.step_order import Derived, derive_package_order
from apps.releases.services.window_ledger import ledger_of
from apps.windows.models import ReleaseWindow

SOURCES = life.PACKAGE_SOURCES


def _windows_to_come(_: Any) -> list[tuple[str, str]]:
    rows = ReleaseWindow.objects.filter(state="open", closes_at__gt=clock.now())
    return [(str(window.pk), str(window)) for window in rows.order_by("opens_at")]


def _stopping_rules(package: ReleasePackage) -> list[tuple[str, str]]:
    """The hard rules of the calendar that do not let it go into its window."""
    spans = spans_stopping(package, package.window) if package.window else []
    return list({span.rule.code: span.rule.told for span in spans}.items())


def _is_stopped(package: ReleasePackage) -> bool:
    return bool(_stopping_rules(package))


def _told(done: Derived | Added) -> tuple[str, ...]:
    return (done.text,)


def _over_soft_limits(package: ReleasePackage) -> list[str]:
    """Minutes and hours that are over what they should be, which stops nobody."""
    return ledger_of(package.window).warnings if package.window else []


def _delivered_hint() -> MoveField:
    return MoveField(
        "delivered", "Delivered changes", help_text="Their codes, separated by blanks or commas."
    )


PACKAGE_MOVES = (
    Move(
        "plan",
        "Plan for its window",
        service=services.plan,
        blockers=services.plan_blockers,
        sources=SOURCES["plan"],
        tone="main",
        notes=_over_soft_limits,
    ),
    Move(
        "add_scope_steps",
        "Add the steps of its scope",
        service=add_scope_steps,
        blockers=add_blockers,
        sources=life.EDITABLE,
        help_text="Those listed under “What the scope asks for”, each with its way back.",
        seal=proposals_digest,
        notes=_told,
    ),
    Move(
        "derive_order",
        "Derive the order",
        service=derive_package_order,
        blockers=derive_blockers,
        sources=life.EDITABLE,
        help_text="What that changes is listed under “Order of the steps”.",
        seal=order_digest,
        notes=_told,
    ),
    Move(
        "ask_deviation",
        "Ask for a deviation",
        service=ask_deviation,
        blockers=rules.ask_deviation_blockers,
        sources=life.DEVIATION_IN,
        fields=(MoveField("rule", "From the rule", kind="choice", choices=_stopping_rules),),
        comment="required",
        comment_label="Why it cannot wait, what may happen, what is done against that",
        applies=_is_stopped,
    ),
    ASK_WAIVER,
    ASK_LATE_SCOPE,
    ATTEST,
    Move(
        "confirm_ready",
        "Confirm ready",
        service=services.confirm_ready,
        blockers=services.confirm_blockers,
        sources=SOURCES["confirm_ready"],
        fields=(
            MoveField(
                "soft_gates",
                "Soft gates that I let stand as they are",
                kind="choices",
                required=False,
                choices=services.soft_choices,
                help_text="Each that is not met has to be ticked; say why below.",
            ),
        ),
        comment_label="Comment; the reason, where a soft gate is not met",
        tone="main",
        step_up=True,
    ),
    Move(
        "regress",
        "Open for planning again",
        service=services.regress,
        blockers=rules.regress_blockers,
        sources=SOURCES["regress"],
        comment="required",
        comment_label="Cause",
    ),
    Move(
        "start",
        "Start",
        service=services.start,
        blockers=services.start_blockers,
        sources=SOURCES["start"],
        tone="main",
    ),
    Move(
        "emergency_start",
        "Start as an emergency",
        service=services.emergency_start,
        blockers=services.emergency_start_blockers,
        sources=SOURCES["emergency_start"],
        comment="required",
        comment_label="Reason",
        tone="danger",
        step_up=True,
    ),
    Move(
        "to_validation",
        "Go to validation",
        service=services.to_validation,
        blockers=rules.to_validation_blockers,
        sources=SOURCES["to_validation"],
    ),
    Move(
        "decide",
        "Decide",
        service=decision.decide,
        blockers=rules.decide_blockers,
        sources=(life.IN_PROGRESS, life.VALIDATING),
        fields=(
            MoveField(
                "decision",
                "Decision",
                kind="choice",
                choices=ReleasePackage.Decision.choices,
            ),
            MoveField(
                "delivered",
                "Of a part, the changes that stay",
                required=False,
                help_text="Their codes, separated by blanks or commas.",
            ),
        ),
        comment_label="Reason",
        step_up=True,
        help_text="High risk, a part, or a late hour: a second person confirms it.",
        notes=decision.told,
    ),
    Move(
        "confirm_decision",
        "Confirm the decision",
        service=decision.confirm_decision,
        blockers=confirm_decision_blockers,
        sources=(life.IN_PROGRESS, life.VALIDATING),
        tone="main",
        step_up=True,
        applies=is_proposed,
    ),
    Move(
        "complete",
        "Complete",
        service=services.complete,
        blockers=rules.complete_blockers,
        sources=SOURCES["complete"],
        tone="main",
    ),
    Move(
        "propose_partial",
        "Propose to complete in part",
        service=partial.propose_partial,
        blockers=propose_partial_blockers,
        sources=SOURCES["complete_partially"],
        fields=(_delivered_hint(),),
        comment="required",
        comment_label="Reason",
        step_up=True,
        notes=partial.told,
    ),
    Move(
        "complete_partially",
        "Confirm the partial completion",
        service=partial.complete_partially,
        blockers=complete_partially_blockers,
        sources=SOURCES["complete_partially"],
        step_up=True,
    ),
    Move(
        "reopen",
        "Back to the steps",
        service=services.reopen,
        blockers=rules.reopen_blockers,
        sources=SOURCES["reopen"],
        comment="required",
        comment_label="Reason",
    ),
    Move(
        "fail",
        "Declare failed",
        service=services.fail,
        blockers=rules.fail_blockers,
        sources=SOURCES["fail"],
        fields=(
            MoveField("code", "Cause", kind="choice", choices=ReleasePackage.FailureCode.choices),
        ),
        comment="required",
        comment_label="What happened",
        tone="danger",
    ),
    Move(
        "resume",
        "Fix forward",
        service=back.resume,
        blockers=back.resume_blockers,
        sources=SOURCES["resume"],
        comment="required",
        comment_label="Reason",
        step_up=True,
    ),
    Move(
        "propose_backout",
        "Ask for the backout",
        service=back.propose_backout,
        blockers=back.propose_backout_blockers,
        sources=SOURCES["start_backout"],
        fields=(
            MoveField("incident_ref", "Major incident"),
            MoveField(
                "remedy",
                "What makes up for it",
                required=False,
                help_text="For steps that have run and cannot be undone.",
            ),
        ),
        comment="required",
        comment_label="Reason",
        tone="danger",
        step_up=True,
        help_text="The way back is no longer safe: a second executive confirms it.",
        applies=back.needs_executive,
    ),
    Move(
        "start_backout",
        "Back out",
        service=back.start_backout,
        blockers=back.start_backout_blockers,
        sources=SOURCES["start_backout"],
        fields=(MoveField("incident_ref", "Incident", required=False),),
        comment="required",
        comment_label="Reason",
        tone="danger",
        step_up=True,
    ),
    Move(
        "finish_backout",
        "Declare backed out",
        service=back.finish_backout,
        blockers=back.finish_backout_blockers,
        sources=SOURCES["finish_backout"],
        tone="main",
    ),
    Move(
        "backout_failed",
        "The backout failed",
        service=back.backout_failed,
        blockers=rules.backout_failed_blockers,
        sources=SOURCES["backout_failed"],
        fields=(MoveField("incident_ref", "Major incident"),),
        comment="required",
        comment_label="What happened",
        tone="danger",
    ),
    Move(
        "delay",
        "Move out of its window",
        service=services.delay,
        blockers=rules.delay_blockers,
        sources=SOURCES["delay"],
        fields=(
            MoveField("reason", "Why", kind="choice", choices=ReleasePackage.DelayReason.choices),
        ),
        comment="required",
        comment_label="Reason",
    ),
    Move(
        "replan",
        "Plan for another window",
        service=services.replan,
        blockers=rules.replan_blockers,
        sources=SOURCES["replan"],
        fields=(MoveField("window", "Window", kind="reference", choices=_windows_to_come),),
        tone="main",
        notes=_over_soft_limits,
    ),
    Move(
        "close",
        "Close",
        service=services.close,
        blockers=services.close_blockers,
        sources=SOURCES["close"],
        comment_label="Lessons",
        tone="main",
    ),
    Move(
        "cancel",
        "Cancel the package",
        service=services.cancel,
        blockers=rules.cancel_blockers,
        sources=SOURCES["cancel"],
        comment="required",
        comment_label="Reason",
        tone="danger",
    ),
)
