import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0011_decision_guards"),
        ("changes", "0112_ratification_on_docket"),
    ]

    operations = [
        migrations.AddField(
            "phoneapproval",
            "decision",
            models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="phone_approval",
                to="approvals.decision",
                help_text="The signature that was recorded for it.",
            ),
        ),
    ]
