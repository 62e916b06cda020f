"""Delegations, conditions and scores set by hand: the same doors as in the console."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from apps.accounts.models import Delegation, User
from apps.approvals.models import Obligation
from apps.changes.models import RiskOverride
from apps.core import clock
from apps.evidence.models import EvidenceEntry
from tests.changes.worlds import Bank, draft, sign, submitted
from tests.factories import make_user
from tests.support import commit_now

pytestmark = pytest.mark.django_db
API = "/api/v1"


def codes(answer: Any) -> set[str]:
    return {blocker["code"] for blocker in answer.json()["blockers"]}


@pytest.fixture
def robot(db: None) -> User:
    return make_user("robot", "integration", kind="service")


class TestDelegations:
    def sent(self, **more: Any) -> dict[str, Any]:
        return {
            "delegate": "deputy",
            "role": "application_owner",
            "ends_at": (clock.now() + timedelta(days=3)).isoformat(),
            "reason": "Holidays",
            **more,
        }

    def test_a_holder_delegates_lists_and_revokes(self, bank: Bank, call_as: Any) -> None:
        make_user("deputy")
        owner = call_as(bank.owner, fresh=True)
        made = owner.post(f"{API}/delegations/", self.sent(scope="application:CARD"))
        commit_now()
        assert made.status_code == 201, made.json()
        assert made.json()["delegator"]["username"] == "owner.card"
        for name in ("delegator=owner.card", "delegate=deputy", "role=application_owner"):
            (row,) = owner.get(f"{API}/delegations/?{name}").json()["results"]
            assert row["id"] == made.json()["id"]
        assert not owner.get(f"{API}/delegations/?delegate=owner.card").json()["results"]
        ended = owner.post(
            f"{made['Location']}moves/revoke/", {"comment": "Back."}, HTTP_IF_MATCH=made["ETag"]
        )
        assert ended.status_code == 200, ended.json()
        assert ended.json()["revoked_at"]

    def test_the_deputy_signs_through_the_interface_after_a_step_up(
        self, bank: Bank, call_as: Any
    ) -> None:
        deputy = make_user("deputy")
        call_as(bank.owner, fresh=True).post(f"{API}/delegations/", self.sent())
        change = submitted(bank)
        signed = call_as(deputy, fresh=True).post(
            f"{API}/changes/{change.pk}/moves/approve/", {"version": change.evidence_seq}
        )
        assert signed.json()["state"] == "approved", signed.json()

    def test_who_holds_nothing_delegates_nothing(
        self, bank: Bank, call_as: Any, robot: User
    ) -> None:
        make_user("deputy")
        for who in (bank.requester, make_user("outsider"), robot):
            answer = call_as(who, fresh=True).post(f"{API}/delegations/", self.sent())
            assert answer.status_code == 403
            assert "role_missing" in codes(answer)
        assert not Delegation.objects.exists()
        assert EvidenceEntry.objects.filter(action="access.refused").count() == 3

    def test_what_is_held_is_not_widened_nor_given_to_a_program(
        self, bank: Bank, call_as: Any, robot: User
    ) -> None:
        make_user("deputy")
        owner = call_as(bank.owner, fresh=True)
        other = owner.post(f"{API}/delegations/", self.sent(scope="application:AUTH"))
        assert codes(other) == {"not_yours"}
        program = owner.post(f"{API}/delegations/", self.sent(delegate="robot"))
        assert "not_a_person" in codes(program)
        forged = owner.post(f"{API}/delegations/", self.sent(delegator="deputy"))
        assert codes(forged) == {"not_writable"}

    def test_others_do_not_revoke_it(self, bank: Bank, call_as: Any, robot: User) -> None:
        make_user("deputy")
        made = call_as(bank.owner, fresh=True).post(f"{API}/delegations/", self.sent())
        for who, more in ((bank.manager, set()), (robot, {"not_a_person"})):
            answer = call_as(who, fresh=True).post(
                f"{made['Location']}moves/revoke/", {"comment": "No."}, HTTP_IF_MATCH=made["ETag"]
            )
            assert (answer.status_code, codes(answer)) == (403, {"role_missing"} | more)


class TestObligations:
    @pytest.fixture
    def condition(self, bank: Bank) -> Obligation:
        change = submitted(bank)
        sign(change, bank.owner, verdict="approve_with_conditions", comment="Tell the desk.")
        return Obligation.objects.get()

    def test_they_are_listed_by_change_and_by_owner(
        self, bank: Bank, call_as: Any, condition: Obligation
    ) -> None:
        client = call_as(bank.manager)
        for query in (f"about={condition.about}", "owner=requester", "state=open"):
            (row,) = client.get(f"{API}/obligations/?{query}").json()["results"]
            assert (row["text"], row["about"]) == ("Tell the desk.", condition.about)
        for query in ("about=change:x", "owner=owner.card", "state=met"):
            assert not client.get(f"{API}/obligations/?{query}").json()["results"]

    def test_its_owner_meets_it_with_proof(
        self, bank: Bank, call_as: Any, condition: Obligation
    ) -> None:
        owner = call_as(bank.requester, fresh=True)
        address = f"{API}/obligations/{condition.pk}/moves/meet/"
        empty = owner.post(address, {}, HTTP_IF_MATCH=condition.version)
        assert empty.status_code == 400
        met = owner.post(address, {"comment": "DESK-311"}, HTTP_IF_MATCH=condition.version)
        commit_now()
        assert (met.json()["state"], met.json()["proof"]) == ("met", "DESK-311"), met.json()
        assert met.json()["met_by"]["username"] == "requester"

    def test_who_made_it_doubts_its_proof_and_nobody_else(
        self, bank: Bank, call_as: Any, condition: Obligation
    ) -> None:
        address = f"{API}/obligations/{condition.pk}/moves"
        owner = call_as(bank.requester, fresh=True)
        met = owner.post(f"{address}/meet/", {"comment": "Done."}, HTTP_IF_MATCH=condition.version)
        doubt, version = {"comment": "By which mail?"}, {"HTTP_IF_MATCH": met["ETag"]}
        other = owner.post(f"{address}/doubt/", doubt, **version)
        assert (other.status_code, codes(other)) == (403, {"role_missing"})
        setter = call_as(bank.owner, fresh=True)
        assert setter.post(f"{address}/doubt/", {}, **version).status_code == 400
        answer = setter.post(f"{address}/doubt/", doubt, **version)
        commit_now()
        told = answer.json()
        assert (told["state"], told["proof"], told["met_by"]) == ("open", "", None)

    def test_nobody_else_meets_it(
        self, bank: Bank, call_as: Any, condition: Obligation, robot: User
    ) -> None:
        for who, more in (
            (bank.developer, set()), (make_user("outsider"), set()), (robot, {"not_a_person"}),
        ):  # fmt: skip
            answer = call_as(who, fresh=True).post(
                f"{API}/obligations/{condition.pk}/moves/meet/", {"comment": "Done."},
                HTTP_IF_MATCH=condition.version,
            )  # fmt: skip
            assert (answer.status_code, codes(answer)) == (403, {"role_missing"} | more)

    def test_none_is_entered_or_edited(
        self, bank: Bank, call_as: Any, condition: Obligation
    ) -> None:
        client = call_as(bank.requester)
        for method, address in (
            ("post", f"{API}/obligations/"),
            ("patch", f"{API}/obligations/{condition.pk}/"),
            ("delete", f"{API}/obligations/{condition.pk}/"),
        ):
            assert getattr(client, method)(address, {"state": "met"}).status_code == 405


class TestScoresSetByHand:
    def proposed(self, bank: Bank, call_as: Any) -> Any:
        change = draft(bank)
        sent = {"change": change.code, "points": 60, "reason": "It runs on a holiday."}
        return call_as(bank.manager).post(f"{API}/risk-overrides/", sent)

    def test_one_proposes_and_another_confirms(self, bank: Bank, call_as: Any) -> None:
        made = self.proposed(bank, call_as)
        assert made.status_code == 201, made.json()
        assert (made.json()["points"], made.json()["state"]) == (60, "proposed")
        second = call_as(make_user("duty", "release_manager"), fresh=True)
        address = f"{made['Location']}moves/confirm/"
        agreed = second.post(address, {}, HTTP_IF_MATCH=made["ETag"])
        commit_now()
        assert agreed.json()["state"] == "confirmed", agreed.json()
        code = made.json()["change"]["code"]
        (row,) = second.get(f"{API}/risk-overrides/?change={code}&state=confirmed").json()[
            "results"
        ]
        assert row["decided_by"]["username"] == "duty"

    def test_agreeing_needs_a_step_up_and_the_version(self, bank: Bank, call_as: Any) -> None:
        made = self.proposed(bank, call_as)
        address = f"{made['Location']}moves/confirm/"
        duty = make_user("duty", "release_manager")
        stale = call_as(duty).post(address, {}, HTTP_IF_MATCH=made["ETag"])
        assert (stale.status_code, codes(stale)) == (403, {"step_up_needed"})
        assert call_as(duty, fresh=True).post(address, {}).status_code == 428
        assert RiskOverride.objects.get().state == "proposed"

    def test_a_session_without_a_token_does_not_decide(
        self, bank: Bank, call_as: Any, client: Any
    ) -> None:
        made = self.proposed(bank, call_as)
        client.force_login(make_user("duty", "release_manager"))
        answer = client.post(
            f"{made['Location']}moves/confirm/", {}, "application/json",
            HTTP_IF_MATCH=made["ETag"],
        )  # fmt: skip
        assert (answer.status_code, codes(answer)) == (403, {"token_needed"})

    def test_neither_who_proposed_it_nor_an_outsider_nor_a_program_agrees(
        self, bank: Bank, call_as: Any, robot: User
    ) -> None:
        made = self.proposed(bank, call_as)
        for who, code in (
            (bank.manager, "separation_of_duties"),
            (bank.owner, "role_missing"),
            (robot, "not_a_person"),
        ):
            for move in ("confirm", "refuse"):
                answer = call_as(who, fresh=True).post(
                    f"{made['Location']}moves/{move}/", {}, HTTP_IF_MATCH=made["ETag"]
                )
                assert answer.status_code == 403
                assert code in codes(answer)

    def test_who_is_no_manager_proposes_nothing(
        self, bank: Bank, call_as: Any, robot: User
    ) -> None:
        sent = {"change": draft(bank).code, "points": 60, "reason": "It runs on a holiday."}
        for who in (bank.requester, make_user("outsider"), robot):
            answer = call_as(who).post(f"{API}/risk-overrides/", sent)
            assert (answer.status_code, codes(answer)) == (403, {"role_missing"})
        assert not RiskOverride.objects.exists()

    @pytest.mark.parametrize("points", [-1, 101, "x", 10**30, None])
    def test_a_score_is_between_0_and_100(self, bank: Bank, call_as: Any, points: Any) -> None:
        sent = {"change": draft(bank).code, "points": points, "reason": "It runs on a holiday."}
        answer = call_as(bank.manager).post(f"{API}/risk-overrides/", sent)
        assert answer.status_code == 400
        assert {blocker["field"] for blocker in answer.json()["blockers"]} == {"points"}
