"""Whether a part of a package is complete without the rest of it."""

from __future__ import annotations

import pytest

from apps.inventory.services.relations import relate_asset
from apps.releases.services.delivered_part import part_blockers
from apps.releases.services.rules import ensure_rules
from tests.changes.worlds import SCOPE_LINE
from tests.inventory.factories import keeper, make_asset
from tests.releases.worlds import Night, small_night

pytestmark = pytest.mark.django_db


@pytest.fixture
def night(db: None) -> Night:
    ensure_rules()
    return small_night()


def test_what_the_rest_would_have_built_is_missing_in_a_part(night: Night) -> None:
    book, by = night.bank.copybook, keeper()
    with night.before():
        program = make_asset("CBTRN02C", by=by)
        relate_asset(pk=program.pk, actor=by, kind="copies", target=book.pk)
    copybook, recompiled = night.change(), night.change(assets=[SCOPE_LINE | {"asset": program}])
    package = night.draft([copybook, recompiled])
    told = [blocker.text for blocker in part_blockers(package, {copybook.pk})]
    assert told and all("CBTRN02C" in text for text in told)
    assert not list(part_blockers(package, {copybook.pk, recompiled.pk}))
