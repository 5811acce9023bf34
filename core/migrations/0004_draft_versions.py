from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0003_kept_files")]

    operations = [
        migrations.AddField("draft", "earlier", models.JSONField(default=list)),
    ]
