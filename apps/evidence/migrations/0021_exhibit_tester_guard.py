from django.db import migrations

from apps.evidence.guards import AppendOnly, GuardState


class Migration(migrations.Migration):
    dependencies = [("evidence", "0020_exhibit_tester")]

    # Once more: the guard names the columns that it holds.
    operations = [GuardState("exhibit", label="exhibit"), AppendOnly("exhibit")]
