"""The moves of populations and findings, as pages, API and tests see them."""

from __future__ import annotations

from apps.accounts.models import User
from apps.audit.domain import finding as life
from apps.audit.domain.controls import CONTROLS
from apps.audit.models import Population
from apps.audit.policies import finding as finding_rules
from apps.audit.policies import population as population_rules
from apps.audit.services import findings, populations
from apps.core.moves import Move, MoveField


def _people(population: Population) -> list[tuple[str, str]]:
    people = User.objects.filter(is_active=True, kind=User.Kind.HUMAN).order_by("username")
    return [(str(user.pk), str(user)) for user in people]


POPULATION_MOVES = (
    Move(
        "test",
        "Run the control tests",
        service=populations.run_controls,
        blockers=population_rules.work_blockers,
        comment="none",
        tone="main",
        notes=lambda told: [f"{told.exception_count} exceptions."],
        help_text="Each test over every row, as the facts are now.",
    ),
    Move(
        "ask_again",
        "Ask again",
        service=populations.ask_again,
        blockers=population_rules.work_blockers,
        comment="none",
        notes=lambda told: [told.difference["words"]],
        help_text="Puts the same question now and says which rows differ.",
    ),
    Move(
        "open_findings",
        "Open findings",
        service=populations.raise_findings,
        blockers=population_rules.raise_blockers,
        fields=(
            MoveField("due_at", "Due", "datetime", help_text="Until when they are answered."),
            MoveField("owner", "Owner", "reference", required=False, choices=_people,
                      help_text="Of what concerns no change; else the owner of the change."),
            MoveField("control", "Control", "choice", required=False,
                      choices=[(c.code, f"{c.code} {c.title}") for c in CONTROLS],
                      help_text="Empty: all of them."),
        ),
        help_text="One for each exception of the last run that has none yet.",
    ),
)  # fmt: skip

FINDING_MOVES = (
    Move(
        "explain",
        "Explain",
        service=findings.explain_finding,
        blockers=finding_rules.explain_blockers,
        sources=life.SOURCES["explain"],
        comment="required",
        comment_label="Explanation",
        tone="main",
    ),
    Move(
        "remediate",
        "Put right",
        service=findings.remediate_finding,
        blockers=finding_rules.remediate_blockers,
        sources=life.SOURCES["remediate"],
        comment="required",
        comment_label="What was done",
    ),
    Move(
        "accept",
        "Accept the risk",
        service=findings.accept_finding,
        blockers=finding_rules.accept_blockers,
        sources=life.SOURCES["accept"],
        comment="required",
        comment_label="Reason",
        step_up=True,
    ),
    Move(
        "close",
        "Close",
        service=findings.close_finding,
        blockers=finding_rules.close_blockers,
        sources=life.SOURCES["close"],
        tone="main",
        step_up=True,
    ),
    Move(
        "reopen",
        "Open again",
        service=findings.reopen_finding,
        blockers=finding_rules.reopen_blockers,
        sources=life.SOURCES["reopen"],
        comment="required",
        comment_label="Reason",
        tone="danger",
    ),
)
