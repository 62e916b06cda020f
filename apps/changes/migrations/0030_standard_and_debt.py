import apps.core.ids
import django.db.models.deletion
import django_fsm
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('changes', '0021_meeting_guards'),
        ('inventory', '0007_recent_versions'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DebtWaiver',
            fields=[
                ('id', models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('ratification', 'Ratification'), ('phone', 'Confirmation of a phone approval'), ('review', 'Post-implementation review')], max_length=12)),
                ('reason', models.TextField()),
                ('granted_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['granted_at'],
                'default_permissions': ('view',),
            },
        ),
        migrations.CreateModel(
            name='ExplainedVersion',
            fields=[
                ('id', models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
            ],
            options={
                'ordering': ['id'],
                'default_permissions': ('view',),
            },
        ),
        migrations.CreateModel(
            name='PhoneApproval',
            fields=[
                ('id', models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('slot', models.CharField(help_text='Subject of the slot that it was given in.', max_length=80)),
                ('verbal_at', models.DateTimeField()),
                ('how', models.CharField(max_length=200)),
                ('recorded_at', models.DateTimeField()),
                ('confirm_due_at', models.DateTimeField()),
                ('confirmed_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['verbal_at'],
                'default_permissions': ('view',),
            },
        ),
        migrations.AddField(
            model_name='changerequest',
            name='review_due_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='historicalchangerequest',
            name='review_due_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='historicalstandardtemplate',
            name='active_since',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='historicalstandardtemplate',
            name='activity_types',
            field=models.JSONField(blank=True, default=list, help_text='Codes of the types of step it may be carried out by; empty: all.'),
        ),
        migrations.AddField(
            model_name='historicalstandardtemplate',
            name='approved_by',
            field=models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='historicalstandardtemplate',
            name='asset_types',
            field=models.JSONField(blank=True, default=list, help_text='Codes of the asset types it may touch; empty: all of its families.'),
        ),
        migrations.AddField(
            model_name='historicalstandardtemplate',
            name='proposed_by',
            field=models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='historicalstandardtemplate',
            name='state',
            field=django_fsm.FSMField(choices=[('proposed', 'Proposed'), ('active', 'Active'), ('suspended', 'Suspended'), ('retired', 'Retired')], default='proposed', editable=False, max_length=50, protected=True),
        ),
        migrations.AddField(
            model_name='historicalstandardtemplate',
            name='suspended_because',
            field=models.CharField(blank=True, editable=False, max_length=300),
        ),
        migrations.AddField(
            model_name='standardtemplate',
            name='active_since',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='standardtemplate',
            name='activity_types',
            field=models.JSONField(blank=True, default=list, help_text='Codes of the types of step it may be carried out by; empty: all.'),
        ),
        migrations.AddField(
            model_name='standardtemplate',
            name='approved_by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='standardtemplate',
            name='asset_types',
            field=models.JSONField(blank=True, default=list, help_text='Codes of the asset types it may touch; empty: all of its families.'),
        ),
        migrations.AddField(
            model_name='standardtemplate',
            name='proposed_by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='standardtemplate',
            name='state',
            field=django_fsm.FSMField(choices=[('proposed', 'Proposed'), ('active', 'Active'), ('suspended', 'Suspended'), ('retired', 'Retired')], default='proposed', editable=False, max_length=50, protected=True),
        ),
        migrations.AddField(
            model_name='standardtemplate',
            name='suspended_because',
            field=models.CharField(blank=True, editable=False, max_length=300),
        ),
        migrations.AddIndex(
            model_name='changerequest',
            index=models.Index(condition=models.Q(('change_type', 'emergency'), models.Q(('state__in', ('closed', 'rejected', 'cancelled')), _negated=True)), fields=['application'], name='changes_emergencies_unsettled'),
        ),
        migrations.AddConstraint(
            model_name='standardtemplate',
            constraint=models.CheckConstraint(condition=models.Q(('approved_by__isnull', True), ('proposed_by__isnull', True), models.Q(('approved_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='changes_standard_two_people'),
        ),
        migrations.AddField(
            model_name='debtwaiver',
            name='change',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='debt_waivers', to='changes.changerequest'),
        ),
        migrations.AddField(
            model_name='debtwaiver',
            name='granted_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='explainedversion',
            name='change',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='explained_versions', to='changes.changerequest'),
        ),
        migrations.AddField(
            model_name='explainedversion',
            name='version',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='explained', to='inventory.assetversion'),
        ),
        migrations.AddField(
            model_name='phoneapproval',
            name='change',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='phone_approvals', to='changes.changerequest'),
        ),
        migrations.AddField(
            model_name='phoneapproval',
            name='recorded_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='phoneapproval',
            name='verbal_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='phoneapproval',
            constraint=models.CheckConstraint(condition=models.Q(('verbal_by', models.F('recorded_by')), _negated=True), name='changes_phone_two_people'),
        ),
    ]
