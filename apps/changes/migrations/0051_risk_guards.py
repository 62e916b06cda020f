from django.db import migrations

from apps.evidence.guards import AppendOnly, GuardState


class Migration(migrations.Migration):
    dependencies = [("changes", "0050_risk"), ("evidence", "0002_guards")]

    operations = [
        GuardState("riskweights", label="risk_weights"),
        GuardState(
            "riskoverride",
            label="risk_override",
            initial="proposed",
            moves=("proposed>confirmed", "proposed>refused"),
        ),
        AppendOnly("riskassessment"),
        AppendOnly("historicalriskweights"),
        AppendOnly("historicalriskoverride"),
    ]
