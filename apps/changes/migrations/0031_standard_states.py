"""What the board had registered as active stays active; everything else is retired.

The guards do not watch these columns yet: the next migration lets them.
"""

from django.db import migrations

FORWARD = """
UPDATE changes_standardtemplate SET
    state = CASE WHEN is_active THEN 'active' ELSE 'retired' END,
    active_since = created_at
"""


class Migration(migrations.Migration):
    dependencies = [("changes", "0030_standard_and_debt")]

    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
