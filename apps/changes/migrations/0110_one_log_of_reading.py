from django.db import migrations


class Migration(migrations.Migration):
    """What the board's own log knew goes into the one log; no session is known of it."""

    dependencies = [("changes", "0100_freeze_condition"), ("approvals", "0100_views_by_record")]

    operations = [
        migrations.RunSQL(
            "INSERT INTO approvals_viewlog (id, about, content_digest, user_id, session_hash, at) "
            "SELECT id, 'change:' || change_id, seal, user_id, '', read_at FROM changes_reading "
            "ON CONFLICT DO NOTHING",
            migrations.RunSQL.noop,
        )
    ]
