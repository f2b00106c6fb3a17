"""Guidebooks: books of the network, with chapters that are read one after the other."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel

from core.models import HubPage, PracticeContext, SectionIndexPage, WithAuthors, WithBody
from guidebooks.contents import Contents
from guidebooks.imported import Imported
from guidebooks.shelf import covers_of, first_level
from members.models import in_language

PER_PAGE = 24


class GuidebookIndexPage(SectionIndexPage):
    """All guidebooks, whoever owns them."""

    parent_page_types = ["hub.HomePage"]
    subpage_types = ["guidebooks.GuidebookPage"]

    class Meta:
        verbose_name = _("guidebooks")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """As every page's, with the covers of the guidebooks this viewer may list."""
        context = super().get_context(request, *args, **kwargs)
        books = self.listed(GuidebookPage, context["viewer"])
        page = Paginator(books, PER_PAGE).get_page(request.GET.get("page"))
        context["found"] = page
        context["previous_url"] = f"?page={page.previous_page_number()}" if page.has_previous() else ""
        context["next_url"] = f"?page={page.next_page_number()}" if page.has_next() else ""
        context["covers"] = covers_of(list(page.object_list), context["viewer"])
        return context


class GuidebookPage(WithBody, WithAuthors, PracticeContext, Imported, HubPage):
    """The cover and introduction of a guidebook. Its chapters are the pages below it."""

    kind_code = "guidebook"
    in_library = True

    edition = models.CharField(_("edition"), max_length=60, blank=True, help_text=_("Such as “Edition 2, May 2027”."))

    parent_page_types = ["guidebooks.GuidebookIndexPage", "groups.WorkingGroupPage"]
    subpage_types = ["guidebooks.ChapterPage"]
    content_panels = [
        *WithBody.body_panels,
        FieldPanel("authors"),
        FieldPanel("edition"),
        *PracticeContext.context_panels,
    ]

    class Meta:
        verbose_name = _("guidebook")
        verbose_name_plural = _("guidebooks")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """As every page's, with the contents as far as this viewer may read."""
        know_language(self)
        context = super().get_context(request, *args, **kwargs)
        contents = Contents.of(self, context["viewer"])
        context["contents"] = contents
        context["group"] = group_name(self)
        context["minutes"] = self.reading_minutes + contents.minutes
        topics = [of.tag for of in self.topics_of_page.select_related("tag__parent").order_by("pk")]
        library = reverse("wagtail_serve", args=["library/"])
        context["topics"] = [(topic.label, f"{library}?{urlencode({'topic': topic.slug})}") for topic in topics]
        context["first_topic"] = first_level(topics[0]) if topics else ""
        return context

    def cited(self) -> dict[str, Any]:
        """Its authors, and the edition it says it is."""
        return {"authors": self.authors, "edition": self.edition}

    def search_facets(self) -> dict[str, list[str]]:
        """As every page's, with where and with whom it is used."""
        return {**super().search_facets(), **self.context_facets()}


class ChapterPage(WithBody, Imported, HubPage):
    """A chapter, or a part of a chapter, of a guidebook."""

    kind_code = "chapter"

    parent_page_types = ["guidebooks.GuidebookPage", "guidebooks.ChapterPage"]
    subpage_types = ["guidebooks.ChapterPage"]
    content_panels = WithBody.body_panels

    class Meta:
        verbose_name = _("chapter")
        verbose_name_plural = _("chapters")

    @property
    def book(self) -> HubPage:
        """The guidebook this chapter belongs to, as a plain page of the hub: what its chapters stand in."""
        return next(page for page in reversed(self.line) if page.kind != "chapter")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """As every page's, with the book around it as far as this viewer may read."""
        know_language(self)
        context = super().get_context(request, *args, **kwargs)
        contents = Contents.of(self.book, context["viewer"], current=self)
        # A book that is still a draft says nothing on the pages of its chapters, whoever looks.
        context["book_title"] = (
            self.book.title if self.book.live else str(GuidebookPage._meta.verbose_name).capitalize()
        )
        context["book_url"] = self.book.url if self.book.live else self.url
        context["group"] = group_name(self)
        context["contents"] = contents
        return context


def group_name(page: HubPage) -> str:
    """The name of the group that alone may read a page, for its sign; empty where others may too."""
    if not page.access_key.startswith("group:") or page.working_group is None:
        return ""
    return in_language(page.working_group, "name")


def know_language(page: HubPage) -> None:
    """Take the language from the line of ancestors, which is read anyway, and spare a query."""
    if page.line and page.line[-1].locale_id == page.locale_id:
        page.locale = page.line[-1].locale
