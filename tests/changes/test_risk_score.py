"""The risk score: every point has its sentence, and the sums are those worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.changes.domain.risk_score import (
    AssetPast,
    Reached,
    RiskFacts,
    Score,
    bad_rate,
    band_of,
    score,
)

BATCH, ONLINE = "program_batch", "program_cics"

#: The interest engine: four assets, one with a past, four teams, two conversions to be undone.
INTEREST = RiskFacts(
    assets=(
        AssetPast("CBACT04C", BATCH, changes=5, bad=1),
        AssetPast("CVTRA02Y", "copybook"),
        AssetPast("DISCGRP", "vsam"),
        AssetPast("INTCALC", "job"),
    ),
    teams=4,
    dormant=2,
    reversibility=1.0,
)
#: The account record: fifteen assets, six teams.
ACCOUNT = RiskFacts(
    assets=(
        AssetPast("CVACT01Y", "copybook", 2, 1),
        AssetPast("CBTRN02C", BATCH, 9, 3),
        AssetPast("CBACT04C", BATCH, 5, 1),
        *(AssetPast(name, BATCH) for name in ("CBACT01C", "CBEXPORT", "CBSTM03A", "CBTRN01C")),
        *(
            AssetPast(name, ONLINE)
            for name in ("COACTUPC", "COACTVWC", "COBIL00C", "COTRN02C", "COACCT01", "COPAUA0C",
                         "COPAUS0C")
        ),
        AssetPast("ACCTDATA", "vsam", 2, 1),
    ),
    teams=6,
    reached=(Reached("CARD-AUTH", "tier0", 1.0), Reached("CARD-SERVICING", "tier1", 1.0),
             Reached("INTEREST", "tier1", 1.0)),
    dormant=6,
    hot=1,
    reversibility=1.0,
    evidence_gap=0.1,
)  # fmt: skip
#: The reference table: eight assets, half of the evidence missing, scope added late.
REFERENCE = RiskFacts(
    assets=(
        AssetPast("TRANSACTION_TYPE", "db2_table", 1, 0),
        AssetPast("COTRTLIC", ONLINE, 6, 0),
        AssetPast("COTRTUPC", ONLINE, 6, 0),
        AssetPast("COBTUPDT", BATCH, 4, 0),
        *(AssetPast(f"CARDCOLL.{n}", "db2_package") for n in ("COTRTLIC", "COTRTUPC", "COBTUPDT")),
        AssetPast("TRANEXTR", "job"),
    ),
    teams=4,
    dormant=1,
    reversibility=1.0,
    evidence_gap=0.5,
    late_scope=True,
)


def points(told: Score, code: str) -> float:
    return round(next(term.points for term in told.terms if term.code == code), 2)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (INTEREST, {"history": 4.38, "size": 3.87, "complexity": 6.0, "dormant": 2.5, "hot": 0,
                    "reversibility": 10, "evidence": 0, "late_scope": 0}),
        (ACCOUNT, {"history": 13.04, "size": 6.67, "complexity": 8.0, "blast": 15, "dormant": 2.0,
                   "hot": 0.33, "reversibility": 10, "evidence": 1, "late_scope": 0}),
        (REFERENCE, {"history": 4.59, "size": 5.28, "complexity": 7.0, "blast": 0, "dormant": 0.62,
                     "hot": 0, "reversibility": 10, "evidence": 5, "late_scope": 5}),
    ],
    ids=["interest", "account", "reference"],
)  # fmt: skip
def test_each_term_has_the_points_worked_out_by_hand(
    facts: RiskFacts, expected: dict[str, float]
) -> None:
    told = score(facts)
    assert {code: points(told, code) for code in expected} == pytest.approx(expected, abs=0.01)


def test_the_points_of_the_account_record_are_56_and_high() -> None:
    told = score(ACCOUNT)
    assert round(told.points, 2) == 56.04
    assert told.band == "high"


def test_the_points_of_the_reference_table_are_37_and_a_half_and_medium() -> None:
    told = score(REFERENCE)
    assert round(told.points, 2) == 37.50
    assert told.band == "medium"


def test_history_names_the_asset_that_went_badly_most_often() -> None:
    assert "CBTRN02C went badly in 3 of 9 changes in two years, and 3 other assets" in " ".join(
        score(ACCOUNT).sentences
    )


def test_an_asset_without_a_past_has_the_rate_of_its_type() -> None:
    assert bad_rate(AssetPast("NEW", "copybook")) == pytest.approx(0.08)


@pytest.mark.parametrize(
    ("value", "band"),
    [(0, "low"), (24.99, "low"), (25, "medium"), (49.9, "medium"), (50, "high"), (75, "critical"),
     (100, "critical")],
)  # fmt: skip
def test_bands_begin_at_25_50_and_75(value: float, band: str) -> None:
    assert band_of(value) == band


def test_only_terms_with_points_are_told_the_heaviest_first() -> None:
    told = score(INTEREST).sentences
    assert told[0].startswith("10.0 points: Data is converted")
    assert not any("lock" in sentence for sentence in told)


facts_of_any_size = st.builds(
    RiskFacts,
    assets=st.lists(
        st.builds(
            AssetPast,
            name=st.text("ABC", min_size=1, max_size=4),
            type=st.sampled_from([BATCH, "copybook", "unheard_of"]),
            changes=st.integers(0, 30),
            bad=st.just(0),
        ),
        max_size=60,
    ).map(tuple),
    teams=st.integers(0, 12),
    timing=st.floats(0, 1),
    reversibility=st.floats(0, 3),
    evidence_gap=st.floats(0, 1),
    late_scope=st.booleans(),
    delays=st.integers(0, 9),
)


@given(facts_of_any_size)
def test_no_term_exceeds_its_most_and_the_sum_is_the_score(facts: RiskFacts) -> None:
    told = score(facts)
    assert all(0 <= term.points <= term.most for term in told.terms)
    assert told.points == pytest.approx(min(100, sum(term.points for term in told.terms)))


@given(facts_of_any_size)
def test_a_further_asset_that_failed_never_lowers_history(facts: RiskFacts) -> None:
    more = replace(facts, assets=(*facts.assets, AssetPast("BAD", BATCH, 3, 3)))
    assert points(score(more), "history") >= points(score(facts), "history")
