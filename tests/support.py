"""Small helpers that tests share."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections, transaction

from apps.audit.services.invariants import all_broken
from apps.core import clock
from apps.core.errors import Refused


def as_owner(*statements: str) -> None:
    """Run statements outside the test database, which nobody may be connected to."""
    connections.close_all()
    with connection._nodb_cursor() as cursor:  # type: ignore[attr-defined]
        for statement in statements:
            cursor.execute(statement)


@contextmanager
def enclosing() -> Iterator[None]:
    """A transaction that doors may open theirs in, like that of a test."""
    around = transaction.atomic()
    around._from_testcase = True  # type: ignore[attr-defined]
    with around:
        yield


def once_a_module(build: Callable[[], Any], at: datetime | None = None) -> Any:
    """A fixture of what `build` makes, for all tests of a module; each takes a deepcopy of it.

    It is built once, at the moment `at`, in a transaction that encloses those of the tests and is
    rolled back. Not for a module with tests that commit or that change their database.
    """

    @pytest.fixture(scope="module")
    def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[Any]:
        with (
            django_db_blocker.unblock(),
            enclosing(),
            clock.at(at) if at else nullcontext(),
            pytest.MonkeyPatch.context() as patch,
        ):
            # Django's test cases close the connection after each class; this one is in use.
            patch.setattr(connection, "close", lambda: None)
            as_the_application()
            made = build()
            commit_now()
            yield made
            transaction.set_rollback(True)

    return built


def as_the_application() -> None:
    """The rest of the transaction runs as the application's role."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE interlock_app")


def commit_now() -> None:
    """Run the deferred triggers as a commit would, inside the test's transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@contextmanager
def refused_by_database(match: str = "interlock:") -> Iterator[None]:
    """The block is refused by PostgreSQL itself, at once or at commit."""
    with pytest.raises(DatabaseError, match=match), transaction.atomic():  # noqa: PT012
        yield
        commit_now()


@contextmanager
def as_sealer() -> Iterator[None]:
    """The block has the rights of the sealer in the database."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE interlock_sealer")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL ROLE interlock_app")


@contextmanager
def refused(*codes: str) -> Iterator[Refused]:
    """The block raises Refused with exactly these blocker codes (any, when none are named)."""
    with pytest.raises(Refused) as caught:
        yield caught  # type: ignore[misc]
    if codes:
        assert {blocker.code for blocker in caught.value.blockers} == set(codes)


def without_guards(*statements: str) -> None:
    """Do to the database what only its owner can, with every trigger off; the application's role
    is back afterwards."""
    commit_now()
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in statements:
            cursor.execute(statement)
        cursor.execute("SET LOCAL session_replication_role = origin")
        cursor.execute("SET LOCAL ROLE interlock_app")


def seal_everything() -> None:
    """What the sealer would have done."""
    without_guards(
        """
        INSERT INTO evidence_evidenceleaf (idx, entry_id, leaf)
            SELECT row_number() OVER (ORDER BY id) - 1, id, leaf
            FROM evidence_evidenceentry ON CONFLICT DO NOTHING"""
    )


def invariants_hold(but: Collection[str] = ()) -> None:
    """Nothing is in a state that it can never be in: the whole of apps/audit/invariants.sql, but
    for the rules that a world put together by hand does not keep."""
    found = {
        f"{each.code} {each.rule}": rows
        for each, rows in all_broken(live=False)
        if each.code not in but
    }
    assert found == {}, found
