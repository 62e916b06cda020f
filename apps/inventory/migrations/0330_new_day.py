from django.db import migrations, models

from apps.evidence.guards import GuardState

NEW_DAY = models.TimeField(
    "new day",
    null=True,
    blank=True,
    help_text="When the scheduler's business date changes: what starts before counts for the day "
    "before. Empty: nobody checks the date for which the batch is held.",
)


class Migration(migrations.Migration):
    dependencies = [("inventory", "0003_asset_types"), ("evidence", "0002_guards")]

    operations = [
        migrations.AddField("batchcycle", "new_day_at", NEW_DAY),
        migrations.AddField("historicalbatchcycle", "new_day_at", NEW_DAY),
        # One column more than its guard watched.
        GuardState("batchcycle", label="batch_cycle"),
    ]
