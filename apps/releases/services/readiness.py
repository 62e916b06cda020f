"""What the gates say of a package, now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import UUID

from apps.core.errors import Blocker
from apps.gates.catalogue import GATE_BY_CODE, GATES
from apps.gates.domain.evaluation import GateResult, evaluate_all, hard_blockers
from apps.gates.domain.facts import PackageFacts
from apps.gates.domain.profile import ProfileRow
from apps.gates.domain.verdict import Gate, Moment
from apps.gates.domain.waiver import apply
from apps.gates.selectors import passes_of, profile_rows
from apps.gates.services.items import Flip, store_results
from apps.releases.domain import lifecycle as life
from apps.releases.models import ReleasePackage
from apps.releases.policies.package_facts import work_of
from apps.releases.services.gate_facts import gather_facts

#: A page never waits for a plan that nobody knows yet; a door of planning does for a small one.
ON_A_PAGE, IN_A_DOOR = 0, 60
#: What an emergency is asked; the other gates are shown only.
EMERGENCY_GATES = ("G01", "G02", "G05", "G08", "G20")


def evaluate(
    package: ReleasePackage,
    *,
    moment: Moment | None = None,
    most_steps: int | None = None,
    anew: bool = False,
) -> tuple[GateResult, ...]:
    """Every gate, with `moment` those that this move asks. A plan that is not
    known yet stays unknown if it has more than `most_steps`."""
    facts = gather_facts(package, moment=moment, most_steps=most_steps, anew=anew)
    return _answers(package, facts, GATES, moment=moment, profile=profile_rows())


def _answers(
    package: ReleasePackage,
    facts: PackageFacts,
    gates: Iterable[Gate],
    *,
    moment: Moment | None = None,
    profile: Iterable[ProfileRow] = (),
) -> tuple[GateResult, ...]:
    """What the gates say, with what waivers let pass by the clock; one query more."""
    results = evaluate_all(facts, gates, moment=moment, profile=profile)
    if package.window_id is None or all(result.met is not False for result in results):
        return results
    passes = passes_of(package.subject, package.window_id, work_of(package).implementers)
    return apply(results, passes)


def gate_blockers(
    package: ReleasePackage, moment: Moment, *, most_steps: int | None = None
) -> Iterator[Blocker]:
    """Every finding of a hard gate that is not met. A page takes what the rules of completeness and
    conflict found last; a door, which waits for the plan too, asks them again."""
    anew = most_steps is None
    yield from hard_blockers(evaluate(package, moment=moment, most_steps=most_steps, anew=anew))


def ready_results(package: ReleasePackage, *, anew: bool = False) -> tuple[GateResult, ...]:
    """What the gates say that are asked before a planned package is confirmed ready; nothing of any
    other. A page takes what is known, and asks once for all that it shows; a door asks `anew`."""
    if package.state not in life.PACKAGE_SOURCES["confirm_ready"]:
        return ()
    if anew:
        return evaluate(package, moment="ready", anew=True)
    known = package.__dict__.get("_ready_results")
    if known is None:
        known = evaluate(package, moment="ready", most_steps=ON_A_PAGE)
        package.__dict__["_ready_results"] = known
    return known


def emergency_blockers(package: ReleasePackage, *, anew: bool = False) -> Iterator[Blocker]:
    gates = [GATE_BY_CODE[code] for code in EMERGENCY_GATES]
    yield from hard_blockers(_answers(package, gather_facts(package, anew=anew), gates))


def refresh_readiness(package_ids: Iterable[UUID]) -> dict[str, tuple[Flip, ...]]:
    """Store what the gates say of these packages; by package code, what turned since."""
    rows = ReleasePackage.objects.select_related("window", "owner", "coordinator", "retry_of")
    return {
        package.code: refresh_items(package)
        for package in rows.filter(pk__in=list(package_ids)).order_by("pk")
    }


def refresh_items(package: ReleasePackage, *, most_steps: int | None = None) -> tuple[Flip, ...]:
    """Inner: the same for one package, whose derived columns follow."""
    facts = gather_facts(package, most_steps=most_steps)
    results = _answers(package, facts, GATES, profile=profile_rows())
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
        "gates_total": sum(result.is_applicable for result in results),
    }
    ReleasePackage.objects.filter(pk=package.pk).update(**derived)
    for name, value in derived.items():
        setattr(package, name, value)
    return flips
