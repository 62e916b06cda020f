import apps.core.ids
import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

from apps.core.schema import CreateTogether


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateTogether(
            [
                migrations.CreateModel(
                    name="EvidenceConsumer",
                    fields=[
                        ("name", models.CharField(max_length=60, primary_key=True, serialize=False)),
                        ("actions", models.JSONField(default=list)),
                    ],
                ),
                migrations.CreateModel(
                    name="EvidenceSubject",
                    fields=[
                        ("label", models.CharField(max_length=40, primary_key=True, serialize=False)),
                        ("table_name", models.CharField(blank=True, max_length=63)),
                    ],
                ),
                migrations.CreateModel(
                    name="ActionKey",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("actor_id", models.UUIDField()),
                        ("key", models.UUIDField()),
                        ("action", models.CharField(max_length=80)),
                        ("request", models.CharField(max_length=64)),
                        ("model", models.CharField(blank=True, max_length=80)),
                        ("record_id", models.UUIDField(null=True)),
                        ("refusal", models.JSONField(null=True)),
                        ("answer", models.JSONField(null=True)),
                        ("at", models.DateTimeField(db_index=True)),
                    ],
                    options={
                        "default_permissions": (),
                        "constraints": [models.UniqueConstraint(fields=("actor_id", "key"), name="evidence_action_key_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Comment",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("evidence_head", models.BinaryField()),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("about", models.CharField(db_index=True, max_length=80)),
                        ("text", models.TextField()),
                        ("author", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        "ordering": ["created_at"],
                        "default_permissions": ("view",),
                    },
                ),
                migrations.CreateModel(
                    name="EvidenceEntry",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("subject", models.CharField(max_length=80)),
                        ("seq", models.PositiveIntegerField()),
                        ("action", models.CharField(max_length=60)),
                        ("from_state", models.CharField(blank=True, max_length=30)),
                        ("to_state", models.CharField(blank=True, max_length=30)),
                        ("about", models.CharField(blank=True, max_length=80)),
                        ("actor_id", models.UUIDField(null=True)),
                        ("at", models.DateTimeField()),
                        ("recorded_at", models.DateTimeField(editable=False, null=True)),
                        ("txid", models.BigIntegerField(editable=False, null=True)),
                        ("body", models.BinaryField()),
                        ("leaf", models.BinaryField()),
                    ],
                    options={
                        "verbose_name": "evidence entry",
                        "verbose_name_plural": "evidence entries",
                        "ordering": ["-id"],
                        "default_permissions": ("view",),
                        "indexes": [
                            models.Index(fields=["about", "-id"], name="evidence_about"),
                            models.Index(fields=["actor_id", "-id"], name="evidence_actor"),
                            models.Index(fields=["action", "-id"], name="evidence_action"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("subject", "seq"), name="evidence_one_per_seq"),
                            models.UniqueConstraint(fields=("leaf",), name="evidence_leaf_unique"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Exhibit",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("evidence_head", models.BinaryField()),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("about", models.CharField(db_index=True, max_length=80)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("unit", "Unit test"),
                                    ("sit", "System integration test"),
                                    ("uat", "User acceptance test"),
                                    ("regression", "Regression test"),
                                    ("performance", "Performance test"),
                                    ("parallel_run", "Parallel run"),
                                    ("security_scan", "Security scan"),
                                    ("job_log", "Job log"),
                                    ("other", "Other"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("title", models.CharField(max_length=200)),
                        ("verdict", models.CharField(blank=True, choices=[("passed", "Passed"), ("failed", "Failed")], max_length=10)),
                        ("result", models.CharField(blank=True, max_length=200)),
                        ("text", models.TextField(blank=True)),
                        ("url", models.URLField(blank=True)),
                        ("tested_version", models.CharField(blank=True, max_length=60)),
                        (
                            "tester",
                            models.CharField(blank=True, help_text="Who tested where nobody of the house did.", max_length=80, verbose_name="laboratory"),
                        ),
                        ("tested_on", models.DateField(blank=True, null=True)),
                        ("is_confidential", models.BooleanField(default=False, verbose_name="confidential")),
                        ("file_name", models.CharField(blank=True, max_length=120)),
                        ("content_type", models.CharField(blank=True, max_length=80)),
                        ("size", models.PositiveBigIntegerField(blank=True, null=True)),
                        ("sha256", models.CharField(max_length=64)),
                        ("captured_at", models.DateTimeField()),
                        ("captured_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                        (
                            "tested_by",
                            models.ForeignKey(
                                blank=True,
                                help_text="Empty: who attaches it, unless a laboratory is named.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["captured_at"],
                        "default_permissions": ("view",),
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalComment",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("history_user_id", models.UUIDField(db_index=True, null=True)),
                        ("history_change_reason", models.TextField(null=True)),
                        ("about", models.CharField(db_index=True, max_length=80)),
                        ("text", models.TextField()),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_type", models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1)),
                        (
                            "author",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical comment",
                        "verbose_name_plural": "historical comments",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalExhibit",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("history_user_id", models.UUIDField(db_index=True, null=True)),
                        ("history_change_reason", models.TextField(null=True)),
                        ("about", models.CharField(db_index=True, max_length=80)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("unit", "Unit test"),
                                    ("sit", "System integration test"),
                                    ("uat", "User acceptance test"),
                                    ("regression", "Regression test"),
                                    ("performance", "Performance test"),
                                    ("parallel_run", "Parallel run"),
                                    ("security_scan", "Security scan"),
                                    ("job_log", "Job log"),
                                    ("other", "Other"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("title", models.CharField(max_length=200)),
                        ("verdict", models.CharField(blank=True, choices=[("passed", "Passed"), ("failed", "Failed")], max_length=10)),
                        ("result", models.CharField(blank=True, max_length=200)),
                        ("text", models.TextField(blank=True)),
                        ("url", models.URLField(blank=True)),
                        ("tested_version", models.CharField(blank=True, max_length=60)),
                        (
                            "tester",
                            models.CharField(blank=True, help_text="Who tested where nobody of the house did.", max_length=80, verbose_name="laboratory"),
                        ),
                        ("tested_on", models.DateField(blank=True, null=True)),
                        ("is_confidential", models.BooleanField(default=False, verbose_name="confidential")),
                        ("file_name", models.CharField(blank=True, max_length=120)),
                        ("content_type", models.CharField(blank=True, max_length=80)),
                        ("size", models.PositiveBigIntegerField(blank=True, null=True)),
                        ("sha256", models.CharField(max_length=64)),
                        ("captured_at", models.DateTimeField()),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_type", models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1)),
                        (
                            "captured_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "tested_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                help_text="Empty: who attaches it, unless a laboratory is named.",
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical exhibit",
                        "verbose_name_plural": "historical exhibits",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="EvidenceOutbox",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("consumer", models.CharField(max_length=60)),
                        ("attempts", models.PositiveSmallIntegerField(default=0)),
                        ("last_error", models.TextField(blank=True)),
                        ("entry", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="evidence.evidenceentry")),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("consumer", "entry"), name="evidence_outbox_once")],
                    },
                ),
            ],
        ),
    ]
