import apps.core.ids
import apps.inventory.models.landscape
import apps.windows.models.calendar
import apps.windows.models.series
import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
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
        ("inventory", "0001_initial"),
    ]

    operations = [
        CreateTogether(
            [
                migrations.CreateModel(
                    name="CalendarRule",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("evidence_head", models.BinaryField()),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("code", models.CharField(max_length=20, unique=True)),
                        ("name", models.CharField(max_length=120)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("freeze", "Freeze"),
                                    ("blackout", "Blackout"),
                                    ("month_end", "Month end"),
                                    ("quarter_end", "Quarter end"),
                                    ("year_end", "Year end"),
                                    ("payday", "Payday"),
                                    ("holiday", "Holiday"),
                                    ("partner_freeze", "Freeze of a partner"),
                                    ("maintenance", "Maintenance"),
                                ],
                                max_length=16,
                            ),
                        ),
                        (
                            "strength",
                            models.CharField(
                                choices=[
                                    ("hard", "Hard: blocks"),
                                    ("approval", "Needs approval: asks for more signatures"),
                                    ("advisory", "Advisory: is shown"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("is_active", models.BooleanField(default=True, verbose_name="in force")),
                        ("reason", models.TextField(help_text="Why it is there; everybody whom it stops reads this.")),
                        (
                            "zone",
                            models.CharField(
                                blank=True,
                                help_text="Whose days these are. Empty: the zone of the site.",
                                max_length=40,
                                validators=[apps.inventory.models.landscape.validate_zone],
                                verbose_name="time zone",
                            ),
                        ),
                        (
                            "recurrence",
                            models.CharField(
                                blank=True,
                                help_text='Weekdays such as "MO,FR", or an RFC 5545 rule such as "FREQ=MONTHLY;BYMONTHDAY=-1". Empty: only the dates.',
                                max_length=120,
                            ),
                        ),
                        (
                            "dates",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=21, validators=[apps.windows.models.calendar.validate_period]),
                                blank=True,
                                default=list,
                                help_text="Days such as 2026-12-24 and periods such as 2026-12-18/2027-01-04, commas between.",
                                size=60,
                            ),
                        ),
                        ("first_day", models.DateField(blank=True, help_text="Of the recurrence; an INTERVAL counts from it.", null=True)),
                        ("last_day", models.DateField(blank=True, help_text="Of the recurrence.", null=True)),
                        ("starts_time", models.TimeField(blank=True, help_text="Empty: midnight.", null=True, verbose_name="from")),
                        (
                            "ends_time",
                            models.TimeField(
                                blank=True, help_text="Empty: the end of the day. Not after “from”: of the next day.", null=True, verbose_name="to"
                            ),
                        ),
                        (
                            "roll",
                            models.CharField(
                                choices=[("stay", "stays where it is"), ("before", "the business day before"), ("after", "the business day after")],
                                default="stay",
                                help_text="Where a day of the recurrence goes that is no business day.",
                                max_length=6,
                                verbose_name="on a holiday or at a weekend",
                            ),
                        ),
                        (
                            "before_days",
                            models.PositiveSmallIntegerField(
                                default=0, validators=[django.core.validators.MaxValueValidator(20)], verbose_name="business days before"
                            ),
                        ),
                        (
                            "after_days",
                            models.PositiveSmallIntegerField(
                                default=0, validators=[django.core.validators.MaxValueValidator(20)], verbose_name="business days after"
                            ),
                        ),
                        (
                            "allows",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(
                                    choices=[("emergency", "Emergency"), ("standard", "Standard"), ("security", "Security")], max_length=12
                                ),
                                blank=True,
                                default=list,
                                help_text="Kinds of work that it lets pass.",
                                size=60,
                            ),
                        ),
                        (
                            "applications",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=8), blank=True, default=list, help_text="For these applications only.", size=60
                            ),
                        ),
                        (
                            "services",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=40),
                                blank=True,
                                default=list,
                                help_text="For the applications that support these business services only.",
                                size=60,
                            ),
                        ),
                        (
                            "families",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(
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
                                blank=True,
                                default=list,
                                help_text="For changes that touch these families of assets only.",
                                size=60,
                            ),
                        ),
                        (
                            "site",
                            models.ForeignKey(
                                blank=True,
                                help_text="Empty: every site.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="calendar_rules",
                                to="inventory.site",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "calendar rule",
                        "ordering": ["code"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("last_day__isnull", True), ("first_day__isnull", True), ("last_day__gte", models.F("first_day")), _connector="OR"
                                ),
                                name="windows_rule_last_after_first",
                                violation_error_message="The last day is before the first.",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalCalendarRule",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("history_user_id", models.UUIDField(db_index=True, null=True)),
                        ("history_change_reason", models.TextField(null=True)),
                        ("code", models.CharField(db_index=True, max_length=20)),
                        ("name", models.CharField(max_length=120)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("freeze", "Freeze"),
                                    ("blackout", "Blackout"),
                                    ("month_end", "Month end"),
                                    ("quarter_end", "Quarter end"),
                                    ("year_end", "Year end"),
                                    ("payday", "Payday"),
                                    ("holiday", "Holiday"),
                                    ("partner_freeze", "Freeze of a partner"),
                                    ("maintenance", "Maintenance"),
                                ],
                                max_length=16,
                            ),
                        ),
                        (
                            "strength",
                            models.CharField(
                                choices=[
                                    ("hard", "Hard: blocks"),
                                    ("approval", "Needs approval: asks for more signatures"),
                                    ("advisory", "Advisory: is shown"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("is_active", models.BooleanField(default=True, verbose_name="in force")),
                        ("reason", models.TextField(help_text="Why it is there; everybody whom it stops reads this.")),
                        (
                            "zone",
                            models.CharField(
                                blank=True,
                                help_text="Whose days these are. Empty: the zone of the site.",
                                max_length=40,
                                validators=[apps.inventory.models.landscape.validate_zone],
                                verbose_name="time zone",
                            ),
                        ),
                        (
                            "recurrence",
                            models.CharField(
                                blank=True,
                                help_text='Weekdays such as "MO,FR", or an RFC 5545 rule such as "FREQ=MONTHLY;BYMONTHDAY=-1". Empty: only the dates.',
                                max_length=120,
                            ),
                        ),
                        (
                            "dates",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=21, validators=[apps.windows.models.calendar.validate_period]),
                                blank=True,
                                default=list,
                                help_text="Days such as 2026-12-24 and periods such as 2026-12-18/2027-01-04, commas between.",
                                size=60,
                            ),
                        ),
                        ("first_day", models.DateField(blank=True, help_text="Of the recurrence; an INTERVAL counts from it.", null=True)),
                        ("last_day", models.DateField(blank=True, help_text="Of the recurrence.", null=True)),
                        ("starts_time", models.TimeField(blank=True, help_text="Empty: midnight.", null=True, verbose_name="from")),
                        (
                            "ends_time",
                            models.TimeField(
                                blank=True, help_text="Empty: the end of the day. Not after “from”: of the next day.", null=True, verbose_name="to"
                            ),
                        ),
                        (
                            "roll",
                            models.CharField(
                                choices=[("stay", "stays where it is"), ("before", "the business day before"), ("after", "the business day after")],
                                default="stay",
                                help_text="Where a day of the recurrence goes that is no business day.",
                                max_length=6,
                                verbose_name="on a holiday or at a weekend",
                            ),
                        ),
                        (
                            "before_days",
                            models.PositiveSmallIntegerField(
                                default=0, validators=[django.core.validators.MaxValueValidator(20)], verbose_name="business days before"
                            ),
                        ),
                        (
                            "after_days",
                            models.PositiveSmallIntegerField(
                                default=0, validators=[django.core.validators.MaxValueValidator(20)], verbose_name="business days after"
                            ),
                        ),
                        (
                            "allows",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(
                                    choices=[("emergency", "Emergency"), ("standard", "Standard"), ("security", "Security")], max_length=12
                                ),
                                blank=True,
                                default=list,
                                help_text="Kinds of work that it lets pass.",
                                size=60,
                            ),
                        ),
                        (
                            "applications",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=8), blank=True, default=list, help_text="For these applications only.", size=60
                            ),
                        ),
                        (
                            "services",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=40),
                                blank=True,
                                default=list,
                                help_text="For the applications that support these business services only.",
                                size=60,
                            ),
                        ),
                        (
                            "families",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(
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
                                blank=True,
                                default=list,
                                help_text="For changes that touch these families of assets only.",
                                size=60,
                            ),
                        ),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_type", models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1)),
                        (
                            "site",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                help_text="Empty: every site.",
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="inventory.site",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical calendar rule",
                        "verbose_name_plural": "historical calendar rules",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalWindowSeries",
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
                                help_text="Its windows are called by it and their day: WKLY makes WKLY-261121.",
                                max_length=12,
                                validators=[django.core.validators.RegexValidator("^[A-Z0-9][A-Z0-9-]*\\Z", "Use capital letters, digits and hyphens.")],
                            ),
                        ),
                        ("name", models.CharField(max_length=120)),
                        ("is_active", models.BooleanField(default=True, help_text="One not in force drafts no windows.", verbose_name="in force")),
                        (
                            "zone",
                            models.CharField(
                                blank=True,
                                help_text="Whose wall clock its times are of. Empty: the zone of the site.",
                                max_length=40,
                                validators=[apps.inventory.models.landscape.validate_zone],
                                verbose_name="time zone",
                            ),
                        ),
                        (
                            "recurrence",
                            models.CharField(
                                help_text='Weekdays such as "SA", or an RFC 5545 rule such as "FREQ=MONTHLY;BYDAY=3SA;UNTIL=20271231".', max_length=160
                            ),
                        ),
                        ("first_day", models.DateField(help_text="From which it counts.")),
                        (
                            "horizon_days",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                help_text="How far ahead windows are drafted. Needed where the rule has no end.",
                                null=True,
                                validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(800)],
                                verbose_name="days ahead",
                            ),
                        ),
                        (
                            "left_out",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=10, validators=[apps.windows.models.series.validate_day]),
                                blank=True,
                                default=list,
                                help_text="Days without a window, commas between.",
                                size=60,
                            ),
                        ),
                        ("opens_time", models.TimeField(verbose_name="opens")),
                        ("closes_time", models.TimeField(help_text="The first such clock time after the opening.", verbose_name="closes")),
                        (
                            "more_days",
                            models.PositiveSmallIntegerField(
                                default=0,
                                help_text="Whole days by which it closes later than that.",
                                validators=[django.core.validators.MaxValueValidator(6)],
                                verbose_name="days later",
                            ),
                        ),
                        (
                            "window_type",
                            models.CharField(
                                choices=[
                                    ("major", "Major"),
                                    ("monthly", "Monthly"),
                                    ("weekly", "Weekly"),
                                    ("midweek", "Midweek"),
                                    ("emergency_slot", "Emergency slot"),
                                    ("dr_test", "Disaster recovery test"),
                                    ("infrastructure", "Infrastructure"),
                                ],
                                default="weekly",
                                max_length=20,
                                verbose_name="type",
                            ),
                        ),
                        ("may_overlap", models.BooleanField(default=False, help_text="Another window may be open at the same time.")),
                        ("overlap_reason", models.CharField(blank=True, help_text="Why its windows may overlap others.", max_length=200)),
                        ("capacity_changes", models.PositiveSmallIntegerField(default=0)),
                        (
                            "capacity_points",
                            models.DecimalField(
                                decimal_places=1, default=Decimal("0"), max_digits=8, validators=[django.core.validators.MinValueValidator(Decimal("0"))]
                            ),
                        ),
                        ("max_parallel_packages", models.PositiveSmallIntegerField(default=0, verbose_name="packages at most")),
                        ("capacity_minutes", models.PositiveIntegerField(default=0)),
                        (
                            "reserve_percent",
                            models.PositiveSmallIntegerField(default=20, validators=[django.core.validators.MaxValueValidator(90)], verbose_name="reserve (%)"),
                        ),
                        ("bridge", models.CharField(blank=True, max_length=200)),
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
                            "release_manager",
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
                        (
                            "sysplex",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                help_text="Empty: the whole site.",
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="inventory.sysplex",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical window series",
                        "verbose_name_plural": "historical window series",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="ReleaseWindow",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("evidence_head", models.BinaryField()),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("code", models.CharField(max_length=20, unique=True)),
                        ("name", models.CharField(max_length=120)),
                        ("series_day", models.DateField(editable=False, null=True)),
                        ("series_seq", models.PositiveIntegerField(editable=False, null=True)),
                        (
                            "window_type",
                            models.CharField(
                                choices=[
                                    ("major", "Major"),
                                    ("monthly", "Monthly"),
                                    ("weekly", "Weekly"),
                                    ("midweek", "Midweek"),
                                    ("emergency_slot", "Emergency slot"),
                                    ("dr_test", "Disaster recovery test"),
                                    ("infrastructure", "Infrastructure"),
                                ],
                                default="monthly",
                                max_length=20,
                                verbose_name="type",
                            ),
                        ),
                        (
                            "zone",
                            models.CharField(
                                blank=True,
                                help_text="Whose wall clock people read. Empty: the zone of the site.",
                                max_length=40,
                                validators=[apps.inventory.models.landscape.validate_zone],
                                verbose_name="time zone",
                            ),
                        ),
                        ("opens_at", models.DateTimeField(verbose_name="opens")),
                        ("closes_at", models.DateTimeField(verbose_name="closes")),
                        (
                            "scope_lock_at",
                            models.DateTimeField(blank=True, help_text="Empty: five business days before.", null=True, verbose_name="scope locks"),
                        ),
                        (
                            "readiness_deadline_at",
                            models.DateTimeField(blank=True, help_text="Empty: 24 hours before.", null=True, verbose_name="readiness deadline"),
                        ),
                        ("may_overlap", models.BooleanField(default=False, help_text="Another window may be open at the same time.")),
                        ("overlap_reason", models.CharField(blank=True, help_text="Why it may overlap another window.", max_length=200)),
                        ("capacity_changes", models.PositiveSmallIntegerField(default=0)),
                        (
                            "capacity_points",
                            models.DecimalField(
                                decimal_places=1, default=Decimal("0"), max_digits=8, validators=[django.core.validators.MinValueValidator(Decimal("0"))]
                            ),
                        ),
                        ("max_parallel_packages", models.PositiveSmallIntegerField(default=0, verbose_name="packages at most")),
                        (
                            "capacity_binds",
                            models.PositiveSmallIntegerField(default=0, help_text="Steps that bind in Db2; 0: no limit.", verbose_name="binds at most"),
                        ),
                        (
                            "capacity_minutes",
                            models.PositiveIntegerField(default=0, help_text="Minutes that the plan of the night may take; 0: until the cut-off. Only warns."),
                        ),
                        (
                            "reserve_percent",
                            models.PositiveSmallIntegerField(
                                default=20,
                                help_text="Kept for emergencies.",
                                validators=[django.core.validators.MaxValueValidator(90)],
                                verbose_name="reserve (%)",
                            ),
                        ),
                        ("decide_minutes", models.PositiveSmallIntegerField(default=15, help_text="Time that a go/no-go decision takes.")),
                        ("verify_after_backout_minutes", models.PositiveSmallIntegerField(default=20)),
                        (
                            "safety",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("0.10"),
                                help_text="Share added to planned durations.",
                                max_digits=3,
                                validators=[django.core.validators.MinValueValidator(Decimal("0")), django.core.validators.MaxValueValidator(Decimal("1"))],
                            ),
                        ),
                        ("bridge", models.CharField(blank=True, help_text="Where people meet: a number or a link.", max_length=200)),
                        ("booked_changes", models.PositiveIntegerField(default=0, editable=False)),
                        ("booked_points", models.DecimalField(decimal_places=1, default=Decimal("0"), editable=False, max_digits=8)),
                        ("booked_packages", models.PositiveIntegerField(default=0, editable=False)),
                        ("booked_binds", models.PositiveIntegerField(default=0, editable=False)),
                        ("emergency_changes", models.PositiveIntegerField(default=0, editable=False)),
                        ("emergency_points", models.DecimalField(decimal_places=1, default=Decimal("0"), editable=False, max_digits=8)),
                        ("emergency_packages", models.PositiveIntegerField(default=0, editable=False)),
                        ("emergency_binds", models.PositiveIntegerField(default=0, editable=False)),
                        ("started_at", models.DateTimeField(editable=False, null=True)),
                        ("handed_back_at", models.DateTimeField(editable=False, null=True)),
                        ("ended_at", models.DateTimeField(editable=False, null=True)),
                        ("lessons", models.TextField(blank=True, editable=False)),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[
                                    ("draft", "Draft"),
                                    ("open", "Open"),
                                    ("locked", "Locked"),
                                    ("in_progress", "In progress"),
                                    ("verifying", "Verifying"),
                                    ("closed", "Closed"),
                                    ("cancelled", "Cancelled"),
                                ],
                                default="draft",
                                editable=False,
                                max_length=50,
                                protected=True,
                            ),
                        ),
                        (
                            "coordinator",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="coordinated_windows",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "release_manager",
                            models.ForeignKey(
                                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="managed_windows", to=settings.AUTH_USER_MODEL
                            ),
                        ),
                        ("site", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="windows", to="inventory.site")),
                        (
                            "sysplex",
                            models.ForeignKey(
                                blank=True,
                                help_text="Empty: the whole site.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="windows",
                                to="inventory.sysplex",
                            ),
                        ),
                        (
                            "series",
                            models.ForeignKey(
                                editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="windows", to="windows.windowseries"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-opens_at", "code"],
                        "indexes": [models.Index(fields=["state", "opens_at"], name="windows_by_state")],
                        "constraints": [
                            models.UniqueConstraint(fields=("series", "series_day"), name="windows_one_of_a_series_a_day"),
                            models.CheckConstraint(
                                condition=models.Q(("closes_at__gt", models.F("opens_at"))),
                                name="windows_closes_after_opening",
                                violation_error_message="The window closes before it opens.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("scope_lock_at__isnull", True), ("scope_lock_at__lte", models.F("opens_at")), _connector="OR"),
                                name="windows_scope_locks_before_opening",
                                violation_error_message="The scope is locked after the window opens.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("readiness_deadline_at__isnull", True), ("readiness_deadline_at__lte", models.F("opens_at")), _connector="OR"
                                ),
                                name="windows_ready_before_opening",
                                violation_error_message="The readiness deadline is after the window opens.",
                            ),
                            models.CheckConstraint(condition=models.Q(("reserve_percent__lte", 90)), name="windows_reserve_leaves_room"),
                            models.CheckConstraint(
                                condition=models.Q(("booked_changes__lte", models.F("capacity_changes"))), name="windows_changes_not_oversold"
                            ),
                            models.CheckConstraint(condition=models.Q(("booked_points__lte", models.F("capacity_points"))), name="windows_points_not_oversold"),
                            models.CheckConstraint(
                                condition=models.Q(("booked_packages__lte", models.F("max_parallel_packages"))), name="windows_packages_not_oversold"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("capacity_binds", 0), ("booked_binds__lte", models.F("capacity_binds")), _connector="OR"),
                                name="windows_binds_not_oversold",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "booked_changes__lte",
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("emergency_changes"),
                                            "+",
                                            django.db.models.expressions.CombinedExpression(
                                                django.db.models.expressions.CombinedExpression(
                                                    models.F("capacity_changes"),
                                                    "*",
                                                    django.db.models.expressions.CombinedExpression(models.Value(100), "-", models.F("reserve_percent")),
                                                ),
                                                "/",
                                                models.Value(100),
                                            ),
                                        ),
                                    )
                                ),
                                name="windows_changes_reserve_kept",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "booked_points__lte",
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("emergency_points"),
                                            "+",
                                            django.db.models.expressions.CombinedExpression(
                                                django.db.models.expressions.CombinedExpression(
                                                    models.F("capacity_points"),
                                                    "*",
                                                    django.db.models.expressions.CombinedExpression(models.Value(100), "-", models.F("reserve_percent")),
                                                ),
                                                "/",
                                                models.Value(100),
                                            ),
                                        ),
                                    )
                                ),
                                name="windows_points_reserve_kept",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "booked_packages__lte",
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("emergency_packages"),
                                            "+",
                                            django.db.models.expressions.CombinedExpression(
                                                django.db.models.expressions.CombinedExpression(
                                                    models.F("max_parallel_packages"),
                                                    "*",
                                                    django.db.models.expressions.CombinedExpression(models.Value(100), "-", models.F("reserve_percent")),
                                                ),
                                                "/",
                                                models.Value(100),
                                            ),
                                        ),
                                    )
                                ),
                                name="windows_packages_reserve_kept",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("capacity_binds", 0),
                                    (
                                        "booked_binds__lte",
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("emergency_binds"),
                                            "+",
                                            django.db.models.expressions.CombinedExpression(
                                                django.db.models.expressions.CombinedExpression(
                                                    models.F("capacity_binds"),
                                                    "*",
                                                    django.db.models.expressions.CombinedExpression(models.Value(100), "-", models.F("reserve_percent")),
                                                ),
                                                "/",
                                                models.Value(100),
                                            ),
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                                name="windows_binds_reserve_kept",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalWindowDeviation",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("history_user_id", models.UUIDField(db_index=True, null=True)),
                        ("history_change_reason", models.TextField(null=True)),
                        (
                            "reason",
                            models.TextField(
                                help_text="Why it cannot wait, what may happen, and what is done against that.",
                                validators=[django.core.validators.MinLengthValidator(40)],
                            ),
                        ),
                        ("about", models.CharField(db_index=True, editable=False, max_length=80)),
                        ("about_name", models.CharField(editable=False, max_length=120)),
                        (
                            "tier0_applications",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=8), blank=True, default=list, editable=False, size=None
                            ),
                        ),
                        ("starts_at", models.DateTimeField(editable=False, verbose_name="from")),
                        ("ends_at", models.DateTimeField(editable=False, verbose_name="to")),
                        ("decided_at", models.DateTimeField(editable=False, null=True)),
                        ("used_at", models.DateTimeField(editable=False, null=True)),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[
                                    ("requested", "Requested"),
                                    ("approved", "Approved"),
                                    ("used", "Used"),
                                    ("expired", "Expired"),
                                    ("refused", "Refused"),
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
                            "rule",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="windows.calendarrule",
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
                        "verbose_name": "historical deviation",
                        "verbose_name_plural": "historical deviations",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalCalendarFeed",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("history_user_id", models.UUIDField(db_index=True, null=True)),
                        ("history_change_reason", models.TextField(null=True)),
                        ("kind", models.CharField(choices=[("person", "My windows"), ("team", "Windows of a team"), ("window", "One window")], max_length=8)),
                        ("name", models.CharField(help_text="Where it is read, such as “my phone”.", max_length=60)),
                        ("secret_sha256", models.CharField(db_index=True, editable=False, max_length=64)),
                        ("revoked_at", models.DateTimeField(editable=False, null=True)),
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
                    ],
                    options={
                        "verbose_name": "historical calendar feed",
                        "verbose_name_plural": "historical calendar feeds",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Cutoff",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("batch_start", "Latest start of the batch cycle"),
                                    ("online_open", "Online opens"),
                                    ("partner_file", "File to a partner"),
                                    ("backup", "Backup"),
                                ],
                                default="batch_start",
                                max_length=12,
                            ),
                        ),
                        ("label", models.CharField(help_text="What is due, such as CLOSEFIL.", max_length=80)),
                        ("at", models.DateTimeField()),
                        ("is_hard", models.BooleanField(default=True, verbose_name="hard")),
                        ("expected_at", models.DateTimeField(editable=False, help_text="When it is now, as somebody reported.", null=True)),
                        ("cause", models.CharField(blank=True, editable=False, max_length=200)),
                        ("window", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="cutoffs", to="windows.releasewindow")),
                    ],
                    options={
                        "verbose_name": "cut-off",
                        "ordering": ["at", "label"],
                        "constraints": [models.UniqueConstraint(fields=("window", "kind", "label"), name="windows_cutoff_once")],
                    },
                ),
                migrations.CreateModel(
                    name="CalendarFeed",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("evidence_head", models.BinaryField()),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("kind", models.CharField(choices=[("person", "My windows"), ("team", "Windows of a team"), ("window", "One window")], max_length=8)),
                        ("name", models.CharField(help_text="Where it is read, such as “my phone”.", max_length=60)),
                        ("secret_sha256", models.CharField(editable=False, max_length=64, unique=True)),
                        ("revoked_at", models.DateTimeField(editable=False, null=True)),
                        (
                            "owner",
                            models.ForeignKey(
                                editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="calendar_feeds", to=settings.AUTH_USER_MODEL
                            ),
                        ),
                        (
                            "team",
                            models.ForeignKey(
                                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="calendar_feeds", to="accounts.team"
                            ),
                        ),
                        (
                            "window",
                            models.ForeignKey(
                                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="feeds", to="windows.releasewindow"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-created_at", "-id"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("kind", "person"), ("team", None), ("window", None)),
                                    models.Q(("kind", "team"), ("team__isnull", False), ("window", None)),
                                    models.Q(("kind", "window"), ("team", None), ("window__isnull", False)),
                                    _connector="OR",
                                ),
                                name="windows_feed_of_one_thing",
                                violation_error_message="A feed is of one window, of one team, or your own.",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Booking",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("subject", models.CharField(max_length=80)),
                        ("changes", models.PositiveSmallIntegerField(default=0)),
                        ("points", models.DecimalField(decimal_places=1, default=Decimal("0"), max_digits=8)),
                        ("binds", models.PositiveSmallIntegerField(default=0)),
                        ("is_emergency", models.BooleanField(default=False)),
                        (
                            "state",
                            models.CharField(
                                choices=[("active", "Active"), ("reserved", "Reserved"), ("released", "Released")], default="active", max_length=8
                            ),
                        ),
                        ("reason", models.CharField(blank=True, max_length=200)),
                        ("expires_at", models.DateTimeField(null=True)),
                        ("owner", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                        ("window", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="bookings", to="windows.releasewindow")),
                    ],
                    options={
                        "ordering": ["subject", "id"],
                        "indexes": [models.Index(condition=models.Q(("state", "reserved")), fields=["expires_at"], name="windows_reserved_until")],
                        "constraints": [
                            models.UniqueConstraint(condition=models.Q(("state", "active")), fields=("subject",), name="windows_booked_once"),
                            models.UniqueConstraint(condition=models.Q(("state", "reserved")), fields=("subject",), name="windows_reserved_once"),
                            models.UniqueConstraint(fields=("window", "subject"), name="windows_one_booking_of_a_subject"),
                            models.CheckConstraint(condition=models.Q(("points__gte", 0)), name="windows_points_not_negative"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "reserved"), _negated=True),
                                    models.Q(("expires_at__isnull", False), ("owner__isnull", False), models.Q(("reason", ""), _negated=True)),
                                    _connector="OR",
                                ),
                                name="windows_reservation_has_an_end",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="WindowDeviation",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("evidence_head", models.BinaryField()),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        (
                            "reason",
                            models.TextField(
                                help_text="Why it cannot wait, what may happen, and what is done against that.",
                                validators=[django.core.validators.MinLengthValidator(40)],
                            ),
                        ),
                        ("about", models.CharField(db_index=True, editable=False, max_length=80)),
                        ("about_name", models.CharField(editable=False, max_length=120)),
                        (
                            "tier0_applications",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=8), blank=True, default=list, editable=False, size=None
                            ),
                        ),
                        ("starts_at", models.DateTimeField(editable=False, verbose_name="from")),
                        ("ends_at", models.DateTimeField(editable=False, verbose_name="to")),
                        ("decided_at", models.DateTimeField(editable=False, null=True)),
                        ("used_at", models.DateTimeField(editable=False, null=True)),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[
                                    ("requested", "Requested"),
                                    ("approved", "Approved"),
                                    ("used", "Used"),
                                    ("expired", "Expired"),
                                    ("refused", "Refused"),
                                ],
                                default="requested",
                                editable=False,
                                max_length=50,
                                protected=True,
                            ),
                        ),
                        (
                            "requested_by",
                            models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                        ),
                        ("rule", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="deviations", to="windows.calendarrule")),
                        ("window", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="deviations", to="windows.releasewindow")),
                    ],
                    options={
                        "verbose_name": "deviation",
                        "ordering": ["-created_at", "-id"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state", "requested")),
                                fields=("rule", "about"),
                                name="windows_one_open_deviation",
                                violation_error_message="A deviation from this rule is asked for already.",
                            ),
                            models.CheckConstraint(condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="windows_deviation_ends_later"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="WindowSeries",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("evidence_head", models.BinaryField()),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        (
                            "code",
                            models.CharField(
                                help_text="Its windows are called by it and their day: WKLY makes WKLY-261121.",
                                max_length=12,
                                unique=True,
                                validators=[django.core.validators.RegexValidator("^[A-Z0-9][A-Z0-9-]*\\Z", "Use capital letters, digits and hyphens.")],
                            ),
                        ),
                        ("name", models.CharField(max_length=120)),
                        ("is_active", models.BooleanField(default=True, help_text="One not in force drafts no windows.", verbose_name="in force")),
                        (
                            "zone",
                            models.CharField(
                                blank=True,
                                help_text="Whose wall clock its times are of. Empty: the zone of the site.",
                                max_length=40,
                                validators=[apps.inventory.models.landscape.validate_zone],
                                verbose_name="time zone",
                            ),
                        ),
                        (
                            "recurrence",
                            models.CharField(
                                help_text='Weekdays such as "SA", or an RFC 5545 rule such as "FREQ=MONTHLY;BYDAY=3SA;UNTIL=20271231".', max_length=160
                            ),
                        ),
                        ("first_day", models.DateField(help_text="From which it counts.")),
                        (
                            "horizon_days",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                help_text="How far ahead windows are drafted. Needed where the rule has no end.",
                                null=True,
                                validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(800)],
                                verbose_name="days ahead",
                            ),
                        ),
                        (
                            "left_out",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=10, validators=[apps.windows.models.series.validate_day]),
                                blank=True,
                                default=list,
                                help_text="Days without a window, commas between.",
                                size=60,
                            ),
                        ),
                        ("opens_time", models.TimeField(verbose_name="opens")),
                        ("closes_time", models.TimeField(help_text="The first such clock time after the opening.", verbose_name="closes")),
                        (
                            "more_days",
                            models.PositiveSmallIntegerField(
                                default=0,
                                help_text="Whole days by which it closes later than that.",
                                validators=[django.core.validators.MaxValueValidator(6)],
                                verbose_name="days later",
                            ),
                        ),
                        (
                            "window_type",
                            models.CharField(
                                choices=[
                                    ("major", "Major"),
                                    ("monthly", "Monthly"),
                                    ("weekly", "Weekly"),
                                    ("midweek", "Midweek"),
                                    ("emergency_slot", "Emergency slot"),
                                    ("dr_test", "Disaster recovery test"),
                                    ("infrastructure", "Infrastructure"),
                                ],
                                default="weekly",
                                max_length=20,
                                verbose_name="type",
                            ),
                        ),
                        ("may_overlap", models.BooleanField(default=False, help_text="Another window may be open at the same time.")),
                        ("overlap_reason", models.CharField(blank=True, help_text="Why its windows may overlap others.", max_length=200)),
                        ("capacity_changes", models.PositiveSmallIntegerField(default=0)),
                        (
                            "capacity_points",
                            models.DecimalField(
                                decimal_places=1, default=Decimal("0"), max_digits=8, validators=[django.core.validators.MinValueValidator(Decimal("0"))]
                            ),
                        ),
                        ("max_parallel_packages", models.PositiveSmallIntegerField(default=0, verbose_name="packages at most")),
                        ("capacity_minutes", models.PositiveIntegerField(default=0)),
                        (
                            "reserve_percent",
                            models.PositiveSmallIntegerField(default=20, validators=[django.core.validators.MaxValueValidator(90)], verbose_name="reserve (%)"),
                        ),
                        ("bridge", models.CharField(blank=True, max_length=200)),
                        (
                            "coordinator",
                            models.ForeignKey(
                                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                            ),
                        ),
                        (
                            "release_manager",
                            models.ForeignKey(
                                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                            ),
                        ),
                        ("site", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="window_series", to="inventory.site")),
                        (
                            "sysplex",
                            models.ForeignKey(
                                blank=True,
                                help_text="Empty: the whole site.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="window_series",
                                to="inventory.sysplex",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "window series",
                        "verbose_name_plural": "window series",
                        "ordering": ["code"],
                    },
                ),
                migrations.CreateModel(
                    name="SeriesCutoff",
                    fields=[
                        ("id", models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("batch_start", "Latest start of the batch cycle"),
                                    ("online_open", "Online opens"),
                                    ("partner_file", "File to a partner"),
                                    ("backup", "Backup"),
                                ],
                                default="batch_start",
                                max_length=12,
                            ),
                        ),
                        ("label", models.CharField(help_text="What is due, such as CLOSEFIL.", max_length=80)),
                        ("clock", models.TimeField(help_text="The first such clock time after the opening.", verbose_name="at")),
                        (
                            "more_days",
                            models.PositiveSmallIntegerField(default=0, validators=[django.core.validators.MaxValueValidator(6)], verbose_name="days later"),
                        ),
                        ("is_hard", models.BooleanField(default=True, verbose_name="hard")),
                        ("series", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="cutoffs", to="windows.windowseries")),
                    ],
                    options={
                        "verbose_name": "cut-off",
                        "ordering": ["more_days", "clock", "label"],
                        "constraints": [models.UniqueConstraint(fields=("series", "kind", "label"), name="windows_series_cutoff_once")],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalReleaseWindow",
                    fields=[
                        ("id", models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False)),
                        ("evidence_seq", models.PositiveIntegerField(default=1, editable=False)),
                        ("created_at", models.DateTimeField(editable=False)),
                        ("changed_at", models.DateTimeField(editable=False)),
                        ("history_user_id", models.UUIDField(db_index=True, null=True)),
                        ("history_change_reason", models.TextField(null=True)),
                        ("code", models.CharField(db_index=True, max_length=20)),
                        ("name", models.CharField(max_length=120)),
                        ("series_day", models.DateField(editable=False, null=True)),
                        ("series_seq", models.PositiveIntegerField(editable=False, null=True)),
                        (
                            "window_type",
                            models.CharField(
                                choices=[
                                    ("major", "Major"),
                                    ("monthly", "Monthly"),
                                    ("weekly", "Weekly"),
                                    ("midweek", "Midweek"),
                                    ("emergency_slot", "Emergency slot"),
                                    ("dr_test", "Disaster recovery test"),
                                    ("infrastructure", "Infrastructure"),
                                ],
                                default="monthly",
                                max_length=20,
                                verbose_name="type",
                            ),
                        ),
                        (
                            "zone",
                            models.CharField(
                                blank=True,
                                help_text="Whose wall clock people read. Empty: the zone of the site.",
                                max_length=40,
                                validators=[apps.inventory.models.landscape.validate_zone],
                                verbose_name="time zone",
                            ),
                        ),
                        ("opens_at", models.DateTimeField(verbose_name="opens")),
                        ("closes_at", models.DateTimeField(verbose_name="closes")),
                        (
                            "scope_lock_at",
                            models.DateTimeField(blank=True, help_text="Empty: five business days before.", null=True, verbose_name="scope locks"),
                        ),
                        (
                            "readiness_deadline_at",
                            models.DateTimeField(blank=True, help_text="Empty: 24 hours before.", null=True, verbose_name="readiness deadline"),
                        ),
                        ("may_overlap", models.BooleanField(default=False, help_text="Another window may be open at the same time.")),
                        ("overlap_reason", models.CharField(blank=True, help_text="Why it may overlap another window.", max_length=200)),
                        ("capacity_changes", models.PositiveSmallIntegerField(default=0)),
                        (
                            "capacity_points",
                            models.DecimalField(
                                decimal_places=1, default=Decimal("0"), max_digits=8, validators=[django.core.validators.MinValueValidator(Decimal("0"))]
                            ),
                        ),
                        ("max_parallel_packages", models.PositiveSmallIntegerField(default=0, verbose_name="packages at most")),
                        (
                            "capacity_binds",
                            models.PositiveSmallIntegerField(default=0, help_text="Steps that bind in Db2; 0: no limit.", verbose_name="binds at most"),
                        ),
                        (
                            "capacity_minutes",
                            models.PositiveIntegerField(default=0, help_text="Minutes that the plan of the night may take; 0: until the cut-off. Only warns."),
                        ),
                        (
                            "reserve_percent",
                            models.PositiveSmallIntegerField(
                                default=20,
                                help_text="Kept for emergencies.",
                                validators=[django.core.validators.MaxValueValidator(90)],
                                verbose_name="reserve (%)",
                            ),
                        ),
                        ("decide_minutes", models.PositiveSmallIntegerField(default=15, help_text="Time that a go/no-go decision takes.")),
                        ("verify_after_backout_minutes", models.PositiveSmallIntegerField(default=20)),
                        (
                            "safety",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("0.10"),
                                help_text="Share added to planned durations.",
                                max_digits=3,
                                validators=[django.core.validators.MinValueValidator(Decimal("0")), django.core.validators.MaxValueValidator(Decimal("1"))],
                            ),
                        ),
                        ("bridge", models.CharField(blank=True, help_text="Where people meet: a number or a link.", max_length=200)),
                        ("booked_changes", models.PositiveIntegerField(default=0, editable=False)),
                        ("booked_points", models.DecimalField(decimal_places=1, default=Decimal("0"), editable=False, max_digits=8)),
                        ("booked_packages", models.PositiveIntegerField(default=0, editable=False)),
                        ("booked_binds", models.PositiveIntegerField(default=0, editable=False)),
                        ("emergency_changes", models.PositiveIntegerField(default=0, editable=False)),
                        ("emergency_points", models.DecimalField(decimal_places=1, default=Decimal("0"), editable=False, max_digits=8)),
                        ("emergency_packages", models.PositiveIntegerField(default=0, editable=False)),
                        ("emergency_binds", models.PositiveIntegerField(default=0, editable=False)),
                        ("started_at", models.DateTimeField(editable=False, null=True)),
                        ("handed_back_at", models.DateTimeField(editable=False, null=True)),
                        ("ended_at", models.DateTimeField(editable=False, null=True)),
                        ("lessons", models.TextField(blank=True, editable=False)),
                        (
                            "state",
                            django_fsm.FSMField(
                                choices=[
                                    ("draft", "Draft"),
                                    ("open", "Open"),
                                    ("locked", "Locked"),
                                    ("in_progress", "In progress"),
                                    ("verifying", "Verifying"),
                                    ("closed", "Closed"),
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
                            "release_manager",
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
                        (
                            "sysplex",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                help_text="Empty: the whole site.",
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="inventory.sysplex",
                            ),
                        ),
                        (
                            "series",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="windows.windowseries",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical release window",
                        "verbose_name_plural": "historical release windows",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
            ],
        ),
    ]
