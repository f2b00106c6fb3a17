"""What pages of several rooms show beside their text: files to take away, topics as ways into the library."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from core.access import Viewer, can_see
from core.listing import Listing
from core.models import HubDocument, HubPage


@dataclass(frozen=True)
class File:
    """A file to take away, as ``components/files.html`` shows it; ``size`` in bytes, ``pages`` where they are known."""

    title: str
    url: str
    type: str
    size: int | None
    pages: int | None = None
    language: str = ""


def files_for(page: HubPage, viewer: Viewer) -> list[File]:
    """The files of the page that this viewer may open; one query."""
    documents = [of.document for of in page.files.select_related("document__text")]
    return [file_of(document) for document in documents if can_see(viewer, document)]


def file_of(document: HubDocument) -> File:
    """A document that the reader may open; of its text, only how many pages it has and in which language."""
    kind = document.file_extension.upper()
    text = getattr(document, "text", None)
    if text is None:
        return File(document.title, document.url, kind, document.file_size)
    pages = text.pages if kind == "PDF" else None
    return File(document.title, document.url, kind, document.file_size, pages, text.language)


def topic_links(page: HubPage) -> list[tuple[str, str]]:
    """The topics of the page in its order, each with the address of the library filtered by it; one query."""
    library = library_path()
    return [(topic.label, filter_url(library, "topic", topic.slug)) for topic in page.topics.all()]


def library_path() -> str:
    """The address of the library in the active language's tree."""
    return reverse("wagtail_serve", args=["library/"])


def filter_url(library: str, facet: str, value: str) -> str:
    """The library filtered by one value."""
    return Listing(chosen=((facet, value),)).url(library)
