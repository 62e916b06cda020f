from django.db import migrations

from apps.evidence.guards import AppendOnly, GuardPart, GuardState

MOVES = (
    "requested>approved",
    "requested>approved_with_conditions",
    "requested>rejected",
    "requested>superseded",
    "approved>superseded",
    "approved_with_conditions>superseded",
    "approved>expired",
    "approved_with_conditions>expired",
    "requested>withdrawn",
    "approved>withdrawn",
    "approved_with_conditions>withdrawn",
)


class Migration(migrations.Migration):
    dependencies = [("approvals", "0001_initial"), ("evidence", "0002_guards")]

    operations = [
        GuardState("approval", label="approval", initial="requested", moves=MOVES),
        GuardPart("decision", parent_label="approval", parent_column="approval_id"),
        AppendOnly("decision"),
        AppendOnly("historicalapproval"),
    ]
