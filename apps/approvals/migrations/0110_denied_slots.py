from django.db import migrations

import django_fsm

STATES = [
    ("requested", "Requested"),
    ("approved", "Approved"),
    ("approved_with_conditions", "Approved with conditions"),
    ("rejected", "Rejected"),
    ("superseded", "Superseded"),
    ("expired", "Expired"),
    ("withdrawn", "Withdrawn"),
    ("denied", "Denied"),
]


class Migration(migrations.Migration):
    dependencies = [("approvals", "0101_excluded_signers")]

    operations = [
        migrations.AlterField(
            model_name=name,
            name="state",
            field=django_fsm.FSMField(
                choices=STATES, default="requested", editable=False, max_length=50, protected=True
            ),
        )
        for name in ("approval", "historicalapproval")
    ]
