"""The moves of a finding, as pages, API and tests see them."""

from __future__ import annotations

from apps.accounts.selectors import holders_of
from apps.core.moves import Move, MoveField
from apps.releases.domain import lifecycle as life
from apps.releases.models import Finding
from apps.releases.policies import finding as rules
from apps.releases.services import findings

SOURCES = life.FINDING_SOURCES


def _people(finding: Finding) -> list[tuple[str, str]]:
    people = holders_of((*rules.STEWARDS, "developer")).order_by("username")
    return [(str(user.pk), str(user)) for user in people]


def _fixes(finding: Finding) -> list[tuple[str, str]]:
    return [(fix.name, fix.label) for fix in rules.fixes_by_click(finding)]


FINDING_MOVES = (
    Move(
        "fix",
        "Mend it",
        service=findings.fix_finding,
        blockers=rules.fix_blockers,
        sources=life.LIVE_FINDING,
        fields=(MoveField("fix", "What is added", "choice", choices=_fixes),),
        comment="none",
        notes=lambda applied: applied.notes,
        help_text="Adds it to the change or the plan, and asks the rule again.",
    ),
    Move(
        "acknowledge",
        "Acknowledge",
        service=findings.acknowledge_finding,
        blockers=rules.acknowledge_blockers,
        sources=SOURCES["acknowledge"],
        comment="required",
        comment_label="What is done about it",
        help_text="It opens again when it concerns more assets than it does now.",
    ),
    Move(
        "resolve",
        "Resolve",
        service=findings.resolve_finding,
        blockers=rules.resolve_blockers,
        sources=SOURCES["resolve"],
        comment="required",
        comment_label="How it was resolved",
        tone="main",
        help_text="The rule is asked once more; a hard finding has to be gone.",
    ),
    Move(
        "assign",
        "Give to somebody",
        service=findings.assign_finding,
        blockers=rules.assign_blockers,
        sources=life.LIVE_FINDING,
        fields=(MoveField("owner", "Owner", "reference", choices=_people),),
    ),
)
