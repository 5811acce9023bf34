from django.db import migrations, models

from core.text import place_sort_key

BATCH = 1000


def fill(apps, schema_editor):
    for name in ("Unit", "Body"):
        model = apps.get_model("units", name)
        rows = list(model.objects.only("pk", "name"))
        for row in rows:
            row.sort_key = place_sort_key(row.name)
        model.objects.bulk_update(rows, ["sort_key"], batch_size=BATCH)


class Migration(migrations.Migration):
    dependencies = [("units", "0001_initial")]

    operations = [
        migrations.AddField("unit", "sort_key", models.CharField(default="", editable=False, max_length=600)),
        migrations.AddField("body", "sort_key", models.CharField(default="", editable=False, max_length=600)),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
        migrations.AlterField("unit", "sort_key", models.CharField(editable=False, max_length=600)),
        migrations.AlterField("body", "sort_key", models.CharField(editable=False, max_length=600)),
        migrations.AlterModelOptions(
            "body", {"ordering": ["unit_id", "kind", "sort_key"], "verbose_name": "cơ quan"}
        ),
    ]
