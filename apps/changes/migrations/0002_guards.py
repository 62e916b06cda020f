from django.db import migrations

from apps.evidence.guards import AppendOnly, GuardPart, GuardState

MOVES = (
    "draft>assessing",
    "assessing>draft",
    "assessing>approved",
    "draft>approved",
    "assessing>rejected",
    "approved>scheduled",
    "scheduled>approved",
    "approved>assessing",
    "scheduled>assessing",
    "scheduled>implementing",
    "approved>implementing",
    "implementing>implemented",
    "implementing>failed",
    "failed>implementing",
    "implementing>approved",
    "failed>approved",
    "implementing>backed_out",
    "failed>backed_out",
    "implemented>backed_out",
    "implemented>closed",
    "failed>closed",
    "backed_out>closed",
    "draft>cancelled",
    "assessing>cancelled",
    "approved>cancelled",
)


class Migration(migrations.Migration):
    dependencies = [("changes", "0001_initial"), ("evidence", "0002_guards")]

    operations = [
        migrations.RunSQL("CREATE SEQUENCE changes_code START 1001", "DROP SEQUENCE changes_code"),
        GuardState("changerequest", label="change", initial="draft", moves=MOVES),
        GuardPart("changeasset", parent_label="change", parent_column="change_id"),
        GuardPart("contextlink", parent_label="change", parent_column="change_id"),
        GuardState("standardtemplate", label="standard_template"),
        AppendOnly("historicalchangerequest"),
        AppendOnly("historicalstandardtemplate"),
    ]
