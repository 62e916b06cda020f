"""The bench of conflicts runs, at sizes of no meaning; nothing here is timed."""

from __future__ import annotations

import json

import pytest
from django.db import connection

from apps.changes.models import ChangeAsset
from apps.releases.models import ReleasePackage
from bench import conflicts
from bench.world import found_bank
from tests.support import commit_now

TOUCHES = 2_000


def test_a_portfolio_is_told_with_history_and_without(
    db: None, capsys: pytest.CaptureFixture[str]
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
    like = conflicts.plant(found_bank())
    commit_now()
    conflicts.load_portfolio(like, TOUCHES)
    assert ChangeAsset.objects.count() == TOUCHES + 1
    assert ReleasePackage.objects.count() == TOUCHES // conflicts.IN_PACKAGE + 1

    conflicts.become_history(TOUCHES)
    conflicts.measure(like, TOUCHES, rounds=1)
    conflicts.open_again()
    conflicts.measure(like, TOUCHES, rounds=1)
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    portfolio = [one for one in told if one["name"] == "conflicts.portfolio.postgresql"]
    # Of all open, four touches meet and four are down-level; the last package has none of them.
    assert [(one["open"], one["found"], one["statements"]) for one in portfolio] == [
        (1, 0, 9),
        (10, 8, 9),
    ]
    assert {one["name"] for one in told} >= {"conflicts.change.wall", "conflicts.package.wall"}
