from django.db import migrations

from feedback.topics import FIRST_DAY, TOPICS


def load_topics(apps, schema_editor):
    """Add what is missing; a topic that an administrator has changed since stays as it is."""
    topic_model = apps.get_model("feedback", "Topic")
    topic_model.objects.bulk_create(
        [topic_model(valid_from=FIRST_DAY, **row) for row in TOPICS], ignore_conflicts=True
    )


def drop_unused_topics(apps, schema_editor):
    codes = [row["code"] for row in TOPICS]
    apps.get_model("feedback", "Topic").objects.filter(code__in=codes, opinions=None).delete()


class Migration(migrations.Migration):
    dependencies = [("feedback", "0001_initial")]
    operations = [migrations.RunPython(load_topics, drop_unused_topics)]
