from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "reports"
    verbose_name = "Báo cáo"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from reports.closing.reads import closures_of
        from units.closed import register_closures

        register_closures(closures_of)
