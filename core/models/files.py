"""Images and documents behind the access rule, cleaned when they are uploaded."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from typing import Any

from django.core.files.base import ContentFile
from django.db import models, transaction
from django.urls import reverse
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _
from taggit.managers import TaggableManager
from taggit.models import ItemBase
from wagtail.documents.models import AbstractDocument
from wagtail.images.models import AbstractImage, AbstractRendition
from wagtail.models import CollectionMember
from wagtail.search import index

from core.access import fold, own_key
from core.cleaning import clean_document, clean_image
from core.models.gated import Gated
from core.models.topics import Topic
from search.entries import Entry

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

    def save(self, *args: Any, **kwargs: Any) -> None:
        """As for all files; that its text waits to be read is written with it or not at all (core.filetexts)."""
        with transaction.atomic():
            super().save(*args, **kwargs)


class Reading(models.TextChoices):
    """How far the text of a file is read, or why there is none; the words are the secretariat's."""

    WAITING = "waiting", _("The text is still to be read. The file is found by its title until then.")
    STARTED = "started", _("The text is being read now.")
    READ = "read", _("The text can be found.")
    PARTLY = (
        "partly",
        _("Only the beginning could be read and can be found: the file is very long, or part is damaged."),
    )
    SCAN = "scan", _("No text found: looks like a scan. Run text recognition (OCR) over it and upload it again.")
    EMPTY = "empty", _("There is no text in this file.")
    ENCRYPTED = "encrypted", _("Protected by a password. Take the password off and upload the file again.")
    DAMAGED = "damaged", _("Damaged. Open it in its own program, save it anew and upload it again.")
    WRONG_TYPE = "wrong-type", _("Not the kind of file its name says. Save it again in its own program.")
    TOO_LARGE = "too-large", _("Too large when it is unpacked. Save it in parts, or with smaller pictures.")
    TOO_SLOW = "too-slow", _("Reading took too long and was ended. Save it in a simpler form.")
    MACROS = "macros", _("Contains macros. Save it without them and upload it again.")
    MISSING = "missing", _("The file is gone from the hub's storage. Upload it again.")
    UNKNOWN = "unknown", _("The text of files of this kind cannot be found. The file is found by its title.")
    FAILED = "failed", _("Reading failed more than once. Try again later, or tell whoever looks after the hub.")


class FileText(models.Model):
    """The words of a document as search needs them. Who may read the document may read them, nobody else."""

    document = models.OneToOneField(HubDocument, on_delete=models.CASCADE, primary_key=True, related_name="text")
    state = models.CharField(max_length=10, choices=Reading, default=Reading.WAITING)
    file_name = models.CharField(max_length=255)
    """Which file it is, as the storage names it: a document can get another one."""
    pages = models.PositiveIntegerField(null=True)
    """Pages of a PDF, slides of a presentation."""
    words = models.PositiveIntegerField(default=0)
    language = models.CharField(max_length=7, blank=True)
    """Guessed from the text; empty where none stands out."""
    tries = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField(null=True)
    extracted_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("text of a document")
        verbose_name_plural = _("texts of documents")
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=Reading.values), name="core_filetext_state_known")
        ]
        indexes = [
            models.Index(
                fields=["document"],
                condition=models.Q(state__in=[Reading.WAITING, Reading.STARTED]),
                name="core_filetext_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"{self.document_id}: {self.state}"

    @property
    def language_name(self) -> str:
        """The language in the reader's language; its code where Django has no name for it."""
        try:
            return str(get_language_info(self.language)["name_translated"])
        except KeyError:
            return self.language

    def entries(self, page: dict[str, Any]) -> Iterator[Entry]:
        """What the index holds of the file within a page that offers it.

        Only who may read both finds it: the key is the stricter of the two.

        Args:
            page: The fields that all entries of the page share, its key among them.
        """
        document = self.document
        shared = {**page, "key": fold(page["key"], document.access_key)}
        for part in self.parts.all():
            yield Entry(
                **shared,
                text=part.text,
                label=f"{document.title}: {part.label}" if part.label else document.title,
                anchor=f"{document.url}{part.fragment(document.file_extension.lower())}",
            )


class FilePart(models.Model):
    """One page, slide or section of a document."""

    of = models.ForeignKey(FileText, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    label = models.CharField(max_length=200, blank=True)
    text = models.TextField()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["of", "number"], name="core_filepart_once")]

    def __str__(self) -> str:
        return f"{self.of_id}, {self.number}"

    def fragment(self, ending: str) -> str:
        """What opens the file at this place, where there is such a thing; it also tells ``core.cards`` what to call it.

        >>> FilePart(number=7).fragment("pdf"), FilePart(number=7).fragment("docx")
        ('#page=7', '')
        """
        return {"pdf": f"#page={self.number}", "pptx": f"#slide={self.number}"}.get(ending, "")
