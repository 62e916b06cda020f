import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

from apps.evidence.guards import GuardState

MOVES = (
    "draft>open",
    "open>locked",
    "locked>open",
    "locked>in_progress",
    "in_progress>verifying",
    "verifying>closed",
    "draft>cancelled",
    "open>cancelled",
    "locked>cancelled",
    "in_progress>cancelled",
)
DERIVED = (
    "booked_changes",
    "booked_points",
    "booked_packages",
    "booked_binds",
    "emergency_changes",
    "emergency_points",
    "emergency_packages",
    "emergency_binds",
)

# What is reserved is taken as much as what is booked.
COUNTERS = """
CREATE OR REPLACE FUNCTION windows_count_bookings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT coalesce(sum(changes), 0), coalesce(sum(points), 0), count(*),
           coalesce(sum(binds), 0),
           coalesce(sum(changes) FILTER (WHERE is_emergency), 0),
           coalesce(sum(points) FILTER (WHERE is_emergency), 0),
           count(*) FILTER (WHERE is_emergency),
           coalesce(sum(binds) FILTER (WHERE is_emergency), 0)
        INTO NEW.booked_changes, NEW.booked_points, NEW.booked_packages, NEW.booked_binds,
             NEW.emergency_changes, NEW.emergency_points, NEW.emergency_packages,
             NEW.emergency_binds
        FROM windows_booking WHERE window_id = NEW.id AND state IN ('active', 'reserved');
    RETURN NEW;
END $$;
"""
BEFORE = """
CREATE OR REPLACE FUNCTION windows_count_bookings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT coalesce(sum(changes), 0), coalesce(sum(points), 0), count(*),
           coalesce(sum(minutes), 0),
           coalesce(sum(changes) FILTER (WHERE is_emergency), 0),
           coalesce(sum(points) FILTER (WHERE is_emergency), 0),
           count(*) FILTER (WHERE is_emergency),
           coalesce(sum(minutes) FILTER (WHERE is_emergency), 0)
        INTO NEW.booked_changes, NEW.booked_points, NEW.booked_packages, NEW.booked_minutes,
             NEW.emergency_changes, NEW.emergency_points, NEW.emergency_packages,
             NEW.emergency_minutes
        FROM windows_booking WHERE window_id = NEW.id AND state = 'active';
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('windows', '0103_series_guards'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveField(
            model_name='booking',
            name='minutes',
        ),
        migrations.RemoveField(
            model_name='historicalreleasewindow',
            name='booked_minutes',
        ),
        migrations.RemoveField(
            model_name='historicalreleasewindow',
            name='emergency_minutes',
        ),
        migrations.RemoveField(
            model_name='releasewindow',
            name='booked_minutes',
        ),
        migrations.RemoveField(
            model_name='releasewindow',
            name='emergency_minutes',
        ),
        migrations.AddField(
            model_name='booking',
            name='binds',
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='booking',
            name='expires_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='booking',
            name='owner',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='booking',
            name='reason',
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name='historicalreleasewindow',
            name='booked_binds',
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name='historicalreleasewindow',
            name='capacity_binds',
            field=models.PositiveSmallIntegerField(default=0, help_text='Steps that bind in Db2; 0: no limit.', verbose_name='binds at most'),
        ),
        migrations.AddField(
            model_name='historicalreleasewindow',
            name='emergency_binds',
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name='releasewindow',
            name='booked_binds',
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name='releasewindow',
            name='capacity_binds',
            field=models.PositiveSmallIntegerField(default=0, help_text='Steps that bind in Db2; 0: no limit.', verbose_name='binds at most'),
        ),
        migrations.AddField(
            model_name='releasewindow',
            name='emergency_binds',
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AlterField(
            model_name='booking',
            name='state',
            field=models.CharField(choices=[('active', 'Active'), ('reserved', 'Reserved'), ('released', 'Released')], default='active', max_length=8),
        ),
        migrations.AlterField(
            model_name='historicalreleasewindow',
            name='capacity_minutes',
            field=models.PositiveIntegerField(default=0, help_text='Minutes that the plan of the night may take; 0: until the cut-off. Only warns.'),
        ),
        migrations.AlterField(
            model_name='releasewindow',
            name='capacity_minutes',
            field=models.PositiveIntegerField(default=0, help_text='Minutes that the plan of the night may take; 0: until the cut-off. Only warns.'),
        ),
        migrations.AddIndex(
            model_name='booking',
            index=models.Index(condition=models.Q(('state', 'reserved')), fields=['expires_at'], name='windows_reserved_until'),
        ),
        migrations.AddConstraint(
            model_name='booking',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'reserved')), fields=('subject',), name='windows_reserved_once'),
        ),
        migrations.AddConstraint(
            model_name='booking',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'reserved'), _negated=True), models.Q(('expires_at__isnull', False), ('owner__isnull', False), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='windows_reservation_has_an_end'),
        ),
        migrations.AddConstraint(
            model_name='releasewindow',
            constraint=models.CheckConstraint(condition=models.Q(('capacity_binds', 0), ('booked_binds__lte', models.F('capacity_binds')), _connector='OR'), name='windows_binds_not_oversold'),
        ),
        migrations.AddConstraint(
            model_name='releasewindow',
            constraint=models.CheckConstraint(condition=models.Q(('capacity_binds', 0), ('booked_binds__lte', django.db.models.expressions.CombinedExpression(models.F('emergency_binds'), '+', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('capacity_binds'), '*', django.db.models.expressions.CombinedExpression(models.Value(100), '-', models.F('reserve_percent'))), '/', models.Value(100)))), _connector='OR'), name='windows_binds_reserve_kept'),
        ),
        migrations.RunSQL(COUNTERS, BEFORE),
        GuardState("releasewindow", label="window", initial="draft", moves=MOVES, derived=DERIVED),
    ]
