"""What the tests of guidebooks share: the section, books made by hand, the folders of fixtures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.models import HubPage
from guidebooks.models import ChapterPage, GuidebookIndexPage, GuidebookPage

FIXTURES = Path(__file__).parent / "fixtures"


@pytest.fixture
def section(home: Any) -> GuidebookIndexPage:
    """The English guidebooks section."""
    return GuidebookIndexPage.objects.get(locale=home.locale)


@pytest.fixture
def make_book(section: GuidebookIndexPage) -> Callable[..., GuidebookPage]:
    """Make a guidebook: ``make_book("Title", audience="members")``."""

    def make(title: str = "A book", parent: HubPage | None = None, **fields: Any) -> GuidebookPage:
        above = HubPage.objects.get(pk=(parent or section).pk).specific
        fields.setdefault("audience", "public")
        book: GuidebookPage = above.add_child(instance=GuidebookPage(title=title, **fields))
        return book

    return make


@pytest.fixture
def make_chapter() -> Callable[..., ChapterPage]:
    """Make a chapter below a book or a chapter: ``make_chapter(book, "Title", text="Words")``."""

    def make(parent: HubPage, title: str = "A chapter", text: str = "", **fields: Any) -> ChapterPage:
        above = HubPage.objects.get(pk=parent.pk).specific
        fields.setdefault("audience", "public")
        if text:
            fields.setdefault("body", [{"type": "paragraph", "value": f"<p>{text}</p>"}])
        chapter: ChapterPage = above.add_child(instance=ChapterPage(title=title, **fields))
        return chapter

    return make


@pytest.fixture
def first_steps() -> Path:
    """A folder with nested files, links, pictures, a table and a note."""
    return FIXTURES / "first-steps"
