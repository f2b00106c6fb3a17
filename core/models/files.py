"""Images and documents behind the access rule, cleaned when they are uploaded."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from django.core.files.base import ContentFile
from django.db import models, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from taggit.managers import TaggableManager
from taggit.models import ItemBase
from wagtail.documents.models import AbstractDocument
from wagtail.images.models import AbstractImage, AbstractRendition
from wagtail.models import CollectionMember
from wagtail.search import index

from core.access import own_key
from core.cleaning import clean_document, clean_image
from core.models.gated import Gated
from core.models.topics import Topic

TOKEN_BYTES = 12  # 96 random bits: an address nobody can guess


def new_token() -> str:
    """A random name for the address of a picture."""
    return secrets.token_urlsafe(TOKEN_BYTES)


class GatedFile(Gated):
    """A file stands in no tree: its key is what its own audience asks for."""

    file: Any
    cleaner: Callable[[Any], bytes]

    class Meta(Gated.Meta):
        abstract = True

    def clean(self) -> None:
        """Refuse a new file that is not what its name says, or that cannot be freed of metadata."""
        super().clean()
        self._clean_new_file()

    def save(self, *args: Any, **kwargs: Any) -> None:
        """As Django's, with the key derived and a new file cleaned, whichever way it came."""
        self._clean_new_file()
        self.access_key = own_key(self.audience, self.working_group_id)
        fields = kwargs.get("update_fields")
        if fields is not None and {"audience", "working_group", "working_group_id"} & set(fields):
            kwargs["update_fields"] = {*fields, "access_key"}
        super().save(*args, **kwargs)

    def _clean_new_file(self) -> None:
        # FieldFile._committed is false for a file that has not been stored yet.
        if not self.file or getattr(self.file, "_committed", True):
            return
        if getattr(self.file.file, "is_clean", False):
            return
        cleaned = ContentFile(self.cleaner(self.file), name=self.file.name)
        cleaned.is_clean = True  # type: ignore[attr-defined]
        self.file = cleaned


class TopicOfImage(ItemBase):
    """A picture is about a topic."""

    tag = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="of_images")
    content_object = models.ForeignKey("core.HubImage", on_delete=models.CASCADE, related_name="topics_of_image")


class TopicOfDocument(ItemBase):
    """A file is about a topic."""

    tag = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="of_documents")
    content_object = models.ForeignKey("core.HubDocument", on_delete=models.CASCADE, related_name="topics_of_document")


# Without Wagtail's free tags, which tell every editor the words of all the others.
FILE_SEARCH_FIELDS = [
    *CollectionMember.search_fields,
    index.SearchField("title", boost=10),
    index.AutocompleteField("title"),
    index.FilterField("title"),
    index.FilterField("uploaded_by_user"),
    index.FilterField("created_at"),
    index.FilterField("access_key"),
]


class HubImage(GatedFile, AbstractImage):
    """A picture with an audience."""

    tags = TaggableManager(through=TopicOfImage, blank=True, verbose_name=_("topics"), related_name="images")

    cleaner = staticmethod(clean_image)
    admin_form_fields = (
        "title",
        "file",
        "description",
        "collection",
        "audience",
        "working_group",
        "focal_point_x",
        "focal_point_y",
        "focal_point_width",
        "focal_point_height",
    )
    search_fields = [*FILE_SEARCH_FIELDS, index.SearchField("description")]

    class Meta(GatedFile.Meta):
        verbose_name = _("image")
        verbose_name_plural = _("images")

    def save(self, *args: Any, **kwargs: Any) -> None:
        """As for all files; when who may see it changes, its addresses do too."""
        with transaction.atomic():
            before = (
                models.QuerySet(HubImage).filter(pk=self.pk).values_list("access_key", flat=True).first()
                if self.pk
                else None
            )
            super().save(*args, **kwargs)
            if before is not None and before != self.access_key:
                for rendition in self.renditions.all():
                    rendition.token = new_token()
                    rendition.save(update_fields=["token"])


class HubRendition(AbstractRendition):
    """A picture in one size, at an address that cannot be guessed and still meets the rule."""

    image = models.ForeignKey(HubImage, on_delete=models.CASCADE, related_name="renditions")
    token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["image", "filter_spec", "focal_point_key"], name="core_rendition_once")
        ]

    @property
    def url(self) -> str:
        """The address of the picture; nothing is served by its path."""
        return reverse("image", args=[self.token])


class HubDocument(GatedFile, AbstractDocument):
    """A file with an audience."""

    tags = TaggableManager(through=TopicOfDocument, blank=True, verbose_name=_("topics"), related_name="documents")

    cleaner = staticmethod(clean_document)
    admin_form_fields = ("title", "file", "collection", "audience", "working_group")
    search_fields = FILE_SEARCH_FIELDS

    class Meta(GatedFile.Meta):
        verbose_name = _("document")
        verbose_name_plural = _("documents")

    @property
    def url(self) -> str:
        """The address of the file, behind the rule."""
        return reverse("document", args=[self.pk, self.filename])
