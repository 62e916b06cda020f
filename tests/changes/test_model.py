"""Every reachable state of two changes, four people and one window, by the product's own rules.

The lifecycles come from the models, the decisions from the pure rules that the doors ask. What is
checked is written apart from them: I3, I4, I10 and I11.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from django_fsm import FSMField

from apps.accounts.domain.authority import Authority
from apps.approvals.domain.eligibility import (
    Candidate,
    Case,
    Deed,
    Eligibility,
    Given,
    Question,
    Recusal,
    eligibility,
    implementation_facts,
)
from apps.approvals.domain.slots import Signature, SlotSpec, Verdict, outcome_of
from apps.approvals.models import Approval
from apps.changes.domain import lifecycle as life
from apps.changes.domain.decisions import state_after
from apps.changes.models import ChangeRequest
from apps.core.actor import RoleHeld

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ROLE = RoleHeld("cab_member")
QUORUM = 2
SLOT = SlotSpec("board", "Board", (ROLE,), QUORUM, "High risk.")


def right(holder: str, principal: str | None = None) -> Authority:
    return Authority(
        held=ROLE, since=NOW - timedelta(days=99), granted_by=None, granted_by_name="",
        grant=f"role_grant:{principal or holder}", principal=principal,
        principal_name=principal or "",
    )  # fmt: skip


#: Rita asks for the change and sits on the board; Ann owns the change, sits there too and has
#: made Bob her deputy; Ivan sits there and, as Bob does, runs steps.
RIGHTS = {
    "rita": (right("rita"),),
    "ann": (right("ann"),),
    "bob": (right("bob", "ann"),),
    "ivan": (right("ivan"),),
}
HOLDERS = {"rita", "ann", "ivan"}
EDITORS, IMPLEMENTERS = ("rita", "ann"), ("bob", "ivan")
VERDICTS: dict[str, tuple[Verdict, ...]] = {
    "rita": ("approve",),
    "ann": ("approve", "approve_with_conditions"),
    "bob": ("approve", "recuse"),
    "ivan": ("approve", "reject"),
}
APPROVED_STATES = (life.APPROVED, life.SCHEDULED, life.IMPLEMENTING, life.IMPLEMENTED,
                   life.FAILED, life.BACKED_OUT, life.CLOSED)  # fmt: skip


@cache
def targets(model: type[Any]) -> dict[tuple[str, str], str]:
    """(state, move) → the next state, as the model declares it."""
    field = next(f for f in model._meta.fields if isinstance(f, FSMField))
    return {
        (transition.source, transition.name): transition.target
        for transition in field.get_all_transitions(model)
    }


@dataclass(frozen=True, slots=True)
class Said:
    person: str
    principal: str | None
    verdict: Verdict
    content: int


@dataclass(frozen=True, slots=True)
class Change:
    """What matters of one change. `content` counts its versions, of which it has at most two."""

    state: str = life.DRAFT
    content: int = 0
    slot: str = ""
    said: frozenset[Said] = frozenset()
    editors: frozenset[str] = frozenset()
    recused: frozenset[str] = frozenset()
    owed: bool = False
    approved: int | None = None
    started: int | None = None
    implementer: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """The product's rules; a test puts a broken one in its place."""

    eligible: Callable[[Candidate, Case], Eligibility] = eligibility
    outcome: Callable[[Iterable[Signature], int], str] = outcome_of
    implements: Callable[[Candidate, Case], Any] = implementation_facts
    supersedes: bool = True


def candidate(person: str) -> Candidate:
    return Candidate(person, "You", RIGHTS[person])


def case(change: Change) -> Case:
    given = tuple(
        Given(said.person, said.verdict, NOW, "approval:1", said.principal)
        for said in sorted(change.said, key=lambda said: said.person)
    )
    deeds = [Deed("rita", "requester", "requested it", NOW, "change:1")]
    deeds += [Deed(who, "author", "edited it", NOW, "change:1") for who in change.editors]
    asked = (Question(SLOT, change.slot == "requested", given),) if change.slot else ()
    recusals = tuple(Recusal(who, "", NOW, "approval:1") for who in change.recused)
    return Case(asked, tuple(deeds), NOW, timedelta(hours=1), UTC, recusals)


def moved(change: Change, move: str, **more: Any) -> Change:
    state = targets(ChangeRequest)[change.state, move]
    return replace(change, state=state, **more)


def closed(change: Change, how: str) -> Change:
    """The slot ends by one of its own moves, and its signatures with it."""
    if not change.slot:
        return change
    assert (change.slot, how) in targets(Approval)
    return replace(change, slot="", said=frozenset(), owed=False)


def decisions(change: Change, rules: Rules) -> Iterator[tuple[str, Change]]:
    for person, verdicts in VERDICTS.items():
        answer = rules.eligible(candidate(person), case(change))
        if answer.may and answer.openings:
            principal = answer.openings[0].authority.principal
            for verdict in verdicts:
                yield f"{verdict} by {person}", decided(change, rules, person, principal, verdict)
    for said in change.said:
        left = change.said - {said}
        slot = change.slot
        if slot != "requested" and _outcome(left, rules) == "requested":
            slot = targets(Approval)[slot, "reopen"]
        owed = change.owed and said.verdict != "approve_with_conditions"
        yield f"taken back by {said.person}", replace(change, said=left, slot=slot, owed=owed)


def decided(change: Change, rules: Rules, person: str, principal: Any, verdict: Verdict) -> Change:
    if verdict == "recuse":
        return replace(change, recused=change.recused | {person})
    said = change.said | {Said(person, principal, verdict, change.content)}
    outcome: Any = _outcome(said, rules)
    owed = change.owed or verdict == "approve_with_conditions"
    change = replace(change, said=said, slot=outcome, owed=owed)
    state = state_after([outcome])
    if state == "rejected":
        return moved(replace(change, slot="", said=frozenset(), owed=False), "reject")
    return moved(change, "approve", approved=change.content) if state == "approved" else change


def _outcome(said: Iterable[Said], rules: Rules) -> str:
    return rules.outcome([Signature(each.person, each.verdict) for each in said], QUORUM)


def edits(change: Change, rules: Rules) -> Iterator[tuple[str, Change]]:
    """Every edit is one of content that is signed."""
    if change.state not in life.EDITABLE or change.content:
        return
    for person in EDITORS:
        edited = replace(change, content=1, editors=change.editors | {person})
        if change.state != life.DRAFT and rules.supersedes:
            edited = replace(closed(edited, "supersede"), slot="requested", approved=None)
            if change.state != life.ASSESSING:
                edited = moved(edited, "invalidate")
        yield f"edit by {person}", edited


def own_moves(change: Change, rules: Rules) -> Iterator[tuple[str, Change]]:
    """What can happen to a change whatever the window does."""
    yield from edits(change, rules)
    if change.state == life.ASSESSING:
        yield from decisions(change, rules)
    for state, move in targets(ChangeRequest):
        if state != change.state or move in ("approve", "reject", "start", "schedule"):
            continue
        if move == "auto_approve":
            continue  # a standard change has no board
        if move == "submit":
            yield move, moved(change, move, slot="requested")
        elif move == "invalidate":
            asked = replace(closed(change, "supersede"), slot="requested", approved=None)
            yield move, moved(asked, move)
        elif move in ("return_to_draft", "cancel"):
            yield move, moved(closed(change, "withdraw"), move, approved=None)
        elif move == "return_to_approved":
            yield move, moved(change, move, started=None, implementer="")
        else:
            yield move, moved(change, move)


def starts(change: Change, rules: Rules) -> Iterator[tuple[str, Change]]:
    """By somebody who may implement it, and with no condition open."""
    if change.state != life.SCHEDULED or change.owed:
        return
    for person in IMPLEMENTERS:
        facts = rules.implements(candidate(person), case(change))
        if not any(fact.effect == "excludes" for fact in facts):
            yield (
                f"start by {person}",
                moved(change, "start", started=change.content, implementer=person),
            )


def broken(change: Change) -> Iterator[str]:
    """The invariants that a state breaks, each told without the product's rules."""
    in_favour = [s for s in change.said if s.verdict in ("approve", "approve_with_conditions")]
    if change.state in APPROVED_STATES:
        counted = {
            said.person
            for said in in_favour
            if said.content == change.content and {said.person, said.principal} & HOLDERS
        }
        if len(counted) < QUORUM:
            yield "I3"
        seats = {said.principal or said.person for said in in_favour}
        if len(seats) < len(in_favour):
            yield "I3"
        party = {"rita", *change.editors, change.implementer}
        if any({said.person, said.principal} & party for said in in_favour):
            yield "I4"
    if change.started is not None and change.started != change.approved:
        yield "I11"
    if change.owed and change.state == life.IMPLEMENTING:
        yield "condition"


@dataclass
class Explored:
    states: int
    broken: set[str]
    reached: set[str]


def explore(rules: Rules = Rules()) -> Explored:
    """Breadth first. The two changes share the window's only place."""
    own: dict[Change, list[Change]] = {}
    start: dict[Change, list[Change]] = {}
    wrong: set[str] = set()

    def seen(change: Change) -> None:
        if change in own:
            return
        own[change] = [after for _, after in own_moves(change, rules)]
        start[change] = [after for _, after in starts(change, rules)]
        wrong.update(broken(change))
        for after in (*own[change], *start[change]):
            pair = (change.state, after.state)
            if pair[0] != pair[1] and pair not in TABLE:
                wrong.add("I10")

    def after(change: Change, other: Change, window: str) -> Iterator[Change]:
        seen(change)
        yield from own[change]
        if window == "open":
            yield from start[change]
        if change.state == life.APPROVED and other.state not in HOLDS_THE_PLACE:
            yield moved(change, "schedule")

    first = (Change(), Change(), "planned")
    visited = {first}
    queue = deque([first])
    while queue:
        one, two, window = queue.popleft()
        found = [(then, two, window) for then in after(one, two, window)]
        found += [(one, then, window) for then in after(two, one, window)]
        if window in NEXT_WINDOW:
            found.append((one, two, NEXT_WINDOW[window]))
        new = set(found) - visited
        visited |= new
        queue += new
    return Explored(len(visited), wrong, {change.state for change in own})


TABLE = {(source, target) for (source, _), target in targets(ChangeRequest).items()}
HOLDS_THE_PLACE = (life.SCHEDULED, life.IMPLEMENTING)
NEXT_WINDOW = {"planned": "open", "open": "closed"}


def test_no_reachable_state_breaks_an_invariant() -> None:
    explored = explore()
    assert explored.broken == set()
    assert explored.reached == {state for state, _ in life.STATES}
    assert explored.states > 10_000


def test_a_state_at_the_end_of_the_lifecycle_has_no_successor() -> None:
    ends = {life.CLOSED, life.REJECTED, life.CANCELLED}
    assert {state for state, _ in life.STATES} - {source for source, _ in TABLE} == ends


def nobody_has_a_part(person: Candidate, about: Case) -> Eligibility:
    return eligibility(person, replace(about, deeds=()))


def deputies_are_others(person: Candidate, about: Case) -> Eligibility:
    questions = tuple(
        replace(q, given=tuple(replace(given, principal=None) for given in q.given))
        for q in about.questions
    )
    rights = tuple(replace(each, principal=None) for each in person.authorities)
    answer = eligibility(replace(person, authorities=rights), replace(about, questions=questions))
    openings = tuple(
        replace(opening, authority=person.authorities[0]) for opening in answer.openings
    )
    return replace(answer, openings=openings)


@pytest.mark.parametrize(
    ("rules", "found"),
    [
        (Rules(eligible=nobody_has_a_part), "I4"),
        (Rules(eligible=deputies_are_others), "I3"),
        (Rules(outcome=lambda said, quorum: outcome_of(said, 1)), "I3"),
        (Rules(implements=lambda person, about: ()), "I4"),
        (Rules(supersedes=False), "I11"),
    ],
    ids=["parts ignored", "deputies counted apart", "one is a quorum", "approvers implement",
         "signatures outlive an edit"],
)  # fmt: skip
def test_a_broken_rule_is_found(rules: Rules, found: str) -> None:
    assert found in explore(rules).broken
