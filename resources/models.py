"""The library: one page type for practices, tools, lessons, research and insight, the list of all, and imports."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.search import index

from core.imported import paragraphs
from core.kinds import KINDS
from core.listing import Listing, find
from core.models import Evidence, HubPage, Place, PracticeContext, SectionIndexPage, WithAuthors, WithBody
from core.models.contexts import CodesField, Motivation
from resources.showing import shown
from resources.subjects import subject_of, topics_of
from resources.tried import TriedNote
from resources.words import RESOURCE_KINDS

__all__ = ["Import", "ImportedRow", "ResourceIndexPage", "ResourcePage", "TriedNote"]

BEFORE_ONE_TRIES = ("for_whom", "staff", "cost", "risks", "neighbour_field", "carries_over", "does_not_carry")
"""Fields of words that belong to what it says, in the order in which they are read."""


def web_address(address: str) -> None:
    """Refuse what is no address of the web, such as an FTP server."""
    if not address.startswith(("https://", "http://")):
        raise ValidationError(_("Give an address that begins with https://"), code="web_address")


class ResourceIndexPage(SectionIndexPage):
    """The library: everything of the hub that can be read again, across rooms and owners, by filters."""

    parent_page_types: ClassVar[list[str]] = ["hub.HomePage"]
    subpage_types: ClassVar[list[str]] = ["resources.ResourcePage"]
    max_count_per_parent = 1

    class Meta:
        verbose_name = _("library")
        verbose_name_plural = _("libraries")

    def get_template(self, request: HttpRequest, *args: Any, **kwargs: Any) -> str:
        """The whole page, or for htmx the part of it that changes with the filters."""
        asked = getattr(request, "htmx", None)
        if asked and not asked.history_restore_request:
            return "resources/found.html"
        return "resources/resource_index_page.html"

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """As every page's, with what this viewer finds under the filters of the address."""
        context = super().get_context(request, *args, **kwargs)
        viewer = context["viewer"]
        listing, path = Listing.of(request.GET), self.url or request.path
        found = find(listing, viewer, path=path, fixed={"library": ["yes"]})
        return {
            **context,
            "found": found,
            "action": path,
            "counted": ngettext("%(number)d resource", "%(number)d resources", found.total) % {"number": found.total},
            "subject": subject_of(found, path),
            "topics": topics_of(found, path) if listing.is_plain else [],
        }

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """As every page; a cache must not give the part to one who wants the whole."""
        response = super().serve(request, *args, **kwargs)
        patch_vary_headers(response, ["HX-Request"])
        return response


class ResourcePage(WithBody, WithAuthors, PracticeContext, HubPage):
    """One thing a practitioner can use: a best practice, a tool, a lesson, research or insight."""

    in_library = True

    resource_kind = models.CharField(
        _("kind"),
        max_length=16,
        choices=[(kind, KINDS[kind]) for kind in RESOURCE_KINDS],
        default="practice",
        help_text=_("A lesson comes from a neighbouring field, such as addiction care."),
    )
    for_whom = models.TextField(
        _("for whom"), max_length=1000, blank=True, help_text=_("Who uses it, and with which people.")
    )
    motivation = CodesField(_("motivation of the person"), codes=Motivation)
    staff = models.TextField(_("staff"), max_length=1000, blank=True, help_text=_("How many, and what they must know."))
    cost = models.TextField(_("time and cost"), max_length=1000, blank=True)
    risks = models.TextField(
        _("what can go wrong"), max_length=2000, blank=True, help_text=_("For the person, for others, for the staff.")
    )
    evidence = models.CharField(_("kind of evidence"), max_length=16, choices=Evidence, blank=True)
    published_in = models.CharField(
        _("published first in"),
        max_length=255,
        blank=True,
        help_text=_("For something that was published elsewhere, such as the name of the journal, volume and pages."),
    )
    doi = models.CharField(
        "DOI",
        max_length=255,
        blank=True,
        validators=[RegexValidator(r"^10\.[0-9.]{4,12}/\S+\Z", _("Write it as 10.1000/182, without an address."))],
    )
    source_url = models.URLField(_("address of the original"), max_length=500, blank=True, validators=[web_address])
    neighbour_field = models.CharField(_("neighbouring field"), max_length=120, blank=True)
    carries_over = models.TextField(_("what carries over"), max_length=2000, blank=True)
    does_not_carry = models.TextField(_("what does not carry over"), max_length=2000, blank=True)

    parent_page_types: ClassVar[list[str]] = ["resources.ResourceIndexPage", "groups.WorkingGroupPage"]
    subpage_types: ClassVar[list[str]] = []

    content_panels = [
        *HubPage.content_panels,
        FieldPanel("resource_kind"),
        MultiFieldPanel(
            [FieldPanel("authors"), FieldPanel("published_in"), FieldPanel("doi"), FieldPanel("source_url")],
            heading=_("Who made it"),
        ),
        MultiFieldPanel(
            [
                FieldPanel("for_whom"),
                FieldPanel("motivation"),
                FieldPanel("staff"),
                FieldPanel("cost"),
                FieldPanel("risks"),
                FieldPanel("evidence"),
            ],
            heading=_("Before one tries it"),
        ),
        *PracticeContext.context_panels,
        MultiFieldPanel(
            [FieldPanel("neighbour_field"), FieldPanel("carries_over"), FieldPanel("does_not_carry")],
            heading=_("Only for a lesson from a neighbouring field"),
        ),
        FieldPanel("body"),
    ]
    search_fields = [
        *HubPage.search_fields,
        index.SearchField("body"),
        index.SearchField("for_whom"),
        index.SearchField("risks"),
        index.FilterField("resource_kind"),
        index.FilterField("evidence"),
    ]

    class Meta:
        verbose_name = _("resource")
        verbose_name_plural = _("resources")

    def clean(self) -> None:
        super().clean()
        errors: dict[str, Any] = {}
        if self.resource_kind == "lesson":
            for name in ("neighbour_field", "carries_over", "does_not_carry"):
                if not getattr(self, name).strip():
                    errors[name] = _("A lesson from a neighbouring field says this.")
        if self.review_by and self.published_on and self.review_by < self.published_on.date():
            errors["review_by"] = _("The date to review it by is before the day it was published.")
        if errors:
            raise ValidationError(errors)

    def get_kind(self) -> str:
        return self.resource_kind

    def cited(self) -> dict[str, Any]:
        """Its authors, and where it was published first."""
        return {
            "authors": self.authors,
            "published_in": self.published_in,
            "doi": self.doi,
            "source": self.source_url,
        }

    def frozen_body(self) -> list[Any]:
        """What one should know before trying, then the body; the words of the form in the language of the page."""
        blocks: list[Any] = []
        with translation.override(self.language):
            for name in BEFORE_ONE_TRIES:
                if words := getattr(self, name).strip():
                    heading = str(getattr(self._meta.get_field(name), "verbose_name", name)).capitalize()
                    blocks.append({"type": "heading", "value": {"level": "2", "text": heading, "anchor": ""}})
                    blocks.append({"type": "paragraph", "value": paragraphs(words)})
        return [*blocks, *super().frozen_body()]

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """As every page's, with what there is to know about it and where to go from it."""
        context = super().get_context(request, *args, **kwargs)
        return {**context, **shown(self, request, context["viewer"], context["versions"])}

    def search_places(self) -> Iterable[Place]:
        """As the body's; what one should know before trying belongs to the top."""
        top, *sections = super().search_places()
        known = [getattr(self, name) for name in BEFORE_ONE_TRIES]
        yield replace(top, text="\n".join(words for words in (*known, top.text) if words))
        yield from sections

    def search_facets(self) -> dict[str, list[str]]:
        """As every page's, with where and with whom it is used."""
        return {
            **super().search_facets(),
            **self.context_facets(),
            "motivation": list(self.motivation),
            "evidence": [self.evidence] if self.evidence else [],
        }


class Import(models.Model):
    """One run of an import, so that what it made can be taken back."""

    name = models.CharField(_("file"), max_length=255)
    started_at = models.DateTimeField(_("started"), auto_now_add=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.pk}: {self.name}"


class ImportedRow(models.Model):
    """A page that came from a row of an import. It goes with its page, so that the row may be imported again."""

    of_import = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rows")
    page = models.OneToOneField(ResourcePage, on_delete=models.CASCADE, related_name="imported_row")
    source = models.CharField(max_length=80)
    """What makes it the same row: its own id, else a hash of all it says."""
    as_made = models.CharField(max_length=64)
    """Hash of the page as the import left it."""
    documents = models.JSONField(default=list)
    """Ids of the files the import made for it."""
    images = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source"], name="resources_row_once")]

    def __str__(self) -> str:
        return f"{self.source} → {self.page_id}"
