"""Every database test runs as the application's role, so that a missing privilege shows.

Tests that commit get a whole database of their own: afterwards it is made anew from a copy taken
when it was migrated, because nothing in it can be deleted or truncated.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import TransactionTestCase

from tests.support import as_owner, as_the_application, invariants_hold


def _restore(case: TransactionTestCase) -> None:
    name = connection.settings_dict["NAME"]
    as_owner(
        f'DROP DATABASE "{name}" WITH (FORCE)', f'CREATE DATABASE "{name}" TEMPLATE "{name}_new"'
    )


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    name = connection.settings_dict["NAME"]
    drop = [f'DROP DATABASE IF EXISTS "{name}_{kind}" WITH (FORCE)' for kind in ("new", "night")]
    with django_db_blocker.unblock():
        as_owner(*drop, f'CREATE DATABASE "{name}_new" TEMPLATE "{name}"')
    flush = TransactionTestCase._fixture_teardown
    TransactionTestCase._fixture_teardown = _restore
    yield
    TransactionTestCase._fixture_teardown = flush
    # A thread of a live server may still hold a connection, and Django could not drop it then.
    others = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    with django_db_blocker.unblock():
        as_owner(others, *drop)


@pytest.fixture(autouse=True)
def _nothing_is_as_it_can_never_be(request: pytest.FixtureRequest) -> Iterator[None]:
    """After every test that commits, such as races and faults, the invariants are asked for."""
    marker = request.node.get_closest_marker("django_db")
    if marker is None or not marker.kwargs.get("transaction"):
        yield
        return
    request.getfixturevalue("transactional_db")
    yield
    made_by_hand = request.node.get_closest_marker("breaks")
    invariants_hold(but=made_by_hand.args if made_by_hand else ())


@pytest.fixture(autouse=True)
def _as_the_application(request: pytest.FixtureRequest) -> None:
    marker = request.node.get_closest_marker("django_db")
    if marker is None or marker.kwargs.get("transaction"):
        return
    request.getfixturevalue("db")
    as_the_application()
