from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    name = "meetings"
    verbose_name = "Hội nghị"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from meetings.reads import attended_later, tasked_later, village_meetings
        from units.closed import register_facts
        from units.panels import register_village_panel

        register_village_panel(village_meetings)
        register_facts("lượt dự hội nghị", attended_later)
        register_facts("việc giao theo kết luận", tasked_later)
