"""Visits of earlier days: the key of their contents, and that a commune had confirmed them."""

from django.db import migrations

from visits.checks.rules import content_key

BATCH = 500


def fill(apps, schema_editor):
    visits = apps.get_model("visits", "Visit").objects
    visits.exclude(reviewed_at=None).update(reviewed_level="commune")
    rows = []
    for visit in visits.only("pk", "content").iterator(chunk_size=BATCH):
        visit.content_key = content_key(visit.content)
        if visit.content_key:
            rows.append(visit)
    visits.bulk_update(rows, ["content_key"], batch_size=BATCH)


class Migration(migrations.Migration):
    dependencies = [("visits", "0006_questions_and_pools")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
