import apps.core.ids
import django.db.models.deletion
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
                    name="Message",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("channel", models.CharField(max_length=20)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("signature", "Signature asked for"),
                                    ("change", "Change"),
                                    ("package", "Package"),
                                    ("readiness", "Readiness"),
                                    ("capacity", "Capacity"),
                                    ("alert", "Alert in the night"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("subject_line", models.CharField(max_length=200, verbose_name="subject")),
                        ("text", models.TextField()),
                        ("about", models.CharField(max_length=80)),
                        ("url", models.CharField(blank=True, max_length=200, verbose_name="page")),
                        ("dedupe_key", models.CharField(max_length=160, unique=True)),
                        ("created_at", models.DateTimeField()),
                        ("due_at", models.DateTimeField()),
                        ("sent_at", models.DateTimeField(null=True)),
                        ("attempts", models.PositiveSmallIntegerField(default=0)),
                        ("error", models.CharField(blank=True, max_length=500)),
                        ("state", models.CharField(choices=[("queued", "Queued"), ("sent", "Sent"), ("failed", "Failed")], default="queued", max_length=6)),
                        ("recipient", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="messages", to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        "ordering": ["-created_at", "-id"],
                        "default_permissions": ("view",),
                        "indexes": [
                            models.Index(condition=models.Q(("state", "queued")), fields=["due_at"], name="notifications_queued"),
                            models.Index(fields=["recipient", "-created_at"], name="notifications_of_person"),
                            models.Index(fields=["about", "kind"], name="notifications_about"),
                        ],
                    },
                )
            ],
        ),
    ]
