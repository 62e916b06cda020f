import apps.core.ids
import apps.integrations.domain.jobs
import django.core.validators
import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

from apps.core.schema import CreateTogether


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("releases", "0001_initial"),
    ]

    operations = [
        CreateTogether(
            [
                migrations.CreateModel(
                    name="SystemStatus",
                    fields=[
                        ("code", models.CharField(max_length=20, primary_key=True, serialize=False)),
                        ("last_ok_at", models.DateTimeField(null=True)),
                        ("last_error_at", models.DateTimeField(null=True)),
                        ("last_error", models.CharField(blank=True, max_length=300)),
                    ],
                    options={
                        "default_permissions": (),
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalStepJob",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("history_user_id", models.UUIDField(db_index=True, null=True)),
                        ("history_change_reason", models.TextField(null=True)),
                        ("attempt", models.PositiveSmallIntegerField(editable=False)),
                        (
                            "job_name",
                            models.CharField(
                                max_length=8,
                                validators=[django.core.validators.RegexValidator("(?i)^[A-Z$#@][A-Z0-9$#@]{0,7}$", "Up to 8 characters, such as READACCT.")],
                            ),
                        ),
                        (
                            "job_id",
                            models.CharField(
                                max_length=8,
                                validators=[
                                    django.core.validators.RegexValidator(
                                        "(?i)^((JOB|STC|TSU)[0-9]{5}|[JST][0-9]{7})$", "As JES tells it, such as JOB02020 or J0002020."
                                    )
                                ],
                            ),
                        ),
                        (
                            "outcome",
                            models.CharField(
                                choices=[
                                    (apps.integrations.domain.jobs.Outcome["WAITING"], "Waits to run"),
                                    (apps.integrations.domain.jobs.Outcome["RUNNING"], "Runs"),
                                    (apps.integrations.domain.jobs.Outcome["WELL"], "Ended well"),
                                    (apps.integrations.domain.jobs.Outcome["HIGH"], "Return code too high"),
                                    (apps.integrations.domain.jobs.Outcome["FAILED"], "Did not end normally"),
                                    (apps.integrations.domain.jobs.Outcome["UNKNOWN"], "Not known"),
                                    (apps.integrations.domain.jobs.Outcome["WITHDRAWN"], "Taken back"),
                                ],
                                default=apps.integrations.domain.jobs.Outcome["WAITING"],
                                editable=False,
                                max_length=10,
                            ),
                        ),
                        ("status", models.CharField(blank=True, editable=False, max_length=8)),
                        ("retcode", models.CharField(blank=True, editable=False, max_length=20)),
                        ("system", models.CharField(blank=True, editable=False, max_length=8)),
                        ("rc", models.PositiveSmallIntegerField(editable=False, null=True, verbose_name="return code")),
                        ("failure", models.CharField(blank=True, editable=False, max_length=20)),
                        ("told", models.CharField(blank=True, editable=False, max_length=200, verbose_name="seen last")),
                        ("seen_at", models.DateTimeField(editable=False, null=True)),
                        ("asked_at", models.DateTimeField(editable=False, null=True)),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_type", models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1)),
                        (
                            "activity",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="releases.activity",
                                verbose_name="step",
                            ),
                        ),
                        (
                            "reported_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical job",
                        "verbose_name_plural": "historical jobs",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="ImportRun",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        (
                            "file_format",
                            models.CharField(
                                choices=[
                                    ("ca7", "CA-7 report"),
                                    ("controlm", "Control-M DEFTABLE"),
                                    ("dbb", "DBB build report"),
                                    ("endevor", "Endevor package list"),
                                    ("table", "Table (CSV or XLSX)"),
                                    ("csv", "Scanned inventory (CSV)"),
                                    ("json", "Register (JSON)"),
                                ],
                                max_length=12,
                                verbose_name="format",
                            ),
                        ),
                        ("feed", models.CharField(max_length=40)),
                        ("is_partial", models.BooleanField(default=False, verbose_name="partial")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("reading", "Being read"),
                                    ("previewed", "Previewed"),
                                    ("importing", "Being imported"),
                                    ("imported", "Imported"),
                                    ("refused", "Refused"),
                                    ("failed", "Failed"),
                                    ("discarded", "Discarded"),
                                ],
                                default="reading",
                                max_length=12,
                            ),
                        ),
                        ("files", models.JSONField(default=list)),
                        ("size", models.PositiveBigIntegerField(verbose_name="bytes")),
                        ("digest", models.CharField(max_length=64)),
                        ("created_at", models.DateTimeField()),
                        ("finished_at", models.DateTimeField(null=True)),
                        ("report", models.JSONField(default=dict)),
                        ("error", models.CharField(blank=True, max_length=500)),
                        (
                            "confirmed_by",
                            models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                        ),
                        ("started_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="imports", to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        "verbose_name": "import",
                        "ordering": ["-created_at", "-id"],
                        "default_permissions": ("view",),
                        "indexes": [models.Index(fields=["-created_at", "-id"], name="integrations_import_newest")],
                    },
                ),
                migrations.CreateModel(
                    name="StepJob",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("evidence_head", models.BinaryField()),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("attempt", models.PositiveSmallIntegerField(editable=False)),
                        (
                            "job_name",
                            models.CharField(
                                max_length=8,
                                validators=[django.core.validators.RegexValidator("(?i)^[A-Z$#@][A-Z0-9$#@]{0,7}$", "Up to 8 characters, such as READACCT.")],
                            ),
                        ),
                        (
                            "job_id",
                            models.CharField(
                                max_length=8,
                                validators=[
                                    django.core.validators.RegexValidator(
                                        "(?i)^((JOB|STC|TSU)[0-9]{5}|[JST][0-9]{7})$", "As JES tells it, such as JOB02020 or J0002020."
                                    )
                                ],
                            ),
                        ),
                        (
                            "outcome",
                            models.CharField(
                                choices=[
                                    (apps.integrations.domain.jobs.Outcome["WAITING"], "Waits to run"),
                                    (apps.integrations.domain.jobs.Outcome["RUNNING"], "Runs"),
                                    (apps.integrations.domain.jobs.Outcome["WELL"], "Ended well"),
                                    (apps.integrations.domain.jobs.Outcome["HIGH"], "Return code too high"),
                                    (apps.integrations.domain.jobs.Outcome["FAILED"], "Did not end normally"),
                                    (apps.integrations.domain.jobs.Outcome["UNKNOWN"], "Not known"),
                                    (apps.integrations.domain.jobs.Outcome["WITHDRAWN"], "Taken back"),
                                ],
                                default=apps.integrations.domain.jobs.Outcome["WAITING"],
                                editable=False,
                                max_length=10,
                            ),
                        ),
                        ("status", models.CharField(blank=True, editable=False, max_length=8)),
                        ("retcode", models.CharField(blank=True, editable=False, max_length=20)),
                        ("system", models.CharField(blank=True, editable=False, max_length=8)),
                        ("rc", models.PositiveSmallIntegerField(editable=False, null=True, verbose_name="return code")),
                        ("failure", models.CharField(blank=True, editable=False, max_length=20)),
                        ("told", models.CharField(blank=True, editable=False, max_length=200, verbose_name="seen last")),
                        ("seen_at", models.DateTimeField(editable=False, null=True)),
                        ("asked_at", models.DateTimeField(editable=False, null=True)),
                        (
                            "activity",
                            models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="jobs", to="releases.activity", verbose_name="step"),
                        ),
                        (
                            "reported_by",
                            models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                        ),
                    ],
                    options={
                        "verbose_name": "job",
                        "ordering": ["-created_at", "-id"],
                        "indexes": [models.Index(fields=["outcome", "asked_at"], name="integrations_job_to_ask")],
                        "constraints": [models.UniqueConstraint(fields=("activity", "attempt", "job_name", "job_id"), name="integrations_job_named_once")],
                    },
                ),
                migrations.CreateModel(
                    name="UploadedPart",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("file", models.PositiveSmallIntegerField()),
                        ("number", models.PositiveSmallIntegerField()),
                        ("content", models.BinaryField()),
                        ("run", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="parts", to="integrations.importrun")),
                    ],
                    options={
                        "default_permissions": (),
                        "constraints": [models.UniqueConstraint(fields=("run", "file", "number"), name="integrations_part_once")],
                    },
                ),
            ],
        ),
    ]
