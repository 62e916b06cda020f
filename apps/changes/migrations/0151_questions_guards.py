from importlib import import_module

from django.db import migrations

from apps.evidence.guards import GuardState

MOVES = import_module("apps.changes.migrations.0002_guards").MOVES


class Migration(migrations.Migration):
    dependencies = [("changes", "0150_questions_of_a_change"), ("evidence", "0002_guards")]

    # Once more: the guard names the columns that it holds.
    operations = [
        GuardState("changerequest", label="change", initial="draft", moves=MOVES),
    ]
