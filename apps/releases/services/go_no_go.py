"""What a decision of the night rests on, and the record of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from apps.core import clock
from apps.core.actor import Actor
from apps.evidence.domain.canonical import plain
from apps.evidence.services.ledger import record_created
from apps.gates.models import ReadinessItem
from apps.gates.selectors import UNMET, waivers_in_force
from apps.releases import events
from apps.releases.domain import lifecycle as life
from apps.releases.domain.planner.plan import NEVER, Plan, Unplannable
from apps.releases.domain.planner.projection import Projection
from apps.releases.models import (
    Activity,
    Finding,
    GoNoGo,
    GoNoGoLine,
    ReleasePackage,
    ValidationCheck,
)
from apps.releases.selectors import acknowledgement_of
from apps.releases.services.live import LIVE, Live, live_of
from apps.releases.services.window_plan import (
    backout_now,
    latest_backout_at,
    planning_of,
)
from apps.windows.models import ReleaseWindow

#: Phases of the checks that a decision looks at.
DECIDING = (ValidationCheck.Phase.PRE, ValidationCheck.Phase.IN_WINDOW,
            ValidationCheck.Phase.GO_DECISION)  # fmt: skip
#: Weights of findings that a decision looks at, the heaviest first.
RISKS = ("hard", "soft")
#: By what the numbers of a decision were reckoned.
PLAN, PROJECTION = "plan", "projection"


@dataclass(frozen=True, slots=True)
class Numbers:
    """The night at `at`, in minutes and moments; what no plan could tell is None.

    `basis` says by what it was reckoned: `projection` from that minute on, as the night really
    went, or `plan` as if nothing had begun. `go_ready_at` is when the evidence is complete,
    `no_return_at` the point of no return and `commit_at` when the first step begins that cannot be
    undone; `margin_minutes` is left between the first two. `backout_minutes` is what undoing takes
    of what has really begun, and `latest_backout_at` until when one may decide on that.
    """

    at: datetime
    basis: str
    cutoff_at: datetime
    go_ready_at: datetime | None
    no_return_at: datetime | None
    commit_at: datetime | None
    margin_minutes: int | None
    backout_minutes: int
    backout_whole_minutes: int | None
    latest_backout_at: datetime
    obstacles: tuple[str, ...] = ()

    @property
    def no_return_passed(self) -> bool:
        return self.at > self.latest_backout_at

    def as_dict(self) -> dict[str, Any]:
        """As it is kept: times in UTC as text."""
        told: dict[str, Any] = plain(
            {name: getattr(self, name) for name in self.__slots__}
            | {"no_return_passed": self.no_return_passed}
        )
        return told


def numbers_of(window: ReleaseWindow, now: datetime) -> Numbers:
    """The numbers of this moment; a plan or a projection is reckoned once for equal input.

    While the night runs they are those of its live projection. Where nothing can be projected,
    and before the night, they are those of the plan.
    """
    if window.state in LIVE:
        live = live_of(window, with_what_ifs=False)
        if live.projection is not None:
            return _projected(live, live.projection, now)
    return _planned(window, now)


def _projected(live: Live, found: Projection, now: datetime) -> Numbers:
    has_return = found.no_return != NEVER
    commit = found.plan.commit
    return Numbers(
        at=now,
        basis=PROJECTION,
        cutoff_at=live.at(live.planning.night.cutoff),
        go_ready_at=live.at(found.go_ready),
        no_return_at=live.at(found.no_return) if has_return else None,
        commit_at=live.at(commit) if commit is not None else None,
        margin_minutes=found.margin if has_return else None,
        backout_minutes=backout_now(live.planning),
        backout_whole_minutes=live.backout_whole,
        latest_backout_at=latest_backout_at(live.planning),
    )


def _planned(window: ReleaseWindow, now: datetime) -> Numbers:
    planning = planning_of(window)
    found: Plan | None = None
    obstacles: tuple[str, ...] = ()
    try:
        found = planning.plan
    except Unplannable as refused:
        obstacles = tuple(each.text for each in refused.obstacles)
    known = found is not None and bool(planning.works)
    has_return = found is not None and found.no_return != NEVER
    return Numbers(
        at=now,
        basis=PLAN,
        cutoff_at=planning.at(planning.night.cutoff),
        go_ready_at=planning.at(found.go_ready) if found and known else None,
        no_return_at=planning.at(found.no_return) if found and has_return else None,
        commit_at=planning.at(found.commit) if found and found.commit is not None else None,
        margin_minutes=found.no_return - found.go_ready if found and known and has_return else None,
        backout_minutes=backout_now(planning),
        backout_whole_minutes=found.backout.whole if found else None,
        latest_backout_at=latest_backout_at(planning),
        obstacles=obstacles,
    )


@dataclass(frozen=True, slots=True)
class Stand:
    """Where one package stands: its steps, its checks, and what was let pass or is still open."""

    package: ReleasePackage
    done: int
    steps: int
    checks: tuple[ValidationCheck, ...]
    let_pass: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def percent(self) -> int:
        return 100 * self.done // self.steps if self.steps else 0

    @property
    def open_checks(self) -> tuple[ValidationCheck, ...]:
        return tuple(c for c in self.checks if c.mandatory and c.state not in life.GOOD_CHECK)

    def as_dict(self) -> dict[str, Any]:
        return {
            "package": self.package.code,
            "risk": self.package.risk_band,
            "steps_done": self.done,
            "steps": self.steps,
            "checks": [
                {
                    "code": check.code,
                    "title": check.title,
                    "state": check.state,
                    "expected": f"{check.expected_operator} {check.expected_value}",
                    "measured": check.actual_value,
                    "mandatory": check.mandatory,
                }
                for check in self.checks
            ],
            "let_pass": list(self.let_pass),
            "findings": [f"{f.rule.code} {f.text}"[:200] for f in self.findings],
        }


def stands_of(packages: Sequence[ReleasePackage]) -> list[Stand]:
    """Where each of `packages` stands; what was let pass begins with its waivers. Five queries,
    whatever their number."""
    keys = [package.pk for package in packages]
    steps: dict[UUID, list[str]] = {key: [] for key in keys}
    forward = Activity.objects.filter(package__in=keys, is_backout=False)
    for key, state in forward.values_list("package_id", "state"):
        steps[key].append(state)
    checks: dict[UUID, list[ValidationCheck]] = {key: [] for key in keys}
    for check in ValidationCheck.objects.filter(
        package__in=keys, phase__in=DECIDING
    ).select_related("team", "accepted_by").order_by("phase", "code"):  # fmt: skip
        checks[check.package_id].append(check)  # type: ignore[index]
    passed: dict[str, list[str]] = {package.subject: [] for package in packages}
    for waiver in waivers_in_force(passed).order_by("about", "pk"):
        until = f"Waived {waiver.what}: {waiver.reason}"
        passed[waiver.about].append(until[:200])
    unmet = Q(state="not_met") | Q(state__in=UNMET, level="soft")
    by_subject = {package.subject: package for package in packages}
    for item in ReadinessItem.objects.filter(unmet, subject__in=passed).order_by("gate"):
        taken_on = acknowledgement_of(item, by_subject[item.subject])
        told = taken_on.told if taken_on else f"{item.gate} is not met: {item.detail}".rstrip(": ")
        passed[item.subject].append(told[:200])
    findings: dict[UUID, list[Finding]] = {key: [] for key in keys}
    live = Finding.objects.filter(
        packages__in=keys, state__in=life.LIVE_FINDING, severity__in=RISKS
    ).select_related("rule").prefetch_related("packages").distinct()  # fmt: skip
    for finding in sorted(live, key=lambda each: (RISKS.index(each.severity), each.rule.code)):
        for package in finding.packages.all():
            if package.pk in findings:
                findings[package.pk].append(finding)
    return [
        Stand(
            package,
            sum(state in life.ENDED_STEP for state in steps[package.pk]),
            len(steps[package.pk]),
            tuple(checks[package.pk]),
            (
                *passed[package.subject],
                *(
                    f"Check {check.code}: {check.accepted_reason}"[:200]
                    for check in checks[package.pk]
                    if check.state == life.ACCEPTED
                ),
            ),
            tuple(findings[package.pk]),
        )
        for package in packages
    ]


@dataclass(frozen=True, slots=True)
class Line:
    package: ReleasePackage
    decision: str
    reason: str
    delivered: tuple[str, ...] = ()


def keep_decision(
    *,
    window: ReleaseWindow | None,
    lines: Iterable[Line],
    actor: Actor,
    decided_by: UUID,
    confirmed_by: UUID | None = None,
    two_persons: str = "",
    comment: str = "",
) -> GoNoGo:
    """Inner: the record of a decision, with the numbers of this moment. `actor` is who acts now:
    the second person where there is one."""
    now = clock.now()
    decided = list(lines)
    numbers = numbers_of(window, now).as_dict() if window else plain({"at": now})
    stands = stands_of([line.package for line in decided])
    kept = GoNoGo(
        window=window,
        decided_at=now,
        decided_by_id=decided_by,
        confirmed_by_id=confirmed_by,
        two_persons=two_persons,
        numbers={**numbers, "packages": [stand.as_dict() for stand in stands]},
    )
    rows = [
        GoNoGoLine(
            go_no_go=kept, package=line.package, decision=line.decision, reason=line.reason,
            delivered=list(line.delivered),
        )
        for line in decided
    ]  # fmt: skip
    about = window.subject if window else decided[0].package.subject
    record_created(
        kept, actor=actor, event=events.GO_NO_GO_DECIDED, comment=comment, about=about,
        meaning=", ".join(f"{row.package.code} {row.decision}" for row in rows),
        parts={"lines": [row.governed_values() for row in rows]},
    )  # fmt: skip
    GoNoGoLine.objects.bulk_create(rows)
    return kept
