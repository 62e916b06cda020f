from django.db import migrations

from apps.evidence.guards import AppendOnly, GuardPart, GuardState


class Migration(migrations.Migration):
    dependencies = [("inventory", "0001_initial"), ("evidence", "0002_guards")]

    operations = [
        migrations.RunSQL(
            "REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON inventory_assettype FROM interlock_app",
            "GRANT INSERT, UPDATE, DELETE ON inventory_assettype TO interlock_app",
        ),
        GuardState("site", label="site"),
        GuardState("environment", label="environment"),
        GuardState("sysplex", label="sysplex"),
        GuardState("systemimage", label="system_image"),
        GuardState("subsystem", label="subsystem"),
        GuardState("application", label="application"),
        GuardState("businessservice", label="business_service"),
        GuardState(
            "asset",
            label="asset",
            derived=(
                "last_seen_at",
                "production_version",
                "last_changed_at",
                "change_count",
                "bad_outcome_count",
            ),
        ),
        GuardState("batchcycle", label="batch_cycle"),
        GuardState("jobschedule", label="job_schedule"),
        GuardPart("assetversion", parent_label="asset", parent_column="asset_id"),
        AppendOnly("assetversion"),
        AppendOnly("historicalsite"),
        AppendOnly("historicalenvironment"),
        AppendOnly("historicalsysplex"),
        AppendOnly("historicalsystemimage"),
        AppendOnly("historicalsubsystem"),
        AppendOnly("historicalapplication"),
        AppendOnly("historicalbusinessservice"),
        AppendOnly("historicalasset"),
        AppendOnly("buildinput"),
        AppendOnly("historicalbatchcycle"),
        AppendOnly("historicaljobschedule"),
    ]
