from django.db import migrations

from apps.evidence.guards import AppendOnly, GuardState

FINDING_MOVES = (
    "acknowledged>open",
    "acknowledged>resolved",
    "acknowledged>vanished",
    "open>acknowledged",
    "open>resolved",
    "open>vanished",
    "resolved>open",
    "vanished>open",
    "vanished>resolved",
)


class Migration(migrations.Migration):
    dependencies = [("releases", "0004_findings"), ("evidence", "0002_guards")]

    operations = [
        GuardState("rule", label="rule"),
        GuardState(
            "finding",
            label="finding",
            initial="open",
            moves=FINDING_MOVES,
            derived=(
                "severity",
                "text",
                "fixes",
                "facts",
                "asset_count",
                "rule_version",
                "is_detected",
                "last_seen_at",
            ),
        ),
        AppendOnly("historicalrule"),
        AppendOnly("historicalfinding"),
    ]
