from django.db import migrations

from apps.evidence.guards import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("inventory", "0004_provenance"), ("evidence", "0002_guards")]

    operations = [AppendOnly("buildinput")]
