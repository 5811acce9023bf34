from django.apps import AppConfig


class FeedbackConfig(AppConfig):
    name = "feedback"
    verbose_name = "Ý kiến"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from feedback.reads import assigned_later, raised_later, village_opinions
        from units.closed import register_facts
        from units.panels import register_village_panel

        register_village_panel(village_opinions)
        register_facts("ý kiến", raised_later)
        register_facts("ý kiến được giao", assigned_later)
