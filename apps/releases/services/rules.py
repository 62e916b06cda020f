"""The rules as rows: entered as delivered, edited like every register."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from django.db import connection, transaction

from apps.core import clock
from apps.core.actor import system_actor
from apps.evidence.services.ledger import record_many_created
from apps.evidence.services.register import edit_in_register
from apps.releases import events
from apps.releases.domain.completeness import RULES as COMPLETENESS_RULES
from apps.releases.domain.conflicts import RULES as CONFLICT_RULES
from apps.releases.domain.ordering.delivered import BETWEEN_PACKAGES, DELIVERED
from apps.releases.domain.ordering.rule import BetweenPackages, OrderingRule
from apps.releases.models import Rule
from apps.releases.policies.finding import keep_rules_blockers

edit_rule = partial(edit_in_register, Rule, check=keep_rules_blockers)

#: What every rule of order asks for.
_FIRST = "The first has ended before the second begins."


def _ordering() -> Iterator[OrderingRule | BetweenPackages]:
    yield from DELIVERED
    yield from BETWEEN_PACKAGES


def ensure_rules(**_: Any) -> None:
    """Enter every rule that has no row yet, in the words it is delivered with. Idempotent: what
    people made of a rule stays."""
    if Rule._meta.db_table not in connection.introspection.table_names():
        return
    known = set(Rule.objects.values_list("code", flat=True))
    kinds = (
        (Rule.Kind.COMPLETENESS, COMPLETENESS_RULES),
        (Rule.Kind.CONFLICT, CONFLICT_RULES),
    )
    missing = [
        Rule(
            code=rule.code,
            kind=kind,
            title=rule.title,
            condition=rule.condition,
            requirement=rule.requirement,
            symptom=rule.symptom,
            severity=rule.severity,
            waivable_by=rule.waivable_by,
        )
        for kind, rules in kinds
        for rule in rules
        if rule.code not in known
    ]
    missing += [
        Rule(
            code=rule.code,
            kind=Rule.Kind.ORDERING,
            title=rule.title,
            condition=rule.condition,
            requirement=_FIRST,
            symptom=rule.why,
            severity=Rule.Severity.HARD if rule.is_hard else Rule.Severity.SOFT,
        )
        for rule in _ordering()
        if rule.code not in known
    ]
    with transaction.atomic():
        record_many_created(
            missing, actor=system_actor("set-up"), event=events.RULE_ENTERED, at=clock.DELIVERED_AT
        )
