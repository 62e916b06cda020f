"""Standard changes: their lifecycle, what they count, and what suspends them."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.selectors import actor_for
from apps.changes.domain.standard import STATES, BadOutcome, reason_to_suspend
from apps.changes.models import ChangeRequest, StandardTemplate
from apps.changes.moves import STANDARD_MOVES
from apps.changes.selectors import assessments_about, standard_templates
from apps.changes.services import execution, requests, templates
from apps.core import clock
from apps.evidence.models import EvidenceEntry
from apps.evidence.services.door import door
from apps.evidence.services.outbox import relay_all
from tests.changes.worlds import Bank, draft, small_bank
from tests.factories import SETUP, actor, make_user
from tests.support import commit_now, once_a_module, refused, refused_by_database

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def bad(change: str, days: float, what: str = "failed") -> BadOutcome:
    return BadOutcome(change, what, NOW + days * DAY)


@pytest.mark.parametrize(
    ("outcomes", "pair"),
    [
        ([], None),
        ([bad("A", 1)], None),
        ([bad("A", 1), bad("A", 2, "backed_out")], None),
        ([bad("A", 1), bad("B", 91)], ("A", "B")),
        ([bad("A", 1), bad("B", 91.001)], None),
        ([bad("A", 1), bad("B", 95), bad("C", 180)], ("B", "C")),
        ([bad("B", 30), bad("A", 1)], ("A", "B")),
        ([bad("A", -1), bad("B", 1)], None),
        ([bad("A", 0), bad("B", 1)], None),
    ],
)
def test_two_bad_outcomes_of_two_changes_within_ninety_days(
    outcomes: list[BadOutcome], pair: tuple[str, str] | None
) -> None:
    found = reason_to_suspend(outcomes, NOW)
    assert (found and tuple(outcome.change for outcome in found)) == pair


built = once_a_module(small_bank)


@pytest.fixture
def bank(built: Bank, db: None) -> Bank:
    return deepcopy(built)


@pytest.fixture
def chair(bank: Bank) -> Any:
    return actor(make_user("chair", "cab_chair"))


def proposed(bank: Bank, **more: Any) -> StandardTemplate:
    return templates.propose_template(
        actor=actor(bank.owner),
        values={
            "code": "STD-COPY",
            "name": "Copybook comments",
            "application": bank.application,
            "families": [bank.copybook.type.family],
            "approved_until": clock.now() + 365 * DAY,
            **more,
        },
    )


def active(bank: Bank, chair: Any, **more: Any) -> StandardTemplate:
    template = proposed(bank, **more)
    return templates.approve_template(
        pk=template.pk, actor=chair, expected_seq=template.evidence_seq
    )


def used(bank: Bank, template: StandardTemplate) -> ChangeRequest:
    change = draft(bank, change_type="standard", standard_template=template)
    return requests.auto_approve(pk=change.pk, actor=actor(bank.requester), expected_seq=1)


def tell(what: str, change: ChangeRequest) -> None:
    """What execution tells, in a door of its own as releases has one."""

    @door("package")
    def telling(*, actor: Any) -> None:
        getattr(execution, what)(change_ids=[change.pk], actor=actor, package="package:1")

    telling(actor=SETUP)


def went(bank: Bank, template: StandardTemplate, *steps: str) -> ChangeRequest:
    change = used(bank, template)
    for step in ("start", *steps):
        tell(step, change)
    return ChangeRequest.objects.get(pk=change.pk)


def fresh(template: StandardTemplate) -> Any:
    return standard_templates().get(pk=template.pk)


class TestLifecycle:
    def test_the_board_approves_what_somebody_else_proposed(self, bank: Bank, chair: Any) -> None:
        template = active(bank, chair)
        commit_now()
        assert (template.state, template.proposed_by, template.approved_by_id) == (
            "active", bank.owner, chair.id,
        )  # fmt: skip
        assert used(bank, template).state == "approved"

    def test_nobody_approves_their_own_proposal(self, bank: Bank) -> None:
        both = make_user("both", "cab_chair", "technical_lead")
        template = templates.propose_template(
            actor=actor(both),
            values={"code": "STD-OWN", "name": "Own", "families": ["db2"],
                    "approved_until": clock.now() + DAY},
        )  # fmt: skip
        with refused("separation_of_duties"):
            templates.approve_template(pk=template.pk, actor=actor(both), expected_seq=1)

    def test_nor_does_the_database_let_them(self, bank: Bank, chair: Any) -> None:
        template = active(bank, chair)
        with refused_by_database("changes_standard_two_people|interlock:"):
            StandardTemplate.objects.filter(pk=template.pk).update(approved_by=bank.owner)

    def test_the_approval_asks_for_a_fresh_proof_of_identity(self, bank: Bank, chair: Any) -> None:
        template = proposed(bank)
        stale = actor_for(make_user("chair"), channel="admin")
        with refused("step_up_needed"):
            templates.approve_template(pk=template.pk, actor=stale, expected_seq=1)

    def test_who_edits_a_proposal_has_proposed_it(self, bank: Bank) -> None:
        lead = make_user("lead.chair", "technical_lead", "cab_chair")
        template = proposed(bank)
        templates.edit_template(pk=template.pk, actor=actor(lead), values={"max_assets": 3})
        with refused("separation_of_duties"):
            templates.approve_template(pk=template.pk, actor=actor(lead), expected_seq=2)

    def test_what_the_board_approved_is_not_edited(self, bank: Bank, chair: Any) -> None:
        template = active(bank, chair)
        with refused("content_locked"):
            templates.edit_template(
                pk=template.pk, actor=actor(bank.owner), values={"max_assets": 50}
            )

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"families": "db2"}, "families"),
            ({"families": ["nonsense"]}, "families"),
            ({"families": []}, "families"),
            ({"asset_types": ["nonsense"]}, "asset_types"),
            ({"max_risk": "none"}, "max_risk"),
            ({"state": "active"}, "state"),
            ({"code": ""}, "code"),
        ],
    )
    def test_limits_that_mean_nothing_are_named(
        self, bank: Bank, values: dict[str, Any], field: str
    ) -> None:
        with refused() as caught:
            proposed(bank, **values)
        assert field in {b.field for b in caught.value.blockers}  # type: ignore[attr-defined]

    def test_nobody_proposes_for_the_application_of_others(self, bank: Bank) -> None:
        stranger = make_user("owner.auth", "application_owner@application:AUTH")
        with refused("role_missing"):
            templates.propose_template(
                actor=actor(stranger),
                values={"code": "STD-X", "name": "X", "families": ["db2"],
                        "application": bank.application, "approved_until": clock.now() + DAY},
            )  # fmt: skip

    @pytest.mark.parametrize("state", [state for state, _ in STATES])
    def test_every_state_and_move(self, bank: Bank, chair: Any, state: str) -> None:
        """The chair may do everything in its states, the manager stop, everybody else nothing."""
        template = proposed(bank) if state == "proposed" else active(bank, chair)
        template.__dict__["state"] = state
        people = {
            "chair": chair,
            "manager": actor(bank.manager),
            "owner": actor(bank.owner),
            "root": actor(make_user("root")),
        }
        may = {"chair": {"approve", "reactivate", "suspend", "retire"},
               "manager": {"suspend", "retire"}}  # fmt: skip
        for move in STANDARD_MOVES:
            for who, person in people.items():
                kinds = {blocker.kind for blocker in move.blockers(person, template)}
                expected = set() if move.offered_in(state) else {"state"}
                expected |= set() if move.name in may.get(who, ()) else {"permission"}
                assert kinds == expected, (move.name, who)

    def test_a_template_that_is_not_active_approves_nothing(self, bank: Bank, chair: Any) -> None:
        template = active(bank, chair)
        change = draft(bank, change_type="standard", standard_template=template)
        templates.suspend_template(pk=template.pk, actor=chair, comment="The tool is broken.")
        with refused("template_ended") as caught:
            requests.auto_approve(pk=change.pk, actor=actor(bank.requester), expected_seq=1)
        assert "The tool is broken." in str(caught.value)  # type: ignore[attr-defined]

    def test_assets_of_another_type_are_outside(self, bank: Bank, chair: Any) -> None:
        template = active(
            bank, chair, families=[bank.copybook.type.family, bank.table.type.family],
            asset_types=[bank.table.type_id],
        )  # fmt: skip
        change = draft(bank, change_type="standard", standard_template=template)
        with refused("outside_template"):
            requests.auto_approve(pk=change.pk, actor=actor(bank.requester), expected_seq=1)


class TestApproved:
    """What was approved in advance stays what it was, and only as long as it is."""

    def test_its_standard_change_is_fixed(self, bank: Bank, chair: Any) -> None:
        narrow, wide = active(bank, chair), active(bank, chair, code="STD-WIDE")
        change = used(bank, narrow)
        for other in (wide, None):
            with refused("template_fixed"):
                requests.edit_change(
                    pk=change.pk, actor=actor(bank.requester), values={"standard_template": other}
                )

    def test_until_it_is_submitted_another_one_may_be_chosen(self, bank: Bank, chair: Any) -> None:
        narrow, wide = active(bank, chair), active(bank, chair, code="STD-WIDE")
        change = draft(bank, change_type="standard", standard_template=narrow)
        change = requests.edit_change(
            pk=change.pk, actor=actor(bank.requester), values={"standard_template": wide}
        )
        assert change.standard_template == wide

    @pytest.mark.parametrize("stop", [templates.suspend_template, templates.retire_template])
    def test_it_is_neither_scheduled_nor_begun_once_that_is_stopped(
        self, bank: Bank, chair: Any, stop: Any
    ) -> None:
        template = active(bank, chair)
        waiting, planned = used(bank, template), used(bank, template)
        tell("schedule", planned)
        stop(pk=template.pk, actor=chair, comment="The tool is broken.")
        with refused("template_ended"):
            tell("schedule", waiting)
        with refused("template_ended"):
            tell("start", planned)

    def test_made_active_again_it_goes_on(self, bank: Bank, chair: Any) -> None:
        template = active(bank, chair)
        change = used(bank, template)
        templates.suspend_template(pk=template.pk, actor=chair, comment="The tool is broken.")
        templates.reactivate_template(pk=template.pk, actor=chair, comment="It is mended.")
        tell("start", change)

    def test_work_that_has_begun_goes_on(self, bank: Bank, chair: Any) -> None:
        template = active(bank, chair)
        change = used(bank, template)
        tell("start", change)
        templates.suspend_template(pk=template.pk, actor=chair, comment="The tool is broken.")
        tell("complete", change)

    def test_the_risk_at_its_approval_is_kept(self, bank: Bank, chair: Any) -> None:
        change = used(bank, active(bank, chair))
        moments = assessments_about(change.subject).values_list("moment", flat=True)
        assert "approval" in moments


class TestSuspension:
    def test_the_second_bad_outcome_suspends_and_names_both(self, bank: Bank, chair: Any) -> None:
        template = active(bank, chair)
        first = went(bank, template, "fail")
        relay_all()
        assert fresh(template).state == "active"
        second = went(bank, template, "back_out")
        relay_all()
        commit_now()
        found = fresh(template)
        assert found.state == "suspended"
        assert first.code in found.suspended_because and second.code in found.suspended_because
        entry = EvidenceEntry.objects.get(action="standard_template.suspended")
        told = json.loads(bytes(entry.body))["facts"]["bad"]
        assert [(b["change"], b["what"]) for b in told] == [
            (first.code, "failed"), (second.code, "backed_out"),
        ]  # fmt: skip

    def test_a_change_that_failed_and_was_backed_out_counts_once(
        self, bank: Bank, chair: Any
    ) -> None:
        template = active(bank, chair)
        went(bank, template, "fail", "back_out")
        relay_all()
        assert fresh(template).state == "active"

    def test_what_was_mended_is_no_bad_outcome(self, bank: Bank, chair: Any) -> None:
        template = active(bank, chair)
        went(bank, template, "fail", "resume", "complete")
        went(bank, template, "fail")
        relay_all()
        assert fresh(template).state == "active"

    def test_made_active_again_it_starts_anew(self, bank: Bank, chair: Any) -> None:
        template = active(bank, chair)
        went(bank, template, "fail")
        went(bank, template, "fail")
        relay_all()
        templates.reactivate_template(pk=template.pk, actor=chair, comment="The tool is mended.")
        went(bank, template, "fail")
        relay_all()
        assert fresh(template).state == "active"

    def test_told_twice_it_is_suspended_once(self, bank: Bank, chair: Any) -> None:
        template = active(bank, chair)
        went(bank, template, "fail")
        change = went(bank, template, "fail")
        entry = EvidenceEntry.objects.get(subject=change.subject, action="change.failed")
        for _ in range(2):
            templates.follow_outcome(entry)
        assert EvidenceEntry.objects.filter(action="standard_template.suspended").count() == 1


def test_the_counters_come_from_its_changes(bank: Bank, chair: Any) -> None:
    template = active(bank, chair)
    done = went(bank, template, "complete")
    went(bank, template, "fail")
    requests.close(pk=done.pk, actor=actor(bank.requester), comment="All went well.")
    found = fresh(template)
    assert (found.succeeded, found.went_bad) == (1, 1)


def test_counting_costs_one_query_for_all(bank: Bank, chair: Any) -> None:
    for number in range(3):
        template = active(bank, chair, code=f"STD-{number}")
        went(bank, template, "fail")
    with CaptureQueriesContext(connection) as queries:
        assert [found.went_bad for found in standard_templates()] == [1, 1, 1]
    assert len(queries) == 1
