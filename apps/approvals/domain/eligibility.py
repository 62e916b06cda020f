"""May this person sign here, and which facts say so? One answer for doors, pages and questions."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import Any, Literal

from apps.accounts.domain.authority import Authority
from apps.accounts.domain.duties import DID, EXCLUDED_BY, Part, Parts, conflicts
from apps.accounts.domain.roles import LABEL_OF_ROLE
from apps.approvals.domain.slots import VERDICT_IN_WORDS, SlotSpec, Verdict, in_turn
from apps.core.actor import RoleHeld
from apps.core.errors import Blocker, BlockerKind

Effect = Literal["admits", "excludes", "noted"]


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that admits somebody, excludes them, or changes neither.

    `evidence` is the subject of the ledger whose entries prove it, `at` when it came about.
    """

    code: str
    effect: Effect
    text: str
    at: datetime | None = None
    evidence: str = ""
    fix: str = ""
    who: str = ""
    kind: BlockerKind = "permission"

    def as_blocker(self) -> Blocker:
        return Blocker(self.code, self.text, self.fix, self.who, kind=self.kind)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Who might sign. `called` is "You" where the answer is for that person."""

    key: Hashable
    called: str
    authorities: tuple[Authority, ...] = ()
    is_human: bool = True
    is_active: bool = True

    def does(self, verb: str) -> str:
        """ "You hold", "Sofia Rinaldi holds"."""
        return f"You {verb}" if self.called == "You" else f"{self.called} {verb}s"


@dataclass(frozen=True, slots=True)
class Given:
    """A standing decision in a slot. `principal` is whose role it was, when not the signer's;
    `lapse` tells why it counts no more, once they may not sign any more."""

    person: Hashable
    verdict: Verdict
    at: datetime
    evidence: str
    principal: Hashable | None = None
    lapse: str = ""

    @property
    def counts(self) -> bool:
        return not self.lapse

    @property
    def people(self) -> tuple[Hashable, ...]:
        return (self.person,) if self.principal is None else (self.person, self.principal)


@dataclass(frozen=True, slots=True)
class Question:
    """One slot with what was decided in it."""

    spec: SlotSpec
    is_open: bool
    given: tuple[Given, ...] = ()

    @property
    def order(self) -> int:
        return self.spec.order


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody did to the record that gives them a part in it: "edited the backout"."""

    person: Hashable
    part: Part
    words: str
    at: datetime
    evidence: str


@dataclass(frozen=True, slots=True)
class Recusal:
    person: Hashable
    reason: str
    at: datetime
    evidence: str


@dataclass(frozen=True, slots=True)
class Case:
    """A record that is asked about, at `now`. `settles_after`: how old a grant is that counts."""

    questions: tuple[Question, ...]
    deeds: tuple[Deed, ...]
    now: datetime
    settles_after: timedelta
    zone: tzinfo
    recusals: tuple[Recusal, ...] = ()

    @property
    def parts(self) -> Parts:
        def who(part: Part) -> frozenset[Hashable]:
            return frozenset(deed.person for deed in self.deeds if deed.part == part)

        return Parts(
            who("requester"), who("author"), who("approver"), who("implementer"), who("owner")
        )

    def when(self, moment: datetime) -> str:
        """ "14 Nov 10:12", with the year where it is another."""
        local, today = moment.astimezone(self.zone), self.now.astimezone(self.zone)
        year = "" if local.year == today.year else f" {local.year}"
        return f"{local.day} {local:%b}{year} {local:%H:%M}"


@dataclass(frozen=True, slots=True)
class Opening:
    """A slot that the person may sign, and by what right."""

    slot: str
    authority: Authority


@dataclass(frozen=True, slots=True)
class Eligibility:
    """`asked` tells whether any slot is open at all."""

    facts: tuple[Fact, ...]
    openings: tuple[Opening, ...]
    asked: bool

    @property
    def may(self) -> bool:
        return not any(fact.effect == "excludes" for fact in self.facts)

    def blockers(self) -> Iterator[Blocker]:
        return (fact.as_blocker() for fact in self.facts if fact.effect == "excludes")


def eligibility(person: Candidate, case: Case) -> Eligibility:
    """Whether `person` may sign one of the open slots of `case` whose turn it is: every fact for
    and against.

    A right that does not count (a grant too young, one by the requester, a seat that is taken, a
    part or another slot's signature that the slot excludes) excludes only who has no other;
    otherwise it is noted.
    """
    openings: list[Opening] = []
    rights: list[Fact] = []
    weak: list[Fact] = []
    waiting = [question for question in case.questions if question.is_open]
    asked = in_turn(waiting)
    for question in asked:
        for authority in person.authorities:
            if not question.spec.admits([authority.held]):
                continue
            against = [
                *_seat(person, question, authority, case),
                *_barred(person, question, authority, case),
                *_elsewhere(person, question, authority, case),
                *_right(person, authority, case),
            ]
            weak += against
            if not against:
                openings.append(Opening(question.spec.code, authority))
                rights.append(_admission(person, authority, case, question.spec.label))
    if openings or not asked:
        weak = [replace(fact, effect="noted") for fact in weak]
    facts = [*_person(person), *_deeds(person, case), *_recusals(person, case)]
    if not asked:
        facts.append(NOBODY_ASKED)
    elif not openings and not weak:
        later = [question for question in waiting if _fits(person, question)]
        facts.append(_not_yet(later, asked) if later else _not_in_slot(person, asked))
    told = (*facts, *weak, *rights, *_earlier(person, case))
    return Eligibility(tuple(dict.fromkeys(told)), tuple(openings), bool(asked))


def lapse_of(
    given: Given, spec: SlotSpec, case: Case, held: Mapping[Any, Collection[RoleHeld]]
) -> str:
    """Why a decision counts no more, "" while it does: one of its people is not active, whose role
    it was holds none any more that signs here, or one of them has got a part that excludes them.

    `held`: by person, the roles of those who are active. That a delegation ended since takes
    nothing from what was signed under it.
    """
    if not all(person in held for person in given.people):
        return "the account is deactivated"
    holder = given.person if given.principal is None else given.principal
    if not spec.admits(held[holder]):
        return "the role that signs here has ended"
    excluding = {*EXCLUDED_BY["approve"], *spec.excludes}
    found = {part for person in given.people for part in case.parts.held_by(person)} & excluding
    return f"who {DID[min(found)]} does not approve it" if found else ""


def implementation_facts(person: Candidate, case: Case) -> tuple[Fact, ...]:
    """Whether `person`, as far as approvals go, may implement: not what they approved, nor what
    somebody approved for them."""
    approved = [
        (question, given)
        for question in case.questions
        for given in question.given
        if person.key in given.people and given.verdict in ("approve", "approve_with_conditions")
    ]
    if not approved:
        return (
            Fact("not_approver", "admits", f"{person.called} did not approve this content.",
                 kind="state"),
        )  # fmt: skip
    return tuple(
        Fact(
            "separation_of_duties",
            "excludes",
            f"{person.called} approved it on {case.when(given.at)} ({question.spec.label}): who "
            "approved it does not implement it.",
            given.at,
            given.evidence,
            "Somebody else runs the steps.",
            "the team of the step",
        )
        for question, given in approved
    )


def standing_facts(person: Candidate, case: Case, *, admits: bool) -> Iterator[Fact]:
    """What somebody is to the record whatever they want to do: an account that is closed, their
    parts in it, the rights that they act by. They admit to what nothing excludes from."""
    effect: Effect = "admits" if admits and person.is_active else "noted"
    yield from _closed(person)
    for deed in case.deeds:
        if deed.person == person.key:
            text = f"{person.called} {deed.words} on {case.when(deed.at)}."
            yield Fact(f"part_{deed.part}", effect, text, deed.at, deed.evidence)
    for authority in person.authorities:
        yield replace(_admission(person, authority, case), effect=effect)


NOBODY_ASKED = Fact(
    "no_open_slot", "excludes", "Nobody's signature is asked for now.", fix="Nothing to do.",
    kind="state",
)  # fmt: skip


def _person(person: Candidate) -> Iterator[Fact]:
    if not person.is_human:
        yield Fact(
            "not_a_person",
            "excludes",
            "Only a person decides; service accounts and the system never do.",
            fix="Sign in as yourself.",
            who="an approver",
        )
    yield from _closed(person)


def _closed(person: Candidate) -> Iterator[Fact]:
    if not person.is_active:
        yield Fact(
            "inactive",
            "excludes",
            f"The account of {person.called} is deactivated.",
            fix="Another holder of the role signs.",
            who="another approver",
        )


def _deeds(person: Candidate, case: Case) -> Iterator[Fact]:
    excluding = conflicts("approve", person.key, case.parts)
    for deed in case.deeds:
        if deed.person == person.key and deed.part in excluding:
            yield Fact(
                "separation_of_duties",
                "excludes",
                f"{person.called} {deed.words} on {case.when(deed.at)}: who {DID[deed.part]} "
                "does not approve it.",
                deed.at,
                deed.evidence,
                "Another holder of the role signs.",
                "another approver",
            )


def _recusals(person: Candidate, case: Case) -> Iterator[Fact]:
    for recusal in case.recusals:
        if recusal.person == person.key:
            yield Fact(
                "recused",
                "excludes",
                f"{person.called} stepped back from this record on {case.when(recusal.at)}: "
                f"“{recusal.reason}”",
                recusal.at,
                recusal.evidence,
                "Another holder of the role signs.",
                "another approver",
            )


def _seat(
    person: Candidate, question: Question, authority: Authority, case: Case
) -> Iterator[Fact]:
    """One person fills one place of a quorum, and one place is filled once."""
    for given in question.given:
        if not given.counts:
            continue
        if person.key in given.people:
            did = VERDICT_IN_WORDS[given.verdict]
            text = f"{person.called} {did} this content on {case.when(given.at)}"
            if given.person != person.key:
                text = f"Somebody {did} for {person.called} on {case.when(given.at)}"
            yield Fact(
                "signed_already", "excludes",
                f"{text}, {question.spec.label.lower()}; a quorum counts different people.",
                given.at, given.evidence, "Another holder of the role signs.", "another approver",
            )  # fmt: skip
        elif authority.principal is not None and authority.principal in given.people:
            yield Fact(
                "seat_taken", "excludes",
                f"{authority.principal_name} has decided as {question.spec.label.lower()} on "
                f"{case.when(given.at)}; nobody decides a second time for them.",
                given.at, given.evidence, "Another holder of the role signs.", "another approver",
            )  # fmt: skip


def _barred(
    person: Candidate, question: Question, authority: Authority, case: Case
) -> Iterator[Fact]:
    """The slot excludes a part that the signer has in the record, or for whom they act."""
    for key, called in ((person.key, person.called), (authority.principal, "Who they act for")):
        if key is None:
            continue
        for part in case.parts.held_by(key):
            if part in question.spec.excludes:
                deed = next(d for d in case.deeds if (d.person, d.part) == (key, part))
                yield Fact(
                    "separation_of_duties", "excludes",
                    f"{called} {deed.words}: who {DID[part]} does not sign as "
                    f"{question.spec.label.lower()}.",
                    deed.at, deed.evidence, "Another holder of the role signs.",
                    "another approver",
                )  # fmt: skip


def _elsewhere(
    person: Candidate, question: Question, authority: Authority, case: Case
) -> Iterator[Fact]:
    """Two slots that are kept apart need two people, deputies and whom they act for included."""
    for other in case.questions:
        if not question.spec.is_apart_from(other.spec):
            continue
        for given in other.given:
            if not given.counts:
                continue
            if person.key in given.people:
                own = given.person == person.key
                whose = person.called if own else f"Somebody for {_object(person)}"
            elif authority.principal is not None and authority.principal in given.people:
                whose = authority.principal_name
            else:
                continue
            yield Fact(
                "signed_other_slot", "excludes",
                f"{whose} signed the slot “{other.spec.label}” of this record on "
                f"{case.when(given.at)}; as {question.spec.label.lower()} somebody else signs.",
                given.at, given.evidence, "Another holder of the role signs.", "another approver",
            )  # fmt: skip


def _object(person: Candidate) -> str:
    return "you" if person.called == "You" else person.called


def _right(person: Candidate, authority: Authority, case: Case) -> Iterator[Fact]:
    """Why a role that fits does not count."""
    whose = person.called if authority.principal is None else authority.principal_name
    what = in_words(authority.held)
    if authority.granted_by is not None and authority.granted_by in case.parts.requesters:
        yield Fact(
            "role_from_requester",
            "excludes",
            f"{whose} got “{what}” from {authority.granted_by_name}, who requested this record; "
            "such a grant does not count here.",
            authority.since,
            authority.grant,
            "Another holder of the role signs.",
            "another approver",
        )
    if authority.since + case.settles_after > case.now:
        counts_at = authority.since + case.settles_after
        yield Fact(
            "role_not_settled",
            "excludes",
            f"{whose} got “{what}” only on {case.when(authority.since)}; it counts from "
            f"{case.when(counts_at)}.",
            authority.since,
            authority.grant,
            "Wait until then, or have another holder of the role sign.",
            "another approver",
        )
    if authority.principal is None:
        return
    if conflicts("approve", authority.principal, case.parts):
        yield Fact(
            "delegated_by_party",
            "excludes",
            f"{authority.principal_name}, for whom {person.does('act')}, has a part in this "
            "record and may not approve it; neither may who acts for them.",
            evidence=authority.delegation,
            fix="Another holder of the role signs.",
            who="another approver",
        )
    if any(recusal.person == authority.principal for recusal in case.recusals):
        yield Fact(
            "delegated_by_recused",
            "excludes",
            f"{authority.principal_name}, for whom {person.does('act')}, stepped back from this "
            "record.",
            evidence=authority.delegation,
            fix="Another holder of the role signs.",
            who="another approver",
        )


def _admission(person: Candidate, authority: Authority, case: Case, where: str = "") -> Fact:
    """By what right they act, and in which slot that counts."""
    end = f": {where}." if where else "."
    giver = f", granted by {authority.granted_by_name}" if authority.granted_by_name else ""
    what = f"{in_words(authority.held)} since {case.when(authority.since)}{giver}"
    if authority.principal is None:
        text = f"{person.does('hold')} {what}{end}"
        return Fact("role_held", "admits", text, authority.since, authority.grant)
    ends = f" until {case.when(authority.until)}" if authority.until else ""
    text = f"{person.does('act')} for {authority.principal_name}{ends}, who holds {what}{end}"
    return Fact("delegated", "admits", text, authority.since, authority.delegation)


def _not_in_slot(person: Candidate, asked: list[Question]) -> Fact:
    wanted = "; ".join(
        f"{q.spec.label}: {' or '.join(in_words(held) for held in q.spec.eligible)}" for q in asked
    )
    return Fact(
        "not_in_slot",
        "excludes",
        f"{person.does('hold')} no role that signs here. Asked for: {wanted}.",
        fix="Somebody who holds one of these roles signs.",
        who="an approver of an open slot",
    )


def _fits(person: Candidate, question: Question) -> bool:
    return question.spec.admits([authority.held for authority in person.authorities])


def _not_yet(later: list[Question], asked: list[Question]) -> Fact:
    first = " and ".join(question.spec.label for question in asked)
    return Fact(
        "not_your_turn",
        "excludes",
        f"{later[0].spec.label} is asked after: {first}.",
        fix="Wait until they have signed.",
        who="an approver of an open slot",
        kind="state",
    )


def _earlier(person: Candidate, case: Case) -> Iterator[Fact]:
    """What the person decided in slots that need nobody more."""
    for question in case.questions:
        for given in question.given:
            if question.is_open or given.person != person.key or given.verdict == "recuse":
                continue
            yield Fact(
                "signed",
                "noted",
                f"{person.called} {VERDICT_IN_WORDS[given.verdict]} on "
                f"{case.when(given.at)}: {question.spec.label}.",
                given.at,
                given.evidence,
            )


def in_words(held: RoleHeld) -> str:
    """ "Technical lead for db2"."""
    where = f" for {held.scope.partition(':')[2]}" if held.scope else ""
    return LABEL_OF_ROLE.get(held.role, held.role) + where
