"""Read the calendar."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from apps.inventory.models import AssetRelation
from apps.windows.domain.calendar import Calendar, Span
from apps.windows.models import CalendarRule


def calendar_in_force() -> Calendar:
    """All rules in force; two queries, one where no rule is about a business service."""
    rules = list(CalendarRule.objects.filter(is_active=True).select_related("site"))
    behind = _supporters({service for rule in rules for service in rule.services})
    return Calendar(
        tuple(
            rule.as_rule(code for service in rule.services for code in behind[service])
            for rule in rules
        )
    )


def spans_between(since: datetime, until: datetime) -> tuple[Span, ...]:
    """Every span of a rule in force that meets the time from `since` to before `until`."""
    return calendar_in_force().spans(since, until)


def spans_of_rule(rule: CalendarRule, since: datetime, until: datetime) -> tuple[Span, ...]:
    """The spans of one rule as it is written, in force or not."""
    others = [each for each in calendar_in_force().rules if each.code != rule.code]
    found = Calendar((rule.as_rule(), *others)).spans(since, until)
    return tuple(span for span in found if span.rule.code == rule.code)


def _supporters(services: set[str]) -> dict[str, set[str]]:
    """Business service → the applications that have an asset supporting it."""
    found: dict[str, set[str]] = defaultdict(set)
    if services:
        edges = AssetRelation.objects.filter(
            kind="supports", target__type="business_service", target__name__in=services,
            is_stale=False, source__application__isnull=False,
        )  # fmt: skip
        for service, code in edges.values_list("target__name", "source__application__code"):
            found[service].add(code)
    return found
