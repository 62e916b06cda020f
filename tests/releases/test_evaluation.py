"""What makes the rules look again, and at what."""

from __future__ import annotations

from copy import deepcopy

import pytest

from apps.accounts.services.people import edit_team
from apps.changes.models import ChangeRequest
from apps.changes.services import decisions, requests
from apps.evidence.services.outbox import relay
from apps.inventory.models import Asset
from apps.inventory.services.relations import relate_asset, unrelate_asset
from apps.releases.models import EvaluationDue, Finding, ReleasePackage
from apps.releases.services import evaluation, package
from apps.releases.services.evaluation import PORTFOLIO, Outcome, evaluate_subjects
from apps.releases.services.package_content import edit_package
from tests.changes.worlds import SCOPE_LINE, make_asset, sign, submitted
from tests.factories import SETUP, actor
from tests.inventory.factories import keeper, make_cycle
from tests.releases.worlds import NOTE, Night, small_night
from tests.support import once_a_module

pytestmark = pytest.mark.django_db


built = once_a_module(small_night)


@pytest.fixture
def night(built: Night, db: None) -> Night:
    return deepcopy(built)


def marked() -> set[str]:
    """What is due by what happened since this was asked last."""
    while relay("findings", evaluation.mark_due):
        pass
    found = set(EvaluationDue.objects.values_list("subject", flat=True))
    EvaluationDue.objects.all().delete()
    return found


def waiting(night: Night, *assets: Asset) -> ChangeRequest:
    """Submitted, and in no package."""
    lines = [SCOPE_LINE | {"asset": asset} for asset in assets or [night.bank.copybook]]
    with night.before():
        return submitted(night.bank, assets=lines)


# The marks.


def test_a_signature_its_withdrawal_and_the_last_one_mark_the_change(night: Night) -> None:
    with night.before():
        change = submitted(night.bank, "medium", assets=[SCOPE_LINE | {"asset": night.bank.table}])
    owner = night.bank.owner
    marked()
    with night.before():
        change = sign(change, owner)
        assert marked() == {change.subject}
        decisions.withdraw_decision(
            pk=change.pk, actor=actor(owner), expected_seq=change.evidence_seq, comment=NOTE
        )
        assert marked() == {change.subject}
        assert sign(change, owner, night.bank.db2_lead).state == "approved"
        assert marked() == {change.subject}


@pytest.mark.parametrize("values", [{"backout_summary": "There is none."}, {"title": "Another"}])
def test_an_edit_after_the_approval_marks_the_change(night: Night, values: dict[str, str]) -> None:
    change = night.change()
    marked()
    with night.before():
        requests.edit_change(pk=change.pk, actor=actor(night.bank.requester), values=values)
    assert marked() == {change.subject}


def test_a_relation_marks_what_has_either_end_in_its_scope(night: Night) -> None:
    alone = waiting(night, night.bank.table)
    carrying = night.draft()
    marked()
    edge = relate_asset(
        pk=night.bank.copybook.pk, actor=keeper(), kind="refers_to", target=night.bank.table.pk
    )
    assert marked() == {carrying.subject, alone.subject}
    unrelate_asset(pk=night.bank.copybook.pk, actor=keeper(), relation=edge.pk)
    assert marked() == {carrying.subject, alone.subject}


def test_a_team_marks_the_packages_that_it_works_on(night: Night) -> None:
    busy, other = night.drafted(), night.draft(changes=[])
    marked()
    edit_team(pk=night.ops.pk, actor=SETUP, values={"capacity": 3})
    assert marked() == {busy.subject}
    assert other.subject != busy.subject


def test_a_timetable_marks_everything(night: Night) -> None:
    marked()
    make_cycle(by=keeper())
    assert marked() == {PORTFOLIO}


def test_a_change_that_is_taken_out_is_marked_with_its_package(night: Night) -> None:
    stays, goes = night.change(), night.change()
    found = night.draft(changes=[stays, goes])
    marked()
    with night.before():
        edit_package(
            pk=found.pk, actor=actor(night.coordinator), values={},
            parts={"members": [{"change": stays}]},
        )  # fmt: skip
    assert marked() == {found.subject, goes.subject}


# What is asked.


def evaluate(night: Night, *subjects: str) -> Outcome:
    with night.before():
        return evaluate_subjects(subjects)


def between(change: ChangeRequest, carrying: ReleasePackage) -> Finding | None:
    return Finding.objects.filter(
        rule__code="K01", changes=change, packages=carrying, is_detected=True
    ).first()


def test_a_change_that_no_package_carries_is_asked_what_packages_it_meets(night: Night) -> None:
    carrying = night.draft()
    evaluate(night, carrying.subject)
    late = waiting(night)
    evaluate(night, late.subject)
    assert between(late, carrying) is not None


def test_what_it_no_longer_meets_vanishes(night: Night) -> None:
    carrying, late = night.draft(), waiting(night)
    evaluate(night, late.subject)
    assert between(late, carrying) is not None
    with night.before():
        requests.cancel(pk=late.pk, actor=actor(night.bank.manager), comment=NOTE)
    evaluate(night, late.subject)
    assert between(late, carrying) is None


def test_what_a_package_takes_up_is_met_as_a_change_no_more(night: Night) -> None:
    carrying, late = night.draft(), waiting(night)
    evaluate(night, late.subject)
    assert between(late, carrying) is not None
    evaluate(night, night.draft(changes=[late]).subject)
    assert between(late, carrying) is None


def test_a_cancelled_package_leaves_its_changes_to_be_asked_alone(night: Night) -> None:
    change = night.change(assets=[SCOPE_LINE | {"asset": copied(night)}])
    found = night.draft(changes=[change])
    evaluate(night, found.subject)
    alone = Finding.objects.filter(changes=change, packages=None, is_detected=True)
    assert not alone.exists()
    with night.before():
        package.cancel(pk=found.pk, actor=actor(night.coordinator), comment=NOTE)
    evaluate(night, found.subject)
    assert alone.exists()


def copied(night: Night) -> Asset:
    """A copybook that a program copies: whoever changes it has to recompile that."""
    book = make_asset("CVTRA02Y", "copybook", night.bank.application)
    program = make_asset("CBACT04C", "program_batch", night.bank.application)
    relate_asset(pk=program.pk, actor=keeper(), kind="copies", target=book.pk)
    return book
