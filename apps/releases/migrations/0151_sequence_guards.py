from django.db import migrations

from apps.evidence.guards import AppendOnly, GuardPart, GuardState

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
TEMPLATE_MOVES = (
    "active>retired",
    "draft>retired",
    "draft>reviewed",
    "reviewed>active",
    "reviewed>draft",
    "reviewed>retired",
)


class Migration(migrations.Migration):
    dependencies = [("releases", "0150_sequence"), ("evidence", "0002_guards")]

    operations = [
        # Both have a column more than their guards watched.
        GuardState("rule", label="rule"),
        GuardState(
            "activity",
            label="activity",
            initial="planned",
            moves=ACTIVITY_MOVES,
            derived=("percent",),
        ),
        GuardState(
            "plantemplate", label="plan_template", initial="draft", moves=TEMPLATE_MOVES
        ),
        GuardPart("templateparameter", parent_label="plan_template", parent_column="template_id"),
        GuardPart("templatestep", parent_label="plan_template", parent_column="template_id"),
        AppendOnly("historicalplantemplate"),
    ]
