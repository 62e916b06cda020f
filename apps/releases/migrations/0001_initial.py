import apps.core.ids
import django.core.validators
import django.db.models.deletion
import django_fsm
import simple_history.models
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models

from apps.core.schema import CreateTogether


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("changes", "0001_initial"),
        ("inventory", "0001_initial"),
        ("windows", "0001_initial"),
    ]

    operations = [
        CreateTogether(
            [
                migrations.CreateModel(
                    name="EvaluationDue",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("subject", models.CharField(max_length=80, unique=True)),
                        ("since", models.DateTimeField()),
                    ],
                    options={
                        "ordering": ["since"],
                        "default_permissions": (),
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalRule",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("history_user_id", models.UUIDField(db_index=True, null=True)),
                        ("history_change_reason", models.TextField(null=True)),
                        ("code", models.CharField(db_index=True, editable=False, max_length=4)),
                        (
                            "kind",
                            models.CharField(
                                choices=[("completeness", "Completeness"), ("conflict", "Conflict"), ("ordering", "Order")], editable=False, max_length=12
                            ),
                        ),
                        ("title", models.CharField(max_length=80)),
                        ("condition", models.TextField(help_text="When the rule is asked.", verbose_name="if")),
                        ("requirement", models.TextField(help_text="What has to hold.", verbose_name="then")),
                        ("symptom", models.TextField(blank=True, help_text="What happens at night when it does not.")),
                        (
                            "severity",
                            models.CharField(
                                choices=[("hard", "Hard"), ("soft", "Soft"), ("info", "Info")],
                                help_text="Hard is resolved only when its rule is silent, soft asks somebody to look.",
                                max_length=4,
                            ),
                        ),
                        ("waivable_by", models.CharField(blank=True, help_text="Who may let it pass; empty: nobody.", max_length=120)),
                        (
                            "narrowed_to",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("package", "Steps of one package"),
                                    ("asset", "Steps on the same asset"),
                                    ("related", "Steps on related assets"),
                                    ("region", "Steps on the same subsystem"),
                                ],
                                help_text="Of a rule of order: where alone it holds. Empty: as delivered.",
                                max_length=8,
                            ),
                        ),
                        ("is_active", models.BooleanField(default=True, help_text="A rule that is not active finds nothing.", verbose_name="active")),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_type", models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1)),
                    ],
                    options={
                        "verbose_name": "historical rule",
                        "verbose_name_plural": "historical rules",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Activity",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("evidence_head", models.BinaryField()),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("label", models.CharField(help_text='Its short name in the plan, such as "A3".', max_length=10)),
                        ("title", models.CharField(max_length=160)),
                        ("instruction", models.TextField(blank=True, help_text="The exact command or member.")),
                        (
                            "duration_minutes",
                            models.PositiveSmallIntegerField(
                                validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(1440)],
                                verbose_name="duration (minutes)",
                            ),
                        ),
                        ("planned_start_at", models.DateTimeField(blank=True, null=True)),
                        ("planned_end_at", models.DateTimeField(blank=True, null=True)),
                        ("not_before_at", models.DateTimeField(blank=True, null=True, verbose_name="not before")),
                        ("exclusive", models.BooleanField(default=False, editable=False)),
                        ("mandatory", models.BooleanField(default=True)),
                        ("hold_point", models.BooleanField(default=False, help_text="It waits until the coordinator releases it.")),
                        ("hold_released", models.BooleanField(default=False, editable=False)),
                        ("irreversible", models.BooleanField(default=False)),
                        ("four_eyes", models.BooleanField(default=False, help_text="A second person verifies it before it completes.")),
                        ("is_backout", models.BooleanField(default=False)),
                        ("expected_result", models.CharField(blank=True, max_length=200)),
                        (
                            "max_rc",
                            models.PositiveSmallIntegerField(
                                blank=True, null=True, validators=[django.core.validators.MaxValueValidator(4095)], verbose_name="highest return code"
                            ),
                        ),
                        ("percent", models.PositiveSmallIntegerField(default=0, editable=False)),
                        ("acknowledged_at", models.DateTimeField(editable=False, null=True)),
                        ("started_at", models.DateTimeField(editable=False, null=True)),
                        ("ended_at", models.DateTimeField(editable=False, null=True)),
                        ("recorded_start_at", models.DateTimeField(editable=False, null=True)),
                        ("recorded_end_at", models.DateTimeField(editable=False, null=True)),
                        ("rc", models.PositiveSmallIntegerField(editable=False, null=True, verbose_name="return code")),
                        ("result_text", models.TextField(blank=True, editable=False)),
                        ("failure_code", models.CharField(blank=True, editable=False, max_length=20)),
                        ("deviation_reason", models.TextField(blank=True, editable=False)),
                        ("attempts", models.PositiveSmallIntegerField(default=0, editable=False)),
                        ("let_start_reason", models.TextField(blank=True, editable=False)),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[
                                    ("planned", "Planned"),
                                    ("ready", "Ready"),
                                    ("in_progress", "In progress"),
                                    ("paused", "Paused"),
                                    ("completed", "Completed"),
                                    ("failed", "Failed"),
                                    ("skipped", "Skipped"),
                                    ("backed_out", "Backed out"),
                                ],
                                default="planned",
                                editable=False,
                                max_length=50,
                                protected=True,
                            ),
                        ),
                        (
                            "deputy",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="deputised_activities",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "deviation_accepted_by",
                            models.ForeignKey(
                                editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                            ),
                        ),
                        (
                            "done_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="done_activities",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "let_start_by",
                            models.ForeignKey(
                                editable=False,
                                help_text="Who let it start outside its window, or after no return.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "owner",
                            models.ForeignKey(
                                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="owned_activities", to=settings.AUTH_USER_MODEL
                            ),
                        ),
                        (
                            "reverses",
                            models.ForeignKey(
                                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="backout_steps", to="releases.activity"
                            ),
                        ),
                        (
                            "subsystem",
                            models.ForeignKey(
                                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="activities", to="inventory.subsystem"
                            ),
                        ),
                        ("team", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="activities", to="accounts.team")),
                        (
                            "verified_by",
                            models.ForeignKey(
                                editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                            ),
                        ),
                        (
                            "window",
                            models.ForeignKey(
                                blank=True,
                                help_text="For a step that all packages of the window share.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="activities",
                                to="windows.releasewindow",
                            ),
                        ),
                        ("changes", models.ManyToManyField(related_name="activities", through="releases.ActivityChange", to="changes.changerequest")),
                        ("type", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="activities", to="releases.activitytype")),
                        (
                            "template",
                            models.ForeignKey(
                                editable=False,
                                help_text="The version of the plan template that it was made from.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="activities",
                                to="releases.plantemplate",
                            ),
                        ),
                        (
                            "package",
                            models.ForeignKey(
                                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="activities", to="releases.releasepackage"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name_plural": "activities",
                        "ordering": ["planned_start_at", "label"],
                        "indexes": [
                            models.Index(fields=["team", "state"], name="releases_activity_team"),
                            models.Index(fields=["state", "planned_start_at"], name="releases_activity_due"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("package__isnull", False), ("window__isnull", True)),
                                    models.Q(("package__isnull", True), ("window__isnull", False)),
                                    _connector="OR",
                                ),
                                name="releases_activity_of_package_or_window",
                            ),
                            models.CheckConstraint(condition=models.Q(("duration_minutes__gte", 1)), name="releases_activity_takes_time"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("reverses__isnull", True),
                                    models.Q(("is_backout", True), models.Q(("reverses", models.F("id")), _negated=True)),
                                    _connector="OR",
                                ),
                                name="releases_only_backout_reverses",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ended_at__isnull", True), ("started_at__isnull", True), ("ended_at__gte", models.F("started_at")), _connector="OR"
                                ),
                                name="releases_activity_ends_after_start",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("verified_by__isnull", True), models.Q(("verified_by", models.F("done_by")), _negated=True), _connector="OR"
                                ),
                                name="releases_four_eyes_are_two_people",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("let_start_by__isnull", True),
                                    models.Q(
                                        models.Q(("let_start_reason", ""), _negated=True),
                                        models.Q(("done_by__isnull", True), models.Q(("let_start_by", models.F("done_by")), _negated=True), _connector="OR"),
                                    ),
                                    _connector="OR",
                                ),
                                name="releases_late_start_is_let_by_another",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("package__isnull", False)), fields=("package", "label"), name="releases_label_once_in_package"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("window__isnull", False)), fields=("window", "label"), name="releases_label_once_in_window"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("exclusive", True), ("state__in", ["in_progress", "paused"])),
                                fields=("subsystem",),
                                name="releases_subsystem_held_once",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ActivityChange",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("activity", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="change_links", to="releases.activity")),
                        ("change", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="activity_links", to="changes.changerequest")),
                    ],
                    options={
                        "ordering": ["change__code"],
                        "constraints": [models.UniqueConstraint(fields=("activity", "change"), name="releases_served_change_once")],
                    },
                ),
                migrations.CreateModel(
                    name="ActivityDependency",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("strength", models.CharField(choices=[("hard", "Hard"), ("soft", "Soft")], default="hard", max_length=4)),
                        ("origin", models.CharField(default="manual", help_text="The rule it comes from, or manual.", max_length=20)),
                        ("is_derived", models.BooleanField(default=False, editable=False, verbose_name="derived")),
                        ("reasons", models.JSONField(default=list, editable=False)),
                        ("dropped_at", models.DateTimeField(editable=False, null=True)),
                        ("dropped_reason", models.TextField(blank=True, editable=False)),
                        ("activity", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="dependencies", to="releases.activity")),
                        (
                            "dropped_by",
                            models.ForeignKey(
                                editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                            ),
                        ),
                        ("predecessor", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="successors", to="releases.activity")),
                    ],
                    options={
                        "verbose_name_plural": "activity dependencies",
                        "ordering": ["predecessor__label", "is_derived"],
                        "constraints": [
                            models.UniqueConstraint(fields=("activity", "predecessor", "is_derived"), name="releases_dependency_once"),
                            models.CheckConstraint(
                                condition=models.Q(("activity", models.F("predecessor")), _negated=True), name="releases_activity_not_after_itself"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("dropped_at__isnull", True),
                                    models.Q(
                                        ("dropped_by__isnull", False),
                                        ("is_derived", True),
                                        ("strength", "soft"),
                                        models.Q(("dropped_reason", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="releases_only_advice_is_dropped",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ActivityLog",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("at", models.DateTimeField()),
                        (
                            "kind",
                            models.CharField(
                                choices=[("progress", "Progress"), ("note", "Note"), ("escalate", "Escalation"), ("auto", "From a system")], max_length=10
                            ),
                        ),
                        ("text", models.TextField(blank=True)),
                        ("payload", models.JSONField(default=dict)),
                        ("activity", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="log", to="releases.activity")),
                        ("by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        "ordering": ["at", "id"],
                        "default_permissions": ("view",),
                        "indexes": [models.Index(fields=["activity", "at"], name="releases_log_of_activity")],
                    },
                ),
                migrations.CreateModel(
                    name="ActivityTarget",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("activity", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="targets", to="releases.activity")),
                        ("asset", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="inventory.asset")),
                    ],
                    options={
                        "ordering": ["asset__name"],
                        "constraints": [models.UniqueConstraint(fields=("activity", "asset"), name="releases_target_once")],
                    },
                ),
                migrations.CreateModel(
                    name="ActivityType",
                    fields=[
                        ("code", models.CharField(max_length=20, primary_key=True, serialize=False)),
                        ("label", models.CharField(max_length=60)),
                        ("alters", models.BooleanField(default=False, help_text="It changes production.")),
                        ("default_minutes", models.PositiveSmallIntegerField(default=5)),
                        ("team_kind", models.CharField(blank=True, max_length=20)),
                        ("exclusive_kind", models.CharField(blank=True, max_length=20)),
                        ("irreversible", models.BooleanField(default=False)),
                        ("validates", models.BooleanField(default=False)),
                        ("decides", models.BooleanField(default=False)),
                        (
                            "default_backout",
                            models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="releases.activitytype"),
                        ),
                    ],
                    options={
                        "ordering": ["code"],
                    },
                ),
                migrations.CreateModel(
                    name="Alert",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("evidence_head", models.BinaryField()),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("key", models.CharField(editable=False, max_length=120)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("narrow", "Margin narrow or plan late"),
                                    ("beyond", "Margin below zero"),
                                    ("pnr_60", "60 min to the point of no return"),
                                    ("pnr_30", "30 min to the point of no return"),
                                    ("pnr_15", "15 min to the point of no return"),
                                    ("pnr_passed", "Past the point of no return"),
                                    ("silent", "Step without a word"),
                                    ("not_started", "Step not started"),
                                ],
                                editable=False,
                                max_length=12,
                            ),
                        ),
                        ("level", models.CharField(choices=[("amber", "Amber"), ("red", "Red")], editable=False, max_length=5)),
                        ("text", models.CharField(editable=False, max_length=300)),
                        ("since", models.DateTimeField(editable=False)),
                        ("raised_at", models.DateTimeField(editable=False)),
                        ("rung", models.SmallIntegerField(default=-1, editable=False)),
                        ("acknowledged_at", models.DateTimeField(editable=False, null=True)),
                        ("over_at", models.DateTimeField(editable=False, null=True)),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[("raised", "Raised"), ("acknowledged", "Acknowledged"), ("over", "Over")],
                                default="raised",
                                editable=False,
                                max_length=50,
                                protected=True,
                            ),
                        ),
                        (
                            "acknowledged_by",
                            models.ForeignKey(
                                editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                            ),
                        ),
                        (
                            "step",
                            models.ForeignKey(
                                editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="alerts", to="releases.activity"
                            ),
                        ),
                        (
                            "window",
                            models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="alerts", to="windows.releasewindow"),
                        ),
                    ],
                    options={
                        "ordering": ["-raised_at", "-id"],
                        "default_permissions": ("view",),
                        "indexes": [models.Index(fields=["window", "state"], name="releases_alert_window")],
                        "constraints": [
                            models.UniqueConstraint(fields=("window", "key"), name="releases_alert_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("acknowledged_at__isnull", True), ("acknowledged_by__isnull", True)),
                                    models.Q(("acknowledged_at__isnull", False), ("acknowledged_by__isnull", False)),
                                    _connector="OR",
                                ),
                                name="releases_alert_acknowledged_by_somebody",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="FirstCycleWatch",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("evidence_head", models.BinaryField()),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("because", models.CharField(help_text="By what way the job is hit.", max_length=400)),
                        ("critical", models.BooleanField(default=False)),
                        ("expected_start_at", models.DateTimeField()),
                        ("expected_rc", models.PositiveSmallIntegerField(default=4, verbose_name="highest return code")),
                        (
                            "expected_minutes",
                            models.PositiveIntegerField(help_text="Empty where nothing told it.", null=True, verbose_name="expected elapsed minutes"),
                        ),
                        ("started_at", models.DateTimeField(null=True)),
                        ("ended_at", models.DateTimeField(null=True)),
                        (
                            "rc",
                            models.PositiveSmallIntegerField(
                                null=True, validators=[django.core.validators.MaxValueValidator(4095)], verbose_name="return code"
                            ),
                        ),
                        ("result_text", models.TextField(blank=True)),
                        ("accepted_reason", models.TextField(blank=True)),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[
                                    ("expected", "Expected"),
                                    ("ended", "Ended as expected"),
                                    ("deviated", "Deviated"),
                                    ("accepted_deviation", "Deviation accepted"),
                                ],
                                default="expected",
                                editable=False,
                                max_length=50,
                                protected=True,
                            ),
                        ),
                        (
                            "accepted_by",
                            models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                        ),
                        ("job", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="inventory.asset")),
                        (
                            "recorded_by",
                            models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                        ),
                        ("window", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="first_cycle", to="windows.releasewindow")),
                    ],
                    options={
                        "verbose_name": "first cycle watch",
                        "verbose_name_plural": "first cycle watch",
                        "ordering": ["expected_start_at", "id"],
                        "default_permissions": ("view",),
                        "constraints": [
                            models.UniqueConstraint(fields=("window", "job"), name="releases_job_watched_once"),
                            models.CheckConstraint(
                                condition=models.Q(models.Q(("state", "accepted_deviation"), _negated=True), ("accepted_by__isnull", False), _connector="OR"),
                                name="releases_cycle_accepted_by_somebody",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="GoNoGo",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("evidence_head", models.BinaryField()),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("decided_at", models.DateTimeField()),
                        ("two_persons", models.TextField(blank=True, help_text="Why a second person had to confirm; empty where one was enough.")),
                        ("numbers", models.JSONField()),
                        (
                            "confirmed_by",
                            models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                        ),
                        ("decided_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                        (
                            "window",
                            models.ForeignKey(
                                help_text="Empty for an emergency that has no window.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="decisions",
                                to="windows.releasewindow",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "go/no-go decision",
                        "ordering": ["-decided_at", "-id"],
                        "default_permissions": ("view",),
                        "indexes": [models.Index(fields=["window", "-decided_at"], name="releases_go_of_window")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("confirmed_by__isnull", True), models.Q(("confirmed_by", models.F("decided_by")), _negated=True), _connector="OR"
                                ),
                                name="releases_go_confirmed_by_another",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("two_persons", ""), ("confirmed_by__isnull", False), _connector="OR"),
                                name="releases_go_by_two_where_needed",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalAlert",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("history_user_id", models.UUIDField(db_index=True, null=True)),
                        ("history_change_reason", models.TextField(null=True)),
                        ("key", models.CharField(editable=False, max_length=120)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("narrow", "Margin narrow or plan late"),
                                    ("beyond", "Margin below zero"),
                                    ("pnr_60", "60 min to the point of no return"),
                                    ("pnr_30", "30 min to the point of no return"),
                                    ("pnr_15", "15 min to the point of no return"),
                                    ("pnr_passed", "Past the point of no return"),
                                    ("silent", "Step without a word"),
                                    ("not_started", "Step not started"),
                                ],
                                editable=False,
                                max_length=12,
                            ),
                        ),
                        ("level", models.CharField(choices=[("amber", "Amber"), ("red", "Red")], editable=False, max_length=5)),
                        ("text", models.CharField(editable=False, max_length=300)),
                        ("since", models.DateTimeField(editable=False)),
                        ("raised_at", models.DateTimeField(editable=False)),
                        ("rung", models.SmallIntegerField(default=-1, editable=False)),
                        ("acknowledged_at", models.DateTimeField(editable=False, null=True)),
                        ("over_at", models.DateTimeField(editable=False, null=True)),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[("raised", "Raised"), ("acknowledged", "Acknowledged"), ("over", "Over")],
                                default="raised",
                                editable=False,
                                max_length=50,
                                protected=True,
                            ),
                        ),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_type", models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1)),
                        (
                            "acknowledged_by",
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
                            "step",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="releases.activity",
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
                        "verbose_name": "historical alert",
                        "verbose_name_plural": "historical alerts",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalFirstCycleWatch",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("history_user_id", models.UUIDField(db_index=True, null=True)),
                        ("history_change_reason", models.TextField(null=True)),
                        ("because", models.CharField(help_text="By what way the job is hit.", max_length=400)),
                        ("critical", models.BooleanField(default=False)),
                        ("expected_start_at", models.DateTimeField()),
                        ("expected_rc", models.PositiveSmallIntegerField(default=4, verbose_name="highest return code")),
                        (
                            "expected_minutes",
                            models.PositiveIntegerField(help_text="Empty where nothing told it.", null=True, verbose_name="expected elapsed minutes"),
                        ),
                        ("started_at", models.DateTimeField(null=True)),
                        ("ended_at", models.DateTimeField(null=True)),
                        (
                            "rc",
                            models.PositiveSmallIntegerField(
                                null=True, validators=[django.core.validators.MaxValueValidator(4095)], verbose_name="return code"
                            ),
                        ),
                        ("result_text", models.TextField(blank=True)),
                        ("accepted_reason", models.TextField(blank=True)),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[
                                    ("expected", "Expected"),
                                    ("ended", "Ended as expected"),
                                    ("deviated", "Deviated"),
                                    ("accepted_deviation", "Deviation accepted"),
                                ],
                                default="expected",
                                editable=False,
                                max_length=50,
                                protected=True,
                            ),
                        ),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_type", models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1)),
                        (
                            "accepted_by",
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
                            "job",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="inventory.asset",
                            ),
                        ),
                        (
                            "recorded_by",
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
                            "window",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="windows.releasewindow",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical first cycle watch",
                        "verbose_name_plural": "historical first cycle watch",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalGoNoGo",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("history_user_id", models.UUIDField(db_index=True, null=True)),
                        ("history_change_reason", models.TextField(null=True)),
                        ("decided_at", models.DateTimeField()),
                        ("two_persons", models.TextField(blank=True, help_text="Why a second person had to confirm; empty where one was enough.")),
                        ("numbers", models.JSONField()),
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
                            "decided_by",
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
                            "window",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                help_text="Empty for an emergency that has no window.",
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="windows.releasewindow",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical go/no-go decision",
                        "verbose_name_plural": "historical go/no-go decisions",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalPlanTemplate",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("history_user_id", models.UUIDField(db_index=True, null=True)),
                        ("history_change_reason", models.TextField(null=True)),
                        (
                            "code",
                            models.CharField(max_length=20, validators=[django.core.validators.RegexValidator("^[A-Z][A-Z0-9-]*$", "Such as CICS-PROGRAM.")]),
                        ),
                        ("number", models.PositiveSmallIntegerField(default=1, editable=False, verbose_name="version")),
                        ("name", models.CharField(max_length=120)),
                        ("purpose", models.TextField(blank=True, help_text="For what kind of change, and what not.")),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[("draft", "Draft"), ("reviewed", "Reviewed"), ("active", "Active"), ("retired", "Retired")],
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
                            "reviewed_by",
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
                            "written_by",
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
                        "verbose_name": "historical plan template",
                        "verbose_name_plural": "historical plan templates",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalRunIssue",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("history_user_id", models.UUIDField(db_index=True, null=True)),
                        ("history_change_reason", models.TextField(null=True)),
                        ("title", models.CharField(max_length=160)),
                        ("detail", models.TextField(blank=True, help_text="Message, job, what was tried.")),
                        (
                            "severity",
                            models.CharField(
                                choices=[("stops", "Stops the night"), ("hinders", "Hinders"), ("note", "Worth knowing")], default="hinders", max_length=8
                            ),
                        ),
                        ("resolution", models.TextField(blank=True, editable=False)),
                        ("resolved_at", models.DateTimeField(editable=False, null=True)),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[("open", "Open"), ("resolved", "Resolved")], default="open", editable=False, max_length=50, protected=True
                            ),
                        ),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_type", models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1)),
                        (
                            "owner",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                help_text="Who sees to it. Empty: the coordinator of the window.",
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "raised_by",
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
                            "step",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                help_text="The step in which it came up, if it was one.",
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="releases.activity",
                            ),
                        ),
                        (
                            "window",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="windows.releasewindow",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical run issue",
                        "verbose_name_plural": "historical run issues",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalSimulation",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("history_user_id", models.UUIDField(db_index=True, null=True)),
                        ("history_change_reason", models.TextField(null=True)),
                        (
                            "seed",
                            models.PositiveIntegerField(
                                default=1,
                                help_text="With the same seed the same numbers come out.",
                                validators=[django.core.validators.MaxValueValidator(2147483647)],
                            ),
                        ),
                        (
                            "trials",
                            models.PositiveIntegerField(
                                default=2000,
                                help_text="How often the night is run.",
                                validators=[django.core.validators.MinValueValidator(100), django.core.validators.MaxValueValidator(20000)],
                            ),
                        ),
                        ("inputs", models.JSONField(editable=False)),
                        ("inputs_digest", models.CharField(editable=False, max_length=64)),
                        ("outcome", models.JSONField(editable=False)),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_type", models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1)),
                        (
                            "simulated_by",
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
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="windows.releasewindow",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical simulation",
                        "verbose_name_plural": "historical simulations",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="PlanTemplate",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("evidence_head", models.BinaryField()),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        (
                            "code",
                            models.CharField(max_length=20, validators=[django.core.validators.RegexValidator("^[A-Z][A-Z0-9-]*$", "Such as CICS-PROGRAM.")]),
                        ),
                        ("number", models.PositiveSmallIntegerField(default=1, editable=False, verbose_name="version")),
                        ("name", models.CharField(max_length=120)),
                        ("purpose", models.TextField(blank=True, help_text="For what kind of change, and what not.")),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[("draft", "Draft"), ("reviewed", "Reviewed"), ("active", "Active"), ("retired", "Retired")],
                                default="draft",
                                editable=False,
                                max_length=50,
                                protected=True,
                            ),
                        ),
                        (
                            "reviewed_by",
                            models.ForeignKey(
                                editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                            ),
                        ),
                        (
                            "written_by",
                            models.ForeignKey(
                                editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["code", "-number"],
                        "constraints": [
                            models.UniqueConstraint(fields=("code", "number"), name="releases_template_version"),
                            models.UniqueConstraint(condition=models.Q(("state", "active")), fields=("code",), name="releases_one_active_template"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("reviewed_by__isnull", True),
                                    ("written_by__isnull", True),
                                    models.Q(("reviewed_by", models.F("written_by")), _negated=True),
                                    _connector="OR",
                                ),
                                name="releases_template_two_people",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state__in", ["reviewed", "active"]), _negated=True), ("reviewed_by__isnull", False), _connector="OR"
                                ),
                                name="releases_template_is_reviewed",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Rehearsal",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("evidence_head", models.BinaryField()),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("environment", models.CharField(help_text="Where it is tried, such as UAT.", max_length=40)),
                        ("content_digest", models.CharField(blank=True, editable=False, max_length=64)),
                        ("started_at", models.DateTimeField(editable=False, null=True)),
                        ("ended_at", models.DateTimeField(editable=False, null=True)),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[("planned", "Planned"), ("in_progress", "In progress"), ("completed", "Completed"), ("cancelled", "Given up")],
                                default="planned",
                                editable=False,
                                max_length=50,
                                protected=True,
                            ),
                        ),
                        (
                            "led_by",
                            models.ForeignKey(
                                editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                            ),
                        ),
                        ("package", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="rehearsals", to="releases.releasepackage")),
                    ],
                    options={
                        "ordering": ["-created_at", "-id"],
                    },
                ),
                migrations.CreateModel(
                    name="RehearsedStep",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("position", models.PositiveSmallIntegerField()),
                        ("label", models.CharField(max_length=10)),
                        ("title", models.CharField(max_length=160)),
                        ("is_backout", models.BooleanField(default=False)),
                        ("planned_minutes", models.PositiveSmallIntegerField()),
                        ("outcome", models.CharField(blank=True, choices=[("done", "Done"), ("failed", "Failed"), ("left_out", "Left out")], max_length=8)),
                        ("minutes", models.PositiveSmallIntegerField(null=True)),
                        ("remark", models.TextField(blank=True)),
                        ("rehearsal", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="steps", to="releases.rehearsal")),
                        ("team", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.team")),
                    ],
                    options={
                        "ordering": ["position"],
                        "constraints": [models.UniqueConstraint(fields=("rehearsal", "label"), name="releases_rehearsed_once")],
                    },
                ),
                migrations.CreateModel(
                    name="ReleasePackage",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("evidence_head", models.BinaryField()),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("code", models.CharField(blank=True, max_length=20, unique=True)),
                        ("name", models.CharField(max_length=120)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("planned", "Planned"),
                                    ("unplanned", "Unplanned"),
                                    ("emergency", "Emergency"),
                                    ("standard_bundle", "Bundle of standard changes"),
                                ],
                                default="planned",
                                max_length=20,
                            ),
                        ),
                        (
                            "points",
                            models.DecimalField(
                                blank=True,
                                decimal_places=1,
                                help_text="Share of the window's capacity. Left empty, it is computed from the changes.",
                                max_digits=5,
                                validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                            ),
                        ),
                        ("scm_package", models.CharField(blank=True, max_length=60, verbose_name="SCM package")),
                        ("incident_ref", models.CharField(blank=True, max_length=40, verbose_name="incident")),
                        ("risk_band", models.CharField(blank=True, editable=False, max_length=10)),
                        (
                            "health",
                            models.CharField(
                                choices=[("green", "On plan"), ("amber", "At risk"), ("red", "In trouble")], default="green", editable=False, max_length=6
                            ),
                        ),
                        ("gates_met", models.PositiveSmallIntegerField(default=0, editable=False)),
                        ("gates_total", models.PositiveSmallIntegerField(default=0, editable=False)),
                        (
                            "delay_reason",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("not_ready", "Not ready in time"),
                                    ("capacity", "No capacity"),
                                    ("conflict", "Conflict with another package"),
                                    ("business", "Asked for by the business"),
                                    ("technical", "Technical problem"),
                                    ("no_go", "No-go"),
                                    ("window_cancelled", "Window cancelled"),
                                ],
                                editable=False,
                                max_length=20,
                            ),
                        ),
                        ("delay_text", models.TextField(blank=True, editable=False)),
                        ("delay_count", models.PositiveSmallIntegerField(default=0, editable=False)),
                        (
                            "outcome",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("completed", "Completed"),
                                    ("partially_completed", "Partially completed"),
                                    ("failed", "Failed"),
                                    ("backed_out", "Backed out"),
                                    ("delayed", "Delayed"),
                                    ("cancelled", "Cancelled"),
                                ],
                                editable=False,
                                max_length=20,
                            ),
                        ),
                        ("lessons", models.TextField(blank=True, editable=False)),
                        (
                            "failure_code",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("activity", "A step failed"),
                                    ("validation", "Validation failed"),
                                    ("time", "Out of time"),
                                    ("environment", "Environment"),
                                    ("human_error", "Human error"),
                                    ("backout", "The backout failed"),
                                ],
                                editable=False,
                                max_length=20,
                            ),
                        ),
                        ("failure_text", models.TextField(blank=True, editable=False)),
                        ("failed_at", models.DateTimeField(editable=False, help_text="From when on its decision is waited for.", null=True)),
                        (
                            "go_decision",
                            models.CharField(blank=True, choices=[("go", "Go"), ("no_go", "No-go"), ("partial", "Partial")], editable=False, max_length=10),
                        ),
                        ("go_at", models.DateTimeField(editable=False, null=True)),
                        ("go_reason", models.TextField(blank=True, editable=False)),
                        ("partial_role", models.CharField(blank=True, editable=False, max_length=30)),
                        ("partial_at", models.DateTimeField(editable=False, null=True)),
                        ("partial_delivered", models.JSONField(default=list, editable=False)),
                        ("baseline", models.JSONField(default=dict, editable=False)),
                        ("content_digest", models.CharField(blank=True, editable=False, max_length=64)),
                        ("started_at", models.DateTimeField(editable=False, null=True)),
                        ("ended_at", models.DateTimeField(editable=False, null=True)),
                        ("warranty_until", models.DateTimeField(editable=False, null=True)),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[
                                    ("draft", "Draft"),
                                    ("planned", "Planned"),
                                    ("ready", "Ready"),
                                    ("in_progress", "In progress"),
                                    ("validating", "Validating"),
                                    ("completed", "Completed"),
                                    ("partially_completed", "Partially completed"),
                                    ("failed", "Failed"),
                                    ("backing_out", "Backing out"),
                                    ("backed_out", "Backed out"),
                                    ("delayed", "Delayed"),
                                    ("cancelled", "Cancelled"),
                                    ("closed", "Closed"),
                                ],
                                default="draft",
                                editable=False,
                                max_length=50,
                                protected=True,
                            ),
                        ),
                        ("coordinator", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                        (
                            "go_by",
                            models.ForeignKey(
                                editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                            ),
                        ),
                        ("owner", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                        (
                            "partial_by",
                            models.ForeignKey(
                                editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                            ),
                        ),
                        (
                            "retry_of",
                            models.ForeignKey(
                                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="retries", to="releases.releasepackage"
                            ),
                        ),
                        (
                            "window",
                            models.ForeignKey(
                                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="packages", to="windows.releasewindow"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "package",
                        "ordering": ["-created_at", "-id"],
                        "indexes": [
                            models.Index(fields=["state", "-created_at", "-id"], name="releases_package_state"),
                            models.Index(fields=["-created_at", "-id"], name="releases_package_newest"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state__in", ["closed", "cancelled"]), _negated=True), models.Q(("outcome", ""), _negated=True), _connector="OR"
                                ),
                                name="releases_closed_has_outcome",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("window__isnull", False), ("kind", "emergency"), ("state__in", ["draft", "delayed", "cancelled"]), _connector="OR"
                                ),
                                name="releases_planned_has_window",
                            ),
                            models.CheckConstraint(condition=models.Q(("retry_of", models.F("id")), _negated=True), name="releases_retry_of_another"),
                            models.CheckConstraint(
                                condition=models.Q(("go_decision", ""), models.Q(("go_at__isnull", False), ("go_by__isnull", False)), _connector="OR"),
                                name="releases_decision_by_somebody",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PostReview",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("evidence_head", models.BinaryField()),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("numbers", models.JSONField(default=dict, editable=False)),
                        ("went_well", models.TextField(blank=True)),
                        ("went_badly", models.TextField(blank=True)),
                        ("conclusion", models.TextField(blank=True, help_text="What is done differently next time.")),
                        ("concluded_at", models.DateTimeField(editable=False, null=True)),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[("draft", "Draft"), ("completed", "Completed")], default="draft", editable=False, max_length=50, protected=True
                            ),
                        ),
                        (
                            "concluded_by",
                            models.ForeignKey(
                                editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                            ),
                        ),
                        ("owner", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                        (
                            "package",
                            models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="post_review", to="releases.releasepackage"),
                        ),
                    ],
                    options={
                        "verbose_name": "post-implementation review",
                        "ordering": ["-created_at", "-id"],
                    },
                ),
                migrations.CreateModel(
                    name="PackageDependency",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("reason", models.CharField(blank=True, max_length=200)),
                        ("package", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="dependencies", to="releases.releasepackage")),
                        (
                            "predecessor",
                            models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="successors", to="releases.releasepackage"),
                        ),
                    ],
                    options={
                        "verbose_name_plural": "package dependencies",
                        "ordering": ["predecessor__code"],
                        "constraints": [
                            models.UniqueConstraint(fields=("package", "predecessor"), name="releases_package_dependency_once"),
                            models.CheckConstraint(
                                condition=models.Q(("package", models.F("predecessor")), _negated=True), name="releases_package_not_after_itself"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PackageChange",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        (
                            "outcome",
                            models.CharField(
                                blank=True,
                                choices=[("delivered", "Delivered"), ("not_delivered", "Not delivered"), ("failed", "Failed"), ("backed_out", "Backed out")],
                                max_length=20,
                            ),
                        ),
                        ("is_open", models.BooleanField(default=True, editable=False)),
                        ("change", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="memberships", to="changes.changerequest")),
                        ("package", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="members", to="releases.releasepackage")),
                    ],
                    options={
                        "ordering": ["change__code"],
                        "constraints": [
                            models.UniqueConstraint(fields=("package", "change"), name="releases_change_once_in_package"),
                            models.UniqueConstraint(condition=models.Q(("is_open", True)), fields=("change",), name="releases_change_in_one_open_package"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Lesson",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("evidence_head", models.BinaryField()),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("code", models.CharField(editable=False, max_length=20, unique=True)),
                        (
                            "category",
                            models.CharField(
                                choices=[
                                    ("plan", "Plan and durations"),
                                    ("scope", "Scope and completeness"),
                                    ("test", "Test"),
                                    ("backout", "Backout"),
                                    ("people", "People and communication"),
                                    ("technical", "Technical"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("what", models.TextField(help_text="What happened.")),
                        ("why", models.TextField(blank=True, help_text="Why it could happen, as far back as it is known.")),
                        ("action", models.TextField(help_text="What has to be done, so that it is seen when it is done.")),
                        ("due_on", models.DateField(verbose_name="due")),
                        ("plan_template", models.CharField(blank=True, help_text="Code of a plan template that is not used meanwhile.", max_length=20)),
                        ("settled_text", models.TextField(blank=True, editable=False, verbose_name="what was done")),
                        ("settled_at", models.DateTimeField(editable=False, null=True)),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[("open", "Open"), ("done", "Done"), ("dropped", "Dropped")],
                                default="open",
                                editable=False,
                                max_length=50,
                                protected=True,
                            ),
                        ),
                        (
                            "asset",
                            models.ForeignKey(
                                blank=True,
                                help_text="An asset that no other package changes meanwhile.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="inventory.asset",
                            ),
                        ),
                        ("owner", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="lessons", to=settings.AUTH_USER_MODEL)),
                        (
                            "settled_by",
                            models.ForeignKey(
                                editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                            ),
                        ),
                        (
                            "standard_template",
                            models.ForeignKey(
                                blank=True,
                                help_text="A standard change that is not used meanwhile.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="changes.standardtemplate",
                                verbose_name="standard change",
                            ),
                        ),
                        (
                            "window",
                            models.ForeignKey(
                                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="learnt_lessons", to="windows.releasewindow"
                            ),
                        ),
                        (
                            "package",
                            models.ForeignKey(
                                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="learnt_lessons", to="releases.releasepackage"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-created_at", "-id"],
                        "indexes": [models.Index(fields=["state", "due_on"], name="releases_lesson_due")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("package__isnull", False), ("window__isnull", False), _connector="OR"),
                                name="releases_lesson_of_something",
                                violation_error_message="Choose the package or the window that taught it.",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalValidationCheck",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("history_user_id", models.UUIDField(db_index=True, null=True)),
                        ("history_change_reason", models.TextField(null=True)),
                        ("code", models.CharField(max_length=10)),
                        ("title", models.CharField(max_length=160)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("job_rc", "Job return code"),
                                    ("record_count", "Record count"),
                                    ("control_total", "Control total"),
                                    ("online_smoke", "Online smoke test"),
                                    ("sql", "SQL"),
                                    ("file_arrival", "File arrival"),
                                    ("report", "Report"),
                                    ("schedule", "Schedule"),
                                    ("member_footprint", "Member footprint"),
                                    ("performance", "Performance"),
                                    ("manual", "Manual"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("method", models.TextField(blank=True, help_text="Job, SQL or transaction that measures it.")),
                        ("expected_operator", models.CharField(default="=", max_length=20)),
                        ("expected_value", models.CharField(blank=True, max_length=120)),
                        ("baseline", models.CharField(blank=True, help_text="What was measured before.", max_length=120)),
                        ("baseline_source", models.CharField(blank=True, help_text="Where that was measured: job, report, archive.", max_length=120)),
                        (
                            "phase",
                            models.CharField(
                                choices=[
                                    ("pre", "Before"),
                                    ("in_window", "In the window"),
                                    ("go_decision", "For the go decision"),
                                    ("post_backout", "After a backout"),
                                    ("first_cycle", "First cycle"),
                                    ("warranty", "Warranty"),
                                ],
                                default="in_window",
                                max_length=12,
                            ),
                        ),
                        ("mandatory", models.BooleanField(default=True)),
                        ("actual_value", models.CharField(blank=True, editable=False, max_length=120)),
                        ("result_text", models.TextField(blank=True, editable=False)),
                        ("run_at", models.DateTimeField(editable=False, null=True)),
                        ("accepted_reason", models.TextField(blank=True, editable=False)),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[
                                    ("planned", "Planned"),
                                    ("running", "Running"),
                                    ("passed", "Passed"),
                                    ("failed", "Failed"),
                                    ("inconclusive", "Inconclusive"),
                                    ("accepted_deviation", "Deviation accepted"),
                                    ("not_run", "Not run"),
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
                            "accepted_by",
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
                            "activity",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                help_text="The step that has to be done before it can be measured.",
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="releases.activity",
                            ),
                        ),
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
                            "done_by",
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
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "team",
                            models.ForeignKey(
                                blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="accounts.team"
                            ),
                        ),
                        (
                            "window",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="windows.releasewindow",
                            ),
                        ),
                        (
                            "package",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="releases.releasepackage",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical validation check",
                        "verbose_name_plural": "historical validation checks",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalReleasePackage",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("history_user_id", models.UUIDField(db_index=True, null=True)),
                        ("history_change_reason", models.TextField(null=True)),
                        ("code", models.CharField(blank=True, db_index=True, max_length=20)),
                        ("name", models.CharField(max_length=120)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("planned", "Planned"),
                                    ("unplanned", "Unplanned"),
                                    ("emergency", "Emergency"),
                                    ("standard_bundle", "Bundle of standard changes"),
                                ],
                                default="planned",
                                max_length=20,
                            ),
                        ),
                        (
                            "points",
                            models.DecimalField(
                                blank=True,
                                decimal_places=1,
                                help_text="Share of the window's capacity. Left empty, it is computed from the changes.",
                                max_digits=5,
                                validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                            ),
                        ),
                        ("scm_package", models.CharField(blank=True, max_length=60, verbose_name="SCM package")),
                        ("incident_ref", models.CharField(blank=True, max_length=40, verbose_name="incident")),
                        ("risk_band", models.CharField(blank=True, editable=False, max_length=10)),
                        (
                            "health",
                            models.CharField(
                                choices=[("green", "On plan"), ("amber", "At risk"), ("red", "In trouble")], default="green", editable=False, max_length=6
                            ),
                        ),
                        ("gates_met", models.PositiveSmallIntegerField(default=0, editable=False)),
                        ("gates_total", models.PositiveSmallIntegerField(default=0, editable=False)),
                        (
                            "delay_reason",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("not_ready", "Not ready in time"),
                                    ("capacity", "No capacity"),
                                    ("conflict", "Conflict with another package"),
                                    ("business", "Asked for by the business"),
                                    ("technical", "Technical problem"),
                                    ("no_go", "No-go"),
                                    ("window_cancelled", "Window cancelled"),
                                ],
                                editable=False,
                                max_length=20,
                            ),
                        ),
                        ("delay_text", models.TextField(blank=True, editable=False)),
                        ("delay_count", models.PositiveSmallIntegerField(default=0, editable=False)),
                        (
                            "outcome",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("completed", "Completed"),
                                    ("partially_completed", "Partially completed"),
                                    ("failed", "Failed"),
                                    ("backed_out", "Backed out"),
                                    ("delayed", "Delayed"),
                                    ("cancelled", "Cancelled"),
                                ],
                                editable=False,
                                max_length=20,
                            ),
                        ),
                        ("lessons", models.TextField(blank=True, editable=False)),
                        (
                            "failure_code",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("activity", "A step failed"),
                                    ("validation", "Validation failed"),
                                    ("time", "Out of time"),
                                    ("environment", "Environment"),
                                    ("human_error", "Human error"),
                                    ("backout", "The backout failed"),
                                ],
                                editable=False,
                                max_length=20,
                            ),
                        ),
                        ("failure_text", models.TextField(blank=True, editable=False)),
                        ("failed_at", models.DateTimeField(editable=False, help_text="From when on its decision is waited for.", null=True)),
                        (
                            "go_decision",
                            models.CharField(blank=True, choices=[("go", "Go"), ("no_go", "No-go"), ("partial", "Partial")], editable=False, max_length=10),
                        ),
                        ("go_at", models.DateTimeField(editable=False, null=True)),
                        ("go_reason", models.TextField(blank=True, editable=False)),
                        ("partial_role", models.CharField(blank=True, editable=False, max_length=30)),
                        ("partial_at", models.DateTimeField(editable=False, null=True)),
                        ("partial_delivered", models.JSONField(default=list, editable=False)),
                        ("baseline", models.JSONField(default=dict, editable=False)),
                        ("content_digest", models.CharField(blank=True, editable=False, max_length=64)),
                        ("started_at", models.DateTimeField(editable=False, null=True)),
                        ("ended_at", models.DateTimeField(editable=False, null=True)),
                        ("warranty_until", models.DateTimeField(editable=False, null=True)),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[
                                    ("draft", "Draft"),
                                    ("planned", "Planned"),
                                    ("ready", "Ready"),
                                    ("in_progress", "In progress"),
                                    ("validating", "Validating"),
                                    ("completed", "Completed"),
                                    ("partially_completed", "Partially completed"),
                                    ("failed", "Failed"),
                                    ("backing_out", "Backing out"),
                                    ("backed_out", "Backed out"),
                                    ("delayed", "Delayed"),
                                    ("cancelled", "Cancelled"),
                                    ("closed", "Closed"),
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
                            "coordinator",
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
                            "go_by",
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
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "partial_by",
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
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="windows.releasewindow",
                            ),
                        ),
                        (
                            "retry_of",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="releases.releasepackage",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical package",
                        "verbose_name_plural": "historical packages",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalRehearsal",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("history_user_id", models.UUIDField(db_index=True, null=True)),
                        ("history_change_reason", models.TextField(null=True)),
                        ("environment", models.CharField(help_text="Where it is tried, such as UAT.", max_length=40)),
                        ("content_digest", models.CharField(blank=True, editable=False, max_length=64)),
                        ("started_at", models.DateTimeField(editable=False, null=True)),
                        ("ended_at", models.DateTimeField(editable=False, null=True)),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[("planned", "Planned"), ("in_progress", "In progress"), ("completed", "Completed"), ("cancelled", "Given up")],
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
                            "led_by",
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
                            "package",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="releases.releasepackage",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical rehearsal",
                        "verbose_name_plural": "historical rehearsals",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalPostReview",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("history_user_id", models.UUIDField(db_index=True, null=True)),
                        ("history_change_reason", models.TextField(null=True)),
                        ("numbers", models.JSONField(default=dict, editable=False)),
                        ("went_well", models.TextField(blank=True)),
                        ("went_badly", models.TextField(blank=True)),
                        ("conclusion", models.TextField(blank=True, help_text="What is done differently next time.")),
                        ("concluded_at", models.DateTimeField(editable=False, null=True)),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[("draft", "Draft"), ("completed", "Completed")], default="draft", editable=False, max_length=50, protected=True
                            ),
                        ),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_type", models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1)),
                        (
                            "concluded_by",
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
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "package",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="releases.releasepackage",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical post-implementation review",
                        "verbose_name_plural": "historical post-implementation reviews",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalLesson",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("history_user_id", models.UUIDField(db_index=True, null=True)),
                        ("history_change_reason", models.TextField(null=True)),
                        ("code", models.CharField(db_index=True, editable=False, max_length=20)),
                        (
                            "category",
                            models.CharField(
                                choices=[
                                    ("plan", "Plan and durations"),
                                    ("scope", "Scope and completeness"),
                                    ("test", "Test"),
                                    ("backout", "Backout"),
                                    ("people", "People and communication"),
                                    ("technical", "Technical"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("what", models.TextField(help_text="What happened.")),
                        ("why", models.TextField(blank=True, help_text="Why it could happen, as far back as it is known.")),
                        ("action", models.TextField(help_text="What has to be done, so that it is seen when it is done.")),
                        ("due_on", models.DateField(verbose_name="due")),
                        ("plan_template", models.CharField(blank=True, help_text="Code of a plan template that is not used meanwhile.", max_length=20)),
                        ("settled_text", models.TextField(blank=True, editable=False, verbose_name="what was done")),
                        ("settled_at", models.DateTimeField(editable=False, null=True)),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[("open", "Open"), ("done", "Done"), ("dropped", "Dropped")],
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
                            "asset",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                help_text="An asset that no other package changes meanwhile.",
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="inventory.asset",
                            ),
                        ),
                        (
                            "owner",
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
                            "settled_by",
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
                                help_text="A standard change that is not used meanwhile.",
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="changes.standardtemplate",
                                verbose_name="standard change",
                            ),
                        ),
                        (
                            "window",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="windows.releasewindow",
                            ),
                        ),
                        (
                            "package",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="releases.releasepackage",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical lesson",
                        "verbose_name_plural": "historical lessons",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalHandover",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("history_user_id", models.UUIDField(db_index=True, null=True)),
                        ("history_change_reason", models.TextField(null=True)),
                        ("title", models.CharField(max_length=160)),
                        ("open_items", models.TextField(help_text="What is still open, and what to watch.")),
                        ("due_at", models.DateTimeField(help_text="By when it has to be taken over.", verbose_name="due")),
                        ("answered_at", models.DateTimeField(editable=False, null=True)),
                        ("returned_reason", models.TextField(blank=True, editable=False)),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[("offered", "Offered"), ("accepted", "Accepted"), ("returned", "Returned")],
                                default="offered",
                                editable=False,
                                max_length=50,
                                protected=True,
                            ),
                        ),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_type", models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1)),
                        (
                            "answered_by",
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
                            "giver",
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
                            "giving_team",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                help_text="For which team it is given.",
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="accounts.team",
                            ),
                        ),
                        (
                            "receiver",
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
                            "receiving_team",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                help_text="Anybody of it may accept.",
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="accounts.team",
                            ),
                        ),
                        (
                            "window",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="windows.releasewindow",
                            ),
                        ),
                        (
                            "package",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="releases.releasepackage",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical handover",
                        "verbose_name_plural": "historical handovers",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalCommunication",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("history_user_id", models.UUIDField(db_index=True, null=True)),
                        ("history_change_reason", models.TextField(null=True)),
                        ("audience", models.CharField(help_text="Who is told.", max_length=120)),
                        (
                            "channel",
                            models.CharField(
                                choices=[
                                    ("mail", "Mail"),
                                    ("chat", "Chat"),
                                    ("phone", "Phone"),
                                    ("bridge", "Bridge"),
                                    ("status_page", "Status page"),
                                    ("other", "Other"),
                                ],
                                default="mail",
                                max_length=12,
                            ),
                        ),
                        ("title", models.CharField(max_length=160)),
                        ("text", models.TextField(help_text="What they are told.")),
                        ("due_at", models.DateTimeField(verbose_name="due")),
                        ("sent_at", models.DateTimeField(editable=False, null=True)),
                        ("dropped_reason", models.TextField(blank=True, editable=False)),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[("planned", "Planned"), ("sent", "Sent"), ("dropped", "Not needed")],
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
                            "owner",
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
                            "sent_by",
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
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="windows.releasewindow",
                            ),
                        ),
                        (
                            "package",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="releases.releasepackage",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical communication",
                        "verbose_name_plural": "historical communications",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalBackoutPlan",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("history_user_id", models.UUIDField(db_index=True, null=True)),
                        ("history_change_reason", models.TextField(null=True)),
                        (
                            "strategy",
                            models.CharField(
                                choices=[
                                    ("scm_backout", "Backout by the source code manager"),
                                    ("restore_members", "Restore members"),
                                    ("rebind_switch_previous", "Rebind, switch to the previous package"),
                                    ("recover_db2_to_copy", "Recover Db2 to the image copy"),
                                    ("restore_vsam", "Restore VSAM files"),
                                    ("ims_online_change_abort", "Abort the IMS online change"),
                                    ("fix_forward", "Fix forward"),
                                    ("none", "None possible"),
                                ],
                                max_length=30,
                            ),
                        ),
                        ("trigger_criteria", models.TextField(help_text="What is measured, and the value from which on the package is taken back.")),
                        ("verification", models.TextField(blank=True, help_text="How people see that it worked.")),
                        ("restore_points", models.TextField(blank=True, help_text="Image copies, backups and archive libraries to return to.")),
                        (
                            "data_written",
                            models.CharField(
                                choices=[("none", "No data is written"), ("recoverable", "Written data can be recovered"), ("lost", "Written data is lost")],
                                default="none",
                                max_length=12,
                                verbose_name="data written after go-live",
                            ),
                        ),
                        ("rehearsed_at", models.DateTimeField(editable=False, null=True)),
                        ("rehearsed_in", models.CharField(blank=True, editable=False, max_length=40)),
                        ("content_digest", models.CharField(blank=True, editable=False, max_length=64)),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[
                                    ("draft", "Draft"),
                                    ("reviewed", "Reviewed"),
                                    ("rehearsed", "Rehearsed"),
                                    ("approved", "Approved"),
                                    ("triggered", "Triggered"),
                                    ("executing", "Executing"),
                                    ("restored", "Restored"),
                                    ("verified", "Verified"),
                                    ("failed", "Failed"),
                                    ("invalid", "Invalid"),
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
                            "decision_owner",
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
                            "reviewed_by",
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
                            "package",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="releases.releasepackage",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical backout plan",
                        "verbose_name_plural": "historical backout plans",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalActivity",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("history_user_id", models.UUIDField(db_index=True, null=True)),
                        ("history_change_reason", models.TextField(null=True)),
                        ("label", models.CharField(help_text='Its short name in the plan, such as "A3".', max_length=10)),
                        ("title", models.CharField(max_length=160)),
                        ("instruction", models.TextField(blank=True, help_text="The exact command or member.")),
                        (
                            "duration_minutes",
                            models.PositiveSmallIntegerField(
                                validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(1440)],
                                verbose_name="duration (minutes)",
                            ),
                        ),
                        ("planned_start_at", models.DateTimeField(blank=True, null=True)),
                        ("planned_end_at", models.DateTimeField(blank=True, null=True)),
                        ("not_before_at", models.DateTimeField(blank=True, null=True, verbose_name="not before")),
                        ("exclusive", models.BooleanField(default=False, editable=False)),
                        ("mandatory", models.BooleanField(default=True)),
                        ("hold_point", models.BooleanField(default=False, help_text="It waits until the coordinator releases it.")),
                        ("hold_released", models.BooleanField(default=False, editable=False)),
                        ("irreversible", models.BooleanField(default=False)),
                        ("four_eyes", models.BooleanField(default=False, help_text="A second person verifies it before it completes.")),
                        ("is_backout", models.BooleanField(default=False)),
                        ("expected_result", models.CharField(blank=True, max_length=200)),
                        (
                            "max_rc",
                            models.PositiveSmallIntegerField(
                                blank=True, null=True, validators=[django.core.validators.MaxValueValidator(4095)], verbose_name="highest return code"
                            ),
                        ),
                        ("percent", models.PositiveSmallIntegerField(default=0, editable=False)),
                        ("acknowledged_at", models.DateTimeField(editable=False, null=True)),
                        ("started_at", models.DateTimeField(editable=False, null=True)),
                        ("ended_at", models.DateTimeField(editable=False, null=True)),
                        ("recorded_start_at", models.DateTimeField(editable=False, null=True)),
                        ("recorded_end_at", models.DateTimeField(editable=False, null=True)),
                        ("rc", models.PositiveSmallIntegerField(editable=False, null=True, verbose_name="return code")),
                        ("result_text", models.TextField(blank=True, editable=False)),
                        ("failure_code", models.CharField(blank=True, editable=False, max_length=20)),
                        ("deviation_reason", models.TextField(blank=True, editable=False)),
                        ("attempts", models.PositiveSmallIntegerField(default=0, editable=False)),
                        ("let_start_reason", models.TextField(blank=True, editable=False)),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[
                                    ("planned", "Planned"),
                                    ("ready", "Ready"),
                                    ("in_progress", "In progress"),
                                    ("paused", "Paused"),
                                    ("completed", "Completed"),
                                    ("failed", "Failed"),
                                    ("skipped", "Skipped"),
                                    ("backed_out", "Backed out"),
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
                            "deputy",
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
                            "deviation_accepted_by",
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
                            "done_by",
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
                            "let_start_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                editable=False,
                                help_text="Who let it start outside its window, or after no return.",
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
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "reverses",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="releases.activity",
                            ),
                        ),
                        (
                            "subsystem",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="inventory.subsystem",
                            ),
                        ),
                        (
                            "team",
                            models.ForeignKey(
                                blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="accounts.team"
                            ),
                        ),
                        (
                            "type",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="releases.activitytype",
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
                        (
                            "window",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                help_text="For a step that all packages of the window share.",
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="windows.releasewindow",
                            ),
                        ),
                        (
                            "template",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                editable=False,
                                help_text="The version of the plan template that it was made from.",
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="releases.plantemplate",
                            ),
                        ),
                        (
                            "package",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="releases.releasepackage",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical activity",
                        "verbose_name_plural": "historical activities",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Handover",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("evidence_head", models.BinaryField()),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("title", models.CharField(max_length=160)),
                        ("open_items", models.TextField(help_text="What is still open, and what to watch.")),
                        ("due_at", models.DateTimeField(help_text="By when it has to be taken over.", verbose_name="due")),
                        ("answered_at", models.DateTimeField(editable=False, null=True)),
                        ("returned_reason", models.TextField(blank=True, editable=False)),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[("offered", "Offered"), ("accepted", "Accepted"), ("returned", "Returned")],
                                default="offered",
                                editable=False,
                                max_length=50,
                                protected=True,
                            ),
                        ),
                        (
                            "answered_by",
                            models.ForeignKey(
                                editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                            ),
                        ),
                        (
                            "giver",
                            models.ForeignKey(
                                editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="given_handovers", to=settings.AUTH_USER_MODEL
                            ),
                        ),
                        (
                            "giving_team",
                            models.ForeignKey(
                                blank=True,
                                help_text="For which team it is given.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.team",
                            ),
                        ),
                        (
                            "receiver",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="received_handovers",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "receiving_team",
                            models.ForeignKey(
                                blank=True,
                                help_text="Anybody of it may accept.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="handovers",
                                to="accounts.team",
                            ),
                        ),
                        (
                            "window",
                            models.ForeignKey(
                                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="handovers", to="windows.releasewindow"
                            ),
                        ),
                        (
                            "package",
                            models.ForeignKey(
                                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="handovers", to="releases.releasepackage"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["due_at", "id"],
                        "indexes": [models.Index(fields=["state", "due_at"], name="releases_handover_due")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("package__isnull", False), ("window__isnull", True)),
                                    models.Q(("package__isnull", True), ("window__isnull", False)),
                                    _connector="OR",
                                ),
                                name="releases_handover_of_package_or_window",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("receiver__isnull", False), ("receiving_team__isnull", False), _connector="OR"),
                                name="releases_handover_has_a_receiver",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "accepted"), _negated=True),
                                    models.Q(("answered_by__isnull", False), models.Q(("answered_by", models.F("giver")), _negated=True)),
                                    _connector="OR",
                                ),
                                name="releases_handover_is_accepted_by_another",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="GoNoGoLine",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("decision", models.CharField(choices=[("go", "Go"), ("no_go", "No-go"), ("partial", "Partial")], max_length=10)),
                        ("reason", models.TextField(blank=True)),
                        ("delivered", models.JSONField(default=list, help_text="Of a part: the codes of its changes.")),
                        ("go_no_go", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="releases.gonogo")),
                        (
                            "package",
                            models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="decision_lines", to="releases.releasepackage"),
                        ),
                    ],
                    options={
                        "ordering": ["package__code"],
                        "default_permissions": ("view",),
                        "constraints": [models.UniqueConstraint(fields=("go_no_go", "package"), name="releases_decided_once_in_decision")],
                    },
                ),
                migrations.CreateModel(
                    name="Communication",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("evidence_head", models.BinaryField()),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("audience", models.CharField(help_text="Who is told.", max_length=120)),
                        (
                            "channel",
                            models.CharField(
                                choices=[
                                    ("mail", "Mail"),
                                    ("chat", "Chat"),
                                    ("phone", "Phone"),
                                    ("bridge", "Bridge"),
                                    ("status_page", "Status page"),
                                    ("other", "Other"),
                                ],
                                default="mail",
                                max_length=12,
                            ),
                        ),
                        ("title", models.CharField(max_length=160)),
                        ("text", models.TextField(help_text="What they are told.")),
                        ("due_at", models.DateTimeField(verbose_name="due")),
                        ("sent_at", models.DateTimeField(editable=False, null=True)),
                        ("dropped_reason", models.TextField(blank=True, editable=False)),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[("planned", "Planned"), ("sent", "Sent"), ("dropped", "Not needed")],
                                default="planned",
                                editable=False,
                                max_length=50,
                                protected=True,
                            ),
                        ),
                        ("owner", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="communications", to=settings.AUTH_USER_MODEL)),
                        (
                            "sent_by",
                            models.ForeignKey(
                                editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                            ),
                        ),
                        (
                            "window",
                            models.ForeignKey(
                                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="communications", to="windows.releasewindow"
                            ),
                        ),
                        (
                            "package",
                            models.ForeignKey(
                                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="communications", to="releases.releasepackage"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["due_at", "id"],
                        "indexes": [models.Index(fields=["state", "due_at"], name="releases_communication_due")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("package__isnull", False), ("window__isnull", True)),
                                    models.Q(("package__isnull", True), ("window__isnull", False)),
                                    _connector="OR",
                                ),
                                name="releases_communication_of_package_or_window",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "sent"), _negated=True),
                                    models.Q(("sent_at__isnull", False), ("sent_by__isnull", False)),
                                    _connector="OR",
                                ),
                                name="releases_sent_communication_tells_by_whom",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="BackoutPlan",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("evidence_head", models.BinaryField()),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        (
                            "strategy",
                            models.CharField(
                                choices=[
                                    ("scm_backout", "Backout by the source code manager"),
                                    ("restore_members", "Restore members"),
                                    ("rebind_switch_previous", "Rebind, switch to the previous package"),
                                    ("recover_db2_to_copy", "Recover Db2 to the image copy"),
                                    ("restore_vsam", "Restore VSAM files"),
                                    ("ims_online_change_abort", "Abort the IMS online change"),
                                    ("fix_forward", "Fix forward"),
                                    ("none", "None possible"),
                                ],
                                max_length=30,
                            ),
                        ),
                        ("trigger_criteria", models.TextField(help_text="What is measured, and the value from which on the package is taken back.")),
                        ("verification", models.TextField(blank=True, help_text="How people see that it worked.")),
                        ("restore_points", models.TextField(blank=True, help_text="Image copies, backups and archive libraries to return to.")),
                        (
                            "data_written",
                            models.CharField(
                                choices=[("none", "No data is written"), ("recoverable", "Written data can be recovered"), ("lost", "Written data is lost")],
                                default="none",
                                max_length=12,
                                verbose_name="data written after go-live",
                            ),
                        ),
                        ("rehearsed_at", models.DateTimeField(editable=False, null=True)),
                        ("rehearsed_in", models.CharField(blank=True, editable=False, max_length=40)),
                        ("content_digest", models.CharField(blank=True, editable=False, max_length=64)),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[
                                    ("draft", "Draft"),
                                    ("reviewed", "Reviewed"),
                                    ("rehearsed", "Rehearsed"),
                                    ("approved", "Approved"),
                                    ("triggered", "Triggered"),
                                    ("executing", "Executing"),
                                    ("restored", "Restored"),
                                    ("verified", "Verified"),
                                    ("failed", "Failed"),
                                    ("invalid", "Invalid"),
                                ],
                                default="draft",
                                editable=False,
                                max_length=50,
                                protected=True,
                            ),
                        ),
                        (
                            "approved_by",
                            models.ForeignKey(
                                editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                            ),
                        ),
                        ("decision_owner", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                        (
                            "reviewed_by",
                            models.ForeignKey(
                                editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                            ),
                        ),
                        (
                            "package",
                            models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="backout_plan", to="releases.releasepackage"),
                        ),
                    ],
                    options={
                        "verbose_name": "backout plan",
                        "ordering": ["package__code"],
                    },
                ),
                migrations.CreateModel(
                    name="Rule",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("evidence_head", models.BinaryField()),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("code", models.CharField(editable=False, max_length=4, unique=True)),
                        (
                            "kind",
                            models.CharField(
                                choices=[("completeness", "Completeness"), ("conflict", "Conflict"), ("ordering", "Order")], editable=False, max_length=12
                            ),
                        ),
                        ("title", models.CharField(max_length=80)),
                        ("condition", models.TextField(help_text="When the rule is asked.", verbose_name="if")),
                        ("requirement", models.TextField(help_text="What has to hold.", verbose_name="then")),
                        ("symptom", models.TextField(blank=True, help_text="What happens at night when it does not.")),
                        (
                            "severity",
                            models.CharField(
                                choices=[("hard", "Hard"), ("soft", "Soft"), ("info", "Info")],
                                help_text="Hard is resolved only when its rule is silent, soft asks somebody to look.",
                                max_length=4,
                            ),
                        ),
                        ("waivable_by", models.CharField(blank=True, help_text="Who may let it pass; empty: nobody.", max_length=120)),
                        (
                            "narrowed_to",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("package", "Steps of one package"),
                                    ("asset", "Steps on the same asset"),
                                    ("related", "Steps on related assets"),
                                    ("region", "Steps on the same subsystem"),
                                ],
                                help_text="Of a rule of order: where alone it holds. Empty: as delivered.",
                                max_length=8,
                            ),
                        ),
                        ("is_active", models.BooleanField(default=True, help_text="A rule that is not active finds nothing.", verbose_name="active")),
                    ],
                    options={
                        "ordering": ["code"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("narrowed_to", ""), ("kind", "ordering"), _connector="OR"), name="releases_order_is_narrowed"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("kind", "ordering"), ("severity", "info"), _negated=True), name="releases_order_is_hard_or_soft"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalFinding",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("history_user_id", models.UUIDField(db_index=True, null=True)),
                        ("history_change_reason", models.TextField(null=True)),
                        ("key", models.CharField(db_index=True, editable=False, max_length=40)),
                        ("remark", models.TextField(blank=True, editable=False, help_text="Why it was acknowledged, or how it was resolved.")),
                        ("first_detected_at", models.DateTimeField(editable=False)),
                        ("severity", models.CharField(choices=[("hard", "Hard"), ("soft", "Soft"), ("info", "Info")], editable=False, max_length=4)),
                        ("text", models.TextField(editable=False)),
                        ("fixes", models.JSONField(default=list, editable=False)),
                        ("facts", models.JSONField(default=dict, editable=False)),
                        ("asset_count", models.PositiveIntegerField(default=0, editable=False)),
                        ("rule_version", models.PositiveIntegerField(default=1, editable=False)),
                        ("is_detected", models.BooleanField(default=True, editable=False)),
                        ("last_seen_at", models.DateTimeField(editable=False)),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[("open", "Open"), ("acknowledged", "Acknowledged"), ("resolved", "Resolved"), ("vanished", "Vanished")],
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
                            "owner",
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
                            "rule",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="releases.rule",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical finding",
                        "verbose_name_plural": "historical findings",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Finding",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("evidence_head", models.BinaryField()),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("key", models.CharField(editable=False, max_length=40, unique=True)),
                        ("remark", models.TextField(blank=True, editable=False, help_text="Why it was acknowledged, or how it was resolved.")),
                        ("first_detected_at", models.DateTimeField(editable=False)),
                        ("severity", models.CharField(choices=[("hard", "Hard"), ("soft", "Soft"), ("info", "Info")], editable=False, max_length=4)),
                        ("text", models.TextField(editable=False)),
                        ("fixes", models.JSONField(default=list, editable=False)),
                        ("facts", models.JSONField(default=dict, editable=False)),
                        ("asset_count", models.PositiveIntegerField(default=0, editable=False)),
                        ("rule_version", models.PositiveIntegerField(default=1, editable=False)),
                        ("is_detected", models.BooleanField(default=True, editable=False)),
                        ("last_seen_at", models.DateTimeField(editable=False)),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[("open", "Open"), ("acknowledged", "Acknowledged"), ("resolved", "Resolved"), ("vanished", "Vanished")],
                                default="open",
                                editable=False,
                                max_length=50,
                                protected=True,
                            ),
                        ),
                        ("assets", models.ManyToManyField(editable=False, related_name="findings", to="inventory.asset")),
                        ("changes", models.ManyToManyField(editable=False, related_name="findings", to="changes.changerequest")),
                        (
                            "owner",
                            models.ForeignKey(
                                editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="findings", to=settings.AUTH_USER_MODEL
                            ),
                        ),
                        ("packages", models.ManyToManyField(editable=False, related_name="findings", to="releases.releasepackage")),
                        ("rule", models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="findings", to="releases.rule")),
                    ],
                    options={
                        "ordering": ["-first_detected_at", "-id"],
                        "indexes": [
                            models.Index(fields=["state", "-first_detected_at", "-id"], name="releases_finding_state"),
                            models.Index(fields=["rule", "state"], name="releases_finding_rule"),
                            models.Index(fields=["owner", "state"], name="releases_finding_owner"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RunIssue",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("evidence_head", models.BinaryField()),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("title", models.CharField(max_length=160)),
                        ("detail", models.TextField(blank=True, help_text="Message, job, what was tried.")),
                        (
                            "severity",
                            models.CharField(
                                choices=[("stops", "Stops the night"), ("hinders", "Hinders"), ("note", "Worth knowing")], default="hinders", max_length=8
                            ),
                        ),
                        ("resolution", models.TextField(blank=True, editable=False)),
                        ("resolved_at", models.DateTimeField(editable=False, null=True)),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[("open", "Open"), ("resolved", "Resolved")], default="open", editable=False, max_length=50, protected=True
                            ),
                        ),
                        (
                            "owner",
                            models.ForeignKey(
                                blank=True,
                                help_text="Who sees to it. Empty: the coordinator of the window.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="run_issues",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "raised_by",
                            models.ForeignKey(
                                editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                            ),
                        ),
                        (
                            "step",
                            models.ForeignKey(
                                blank=True,
                                help_text="The step in which it came up, if it was one.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="run_issues",
                                to="releases.activity",
                            ),
                        ),
                        ("window", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="run_issues", to="windows.releasewindow")),
                    ],
                    options={
                        "ordering": ["-created_at", "-id"],
                        "indexes": [models.Index(fields=["window", "state"], name="releases_issue_window")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("state", "open"), models.Q(("resolution", ""), _negated=True), _connector="OR"),
                                name="releases_issue_resolved_somehow",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Simulation",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("evidence_head", models.BinaryField()),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        (
                            "seed",
                            models.PositiveIntegerField(
                                default=1,
                                help_text="With the same seed the same numbers come out.",
                                validators=[django.core.validators.MaxValueValidator(2147483647)],
                            ),
                        ),
                        (
                            "trials",
                            models.PositiveIntegerField(
                                default=2000,
                                help_text="How often the night is run.",
                                validators=[django.core.validators.MinValueValidator(100), django.core.validators.MaxValueValidator(20000)],
                            ),
                        ),
                        ("inputs", models.JSONField(editable=False)),
                        ("inputs_digest", models.CharField(editable=False, max_length=64)),
                        ("outcome", models.JSONField(editable=False)),
                        (
                            "simulated_by",
                            models.ForeignKey(
                                editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                            ),
                        ),
                        ("window", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="simulations", to="windows.releasewindow")),
                    ],
                    options={
                        "ordering": ["-created_at", "-id"],
                        "default_permissions": ("view",),
                        "indexes": [models.Index(fields=["window", "-created_at"], name="releases_simulation_window")],
                    },
                ),
                migrations.CreateModel(
                    name="TemplateParameter",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("position", models.PositiveSmallIntegerField(default=1)),
                        (
                            "name",
                            models.CharField(
                                max_length=30,
                                validators=[
                                    django.core.validators.RegexValidator("^[a-z][a-z0-9_]{0,29}$", "Lower case letters, digits and _, such as region.")
                                ],
                            ),
                        ),
                        ("label", models.CharField(max_length=60)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("name8", "Name of up to 8 characters"),
                                    ("choice", "One of several"),
                                    ("region", "CICS region"),
                                    ("number", "Whole number"),
                                ],
                                default="name8",
                                max_length=8,
                            ),
                        ),
                        ("choices", models.CharField(blank=True, help_text="Of a choice: what there is, with commas between.", max_length=300)),
                        ("is_required", models.BooleanField(default=True, verbose_name="required")),
                        ("default", models.CharField(blank=True, max_length=60)),
                        ("template", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="parameters", to="releases.plantemplate")),
                    ],
                    options={
                        "ordering": ["position", "name"],
                        "constraints": [models.UniqueConstraint(fields=("template", "name"), name="releases_parameter_once")],
                    },
                ),
                migrations.CreateModel(
                    name="TemplateStep",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("position", models.PositiveSmallIntegerField(default=1)),
                        (
                            "label",
                            models.CharField(
                                max_length=10,
                                validators=[django.core.validators.RegexValidator("^[A-Z]{1,4}[0-9]{1,4}(-R)?$", "Letters and a number, such as A1.")],
                            ),
                        ),
                        ("title", models.CharField(help_text="{name} stands for a parameter.", max_length=160)),
                        ("instruction", models.TextField(blank=True, help_text="The exact command, with {name}.")),
                        (
                            "duration_minutes",
                            models.PositiveSmallIntegerField(
                                validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(1440)],
                                verbose_name="duration (minutes)",
                            ),
                        ),
                        ("after", models.CharField(blank=True, help_text="Labels of steps it waits for, with blanks between.", max_length=120)),
                        ("reverses", models.CharField(blank=True, help_text="Of a backout step: the label of what it takes back.", max_length=10)),
                        (
                            "max_rc",
                            models.PositiveSmallIntegerField(
                                blank=True, null=True, validators=[django.core.validators.MaxValueValidator(4095)], verbose_name="highest return code"
                            ),
                        ),
                        ("four_eyes", models.BooleanField(default=False)),
                        ("team", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.team")),
                        ("template", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="steps", to="releases.plantemplate")),
                        ("type", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="releases.activitytype")),
                    ],
                    options={
                        "ordering": ["position", "label"],
                        "constraints": [models.UniqueConstraint(fields=("template", "label"), name="releases_template_label")],
                    },
                ),
                migrations.CreateModel(
                    name="ValidationCheck",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("evidence_head", models.BinaryField()),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("code", models.CharField(max_length=10)),
                        ("title", models.CharField(max_length=160)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("job_rc", "Job return code"),
                                    ("record_count", "Record count"),
                                    ("control_total", "Control total"),
                                    ("online_smoke", "Online smoke test"),
                                    ("sql", "SQL"),
                                    ("file_arrival", "File arrival"),
                                    ("report", "Report"),
                                    ("schedule", "Schedule"),
                                    ("member_footprint", "Member footprint"),
                                    ("performance", "Performance"),
                                    ("manual", "Manual"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("method", models.TextField(blank=True, help_text="Job, SQL or transaction that measures it.")),
                        ("expected_operator", models.CharField(default="=", max_length=20)),
                        ("expected_value", models.CharField(blank=True, max_length=120)),
                        ("baseline", models.CharField(blank=True, help_text="What was measured before.", max_length=120)),
                        ("baseline_source", models.CharField(blank=True, help_text="Where that was measured: job, report, archive.", max_length=120)),
                        (
                            "phase",
                            models.CharField(
                                choices=[
                                    ("pre", "Before"),
                                    ("in_window", "In the window"),
                                    ("go_decision", "For the go decision"),
                                    ("post_backout", "After a backout"),
                                    ("first_cycle", "First cycle"),
                                    ("warranty", "Warranty"),
                                ],
                                default="in_window",
                                max_length=12,
                            ),
                        ),
                        ("mandatory", models.BooleanField(default=True)),
                        ("actual_value", models.CharField(blank=True, editable=False, max_length=120)),
                        ("result_text", models.TextField(blank=True, editable=False)),
                        ("run_at", models.DateTimeField(editable=False, null=True)),
                        ("accepted_reason", models.TextField(blank=True, editable=False)),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[
                                    ("planned", "Planned"),
                                    ("running", "Running"),
                                    ("passed", "Passed"),
                                    ("failed", "Failed"),
                                    ("inconclusive", "Inconclusive"),
                                    ("accepted_deviation", "Deviation accepted"),
                                    ("not_run", "Not run"),
                                ],
                                default="planned",
                                editable=False,
                                max_length=50,
                                protected=True,
                            ),
                        ),
                        (
                            "accepted_by",
                            models.ForeignKey(
                                editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                            ),
                        ),
                        (
                            "activity",
                            models.ForeignKey(
                                blank=True,
                                help_text="The step that has to be done before it can be measured.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="checks",
                                to="releases.activity",
                            ),
                        ),
                        (
                            "change",
                            models.ForeignKey(
                                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="checks", to="changes.changerequest"
                            ),
                        ),
                        (
                            "done_by",
                            models.ForeignKey(
                                editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                            ),
                        ),
                        (
                            "owner",
                            models.ForeignKey(
                                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="owned_checks", to=settings.AUTH_USER_MODEL
                            ),
                        ),
                        (
                            "package",
                            models.ForeignKey(
                                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="checks", to="releases.releasepackage"
                            ),
                        ),
                        ("team", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="checks", to="accounts.team")),
                        (
                            "window",
                            models.ForeignKey(
                                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="checks", to="windows.releasewindow"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "validation check",
                        "ordering": ["phase", "code"],
                        "indexes": [models.Index(fields=["team", "state"], name="releases_check_team")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("package__isnull", False), ("window__isnull", True)),
                                    models.Q(("package__isnull", True), ("window__isnull", False)),
                                    _connector="OR",
                                ),
                                name="releases_check_of_package_or_window",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "accepted_deviation"), _negated=True),
                                    models.Q(("accepted_by__isnull", False), models.Q(("kind", "control_total"), _negated=True)),
                                    _connector="OR",
                                ),
                                name="releases_deviation_accepted_by_somebody",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("package__isnull", False)), fields=("package", "code"), name="releases_check_once_in_package"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("window__isnull", False)), fields=("window", "code"), name="releases_check_once_in_window"
                            ),
                        ],
                    },
                ),
            ],
        ),
    ]
