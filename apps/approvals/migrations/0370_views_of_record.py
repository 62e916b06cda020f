from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("approvals", "0002_guards")]

    operations = [
        migrations.AddIndex(
            model_name="viewlog",
            index=models.Index(fields=["about", "-at"], name="approvals_views_of_record"),
        ),
    ]
