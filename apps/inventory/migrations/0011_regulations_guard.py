from django.db import migrations

from apps.evidence.guards import GuardState


class Migration(migrations.Migration):
    dependencies = [("inventory", "0010_regulations"), ("evidence", "0002_guards")]

    # Once more: the guard names the columns that it holds.
    operations = [GuardState("application", label="application")]
