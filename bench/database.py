"""Databases of the bench's own, on one server: made anew, dropped at the end."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management import call_command
from django.db import connection, connections

PREFIX = "interlock_bench"


class Database:
    """One database of the server that the settings name, used as Django's default while entered."""

    def __init__(self, suffix: str) -> None:
        self.name = f"{PREFIX}_{suffix}"
        self._as_owner = self._wrapper({})
        self._as_application = self._wrapper({"options": "-c role=interlock_app"})

    def _wrapper(self, options: dict[str, str]) -> Any:
        wrapper = connections["default"].copy()
        wrapper.settings_dict = copy.deepcopy(wrapper.settings_dict)
        wrapper.settings_dict["NAME"] = self.name
        wrapper.settings_dict["OPTIONS"] |= options
        return wrapper

    @contextmanager
    def as_owner(self) -> Iterator[None]:
        with _default(self._as_owner):
            yield

    @contextmanager
    def as_application(self) -> Iterator[None]:
        """With the privileges that the portal has."""
        with _default(self._as_application):
            yield

    def create(self, template: Database | None = None) -> None:
        """Make it anew: migrated, or as a copy of `template`."""
        self.drop()
        if template is None:
            _on_server(f"CREATE DATABASE {self.name}")
            with self.as_owner():
                call_command("migrate", verbosity=0)
        else:
            template.disconnect()
            _on_server(f"CREATE DATABASE {self.name} TEMPLATE {template.name}")

    def vacuum(self) -> None:
        """What autovacuum does after a while, now, so that it does not run meanwhile."""
        with self.as_owner(), connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
            cursor.execute("CHECKPOINT")

    def disconnect(self) -> None:
        self._as_owner.close()
        self._as_application.close()

    def drop(self) -> None:
        self.disconnect()
        _on_server(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")


@contextmanager
def _default(wrapper: Any) -> Iterator[None]:
    before = connections["default"]
    connections["default"] = wrapper
    try:
        yield
    finally:
        connections["default"] = before


def _on_server(statement: str) -> None:
    with connections["default"]._nodb_cursor() as cursor:
        cursor.execute(statement)
