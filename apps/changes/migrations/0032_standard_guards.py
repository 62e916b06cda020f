from importlib import import_module

from django.db import migrations

from apps.evidence.guards import GuardPart, GuardState

#: The moves of a change did not change.
CHANGE_MOVES = import_module("apps.changes.migrations.0002_guards").MOVES
STANDARD_MOVES = (
    "proposed>active",
    "active>suspended",
    "suspended>active",
    "proposed>retired",
    "active>retired",
    "suspended>retired",
)


class Migration(migrations.Migration):
    dependencies = [("changes", "0031_standard_states"), ("evidence", "0002_guards")]

    operations = [
        # A column that a guard watches can only go after the guard looks elsewhere.
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.RemoveField("standardtemplate", "is_active")]
        ),
        GuardState("changerequest", label="change", initial="draft", moves=CHANGE_MOVES),
        GuardState(
            "standardtemplate", label="standard_template", initial="proposed", moves=STANDARD_MOVES
        ),
        migrations.RunSQL(
            "ALTER TABLE changes_standardtemplate DROP COLUMN is_active",
            "ALTER TABLE changes_standardtemplate ADD COLUMN is_active boolean "
            "NOT NULL DEFAULT true",
        ),
        migrations.RemoveField("historicalstandardtemplate", "is_active"),
        GuardPart("phoneapproval", parent_label="change", parent_column="change_id"),
        GuardPart("debtwaiver", parent_label="change", parent_column="change_id"),
        GuardPart("explainedversion", parent_label="change", parent_column="change_id"),
    ]
