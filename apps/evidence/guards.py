"""Migration operations that put the database's guards on a table.

The functions they call are in `evidence/migrations/0002_guards.py`. Messages start with
"interlock:" so that a caller can tell a guard from another database error.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.db.migrations.operations.base import Operation


def governed_columns(model: type[models.Model], derived: Sequence[str]) -> list[str]:
    """The columns whose change needs an entry."""
    skipped = {"created_at", *derived}
    return [str(f.column) for f in model._meta.concrete_fields if f.name not in skipped]


class _GuardOperation(Operation):
    reversible = True
    reduces_to_sql = True

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Guards are no part of Django's model state."""

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        for statement in self.statements(to_state.apps, app_label):
            schema_editor.execute(statement, params=None)

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        table = from_state.apps.get_model(app_label, self.model_name)._meta.db_table
        for trigger in self.triggers:
            schema_editor.execute(f'DROP TRIGGER IF EXISTS "{trigger}" ON "{table}"', params=None)

    model_name: str
    triggers: tuple[str, ...] = ()

    def statements(self, apps: Any, app_label: str) -> list[str]:
        raise NotImplementedError


class GuardState(_GuardOperation):
    """Every change of a non-derived column needs `evidence_seq + 1` and its entry.

    `initial` is the only state a row may be inserted in; `moves` the allowed "from>to" pairs.
    Both are empty for a record without a lifecycle. Run it again after adding a column.
    """

    triggers = (
        "guard_row_insert",
        "guard_row_update",
        "guard_row_delete",
        "guard_entry_insert",
        "guard_entry_update",
        "guard_truncate",
    )

    def __init__(
        self,
        model_name: str,
        label: str,
        initial: str = "",
        moves: Sequence[str] = (),
        derived: Sequence[str] = (),
    ) -> None:
        self.model_name = model_name
        self.label = label
        self.initial = initial
        self.moves = tuple(moves)
        self.derived = tuple(derived)

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (
            type(self).__name__,
            [],
            {
                "model_name": self.model_name,
                "label": self.label,
                "initial": self.initial,
                "moves": self.moves,
                "derived": self.derived,
            },
        )

    def describe(self) -> str:
        return f"Guard every change of {self.model_name} by an evidence entry"

    def statements(self, apps: Any, app_label: str) -> list[str]:
        model = apps.get_model(app_label, self.model_name)
        table = model._meta.db_table
        changed = " OR ".join(
            f'OLD."{c}" IS DISTINCT FROM NEW."{c}"' for c in governed_columns(model, self.derived)
        )
        stateful = "state" if self.initial else ""
        row_args = f"'{self.initial}', '{','.join(self.moves)}'"
        entry_args = f"'{self.label}', '{stateful}'"
        drops = [f'DROP TRIGGER IF EXISTS "{t}" ON "{table}"' for t in self.triggers]
        return [
            *drops,
            f"INSERT INTO evidence_evidencesubject (label, table_name) "
            f"VALUES ('{self.label}', '{table}') "
            f"ON CONFLICT (label) DO UPDATE SET table_name = excluded.table_name",
            f'CREATE TRIGGER guard_row_insert BEFORE INSERT ON "{table}" FOR EACH ROW '
            f"EXECUTE FUNCTION evidence_guard_row({row_args})",
            f'CREATE TRIGGER guard_row_update BEFORE UPDATE ON "{table}" FOR EACH ROW '
            f"WHEN ({changed}) EXECUTE FUNCTION evidence_guard_row({row_args})",
            f'CREATE TRIGGER guard_row_delete BEFORE DELETE ON "{table}" FOR EACH ROW '
            f"EXECUTE FUNCTION evidence_guard_row({row_args})",
            f'CREATE CONSTRAINT TRIGGER guard_entry_insert AFTER INSERT ON "{table}" '
            f"DEFERRABLE INITIALLY DEFERRED FOR EACH ROW "
            f"EXECUTE FUNCTION evidence_require_entry({entry_args})",
            f'CREATE CONSTRAINT TRIGGER guard_entry_update AFTER UPDATE ON "{table}" '
            f"DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ({changed}) "
            f"EXECUTE FUNCTION evidence_require_entry({entry_args})",
            f'CREATE TRIGGER guard_truncate BEFORE TRUNCATE ON "{table}" '
            f"FOR EACH STATEMENT EXECUTE FUNCTION evidence_append_only()",
        ]


class GuardPart(_GuardOperation):
    """A part row changes only in a transaction that records an entry about its parent."""

    triggers = ("guard_part",)

    def __init__(self, model_name: str, parent_label: str, parent_column: str) -> None:
        self.model_name = model_name
        self.parent_label = parent_label
        self.parent_column = parent_column

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (
            type(self).__name__,
            [],
            {
                "model_name": self.model_name,
                "parent_label": self.parent_label,
                "parent_column": self.parent_column,
            },
        )

    def describe(self) -> str:
        return f"Guard {self.model_name} by an entry about its {self.parent_label}"

    def statements(self, apps: Any, app_label: str) -> list[str]:
        table = apps.get_model(app_label, self.model_name)._meta.db_table
        return [
            f'DROP TRIGGER IF EXISTS guard_part ON "{table}"',
            f'CREATE CONSTRAINT TRIGGER guard_part AFTER INSERT OR UPDATE OR DELETE ON "{table}" '
            f"DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "
            f"evidence_require_parent_entry('{self.parent_label}', '{self.parent_column}')",
        ]


class AppendOnly(_GuardOperation):
    """No row is ever changed, deleted or truncated."""

    triggers = ("append_only_row", "append_only_truncate")

    def __init__(self, model_name: str) -> None:
        self.model_name = model_name

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (type(self).__name__, [], {"model_name": self.model_name})

    def describe(self) -> str:
        return f"Make {self.model_name} append-only"

    def statements(self, apps: Any, app_label: str) -> list[str]:
        table = apps.get_model(app_label, self.model_name)._meta.db_table
        return [
            *(f'DROP TRIGGER IF EXISTS "{t}" ON "{table}"' for t in self.triggers),
            f'CREATE TRIGGER append_only_row BEFORE UPDATE OR DELETE ON "{table}" '
            f"FOR EACH ROW EXECUTE FUNCTION evidence_append_only()",
            f'CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON "{table}" '
            f"FOR EACH STATEMENT EXECUTE FUNCTION evidence_append_only()",
            f'REVOKE UPDATE, DELETE, TRUNCATE ON "{table}" FROM interlock_app',
        ]
