from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("changes", "0111_delete_reading")]

    operations = [
        migrations.AddField(
            model_name="docketitem",
            name="asks",
            field=models.CharField(
                "question",
                choices=[("approval", "Approval"), ("ratification", "Ratification")],
                default="approval",
                max_length=12,
            ),
        ),
    ]
