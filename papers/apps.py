from django.apps import AppConfig


class PapersConfig(AppConfig):
    name = "papers"
    verbose_name = "Văn bản"

    def ready(self):
        from feedback.reads import register_page_part
        from papers.lettering import letters_beside

        register_page_part(letters_beside)
