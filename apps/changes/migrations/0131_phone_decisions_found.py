"""Each approval by phone knows the signature that was recorded for it, in the same moment.

The part's guard asks for an entry about the change; this adds nothing that is not in one.
"""

from django.db import migrations

from apps.evidence.guards import GuardPart

FORWARD = """
DROP TRIGGER IF EXISTS guard_part ON changes_phoneapproval;
UPDATE changes_phoneapproval AS call SET decision_id = (
    SELECT said.id FROM approvals_decision AS said
    WHERE call.slot = 'approval:' || said.approval_id
      AND said.by_id = call.verbal_by_id
      AND said.verdict = 'approve'
      AND said.decided_at <= call.recorded_at
    ORDER BY said.decided_at DESC, said.id DESC
    LIMIT 1
);
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):
    dependencies = [("changes", "0130_phone_decision")]

    operations = [
        migrations.RunSQL(FORWARD, migrations.RunSQL.noop),
        GuardPart("phoneapproval", parent_label="change", parent_column="change_id"),
    ]
