from django.db import migrations

from apps.evidence.guards import AppendOnly, GuardState


class Migration(migrations.Migration):
    dependencies = [("integrations", "0001_initial"), ("evidence", "0002_guards")]

    operations = [
        GuardState("stepjob", label="step_job", derived=("asked_at",)),
        AppendOnly("historicalstepjob"),
    ]
