from django.db import migrations


class Migration(migrations.Migration):
    """On SQLite the check called a function that only Django brings: the file could be neither checked nor copied."""

    dependencies = [("visits", "0007_fill_content_keys")]

    operations = [migrations.RemoveConstraint(model_name="visitplan", name="visit_plan_first_of_month")]
