"""What the gates say of a package, now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import UUID

from apps.accounts.models import User
from apps.changes.domain.facts import Person
from apps.changes.models import ChangeRequest
from apps.core import clock
from apps.core.errors import Blocker
from apps.evidence.selectors import tests_about
from apps.gates.catalogue import GATE_BY_CODE, GATES
from apps.gates.domain.evaluation import GateResult, evaluate_all, hard_blockers
from apps.gates.domain.facts import (
    ActivityFacts,
    BackoutFacts,
    CheckFacts,
    ExhibitFacts,
    OrderFacts,
    PackageFacts,
    WindowFacts,
)
from apps.gates.domain.verdict import Gate
from apps.gates.domain.waiver import apply
from apps.gates.selectors import passes_of
from apps.gates.services.items import Flip, store_results
from apps.releases.domain import lifecycle as life
from apps.releases.domain.checks import plan_problems
from apps.releases.domain.points import highest_band
from apps.releases.models import Activity, ActivityChange, BackoutPlan, ReleasePackage
from apps.releases.models import ValidationCheck as Check
from apps.releases.policies.package_facts import Work, work_of
from apps.releases.policies.roster import steps_on_shift
from apps.releases.policies.step_order import order_of
from apps.windows.models import ReleaseWindow
from apps.windows.selectors import capacity_use

#: What an emergency is asked; the other gates are shown only.
EMERGENCY_GATES = ("G01", "G02", "G08")


def gather_facts(package: ReleasePackage, *, is_starting: bool = False) -> PackageFacts:
    """Everything the gates look at, in a constant number of queries."""
    work = work_of(package)
    return PackageFacts(
        code=package.code,
        state=package.state,
        kind=package.kind,
        risk_band=highest_band(facts.risk_band for facts in work.change_facts.values()),
        now=clock.now(),
        owner=_person(package.owner),
        coordinator=_person(package.coordinator),
        changes=tuple(work.change_facts[key] for key in work.open_changes),
        activities=_activities(work),
        is_starting=is_starting,
        unordered=tuple(_unordered(package)),
        backout=_backout(work.backout_plan),
        checks=tuple(_check(check, work) for check in work.checks),
        window=_window(package.window),
        tests=tuple(_tests(work)),
    )


def _tests(work: Work) -> Iterator[ExhibitFacts]:
    """One query."""
    codes = {f"{ChangeRequest.SUBJECT}:{key}": work.change_facts[key].code
             for key in work.open_changes}  # fmt: skip
    for exhibit in tests_about(codes):
        is_assumed = exhibit.tested_by is None and not exhibit.tester
        tester = exhibit.captured_by if is_assumed else exhibit.tested_by
        kind = exhibit.get_kind_display()
        yield ExhibitFacts(codes[exhibit.about], kind, _person(tester), is_assumed)


def _window(window: ReleaseWindow | None) -> WindowFacts | None:
    if window is None:
        return None
    return WindowFacts(window.code, window.opens_at, window.closes_at, capacity_use(window))


def _activities(work: Work) -> tuple[ActivityFacts, ...]:
    labels = {step.pk: step.label for step in work.steps}
    serves: dict[UUID, set[str]] = {}
    links = ActivityChange.objects.filter(activity__package=work.package)
    for step, code in links.values_list("activity_id", "change__code"):
        serves.setdefault(step, set()).add(code)
    on_shift = steps_on_shift(work)
    return tuple(
        ActivityFacts(
            code=step.label,
            title=step.title,
            type=step.type_id,
            team=step.team.name,
            owner=_person(step.owner),
            deputy=_person(step.deputy),
            duration_minutes=step.duration_minutes,
            predecessors=tuple(sorted(labels[key] for key in work.after[step.pk] if key in labels)),
            is_backout=step.is_backout,
            reverses=labels.get(step.reverses_id, "") if step.reverses_id else "",
            alters=step.type.alters,
            irreversible=step.irreversible,
            decides=step.type.decides,
            mandatory=step.mandatory,
            four_eyes=step.four_eyes,
            state=step.state,
            implementers=_implementers(step),
            serves=frozenset(serves.get(step.pk, ())),
            on_shift=on_shift.get(step.pk),
            acknowledged_at=step.acknowledged_at,
            is_over=step.state in life.ENDED_STEP,
        )
        for step in work.steps
    )


def _unordered(package: ReleasePackage) -> Iterator[OrderFacts]:
    order = order_of(package)
    for edge in order.missing:
        told = zip(edge.origins, edge.why, strict=True)
        yield OrderFacts(
            order.steps[edge.before].label,
            order.steps[edge.after].label,
            tuple(f"{code} {why}" for code, why in told),
        )


def _implementers(step: Activity) -> tuple[Person, ...]:
    if step.type.decides:
        return ()
    people = (_person(user) for user in (step.owner, step.deputy, step.done_by))
    return tuple(dict.fromkeys(person for person in people if person is not None))


def _backout(plan: BackoutPlan | None) -> BackoutFacts | None:
    if plan is None:
        return None
    return BackoutFacts(
        state=plan.state,
        strategy=plan.strategy,
        trigger_criteria=plan.trigger_criteria,
        decision_owner=_person(plan.decision_owner),
        restore_points=plan.restore_points,
        rehearsed=plan.rehearsed_at is not None,
    )


def _check(check: Check, work: Work) -> CheckFacts:
    served = work.change_facts.get(check.change_id) if check.change_id else None
    problems = plan_problems(check.expected_operator, check.expected_value, check.baseline)
    return CheckFacts(
        code=check.code,
        title=check.title,
        kind=check.kind,
        phase=check.phase,
        mandatory=check.mandatory,
        expected_filled=next(problems, None) is None,
        serves=frozenset({served.code}) if served else frozenset(),
        owner=_person(check.owner),
    )


def _person(user: User | None) -> Person | None:
    return Person(user.pk, str(user)) if user is not None else None


def evaluate(package: ReleasePackage, *, at_start: bool = False) -> tuple[GateResult, ...]:
    """Every gate, asked now; with `at_start` those that are asked again when it starts."""
    return _answers(package, gather_facts(package, is_starting=at_start), GATES, at_start=at_start)


def _answers(
    package: ReleasePackage, facts: PackageFacts, gates: Iterable[Gate], *, at_start: bool = False
) -> tuple[GateResult, ...]:
    """What the gates say, with what waivers let pass by the clock; one query more."""
    results = evaluate_all(facts, gates, at_start=at_start)
    if package.window_id is None or all(result.met is not False for result in results):
        return results
    passes = passes_of(package.subject, package.window_id, work_of(package).implementers)
    return apply(results, passes, facts.risk_band)


def gate_blockers(package: ReleasePackage, *, at_start: bool = False) -> Iterator[Blocker]:
    """Every finding of a hard gate that is not met."""
    yield from hard_blockers(evaluate(package, at_start=at_start))


def emergency_blockers(package: ReleasePackage) -> Iterator[Blocker]:
    gates = [GATE_BY_CODE[code] for code in EMERGENCY_GATES]
    yield from hard_blockers(_answers(package, gather_facts(package), gates))


def refresh_readiness(package_ids: Iterable[UUID]) -> dict[str, tuple[Flip, ...]]:
    """Store what the gates say of these packages; by package code, what turned since."""
    rows = ReleasePackage.objects.select_related("window", "owner", "coordinator")
    return {
        package.code: refresh_items(package)
        for package in rows.filter(pk__in=list(package_ids)).order_by("pk")
    }


def refresh_items(package: ReleasePackage) -> tuple[Flip, ...]:
    """Inner: the same for one package, whose derived columns follow."""
    facts = gather_facts(package)
    results = _answers(package, facts, GATES)
    flips = store_results(
        subject=package.subject,
        subject_code=package.code,
        results=results,
        opens_at=package.window.opens_at if package.window else None,
        owners={
            "package_owner": package.owner_id,
            "release_coordinator": package.coordinator_id,
        },
    )
    derived = {
        "risk_band": facts.risk_band,
        "gates_met": sum(result.met is True for result in results),
        "gates_total": sum(result.met is not None for result in results),
    }
    ReleasePackage.objects.filter(pk=package.pk).update(**derived)
    for name, value in derived.items():
        setattr(package, name, value)
    return flips
