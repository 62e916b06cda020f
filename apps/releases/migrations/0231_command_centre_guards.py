from django.db import migrations

from apps.evidence.guards import AppendOnly, GuardState

ALERT_MOVES = ("acknowledged>over", "raised>acknowledged", "raised>over")
ISSUE_MOVES = ("open>resolved", "resolved>open")


class Migration(migrations.Migration):
    dependencies = [("releases", "0230_command_centre"), ("evidence", "0002_guards")]

    operations = [
        GuardState("alert", label="alert", initial="raised", moves=ALERT_MOVES),
        AppendOnly("historicalalert"),
        GuardState("runissue", label="run_issue", initial="open", moves=ISSUE_MOVES),
        AppendOnly("historicalrunissue"),
    ]
