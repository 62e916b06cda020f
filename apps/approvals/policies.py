"""Who may sign a slot, and who may meet the conditions of a signature."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import cast
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings

from apps.accounts.domain.authority import Authority
from apps.approvals.domain.eligibility import (
    Candidate,
    Case,
    Deed,
    Given,
    Question,
    Recusal,
    in_words,
    lapse_of,
)
from apps.approvals.domain.slots import Signature, Verdict, outcome_of
from apps.approvals.models import Approval, Countersign, Decision, Obligation
from apps.core import clock
from apps.core.actor import Actor, RoleHeld
from apps.core.errors import Blocker, bad_input


def version_blockers(expected_seq: int | None) -> Iterator[Blocker]:
    """A decision is about the version that was on the screen, and says which."""
    if expected_seq is None:
        yield bad_input(
            "expected_seq",
            "A decision names the version that was on the screen.",
            "Send the version of the record you looked at (If-Match).",
            "version_needed",
        )


def content_blockers(code: str, asked: str, told: str | None) -> Iterator[Blocker]:
    """A signature is on the content that the signer saw, whatever the version says: `told` is the
    digest they saw, where that is known, `asked` the one that `code` is asked about."""
    if told is not None and told != asked:
        yield Blocker(
            "old_content",
            f"The content of {code} on your screen is not the one that is asked about.",
            "Open it again and read what is asked now.",
            "you",
            kind="stale",
            details={"asked": asked, "yours": told[:64], "changes": []},
        )


#: A proposal is confirmed within this time or made again.
PROPOSAL_HOLDS = timedelta(minutes=30)


def countersign_blockers(
    actor: Actor, found: Countersign | None, content_digest: str
) -> Iterator[Blocker]:
    """Whether `actor` may be the second person: there is a proposal, of somebody else, not too
    long ago, and `content_digest`, that of now, is the one that was proposed."""
    if found is None or clock.now() - found.proposed_at > PROPOSAL_HOLDS:
        yield Blocker(
            "not_proposed",
            "Nobody proposed it in the last 30 minutes.",
            "Propose it; a second person then confirms.",
            "release manager",
        )
        return
    if not actor.is_human:
        yield Blocker("not_a_person", "Only a person confirms.", "Sign in as yourself.",
                      "a second person", kind="permission")  # fmt: skip
    if actor.id == found.proposed_by_id:
        yield Blocker(
            "second_person",
            "You proposed it; a second person confirms.",
            "Ask a colleague who may confirm it.",
            "a second person",
            kind="permission",
        )
    if content_digest != found.content_digest:
        yield Blocker(
            "changed_since",
            "What it rests on has changed since it was proposed.",
            "Look again, and propose it again.",
            str(found.proposed_by),
        )


def candidate_of(
    actor: Actor, authorities: tuple[Authority, ...], *, called: str = "You", is_active: bool = True
) -> Candidate:
    return Candidate(actor.id, called, authorities, actor.is_human, is_active)


def case_of(
    slots: Iterable[Approval],
    deeds: tuple[Deed, ...],
    recusals: Iterable[Decision],
    held: Mapping[UUID, Collection[RoleHeld]],
) -> Case:
    """The record that the live `slots` ask about, as the pure rule of eligibility sees it.

    `held`: the roles of those who decided in the slots and are active, by person.
    """
    case = Case(
        questions=(),
        deeds=deeds,
        recusals=tuple(
            Recusal(said.by_id, said.comment, said.decided_at, said.approval.subject)
            for said in recusals
        ),
        now=clock.now(),
        settles_after=settings.INTERLOCK_ROLE_SETTLES_AFTER,
        zone=ZoneInfo(settings.INTERLOCK_ZONE),
    )
    return replace(case, questions=tuple(_question(slot, case, held) for slot in slots))


def _question(slot: Approval, case: Case, held: Mapping[UUID, Collection[RoleHeld]]) -> Question:
    """A slot that has too few signatures left that count is open, whatever it was."""
    spec = slot.spec
    standing = (
        Given(
            said.by_id,
            cast(Verdict, said.verdict),
            said.decided_at,
            slot.subject,
            said.on_behalf_of_id,
        )
        for said in slot.standing
    )
    given = tuple(replace(g, lapse=lapse_of(g, spec, case, held)) for g in standing)
    counted = [Signature(g.person, g.verdict) for g in given if g.counts]
    return Question(spec, outcome_of(counted, spec.quorum) == "requested", given)


def tell_lapses(slots: Iterable[Approval], case: Case) -> None:
    """Let each decision in the live `slots` say itself whether it counts; `case` asks about these
    slots, in their order."""
    for slot, question in zip(slots, case.questions, strict=True):
        for said, given in zip(slot.standing, question.given, strict=True):
            said.lapse = given.lapse


def own_decision(slots: Iterable[Approval], person: UUID | None, code: str = "") -> Decision | None:
    """What `person` decided that they may take back: in the slot `code`, or in the first."""
    return next(
        (
            said
            for slot in slots
            for said in slot.standing
            if said.by_id == person
            and code in ("", slot.slot)
            and said.verdict != Decision.Verdict.RECUSE
        ),
        None,
    )


def take_back_blockers(actor: Actor, slots: Sequence[Approval]) -> Iterator[Blocker]:
    if own_decision(slots, actor.id) is None:
        yield Blocker(
            "nothing_decided",
            "You have decided nothing here that could be taken back.",
            "Only who signed takes the signature back.",
            "who signed",
            kind="permission",
        )


def wanted(slot: Approval) -> str:
    """ "Technical lead for db2"."""
    return " or ".join(in_words(held) for held in slot.spec.eligible)


def meet_blockers(actor: Actor, obligation: Obligation) -> Iterator[Blocker]:
    if obligation.state != Obligation.State.OPEN:
        yield _obligation_state(obligation, "open")
    if not actor.is_human or actor.id not in (obligation.owner_id, obligation.set_by_id):
        yield Blocker(
            "role_missing",
            f"{actor.printed_name} does not answer for this condition.",
            f"Ask {obligation.owner}.",
            str(obligation.owner),
            kind="permission",
        )


def doubt_blockers(actor: Actor, obligation: Obligation) -> Iterator[Blocker]:
    if obligation.state != Obligation.State.MET:
        yield _obligation_state(obligation, "met")
    if actor.id != obligation.set_by_id:
        yield Blocker(
            "role_missing",
            "Only who made the condition judges its proof.",
            f"Ask {obligation.set_by}.",
            str(obligation.set_by),
            kind="permission",
        )


def _obligation_state(obligation: Obligation, needed: str) -> Blocker:
    return Blocker(
        "wrong_state",
        f"The condition is {obligation.get_state_display().lower()}; this needs {needed}.",
        "Nothing to do.",
        "nobody",
        kind="state",
    )
