from django.db import migrations

from apps.evidence.guards import AppendOnly, GuardPart, GuardState


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("evidence", "0002_guards")]

    operations = [
        GuardState("team", label="team"),
        GuardPart("teammembership", parent_label="team", parent_column="team_id"),
        GuardState("rolegrant", label="role_grant"),
        AppendOnly("historicaluser"),
        AppendOnly("historicalteam"),
        AppendOnly("historicalrolegrant"),
    ]
