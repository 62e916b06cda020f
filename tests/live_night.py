"""The demo's night, built once by each worker in a database of its own.

Building it takes some twenty seconds. A class of tests goes to that database, and what it does
there is rolled back like everywhere else.
"""

from __future__ import annotations

from django.db import connection
from django.test import TestCase

from apps.core import clock
from tests.scenarios import NIGHT_AT, the_live_night
from tests.support import as_owner, as_the_application, enclosing

_built: set[str] = set()


def night_database(name: str) -> str:
    """The name of the night's database beside the test database `name`; built when first asked."""
    night = f"{name}_night"
    if night not in _built:
        as_owner(
            f'DROP DATABASE IF EXISTS "{night}" WITH (FORCE)',
            f'CREATE DATABASE "{night}" TEMPLATE "{name}_new"',
        )
        go_to(night)
        with enclosing():
            as_the_application()
            the_live_night()
            # What happens after a commit belongs to no test.
            connection.run_on_commit = []
        _built.add(night)
    return night


def go_to(database: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = database


def take_the_night() -> None:
    """For a test that commits: its database becomes the night's, and is made anew afterwards."""
    own = connection.settings_dict["NAME"]
    night = night_database(own)
    go_to(own)
    as_owner(f'DROP DATABASE "{own}" WITH (FORCE)', f'CREATE DATABASE "{own}" TEMPLATE "{night}"')


class LiveNightTestCase(TestCase):
    """Sunday 00:40 of the night of W-2611, as the application's role."""

    _home: str

    @classmethod
    def setUpClass(cls) -> None:
        cls._home = connection.settings_dict["NAME"]
        try:
            go_to(night_database(cls._home))
            super().setUpClass()
        except BaseException:
            go_to(cls._home)
            raise

    @classmethod
    def tearDownClass(cls) -> None:
        super().tearDownClass()
        go_to(cls._home)

    @classmethod
    def setUpTestData(cls) -> None:
        as_the_application()

    def setUp(self) -> None:
        self.enterContext(clock.at(NIGHT_AT))
