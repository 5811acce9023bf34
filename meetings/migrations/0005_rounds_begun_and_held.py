"""A round is begun at its first sitting and held when it is complete; it may be ended incomplete, with reasons."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F


def split_days(apps, schema_editor):
    """So far `met_on` was the first day and `completed_on` the day of the last."""
    occurrences = apps.get_model("meetings", "Occurrence").objects
    occurrences.filter(met_on__isnull=False).update(begun_on=F("met_on"), met_on=F("completed_on"))


def join_days(apps, schema_editor):
    occurrences = apps.get_model("meetings", "Occurrence").objects
    occurrences.filter(begun_on__isnull=False).update(completed_on=F("met_on"), met_on=F("begun_on"))


class Migration(migrations.Migration):

    dependencies = [
        ('meetings', '0004_closed_on_and_feed_subject'),
        ('units', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='occurrence',
            name='begun_on',
            field=models.DateField(blank=True, null=True, verbose_name='ngày bắt đầu họp'),
        ),
        migrations.RunPython(split_days, join_days),
        migrations.RemoveField(
            model_name='occurrence',
            name='completed_on',
        ),
        migrations.AddField(
            model_name='exemption',
            name='is_partial',
            field=models.BooleanField(default=False, verbose_name='kết thúc khi chưa họp đủ'),
        ),
        migrations.AddField(
            model_name='occurrence',
            name='is_incomplete',
            field=models.BooleanField(default=False, verbose_name='kết thúc khi chưa họp đủ'),
        ),
        migrations.AlterField(
            model_name='occurrence',
            name='met_on',
            field=models.DateField(blank=True, null=True, verbose_name='ngày họp đủ'),
        ),
        migrations.CreateModel(
            name='UnreachedUnit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(max_length=300, verbose_name='lý do')),
                ('exemption', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='unreached', to='meetings.exemption')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='units.unit')),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(fields=('exemption', 'unit'), name='unreached_once')],
            },
        ),
    ]
