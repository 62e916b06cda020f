"""Plan a night once: whoever asks for the plan of the same night again gets the one that is kept.

A plan takes seconds of the solver, and equal input gives an equal plan. So it is kept by a digest
of everything that it depends on: nothing has to be forgotten when a step or the cut-off changes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from django.core.cache import cache

from apps.releases.domain.planner.plan import Plan, plan
from apps.releases.domain.planner.solver import Schedule
from apps.releases.domain.planner.work import Night, Work

#: Plans of nights that nobody looks at any more are forgotten.
KEPT_SECONDS = 86_400
#: Goes up when the same input may give another plan.
_FORM = 1

_Kept: TypeAlias = tuple[Schedule, Mapping[int, int]]


def kept_plan(night: Night, works: Sequence[Work]) -> Plan:
    """The shortest plan of `works` in `night`, with what its point of no return and its way back
    take: reckoned once. Raises Unplannable with every obstacle."""
    known = known_plan(night, works)
    if known is not None:
        return known
    found = plan(night, works)
    _asked_of_it(found)
    cache.set(_key(night, works), (found.schedule, dict(found.backout.known)), KEPT_SECONDS)
    return found


def known_plan(night: Night, works: Sequence[Work]) -> Plan | None:
    """The same, None where nobody has asked for it yet: the solver is not asked."""
    kept: _Kept | None = cache.get(_key(night, works))
    if kept is None:
        return None
    schedule, undone = kept
    return Plan(night, tuple(works), schedule, undone=undone)


def _key(night: Night, works: Sequence[Work]) -> str:
    return f"interlock:plan:{_FORM}:{digest_of(night, works)}"


def _asked_of_it(found: Plan) -> None:
    """Whatever pages ask of a plan and only the solver can tell."""
    _ = found.backout.whole, found.no_return, found.fits


def digest_of(night: Night, works: Iterable[Work]) -> str:
    """sha256 over everything that a plan depends on."""
    told = [repr((replace(night, capacity={}), sorted(night.capacity.items())))]
    for work in sorted(works, key=lambda each: str(each.key)):
        plain = replace(work, after=frozenset(), needs={})
        told.append(repr((plain, sorted(map(str, work.after)), sorted(work.needs.items()))))
    return hashlib.sha256("\n".join(told).encode()).hexdigest()
