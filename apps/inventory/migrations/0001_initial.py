import apps.core.ids
import apps.inventory.models.landscape
import apps.inventory.models.schedule
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.contrib.postgres.operations import TrigramExtension
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import simple_history.models
from django.conf import settings
from django.db import migrations, models

from apps.core.schema import CreateTogether


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        TrigramExtension(),
        CreateTogether(
            [
                migrations.CreateModel(
                    name="AssetType",
                    fields=[
                        ("code", models.CharField(max_length=24, primary_key=True, serialize=False)),
                        ("label", models.CharField(max_length=60)),
                        (
                            "family",
                            models.CharField(
                                choices=[
                                    ("program", "Programs"),
                                    ("source", "Source parts"),
                                    ("jcl", "JCL"),
                                    ("data", "Data"),
                                    ("db2", "Db2"),
                                    ("cics", "CICS"),
                                    ("ims", "IMS"),
                                    ("mq", "MQ"),
                                    ("scheduler", "Scheduler"),
                                    ("exchange", "Exchange"),
                                    ("platform", "Platform"),
                                    ("service", "Services"),
                                ],
                                max_length=12,
                            ),
                        ),
                        (
                            "name_pattern",
                            models.CharField(
                                choices=[
                                    ("member", "member, 1 to 8 characters"),
                                    ("dataset", "data set, 44 characters in qualifiers of 8"),
                                    ("transaction", "transaction, 1 to 4 characters"),
                                    ("db2", "Db2 name, collection.package or schema.table"),
                                    ("mq", "MQ object, 48 characters"),
                                    ("ddname", "program.DD name"),
                                    ("free", "free, without blanks"),
                                ],
                                default="free",
                                max_length=12,
                            ),
                        ),
                        ("qualifier_label", models.CharField(blank=True, max_length=40)),
                    ],
                    options={
                        "ordering": ["family", "label"],
                    },
                ),
                migrations.CreateModel(
                    name="Environment",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("evidence_head", models.BinaryField()),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("code", models.CharField(max_length=12)),
                        ("order", models.PositiveSmallIntegerField()),
                        ("is_production", models.BooleanField(default=False)),
                        ("requires_release", models.BooleanField(default=False, help_text="Something is installed here by a release package only.")),
                        ("site", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="environments", to="inventory.site")),
                    ],
                    options={
                        "ordering": ["site__code", "order"],
                        "constraints": [models.UniqueConstraint(fields=("site", "code"), name="inventory_environment_once")],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalSite",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("history_user_id", models.UUIDField(db_index=True, null=True)),
                        ("history_change_reason", models.TextField(null=True)),
                        ("code", models.CharField(db_index=True, max_length=12)),
                        ("name", models.CharField(max_length=80)),
                        ("tz", models.CharField(max_length=40, validators=[apps.inventory.models.landscape.validate_zone], verbose_name="time zone")),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_type", models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1)),
                    ],
                    options={
                        "verbose_name": "historical site",
                        "verbose_name_plural": "historical sites",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Site",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("evidence_head", models.BinaryField()),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("code", models.CharField(max_length=12, unique=True)),
                        ("name", models.CharField(max_length=80)),
                        ("tz", models.CharField(max_length=40, validators=[apps.inventory.models.landscape.validate_zone], verbose_name="time zone")),
                    ],
                    options={
                        "ordering": ["code"],
                    },
                ),
                migrations.CreateModel(
                    name="Application",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("evidence_head", models.BinaryField()),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        (
                            "code",
                            models.CharField(
                                max_length=8,
                                unique=True,
                                validators=[
                                    django.core.validators.RegexValidator(
                                        "^[A-Z][A-Z0-9]{0,7}\\Z", "An application code is 1 to 8 capital letters and digits, a letter first."
                                    )
                                ],
                            ),
                        ),
                        ("name", models.CharField(max_length=80)),
                        (
                            "criticality",
                            models.CharField(
                                choices=[
                                    ("tier0", "Tier 0, always on"),
                                    ("tier1", "Tier 1, critical"),
                                    ("tier2", "Tier 2, important"),
                                    ("tier3", "Tier 3, deferrable"),
                                ],
                                default="tier2",
                                max_length=6,
                            ),
                        ),
                        (
                            "regulations",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(choices=[("pci", "PCI DSS"), ("sox", "SOX"), ("dora", "DORA, critical function")], max_length=8),
                                blank=True,
                                default=list,
                                help_text="Rules of regulators that it falls under, commas between.",
                                size=8,
                            ),
                        ),
                        (
                            "scm_system",
                            models.CharField(blank=True, help_text="Its name in the source code manager.", max_length=40, verbose_name="SCM system"),
                        ),
                        ("status", models.CharField(choices=[("active", "Active"), ("sunset", "Sunset")], default="active", max_length=10)),
                        (
                            "business_owner",
                            models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="owned_applications", to=settings.AUTH_USER_MODEL),
                        ),
                        ("technical_owner", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="applications", to="accounts.team")),
                    ],
                    options={
                        "ordering": ["code"],
                    },
                ),
                migrations.CreateModel(
                    name="Asset",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("evidence_head", models.BinaryField()),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        (
                            "qualifier",
                            models.CharField(default="-", help_text="Library, region, scheduler or folder that tells equal names apart.", max_length=120),
                        ),
                        ("name", models.CharField(max_length=120)),
                        ("description", models.TextField(blank=True)),
                        (
                            "criticality",
                            models.CharField(
                                choices=[
                                    ("tier0", "Tier 0, always on"),
                                    ("tier1", "Tier 1, critical"),
                                    ("tier2", "Tier 2, important"),
                                    ("tier3", "Tier 3, deferrable"),
                                ],
                                default="tier2",
                                max_length=6,
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[("active", "Active"), ("planned", "Planned"), ("retired", "Retired"), ("unmanaged", "Unmanaged")],
                                default="active",
                                max_length=10,
                            ),
                        ),
                        (
                            "source",
                            models.CharField(
                                choices=[("manual", "Entered by hand"), ("import", "Imported"), ("scan", "Found by a scan")], default="manual", max_length=10
                            ),
                        ),
                        (
                            "confidence",
                            models.PositiveSmallIntegerField(
                                default=100,
                                help_text="How sure the source is that this exists, in percent.",
                                validators=[django.core.validators.MaxValueValidator(100)],
                            ),
                        ),
                        ("attributes", models.JSONField(blank=True, default=dict)),
                        ("last_seen_at", models.DateTimeField(editable=False, null=True)),
                        ("last_changed_at", models.DateTimeField(editable=False, null=True)),
                        ("change_count", models.PositiveIntegerField(default=0, editable=False)),
                        ("bad_outcome_count", models.PositiveIntegerField(default=0, editable=False)),
                        (
                            "application",
                            models.ForeignKey(
                                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="assets", to="inventory.application"
                            ),
                        ),
                        (
                            "owner_team",
                            models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="assets", to="accounts.team"),
                        ),
                        ("type", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="assets", to="inventory.assettype")),
                        (
                            "production_version",
                            models.ForeignKey(
                                editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="inventory.assetversion"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["name", "id"],
                        "indexes": [
                            models.Index(fields=["name", "id"], name="inventory_asset_keyset"),
                            django.contrib.postgres.indexes.GinIndex(
                                django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper("name"), "gin_trgm_ops"),
                                name="inventory_asset_name_trgm",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("type", "qualifier", "name"), name="inventory_asset_identity"),
                            models.CheckConstraint(condition=models.Q(("qualifier", ""), _negated=True), name="inventory_asset_qualifier"),
                            models.CheckConstraint(condition=models.Q(("confidence__lte", 100)), name="inventory_asset_confidence"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AssetVersion",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("level", models.CharField(max_length=64)),
                        ("installed_at", models.DateTimeField()),
                        ("installed_by", models.CharField(blank=True, help_text='What installed it, such as "package:<id>".', max_length=80)),
                        ("checksum", models.CharField(blank=True, max_length=128)),
                        (
                            "origin",
                            models.CharField(
                                choices=[("scm", "Source code manager"), ("scan", "Scan"), ("manual", "Entered by hand")], default="scm", max_length=10
                            ),
                        ),
                        ("asset", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="versions", to="inventory.asset")),
                        ("environment", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="versions", to="inventory.environment")),
                    ],
                    options={
                        "ordering": ["-installed_at", "-id"],
                        "default_permissions": ("view",),
                        "indexes": [
                            models.Index(fields=["asset", "environment", "-installed_at"], name="inventory_version_latest"),
                            models.Index(fields=["installed_by"], name="inventory_version_by"),
                            models.Index(fields=["-installed_at", "-id"], name="inventory_version_recent"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="BatchCycle",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("evidence_head", models.BinaryField()),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("code", models.CharField(max_length=40, unique=True)),
                        ("name", models.CharField(max_length=80)),
                        ("latest_start", models.TimeField(help_text="The first job must start by then.")),
                        ("end_by", models.TimeField(help_text="The last job must have ended by then.")),
                        (
                            "first_job",
                            models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="inventory.asset"),
                        ),
                        (
                            "owner_team",
                            models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="cycles", to="accounts.team"),
                        ),
                        ("site", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="cycles", to="inventory.site")),
                    ],
                    options={
                        "ordering": ["code"],
                    },
                ),
                migrations.CreateModel(
                    name="BuildInput",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("program_level", models.CharField(max_length=64)),
                        ("part_level", models.CharField(max_length=64)),
                        ("feed", models.CharField(max_length=40)),
                        ("seen_at", models.DateTimeField()),
                        ("part", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="built_into", to="inventory.asset")),
                        ("program", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="built_with", to="inventory.asset")),
                    ],
                    options={
                        "ordering": ["-seen_at", "-id"],
                        "default_permissions": ("view",),
                        "indexes": [models.Index(fields=["part", "part_level"], name="inventory_build_part")],
                        "constraints": [models.UniqueConstraint(fields=("program", "program_level", "part"), name="inventory_build_once")],
                    },
                ),
                migrations.CreateModel(
                    name="BusinessService",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("evidence_head", models.BinaryField()),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("code", models.CharField(max_length=40, unique=True)),
                        ("name", models.CharField(max_length=80)),
                        (
                            "tier",
                            models.CharField(
                                choices=[
                                    ("tier0", "Tier 0, always on"),
                                    ("tier1", "Tier 1, critical"),
                                    ("tier2", "Tier 2, important"),
                                    ("tier3", "Tier 3, deferrable"),
                                ],
                                default="tier2",
                                max_length=6,
                            ),
                        ),
                        ("rto_minutes", models.PositiveIntegerField(blank=True, null=True, verbose_name="recovery time objective (minutes)")),
                        ("customer_commitment", models.TextField(blank=True)),
                        ("owner", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="owned_services", to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        "ordering": ["code"],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalApplication",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("history_user_id", models.UUIDField(db_index=True, null=True)),
                        ("history_change_reason", models.TextField(null=True)),
                        (
                            "code",
                            models.CharField(
                                db_index=True,
                                max_length=8,
                                validators=[
                                    django.core.validators.RegexValidator(
                                        "^[A-Z][A-Z0-9]{0,7}\\Z", "An application code is 1 to 8 capital letters and digits, a letter first."
                                    )
                                ],
                            ),
                        ),
                        ("name", models.CharField(max_length=80)),
                        (
                            "criticality",
                            models.CharField(
                                choices=[
                                    ("tier0", "Tier 0, always on"),
                                    ("tier1", "Tier 1, critical"),
                                    ("tier2", "Tier 2, important"),
                                    ("tier3", "Tier 3, deferrable"),
                                ],
                                default="tier2",
                                max_length=6,
                            ),
                        ),
                        (
                            "regulations",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(choices=[("pci", "PCI DSS"), ("sox", "SOX"), ("dora", "DORA, critical function")], max_length=8),
                                blank=True,
                                default=list,
                                help_text="Rules of regulators that it falls under, commas between.",
                                size=8,
                            ),
                        ),
                        (
                            "scm_system",
                            models.CharField(blank=True, help_text="Its name in the source code manager.", max_length=40, verbose_name="SCM system"),
                        ),
                        ("status", models.CharField(choices=[("active", "Active"), ("sunset", "Sunset")], default="active", max_length=10)),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_type", models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1)),
                        (
                            "business_owner",
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
                            "technical_owner",
                            models.ForeignKey(
                                blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="accounts.team"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical application",
                        "verbose_name_plural": "historical applications",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalAsset",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("history_user_id", models.UUIDField(db_index=True, null=True)),
                        ("history_change_reason", models.TextField(null=True)),
                        (
                            "qualifier",
                            models.CharField(default="-", help_text="Library, region, scheduler or folder that tells equal names apart.", max_length=120),
                        ),
                        ("name", models.CharField(max_length=120)),
                        ("description", models.TextField(blank=True)),
                        (
                            "criticality",
                            models.CharField(
                                choices=[
                                    ("tier0", "Tier 0, always on"),
                                    ("tier1", "Tier 1, critical"),
                                    ("tier2", "Tier 2, important"),
                                    ("tier3", "Tier 3, deferrable"),
                                ],
                                default="tier2",
                                max_length=6,
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[("active", "Active"), ("planned", "Planned"), ("retired", "Retired"), ("unmanaged", "Unmanaged")],
                                default="active",
                                max_length=10,
                            ),
                        ),
                        (
                            "source",
                            models.CharField(
                                choices=[("manual", "Entered by hand"), ("import", "Imported"), ("scan", "Found by a scan")], default="manual", max_length=10
                            ),
                        ),
                        (
                            "confidence",
                            models.PositiveSmallIntegerField(
                                default=100,
                                help_text="How sure the source is that this exists, in percent.",
                                validators=[django.core.validators.MaxValueValidator(100)],
                            ),
                        ),
                        ("attributes", models.JSONField(blank=True, default=dict)),
                        ("last_seen_at", models.DateTimeField(editable=False, null=True)),
                        ("last_changed_at", models.DateTimeField(editable=False, null=True)),
                        ("change_count", models.PositiveIntegerField(default=0, editable=False)),
                        ("bad_outcome_count", models.PositiveIntegerField(default=0, editable=False)),
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
                            "owner_team",
                            models.ForeignKey(
                                blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="accounts.team"
                            ),
                        ),
                        (
                            "production_version",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="inventory.assetversion",
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
                                to="inventory.assettype",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical asset",
                        "verbose_name_plural": "historical assets",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalBusinessService",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("history_user_id", models.UUIDField(db_index=True, null=True)),
                        ("history_change_reason", models.TextField(null=True)),
                        ("code", models.CharField(db_index=True, max_length=40)),
                        ("name", models.CharField(max_length=80)),
                        (
                            "tier",
                            models.CharField(
                                choices=[
                                    ("tier0", "Tier 0, always on"),
                                    ("tier1", "Tier 1, critical"),
                                    ("tier2", "Tier 2, important"),
                                    ("tier3", "Tier 3, deferrable"),
                                ],
                                default="tier2",
                                max_length=6,
                            ),
                        ),
                        ("rto_minutes", models.PositiveIntegerField(blank=True, null=True, verbose_name="recovery time objective (minutes)")),
                        ("customer_commitment", models.TextField(blank=True)),
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
                    ],
                    options={
                        "verbose_name": "historical business service",
                        "verbose_name_plural": "historical business services",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalJobSchedule",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("history_user_id", models.UUIDField(db_index=True, null=True)),
                        ("history_change_reason", models.TextField(null=True)),
                        (
                            "days",
                            models.CharField(
                                blank=True,
                                help_text='Empty: every day. Weekdays such as "MO,FR", or an RFC 5545 rule such as "FREQ=MONTHLY;BYMONTHDAY=-1".',
                                max_length=120,
                                validators=[apps.inventory.models.schedule.validate_days],
                            ),
                        ),
                        ("start_time", models.TimeField(blank=True, null=True, verbose_name="starts")),
                        (
                            "repeat_minutes",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                help_text="Of a cyclic job.",
                                null=True,
                                validators=[django.core.validators.MinValueValidator(1)],
                                verbose_name="starts again every (minutes)",
                            ),
                        ),
                        ("repeat_until", models.TimeField(blank=True, help_text="Of a cyclic job; empty: a day long.", null=True, verbose_name="until")),
                        ("elapsed_minutes", models.PositiveSmallIntegerField(default=0, help_text="On average.", verbose_name="takes (minutes)")),
                        ("elapsed_p90_minutes", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="nine of ten end within (minutes)")),
                        ("is_critical", models.BooleanField(default=False, verbose_name="critical")),
                        ("is_on_demand", models.BooleanField(default=False, verbose_name="on demand")),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_type", models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1)),
                        (
                            "cycle",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="inventory.batchcycle",
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
                    ],
                    options={
                        "verbose_name": "historical job schedule",
                        "verbose_name_plural": "historical job schedules",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalSysplex",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("history_user_id", models.UUIDField(db_index=True, null=True)),
                        ("history_change_reason", models.TextField(null=True)),
                        ("code", models.CharField(db_index=True, max_length=8, validators=[apps.inventory.models.landscape.validate_member_name])),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_type", models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1)),
                        (
                            "environment",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="inventory.environment",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical sysplex",
                        "verbose_name_plural": "historical sysplexes",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="JobSchedule",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("evidence_head", models.BinaryField()),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        (
                            "days",
                            models.CharField(
                                blank=True,
                                help_text='Empty: every day. Weekdays such as "MO,FR", or an RFC 5545 rule such as "FREQ=MONTHLY;BYMONTHDAY=-1".',
                                max_length=120,
                                validators=[apps.inventory.models.schedule.validate_days],
                            ),
                        ),
                        ("start_time", models.TimeField(blank=True, null=True, verbose_name="starts")),
                        (
                            "repeat_minutes",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                help_text="Of a cyclic job.",
                                null=True,
                                validators=[django.core.validators.MinValueValidator(1)],
                                verbose_name="starts again every (minutes)",
                            ),
                        ),
                        ("repeat_until", models.TimeField(blank=True, help_text="Of a cyclic job; empty: a day long.", null=True, verbose_name="until")),
                        ("elapsed_minutes", models.PositiveSmallIntegerField(default=0, help_text="On average.", verbose_name="takes (minutes)")),
                        ("elapsed_p90_minutes", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="nine of ten end within (minutes)")),
                        ("is_critical", models.BooleanField(default=False, verbose_name="critical")),
                        ("is_on_demand", models.BooleanField(default=False, verbose_name="on demand")),
                        (
                            "cycle",
                            models.ForeignKey(
                                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="schedules", to="inventory.batchcycle"
                            ),
                        ),
                        ("job", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="schedule", to="inventory.asset")),
                    ],
                    options={
                        "ordering": ["start_time", "job__name"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("cycle", None), ("is_on_demand", True), ("start_time", None)),
                                    models.Q(("cycle__isnull", False), ("is_on_demand", False), ("start_time__isnull", False)),
                                    _connector="OR",
                                ),
                                name="inventory_schedule_start",
                                violation_error_message="A job starts at a time in a cycle, or on demand.",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ScmPackage",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("tool", models.CharField(choices=[("endevor", "Endevor")], max_length=12)),
                        ("package_id", models.CharField(max_length=40, verbose_name="package")),
                        ("description", models.CharField(blank=True, max_length=200)),
                        ("status", models.CharField(blank=True, max_length=20)),
                        ("kind", models.CharField(blank=True, max_length=20)),
                        ("window_from", models.DateTimeField(null=True)),
                        ("window_to", models.DateTimeField(null=True)),
                        ("backout_enabled", models.BooleanField(null=True)),
                        ("approved_at", models.DateTimeField(null=True)),
                        ("executed_at", models.DateTimeField(null=True)),
                        ("committed_at", models.DateTimeField(null=True)),
                        ("raw", models.JSONField(default=dict)),
                        ("feed", models.CharField(max_length=40)),
                        ("last_seen_at", models.DateTimeField()),
                    ],
                    options={
                        "verbose_name": "SCM package",
                        "ordering": ["tool", "package_id"],
                        "default_permissions": ("view",),
                        "constraints": [models.UniqueConstraint(fields=("tool", "package_id"), name="inventory_scm_once")],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalEnvironment",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("history_user_id", models.UUIDField(db_index=True, null=True)),
                        ("history_change_reason", models.TextField(null=True)),
                        ("code", models.CharField(max_length=12)),
                        ("order", models.PositiveSmallIntegerField()),
                        ("is_production", models.BooleanField(default=False)),
                        ("requires_release", models.BooleanField(default=False, help_text="Something is installed here by a release package only.")),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_type", models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1)),
                        (
                            "site",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="inventory.site",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical environment",
                        "verbose_name_plural": "historical environments",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalBatchCycle",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("history_user_id", models.UUIDField(db_index=True, null=True)),
                        ("history_change_reason", models.TextField(null=True)),
                        ("code", models.CharField(db_index=True, max_length=40)),
                        ("name", models.CharField(max_length=80)),
                        ("latest_start", models.TimeField(help_text="The first job must start by then.")),
                        ("end_by", models.TimeField(help_text="The last job must have ended by then.")),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_type", models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1)),
                        (
                            "first_job",
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
                            "owner_team",
                            models.ForeignKey(
                                blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="accounts.team"
                            ),
                        ),
                        (
                            "site",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="inventory.site",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical batch cycle",
                        "verbose_name_plural": "historical batch cycles",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Sysplex",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("evidence_head", models.BinaryField()),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("code", models.CharField(max_length=8, unique=True, validators=[apps.inventory.models.landscape.validate_member_name])),
                        ("environment", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="sysplexes", to="inventory.environment")),
                    ],
                    options={
                        "verbose_name_plural": "sysplexes",
                        "ordering": ["code"],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalSystemImage",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("history_user_id", models.UUIDField(db_index=True, null=True)),
                        ("history_change_reason", models.TextField(null=True)),
                        ("code", models.CharField(max_length=8, validators=[apps.inventory.models.landscape.validate_member_name])),
                        (
                            "role",
                            models.CharField(
                                choices=[("production", "Production"), ("dr", "Disaster recovery"), ("test", "Test")], default="production", max_length=12
                            ),
                        ),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_type", models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1)),
                        (
                            "sysplex",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="inventory.sysplex",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical system image",
                        "verbose_name_plural": "historical system images",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="SystemImage",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("evidence_head", models.BinaryField()),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("code", models.CharField(max_length=8, validators=[apps.inventory.models.landscape.validate_member_name])),
                        (
                            "role",
                            models.CharField(
                                choices=[("production", "Production"), ("dr", "Disaster recovery"), ("test", "Test")], default="production", max_length=12
                            ),
                        ),
                        ("sysplex", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="images", to="inventory.sysplex")),
                    ],
                    options={
                        "ordering": ["code"],
                        "constraints": [models.UniqueConstraint(fields=("sysplex", "code"), name="inventory_image_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Subsystem",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("evidence_head", models.BinaryField()),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("cics_region", "CICS region"),
                                    ("cicsplex", "CICSplex"),
                                    ("db2_member", "Db2 member"),
                                    ("db2_group", "Db2 data sharing group"),
                                    ("ims", "IMS"),
                                    ("mq_qmgr", "MQ queue manager"),
                                    ("jes", "JES"),
                                    ("scheduler", "Scheduler"),
                                    ("scm", "SCM executor"),
                                    ("loadlib", "Load library"),
                                    ("dbrmlib", "DBRM library"),
                                    ("lla", "Library lookaside"),
                                    ("transfer_node", "Transfer node"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("name", models.CharField(max_length=44)),
                        (
                            "capacity",
                            models.PositiveSmallIntegerField(
                                default=1, help_text="Operations that may run on it at the same time.", validators=[django.core.validators.MinValueValidator(1)]
                            ),
                        ),
                        ("attributes", models.JSONField(blank=True, default=dict)),
                        ("sysplex", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="subsystems", to="inventory.sysplex")),
                        (
                            "image",
                            models.ForeignKey(
                                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="subsystems", to="inventory.systemimage"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["kind", "name"],
                        "constraints": [
                            models.UniqueConstraint(fields=("sysplex", "kind", "name"), name="inventory_subsystem_once"),
                            models.CheckConstraint(condition=models.Q(("capacity__gte", 1)), name="inventory_subsystem_capacity"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalSubsystem",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("history_user_id", models.UUIDField(db_index=True, null=True)),
                        ("history_change_reason", models.TextField(null=True)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("cics_region", "CICS region"),
                                    ("cicsplex", "CICSplex"),
                                    ("db2_member", "Db2 member"),
                                    ("db2_group", "Db2 data sharing group"),
                                    ("ims", "IMS"),
                                    ("mq_qmgr", "MQ queue manager"),
                                    ("jes", "JES"),
                                    ("scheduler", "Scheduler"),
                                    ("scm", "SCM executor"),
                                    ("loadlib", "Load library"),
                                    ("dbrmlib", "DBRM library"),
                                    ("lla", "Library lookaside"),
                                    ("transfer_node", "Transfer node"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("name", models.CharField(max_length=44)),
                        (
                            "capacity",
                            models.PositiveSmallIntegerField(
                                default=1, help_text="Operations that may run on it at the same time.", validators=[django.core.validators.MinValueValidator(1)]
                            ),
                        ),
                        ("attributes", models.JSONField(blank=True, default=dict)),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_type", models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1)),
                        (
                            "sysplex",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="inventory.sysplex",
                            ),
                        ),
                        (
                            "image",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="inventory.systemimage",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical subsystem",
                        "verbose_name_plural": "historical subsystems",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="AssetRelation",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("copies", "copies"),
                                    ("calls", "calls"),
                                    ("links_to", "links to"),
                                    ("executes", "executes"),
                                    ("invokes_proc", "invokes procedure"),
                                    ("uses_parm", "uses parameters"),
                                    ("reads", "reads"),
                                    ("writes", "writes"),
                                    ("layout_of", "is the layout of"),
                                    ("built_from", "is built from"),
                                    ("binds", "is bound as"),
                                    ("includes", "includes"),
                                    ("starts", "starts"),
                                    ("uses_map", "uses map"),
                                    ("runs_in", "runs in"),
                                    ("refers_dbd", "refers to database"),
                                    ("uses_psb", "uses program specification"),
                                    ("triggers", "triggers"),
                                    ("schedules", "schedules"),
                                    ("transfers_to", "transfers to"),
                                    ("produces_report", "produces"),
                                    ("supports", "supports"),
                                    ("protects", "protects"),
                                    ("refers_to", "refers to"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("key", models.CharField(blank=True, default="", max_length=40)),
                        ("attributes", models.JSONField(blank=True, default=dict)),
                        (
                            "origin",
                            models.CharField(
                                choices=[
                                    ("scan", "Scan"),
                                    ("dbb", "Build report"),
                                    ("scheduler", "Scheduler"),
                                    ("db2_catalog", "Db2 catalog"),
                                    ("import", "Import"),
                                    ("manual", "Entered by hand"),
                                ],
                                default="manual",
                                max_length=12,
                            ),
                        ),
                        ("confirmed", models.BooleanField(default=True)),
                        ("confidence", models.PositiveSmallIntegerField(default=100, help_text="How sure the source is of this, in percent.")),
                        ("feed", models.CharField(blank=True, default="", max_length=40)),
                        ("missed_imports", models.PositiveSmallIntegerField(default=0)),
                        ("is_stale", models.BooleanField(default=False, verbose_name="stale")),
                        ("first_seen_at", models.DateTimeField()),
                        ("last_seen_at", models.DateTimeField()),
                        ("source", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="relations_out", to="inventory.asset")),
                        ("target", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="relations_in", to="inventory.asset")),
                    ],
                    options={
                        "ordering": ["kind", "key", "id"],
                        "indexes": [
                            models.Index(fields=["target", "kind"], name="inventory_relation_in"),
                            models.Index(
                                condition=models.Q(("is_stale", False), models.Q(("feed", ""), _negated=True)),
                                fields=["feed", "source"],
                                name="inventory_relation_feed",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("source", "kind", "target", "key"), name="inventory_relation_once"),
                            models.CheckConstraint(condition=models.Q(("confidence__lte", 100)), name="inventory_relation_confidence"),
                        ],
                    },
                ),
            ],
        ),
    ]
