import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("changes", "0131_phone_decisions_found")]

    operations = [
        migrations.AlterField(
            "phoneapproval",
            "decision",
            models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="phone_approval",
                to="approvals.decision",
                help_text="The signature that was recorded for it.",
            ),
        ),
        migrations.RemoveField("phoneapproval", "slot"),
    ]
