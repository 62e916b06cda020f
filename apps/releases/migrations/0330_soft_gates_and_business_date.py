from django.db import migrations, models

from apps.evidence.guards import GuardState

PACKAGE_MOVES = (
    "backed_out>closed",
    "backing_out>backed_out",
    "backing_out>failed",
    "completed>backing_out",
    "completed>closed",
    "delayed>cancelled",
    "delayed>planned",
    "draft>cancelled",
    "draft>in_progress",
    "draft>planned",
    "failed>backing_out",
    "failed>closed",
    "failed>in_progress",
    "in_progress>backing_out",
    "in_progress>delayed",
    "in_progress>failed",
    "in_progress>partially_completed",
    "in_progress>validating",
    "partially_completed>backing_out",
    "partially_completed>closed",
    "planned>cancelled",
    "planned>delayed",
    "planned>ready",
    "ready>cancelled",
    "ready>delayed",
    "ready>in_progress",
    "ready>planned",
    "validating>backing_out",
    "validating>completed",
    "validating>failed",
    "validating>in_progress",
    "validating>partially_completed",
)
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

SOFT_GATES = models.JSONField(default=list, editable=False)
BUSINESS_DATE = models.DateField(
    null=True, editable=False, help_text="Of a step that holds the batch: which date is held."
)


class Migration(migrations.Migration):
    dependencies = [("releases", "0321_required_evidence"), ("evidence", "0002_guards")]

    operations = [
        migrations.AddField("releasepackage", "soft_gates", SOFT_GATES),
        migrations.AddField("historicalreleasepackage", "soft_gates", SOFT_GATES),
        migrations.AddField("activity", "business_date", BUSINESS_DATE),
        migrations.AddField("historicalactivity", "business_date", BUSINESS_DATE),
        # One column more than their guards watched.
        GuardState(
            "releasepackage",
            label="package",
            initial="draft",
            moves=PACKAGE_MOVES,
            derived=("risk_band", "health", "gates_met", "gates_total"),
        ),
        GuardState(
            "activity",
            label="activity",
            initial="planned",
            moves=ACTIVITY_MOVES,
            derived=("percent",),
        ),
    ]
