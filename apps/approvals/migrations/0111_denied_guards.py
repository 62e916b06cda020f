from importlib import import_module

from django.db import migrations

from apps.evidence.guards import GuardState

MOVES = (
    *import_module("apps.approvals.migrations.0011_decision_guards").APPROVAL_MOVES,
    "approved>denied",
    "approved_with_conditions>denied",
    "denied>superseded",
    "denied>expired",
    "denied>withdrawn",
)


class Migration(migrations.Migration):
    dependencies = [("approvals", "0110_denied_slots"), ("evidence", "0002_guards")]

    operations = [GuardState("approval", label="approval", initial="requested", moves=MOVES)]
