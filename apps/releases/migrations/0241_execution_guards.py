from django.db import migrations

from apps.evidence.guards import AppendOnly, GuardState

ACTIVITY_MOVES = (
    "completed>backed_out",
    "completed>planned",
    "failed>backed_out",
    "failed>planned",
    "failed>ready",
    "in_progress>completed",
    "in_progress>failed",
    "in_progress>paused",
    "paused>failed",
    "paused>in_progress",
    "planned>ready",
    "planned>skipped",
    "ready>in_progress",
    "ready>planned",
    "ready>skipped",
    "skipped>planned",
)
COMMUNICATION_MOVES = ("planned>dropped", "planned>sent")
HANDOVER_MOVES = ("offered>accepted", "offered>returned", "returned>offered")


class Migration(migrations.Migration):
    dependencies = [("releases", "0240_execution"), ("evidence", "0002_guards")]

    operations = [
        # Two columns more than its guards watched.
        GuardState(
            "activity",
            label="activity",
            initial="planned",
            moves=ACTIVITY_MOVES,
            derived=("percent",),
        ),
        GuardState(
            "communication", label="communication", initial="planned", moves=COMMUNICATION_MOVES
        ),
        GuardState("handover", label="handover", initial="offered", moves=HANDOVER_MOVES),
        AppendOnly("historicalcommunication"),
        AppendOnly("historicalhandover"),
    ]
