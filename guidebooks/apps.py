from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_delete, post_save
from django.utils.translation import gettext_lazy as _


class GuidebooksConfig(AppConfig):
    name = "guidebooks"
    verbose_name = _("Guidebooks")

    def ready(self) -> None:
        """Closing a chapter ends what was kept of it; when a file changes or goes, copies are out of date."""
        from core.models import HubDocument, HubImage
        from guidebooks.reading import closing
        from guidebooks.uploads import Upload

        closing.connect()
        for model in (HubImage, HubDocument):
            post_save.connect(_changed, sender=model)
            post_delete.connect(_changed, sender=model)
        post_delete.connect(_forget_file, sender=Upload)


def _changed(created: bool = False, **_signal: Any) -> None:
    from core.models import Generation

    if not created:
        Generation.raise_it()


def _forget_file(instance: Any, **_signal: Any) -> None:
    """Also where it goes with its owner, its place or its guidebook: a cascade calls no ``delete()``."""
    instance.forget_file()
