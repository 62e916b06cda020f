from django.db import migrations

from apps.evidence.guards import AppendOnly, GuardPart, GuardState

MOVES = (
    "planned>docket_frozen",
    "docket_frozen>in_session",
    "in_session>closed",
    "planned>cancelled",
    "docket_frozen>cancelled",
)


class Migration(migrations.Migration):
    dependencies = [("changes", "0020_meetings"), ("evidence", "0002_guards")]

    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE changes_meeting_code START 101",
            "DROP SEQUENCE changes_meeting_code",
        ),
        GuardState("cabmeeting", label="meeting", initial="planned", moves=MOVES),
        GuardPart("meetingmember", parent_label="meeting", parent_column="meeting_id"),
        GuardPart("docketitem", parent_label="meeting", parent_column="meeting_id"),
        GuardPart("recusal", parent_label="meeting", parent_column="meeting_id"),
        AppendOnly("historicalcabmeeting"),
        AppendOnly("reading"),
    ]
