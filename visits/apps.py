from django.apps import AppConfig


class VisitsConfig(AppConfig):
    name = "visits"
    verbose_name = "Đi cơ sở"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from feedback.reads import register_origin
        from units.closed import register_facts
        from visits.enums import OPINION_ORIGIN
        from visits.reads import commended_later, happened_later, trained_later, visit_origin, visited_later

        register_origin(OPINION_ORIGIN, visit_origin)
        register_facts("lượt đi cơ sở", visited_later)
        register_facts("lượt tập huấn", trained_later)
        register_facts("khen thưởng", commended_later)
        register_facts("sự việc", happened_later)
