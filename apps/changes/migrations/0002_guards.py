from django.db import migrations

from apps.evidence.guards import AppendOnly, GuardPart, GuardState

CHANGE_MOVES = (
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
STANDARD_TEMPLATE_MOVES = (
    "proposed>active",
    "active>suspended",
    "suspended>active",
    "proposed>retired",
    "active>retired",
    "suspended>retired",
)
MEETING_MOVES = (
    "planned>docket_frozen",
    "docket_frozen>in_session",
    "in_session>closed",
    "planned>cancelled",
    "docket_frozen>cancelled",
)
RISK_OVERRIDE_MOVES = (
    "proposed>confirmed",
    "proposed>refused",
)


class Migration(migrations.Migration):
    dependencies = [("changes", "0001_initial"), ("evidence", "0002_guards")]

    operations = [
        migrations.RunSQL("CREATE SEQUENCE changes_code START 1001", "DROP SEQUENCE changes_code"),
        migrations.RunSQL(
            "CREATE SEQUENCE changes_meeting_code START 101", "DROP SEQUENCE changes_meeting_code"
        ),
        GuardState("changerequest", label="change", initial="draft", moves=CHANGE_MOVES),
        GuardState(
            "standardtemplate",
            label="standard_template",
            initial="proposed",
            moves=STANDARD_TEMPLATE_MOVES,
        ),
        GuardState("approvalpolicy", label="approval_policy"),
        GuardState("cabmeeting", label="meeting", initial="planned", moves=MEETING_MOVES),
        GuardState("riskweights", label="risk_weights"),
        GuardState(
            "riskoverride", label="risk_override", initial="proposed", moves=RISK_OVERRIDE_MOVES
        ),
        GuardPart("changeasset", parent_label="change", parent_column="change_id"),
        GuardPart("contextlink", parent_label="change", parent_column="change_id"),
        GuardPart("policyrule", parent_label="approval_policy", parent_column="policy_id"),
        GuardPart("meetingmember", parent_label="meeting", parent_column="meeting_id"),
        GuardPart("docketitem", parent_label="meeting", parent_column="meeting_id"),
        GuardPart("recusal", parent_label="meeting", parent_column="meeting_id"),
        GuardPart("phoneapproval", parent_label="change", parent_column="change_id"),
        GuardPart("debtwaiver", parent_label="change", parent_column="change_id"),
        GuardPart("explainedversion", parent_label="change", parent_column="change_id"),
        AppendOnly("historicalchangerequest"),
        AppendOnly("historicalstandardtemplate"),
        AppendOnly("historicalapprovalpolicy"),
        AppendOnly("historicalcabmeeting"),
        AppendOnly("riskassessment"),
        AppendOnly("historicalriskweights"),
        AppendOnly("historicalriskoverride"),
    ]
