from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations

from apps.evidence.guards import AppendOnly, GuardPart, GuardState


# In the database alone: Django's own check of it cannot see a column that people do not edit.
ONCE = """
ALTER TABLE accounts_teamshift ADD CONSTRAINT accounts_shift_of_a_person_once
EXCLUDE USING gist (team_id WITH =, person_id WITH =, tstzrange(starts_at, ends_at) WITH &&)
WHERE (cancelled_at IS NULL);
"""
NOT_ONCE = "ALTER TABLE accounts_teamshift DROP CONSTRAINT accounts_shift_of_a_person_once;"


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("evidence", "0002_guards")]

    operations = [
        BtreeGistExtension(),
        migrations.RunSQL(ONCE, NOT_ONCE),
        GuardState("team", label="team"),
        GuardState("rolegrant", label="role_grant"),
        GuardState("delegation", label="delegation"),
        GuardState("teamshift", label="team_shift"),
        GuardPart("teammembership", parent_label="team", parent_column="team_id"),
        AppendOnly("historicaluser"),
        AppendOnly("historicalteam"),
        AppendOnly("historicalrolegrant"),
        AppendOnly("historicaldelegation"),
        AppendOnly("historicalteamshift"),
    ]
