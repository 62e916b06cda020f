from django.db import migrations

from apps.evidence.guards import AppendOnly, GuardState


class Migration(migrations.Migration):
    dependencies = [("releases", "0007_simulation"), ("evidence", "0002_guards")]

    operations = [
        GuardState("simulation", label="simulation"),
        AppendOnly("simulation"),
        AppendOnly("historicalsimulation"),
    ]
