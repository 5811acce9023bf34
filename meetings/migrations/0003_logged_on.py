"""Fill the day a meeting was logged from its moment; meetings logged before the clocks keep no due days."""

from zoneinfo import ZoneInfo

from django.db import migrations
from django.db.models.functions import TruncDate


def fill(apps, schema_editor):
    meetings = apps.get_model("meetings", "Meeting").objects.filter(logged_at__isnull=False, logged_on=None)
    meetings.update(logged_on=TruncDate("logged_at", tzinfo=ZoneInfo("Asia/Ho_Chi_Minh")))


class Migration(migrations.Migration):
    dependencies = [("meetings", "0002_papers_taskings_clocks")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
