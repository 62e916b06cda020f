"""Worlds that the demo shows and the tests live in, each built through the services alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import chain

from apps.changes.models import ChangeRequest
from apps.portal.demo import (
    audit,
    board,
    calendar,
    changes,
    closure,
    decisions,
    evidence,
    findings,
    gates,
    night,
    packages,
    people,
    plan_templates,
    policy,
    register,
    retention,
    risk,
    roster,
    standard,
    steps,
    telling,
    waivers,
    windows,
)
from apps.portal.demo.stage import moment, play
from apps.releases.models import ReleasePackage

#: The moment of the live night at which the demo opens.
NIGHT_AT = moment("2026-11-22 00:40")
#: The evening before: everything is ready, nothing has begun.
EVENING_AT = moment("2026-11-21 21:00")


def northgate(until: datetime = NIGHT_AT, tell: Callable[[int, int], None] | None = None) -> None:
    """Northgate Card Services as it is at `until`, at the latest in the live night."""
    story = chain(
        people.scenes(),
        register.scenes(),
        calendar.scenes(),
        policy.scenes(),
        changes.scenes(),
        decisions.scenes(),
        board.scenes(),
        standard.scenes(),
        windows.scenes(),
        roster.scenes(),
        plan_templates.scenes(),
        packages.scenes(),
        steps.scenes(),
        night.scenes(),
        findings.scenes(),
        gates.scenes(),
        risk.scenes(),
        waivers.scenes(),
        telling.scenes(),
        closure.scenes(),
        retention.scenes(),
        audit.scenes(),
        evidence.scenes(),
    )
    play(story, until, tell)


def the_live_night() -> ReleasePackage:
    """00:40: two packages run, the conversion of the account file is late. The later package."""
    northgate()
    return ReleasePackage.objects.get(code="RP-2611-02")


def the_evening_before() -> ReleasePackage:
    """21:00: the packages of the night are confirmed and their people ready. The later package."""
    northgate(EVENING_AT)
    return ReleasePackage.objects.get(code="RP-2611-02")


def a_change_ready_to_approve() -> ChangeRequest:
    """CHG0531 alone, of high risk: `lead.db2` and `cab.member` have still to sign."""
    play(chain(people.scenes(), register.scenes(), changes.scenes("CHG0531")))
    return changes.change("CHG0531")


def a_change_with_conditions() -> ChangeRequest:
    """CHG0543: the owner of AUTH stepped back, a deputy approved under two conditions, of which
    one is met. CHG0544 and CHG0545 wait for the owner of CARD."""
    told = (changes.scenes("CHG0543", "CHG0544", "CHG0545"), decisions.scenes())
    play(chain(people.scenes(), register.scenes(), *told))
    return changes.change("CHG0543")


def the_calendar() -> None:
    """Northgate's people and landscape with its calendar, and nothing that happens in it."""
    play(chain(people.scenes(), register.landscape_scenes(), calendar.scenes()))


def carddemo_inventory() -> None:
    """Northgate's people and landscape with the inventory of the CardDemo sample application:
    539 assets and 1,255 relations."""
    play(chain(people.scenes(), register.landscape_scenes(), register.carddemo_scenes()))
