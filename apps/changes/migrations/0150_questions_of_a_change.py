import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("changes", "0142_excluded_signers")]

    operations = [
        migrations.AlterField(
            model_name="debtwaiver",
            name="kind",
            field=models.CharField(
                choices=[
                    ("ratification", "Ratification"),
                    ("phone", "Confirmation of a phone approval"),
                    ("review", "Post-implementation review"),
                    ("denied", "Ruling on a denied approval"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name='changerequest',
            name='continuity',
            field=models.CharField(blank=True, choices=[('none', 'None is concerned'), ('updated', 'They are updated'), ('open', 'They are still to be updated')], max_length=10, verbose_name='operating documents'),
        ),
        migrations.AddField(
            model_name='changerequest',
            name='continuity_words',
            field=models.TextField(blank=True, max_length=500, verbose_name='in words'),
        ),
        migrations.AddField(
            model_name='changerequest',
            name='data_impact',
            field=models.CharField(blank=True, choices=[('none', 'None'), ('changed', 'Changes stored data'), ('sensitive', 'Touches card or personal data')], max_length=10, verbose_name='impact on data'),
        ),
        migrations.AddField(
            model_name='changerequest',
            name='data_words',
            field=models.TextField(blank=True, max_length=500, verbose_name='in words'),
        ),
        migrations.AddField(
            model_name='changerequest',
            name='impact_words',
            field=models.TextField(blank=True, max_length=500, verbose_name='in words'),
        ),
        migrations.AddField(
            model_name='changerequest',
            name='security_impact',
            field=models.CharField(blank=True, choices=[('none', 'None'), ('changed', 'Changes who may do what'), ('weakened', 'Weakens a protection')], max_length=10, verbose_name='impact on security'),
        ),
        migrations.AddField(
            model_name='changerequest',
            name='security_words',
            field=models.TextField(blank=True, max_length=500, verbose_name='in words'),
        ),
        migrations.AddField(
            model_name='historicalchangerequest',
            name='continuity',
            field=models.CharField(blank=True, choices=[('none', 'None is concerned'), ('updated', 'They are updated'), ('open', 'They are still to be updated')], max_length=10, verbose_name='operating documents'),
        ),
        migrations.AddField(
            model_name='historicalchangerequest',
            name='continuity_words',
            field=models.TextField(blank=True, max_length=500, verbose_name='in words'),
        ),
        migrations.AddField(
            model_name='historicalchangerequest',
            name='data_impact',
            field=models.CharField(blank=True, choices=[('none', 'None'), ('changed', 'Changes stored data'), ('sensitive', 'Touches card or personal data')], max_length=10, verbose_name='impact on data'),
        ),
        migrations.AddField(
            model_name='historicalchangerequest',
            name='data_words',
            field=models.TextField(blank=True, max_length=500, verbose_name='in words'),
        ),
        migrations.AddField(
            model_name='historicalchangerequest',
            name='impact_words',
            field=models.TextField(blank=True, max_length=500, verbose_name='in words'),
        ),
        migrations.AddField(
            model_name='historicalchangerequest',
            name='security_impact',
            field=models.CharField(blank=True, choices=[('none', 'None'), ('changed', 'Changes who may do what'), ('weakened', 'Weakens a protection')], max_length=10, verbose_name='impact on security'),
        ),
        migrations.AddField(
            model_name='historicalchangerequest',
            name='security_words',
            field=models.TextField(blank=True, max_length=500, verbose_name='in words'),
        ),
        migrations.AlterField(
            model_name='changerequest',
            name='impact',
            field=models.CharField(blank=True, choices=[('none', 'None'), ('degraded', 'Degraded service'), ('outage', 'Outage')], max_length=10, verbose_name='impact on the service'),
        ),
        migrations.AlterField(
            model_name='historicalchangerequest',
            name='impact',
            field=models.CharField(blank=True, choices=[('none', 'None'), ('degraded', 'Degraded service'), ('outage', 'Outage')], max_length=10, verbose_name='impact on the service'),
        ),
        migrations.AlterField(
            model_name='policyrule',
            name='after',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('another_change', 'another type, application or incident'), ('scope_extended', 'an asset added, or another action or version family'), ('rebuilt', 'rebuilt in the same version family'), ('scope_reduced', 'an asset removed'), ('fallback_worse', 'another backout, or more irreversible parts, downtime or impact'), ('validation_weaker', 'another or a weaker validation'), ('steps_extended', 'a step of another type that alters production'), ('window_harder', "another class of window, a night near a month's end or a freeze, or an earlier day"), ('risk_raised', 'risk_raised')], max_length=60), blank=True, default=list, help_text='Only when the question is re-opened because of one of these.', size=20),
        ),
        migrations.AddField(
            model_name='policyrule',
            name='regulations',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('pci', 'Pci'), ('sox', 'Sox'), ('dora', 'Dora')], max_length=60), blank=True, default=list, help_text='Rules of regulators, one of which an application of the scope falls under.', size=20),
        ),
    ]
