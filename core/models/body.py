"""Pages that are read: a body of blocks, found by search at its headed sections."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel

from core.blocks import BodyBlock, BodyField
from core.models.pages import HubPage, Place
from core.reading import sections


class WithBody(models.Model):
    """A body, to be named before ``HubPage`` in the bases of a page."""

    body = BodyField(BodyBlock(), blank=True, verbose_name=_("text"))

    body_panels = [*HubPage.content_panels, FieldPanel("body")]

    class Meta:
        abstract = True

    def frozen_body(self) -> list[Any]:
        """The body as it is stored."""
        return list(self.body.get_prep_value())

    def search_places(self) -> Iterable[Place]:
        """What stands before the first heading, then each headed section with its anchor."""
        found = list(sections(self.body))
        top = "" if not found or found[0].anchor else found.pop(0).text
        yield Place(top)
        for section in found:
            yield Place(section.text, anchor=f"#{section.anchor}", label=section.title)
