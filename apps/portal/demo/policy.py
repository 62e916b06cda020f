"""How Northgate changes the policy by which its changes are signed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from apps.changes.domain.policy import DELIVERED, Rule, plain_rules
from apps.changes.selectors import policy_in_force
from apps.changes.services.policies import edit_policy
from apps.portal.demo.stage import Scene, acting, moment

#: The audit's finding: access rules waited for the board as long as everything else.
ACCESS_RULES_FIRST = Rule(
    code="S9",
    reason="Platform changes of high risk: the board answers within two days.",
    slot="board",
    label="Change advisory board",
    eligible=("cab_member", "cab_chair"),
    quorum=2,
    sla_hours=48,
    seats=("technical_lead@family:security",),
    excludes=("slot:application_owner",),
    change_types=("normal", "standard"),
    risk_from="high",
    families=("platform",),
)
#: From the same day on the board answers within four days.
FOUR_DAYS = 96


def scenes() -> Iterator[Scene]:
    yield Scene(moment("2026-11-18 16:00"), _answer_sooner)


def _answer_sooner() -> None:
    policy = policy_in_force()
    rules = [
        replace(rule, sla_hours=FOUR_DAYS) if rule.slot == "board" else rule for rule in DELIVERED
    ]
    edit_policy(
        pk=policy.pk,
        actor=acting("cab.chair"),
        values={},
        parts={"rules": plain_rules([*rules, ACCESS_RULES_FIRST])},
        expected_seq=policy.evidence_seq,
        comment="Finding 2026-14 of internal audit.",
    )
