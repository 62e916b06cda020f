"""The approval policy: the pure engine as tables, and the register that keeps it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from apps.accounts.domain.roles import ROLE_CODES
from apps.accounts.models import User
from apps.approvals.models import Approval
from apps.changes.domain.policy import (
    DELIVERED,
    PolicyInput,
    Rule,
    plain_rules,
    problems,
    rules_of,
    slots_for,
    understaffed,
)
from apps.changes.models import ApprovalPolicy, ChangeRequest, PolicyRule
from apps.changes.services import decisions
from apps.changes.services.policies import create_policy, edit_policy, ensure_policy
from apps.core.actor import RoleHeld
from apps.evidence.models import EvidenceEntry
from apps.inventory.services.registers import edit_application
from tests.changes.worlds import Bank, make_asset, sign, small_bank, submitted
from tests.factories import actor, make_user
from tests.inventory.factories import keeper
from tests.support import commit_now, refused

E1, N1, N2, N3, R1, R2, S1, S2, S3, S4, T1, T2 = DELIVERED


def asked(rules: Any, change_type: str = "normal", band: str = "low", **facts: Any) -> list[str]:
    families = frozenset(facts.pop("families", ()))
    return [s.code for s in slots_for(rules, PolicyInput(change_type, band, "CARD", families,
                                                         **facts))]  # fmt: skip


@pytest.mark.parametrize(
    ("change_type", "band", "families", "slots"),
    [
        ("emergency", "critical", ["db2"], ["ecab"]),
        ("normal", "low", ["db2"], ["application_owner"]),
        ("normal", "medium", ["source"], ["application_owner"]),
        ("normal", "medium", ["db2", "ims"], ["application_owner", "technical_lead:db2"]),
        ("normal", "high", ["db2", "cics"],
         ["application_owner", "technical_lead:cics", "technical_lead:db2", "board"]),
        ("standard", "low", ["jcl"], ["application_owner"]),
        ("normal", "low", ["platform"], ["application_owner", "technical_lead:security"]),
        ("normal", "high", ["platform"],
         ["application_owner", "technical_lead:security", "board", "board+security"]),
        ("emergency", "high", ["platform"], ["ecab"]),
    ],
)  # fmt: skip
def test_what_the_delivered_policy_asks(
    change_type: str, band: str, families: list[str], slots: list[str]
) -> None:
    assert asked(DELIVERED, change_type, band, families=families) == slots


def test_the_highest_criticality_is_signed_for_by_the_service_and_the_night_too() -> None:
    slots = ["application_owner", "service_owner", "release_manager"]
    assert asked(DELIVERED, tier="tier0") == slots
    assert asked(DELIVERED, tier="tier1") == slots[:1]


def test_what_falls_under_pci_is_signed_for_by_security_too() -> None:
    pci = {"regulations": frozenset({"pci"})}
    assert asked(DELIVERED, **pci) == ["application_owner", "technical_lead:security"]
    assert asked(DELIVERED, band="high", **pci) == [
        "application_owner", "board", "technical_lead:security", "board+security",
    ]  # fmt: skip
    sox = {"regulations": frozenset({"sox"})}
    assert asked(DELIVERED, **sox) == ["application_owner"]


def test_a_version_from_before_a_condition_is_read_without_it() -> None:
    (old,) = plain_rules([N1])
    del old["regulations"]
    assert rules_of([old]) == (N1,)


def test_a_slot_says_which_rule_asked_and_why() -> None:
    lead = slots_for(DELIVERED, PolicyInput("normal", "medium", "CARD", frozenset({"ims"})))[1]
    assert lead.because == "N2: From medium risk on, for the touched family ims."
    assert lead.rules == ("N2",)
    assert lead.eligible == (RoleHeld("technical_lead", "family:db2"),)


ANY = Rule("A1", "Always.", "owner", "Owner", ("application_owner",))


@pytest.mark.parametrize(
    ("conditions", "facts"),
    [
        ({"change_types": ("emergency",)}, {"change_type": "emergency"}),
        ({"risk_from": "high"}, {"risk_band": "critical"}),
        ({"families": ("ims", "db2")}, {"families": frozenset({"ims", "jcl"})}),
        ({"tiers": ("tier0",)}, {"tier": "tier0"}),
        ({"regulations": ("pci",)}, {"regulations": frozenset({"pci"})}),
        ({"environments": ("PROD",)}, {"environments": frozenset({"PROD", "TEST"})}),
        ({"in_freeze": True}, {"in_freeze": True}),
        ({"after": ("rebuilt",)}, {"changed": frozenset({"rebuilt"})}),
    ],
)
def test_a_rule_asks_when_its_condition_holds_and_only_then(
    conditions: dict[str, Any], facts: dict[str, Any]
) -> None:
    rule = replace(ANY, **conditions)
    plain = PolicyInput("normal", "low", "CARD", frozenset({"jcl"}))
    assert slots_for([rule], plain) == ()
    assert len(slots_for([rule], replace(plain, **facts))) == 1


def test_of_rules_for_one_slot_the_highest_requirement_wins() -> None:
    more = replace(ANY, code="A2", reason="Tier 0.", quorum=3, sla_hours=96, order=2,
                   excludes=("owner",))  # fmt: skip
    fast = replace(ANY, code="A3", reason="Payments.", sla_hours=8, order=3)
    (slot,) = slots_for([fast, more, ANY], PolicyInput("normal", "low", "CARD", frozenset()))
    assert (slot.quorum, slot.sla_hours, slot.order, slot.excludes) == (3, 8, 1, ("owner",))
    assert slot.rules == ("A1", "A2", "A3")
    assert slot.because == "A1: Always. A2: Tier 0. A3: Payments."


def test_a_mandatory_seat_is_a_slot_of_its_own() -> None:
    rule = replace(N3, seats=("technical_lead@family:security",))
    board, seat = slots_for([rule], PolicyInput("normal", "high", "CARD", frozenset()))
    assert (board.code, board.quorum) == ("board", 2)
    assert (seat.code, seat.quorum) == ("board+security", 1)
    assert seat.eligible == (RoleHeld("technical_lead", "family:security"),)


def test_rules_survive_as_plain_values() -> None:
    assert rules_of(plain_rules(DELIVERED)) == tuple(sorted(DELIVERED, key=lambda r: r.code))


def test_nothing_is_wrong_with_the_delivered_policy() -> None:
    assert list(problems(DELIVERED, ROLE_CODES)) == []


@pytest.mark.parametrize(
    ("rules", "rule", "text"),
    [
        ((E1, N2, N3), "", "Some standard changes of low risk would need nobody's signature."),
        ((N1, N2, N3), "", "Some emergency changes of low risk would need nobody's signature."),
        ((E1, replace(N1, families=("db2",))), "", "normal changes of high risk"),
        ((E1, replace(N1, environments=("PROD",))), "", "normal changes"),
        ((E1, replace(N1, in_freeze=True)), "", "normal changes"),
        ((E1, N1, replace(N2, eligible=("tech_lead",))), "N2", "There is no role “tech_lead”."),
        ((E1, N1, replace(N3, seats=("ciso",))), "N3", "There is no role “ciso”."),
        ((E1, N1, replace(N3, eligible=("auditor",))), "N3", "The auditor never approves."),
        ((E1, N1, replace(N3, seats=("site_admin",))), "N3", "The site admin never approves."),
        ((E1, N1, replace(N2, seats=("application_owner",))), "N2", "43 characters; 40 fit"),
        ((E1, N1, replace(N1, code="N9", eligible=("cab_member",))), "N9", "of other people"),
        ((E1, N1, replace(N3, code="N1")), "N1", "Two rules have this code."),
        ((E1, N1, replace(N3, reason="{0.__class__}")), "N3", "stands for nothing"),
        ((E1, N1, replace(N3, eligible=("technical_lead@family:{discipline}",))), "N3",
         "names a discipline and its slot does not"),
        ((E1, N1, replace(N3, eligible=())), "N3", "Nobody may sign its slot."),
        ((E1, N1, replace(N3, excludes=("chair",))), "N3", "neither a part in the change nor"),
        ((E1, N1, replace(N3, excludes=("slot:bord",))), "N3", "neither a part in the change nor"),
    ],
)  # fmt: skip
def test_a_policy_that_cannot_work_is_told_what_is_wrong(
    rules: tuple[Rule, ...], rule: str, text: str
) -> None:
    found = [p for p in problems(rules, ROLE_CODES) if p.rule == rule and text in p.text]
    assert found
    assert found[0].fix


@pytest.mark.parametrize(
    ("held", "crew"),
    [
        ([], 0),
        ([("a", RoleHeld("application_owner", "application:CARD")),
          ("b", RoleHeld("application_owner", "application:AUTH"))], 1),
        ([("a", RoleHeld("application_owner", "application:CARD")),
          ("b", RoleHeld("application_owner"))], 2),
        ([("a", RoleHeld("application_owner")), ("a", RoleHeld("cab_chair"))], 1),
    ],
)  # fmt: skip
def test_a_quorum_counts_the_people_who_could_sign_where_most_of_them_are(
    held: list[tuple[str, RoleHeld]], crew: int
) -> None:
    found = [problem.text for problem in understaffed([E1], held)]
    assert found == (
        [f"Its quorum is 2; nowhere do more than {crew} hold its roles."] if crew < 2 else []
    )


# The register.


def test_two_slots_kept_apart_need_people_enough() -> None:
    one = replace(ANY, eligible=("cab_member",))
    other = replace(one, code="B1", slot="other", quorum=2, excludes=("slot:owner",))
    held = [(person, RoleHeld("cab_member")) for person in ("anna", "bert", "carl")]
    assert list(understaffed([one, other], held)) == []
    (found,) = understaffed([one, other], held[:2])
    assert (found.rule, "nowhere do more than 2 hold" in found.text) == ("B1", True)


@pytest.fixture
def bank(db: None) -> Bank:
    make_user("duty.one", "release_manager")
    make_user("duty.two", "release_manager")
    make_user("lead.security", "technical_lead@family:security")
    return small_bank()


def rows(*rules: Rule) -> dict[str, Any]:
    return {"rules": plain_rules(rules)}


def in_force() -> ApprovalPolicy:
    return ApprovalPolicy.objects.get(is_active=True)


def make_version(bank: Bank, *rules: Rule) -> ApprovalPolicy:
    policy = edit_policy(pk=in_force().pk, actor=actor(bank.manager), values={}, parts=rows(*rules))
    commit_now()
    return policy


def test_the_delivered_policy_is_in_force_with_its_evidence(bank: Bank) -> None:
    policy = in_force()
    assert policy.in_rules() == rules_of(plain_rules(DELIVERED))
    assert [row.code for row in policy.rules.all()] == [rule.code for rule in DELIVERED]
    entry = EvidenceEntry.objects.get(subject=policy.subject)
    assert (entry.seq, entry.action) == (1, "approval_policy.created")
    ensure_policy()
    assert ApprovalPolicy.objects.count() == 1


def test_an_edit_is_a_new_version_and_the_history_keeps_the_old_one(bank: Bank) -> None:
    policy = make_version(bank, E1, N1, replace(N2, risk_from="low"), N3, R1)
    assert policy.stamp == "BASE v2"
    first, second = policy.history.order_by("evidence_seq")
    assert first.content[2]["risk_from"] == "medium"
    assert second.content[2]["risk_from"] == "low"


def test_the_version_used_is_stamped_into_slot_change_and_evidence(bank: Bank) -> None:
    make_version(bank, E1, N1, N2, N3)
    change = submitted(bank)
    assert change.policy_version == "BASE v2"
    assert Approval.objects.get(about=change.subject).policy_version == "BASE v2"
    entry = EvidenceEntry.objects.get(subject=change.subject, action="change.submitted")
    assert b'"policy_version":"BASE v2"' in bytes(entry.body)


def test_an_edit_never_touches_a_slot_that_was_asked_for(bank: Bank) -> None:
    change = submitted(bank)
    make_version(bank, E1, replace(N1, quorum=2, eligible=("cab_member",)), N2, N3)
    slot = Approval.objects.get(about=change.subject)
    assert (slot.state, slot.quorum, slot.evidence_seq) == ("requested", 1, 1)
    assert sign(change, bank.owner).state == "approved"


def test_no_number_of_members_replaces_the_security_seat(bank: Bank) -> None:
    make_user("chair", "cab_chair")
    make_version(bank, E1, N1, N2, replace(N3, quorum=3), S1, S2)
    profile = make_asset("FACILITY.CARD", "racf_profile", bank.application)
    line = {"asset": profile, "action": "change", "from_version": "1"}
    board = (*bank.board, User.objects.get(username="chair"))
    change = sign(submitted(bank, "high", assets=[line]), bank.owner, *board)
    states = dict(Approval.objects.filter(about=change.subject).values_list("slot", "state"))
    assert (states["board"], states["board+security"]) == ("approved", "requested")
    assert change.state == "assessing"
    security = User.objects.get(username="lead.security")
    assert sign(change, security, security).state == "approved"


def test_a_change_that_touches_an_application_under_pci_asks_security(bank: Bank) -> None:
    edit_application(pk=bank.application.pk, actor=keeper(), values={"regulations": ["pci"]})
    change = submitted(bank)
    slots = set(Approval.objects.filter(about=change.subject).values_list("slot", flat=True))
    assert slots == {"application_owner", "technical_lead:security"}


def test_slots_are_signed_in_their_order(bank: Bank) -> None:
    make_version(bank, E1, N1, replace(N3, order=2))
    line = {"asset": bank.copybook, "action": "change", "from_version": "1"}
    change = submitted(bank, "high", assets=[line])
    with refused("not_your_turn"):
        sign(change, bank.board[0])
    assert sign(change, bank.owner, *bank.board).state == "approved"


def test_a_rule_keeps_the_owner_of_the_change_from_signing(bank: Bank) -> None:
    make_version(bank, E1, replace(N1, excludes=("owner",)))
    change = submitted(bank, owner=bank.owner)
    with refused("separation_of_duties"):
        sign(change, bank.owner)


def test_who_signed_one_slot_does_not_sign_another_that_excludes_them(bank: Bank) -> None:
    make_version(bank, E1, N1, replace(N3, excludes=("slot:application_owner",)))
    both = make_user("both", "application_owner@application:CARD", "cab_member")
    line = {"asset": bank.copybook, "action": "change", "from_version": "1"}
    change = submitted(bank, "high", assets=[line])
    sign_as = partial(decisions.approve, pk=change.pk, actor=actor(both))
    change = sign_as(expected_seq=change.evidence_seq, slot="application_owner")
    with refused("signed_other_slot") as caught:
        sign_as(expected_seq=change.evidence_seq, slot="board")
    assert "“Owner of CARD” of this record on" in str(caught.value)  # type: ignore[attr-defined]
    assert sign(change, *bank.board).state == "approved"


def test_an_unchanged_policy_makes_no_version(bank: Bank) -> None:
    make_user("chair", "cab_chair")
    make_user("service", "service_owner@application:CARD")
    assert make_version(bank, *DELIVERED).evidence_seq == 1


@pytest.mark.parametrize(
    ("rules", "text"),
    [
        ([E1, N1, replace(N3, quorum=5)], "N3: Its quorum is 5"),
        ([E1, N1, replace(N3, eligible=("board",))], "N3: There is no role “board”."),
        ([E1, N2], "Some normal changes of low risk would need nobody's signature."),
        ([E1, N1, replace(N3, environments=("MOON",))], "N3: There is no environment MOON."),
        ([E1, N1, replace(N3, quorum=0)], "Line 3, quorum"),
        ([E1, N1, replace(N3, risk_from="purple")], "Line 3, risk from"),
        ([E1, N1, replace(N3, families=("vax",))], "Line 3, families"),
        ([], "Some standard changes"),
    ],
)
def test_a_policy_that_cannot_be_kept_is_refused(bank: Bank, rules: Any, text: str) -> None:
    with refused() as caught:
        edit_policy(
            pk=in_force().pk, actor=actor(bank.manager), values={},
            parts={"rules": plain_rules(rules)},
        )  # fmt: skip
    found = [b for b in caught.value.blockers if text in b.text]  # type: ignore[attr-defined]
    assert found
    assert {(b.kind, b.field) for b in found} == {("input", "rules")}
    assert all(b.fix for b in found)
    assert in_force().evidence_seq == 1
    assert PolicyRule.objects.count() == len(DELIVERED)


def test_only_those_who_govern_changes_keep_the_policy(bank: Bank) -> None:
    for outsider in (bank.requester, bank.owner, make_user("admin", "site_admin")):
        with refused("role_missing"):
            edit_policy(pk=in_force().pk, actor=actor(outsider), values={"name": "Mine"})


def test_one_policy_is_in_force(bank: Bank) -> None:
    old = in_force()
    with refused("invalid"):
        edit_policy(pk=old.pk, actor=actor(bank.manager), values={"is_active": False})
    new = create_policy(
        actor=actor(bank.manager),
        values={"code": "PCI", "name": "With a security seat", "is_active": True},
        parts=rows(E1, N1, N2, N3),
    )
    commit_now()
    assert in_force() == new
    old.refresh_from_db()
    assert (old.is_active, old.evidence_seq) == (False, 2)
    assert submitted(bank).policy_version == "PCI v1"


def test_a_rule_of_the_highest_tier_asks_by_the_tier_of_the_application(bank: Bank) -> None:
    manager = Rule("T1", "Tier 2 is released by its manager.", "release_manager",
                   "Release manager", ("release_manager",), tiers=("tier2",))  # fmt: skip
    make_version(bank, E1, N1, manager)
    change = submitted(bank)
    slots = Approval.objects.filter(about=change.subject).values_list("slot", flat=True)
    assert set(slots) == {"application_owner", "release_manager"}
    assert ChangeRequest.objects.get(pk=change.pk).state == "assessing"
