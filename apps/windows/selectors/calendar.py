"""Read the calendar."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from datetime import datetime

from django.db.models import QuerySet

from apps.core import clock
from apps.inventory.models import AssetRelation
from apps.windows.domain.calendar import Calendar, Span, Work
from apps.windows.domain.deviation import APPROVED, HOLDING, REQUESTED, Exemption
from apps.windows.domain.near import AROUND, Surroundings
from apps.windows.models import CalendarRule, ReleaseWindow, WindowDeviation
from apps.windows.selectors.window import window_before


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


def surroundings(starts_at: datetime, ends_at: datetime, site: str) -> Surroundings:
    """What lies around a night at the site, empty where nobody knows it; three queries at most."""
    calendar = calendar_in_force()
    since, until = starts_at - AROUND, ends_at + AROUND
    before = window_before(starts_at)
    return Surroundings(
        calendar.spans(since, until),
        calendar.holidays(site, since.date(), until.date()),
        before.opens_at if before else None,
    )


def spans_between(since: datetime, until: datetime) -> tuple[Span, ...]:
    """Every span of a rule in force that meets the time from `since` to before `until`."""
    return calendar_in_force().spans(since, until)


def spans_of_rule(rule: CalendarRule, since: datetime, until: datetime) -> tuple[Span, ...]:
    """The spans of one rule as it is written, in force or not."""
    others = [each for each in calendar_in_force().rules if each.code != rule.code]
    found = Calendar((rule.as_rule(), *others)).spans(since, until)
    return tuple(span for span in found if span.rule.code == rule.code)


def closing_spans(
    since: datetime, until: datetime, about: str, works: Callable[[], Collection[Work]]
) -> list[Span]:
    """The hard spans in that time that hold for any of `works` and from which the record `about`
    has no deviation. `works` are asked for only when there is a hard span."""
    hard = [span for span in spans_between(since, until) if span.rule.strength == "hard"]
    if not hard:
        return []
    asked = works()
    exempt = exemptions_of([about]).get(about, ())
    return [
        span
        for span in hard
        if any(map(span.holds_for, asked))
        and not any(one.covers(span, since, until) for one in exempt)
    ]


def spans_closing_window(window: ReleaseWindow) -> list[Span]:
    """The hard spans that do not let the window open."""
    return closing_spans(
        window.opens_at, window.closes_at, window.subject, lambda: [Work(window.site.code)]
    )


def exemptions_of(subjects: Iterable[str]) -> dict[str, tuple[Exemption, ...]]:
    """What was approved for each record, also what it has used already; one query."""
    found: dict[str, tuple[Exemption, ...]] = {}
    held = WindowDeviation.objects.filter(about__in=list(subjects), state__in=HOLDING)
    for deviation in held.select_related("rule"):
        found[deviation.about] = (*found.get(deviation.about, ()), deviation.exemption())
    return found


def deviations_with_people() -> QuerySet[WindowDeviation]:
    return WindowDeviation.objects.select_related("rule", "window", "requested_by")


def deviations_about(subject: str) -> QuerySet[WindowDeviation]:
    """What was asked for a window or a package, the latest first."""
    return WindowDeviation.objects.filter(about=subject).select_related("rule")


def deviations_over() -> QuerySet[WindowDeviation]:
    """Deviations that nobody used, or decided on, while they could be."""
    return WindowDeviation.objects.filter(state__in=[REQUESTED, APPROVED], ends_at__lte=clock.now())


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
