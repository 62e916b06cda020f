"""Readiness items follow what the gates said."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from apps.core import clock
from apps.gates import selectors
from apps.gates.catalogue import GATE_BY_CODE, GATES
from apps.gates.domain.evaluation import evaluate_all
from apps.gates.models import ReadinessItem
from apps.gates.services.items import store_results
from tests.factories import make_user
from tests.gates.facts import GOOD, NOW, OPENS, attestation, change, spoiled

pytestmark = pytest.mark.django_db
SUBJECT = "package:00000000-0000-0000-0000-000000000001"


def store(facts: Any, **more: Any) -> Any:
    """What the gates say of `facts`; no row is there for what people attested of them."""
    results = [replace(r, attestation=None) for r in evaluate_all(facts, GATES)]
    return store_results(
        subject=SUBJECT,
        subject_code=facts.code,
        results=results,
        **{"opens_at": OPENS, **more},
    )


def test_the_first_evaluation_is_no_flip() -> None:
    with clock.at(NOW):
        assert store(GOOD) == ()
    assert selectors.summary(SUBJECT) == selectors.Summary(met=20, total=20, hard_unmet=0)
    item = selectors.items_of(SUBJECT).get(gate="G08")
    assert (item.state, item.met_since, item.due_at) == ("met", NOW, OPENS - timedelta(days=1))


def test_a_flip_is_told_once_with_its_cause() -> None:
    held = spoiled(changes=(change(on_hold=True, on_hold_reason="Freeze"),))
    with clock.at(NOW):
        store(GOOD)
        (flip,) = store(held)
        assert store(held) == ()
    assert (flip.gate, flip.level, flip.was, flip.now) == ("G01", "hard", "met", "not_met")
    assert flip.turned_false
    assert flip.detail == "CHG1001 is on hold: Freeze"
    item = ReadinessItem.objects.get(subject=SUBJECT, gate="G01")
    assert item.met_since is None
    assert item.findings[0]["fix"]
    with clock.at(NOW + timedelta(hours=1)):
        (back,) = store(GOOD)
    assert not back.turned_false
    assert ReadinessItem.objects.get(pk=item.pk).met_since == NOW + timedelta(hours=1)


def test_gates_that_do_not_apply_are_not_counted() -> None:
    store(spoiled(window=None, activities=(), scope=(), lessons=(), scm_package=""))
    assert selectors.summary(SUBJECT) == selectors.Summary(met=6, total=7, hard_unmet=1)
    assert selectors.items_of(SUBJECT).get(gate="G11").due_at is None


def test_storing_part_of_the_gates_leaves_the_rest() -> None:
    store(GOOD)
    store_results(
        subject=SUBJECT,
        subject_code=GOOD.code,
        results=evaluate_all(spoiled(changes=()), GATES, moment="start"),
    )
    states = dict(selectors.items_of(SUBJECT).values_list("gate", "state"))
    assert states["G01"] == "not_met"
    assert states["G08"] == "met"


@pytest.mark.parametrize(
    ("told", "state"),
    [
        ({}, "open"),
        ({"G12": attestation(verified_by=None)}, "submitted"),
        ({"G12": attestation(content={})}, "expired"),
        ({"G12": attestation(holds=False)}, "not_met"),
    ],
)
def test_what_waits_for_somebody_counts_as_unmet(told: Any, state: str) -> None:
    facts = spoiled(attestations=told, risk_band="high")
    with clock.at(NOW):
        store_results(
            subject=SUBJECT, subject_code="RP-1",
            results=[
                replace(result, attestation=None)
                for result in evaluate_all(facts, [GATE_BY_CODE["G12"]])
            ],
            opens_at=OPENS,
        )  # fmt: skip
    item = selectors.items_of(SUBJECT).get()
    assert (item.state, item.met_since) == (state, None)
    assert list(selectors.unmet_items()) == [item]


def test_what_is_due_and_whose() -> None:
    owner = make_user("owner.card")
    store(spoiled(changes=(), activities=()), owners={"package_owner": owner.pk})
    # G01 is due three days before the opening, G10 one day.
    one_day_before = OPENS - timedelta(days=1)
    gates = lambda items: [item.gate for item in items]  # noqa: E731
    assert gates(selectors.overdue(one_day_before)) == ["G01", "G10"]
    assert gates(selectors.overdue(one_day_before - timedelta(minutes=1))) == ["G01"]
    assert gates(selectors.due_soon(one_day_before - timedelta(hours=24))) == ["G10"]
    assert gates(selectors.due_soon(one_day_before - timedelta(hours=25))) == []
    assert gates(selectors.my_items(owner)) == ["G01"]


def test_summaries_are_one_query(django_assert_num_queries: Any) -> None:
    store(GOOD)
    with django_assert_num_queries(1):
        found = selectors.summaries([SUBJECT, "package:other"])
    assert found["package:other"].total == 0
