from django.db import migrations

from feedback.topics import FIRST_DAY, NOT_CHOSEN


def add_topic(apps, schema_editor):
    row = apps.get_model("feedback", "Topic")(valid_from=FIRST_DAY, **NOT_CHOSEN)
    apps.get_model("feedback", "Topic").objects.bulk_create([row], ignore_conflicts=True)


def drop_topic(apps, schema_editor):
    apps.get_model("feedback", "Topic").objects.filter(code=NOT_CHOSEN["code"], opinions=None).delete()


class Migration(migrations.Migration):
    dependencies = [("feedback", "0007_later_days")]
    operations = [migrations.RunPython(add_topic, drop_topic)]
