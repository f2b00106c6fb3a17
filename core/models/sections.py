"""Index pages: a section's door, which lists what there is across all owners."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField

from core.access import Viewer
from core.models.pages import HubPage, HubPageQuerySet, active_languages


class SectionIndexPage(HubPage):
    """What the index pages of the library, guidebooks, events, standards and groups share."""

    kind_code = "section"

    introduction = RichTextField(_("introduction"), blank=True, features=["bold", "italic", "link"])

    content_panels = [*HubPage.content_panels, FieldPanel("introduction")]

    class Meta:
        abstract = True

    def listed(self, model: type[HubPage], viewer: Viewer) -> HubPageQuerySet:
        """Pages of one kind across all owners, one per item, newest first, as this viewer may list them."""
        return model.objects.listed_for(viewer).in_best_language(*active_languages()).for_cards().newest_first()
