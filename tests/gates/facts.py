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
    AttestationFacts,
    BackoutFacts,
    BatchFacts,
    CheckFacts,
    ExhibitFacts,
    FindingFacts,
    FitFacts,
    LessonFacts,
    PackageFacts,
    ScmFacts,
    ScopeFacts,
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


def line(asset: str, kind: str, family: str, to_version: str = "01.05", **more: Any) -> ScopeFacts:
    facts = {"change": "CHG1001", "from_version": "01.04", **more}
    return ScopeFacts(asset=asset, type=kind, family=family, to_version=to_version, **facts)


def proof(kind: str, versions: str = "01.05", **more: Any) -> ExhibitFacts:
    words = {"sit": "System integration test", "uat": "User acceptance test",
             "regression": "Regression test", "performance": "Performance test"}  # fmt: skip
    facts = {"change": "CHG1001", "tester": VALIDATOR, "at": NOW - timedelta(days=2), **more}
    return ExhibitFacts(kind=words[kind], code=kind, versions=frozenset(versions.split()), **facts)


def found(rule: str, severity: str = "hard", **more: Any) -> FindingFacts:
    kind = "conflict" if rule.startswith("K") else "completeness"
    facts = {"kind": kind, "text": "COPAUS0C would be older.", "who": "Olga", **more}
    return FindingFacts(rule=rule, severity=severity, **facts)


CONTENT = {"scope": "s1", "window": "w1", "steps": "p1", "backout": "b1"}


def attestation(**more: Any) -> AttestationFacts:
    facts: dict[str, Any] = {
        "id": UUID(int=900),
        "holds": True,
        "text": "Seen on the panel.",
        "by": OWNER,
        "at": NOW - timedelta(days=1),
        "verified_by": APPROVER,
        "content": CONTENT,
    }
    return AttestationFacts(**(facts | more))


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
    tests=tuple(proof(kind) for kind in ("sit", "uat", "regression", "performance")),
    scope=(
        line("CVACT01Y", "copybook", "source", is_shared=True),
        line("POSTTRAN", "job", "jcl", jobs=("POSTTRAN",), critical_jobs=("POSTTRAN",)),
        line("ACCTDATA", "vsam", "data"),
        line("NDM:STMT", "interface", "exchange"),
        line("CARD.OPER", "racf_profile", "platform"),
    ),
    scm_package="CARD2611A",
    scm=(ScmFacts("Endevor", "CARD2611A", "APPROVED", NOW - timedelta(hours=2)),),
    fit=FitFacts((("F1", "In time.", 0), ("F2c", "Undone.", 0)), 200, 258, 0.86),
    attestations={code: attestation() for code in ("G12", "G13", "G14", "G15", "G17", "G18")},
    content=CONTENT,
    lessons=(LessonFacts("List every PSB of the DBD.", done=True),),
    batch=BatchFacts((("W1", "Hold the cycle", False),)),
)


def spoiled(**more: Any) -> PackageFacts:
    return replace(GOOD, **more)
