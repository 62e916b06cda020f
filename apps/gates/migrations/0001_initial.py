import apps.core.ids
import apps.gates.models.profile
import django.contrib.postgres.fields
import django.core.validators
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
        ("evidence", "0001_initial"),
        ("inventory", "0001_initial"),
        ("windows", "0001_initial"),
    ]

    operations = [
        CreateTogether(
            [
                migrations.CreateModel(
                    name="Attestation",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("evidence_head", models.BinaryField()),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("about", models.CharField(editable=False, max_length=80)),
                        ("about_name", models.CharField(editable=False, max_length=20, verbose_name="package")),
                        ("gate", models.CharField(editable=False, max_length=4)),
                        ("holds", models.BooleanField(editable=False)),
                        ("text", models.TextField(editable=False, verbose_name="what shows it")),
                        ("content", models.JSONField(default=dict, editable=False)),
                        ("submitted_at", models.DateTimeField(editable=False)),
                        ("verified_at", models.DateTimeField(editable=False, null=True)),
                        ("remark", models.TextField(blank=True, editable=False, verbose_name="what the second person says")),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[("submitted", "Submitted"), ("confirmed", "Confirmed"), ("refused", "Refused"), ("superseded", "Superseded")],
                                default="submitted",
                                editable=False,
                                max_length=50,
                                protected=True,
                            ),
                        ),
                        (
                            "exhibit",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="evidence.exhibit",
                                verbose_name="document",
                            ),
                        ),
                        (
                            "submitted_by",
                            models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                        ),
                        (
                            "verified_by",
                            models.ForeignKey(
                                editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-submitted_at", "-id"],
                        "indexes": [models.Index(fields=["about", "gate"], name="gates_attestation_about")],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state", "superseded"), _negated=True), fields=("about", "gate"), name="gates_one_attestation_stands"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("verified_by__isnull", True), models.Q(("verified_by", models.F("submitted_by")), _negated=True), _connector="OR"
                                ),
                                name="gates_second_person_verifies",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state__in", ["confirmed", "refused"]), _negated=True),
                                    models.Q(("verified_at__isnull", False), ("verified_by__isnull", False)),
                                    _connector="OR",
                                ),
                                name="gates_verified_by_somebody",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="GateProfile",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("evidence_head", models.BinaryField()),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("gate", models.CharField(choices=apps.gates.models.profile.gate_choices, max_length=4)),
                        (
                            "risk_band",
                            models.CharField(
                                blank=True,
                                choices=[("low", "Low"), ("medium", "Medium"), ("high", "High"), ("critical", "Critical")],
                                help_text="Empty: every risk.",
                                max_length=10,
                                verbose_name="risk",
                            ),
                        ),
                        (
                            "setting",
                            models.CharField(
                                choices=[("hard", "Hard"), ("soft", "Soft"), ("off", "Off")],
                                help_text="Hard holds a package back, soft is told, off is not asked.",
                                max_length=4,
                            ),
                        ),
                        ("reason", models.CharField(max_length=200)),
                        ("is_active", models.BooleanField(default=True, help_text="A row that is not active changes nothing.", verbose_name="active")),
                        (
                            "application",
                            models.ForeignKey(
                                blank=True,
                                help_text="Empty: every application.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="inventory.application",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["gate", "application__code", "risk_band"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("gate", "application", "risk_band"),
                                name="gates_profile_once",
                                nulls_distinct=False,
                                violation_error_message="There is a row for this gate, application and risk; edit that.",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalAttestation",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("history_user_id", models.UUIDField(db_index=True, null=True)),
                        ("history_change_reason", models.TextField(null=True)),
                        ("about", models.CharField(editable=False, max_length=80)),
                        ("about_name", models.CharField(editable=False, max_length=20, verbose_name="package")),
                        ("gate", models.CharField(editable=False, max_length=4)),
                        ("holds", models.BooleanField(editable=False)),
                        ("text", models.TextField(editable=False, verbose_name="what shows it")),
                        ("content", models.JSONField(default=dict, editable=False)),
                        ("submitted_at", models.DateTimeField(editable=False)),
                        ("verified_at", models.DateTimeField(editable=False, null=True)),
                        ("remark", models.TextField(blank=True, editable=False, verbose_name="what the second person says")),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[("submitted", "Submitted"), ("confirmed", "Confirmed"), ("refused", "Refused"), ("superseded", "Superseded")],
                                default="submitted",
                                editable=False,
                                max_length=50,
                                protected=True,
                            ),
                        ),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_type", models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1)),
                        (
                            "exhibit",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="evidence.exhibit",
                                verbose_name="document",
                            ),
                        ),
                        (
                            "submitted_by",
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
                            "verified_by",
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
                        "verbose_name": "historical attestation",
                        "verbose_name_plural": "historical attestations",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalGateProfile",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("history_user_id", models.UUIDField(db_index=True, null=True)),
                        ("history_change_reason", models.TextField(null=True)),
                        ("gate", models.CharField(choices=apps.gates.models.profile.gate_choices, max_length=4)),
                        (
                            "risk_band",
                            models.CharField(
                                blank=True,
                                choices=[("low", "Low"), ("medium", "Medium"), ("high", "High"), ("critical", "Critical")],
                                help_text="Empty: every risk.",
                                max_length=10,
                                verbose_name="risk",
                            ),
                        ),
                        (
                            "setting",
                            models.CharField(
                                choices=[("hard", "Hard"), ("soft", "Soft"), ("off", "Off")],
                                help_text="Hard holds a package back, soft is told, off is not asked.",
                                max_length=4,
                            ),
                        ),
                        ("reason", models.CharField(max_length=200)),
                        ("is_active", models.BooleanField(default=True, help_text="A row that is not active changes nothing.", verbose_name="active")),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_type", models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1)),
                        (
                            "application",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                help_text="Empty: every application.",
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="inventory.application",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical gate profile",
                        "verbose_name_plural": "historical gate profiles",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalWaiver",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("history_user_id", models.UUIDField(db_index=True, null=True)),
                        ("history_change_reason", models.TextField(null=True)),
                        ("kind", models.CharField(choices=[("gate", "Gate"), ("late_scope", "Late scope")], editable=False, max_length=10)),
                        ("about", models.CharField(db_index=True, editable=False, max_length=80)),
                        ("about_name", models.CharField(editable=False, max_length=20, verbose_name="package")),
                        ("gate", models.CharField(blank=True, editable=False, max_length=4)),
                        ("level", models.CharField(blank=True, choices=[("hard", "Hard"), ("soft", "Soft")], editable=False, max_length=4)),
                        ("finding_key", models.CharField(blank=True, editable=False, max_length=120, verbose_name="finding")),
                        (
                            "covers",
                            django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=300), default=list, editable=False, size=None),
                        ),
                        ("reason", models.TextField(validators=[django.core.validators.MinLengthValidator(40)])),
                        ("risk_statement", models.TextField(verbose_name="what may happen")),
                        ("compensating_control", models.TextField(verbose_name="what is done against that")),
                        ("valid_until", models.DateTimeField(editable=False)),
                        ("beyond_limits", models.BooleanField(default=False, editable=False)),
                        ("signers", django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, editable=False, size=None)),
                        ("decided_at", models.DateTimeField(editable=False, null=True)),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[
                                    ("requested", "Requested"),
                                    ("approved", "Approved"),
                                    ("refused", "Refused"),
                                    ("withdrawn", "Withdrawn"),
                                    ("revoked", "Revoked"),
                                    ("expired", "Expired"),
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
                        (
                            "decided_by",
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
                            "requested_by",
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
                            "window",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="windows.releasewindow",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical waiver",
                        "verbose_name_plural": "historical waivers",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Waiver",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("evidence_head", models.BinaryField()),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("kind", models.CharField(choices=[("gate", "Gate"), ("late_scope", "Late scope")], editable=False, max_length=10)),
                        ("about", models.CharField(db_index=True, editable=False, max_length=80)),
                        ("about_name", models.CharField(editable=False, max_length=20, verbose_name="package")),
                        ("gate", models.CharField(blank=True, editable=False, max_length=4)),
                        ("level", models.CharField(blank=True, choices=[("hard", "Hard"), ("soft", "Soft")], editable=False, max_length=4)),
                        ("finding_key", models.CharField(blank=True, editable=False, max_length=120, verbose_name="finding")),
                        (
                            "covers",
                            django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=300), default=list, editable=False, size=None),
                        ),
                        ("reason", models.TextField(validators=[django.core.validators.MinLengthValidator(40)])),
                        ("risk_statement", models.TextField(verbose_name="what may happen")),
                        ("compensating_control", models.TextField(verbose_name="what is done against that")),
                        ("valid_until", models.DateTimeField(editable=False)),
                        ("beyond_limits", models.BooleanField(default=False, editable=False)),
                        ("signers", django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, editable=False, size=None)),
                        ("decided_at", models.DateTimeField(editable=False, null=True)),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[
                                    ("requested", "Requested"),
                                    ("approved", "Approved"),
                                    ("refused", "Refused"),
                                    ("withdrawn", "Withdrawn"),
                                    ("revoked", "Revoked"),
                                    ("expired", "Expired"),
                                ],
                                default="requested",
                                editable=False,
                                max_length=50,
                                protected=True,
                            ),
                        ),
                        (
                            "decided_by",
                            models.ForeignKey(
                                editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                            ),
                        ),
                        (
                            "requested_by",
                            models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                        ),
                        (
                            "window",
                            models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="waivers", to="windows.releasewindow"),
                        ),
                    ],
                    options={
                        "ordering": ["-created_at", "-id"],
                        "indexes": [models.Index(fields=["state", "valid_until"], name="gates_waiver_due")],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state", "requested")),
                                fields=("about", "kind", "gate", "finding_key"),
                                name="gates_one_open_waiver",
                                violation_error_message="This waiver is asked for already.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("decided_by__isnull", True), models.Q(("decided_by", models.F("requested_by")), _negated=True), _connector="OR"
                                ),
                                name="gates_waiver_second_person",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state__in", ["approved", "revoked"]), _negated=True),
                                    models.Q(("decided_at__isnull", False), ("decided_by__isnull", False)),
                                    _connector="OR",
                                ),
                                name="gates_waiver_decided",
                            ),
                            models.CheckConstraint(condition=models.Q(("valid_until__gt", models.F("created_at"))), name="gates_waiver_ends_later"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("gate__gt", ""), ("kind", "gate"), ("level__gt", "")),
                                    models.Q(("finding_key", ""), ("gate", ""), ("kind", "late_scope"), ("level", "")),
                                    _connector="OR",
                                ),
                                name="gates_waiver_of_something",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ReadinessItem",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("subject", models.CharField(max_length=80)),
                        ("subject_code", models.CharField(max_length=20, verbose_name="package")),
                        ("gate", models.CharField(max_length=4)),
                        ("level", models.CharField(choices=[("hard", "Hard"), ("soft", "Soft")], max_length=4)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "Open"),
                                    ("submitted", "Waits for a second person"),
                                    ("met", "Met"),
                                    ("not_met", "Not met"),
                                    ("waived", "Waived"),
                                    ("expired", "Expired: what it proves changed"),
                                    ("not_applicable", "Not applicable"),
                                ],
                                default="open",
                                max_length=14,
                            ),
                        ),
                        ("detail", models.TextField(blank=True)),
                        ("findings", models.JSONField(default=list)),
                        ("due_at", models.DateTimeField(null=True)),
                        ("owner_role", models.CharField(max_length=30)),
                        ("profile", models.CharField(blank=True, max_length=260)),
                        ("evaluated_at", models.DateTimeField(null=True)),
                        ("met_since", models.DateTimeField(null=True)),
                        (
                            "attestation",
                            models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="items", to="gates.attestation"),
                        ),
                        ("owner", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                        ("waiver", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="gates.waiver")),
                    ],
                    options={
                        "ordering": ["subject_code", "gate"],
                        "default_permissions": ("view",),
                        "indexes": [
                            models.Index(fields=["state", "due_at"], name="gates_item_due"),
                            models.Index(fields=["owner", "state"], name="gates_item_of_owner"),
                        ],
                        "constraints": [models.UniqueConstraint(fields=("subject", "gate"), name="gates_item_once")],
                    },
                ),
            ],
        ),
    ]
