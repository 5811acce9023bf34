from django.apps import AppConfig


class GiaobanConfig(AppConfig):
    name = "giaoban"
    verbose_name = "Giao ban cơ sở"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from giaoban import checks  # noqa: F401  registers the system checks
