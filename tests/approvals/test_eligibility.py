"""Who may sign and why: the pure rule as tables of facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

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
)
from apps.approvals.domain.slots import SlotSpec
from apps.core.actor import RoleHeld

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
EARLIER = NOW - timedelta(days=100)
BOARD = RoleHeld("cab_member")
SLOT = SlotSpec("board", "Change advisory board", (BOARD,), 2, "High risk.")


def right(**more: Any) -> Authority:
    facts: dict[str, Any] = {
        "held": BOARD,
        "since": EARLIER,
        "granted_by": "admin",
        "granted_by_name": "Site Admin",
        "grant": "role_grant:1",
    }
    return Authority(**(facts | more))


def delegated(**more: Any) -> Authority:
    return right(
        principal="petra", principal_name="Petra", delegation="delegation:1",
        until=NOW + timedelta(days=3), **more,
    )  # fmt: skip


def case(*given: Given, is_open: bool = True, **more: Any) -> Case:
    facts: dict[str, Any] = {
        "questions": (Question(SLOT, is_open, given),),
        "deeds": (
            Deed("rita", "requester", "requested it", EARLIER, "change:1"),
            Deed("dev", "author", "wrote it", EARLIER, "change:1"),
        ),
        "now": NOW,
        "settles_after": timedelta(hours=1),
        "zone": UTC,
    }
    return Case(**(facts | more))


def given(person: str, principal: str | None = None, verdict: Any = "approve") -> Given:
    return Given(person, verdict, NOW - timedelta(hours=2), "approval:1", principal)


def me(*rights: Authority, key: str = "me", **more: Any) -> Candidate:
    return Candidate(key, "You", rights, **more)


def codes(answer: Eligibility, effect: str = "excludes") -> list[str]:
    return sorted(fact.code for fact in answer.facts if fact.effect == effect)


@pytest.mark.parametrize(
    ("person", "about", "excluded_by"),
    [
        (me(right()), case(), []),
        (me(), case(), ["not_in_slot"]),
        (me(right(held=RoleHeld("technical_lead"))), case(), ["not_in_slot"]),
        (me(right(), is_human=False), case(), ["not_a_person"]),
        (me(right(), is_active=False), case(), ["inactive"]),
        (me(right(), key="rita"), case(), ["separation_of_duties"]),
        (me(right(), key="dev"), case(), ["separation_of_duties"]),
        (me(right()), case(is_open=False), ["no_open_slot"]),
        (me(right()), case(given("me")), ["signed_already"]),
        (me(right()), case(given("me", verdict="abstain")), ["signed_already"]),
        (me(right()), case(given("deputy", "me")), ["signed_already"]),
        (me(right()), case(given("other")), []),
        (me(right(granted_by="rita")), case(), ["role_from_requester"]),
        (me(right(granted_by=None)), case(), []),
        (me(right(since=NOW - timedelta(minutes=59))), case(), ["role_not_settled"]),
        (me(right(since=NOW - timedelta(hours=1))), case(), []),
        (me(delegated()), case(), []),
        (me(delegated(), key="rita"), case(), ["separation_of_duties"]),
        (me(delegated()), case(given("petra")), ["seat_taken"]),
        (me(delegated()), case(given("other", "petra")), ["seat_taken"]),
        (me(delegated(granted_by="rita")), case(), ["role_from_requester"]),
    ],
)
def test_who_is_excluded_by_what(person: Candidate, about: Case, excluded_by: list[str]) -> None:
    answer = eligibility(person, about)
    assert codes(answer) == excluded_by
    assert answer.may is (not excluded_by)
    assert [blocker.code for blocker in answer.blockers()] == excluded_by


def test_a_delegate_of_the_requester_or_author_does_not_sign() -> None:
    about = case(deeds=(Deed("petra", "author", "edited the backout", EARLIER, "change:1"),))
    assert codes(eligibility(me(delegated()), about)) == ["delegated_by_party"]


def test_who_stepped_back_signs_nothing_and_nobody_signs_for_them() -> None:
    recusal = Recusal("petra", "My team builds it.", EARLIER, "approval:0")
    about = case(recusals=(recusal,))
    answer = eligibility(me(right(), key="petra"), about)
    assert codes(answer) == ["recused"]
    assert "“My team builds it.”" in next(iter(answer.blockers())).text
    assert codes(eligibility(me(delegated()), about)) == ["delegated_by_recused"]


OWNS = Deed("olga", "owner", "owns it", EARLIER, "change:1")
FOR_OTHERS = replace(SLOT, excludes=("owner",))


@pytest.mark.parametrize(
    ("person", "spec", "excluded_by"),
    [
        (me(right(), key="olga"), SLOT, []),
        (me(right(), key="olga"), FOR_OTHERS, ["separation_of_duties"]),
        (me(replace(delegated(), principal="olga")), FOR_OTHERS, ["separation_of_duties"]),
        (me(right()), FOR_OTHERS, []),
        (me(right(), replace(delegated(), principal="olga")), FOR_OTHERS, []),
    ],
)
def test_a_slot_may_exclude_a_part_in_the_record(
    person: Candidate, spec: SlotSpec, excluded_by: list[str]
) -> None:
    about = case(questions=(Question(spec, True),), deeds=(OWNS,))
    assert codes(eligibility(person, about)) == excluded_by


OWNER_SLOT = SlotSpec("owner", "Owner of CARD", (RoleHeld("application_owner"),), 1, "Always.")
APART = replace(SLOT, excludes=("slot:owner",))
SEAT = replace(OWNER_SLOT, code="owner+security")


@pytest.mark.parametrize(
    ("person", "asked", "signed", "by", "excluded_by"),
    [
        (me(right()), APART, OWNER_SLOT, given("me"), ["signed_other_slot"]),
        (me(right()), APART, OWNER_SLOT, given("me", verdict="abstain"), ["signed_other_slot"]),
        (me(right()), APART, OWNER_SLOT, given("deputy", "me"), ["signed_other_slot"]),
        (me(delegated()), APART, OWNER_SLOT, given("petra"), ["signed_other_slot"]),
        (me(right()), SLOT, replace(OWNER_SLOT, excludes=("slot:board",)), given("me"),
         ["signed_other_slot"]),
        (me(right()), APART, SEAT, given("me"), ["signed_other_slot"]),
        (me(right()), APART, replace(SEAT, code="owners"), given("me"), []),
        (me(right()), APART, OWNER_SLOT, given("somebody"), []),
        (me(right()), APART, OWNER_SLOT, replace(given("me"), lapse="the role ended"), []),
        (me(right()), SLOT, OWNER_SLOT, given("me"), []),
        (me(right(), delegated()), APART, OWNER_SLOT, given("petra"), []),
    ],
)  # fmt: skip
def test_two_slots_that_are_kept_apart_need_two_people(
    person: Candidate, asked: SlotSpec, signed: SlotSpec, by: Given, excluded_by: list[str]
) -> None:
    about = case(questions=(Question(asked, True), Question(signed, False, (by,))))
    answer = eligibility(person, about)
    assert codes(answer) == excluded_by
    for blocker in answer.blockers():
        assert blocker.text.endswith(
            " signed the slot “Owner of CARD” of this record on 20 Nov 10:00; "
            "as change advisory board somebody else signs."
        )
        assert blocker.fix


def test_a_later_slot_waits_for_those_before_it() -> None:
    lead = RoleHeld("technical_lead")
    first = SlotSpec("lead", "Technical lead", (lead,), 1, "Medium risk.")
    later = Question(replace(SLOT, order=2), True)
    waiting = case(questions=(Question(first, True), later))
    answer = eligibility(me(right()), waiting)
    assert codes(answer) == ["not_your_turn"]
    assert "is asked after: Technical lead." in answer.facts[-1].text
    assert eligibility(me(right(held=lead)), waiting).openings[0].slot == "lead"
    signed = case(questions=(Question(first, False), later))
    assert eligibility(me(right()), signed).may


def test_a_right_that_does_not_count_excludes_only_who_has_no_other() -> None:
    young = right(since=NOW, grant="role_grant:2")
    answer = eligibility(me(young, right()), case())
    assert answer.may
    assert codes(answer, "noted") == ["role_not_settled"]
    assert [opening.authority.grant for opening in answer.openings] == ["role_grant:1"]


def test_every_reason_is_told_at_once() -> None:
    recusal = Recusal("rita", "Conflict.", EARLIER, "approval:0")
    person = me(right(since=NOW, granted_by="rita"), key="rita", is_active=False)
    assert codes(eligibility(person, case(recusals=(recusal,)))) == [
        "inactive", "recused", "role_from_requester", "role_not_settled", "separation_of_duties",
    ]  # fmt: skip


def test_a_fact_says_what_when_and_where_it_is_proved() -> None:
    edited_at = datetime(2026, 11, 14, 10, 12, tzinfo=UTC)
    edit = Deed("me", "author", "edited the backout", edited_at, "change:1")
    fact = next(f for f in eligibility(me(right()), case(deeds=(edit,))).facts)
    assert fact.text.startswith("You edited the backout on 14 Nov 10:12")
    assert (fact.at, fact.evidence, fact.fix != "") == (edited_at, "change:1", True)


def test_an_admission_names_the_grant_and_its_giver() -> None:
    fact = eligibility(me(right()), case()).facts[-1]
    assert fact.text == (
        "You hold Board member since 12 Aug 12:00, granted by Site Admin: Change advisory board."
    )
    assert fact.evidence == "role_grant:1"


def test_of_somebody_else_the_facts_speak_by_name() -> None:
    sofia = replace(me(delegated()), called="Sofia")
    fact = eligibility(sofia, case()).facts[-1]
    assert fact.text.startswith("Sofia acts for Petra until 23 Nov 12:00, who holds Board member")


def test_a_moment_of_another_year_says_which() -> None:
    old = Deed("me", "author", "edited the scope", NOW - timedelta(days=400), "change:1")
    text = eligibility(me(right()), case(deeds=(old,))).facts[0].text
    assert "16 Oct 2025 12:00" in text
