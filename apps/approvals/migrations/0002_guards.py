from django.db import migrations

from apps.evidence.guards import AppendOnly, GuardPart, GuardState

APPROVAL_MOVES = (
    "requested>approved",
    "requested>approved_with_conditions",
    "requested>rejected",
    "approved>requested",
    "approved_with_conditions>requested",
    "requested>superseded",
    "approved>superseded",
    "approved_with_conditions>superseded",
    "approved>expired",
    "approved_with_conditions>expired",
    "requested>withdrawn",
    "approved>withdrawn",
    "approved_with_conditions>withdrawn",
    "approved>denied",
    "approved_with_conditions>denied",
    "denied>superseded",
    "denied>expired",
    "denied>withdrawn",
)
OBLIGATION_MOVES = (
    "open>met",
    "met>open",
    "open>withdrawn",
    "met>withdrawn",
)
COUNTERSIGN_MOVES = (
    "proposed>confirmed",
    "proposed>replaced",
)


class Migration(migrations.Migration):
    dependencies = [("approvals", "0001_initial"), ("evidence", "0002_guards")]

    operations = [
        GuardState("approval", label="approval", initial="requested", moves=APPROVAL_MOVES),
        GuardState("obligation", label="obligation", initial="open", moves=OBLIGATION_MOVES),
        GuardState("countersign", label="countersign", initial="proposed", moves=COUNTERSIGN_MOVES),
        GuardPart("decision", parent_label="approval", parent_column="approval_id"),
        AppendOnly("decision"),
        AppendOnly("historicalapproval"),
        AppendOnly("historicalobligation"),
        AppendOnly("viewlog"),
        AppendOnly("historicalcountersign"),
    ]
