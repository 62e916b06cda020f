"""What people were told is kept: the application changes a message's state, and deletes none."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("notifications", "0001_initial"), ("evidence", "0002_guards")]

    operations = [
        migrations.RunSQL(
            "REVOKE DELETE, TRUNCATE ON notifications_message FROM interlock_app",
            "GRANT DELETE ON notifications_message TO interlock_app",
        ),
    ]
