"""The published versions of a chapter: when, in which edition, what changed in one sentence, and the text itself.

What an editor says about a change travels with the draft, in fields of the page that stand in its revision. When the
draft is published, the words go over into a ``Version`` and the fields are empty again, so that no later draft, copy
or old revision says them a second time.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, cast

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel

from core.access import Viewer, visible
from core.forms import HubPageForm

CHANGE_FIELDS = ("change_note", "change_is_minor", "change_withdraws")
BLOCK_KEY = re.compile(r' data-block-key="[\w-]*"')


class RevisedForm(HubPageForm):
    """Asks what changed, once there is something published that can change."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.first_published_at:
            for name in CHANGE_FIELDS:
                self.fields.pop(name, None)


class Revised(models.Model):
    """What an editor says about a change, to be named before ``HubPage`` in the bases of a page."""

    change_note = models.CharField(
        _("what changed, in one sentence"),
        max_length=200,
        blank=True,
        help_text=_("Readers see it under “Changes”, with the date and without your name. Up to 200 characters."),
    )
    change_is_minor = models.BooleanField(
        _("small correction: tells nobody"),
        default=False,
        help_text=_("For slips of spelling and the like. The chapter is not shown as changed to those who read it."),
    )
    change_withdraws = models.BooleanField(
        _("do not show what stood there before"),
        default=False,
        help_text=_(
            "For names or facts that should not have stood there: those who read them are not shown them again, "
            "and the text is erased from older editions."
        ),
    )

    base_form_class = RevisedForm
    change_panels = [MultiFieldPanel([FieldPanel(name) for name in CHANGE_FIELDS], heading=_("What changed"))]

    class Meta:
        abstract = True

    @property
    def edition_now(self) -> str:
        """The edition in which it is published now; empty where none is said."""
        return ""


@dataclass(frozen=True)
class Text:
    """What a page says: title, summary and the blocks of its body as they are stored."""

    title: str
    summary: str
    blocks: list[dict[str, Any]]

    @classmethod
    def of_page(cls, page: Any) -> Text:
        """The text of a page in hand."""
        return cls(page.title, page.summary, list(page.body.raw_data))

    @classmethod
    def of_content(cls, content: dict[str, Any]) -> Text:
        """The text in a revision, or in ``as_content``."""
        body = content.get("body") or "[]"
        return cls(content.get("title", ""), content.get("summary", ""), json.loads(body))

    @property
    def as_content(self) -> dict[str, Any]:
        """As a revision holds it."""
        return {"title": self.title, "summary": self.summary, "body": json.dumps(self.blocks)}

    @property
    def digest(self) -> str:
        """SHA-256 of all its words; names of blocks and keys of the editor do not count."""
        plain = [self.title, self.summary, plain_value(self.blocks)]
        return sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def plain_value(value: Any) -> Any:
    """What is stored, without names of blocks and keys of the editor.

    >>> plain_value([{"type": "paragraph", "value": '<p data-block-key="a1">One</p>', "id": "7"}])
    [{'type': 'paragraph', 'value': '<p>One</p>'}]
    """
    if isinstance(value, str):
        return BLOCK_KEY.sub("", value)
    if isinstance(value, list):
        return [plain_value(each) for each in value]
    if isinstance(value, dict):
        is_block = "type" in value and "value" in value
        return {key: plain_value(each) for key, each in value.items() if not (is_block and key == "id")}
    return value


class Version(models.Model):
    """A text of a page that was published once.

    One that is not ``is_listed`` is kept because somebody read it, and no list may tell of that. ``text`` holds it only
    where there is no revision of Wagtail's that does. ``access_key`` says who could read the page then, whether or not
    what is above it was published. Nobody's name belongs to it.
    """

    page = models.ForeignKey("core.HubPage", on_delete=models.CASCADE, related_name="+")
    revision = models.ForeignKey("wagtailcore.Revision", on_delete=models.SET_NULL, null=True, related_name="+")
    text = models.JSONField(null=True, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    at = models.DateTimeField(editable=False)
    edition = models.CharField(max_length=60, blank=True, editable=False)
    note = models.CharField(max_length=200, blank=True, editable=False)
    is_listed = models.BooleanField(default=True, editable=False)
    is_first = models.BooleanField(default=False, editable=False)
    is_minor = models.BooleanField(default=False, editable=False)
    access_key = models.CharField(max_length=32, editable=False)

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["page", "-at"], name="guidebooks_versions_of_page")]

    def __str__(self) -> str:
        return f"{self.pk} of {self.page_id}"

    def read_again(self) -> Text | None:
        """The text; None where it is no longer kept, or where its revision has been written over since."""
        content = self.revision.content if self.revision else self.text
        text = Text.of_content(content) if content else None
        return text if text is not None and text.digest == self.digest else None


def record(page: Any, revision: Any) -> Version:
    """Keep what was just published, and empty what the editor said about the change."""
    version = Version.objects.create(
        page_id=page.pk,
        revision=revision,
        text=None if revision else Text.of_page(page).as_content,
        digest=Text.of_page(page).digest,
        at=page.last_published_at or timezone.now(),
        edition=page.edition_now,
        note=page.change_note,
        is_first=page.first_published_at == page.last_published_at,
        is_minor=page.change_is_minor,
        access_key=page.standing_key,
    )
    said = {name: type(page)._meta.get_field(name).get_default() for name in CHANGE_FIELDS}
    if any(getattr(page, name) for name in CHANGE_FIELDS):
        type(page).objects.filter(pk=page.pk).update(**said)
        for name, nothing in said.items():
            setattr(page, name, nothing)
        if revision:
            revision.content.update(said)
            type(revision).objects.filter(pk=revision.pk).update(content=revision.content)
    return version


def version_of(page: Any) -> Version:
    """The version that stands on the page now; kept from now on if it was not (a page that was never a draft)."""
    text = Text.of_page(page)
    known = Version.objects.filter(page_id=page.pk, digest=text.digest).select_related("revision").first()
    if known is None:
        return Version.objects.create(
            page_id=page.pk,
            text=text.as_content,
            digest=text.digest,
            at=page.last_published_at or timezone.now(),
            edition=page.edition_now,
            is_listed=False,
            access_key=page.standing_key,
        )
    if known.read_again() is None:
        known.text, known.revision = text.as_content, None
        known.save(update_fields=["text", "revision"])
    return cast(Version, known)


def history(pages: Any, viewer: Viewer) -> models.QuerySet[Version]:
    """Versions of these pages, newest first, that the viewer could have read with the rights of today.

    Args:
        pages: A queryset that began with ``visible_to(viewer)``, or ids out of one.
    """
    found = Version.objects.filter(visible(viewer), page__in=pages, is_listed=True)
    return found.select_related("page").defer("text")
