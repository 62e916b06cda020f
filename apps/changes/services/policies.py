"""Keep the approval policy. Every edit is a new version; what was asked before stays asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from apps.accounts.domain.roles import ROLE_CODES
from apps.accounts.selectors import grants_held
from apps.changes import events
from apps.changes.domain.policy import DELIVERED, Rule, plain_rules, problems, understaffed
from apps.changes.models import ApprovalPolicy, PolicyRule
from apps.changes.services.content import Scope, kept_rows, replace_rows
from apps.core import clock
from apps.core.actor import Actor, RoleHeld, system_actor
from apps.core.errors import Blocker, bad_input, refuse_if_any
from apps.core.step_up import step_up_blockers
from apps.evidence.services.door import door
from apps.evidence.services.ledger import lock, record, record_created
from apps.evidence.services.register import line_blockers, model_blockers, register_roles
from apps.inventory.models import Environment

_keep_policies = register_roles("change_manager", "cab_chair")

#: What a person may enter of one rule.
RULE_FIELDS = tuple(
    field.name for field in PolicyRule._meta.concrete_fields if field.name not in ("id", "policy")
)


def policy_edit_blockers(actor: Actor, policy: ApprovalPolicy) -> list[Blocker]:
    return list(_keep_policies(actor, policy))


def policy_keeper_blockers(actor: Actor) -> list[Blocker]:
    return policy_edit_blockers(actor, ApprovalPolicy())


@door("approval_policy")
def create_policy(
    *,
    actor: Actor,
    values: Mapping[str, Any],
    parts: Mapping[str, Scope] | None = None,
    comment: str = "",
) -> ApprovalPolicy:
    """A policy with its `rules`. In force at once where it says so, instead of the one before.

    Raises Refused naming every rule that cannot be kept, or what no rule would ask anybody about.
    """
    policy = ApprovalPolicy(**values)
    refuse_if_any([*policy_edit_blockers(actor, policy), *step_up_blockers(actor)])
    _retire_others(policy, actor)
    rows, found = _rule_rows(policy, kept_rows(parts).get("rules", ()))
    refuse_if_any([*model_blockers(policy), *found])
    return _enter(policy, rows, actor, comment=comment)


@door("approval_policy")
def edit_policy(
    *,
    pk: UUID,
    actor: Actor,
    values: Mapping[str, Any],
    parts: Mapping[str, Scope] | None = None,
    expected_seq: int | None = None,
    comment: str = "",
) -> ApprovalPolicy:
    """A new version, with all of its `rules` where `parts` holds them.

    Slots that were asked for under an earlier version stay as they are.
    """
    policy = lock(ApprovalPolicy, pk, expected_seq=expected_seq)
    blockers = [*policy_edit_blockers(actor, policy), *step_up_blockers(actor)]
    before = policy.governed_values()
    if values.get("code", policy.code) != policy.code:
        blockers.append(
            bad_input("code", "The code of a policy never changes.", "Enter a new policy.")
        )
    if policy.is_active and values.get("is_active") is False:
        blockers.append(
            bad_input("is_active", "Without it no change would need a signature.",
                      "Put another policy in force; this one then is not any more.")
        )  # fmt: skip
    for name, value in values.items():
        setattr(policy, name, value)
    refuse_if_any(blockers)
    _retire_others(policy, actor)
    given = kept_rows(parts)
    rows, found = (
        _rule_rows(policy, given["rules"]) if "rules" in given else (list(policy.rules.all()), [])
    )
    refuse_if_any([*model_blockers(policy), *found])
    policy.content = plain_rules(row.as_rule() for row in rows)
    if policy.governed_values() == before:
        return policy
    if "rules" in given:
        replace_rows(policy, "rules", rows, ("code",))
    return record(policy, actor=actor, event=events.POLICY_EDITED, comment=comment)


def ensure_policy(**_: Any) -> None:
    """Enter the delivered policy where there is none. Idempotent; runs after every migration."""
    there = ApprovalPolicy._meta.db_table in connection.introspection.table_names()
    if there and not ApprovalPolicy.objects.exists():
        _deliver(actor=system_actor("set-up"))


@door("approval_policy")
def _deliver(*, actor: Actor) -> ApprovalPolicy:
    policy = ApprovalPolicy(code="BASE", name="Approval policy as delivered", is_active=True)
    rows = [PolicyRule(policy=policy, **row) for row in plain_rules(DELIVERED)]
    return _enter(policy, rows, actor, at=clock.DELIVERED_AT)


def _enter(
    policy: ApprovalPolicy, rows: Sequence[PolicyRule], actor: Actor, **more: Any
) -> ApprovalPolicy:
    policy.content = plain_rules(row.as_rule() for row in rows)
    record_created(policy, actor=actor, event=events.POLICY_CREATED, **more)
    PolicyRule.objects.bulk_create(rows)
    return policy


def _retire_others(policy: ApprovalPolicy, actor: Actor) -> None:
    """One policy is in force: whichever was before is not, when this one is."""
    if not policy.is_active:
        return
    others = ApprovalPolicy.objects.filter(is_active=True).exclude(pk=policy.pk)
    for key in others.values_list("pk", flat=True):
        other = lock(ApprovalPolicy, key)
        other.is_active = False
        record(
            other, actor=actor, event=events.POLICY_RETIRED,
            comment=f"{policy.name} is in force.", about=policy.subject,
        )  # fmt: skip


def _rule_rows(policy: ApprovalPolicy, given: Scope) -> tuple[list[PolicyRule], list[Blocker]]:
    """Unsaved rules, and what is wrong with each of them and with all together."""
    rows: list[PolicyRule] = []
    found: list[Blocker] = []
    for number, row in enumerate(given, start=1):
        rule = PolicyRule(policy=policy, **{name: row[name] for name in RULE_FIELDS if name in row})
        found += line_blockers(rule, "rules", number, exclude={"policy"})
        rows.append(rule)
    if not found:
        found += _policy_blockers([row.as_rule() for row in rows])
    return rows, found


def _policy_blockers(rules: Sequence[Rule]) -> list[Blocker]:
    told = [*problems(rules, ROLE_CODES), *understaffed(rules, _held())]
    blockers = [
        bad_input("rules", f"{p.rule}: {p.text}" if p.rule else p.text, p.fix, "policy")
        for p in told
    ]
    known = set(Environment.objects.values_list("code", flat=True))
    return blockers + [
        bad_input("rules", f"{rule.code}: There is no environment {code}.",
                  "Choose one of the landscape.", "policy")
        for rule in rules
        for code in sorted(set(rule.environments) - known)
    ]  # fmt: skip


def _held() -> list[tuple[UUID, RoleHeld]]:
    """Every role that an active person holds."""
    grants = grants_held().filter(user__is_active=True, user__kind="human")
    return [
        (user, RoleHeld(role, scope))
        for user, role, scope in grants.values_list("user_id", "role", "scope")
    ]
