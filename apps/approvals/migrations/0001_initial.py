import apps.core.ids
import django.db.models.deletion
import django_fsm
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
                    name="HistoricalApproval",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("history_user_id", models.UUIDField(db_index=True, null=True)),
                        ("history_change_reason", models.TextField(null=True)),
                        ("about", models.CharField(max_length=80)),
                        ("slot", models.CharField(max_length=40)),
                        ("label", models.CharField(max_length=80)),
                        ("eligible", models.JSONField(help_text="List of [role, scope]; any one of them may sign.")),
                        ("quorum", models.PositiveSmallIntegerField(default=1)),
                        ("because", models.CharField(max_length=200)),
                        ("order", models.PositiveSmallIntegerField(default=1, help_text="Slots of a lower number are signed first.")),
                        ("sla_hours", models.PositiveSmallIntegerField(default=72, help_text="Hours to answer.")),
                        (
                            "excludes",
                            models.JSONField(default=list, help_text="Parts in the record whose holders, and other slots whose signers, do not sign here."),
                        ),
                        ("rules", models.JSONField(default=list, help_text="Codes of the rules that asked.")),
                        ("policy_version", models.CharField(max_length=20)),
                        ("content_digest", models.CharField(max_length=64)),
                        ("seal", models.JSONField(default=dict, help_text="The digest of each group of content that it stands for.")),
                        ("requested_at", models.DateTimeField()),
                        ("closed_reason", models.CharField(blank=True, max_length=300)),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[
                                    ("requested", "Requested"),
                                    ("approved", "Approved"),
                                    ("approved_with_conditions", "Approved with conditions"),
                                    ("rejected", "Rejected"),
                                    ("superseded", "Superseded"),
                                    ("expired", "Expired"),
                                    ("withdrawn", "Withdrawn"),
                                    ("denied", "Denied"),
                                ],
                                default="requested",
                                editable=False,
                                max_length=50,
                                protected=True,
                            ),
                        ),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_type", models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1)),
                    ],
                    options={
                        "verbose_name": "historical approval",
                        "verbose_name_plural": "historical approvals",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Approval",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("evidence_head", models.BinaryField()),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("about", models.CharField(max_length=80)),
                        ("slot", models.CharField(max_length=40)),
                        ("label", models.CharField(max_length=80)),
                        ("eligible", models.JSONField(help_text="List of [role, scope]; any one of them may sign.")),
                        ("quorum", models.PositiveSmallIntegerField(default=1)),
                        ("because", models.CharField(max_length=200)),
                        ("order", models.PositiveSmallIntegerField(default=1, help_text="Slots of a lower number are signed first.")),
                        ("sla_hours", models.PositiveSmallIntegerField(default=72, help_text="Hours to answer.")),
                        (
                            "excludes",
                            models.JSONField(default=list, help_text="Parts in the record whose holders, and other slots whose signers, do not sign here."),
                        ),
                        ("rules", models.JSONField(default=list, help_text="Codes of the rules that asked.")),
                        ("policy_version", models.CharField(max_length=20)),
                        ("content_digest", models.CharField(max_length=64)),
                        ("seal", models.JSONField(default=dict, help_text="The digest of each group of content that it stands for.")),
                        ("requested_at", models.DateTimeField()),
                        ("closed_reason", models.CharField(blank=True, max_length=300)),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[
                                    ("requested", "Requested"),
                                    ("approved", "Approved"),
                                    ("approved_with_conditions", "Approved with conditions"),
                                    ("rejected", "Rejected"),
                                    ("superseded", "Superseded"),
                                    ("expired", "Expired"),
                                    ("withdrawn", "Withdrawn"),
                                    ("denied", "Denied"),
                                ],
                                default="requested",
                                editable=False,
                                max_length=50,
                                protected=True,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["requested_at", "slot"],
                        "default_permissions": ("view",),
                        "indexes": [
                            models.Index(fields=["about", "state"], name="approvals_about"),
                            models.Index(condition=models.Q(("state", "requested")), fields=["requested_at"], name="approvals_open"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state__in", ["requested", "approved", "approved_with_conditions"])),
                                fields=("about", "slot"),
                                name="approvals_one_live_slot",
                            ),
                            models.CheckConstraint(condition=models.Q(("quorum__gte", 1)), name="approvals_quorum_positive"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalCountersign",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("history_user_id", models.UUIDField(db_index=True, null=True)),
                        ("history_change_reason", models.TextField(null=True)),
                        ("about", models.CharField(max_length=80)),
                        ("purpose", models.CharField(max_length=30)),
                        ("values", models.JSONField(default=dict)),
                        ("content_digest", models.CharField(max_length=64)),
                        ("because", models.TextField(help_text="Why one person is not enough.")),
                        ("reason", models.TextField(blank=True)),
                        ("proposed_at", models.DateTimeField()),
                        ("confirmed_at", models.DateTimeField(null=True)),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[("proposed", "Proposed"), ("confirmed", "Confirmed"), ("replaced", "Replaced")],
                                default="proposed",
                                editable=False,
                                max_length=50,
                                protected=True,
                            ),
                        ),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_type", models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1)),
                        (
                            "confirmed_by",
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
                            "proposed_by",
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
                        "verbose_name": "historical second signature",
                        "verbose_name_plural": "historical second signatures",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalObligation",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("history_user_id", models.UUIDField(db_index=True, null=True)),
                        ("history_change_reason", models.TextField(null=True)),
                        ("about", models.CharField(max_length=80)),
                        ("text", models.CharField(max_length=500, verbose_name="condition")),
                        ("due_at", models.DateTimeField(help_text="Empty: before the work starts.", null=True)),
                        ("met_at", models.DateTimeField(editable=False, null=True)),
                        ("proof", models.TextField(blank=True, editable=False)),
                        ("closed_reason", models.CharField(blank=True, editable=False, max_length=300)),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[("open", "Open"), ("met", "Met"), ("withdrawn", "Withdrawn")],
                                default="open",
                                editable=False,
                                max_length=50,
                                protected=True,
                            ),
                        ),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_type", models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1)),
                        (
                            "approval",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="approvals.approval",
                            ),
                        ),
                        (
                            "met_by",
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
                        (
                            "owner",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                help_text="Who has to meet it.",
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "set_by",
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
                        "verbose_name": "historical condition",
                        "verbose_name_plural": "historical conditions",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Countersign",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("evidence_head", models.BinaryField()),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("about", models.CharField(max_length=80)),
                        ("purpose", models.CharField(max_length=30)),
                        ("values", models.JSONField(default=dict)),
                        ("content_digest", models.CharField(max_length=64)),
                        ("because", models.TextField(help_text="Why one person is not enough.")),
                        ("reason", models.TextField(blank=True)),
                        ("proposed_at", models.DateTimeField()),
                        ("confirmed_at", models.DateTimeField(null=True)),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[("proposed", "Proposed"), ("confirmed", "Confirmed"), ("replaced", "Replaced")],
                                default="proposed",
                                editable=False,
                                max_length=50,
                                protected=True,
                            ),
                        ),
                        (
                            "confirmed_by",
                            models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                        ),
                        ("proposed_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        "verbose_name": "second signature",
                        "ordering": ["-proposed_at", "-id"],
                        "default_permissions": ("view",),
                        "constraints": [
                            models.UniqueConstraint(condition=models.Q(("state", "proposed")), fields=("about", "purpose"), name="approvals_one_open_proposal"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("confirmed_by__isnull", True), models.Q(("confirmed_by", models.F("proposed_by")), _negated=True), _connector="OR"
                                ),
                                name="approvals_confirmed_by_another",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "confirmed"), _negated=True),
                                    models.Q(("confirmed_at__isnull", False), ("confirmed_by__isnull", False)),
                                    _connector="OR",
                                ),
                                name="approvals_confirmed_by_somebody",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Decision",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("authority", models.JSONField(default=dict)),
                        (
                            "verdict",
                            models.CharField(
                                choices=[
                                    ("approve", "Approve"),
                                    ("approve_with_conditions", "Approve with conditions"),
                                    ("reject", "Reject"),
                                    ("abstain", "Abstain"),
                                    ("recuse", "Step back"),
                                    ("withdraw", "Take the decision back"),
                                ],
                                max_length=30,
                            ),
                        ),
                        ("comment", models.TextField(blank=True)),
                        ("conditions", models.TextField(blank=True)),
                        ("meaning", models.CharField(max_length=200)),
                        ("content_digest", models.CharField(max_length=64)),
                        ("channel", models.CharField(max_length=10)),
                        ("decided_at", models.DateTimeField()),
                        ("approval", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="decisions", to="approvals.approval")),
                        ("by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                        (
                            "on_behalf_of",
                            models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                        ),
                        (
                            "replaces",
                            models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="replaced_by", to="approvals.decision"),
                        ),
                    ],
                    options={
                        "ordering": ["decided_at", "id"],
                        "default_permissions": ("view",),
                        "constraints": [
                            models.UniqueConstraint(condition=models.Q(("replaces__isnull", True)), fields=("approval", "by"), name="approvals_one_per_person"),
                            models.CheckConstraint(
                                condition=models.Q(("on_behalf_of__isnull", True), models.Q(("on_behalf_of", models.F("by")), _negated=True), _connector="OR"),
                                name="approvals_for_somebody_else",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Obligation",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("evidence_head", models.BinaryField()),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("about", models.CharField(max_length=80)),
                        ("text", models.CharField(max_length=500, verbose_name="condition")),
                        ("due_at", models.DateTimeField(help_text="Empty: before the work starts.", null=True)),
                        ("met_at", models.DateTimeField(editable=False, null=True)),
                        ("proof", models.TextField(blank=True, editable=False)),
                        ("closed_reason", models.CharField(blank=True, editable=False, max_length=300)),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[("open", "Open"), ("met", "Met"), ("withdrawn", "Withdrawn")],
                                default="open",
                                editable=False,
                                max_length=50,
                                protected=True,
                            ),
                        ),
                        ("approval", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="obligations", to="approvals.approval")),
                        (
                            "met_by",
                            models.ForeignKey(
                                editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                            ),
                        ),
                        (
                            "owner",
                            models.ForeignKey(
                                help_text="Who has to meet it.",
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="obligations",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("set_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        "verbose_name": "condition",
                        "ordering": ["created_at", "id"],
                        "default_permissions": ("view",),
                        "indexes": [models.Index(condition=models.Q(("state", "open")), fields=["about"], name="approvals_obliged")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "met"), _negated=True),
                                    models.Q(("met_at__isnull", False), ("met_by__isnull", False), models.Q(("proof", ""), _negated=True)),
                                    _connector="OR",
                                ),
                                name="approvals_met_with_proof",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ViewLog",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("about", models.CharField(max_length=80)),
                        ("content_digest", models.CharField(max_length=64)),
                        ("session_hash", models.CharField(max_length=32)),
                        ("at", models.DateTimeField()),
                        ("user", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        "default_permissions": (),
                        "indexes": [models.Index(fields=["user", "at"], name="approvals_views")],
                        "constraints": [models.UniqueConstraint(fields=("user", "about", "content_digest", "session_hash"), name="approvals_view_once")],
                    },
                ),
            ],
        ),
    ]
