from django.db import migrations

from apps.evidence.guards import AppendOnly, GuardState

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
)
OBLIGATION_MOVES = ("open>met", "met>open", "open>withdrawn", "met>withdrawn")


class Migration(migrations.Migration):
    dependencies = [("approvals", "0010_decisions"), ("evidence", "0002_guards")]

    operations = [
        GuardState("approval", label="approval", initial="requested", moves=APPROVAL_MOVES),
        GuardState("obligation", label="obligation", initial="open", moves=OBLIGATION_MOVES),
        AppendOnly("historicalobligation"),
        AppendOnly("viewlog"),
    ]
