"""Images and documents that stand behind the access rule."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.documents.models import AbstractDocument
from wagtail.images.models import AbstractImage, AbstractRendition

from core.models.gated import Gated


class HubImage(Gated, AbstractImage):
    """A picture with an audience."""

    tags = None

    admin_form_fields = ("title", "file", "description", "collection", "audience", "working_group")

    class Meta(Gated.Meta):
        verbose_name = _("image")
        verbose_name_plural = _("images")


class HubRendition(AbstractRendition):
    """A picture in one size."""

    image = models.ForeignKey(HubImage, on_delete=models.CASCADE, related_name="renditions")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["image", "filter_spec", "focal_point_key"], name="core_rendition_once")
        ]


class HubDocument(Gated, AbstractDocument):
    """A file with an audience."""

    tags = None

    admin_form_fields = ("title", "file", "collection", "audience", "working_group")

    class Meta(Gated.Meta):
        verbose_name = _("document")
        verbose_name_plural = _("documents")
