from importlib import import_module

from django.db import migrations

from apps.evidence.guards import GuardState

MOVES = import_module("apps.changes.migrations.0002_guards").MOVES


class Migration(migrations.Migration):
    dependencies = [("changes", "0140_execution_groups"), ("evidence", "0002_guards")]

    operations = [
        GuardState("changerequest", label="change", initial="draft", moves=MOVES),
    ]
