"""The plan of the demo's night, in minutes after 22:00: what the planner's tests reckon with."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from apps.releases.domain.planner.work import Night, Role, Work

CAPACITY = {
    "OPS": 2, "SCM": 1, "STOR": 1, "CICS": 1, "SCHED": 1,
    "DBA": 1, "APPA": 1, "APPB": 1, "APPC": 1, "RM": 1,
}  # fmt: skip
NIGHT = Night(
    cutoff=390, capacity=CAPACITY, decide_minutes=15, verify_minutes=20, safety=Decimal("0.10")
)

#: label: minutes, predecessors, resources, minutes to undo, and what marks the step.
_WINDOW = """
W1   5  -         SCHED     3
W2   5  W1        CICS      5
W5   3  A3,B3     OPS       3
W6   5  A4,B4,W5  CICS      5
W7  15  A6,B9,B10 RM        0 decide
W8   5  W7        SCHED     0 irreversible
"""
_A = """
A1   5  -         OPS       0
A2  15  W2        STOR      0
A3  20  A1,W1     OPS,SCM  15
A4  25  A2        STOR     20 data
A5  20  A4,W5     OPS       0 validate
A6  15  A5        APPA      0 validate
"""
_B = """
B1   6  -         OPS       0
B2  35  W2        STOR      0
B3  35  B1,W1,A3  OPS,SCM  25
B4  85  B2        STOR     55 data
B6  15  W5        CICS     15
B8  15  B4,W5     OPS       0 validate
B9  25  W6,B6     APPB      0 validate
B10 20  B8        APPB      0 validate
"""
_C = """
C1  40  W1        DBA       0
C2  15  C1        DBA      30 data
C3  75  C2        DBA      60 data
C4  20  C3        DBA       0
C5  20  W1        OPS,SCM  15
C6  15  C4,C5     DBA      15
C7  10  C6,W5     CICS     10
C8  25  C7        APPC      0 validate
"""


def _read(table: str, package: str) -> list[Work]:
    return [
        Work(
            key=label,
            label=label,
            minutes=int(minutes),
            after=frozenset() if after == "-" else frozenset(after.split(",")),
            needs=dict.fromkeys(needs.split(","), 1),
            backout_minutes=int(back),
            irreversible="irreversible" in marks,
            changes_data="data" in marks,
            role=Role.VALIDATE if "validate" in marks
            else Role.DECIDE if "decide" in marks else Role.DO,
            package=package,
        )
        for label, minutes, after, needs, back, *marks in map(str.split, table.split("\n")[1:-1])
    ]  # fmt: skip


WINDOW, A, B, C = (
    _read(table, package) for table, package in ((_WINDOW, ""), (_A, "A"), (_B, "B"), (_C, "C"))
)


def two_packages() -> list[Work]:
    """Packages A and B with the steps that the window shares."""
    return [*WINDOW, *A, *B]


def three_packages() -> list[Work]:
    """With package C too: the decision then also waits for C8, the refresh for C5."""
    more = {"W7": "C8", "W5": "C5"}
    return [
        *(
            replace(work, after=work.after | {more[work.label]}) if work.label in more else work
            for work in two_packages()
        ),
        *C,
    ]
