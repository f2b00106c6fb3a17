"""Editions: the text of a page, and of all below it, as it was published at one moment.

An edition is a copy, because revisions can be purged, and because a book is many pages that go on being changed. It
stores who could read each part *then*; who may read it *now* is asked of the pages themselves at each reading
(``core.editions``), so that what is closed later is closed in all its editions at once.
See docs/decisions/0009-editions.md.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.access import NOBODY
from core.blocks import BodyBlock, BodyField
from core.models.gated import KEY_IS_KNOWN
from core.models.pages import HubPage


class Edition(models.Model):
    """One closed edition of a page: a guidebook with its chapters, a resource, a standard."""

    page = models.ForeignKey(HubPage, on_delete=models.CASCADE, related_name="editions")
    number = models.PositiveSmallIntegerField(_("number"), editable=False)
    name = models.CharField(_("name"), max_length=60, help_text=_("As it is cited, such as “Edition 1, May 2026”."))
    title = models.CharField(max_length=255, editable=False)
    summary = models.TextField(blank=True, editable=False)
    authors = models.CharField(max_length=500, blank=True, editable=False)
    access_key = models.CharField(max_length=32, default=NOBODY, editable=False)
    """Who could read the page when the edition was closed."""
    closed_at = models.DateTimeField(_("closed"), default=timezone.now, editable=False)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )

    class Meta:
        verbose_name = _("edition")
        verbose_name_plural = _("editions")
        ordering = ["page", "number"]
        constraints = [
            models.UniqueConstraint(fields=["page", "number"], name="core_edition_number_once"),
            models.CheckConstraint(condition=KEY_IS_KNOWN, name="core_edition_key_known"),
        ]

    def __str__(self) -> str:
        return f"{self.page_id}: {self.number}"


class EditionPart(models.Model):
    """The text of one page in an edition: the page itself first, then what stood below it in reading order."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="parts")
    page = models.ForeignKey(HubPage, on_delete=models.SET_NULL, null=True, related_name="+")
    """Empty: the page was deleted since, and ``access_key`` says also what it was closed to at its end."""
    position = models.PositiveIntegerField()
    depth = models.PositiveSmallIntegerField()
    """0: the page itself, 1: a chapter, 2: a part of it."""
    address = models.CharField(max_length=1000, blank=True)
    """What it adds to the address of the edition, such as ``listening/first-hour/``; nothing for the page itself."""
    title = models.CharField(max_length=255)
    summary = models.TextField(blank=True)
    body = BodyField(BodyBlock(), blank=True)
    access_key = models.CharField(max_length=32, default=NOBODY)

    class Meta:
        ordering = ["edition", "position"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "position"], name="core_editionpart_position_once"),
            models.CheckConstraint(condition=KEY_IS_KNOWN, name="core_editionpart_key_known"),
        ]

    def __str__(self) -> str:
        return f"{self.edition_id}: {self.position}"
