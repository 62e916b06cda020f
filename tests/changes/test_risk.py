"""The risk of a change as people see it: reckoned, kept at each moment, and set by hand."""

from __future__ import annotations

from copy import deepcopy

import pytest

from apps.changes.domain.risk import RiskInput, Scored, assess, evidence_gap
from apps.changes.models import ChangeRequest, RiskAssessment, RiskOverride, RiskWeights
from apps.changes.services import requests, risk
from apps.inventory.models import Asset
from tests.changes.worlds import Bank, draft, sign, small_bank, submitted
from tests.factories import actor, make_user
from tests.support import commit_now, once_a_module, refused, refused_by_database

REASON = "The conversion was rehearsed twice on a full copy."
PLAIN = RiskInput("low", "tier2", 1, frozenset(), irreversible=False, converts_data=False)


def test_the_band_is_never_below_the_score() -> None:
    assert assess(PLAIN, Scored("medium")).band == "medium"
    assert "Its score says medium risk." in assess(PLAIN, Scored("medium")).reasons


def test_the_score_never_lowers_what_is_declared() -> None:
    declared = RiskInput("high", "tier2", 1, frozenset(), irreversible=False, converts_data=False)
    assert assess(declared, Scored("low")).band == "high"


@pytest.mark.parametrize(
    ("band", "passed", "gap"),
    [
        ("low", (), 0),
        ("medium", (), 1),
        ("medium", ("unit",), 0.5),
        ("high", ("sit", "uat"), 1 / 3),
    ],
)
def test_the_higher_the_band_the_more_tests_it_needs(
    band: str, passed: tuple[str, ...], gap: float
) -> None:
    assert evidence_gap(band, passed) == pytest.approx(gap)


built = once_a_module(small_bank)


@pytest.fixture
def bank(built: Bank, db: None) -> Bank:
    return deepcopy(built)


@pytest.fixture
def second(bank: Bank) -> object:
    return make_user("manager.two", "release_manager")


def moments(change: ChangeRequest) -> list[str]:
    found = RiskAssessment.objects.filter(about=change.subject)
    return list(found.values_list("moment", flat=True))


def test_a_draft_has_its_floors_and_no_score(bank: Bank) -> None:
    change = draft(bank)
    assert change.risk_band == "low" and moments(change) == []


def test_a_change_is_scored_when_it_is_submitted_and_when_it_is_approved(bank: Bank) -> None:
    change = sign(submitted(bank), bank.owner)
    commit_now()
    assert change.state == "approved"
    assert moments(change) == ["submit", "approval"]


def test_each_assessment_tells_its_terms_inputs_and_weights(bank: Bank) -> None:
    Asset.objects.filter(pk=bank.copybook.pk).update(change_count=9, bad_outcome_count=3)
    found = RiskAssessment.objects.get(about=submitted(bank).subject)
    history = next(term for term in found.terms if term["code"] == "history")
    assert history["sentence"] == "CVACT01Y went badly in 3 of 9 changes in two years."
    assert found.inputs["assets"][0]["bad"] == 3
    assert found.weights_version == "2026.1"
    assert found.points == pytest.approx(sum(term["points"] for term in found.terms))


def test_an_assessment_is_never_changed(bank: Bank) -> None:
    found = RiskAssessment.objects.get(about=submitted(bank).subject)
    with refused_by_database("permission denied"):
        RiskAssessment.objects.filter(pk=found.pk).update(points=1)


def test_a_change_with_a_bad_past_needs_more_than_its_requester_declares(bank: Bank) -> None:
    Asset.objects.filter(pk=bank.copybook.pk).update(change_count=900, bad_outcome_count=900)
    change = submitted(bank, "low")
    assert change.risk_band == "medium"
    assert "Its score says medium risk." in change.risk_reasons


def test_other_weights_are_another_version(bank: Bank) -> None:
    weights = RiskWeights.objects.get()
    risk.edit_weights(
        pk=weights.pk, actor=actor(bank.manager), values={"blast_points": 20.0}, comment="Reviewed."
    )
    found = RiskAssessment.objects.get(about=submitted(bank).subject)
    assert found.weights_version == "2026.2"


@pytest.mark.parametrize("rates", [{"copybook": 2}, {"copybook": "often"}, ["copybook"]])
def test_a_base_rate_is_a_share(bank: Bank, rates: object) -> None:
    with refused("invalid"):
        risk.edit_weights(
            pk=RiskWeights.objects.get().pk,
            actor=actor(bank.manager),
            values={"base_rates": rates},
        )


def propose(bank: Bank, change: ChangeRequest, points: int = 60) -> RiskOverride:
    return risk.propose_score(
        actor=actor(bank.manager), values={"change": change, "points": points, "reason": REASON}
    )


def test_a_second_person_makes_another_score_count(bank: Bank, second: object) -> None:
    change = draft(bank)
    override = propose(bank, change)
    risk.confirm_score(pk=override.pk, actor=actor(second))  # type: ignore[arg-type]
    commit_now()
    change = requests.submit(pk=change.pk, actor=actor(bank.requester))
    found = RiskAssessment.objects.filter(about=change.subject).last()
    assert found is not None
    assert change.risk_band == "high" and "Two people set its score to high risk." in found.reasons
    assert found.points < 50 and found.score_band != "high"


def test_a_proposal_alone_counts_nothing(bank: Bank) -> None:
    change = draft(bank)
    propose(bank, change)
    assert requests.submit(pk=change.pk, actor=actor(bank.requester)).risk_band == "low"


def test_who_proposed_a_score_does_not_confirm_it(bank: Bank) -> None:
    override = propose(bank, draft(bank))
    with refused("separation_of_duties"):
        risk.confirm_score(pk=override.pk, actor=actor(bank.manager))


def test_who_asked_for_the_change_does_not_confirm_its_score(bank: Bank) -> None:
    asker = make_user("asker", "requester", "release_manager")
    bank.requester = asker
    override = propose(bank, draft(bank))
    with refused("separation_of_duties"):
        risk.confirm_score(pk=override.pk, actor=actor(asker))


def test_who_manages_nothing_proposes_nothing(bank: Bank) -> None:
    with refused("role_missing"):
        risk.propose_score(
            actor=actor(bank.owner), values={"change": draft(bank), "points": 60, "reason": REASON}
        )


def test_a_score_below_what_the_content_says_is_refused(bank: Bank) -> None:
    with refused("below_floor"):
        propose(bank, draft(bank, irreversible=True), points=30)


def test_a_score_lapses_with_the_content_it_was_set_for(bank: Bank, second: object) -> None:
    change = draft(bank)
    override = propose(bank, change)
    requests.edit_change(
        pk=change.pk, actor=actor(bank.requester), values={"title": "Account record 300 to 400"}
    )
    with refused("other_content"):
        risk.confirm_score(pk=override.pk, actor=actor(second))  # type: ignore[arg-type]
    risk.refuse_score(pk=override.pk, actor=actor(second))  # type: ignore[arg-type]
    commit_now()
    assert RiskOverride.objects.get().state == "refused"


def test_a_submitted_change_keeps_the_score_that_people_sign(bank: Bank) -> None:
    with refused("wrong_state"):
        propose(bank, submitted(bank))
