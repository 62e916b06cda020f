from django.db import migrations, models


class Migration(migrations.Migration):
    """The log is asked by record, and by time since somebody signed in."""

    dependencies = [("approvals", "0011_decision_guards")]

    operations = [
        migrations.RemoveConstraint(model_name="viewlog", name="approvals_view_once"),
        migrations.AddConstraint(
            model_name="viewlog",
            constraint=models.UniqueConstraint(
                fields=("user", "about", "content_digest", "session_hash"),
                name="approvals_view_once",
            ),
        ),
        migrations.AddIndex(
            model_name="viewlog",
            index=models.Index(fields=["user", "at"], name="approvals_views"),
        ),
    ]
