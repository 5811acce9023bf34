from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    name = "meetings"
    verbose_name = "Hội nghị"
    default_auto_field = "django.db.models.BigAutoField"
