from django.apps import AppConfig


class VisitsConfig(AppConfig):
    name = "visits"
    verbose_name = "Đi cơ sở"
    default_auto_field = "django.db.models.BigAutoField"
