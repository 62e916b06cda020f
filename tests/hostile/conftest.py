"""One world for all tests of a module: people of every role and a row of every kind.

It is built once, in a transaction that encloses those of the module's tests and is rolled back.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction

from apps.core import clock
from tests.hostile.worlds import AT, World, build


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    enclosing: Any = transaction.atomic()
    enclosing._from_testcase = True
    with (
        django_db_blocker.unblock(),
        enclosing,
        clock.at(AT),
        pytest.MonkeyPatch.context() as patch,
    ):
        # Django's test cases close the connection after each class; this one is still in use.
        patch.setattr(connection, "close", lambda: None)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL ROLE interlock_app")
        yield build()
        transaction.set_rollback(True)


@pytest.fixture
def world(built: World, db: None) -> Iterator[World]:
    with clock.at(AT):
        yield built
