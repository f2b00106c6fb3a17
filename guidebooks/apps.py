from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GuidebooksConfig(AppConfig):
    name = "guidebooks"
    verbose_name = _("Guidebooks")

    def ready(self) -> None:
        from guidebooks.reading import closing

        closing.connect()
