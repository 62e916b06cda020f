import apps.core.ids
import django.contrib.auth.models
import django.contrib.auth.validators
import django.db.models.deletion
import django.utils.timezone
import simple_history.models
from django.conf import settings
from django.db import migrations, models

from apps.core.schema import CreateTogether


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        CreateTogether(
            [
                migrations.CreateModel(
                    name="HistoricalTeam",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("history_user_id", models.UUIDField(db_index=True, null=True)),
                        ("history_change_reason", models.TextField(null=True)),
                        ("code", models.CharField(db_index=True, max_length=12)),
                        ("name", models.CharField(max_length=80)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("application", "Application"),
                                    ("operations", "Operations"),
                                    ("infrastructure", "Infrastructure"),
                                    ("validation", "Validation"),
                                    ("governance", "Governance"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("capacity", models.PositiveSmallIntegerField(default=1, help_text="People available at the same time.")),
                        ("contact", models.CharField(blank=True, max_length=120)),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_type", models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1)),
                    ],
                    options={
                        "verbose_name": "historical team",
                        "verbose_name_plural": "historical teams",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Team",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("evidence_head", models.BinaryField()),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("code", models.CharField(max_length=12, unique=True)),
                        ("name", models.CharField(max_length=80)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("application", "Application"),
                                    ("operations", "Operations"),
                                    ("infrastructure", "Infrastructure"),
                                    ("validation", "Validation"),
                                    ("governance", "Governance"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("capacity", models.PositiveSmallIntegerField(default=1, help_text="People available at the same time.")),
                        ("contact", models.CharField(blank=True, max_length=120)),
                    ],
                    options={
                        "ordering": ["code"],
                    },
                ),
                migrations.CreateModel(
                    name="User",
                    fields=[
                        ("password", models.CharField(max_length=128, verbose_name="password")),
                        ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                        (
                            "is_superuser",
                            models.BooleanField(
                                default=False,
                                help_text="Designates that this user has all permissions without explicitly assigning them.",
                                verbose_name="superuser status",
                            ),
                        ),
                        (
                            "username",
                            models.CharField(
                                error_messages={"unique": "A user with that username already exists."},
                                help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                                max_length=150,
                                unique=True,
                                validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
                                verbose_name="username",
                            ),
                        ),
                        ("first_name", models.CharField(blank=True, max_length=150, verbose_name="first name")),
                        ("last_name", models.CharField(blank=True, max_length=150, verbose_name="last name")),
                        ("email", models.EmailField(blank=True, max_length=254, verbose_name="email address")),
                        (
                            "is_staff",
                            models.BooleanField(
                                default=False, help_text="Designates whether the user can log into this admin site.", verbose_name="staff status"
                            ),
                        ),
                        (
                            "is_active",
                            models.BooleanField(
                                default=True,
                                help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                                verbose_name="active",
                            ),
                        ),
                        ("date_joined", models.DateTimeField(default=django.utils.timezone.now, verbose_name="date joined")),
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("kind", models.CharField(choices=[("human", "Person"), ("service", "Service account")], default="human", max_length=10)),
                        (
                            "groups",
                            models.ManyToManyField(
                                blank=True,
                                help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                                related_name="user_set",
                                related_query_name="user",
                                to="auth.group",
                                verbose_name="groups",
                            ),
                        ),
                        (
                            "manager",
                            models.ForeignKey(
                                blank=True,
                                help_text="Who is told when a signature of this person is late.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reports",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "user_permissions",
                            models.ManyToManyField(
                                blank=True,
                                help_text="Specific permissions for this user.",
                                related_name="user_set",
                                related_query_name="user",
                                to="auth.permission",
                                verbose_name="user permissions",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["username"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("manager__isnull", True), models.Q(("manager", models.F("id")), _negated=True), _connector="OR"),
                                name="accounts_nobody_manages_themselves",
                            )
                        ],
                    },
                    managers=[
                        ("objects", django.contrib.auth.models.UserManager()),
                    ],
                ),
                migrations.CreateModel(
                    name="ApiToken",
                    fields=[
                        ("digest", models.CharField(max_length=128, primary_key=True, serialize=False)),
                        ("token_key", models.CharField(db_index=True, max_length=25)),
                        ("created", models.DateTimeField(auto_now_add=True)),
                        ("expiry", models.DateTimeField(blank=True, null=True)),
                        ("name", models.CharField(max_length=60)),
                        ("auth_at", models.DateTimeField(null=True)),
                        ("last_used_at", models.DateTimeField(null=True)),
                        ("user", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="auth_token_set", to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        "ordering": ["-created"],
                        "default_permissions": (),
                    },
                ),
                migrations.CreateModel(
                    name="Delegation",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("evidence_head", models.BinaryField()),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        (
                            "role",
                            models.CharField(
                                choices=[
                                    ("application_owner", "Application owner"),
                                    ("service_owner", "Service owner"),
                                    ("technical_lead", "Technical lead"),
                                    ("cab_member", "Board member"),
                                    ("cab_chair", "Board chair"),
                                    ("release_manager", "Release manager"),
                                ],
                                max_length=30,
                            ),
                        ),
                        (
                            "scope",
                            models.CharField(
                                blank=True, help_text="Empty: as far as your own role goes. Otherwise application:CODE or family:db2.", max_length=40
                            ),
                        ),
                        ("starts_at", models.DateTimeField(verbose_name="from")),
                        ("ends_at", models.DateTimeField(verbose_name="until")),
                        ("reason", models.CharField(max_length=200)),
                        ("revoked_at", models.DateTimeField(editable=False, null=True)),
                        (
                            "delegate",
                            models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="delegations_received", to=settings.AUTH_USER_MODEL),
                        ),
                        (
                            "delegator",
                            models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="delegations_given", to=settings.AUTH_USER_MODEL),
                        ),
                    ],
                    options={
                        "ordering": ["-starts_at", "id"],
                        "indexes": [models.Index(fields=["delegate", "ends_at"], name="accounts_delegated_to")],
                        "constraints": [
                            models.CheckConstraint(condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="accounts_delegation_ends_after_start"),
                            models.CheckConstraint(
                                condition=models.Q(("delegate", models.F("delegator")), _negated=True), name="accounts_nobody_delegates_to_self"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalDelegation",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("history_user_id", models.UUIDField(db_index=True, null=True)),
                        ("history_change_reason", models.TextField(null=True)),
                        (
                            "role",
                            models.CharField(
                                choices=[
                                    ("application_owner", "Application owner"),
                                    ("service_owner", "Service owner"),
                                    ("technical_lead", "Technical lead"),
                                    ("cab_member", "Board member"),
                                    ("cab_chair", "Board chair"),
                                    ("release_manager", "Release manager"),
                                ],
                                max_length=30,
                            ),
                        ),
                        (
                            "scope",
                            models.CharField(
                                blank=True, help_text="Empty: as far as your own role goes. Otherwise application:CODE or family:db2.", max_length=40
                            ),
                        ),
                        ("starts_at", models.DateTimeField(verbose_name="from")),
                        ("ends_at", models.DateTimeField(verbose_name="until")),
                        ("reason", models.CharField(max_length=200)),
                        ("revoked_at", models.DateTimeField(editable=False, null=True)),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_type", models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1)),
                        (
                            "delegate",
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
                            "delegator",
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
                        "verbose_name": "historical delegation",
                        "verbose_name_plural": "historical delegations",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalRoleGrant",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("history_user_id", models.UUIDField(db_index=True, null=True)),
                        ("history_change_reason", models.TextField(null=True)),
                        (
                            "role",
                            models.CharField(
                                choices=[
                                    ("requester", "Requester"),
                                    ("developer", "Developer"),
                                    ("application_owner", "Application owner"),
                                    ("service_owner", "Service owner"),
                                    ("technical_lead", "Technical lead"),
                                    ("cab_member", "Board member"),
                                    ("cab_chair", "Board chair"),
                                    ("change_manager", "Change manager"),
                                    ("release_coordinator", "Release coordinator"),
                                    ("release_manager", "Release manager"),
                                    ("implementer", "Implementer"),
                                    ("validator", "Validator"),
                                    ("auditor", "Auditor"),
                                    ("integration", "Integration"),
                                    ("site_admin", "Site administrator"),
                                    ("viewer", "Viewer"),
                                ],
                                max_length=30,
                            ),
                        ),
                        (
                            "scope",
                            models.CharField(blank=True, help_text="Empty: everywhere. Otherwise application:CODE, family:db2 or team:CODE.", max_length=40),
                        ),
                        ("granted_at", models.DateTimeField()),
                        ("until", models.DateTimeField(blank=True, null=True)),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_type", models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1)),
                        (
                            "granted_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                help_text="Empty: the portal's own set-up.",
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "user",
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
                        "verbose_name": "historical role grant",
                        "verbose_name_plural": "historical role grants",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalUser",
                    fields=[
                        (
                            "is_superuser",
                            models.BooleanField(
                                default=False,
                                help_text="Designates that this user has all permissions without explicitly assigning them.",
                                verbose_name="superuser status",
                            ),
                        ),
                        (
                            "username",
                            models.CharField(
                                db_index=True,
                                error_messages={"unique": "A user with that username already exists."},
                                help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                                max_length=150,
                                validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
                                verbose_name="username",
                            ),
                        ),
                        ("first_name", models.CharField(blank=True, max_length=150, verbose_name="first name")),
                        ("last_name", models.CharField(blank=True, max_length=150, verbose_name="last name")),
                        ("email", models.EmailField(blank=True, max_length=254, verbose_name="email address")),
                        (
                            "is_staff",
                            models.BooleanField(
                                default=False, help_text="Designates whether the user can log into this admin site.", verbose_name="staff status"
                            ),
                        ),
                        (
                            "is_active",
                            models.BooleanField(
                                default=True,
                                help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                                verbose_name="active",
                            ),
                        ),
                        ("date_joined", models.DateTimeField(default=django.utils.timezone.now, verbose_name="date joined")),
                        ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                        ("kind", models.CharField(choices=[("human", "Person"), ("service", "Service account")], default="human", max_length=10)),
                        ("history_user_id", models.UUIDField(db_index=True, null=True)),
                        ("history_change_reason", models.TextField(null=True)),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_type", models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1)),
                        (
                            "manager",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                help_text="Who is told when a signature of this person is late.",
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical user",
                        "verbose_name_plural": "historical users",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="RoleGrant",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("evidence_head", models.BinaryField()),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        (
                            "role",
                            models.CharField(
                                choices=[
                                    ("requester", "Requester"),
                                    ("developer", "Developer"),
                                    ("application_owner", "Application owner"),
                                    ("service_owner", "Service owner"),
                                    ("technical_lead", "Technical lead"),
                                    ("cab_member", "Board member"),
                                    ("cab_chair", "Board chair"),
                                    ("change_manager", "Change manager"),
                                    ("release_coordinator", "Release coordinator"),
                                    ("release_manager", "Release manager"),
                                    ("implementer", "Implementer"),
                                    ("validator", "Validator"),
                                    ("auditor", "Auditor"),
                                    ("integration", "Integration"),
                                    ("site_admin", "Site administrator"),
                                    ("viewer", "Viewer"),
                                ],
                                max_length=30,
                            ),
                        ),
                        (
                            "scope",
                            models.CharField(blank=True, help_text="Empty: everywhere. Otherwise application:CODE, family:db2 or team:CODE.", max_length=40),
                        ),
                        ("granted_at", models.DateTimeField()),
                        ("until", models.DateTimeField(blank=True, null=True)),
                        (
                            "granted_by",
                            models.ForeignKey(
                                blank=True,
                                help_text="Empty: the portal's own set-up.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("user", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="role_grants", to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        "ordering": ["user__username", "role"],
                        "indexes": [models.Index(fields=["user", "until"], name="accounts_grants_held")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("until__isnull", True), ("until__gte", models.F("granted_at")), _connector="OR"),
                                name="accounts_grant_ends_after_start",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("granted_by__isnull", True), models.Q(("granted_by", models.F("user")), _negated=True), _connector="OR"),
                                name="accounts_nobody_grants_to_self",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("scope", ""), ("scope__regex", "^(application|family|team):[A-Za-z0-9_-]+$"), _connector="OR"),
                                name="accounts_scope_form",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalTeamShift",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("history_user_id", models.UUIDField(db_index=True, null=True)),
                        ("history_change_reason", models.TextField(null=True)),
                        ("starts_at", models.DateTimeField(verbose_name="from")),
                        ("ends_at", models.DateTimeField(verbose_name="until")),
                        ("role", models.CharField(choices=[("primary", "Primary"), ("deputy", "Deputy")], default="primary", max_length=10, verbose_name="as")),
                        ("phone", models.CharField(blank=True, help_text="Where they are reached during the shift.", max_length=40)),
                        ("cancelled_at", models.DateTimeField(editable=False, null=True)),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_type", models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1)),
                        (
                            "person",
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
                    ],
                    options={
                        "verbose_name": "historical team shift",
                        "verbose_name_plural": "historical team shifts",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="TeamMembership",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("team", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="members", to="accounts.team")),
                        ("user", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="memberships", to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("team", "user"), name="accounts_member_once")],
                    },
                ),
                migrations.CreateModel(
                    name="TeamShift",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("evidence_head", models.BinaryField()),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("starts_at", models.DateTimeField(verbose_name="from")),
                        ("ends_at", models.DateTimeField(verbose_name="until")),
                        ("role", models.CharField(choices=[("primary", "Primary"), ("deputy", "Deputy")], default="primary", max_length=10, verbose_name="as")),
                        ("phone", models.CharField(blank=True, help_text="Where they are reached during the shift.", max_length=40)),
                        ("cancelled_at", models.DateTimeField(editable=False, null=True)),
                        ("person", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="shifts", to=settings.AUTH_USER_MODEL)),
                        ("team", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="shifts", to="accounts.team")),
                    ],
                    options={
                        "ordering": ["-starts_at", "team__code", "id"],
                        "indexes": [models.Index(fields=["team", "ends_at"], name="accounts_shifts_of_team")],
                        "constraints": [
                            models.CheckConstraint(condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="accounts_shift_ends_after_start")
                        ],
                    },
                ),
            ],
        ),
    ]
