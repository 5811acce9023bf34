from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('journal', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='notice',
            name='lines',
            field=models.TextField(blank=True, verbose_name='từng việc, mỗi dòng một việc'),
        ),
    ]
