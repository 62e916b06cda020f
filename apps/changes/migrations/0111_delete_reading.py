from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("changes", "0110_one_log_of_reading")]

    operations = [migrations.DeleteModel("Reading")]
