from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "people"
    verbose_name = "Con người"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from people.reads import posts_begun, village_posts
        from units.closed import register_facts
        from units.panels import register_village_panel

        register_village_panel(village_posts)
        register_facts("chức danh bắt đầu sau", posts_begun)
