from django.apps import AppConfig


class VisitsConfig(AppConfig):
    name = "visits"
    verbose_name = "Đi cơ sở"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from feedback.origins import register_origin
        from visits.enums import OPINION_ORIGIN
        from visits.origins import visit_origin

        register_origin(OPINION_ORIGIN, visit_origin)
