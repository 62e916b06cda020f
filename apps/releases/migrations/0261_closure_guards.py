from django.db import migrations

from apps.evidence.guards import AppendOnly, GuardPart, GuardState


class Migration(migrations.Migration):
    dependencies = [("releases", "0260_closure"), ("evidence", "0002_guards")]

    operations = [
        GuardState("lesson", label="lesson", initial="open", moves=("open>done", "open>dropped")),
        GuardState(
            "postreview", label="post_review", initial="draft", moves=("draft>completed",)
        ),
        GuardState(
            "rehearsal",
            label="rehearsal",
            initial="planned",
            moves=(
                "in_progress>cancelled",
                "in_progress>completed",
                "planned>cancelled",
                "planned>in_progress",
            ),
        ),
        GuardPart("rehearsedstep", parent_label="rehearsal", parent_column="rehearsal_id"),
        AppendOnly("historicallesson"),
        AppendOnly("historicalrehearsal"),
        AppendOnly("historicalpostreview"),
    ]
