"""How a package ends counts for its assets, and so for the risk of the next change of them."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta

import pytest

from apps.changes.models import ChangeRequest, RiskAssessment
from apps.changes.selectors import records_of_assets
from apps.changes.services.outcomes import recount_outcomes
from apps.core import clock
from apps.inventory.domain.outcomes import Tally
from apps.inventory.models import Asset
from apps.inventory.services.balances import Balance, take_balances
from apps.inventory.services.outcomes import count_outcomes
from apps.releases.services import package_backout
from tests.factories import SETUP, actor
from tests.releases.worlds import BEFORE, NOTE, OPENS, Night, small_night
from tests.support import once_a_module

pytestmark = pytest.mark.django_db


built = once_a_module(small_night)


@pytest.fixture
def night(built: Night, db: None) -> Night:
    return deepcopy(built)


def counted(night: Night) -> tuple[int, int]:
    """Changes of the copybook, and those that went badly."""
    asset = Asset.objects.get(pk=night.bank.copybook.pk)
    return asset.change_count, asset.bad_outcome_count


def history(night: Night) -> float:
    """Points for the past of the assets in the risk of a change that is asked for now."""
    change = night.change()
    terms = RiskAssessment.objects.filter(about=change.subject).latest("at").terms
    return float(next(term["points"] for term in terms if term["code"] == "history"))


def test_a_delivered_change_counts_and_the_asset_was_changed(night: Night) -> None:
    done = night.completed()
    assert counted(night) == (1, 0)
    assert Asset.objects.get(pk=night.bank.copybook.pk).last_changed_at == done.ended_at


def test_a_failure_counts_as_bad(night: Night) -> None:
    night.failed()
    assert counted(night) == (1, 1)


def test_what_was_fixed_forward_is_not_counted_until_it_ends(night: Night) -> None:
    failed = night.failed()
    with night.at(62):
        package_backout.resume(pk=failed.pk, actor=actor(night.manager), comment=NOTE)
    assert counted(night) == (0, 0)


def test_a_failure_that_is_backed_out_is_one_bad_outcome(night: Night) -> None:
    night.backed_out()
    assert counted(night) == (1, 1)


def test_the_next_change_of_the_asset_is_riskier_after_a_failure(night: Night) -> None:
    before = history(night)
    night.failed()
    assert history(night) > before


def test_counters_never_fall_below_zero(night: Night) -> None:
    count_outcomes({night.bank.copybook.pk: Tally(-1, -1)})
    assert counted(night) == (0, 0)


def test_what_is_counted_is_what_a_recount_finds(night: Night) -> None:
    night.completed()
    assert recount_outcomes() == 0
    assert counted(night) == (1, 0)


def test_what_is_older_than_two_years_drops_out_at_night(night: Night) -> None:
    night.failed()
    with clock.at(OPENS + timedelta(days=729)):
        assert recount_outcomes() == 0
    with clock.at(OPENS + timedelta(days=732)):
        assert recount_outcomes() == 1
        assert recount_outcomes() == 0
    assert counted(night) == (0, 0)


def test_an_opening_balance_drops_out_as_a_whole_and_later_changes_stay(night: Night) -> None:
    with night.before():
        take_balances(actor=SETUP, balances={night.bank.copybook.pk: Balance(9, 3)})
    night.completed()
    assert recount_outcomes() == 0
    assert counted(night) == (10, 3)
    with clock.at(BEFORE + timedelta(days=732)):
        assert recount_outcomes() == 1
    assert counted(night) == (1, 0)


def test_the_board_reads_the_counts_that_the_risk_is_scored_by(night: Night) -> None:
    with night.before():
        take_balances(actor=SETUP, balances={night.bank.copybook.pk: Balance(9, 3)})
    asked = night.change()
    (record,) = records_of_assets(asked)
    assert (record.name, record.wrong, record.changes, record.last_wrong) == (
        night.bank.copybook.name, 3, 9, "",
    )  # fmt: skip
    night.failed(changes=[asked])
    later = night.change()
    (record,) = records_of_assets(later)
    assert (record.wrong, record.changes, record.last_wrong) == (4, 10, asked.code)
    asked = ChangeRequest.objects.get(pk=asked.pk)
    assert [(each.wrong, each.changes) for each in records_of_assets(asked)] == [(3, 9)]
