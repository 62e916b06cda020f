from importlib import import_module

from django.db import migrations

from apps.evidence.guards import AppendOnly, GuardPart, GuardState

_GUARDS = import_module("apps.releases.migrations.0003_guards")
WATCH_MOVES = (
    "deviated>accepted_deviation",
    "deviated>ended",
    "expected>accepted_deviation",
    "expected>deviated",
    "expected>ended",
)


class Migration(migrations.Migration):
    dependencies = [("releases", "0250_outcomes"), ("evidence", "0002_guards")]

    operations = [
        AppendOnly("gonogo"),
        AppendOnly("historicalgonogo"),
        AppendOnly("gonogoline"),
        AppendOnly("historicalfirstcyclewatch"),
        GuardPart("gonogoline", parent_label="go_no_go", parent_column="go_no_go_id"),
        GuardState("gonogo", label="go_no_go"),
        GuardState(
            "firstcyclewatch", label="first_cycle_watch", initial="expected", moves=WATCH_MOVES
        ),
        # Both have a column more than their guards watched.
        GuardState(
            "validationcheck", label="check", initial="planned", moves=_GUARDS.CHECK_MOVES
        ),
        GuardState(
            "releasepackage",
            label="package",
            initial="draft",
            moves=_GUARDS.PACKAGE_MOVES,
            derived=("risk_band", "health", "gates_met", "gates_total"),
        ),
    ]
