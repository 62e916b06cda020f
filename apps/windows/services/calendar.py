"""Keep the calendar; the same contract as the other registers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from apps.core.actor import Actor
from apps.core.errors import refuse_if_any
from apps.evidence.events import RECORD_CREATED, RECORD_EDITED
from apps.evidence.services.ledger import lock, record, record_created
from apps.evidence.services.register import create_in_register, edit_in_register, model_blockers
from apps.windows.models import CalendarRule
from apps.windows.policies import keep_calendar_blockers

create_rule = partial(create_in_register, CalendarRule, check=keep_calendar_blockers)
edit_rule = partial(edit_in_register, CalendarRule, check=keep_calendar_blockers)


def enter_rule(*, actor: Actor, values: Mapping[str, Any], comment: str = "") -> CalendarRule:
    """Inner: the rule of that code is as `values` say; nothing is written when it is so already."""
    rule = CalendarRule.objects.filter(code=values["code"]).first()
    known = rule is not None
    rule = lock(CalendarRule, rule.pk) if rule is not None else CalendarRule()
    refuse_if_any(keep_calendar_blockers(actor, rule))
    before = rule.governed_values()
    for name, value in values.items():
        setattr(rule, name, value)
    refuse_if_any(model_blockers(rule))
    if not known:
        return record_created(rule, actor=actor, event=RECORD_CREATED, comment=comment)
    if rule.governed_values() == before:
        return rule
    return record(rule, actor=actor, event=RECORD_EDITED, comment=comment)
