"""Small helpers that tests share."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

import pytest
from django.db import DatabaseError, connection, transaction

from apps.audit.services.invariants import all_broken
from apps.core.errors import Refused


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
    """What the sealer would have done, where there is one."""
    without_guards(
        """
        DO $$ BEGIN
            IF to_regclass('evidence_evidenceleaf') IS NOT NULL THEN
                EXECUTE 'INSERT INTO evidence_evidenceleaf (idx, entry_id, leaf)
                    SELECT row_number() OVER (ORDER BY id) - 1, id, leaf
                    FROM evidence_evidenceentry ON CONFLICT DO NOTHING';
            END IF;
        END $$"""
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
