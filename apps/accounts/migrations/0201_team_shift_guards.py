from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations

from apps.evidence.guards import AppendOnly, GuardState

# In the database alone: Django's own check of it cannot see a column that people do not edit.
ONCE = """
ALTER TABLE accounts_teamshift ADD CONSTRAINT accounts_shift_of_a_person_once
EXCLUDE USING gist (team_id WITH =, person_id WITH =, tstzrange(starts_at, ends_at) WITH &&)
WHERE (cancelled_at IS NULL);
"""
NOT_ONCE = "ALTER TABLE accounts_teamshift DROP CONSTRAINT accounts_shift_of_a_person_once;"


class Migration(migrations.Migration):
    dependencies = [("accounts", "0200_team_shifts"), ("evidence", "0002_guards")]

    operations = [
        BtreeGistExtension(),
        migrations.RunSQL(ONCE, NOT_ONCE),
        AppendOnly("historicalteamshift"),
        GuardState("teamshift", label="team_shift"),
    ]
