from django.db import migrations

from apps.evidence.guards import AppendOnly, GuardState

MOVES = ("proposed>confirmed", "proposed>replaced")


class Migration(migrations.Migration):
    dependencies = [("approvals", "0250_countersign"), ("evidence", "0002_guards")]

    operations = [
        AppendOnly("historicalcountersign"),
        GuardState("countersign", label="countersign", initial="proposed", moves=MOVES),
    ]
