"""A package for which every gate is met, and how to spoil it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from apps.changes.domain.facts import ChangeFacts, Person
from apps.gates.domain.facts import (
    ActivityFacts,
    BackoutFacts,
    CheckFacts,
    ExhibitFacts,
    PackageFacts,
    WindowFacts,
)
from apps.windows.domain.capacity import Use

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
OPENS = datetime(2026, 11, 21, 21, 0, tzinfo=UTC)


def person(number: int, name: str) -> Person:
    return Person(UUID(int=number), name)


REQUESTER, AUTHOR, OWNER = person(1, "Rita"), person(2, "Dev"), person(3, "Olga")
APPROVER, OPERATOR, STORAGE = person(4, "Ada"), person(5, "Oscar"), person(6, "Stan")
VALIDATOR = person(7, "Vera")


def change(**more: Any) -> ChangeFacts:
    facts: dict[str, Any] = {
        "id": UUID(int=100),
        "code": "CHG1001",
        "title": "Interest engine",
        "change_type": "normal",
        "state": "scheduled",
        "risk_band": "medium",
        "application_code": "CARD",
        "families": frozenset({"program"}),
        "requester": REQUESTER,
        "author": AUTHOR,
        "owner": OWNER,
        "approvers": (APPROVER,),
        "approved_for_current_content": True,
        "missing": (),
        "valid_until": OPENS + timedelta(days=60),
        "on_hold": False,
        "on_hold_reason": "",
    }
    return ChangeFacts(**(facts | more))


def step(code: str, **more: Any) -> ActivityFacts:
    facts: dict[str, Any] = {
        "title": f"Step {code}",
        "type": "COPY_LOAD",
        "team": "OPS",
        "owner": OPERATOR,
        "deputy": STORAGE,
        "duration_minutes": 10,
        "alters": True,
        "on_shift": True,
    }
    facts |= more
    people = tuple(p for p in (facts["owner"], facts["deputy"]) if p)
    return ActivityFacts(code, **{"implementers": people, **facts})


def use(unit: str, booked: int, limit: int = 10, plannable: int = 8) -> Use:
    planned = Decimal(booked)
    return Use(unit, planned, planned, Decimal(limit), Decimal(plannable), unit != "minutes")


GOOD = PackageFacts(
    code="RP-2611-01",
    state="planned",
    kind="planned",
    risk_band="medium",
    now=NOW,
    owner=OWNER,
    coordinator=person(8, "Cora"),
    changes=(change(),),
    activities=(
        step("A1", type="BACKUP_LIB", alters=False),
        step("A2", predecessors=("A1",)),
        step("R2", is_backout=True, reverses="A2"),
    ),
    backout=BackoutFacts("approved", "restore_members", "READACCT RC > 4", OWNER),
    checks=(CheckFacts("V1", "Interest", "job_rc", "go_decision", owner=VALIDATOR),),
    window=WindowFacts("W-2611", OPENS, OPENS + timedelta(hours=8), (use("changes", 8),)),
    tests=(ExhibitFacts("CHG1001", "User acceptance test", VALIDATOR),),
)


def spoiled(**more: Any) -> PackageFacts:
    return replace(GOOD, **more)
