import apps.changes.models.risk
import apps.core.ids
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import django_fsm
import simple_history.models
from django.conf import settings
from django.db import migrations, models

from apps.core.schema import CreateTogether


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("approvals", "0001_initial"),
        ("inventory", "0001_initial"),
    ]

    operations = [
        CreateTogether(
            [
                migrations.CreateModel(
                    name="HistoricalApprovalPolicy",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("history_user_id", models.UUIDField(db_index=True, null=True)),
                        ("history_change_reason", models.TextField(null=True)),
                        ("code", models.CharField(db_index=True, max_length=14)),
                        ("name", models.CharField(max_length=120)),
                        (
                            "is_active",
                            models.BooleanField(default=False, help_text="One policy is in force; the one before is not then.", verbose_name="in force"),
                        ),
                        ("content", models.JSONField(default=list, editable=False)),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_type", models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1)),
                    ],
                    options={
                        "verbose_name": "historical approval policy",
                        "verbose_name_plural": "historical approval policies",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalRiskWeights",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("history_user_id", models.UUIDField(db_index=True, null=True)),
                        ("history_change_reason", models.TextField(null=True)),
                        ("edition", models.CharField(db_index=True, editable=False, max_length=8)),
                        (
                            "history_points",
                            models.FloatField(
                                default=35,
                                help_text="How often the assets went badly in two years.",
                                validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100)],
                                verbose_name="history",
                            ),
                        ),
                        (
                            "size_points",
                            models.FloatField(
                                default=10,
                                help_text="How many assets it touches.",
                                validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100)],
                                verbose_name="size",
                            ),
                        ),
                        (
                            "complexity_points",
                            models.FloatField(
                                default=10,
                                help_text="How many types of assets and teams.",
                                validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100)],
                                verbose_name="complexity",
                            ),
                        ),
                        (
                            "blast_points",
                            models.FloatField(
                                default=15,
                                help_text="Which business services it reaches.",
                                validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100)],
                                verbose_name="blast radius",
                            ),
                        ),
                        (
                            "dormant_points",
                            models.FloatField(
                                default=5,
                                help_text="Assets that nobody changed for two years.",
                                validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100)],
                                verbose_name="dormant",
                            ),
                        ),
                        (
                            "hot_points",
                            models.FloatField(
                                default=5,
                                help_text="Assets that were changed within two weeks.",
                                validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100)],
                                verbose_name="hot",
                            ),
                        ),
                        (
                            "timing_points",
                            models.FloatField(
                                default=10,
                                help_text="Near a month's end.",
                                validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100)],
                                verbose_name="timing",
                            ),
                        ),
                        (
                            "reversibility_points",
                            models.FloatField(
                                default=10,
                                help_text="How hard the way back is.",
                                validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100)],
                                verbose_name="reversibility",
                            ),
                        ),
                        (
                            "evidence_points",
                            models.FloatField(
                                default=10,
                                help_text="Test evidence that is missing.",
                                validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100)],
                                verbose_name="evidence",
                            ),
                        ),
                        (
                            "late_scope_points",
                            models.FloatField(
                                default=5,
                                help_text="Scope added after the lock.",
                                validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100)],
                                verbose_name="late scope",
                            ),
                        ),
                        (
                            "delays_points",
                            models.FloatField(
                                default=5,
                                help_text="How often it was delayed.",
                                validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100)],
                                verbose_name="delays",
                            ),
                        ),
                        (
                            "kappa",
                            models.FloatField(
                                default=6,
                                help_text="Changes that the base rate of a type weighs as much as.",
                                validators=[django.core.validators.MinValueValidator(0.1), django.core.validators.MaxValueValidator(1000)],
                            ),
                        ),
                        (
                            "correlation",
                            models.FloatField(
                                default=0.35,
                                help_text="Below 1, because failures of one release are not independent of each other.",
                                validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1)],
                            ),
                        ),
                        (
                            "other_type",
                            models.FloatField(
                                default=0.05,
                                validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1)],
                                verbose_name="base rate of other types",
                            ),
                        ),
                        (
                            "base_rates",
                            models.JSONField(
                                default=apps.changes.models.risk.delivered_base_rates, help_text="How often a change goes badly, by type of asset."
                            ),
                        ),
                        (
                            "tiers",
                            models.JSONField(default=apps.changes.models.risk.delivered_tiers, help_text="How much a business service counts, by its tier."),
                        ),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_type", models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1)),
                    ],
                    options={
                        "verbose_name": "historical risk weights",
                        "verbose_name_plural": "historical risk weights",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="RiskWeights",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("evidence_head", models.BinaryField()),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("edition", models.CharField(editable=False, max_length=8, unique=True)),
                        (
                            "history_points",
                            models.FloatField(
                                default=35,
                                help_text="How often the assets went badly in two years.",
                                validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100)],
                                verbose_name="history",
                            ),
                        ),
                        (
                            "size_points",
                            models.FloatField(
                                default=10,
                                help_text="How many assets it touches.",
                                validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100)],
                                verbose_name="size",
                            ),
                        ),
                        (
                            "complexity_points",
                            models.FloatField(
                                default=10,
                                help_text="How many types of assets and teams.",
                                validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100)],
                                verbose_name="complexity",
                            ),
                        ),
                        (
                            "blast_points",
                            models.FloatField(
                                default=15,
                                help_text="Which business services it reaches.",
                                validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100)],
                                verbose_name="blast radius",
                            ),
                        ),
                        (
                            "dormant_points",
                            models.FloatField(
                                default=5,
                                help_text="Assets that nobody changed for two years.",
                                validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100)],
                                verbose_name="dormant",
                            ),
                        ),
                        (
                            "hot_points",
                            models.FloatField(
                                default=5,
                                help_text="Assets that were changed within two weeks.",
                                validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100)],
                                verbose_name="hot",
                            ),
                        ),
                        (
                            "timing_points",
                            models.FloatField(
                                default=10,
                                help_text="Near a month's end.",
                                validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100)],
                                verbose_name="timing",
                            ),
                        ),
                        (
                            "reversibility_points",
                            models.FloatField(
                                default=10,
                                help_text="How hard the way back is.",
                                validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100)],
                                verbose_name="reversibility",
                            ),
                        ),
                        (
                            "evidence_points",
                            models.FloatField(
                                default=10,
                                help_text="Test evidence that is missing.",
                                validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100)],
                                verbose_name="evidence",
                            ),
                        ),
                        (
                            "late_scope_points",
                            models.FloatField(
                                default=5,
                                help_text="Scope added after the lock.",
                                validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100)],
                                verbose_name="late scope",
                            ),
                        ),
                        (
                            "delays_points",
                            models.FloatField(
                                default=5,
                                help_text="How often it was delayed.",
                                validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100)],
                                verbose_name="delays",
                            ),
                        ),
                        (
                            "kappa",
                            models.FloatField(
                                default=6,
                                help_text="Changes that the base rate of a type weighs as much as.",
                                validators=[django.core.validators.MinValueValidator(0.1), django.core.validators.MaxValueValidator(1000)],
                            ),
                        ),
                        (
                            "correlation",
                            models.FloatField(
                                default=0.35,
                                help_text="Below 1, because failures of one release are not independent of each other.",
                                validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1)],
                            ),
                        ),
                        (
                            "other_type",
                            models.FloatField(
                                default=0.05,
                                validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1)],
                                verbose_name="base rate of other types",
                            ),
                        ),
                        (
                            "base_rates",
                            models.JSONField(
                                default=apps.changes.models.risk.delivered_base_rates, help_text="How often a change goes badly, by type of asset."
                            ),
                        ),
                        (
                            "tiers",
                            models.JSONField(default=apps.changes.models.risk.delivered_tiers, help_text="How much a business service counts, by its tier."),
                        ),
                    ],
                    options={
                        "verbose_name": "risk weights",
                        "verbose_name_plural": "risk weights",
                        "ordering": ["edition"],
                    },
                ),
                migrations.CreateModel(
                    name="ApprovalPolicy",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("evidence_head", models.BinaryField()),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("code", models.CharField(max_length=14, unique=True)),
                        ("name", models.CharField(max_length=120)),
                        (
                            "is_active",
                            models.BooleanField(default=False, help_text="One policy is in force; the one before is not then.", verbose_name="in force"),
                        ),
                        ("content", models.JSONField(default=list, editable=False)),
                    ],
                    options={
                        "verbose_name": "approval policy",
                        "verbose_name_plural": "approval policies",
                        "ordering": ["code"],
                        "constraints": [models.UniqueConstraint(condition=models.Q(("is_active", True)), fields=("is_active",), name="changes_one_policy")],
                    },
                ),
                migrations.CreateModel(
                    name="CabMeeting",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("evidence_head", models.BinaryField()),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("code", models.CharField(editable=False, max_length=20, unique=True)),
                        ("name", models.CharField(default="Change advisory board", max_length=120)),
                        ("starts_at", models.DateTimeField(verbose_name="starts")),
                        (
                            "cutoff_at",
                            models.DateTimeField(help_text="From then on the docket is frozen; what comes later is late.", verbose_name="docket cut-off"),
                        ),
                        (
                            "quorum",
                            models.PositiveSmallIntegerField(
                                default=2,
                                help_text="Members who must be there, without those who recused themselves.",
                                validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(50)],
                            ),
                        ),
                        (
                            "item_minutes",
                            models.PositiveSmallIntegerField(
                                default=10,
                                help_text="What the timer counts against.",
                                validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(240)],
                                verbose_name="minutes per item",
                            ),
                        ),
                        ("place", models.CharField(blank=True, help_text="A room, a number or a link.", max_length=200)),
                        ("frozen_at", models.DateTimeField(editable=False, null=True)),
                        ("started_at", models.DateTimeField(editable=False, null=True)),
                        ("ended_at", models.DateTimeField(editable=False, null=True)),
                        ("minutes_text", models.TextField(blank=True, editable=False, verbose_name="minutes")),
                        ("minutes_sha256", models.CharField(blank=True, editable=False, max_length=64)),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[
                                    ("planned", "Planned"),
                                    ("docket_frozen", "Docket frozen"),
                                    ("in_session", "In session"),
                                    ("closed", "Closed"),
                                    ("cancelled", "Cancelled"),
                                ],
                                default="planned",
                                editable=False,
                                max_length=50,
                                protected=True,
                            ),
                        ),
                        ("chair", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        "verbose_name": "board meeting",
                        "ordering": ["-starts_at", "-id"],
                        "indexes": [models.Index(fields=["state", "starts_at"], name="changes_meetings_by_state")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("cutoff_at__lte", models.F("starts_at"))),
                                name="changes_docket_frozen_before_session",
                                violation_error_message="The cut-off is after the meeting starts.",
                            ),
                            models.CheckConstraint(condition=models.Q(("quorum__gte", 1)), name="changes_meeting_has_quorum"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ChangeRequest",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("evidence_head", models.BinaryField()),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("code", models.CharField(max_length=20, unique=True)),
                        ("title", models.CharField(max_length=200)),
                        (
                            "change_type",
                            models.CharField(
                                choices=[("standard", "Standard"), ("normal", "Normal"), ("emergency", "Emergency")],
                                default="normal",
                                max_length=10,
                                verbose_name="type",
                            ),
                        ),
                        (
                            "category",
                            models.CharField(
                                choices=[
                                    ("application", "Application"),
                                    ("db2", "Db2"),
                                    ("scheduler", "Scheduler"),
                                    ("data", "Data"),
                                    ("infrastructure", "Infrastructure"),
                                    ("security", "Security"),
                                ],
                                default="application",
                                max_length=20,
                            ),
                        ),
                        ("reason", models.TextField(blank=True)),
                        (
                            "impact",
                            models.CharField(
                                blank=True,
                                choices=[("none", "None"), ("degraded", "Degraded service"), ("outage", "Outage")],
                                max_length=10,
                                verbose_name="impact on the service",
                            ),
                        ),
                        ("impact_words", models.TextField(blank=True, max_length=500, verbose_name="in words")),
                        (
                            "security_impact",
                            models.CharField(
                                blank=True,
                                choices=[("none", "None"), ("changed", "Changes who may do what"), ("weakened", "Weakens a protection")],
                                max_length=10,
                                verbose_name="impact on security",
                            ),
                        ),
                        ("security_words", models.TextField(blank=True, max_length=500, verbose_name="in words")),
                        (
                            "data_impact",
                            models.CharField(
                                blank=True,
                                choices=[("none", "None"), ("changed", "Changes stored data"), ("sensitive", "Touches card or personal data")],
                                max_length=10,
                                verbose_name="impact on data",
                            ),
                        ),
                        ("data_words", models.TextField(blank=True, max_length=500, verbose_name="in words")),
                        (
                            "continuity",
                            models.CharField(
                                blank=True,
                                choices=[("none", "None is concerned"), ("updated", "They are updated"), ("open", "They are still to be updated")],
                                max_length=10,
                                verbose_name="operating documents",
                            ),
                        ),
                        ("continuity_words", models.TextField(blank=True, max_length=500, verbose_name="in words")),
                        ("downtime_minutes", models.PositiveIntegerField(default=0)),
                        ("irreversible", models.BooleanField(default=False, help_text="A part of it cannot be undone once it ran.")),
                        (
                            "declared_risk",
                            models.CharField(
                                blank=True, choices=[("low", "Low"), ("medium", "Medium"), ("high", "High"), ("critical", "Critical")], max_length=10
                            ),
                        ),
                        (
                            "risk_band",
                            models.CharField(
                                blank=True,
                                choices=[("low", "Low"), ("medium", "Medium"), ("high", "High"), ("critical", "Critical")],
                                editable=False,
                                max_length=10,
                            ),
                        ),
                        ("risk_reasons", models.JSONField(default=list, editable=False)),
                        ("implementation_summary", models.TextField(blank=True, verbose_name="implementation")),
                        ("backout_summary", models.TextField(blank=True, verbose_name="backout")),
                        ("validation_summary", models.TextField(blank=True, verbose_name="validation")),
                        ("tests_due_on", models.DateField(blank=True, help_text="When test evidence will be there, if it is not yet.", null=True)),
                        ("earliest_on", models.DateField(blank=True, null=True)),
                        ("latest_on", models.DateField(blank=True, null=True)),
                        ("incident_ref", models.CharField(blank=True, max_length=40, verbose_name="incident")),
                        ("external_ref", models.CharField(blank=True, max_length=60)),
                        ("fingerprint", models.CharField(blank=True, editable=False, max_length=64)),
                        ("signed_content", models.JSONField(default=dict, editable=False)),
                        ("execution", models.JSONField(default=dict, editable=False, help_text="What execution is about to do, by group.")),
                        ("policy_version", models.CharField(blank=True, editable=False, max_length=20)),
                        ("submitted_at", models.DateTimeField(editable=False, null=True)),
                        ("approved_at", models.DateTimeField(editable=False, null=True)),
                        ("valid_until", models.DateTimeField(editable=False, null=True)),
                        ("on_hold", models.BooleanField(default=False, editable=False)),
                        ("on_hold_reason", models.CharField(blank=True, editable=False, max_length=300)),
                        ("ratification_due_at", models.DateTimeField(editable=False, null=True)),
                        ("ratified_at", models.DateTimeField(editable=False, null=True)),
                        ("review_due_at", models.DateTimeField(editable=False, null=True)),
                        ("outcome", models.CharField(blank=True, editable=False, max_length=20)),
                        ("review", models.TextField(blank=True, editable=False, verbose_name="review and lessons")),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[
                                    ("draft", "Draft"),
                                    ("assessing", "Assessing"),
                                    ("approved", "Approved"),
                                    ("scheduled", "Scheduled"),
                                    ("implementing", "Implementing"),
                                    ("implemented", "Implemented"),
                                    ("failed", "Failed"),
                                    ("backed_out", "Backed out"),
                                    ("closed", "Closed"),
                                    ("rejected", "Rejected"),
                                    ("cancelled", "Cancelled"),
                                ],
                                default="draft",
                                editable=False,
                                max_length=50,
                                protected=True,
                            ),
                        ),
                        ("application", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="changes", to="inventory.application")),
                        (
                            "author",
                            models.ForeignKey(
                                help_text="Who wrote what is changed.",
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "owner",
                            models.ForeignKey(
                                help_text="Who answers for the change.",
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "ratified_by",
                            models.ForeignKey(
                                editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                            ),
                        ),
                        (
                            "requester",
                            models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                        ),
                        (
                            "standard_template",
                            models.ForeignKey(
                                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="changes", to="changes.standardtemplate"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-created_at", "-id"],
                        "indexes": [
                            models.Index(fields=["-created_at", "-id"], name="changes_newest"),
                            models.Index(fields=["state", "-created_at", "-id"], name="changes_by_state"),
                            models.Index(fields=["application", "-created_at"], name="changes_by_application"),
                            models.Index(
                                condition=models.Q(("change_type", "emergency"), models.Q(("state__in", ("closed", "rejected", "cancelled")), _negated=True)),
                                fields=["application"],
                                name="changes_emergencies_unsettled",
                            ),
                            django.contrib.postgres.indexes.GinIndex(
                                django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper("code"), "gin_trgm_ops"),
                                name="changes_code_search",
                            ),
                            django.contrib.postgres.indexes.GinIndex(
                                django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper("title"), "gin_trgm_ops"),
                                name="changes_title_search",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("latest_on__isnull", True), ("earliest_on__isnull", True), ("latest_on__gte", models.F("earliest_on")), _connector="OR"
                                ),
                                name="changes_latest_after_earliest",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("ratified_by__isnull", True), ("ratified_at__isnull", False), _connector="OR"), name="changes_ratified_when"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ChangeAsset",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        (
                            "action",
                            models.CharField(
                                choices=[
                                    ("new", "New"),
                                    ("change", "Change"),
                                    ("delete", "Delete"),
                                    ("rebind_only", "Rebind only"),
                                    ("convert", "Convert"),
                                    ("activate", "Activate"),
                                ],
                                default="change",
                                max_length=12,
                            ),
                        ),
                        ("from_version", models.CharField(blank=True, help_text="The version it was built on.", max_length=40)),
                        ("to_version", models.CharField(blank=True, max_length=40)),
                        ("scm_ref", models.CharField(blank=True, max_length=80)),
                        ("asset", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="change_lines", to="inventory.asset")),
                        ("change", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="assets", to="changes.changerequest")),
                    ],
                    options={
                        "ordering": ["asset__name", "action"],
                        "constraints": [models.UniqueConstraint(fields=("change", "asset", "action"), name="changes_scope_line_once")],
                    },
                ),
                migrations.CreateModel(
                    name="ContextLink",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("incident", "Incident"),
                                    ("problem", "Problem"),
                                    ("project", "Project"),
                                    ("customer_commitment", "Customer commitment"),
                                    ("regulatory", "Regulatory"),
                                    ("service_request", "Service request"),
                                    ("support_ticket", "Support ticket"),
                                    ("audit_finding", "Audit finding"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("ref", models.CharField(db_index=True, max_length=60)),
                        ("url", models.URLField(blank=True, validators=[django.core.validators.URLValidator(schemes=["https", "http"])])),
                        ("due_on", models.DateField(blank=True, null=True)),
                        ("change", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="links", to="changes.changerequest")),
                    ],
                    options={
                        "ordering": ["kind", "ref"],
                        "constraints": [models.UniqueConstraint(fields=("change", "kind", "ref"), name="changes_link_once")],
                    },
                ),
                migrations.CreateModel(
                    name="DebtWaiver",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("ratification", "Ratification"),
                                    ("phone", "Confirmation of a phone approval"),
                                    ("review", "Post-implementation review"),
                                    ("denied", "Ruling on a denied approval"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("reason", models.TextField()),
                        ("granted_at", models.DateTimeField()),
                        ("expires_at", models.DateTimeField()),
                        ("change", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="debt_waivers", to="changes.changerequest")),
                        ("granted_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        "ordering": ["granted_at"],
                        "default_permissions": ("view",),
                    },
                ),
                migrations.CreateModel(
                    name="DocketItem",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("number", models.PositiveSmallIntegerField()),
                        (
                            "listed",
                            models.CharField(
                                choices=[("docket", "Docket"), ("late", "Late list"), ("consent", "Consent block")],
                                default="docket",
                                max_length=10,
                                verbose_name="list",
                            ),
                        ),
                        (
                            "asks",
                            models.CharField(
                                choices=[("approval", "Approval"), ("ratification", "Ratification")], default="approval", max_length=12, verbose_name="question"
                            ),
                        ),
                        ("seal", models.CharField(blank=True, max_length=64)),
                        ("groups", models.JSONField(default=dict)),
                        ("sealed_version", models.PositiveIntegerField(null=True)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "Open"),
                                    ("decided", "Decided"),
                                    ("deferred", "Deferred"),
                                    ("pulled", "Pulled out of the consent block"),
                                    ("withdrawn", "Withdrawn"),
                                ],
                                default="open",
                                max_length=10,
                            ),
                        ),
                        ("outcome", models.CharField(blank=True, max_length=30)),
                        ("reason", models.CharField(blank=True, max_length=300)),
                        ("taken_up_at", models.DateTimeField(null=True)),
                        ("seconds_spent", models.PositiveIntegerField(default=0)),
                        (
                            "accepted_by",
                            models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                        ),
                        ("change", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="docket_items", to="changes.changerequest")),
                        ("meeting", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="items", to="changes.cabmeeting")),
                    ],
                    options={
                        "ordering": ["number"],
                        "constraints": [
                            models.UniqueConstraint(fields=("meeting", "change"), name="changes_on_docket_once"),
                            models.UniqueConstraint(fields=("meeting", "number"), name="changes_docket_numbered"),
                            models.UniqueConstraint(condition=models.Q(("taken_up_at__isnull", False)), fields=("meeting",), name="changes_one_item_up"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ExplainedVersion",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        (
                            "change",
                            models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="explained_versions", to="changes.changerequest"),
                        ),
                        ("version", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="explained", to="inventory.assetversion")),
                    ],
                    options={
                        "ordering": ["id"],
                        "default_permissions": ("view",),
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalCabMeeting",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("history_user_id", models.UUIDField(db_index=True, null=True)),
                        ("history_change_reason", models.TextField(null=True)),
                        ("code", models.CharField(db_index=True, editable=False, max_length=20)),
                        ("name", models.CharField(default="Change advisory board", max_length=120)),
                        ("starts_at", models.DateTimeField(verbose_name="starts")),
                        (
                            "cutoff_at",
                            models.DateTimeField(help_text="From then on the docket is frozen; what comes later is late.", verbose_name="docket cut-off"),
                        ),
                        (
                            "quorum",
                            models.PositiveSmallIntegerField(
                                default=2,
                                help_text="Members who must be there, without those who recused themselves.",
                                validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(50)],
                            ),
                        ),
                        (
                            "item_minutes",
                            models.PositiveSmallIntegerField(
                                default=10,
                                help_text="What the timer counts against.",
                                validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(240)],
                                verbose_name="minutes per item",
                            ),
                        ),
                        ("place", models.CharField(blank=True, help_text="A room, a number or a link.", max_length=200)),
                        ("frozen_at", models.DateTimeField(editable=False, null=True)),
                        ("started_at", models.DateTimeField(editable=False, null=True)),
                        ("ended_at", models.DateTimeField(editable=False, null=True)),
                        ("minutes_text", models.TextField(blank=True, editable=False, verbose_name="minutes")),
                        ("minutes_sha256", models.CharField(blank=True, editable=False, max_length=64)),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[
                                    ("planned", "Planned"),
                                    ("docket_frozen", "Docket frozen"),
                                    ("in_session", "In session"),
                                    ("closed", "Closed"),
                                    ("cancelled", "Cancelled"),
                                ],
                                default="planned",
                                editable=False,
                                max_length=50,
                                protected=True,
                            ),
                        ),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_type", models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1)),
                        (
                            "chair",
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
                        "verbose_name": "historical board meeting",
                        "verbose_name_plural": "historical board meetings",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalRiskOverride",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("history_user_id", models.UUIDField(db_index=True, null=True)),
                        ("history_change_reason", models.TextField(null=True)),
                        (
                            "points",
                            models.PositiveSmallIntegerField(
                                help_text="The score that is right, 0 to 100.", validators=[django.core.validators.MaxValueValidator(100)]
                            ),
                        ),
                        ("reason", models.TextField(help_text="What the reckoned score does not know.")),
                        ("reckoned_points", models.FloatField(editable=False)),
                        ("content_digest", models.CharField(editable=False, max_length=64)),
                        ("decided_at", models.DateTimeField(editable=False, null=True)),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[("proposed", "Proposed"), ("confirmed", "Confirmed"), ("refused", "Refused")],
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
                            "change",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="changes.changerequest",
                            ),
                        ),
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
                            "proposed_by",
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
                        "verbose_name": "historical score set by hand",
                        "verbose_name_plural": "historical scores set by hand",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalStandardTemplate",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("history_user_id", models.UUIDField(db_index=True, null=True)),
                        ("history_change_reason", models.TextField(null=True)),
                        ("code", models.CharField(db_index=True, max_length=20)),
                        ("name", models.CharField(max_length=120)),
                        ("families", models.JSONField(default=list, help_text="Families of assets it may touch.")),
                        (
                            "asset_types",
                            models.JSONField(blank=True, default=list, help_text="Codes of the asset types it may touch; empty: all of its families."),
                        ),
                        (
                            "activity_types",
                            models.JSONField(blank=True, default=list, help_text="Codes of the types of step it may be carried out by; empty: all."),
                        ),
                        ("max_assets", models.PositiveSmallIntegerField(default=1)),
                        ("max_risk", models.CharField(default="low", max_length=10)),
                        ("approved_until", models.DateTimeField()),
                        ("active_since", models.DateTimeField(editable=False, null=True)),
                        ("suspended_because", models.CharField(blank=True, editable=False, max_length=300)),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[("proposed", "Proposed"), ("active", "Active"), ("suspended", "Suspended"), ("retired", "Retired")],
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
                            "application",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="inventory.application",
                            ),
                        ),
                        (
                            "approved_by",
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
                            "proposed_by",
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
                        "verbose_name": "historical standard change",
                        "verbose_name_plural": "historical standard changes",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="MeetingMember",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("is_present", models.BooleanField(default=False, verbose_name="present")),
                        ("meeting", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="members", to="changes.cabmeeting")),
                        ("user", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        "ordering": ["user__username"],
                        "constraints": [models.UniqueConstraint(fields=("meeting", "user"), name="changes_member_once")],
                    },
                ),
                migrations.CreateModel(
                    name="PhoneApproval",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("verbal_at", models.DateTimeField()),
                        ("how", models.CharField(max_length=200)),
                        ("recorded_at", models.DateTimeField()),
                        ("confirm_due_at", models.DateTimeField()),
                        ("confirmed_at", models.DateTimeField(null=True)),
                        ("change", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="phone_approvals", to="changes.changerequest")),
                        (
                            "decision",
                            models.OneToOneField(
                                help_text="The signature that was recorded for it.",
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="phone_approval",
                                to="approvals.decision",
                            ),
                        ),
                        ("recorded_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                        ("verbal_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        "ordering": ["verbal_at"],
                        "default_permissions": ("view",),
                        "constraints": [
                            models.CheckConstraint(condition=models.Q(("verbal_by", models.F("recorded_by")), _negated=True), name="changes_phone_two_people")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PolicyRule",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("code", models.CharField(max_length=8, validators=[django.core.validators.RegexValidator("^[A-Z][A-Z0-9]*$")])),
                        ("reason", models.CharField(help_text="Shown with the slot. {families} stands for those it touches.", max_length=140)),
                        (
                            "slot",
                            models.CharField(
                                help_text="With {discipline} one slot for each discipline that the scope touches.",
                                max_length=28,
                                validators=[django.core.validators.RegexValidator("^[a-z][a-z0-9_:{}]*$")],
                            ),
                        ),
                        ("label", models.CharField(max_length=50)),
                        (
                            "eligible",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=60),
                                blank=True,
                                default=list,
                                help_text="Who signs: roles, such as technical_lead@family:{discipline}. Commas between.",
                                size=20,
                            ),
                        ),
                        (
                            "quorum",
                            models.PositiveSmallIntegerField(
                                default=1,
                                help_text="How many different people.",
                                validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(9)],
                            ),
                        ),
                        (
                            "order",
                            models.PositiveSmallIntegerField(
                                default=1,
                                help_text="Slots of a lower number are signed first.",
                                validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(9)],
                            ),
                        ),
                        (
                            "sla_hours",
                            models.PositiveSmallIntegerField(
                                default=72,
                                validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(2000)],
                                verbose_name="hours to answer",
                            ),
                        ),
                        (
                            "seats",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=60),
                                blank=True,
                                default=list,
                                help_text="Roles that must be heard whoever else signs; each is a slot of its own.",
                                size=20,
                            ),
                        ),
                        (
                            "excludes",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=60),
                                blank=True,
                                default=list,
                                help_text="Who does not sign here: owner, or slot:board for who signed the slot board, and so on. Requester and author never sign.",
                                size=20,
                            ),
                        ),
                        (
                            "change_types",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(
                                    choices=[("standard", "Standard"), ("normal", "Normal"), ("emergency", "Emergency")], max_length=60
                                ),
                                blank=True,
                                default=list,
                                help_text="Types of change.",
                                size=20,
                            ),
                        ),
                        (
                            "risk_from",
                            models.CharField(
                                blank=True,
                                choices=[("low", "Low"), ("medium", "Medium"), ("high", "High"), ("critical", "Critical")],
                                help_text="Lowest band of risk.",
                                max_length=10,
                            ),
                        ),
                        (
                            "families",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(
                                    choices=[
                                        ("db2", "Db2"),
                                        ("ims", "Ims"),
                                        ("cics", "Cics"),
                                        ("mq", "Mq"),
                                        ("data", "Data"),
                                        ("jcl", "Jcl"),
                                        ("scheduler", "Scheduler"),
                                        ("exchange", "Exchange"),
                                        ("platform", "Platform"),
                                        ("program", "Program"),
                                        ("source", "Source"),
                                        ("service", "Service"),
                                    ],
                                    max_length=60,
                                ),
                                blank=True,
                                default=list,
                                help_text="Families of assets, one of which is touched.",
                                size=20,
                            ),
                        ),
                        (
                            "tiers",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(
                                    choices=[("tier0", "Tier0"), ("tier1", "Tier1"), ("tier2", "Tier2"), ("tier3", "Tier3")], max_length=60
                                ),
                                blank=True,
                                default=list,
                                help_text="Tiers of the application.",
                                size=20,
                            ),
                        ),
                        (
                            "environments",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=12),
                                blank=True,
                                default=list,
                                help_text="Environments, in one of which its assets run.",
                                size=20,
                            ),
                        ),
                        (
                            "regulations",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(choices=[("pci", "Pci"), ("sox", "Sox"), ("dora", "Dora")], max_length=60),
                                blank=True,
                                default=list,
                                help_text="Rules of regulators, one of which an application of the scope falls under.",
                                size=20,
                            ),
                        ),
                        (
                            "in_freeze",
                            models.BooleanField(
                                default=False,
                                help_text="Its night lies in a freeze that blocks it or asks for more signatures.",
                                verbose_name="inside a freeze",
                            ),
                        ),
                        (
                            "after",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(
                                    choices=[
                                        ("another_change", "another type, application or incident"),
                                        ("scope_extended", "an asset added, or another action or version family"),
                                        ("rebuilt", "rebuilt in the same version family"),
                                        ("scope_reduced", "an asset removed"),
                                        ("fallback_worse", "another backout, or more irreversible parts, downtime or impact"),
                                        ("validation_weaker", "another or a weaker validation"),
                                        ("steps_extended", "a step of another type that alters production"),
                                        ("window_harder", "another class of window, a night near a month's end or a freeze, or an earlier day"),
                                        ("risk_raised", "risk_raised"),
                                    ],
                                    max_length=60,
                                ),
                                blank=True,
                                default=list,
                                help_text="Only when the question is re-opened because of one of these.",
                                size=20,
                            ),
                        ),
                        ("policy", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="rules", to="changes.approvalpolicy")),
                    ],
                    options={
                        "ordering": ["code"],
                        "constraints": [models.UniqueConstraint(fields=("policy", "code"), name="changes_rule_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Recusal",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("reason", models.CharField(max_length=300)),
                        ("item", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="recusals", to="changes.docketitem")),
                        ("meeting", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="recusals", to="changes.cabmeeting")),
                        ("user", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        "ordering": ["item__number", "user__username"],
                        "constraints": [models.UniqueConstraint(fields=("item", "user"), name="changes_recused_once")],
                    },
                ),
                migrations.CreateModel(
                    name="RiskAssessment",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("about", models.CharField(max_length=80)),
                        (
                            "moment",
                            models.CharField(
                                choices=[
                                    ("submit", "When it was asked for"),
                                    ("approval", "At approval"),
                                    ("confirm", "When it was confirmed"),
                                    ("start", "At start"),
                                    ("manual", "Set by hand"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("points", models.FloatField()),
                        (
                            "score_band",
                            models.CharField(choices=[("low", "Low"), ("medium", "Medium"), ("high", "High"), ("critical", "Critical")], max_length=10),
                        ),
                        ("band", models.CharField(choices=[("low", "Low"), ("medium", "Medium"), ("high", "High"), ("critical", "Critical")], max_length=10)),
                        ("reasons", models.JSONField(default=list)),
                        ("terms", models.JSONField()),
                        ("inputs", models.JSONField()),
                        ("weights_version", models.CharField(max_length=20)),
                        ("at", models.DateTimeField()),
                    ],
                    options={
                        "ordering": ["at", "id"],
                        "default_permissions": ("view",),
                        "indexes": [models.Index(fields=["about", "at"], name="changes_risk_about")],
                    },
                ),
                migrations.CreateModel(
                    name="RiskOverride",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("evidence_head", models.BinaryField()),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        (
                            "points",
                            models.PositiveSmallIntegerField(
                                help_text="The score that is right, 0 to 100.", validators=[django.core.validators.MaxValueValidator(100)]
                            ),
                        ),
                        ("reason", models.TextField(help_text="What the reckoned score does not know.")),
                        ("reckoned_points", models.FloatField(editable=False)),
                        ("content_digest", models.CharField(editable=False, max_length=64)),
                        ("decided_at", models.DateTimeField(editable=False, null=True)),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[("proposed", "Proposed"), ("confirmed", "Confirmed"), ("refused", "Refused")],
                                default="proposed",
                                editable=False,
                                max_length=50,
                                protected=True,
                            ),
                        ),
                        ("change", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="risk_overrides", to="changes.changerequest")),
                        (
                            "decided_by",
                            models.ForeignKey(
                                editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                            ),
                        ),
                        (
                            "proposed_by",
                            models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                        ),
                    ],
                    options={
                        "verbose_name": "score set by hand",
                        "verbose_name_plural": "scores set by hand",
                        "ordering": ["-created_at", "-id"],
                        "constraints": [
                            models.UniqueConstraint(condition=models.Q(("state", "proposed")), fields=("change",), name="changes_one_open_override"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("decided_by__isnull", True), models.Q(("decided_by", models.F("proposed_by")), _negated=True), _connector="OR"
                                ),
                                name="changes_override_second_person",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("state", "proposed"), ("decided_by__isnull", False), _connector="OR"), name="changes_override_decided_by"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StandardTemplate",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("evidence_head", models.BinaryField()),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("code", models.CharField(max_length=20, unique=True)),
                        ("name", models.CharField(max_length=120)),
                        ("families", models.JSONField(default=list, help_text="Families of assets it may touch.")),
                        (
                            "asset_types",
                            models.JSONField(blank=True, default=list, help_text="Codes of the asset types it may touch; empty: all of its families."),
                        ),
                        (
                            "activity_types",
                            models.JSONField(blank=True, default=list, help_text="Codes of the types of step it may be carried out by; empty: all."),
                        ),
                        ("max_assets", models.PositiveSmallIntegerField(default=1)),
                        ("max_risk", models.CharField(default="low", max_length=10)),
                        ("approved_until", models.DateTimeField()),
                        ("active_since", models.DateTimeField(editable=False, null=True)),
                        ("suspended_because", models.CharField(blank=True, editable=False, max_length=300)),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[("proposed", "Proposed"), ("active", "Active"), ("suspended", "Suspended"), ("retired", "Retired")],
                                default="proposed",
                                editable=False,
                                max_length=50,
                                protected=True,
                            ),
                        ),
                        (
                            "application",
                            models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="inventory.application"),
                        ),
                        (
                            "approved_by",
                            models.ForeignKey(
                                editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                            ),
                        ),
                        (
                            "proposed_by",
                            models.ForeignKey(
                                editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "standard change",
                        "ordering": ["code"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("approved_by__isnull", True),
                                    ("proposed_by__isnull", True),
                                    models.Q(("approved_by", models.F("proposed_by")), _negated=True),
                                    _connector="OR",
                                ),
                                name="changes_standard_two_people",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalChangeRequest",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("history_user_id", models.UUIDField(db_index=True, null=True)),
                        ("history_change_reason", models.TextField(null=True)),
                        ("code", models.CharField(db_index=True, max_length=20)),
                        ("title", models.CharField(max_length=200)),
                        (
                            "change_type",
                            models.CharField(
                                choices=[("standard", "Standard"), ("normal", "Normal"), ("emergency", "Emergency")],
                                default="normal",
                                max_length=10,
                                verbose_name="type",
                            ),
                        ),
                        (
                            "category",
                            models.CharField(
                                choices=[
                                    ("application", "Application"),
                                    ("db2", "Db2"),
                                    ("scheduler", "Scheduler"),
                                    ("data", "Data"),
                                    ("infrastructure", "Infrastructure"),
                                    ("security", "Security"),
                                ],
                                default="application",
                                max_length=20,
                            ),
                        ),
                        ("reason", models.TextField(blank=True)),
                        (
                            "impact",
                            models.CharField(
                                blank=True,
                                choices=[("none", "None"), ("degraded", "Degraded service"), ("outage", "Outage")],
                                max_length=10,
                                verbose_name="impact on the service",
                            ),
                        ),
                        ("impact_words", models.TextField(blank=True, max_length=500, verbose_name="in words")),
                        (
                            "security_impact",
                            models.CharField(
                                blank=True,
                                choices=[("none", "None"), ("changed", "Changes who may do what"), ("weakened", "Weakens a protection")],
                                max_length=10,
                                verbose_name="impact on security",
                            ),
                        ),
                        ("security_words", models.TextField(blank=True, max_length=500, verbose_name="in words")),
                        (
                            "data_impact",
                            models.CharField(
                                blank=True,
                                choices=[("none", "None"), ("changed", "Changes stored data"), ("sensitive", "Touches card or personal data")],
                                max_length=10,
                                verbose_name="impact on data",
                            ),
                        ),
                        ("data_words", models.TextField(blank=True, max_length=500, verbose_name="in words")),
                        (
                            "continuity",
                            models.CharField(
                                blank=True,
                                choices=[("none", "None is concerned"), ("updated", "They are updated"), ("open", "They are still to be updated")],
                                max_length=10,
                                verbose_name="operating documents",
                            ),
                        ),
                        ("continuity_words", models.TextField(blank=True, max_length=500, verbose_name="in words")),
                        ("downtime_minutes", models.PositiveIntegerField(default=0)),
                        ("irreversible", models.BooleanField(default=False, help_text="A part of it cannot be undone once it ran.")),
                        (
                            "declared_risk",
                            models.CharField(
                                blank=True, choices=[("low", "Low"), ("medium", "Medium"), ("high", "High"), ("critical", "Critical")], max_length=10
                            ),
                        ),
                        (
                            "risk_band",
                            models.CharField(
                                blank=True,
                                choices=[("low", "Low"), ("medium", "Medium"), ("high", "High"), ("critical", "Critical")],
                                editable=False,
                                max_length=10,
                            ),
                        ),
                        ("risk_reasons", models.JSONField(default=list, editable=False)),
                        ("implementation_summary", models.TextField(blank=True, verbose_name="implementation")),
                        ("backout_summary", models.TextField(blank=True, verbose_name="backout")),
                        ("validation_summary", models.TextField(blank=True, verbose_name="validation")),
                        ("tests_due_on", models.DateField(blank=True, help_text="When test evidence will be there, if it is not yet.", null=True)),
                        ("earliest_on", models.DateField(blank=True, null=True)),
                        ("latest_on", models.DateField(blank=True, null=True)),
                        ("incident_ref", models.CharField(blank=True, max_length=40, verbose_name="incident")),
                        ("external_ref", models.CharField(blank=True, max_length=60)),
                        ("fingerprint", models.CharField(blank=True, editable=False, max_length=64)),
                        ("signed_content", models.JSONField(default=dict, editable=False)),
                        ("execution", models.JSONField(default=dict, editable=False, help_text="What execution is about to do, by group.")),
                        ("policy_version", models.CharField(blank=True, editable=False, max_length=20)),
                        ("submitted_at", models.DateTimeField(editable=False, null=True)),
                        ("approved_at", models.DateTimeField(editable=False, null=True)),
                        ("valid_until", models.DateTimeField(editable=False, null=True)),
                        ("on_hold", models.BooleanField(default=False, editable=False)),
                        ("on_hold_reason", models.CharField(blank=True, editable=False, max_length=300)),
                        ("ratification_due_at", models.DateTimeField(editable=False, null=True)),
                        ("ratified_at", models.DateTimeField(editable=False, null=True)),
                        ("review_due_at", models.DateTimeField(editable=False, null=True)),
                        ("outcome", models.CharField(blank=True, editable=False, max_length=20)),
                        ("review", models.TextField(blank=True, editable=False, verbose_name="review and lessons")),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[
                                    ("draft", "Draft"),
                                    ("assessing", "Assessing"),
                                    ("approved", "Approved"),
                                    ("scheduled", "Scheduled"),
                                    ("implementing", "Implementing"),
                                    ("implemented", "Implemented"),
                                    ("failed", "Failed"),
                                    ("backed_out", "Backed out"),
                                    ("closed", "Closed"),
                                    ("rejected", "Rejected"),
                                    ("cancelled", "Cancelled"),
                                ],
                                default="draft",
                                editable=False,
                                max_length=50,
                                protected=True,
                            ),
                        ),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_type", models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1)),
                        (
                            "application",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="inventory.application",
                            ),
                        ),
                        (
                            "author",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                help_text="Who wrote what is changed.",
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
                                help_text="Who answers for the change.",
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "ratified_by",
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
                            "requester",
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
                            "standard_template",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="changes.standardtemplate",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical change request",
                        "verbose_name_plural": "historical change requests",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
            ],
        ),
    ]
