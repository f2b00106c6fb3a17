"""The field's two-level vocabulary of topics, and free keywords beside it."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from taggit.models import ItemBase, TagBase


class Topic(TagBase):
    """One subject of the field. Topics without a parent are the first level."""

    free_tagging = False

    parent = models.ForeignKey(
        "self",
        verbose_name=_("broader topic"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="narrower",
        limit_choices_to={"parent__isnull": True},
    )
    name_de = models.CharField(_("name in German"), max_length=100, blank=True)
    name_fr = models.CharField(_("name in French"), max_length=100, blank=True)
    name_ar = models.CharField(_("name in Arabic"), max_length=100, blank=True)
    description = models.CharField(_("description"), max_length=300, blank=True)
    position = models.PositiveSmallIntegerField(_("position in lists"), default=0)

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name in the active language, else in English."""
        return getattr(self, f"name_{(get_language() or 'en')[:2]}", "") or self.name

    def clean(self) -> None:
        super().clean()
        if self.parent and (self.parent.parent_id or self.parent_id == self.pk):
            raise ValidationError({"parent": _("Topics have two levels: choose a topic of the first level.")})
        if self.parent and self.pk and self.narrower.exists():
            raise ValidationError({"parent": _("This topic has narrower topics, so it must stay on the first level.")})


class TopicOfPage(ItemBase):
    """A page is about a topic."""

    tag = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="of_pages")
    content_object = ParentalKey("core.HubPage", on_delete=models.CASCADE, related_name="topics_of_page")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tag", "content_object"], name="core_topic_once_a_page")]


class Keyword(TagBase):
    """A free word an author gave a page; nothing hangs on it."""

    class Meta:
        verbose_name = _("keyword")
        verbose_name_plural = _("keywords")


class KeywordOfPage(ItemBase):
    """A page carries a keyword."""

    tag = models.ForeignKey(Keyword, on_delete=models.CASCADE, related_name="of_pages")
    content_object = ParentalKey("core.HubPage", on_delete=models.CASCADE, related_name="keywords_of_page")
