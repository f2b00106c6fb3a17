"""Guidebooks: books of the network, with chapters that are read one after the other."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel

from core.access import TIERS, Viewer, can_see
from core.blocks import has_entries
from core.models import HubPage, PracticeContext, SectionIndexPage, WithAuthors, WithBody
from guidebooks.contents import Contents
from guidebooks.imported import Imported
from guidebooks.reading.beside import Beside
from guidebooks.reading.notes import PrivateNote
from guidebooks.reading.readings import Reading, readings_of
from guidebooks.reading.versions import Revised, Version
from guidebooks.shelf import covers_of, first_level
from guidebooks.taking.kept import ways
from guidebooks.uploads import Origin, Upload, UploadPicture
from members.devices import owner_of
from members.models import User, in_language

__all__ = [
    "ChapterPage",
    "GuidebookIndexPage",
    "GuidebookPage",
    "Origin",
    "PrivateNote",
    "Reading",
    "Upload",
    "UploadPicture",
    "Version",
]

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


class Licence(models.TextChoices):
    """What others may do with a guidebook. None is chosen until somebody chooses it: all rights are then reserved."""

    BY = "by", "Creative Commons BY 4.0"
    BY_SA = "by-sa", "Creative Commons BY-SA 4.0"
    BY_NC = "by-nc", "Creative Commons BY-NC 4.0"
    BY_NC_SA = "by-nc-sa", "Creative Commons BY-NC-SA 4.0"
    BY_NC_ND = "by-nc-nd", "Creative Commons BY-NC-ND 4.0"

    @staticmethod
    def address(code: str) -> str:
        """Where the licence's own words stand; empty where none is chosen."""
        return f"https://creativecommons.org/licenses/{code}/4.0/" if code else ""


class Offline(models.TextChoices):
    """Whether a copy may be kept on a reader's device."""

    AS_USUAL = "", _("As usual: yes, but not where only a working group may read")
    YES = "yes", _("Yes")
    NO = "no", _("No")


class GuidebookPage(WithBody, WithAuthors, PracticeContext, Imported, Revised, HubPage):
    """The cover and introduction of a guidebook. Its chapters are the pages below it."""

    kind_code = "guidebook"
    in_library = True

    edition = models.CharField(_("edition"), max_length=60, blank=True, help_text=_("Such as “Edition 2, May 2027”."))
    licence = models.CharField(
        _("licence"),
        max_length=16,
        blank=True,
        choices=Licence,
        help_text=_("It stands in every copy that is taken away. Without one, all rights are reserved."),
    )
    offline = models.CharField(
        _("may be kept on a device"),
        max_length=3,
        blank=True,
        default=Offline.AS_USUAL,
        choices=Offline,
        help_text=_("Readers can then read it without a connection. A device can be lost or taken."),
    )

    parent_page_types = ["guidebooks.GuidebookIndexPage", "groups.WorkingGroupPage"]
    subpage_types = ["guidebooks.ChapterPage"]
    admin_default_ordering = "ord"
    content_panels = [
        *WithBody.body_panels,
        FieldPanel("authors"),
        FieldPanel("edition"),
        FieldPanel("licence"),
        FieldPanel("offline"),
        *PracticeContext.context_panels,
        *Revised.change_panels,
    ]

    class Meta:
        verbose_name = _("guidebook")
        verbose_name_plural = _("guidebooks")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """As every page's, with the contents as far as this viewer may read."""
        know_language(self)
        context = super().get_context(request, *args, **kwargs)
        contents = Contents.of(self, context["viewer"])
        if context["viewer"].signed_in:
            contents = contents.with_read(readings_of(cast(User, request.user), [item.pk for item in contents.items]))
        context["contents"] = contents
        context["ways"] = ways(self, context["viewer"])
        if self.viewer_on_device(context["viewer"]):
            context["keep_url"] = reverse("offline_copy", args=[self.pk])
        context["owner"] = owner_of(request)
        context["has_entries"] = has_entries(self.body)
        context["has_worksheet"] = has_entries(self.body, "worksheet")
        context["group"] = group_name(self)
        context["minutes"] = self.reading_minutes + contents.minutes
        topics = [of.tag for of in self.topics_of_page.select_related("tag__parent").order_by("pk")]
        library = reverse("wagtail_serve", args=["library/"])
        context["topics"] = [(topic.label, f"{library}?{urlencode({'topic': topic.slug})}") for topic in topics]
        context["first_topic"] = first_level(topics[0]) if topics else ""
        return context

    @property
    def edition_now(self) -> str:
        """Its own."""
        return self.edition

    def viewer_on_device(self, viewer: Viewer) -> Viewer | None:
        """As whom a viewer may keep a copy on a device; none where nothing of this guidebook may be kept.

        Pages for a working group alone stay out unless the guidebook says yes: a device can be lost or taken.
        """
        if self.offline == Offline.NO:
            return None
        if self.offline != Offline.YES:
            tiers = frozenset(TIERS) if viewer.sees_all else viewer.keys & frozenset(TIERS)
            viewer = Viewer(tiers, signed_in=viewer.signed_in)
        return viewer if can_see(viewer, self) else None

    @property
    def licence_words(self) -> str:
        """What others may do with it, in a line."""
        return str(Licence(self.licence).label) if self.licence else gettext("All rights reserved.")

    def cited(self) -> dict[str, Any]:
        """Its authors, and the edition it says it is."""
        return {"authors": self.authors, "edition": self.edition}

    def search_facets(self) -> dict[str, list[str]]:
        """As every page's, with where and with whom it is used."""
        return {**super().search_facets(), **self.context_facets()}


class ChapterPage(WithBody, Imported, Revised, HubPage):
    """A chapter, or a part of a chapter, of a guidebook."""

    kind_code = "chapter"

    parent_page_types = ["guidebooks.GuidebookPage", "guidebooks.ChapterPage"]
    subpage_types = ["guidebooks.ChapterPage"]
    admin_default_ordering = "ord"
    content_panels = [*WithBody.body_panels, *Revised.change_panels]

    class Meta:
        verbose_name = _("chapter")
        verbose_name_plural = _("chapters")

    @property
    def book(self) -> HubPage:
        """The guidebook this chapter belongs to, as a plain page of the hub: what its chapters stand in."""
        return next(page for page in reversed(self.line) if page.kind != "chapter")

    @property
    def edition_now(self) -> str:
        """That of the book."""
        return GuidebookPage.objects.filter(pk=self.book.pk).values_list("edition", flat=True).first() or ""

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
        if context["viewer"].signed_in and self.live and not getattr(request, "is_preview", False):
            user = cast(User, request.user)
            read = readings_of(user, [item.pk for item in contents.items])
            beside = Beside.of(user, context["viewer"], self, read.get(self.pk), marked="changes" in request.GET)
            context["beside"], context["marks"] = beside, beside.marks
            contents = contents.with_read(read)
        context["contents"] = contents
        context["has_entries"] = has_entries(self.body)
        context["has_worksheet"] = has_entries(self.body, "worksheet")
        context["owner"] = owner_of(request) if context["has_entries"] else ""
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
