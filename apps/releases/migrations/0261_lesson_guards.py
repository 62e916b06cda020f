from django.db import migrations

from apps.evidence.guards import AppendOnly, GuardState


class Migration(migrations.Migration):
    dependencies = [("releases", "0260_lessons"), ("evidence", "0002_guards")]

    operations = [
        GuardState("lesson", label="lesson", initial="open", moves=("open>done", "open>dropped")),
        GuardState(
            "postreview", label="post_review", initial="draft", moves=("draft>completed",)
        ),
        AppendOnly("historicallesson"),
        AppendOnly("historicalpostreview"),
    ]
