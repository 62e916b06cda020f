from django.db import migrations

from apps.evidence.guards import AppendOnly, GuardState


class Migration(migrations.Migration):
    dependencies = [("accounts", "0010_delegation"), ("evidence", "0002_guards")]

    operations = [
        GuardState("delegation", label="delegation"),
        AppendOnly("historicaldelegation"),
    ]
