"""A migration operation for tables that come into being together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation


class CreateTogether(Operation):
    """Create many models as one operation.

    Django renders every related model anew after each operation, and here all are related, most by
    way of the user: creating some 160 models one by one takes a minute. Together they are rendered
    once. Foreign keys may point at models further down, since PostgreSQL's come last; indexes and
    constraints belong into the options of their model.
    """

    reversible = True

    def __init__(self, operations: Sequence[CreateModel]) -> None:
        self.operations = list(operations)

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (type(self).__name__, [self.operations], {})

    def describe(self) -> str:
        return f"Create {len(self.operations)} models"

    def state_forwards(self, app_label: str, state: Any) -> None:
        # What is rendered is a cached property of the state: made again when it is next asked for.
        state.__dict__.pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        for operation in self.operations:
            operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        for operation in reversed(self.operations):
            operation.database_backwards(app_label, schema_editor, from_state, to_state)
