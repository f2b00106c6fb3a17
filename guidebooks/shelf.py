"""Guidebooks on a shelf: what a cover tells one reader, for many covers in few queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from core.access import Viewer, can_see
from core.lines import STEP, subtree
from core.models import HubPage, Topic, TopicOfPage
from members.models import in_language


@dataclass(frozen=True)
class Cover:
    """What a cover shows; the arguments of ``components/cover.html``.

    Of a book the reader may not open it holds title, summary and who may read it, nothing else.
    """

    title: str
    url: str
    summary: str
    audience: str
    closed: bool
    topic: str = ""
    chapters: int = 0
    minutes: int = 0
    languages: tuple[str, ...] = ()
    group: str = ""
    language: str = ""


def first_level(topic: Topic) -> str:
    """The slug of the first-level topic that gives a book its colour and pattern."""
    return str((topic.parent or topic).slug)


def covers_of(books: Sequence[HubPage], viewer: Viewer) -> list[Cover]:
    """The covers of books from ``listed_for``, in their order, in three queries for any number."""
    open_books = [book for book in books if can_see(viewer, book)]
    topics = _first_topics(open_books)
    chapters = _chapters(open_books, viewer)
    languages = _languages(open_books, viewer)
    return [_cover(book, topics, chapters, languages) for book in books]


def _cover(
    book: HubPage,
    topics: dict[int, str],
    chapters: dict[int, tuple[int, int]],
    languages: dict[Any, tuple[str, ...]],
) -> Cover:
    is_open = book.pk in chapters
    number, minutes = chapters.get(book.pk, (0, 0))
    return Cover(
        title=book.title,
        url=book.url or "",
        summary=book.summary,
        audience=book.shown_audience,
        closed=not is_open,
        language=book.language,
        topic=topics.get(book.pk, ""),
        chapters=number,
        minutes=minutes + book.reading_minutes if is_open else 0,
        languages=languages.get(book.translation_key, ()) if is_open else (),
        group=in_language(book.working_group, "name") if is_open and book.working_group else "",
    )


def _first_topics(books: Sequence[HubPage]) -> dict[int, str]:
    if not books:
        return {}
    found: dict[int, str] = {}
    of_books = TopicOfPage.objects.filter(content_object__in=[book.pk for book in books])
    for of in of_books.select_related("tag__parent").order_by("pk"):
        found.setdefault(of.content_object_id, first_level(of.tag))
    return found


def _chapters(books: Sequence[HubPage], viewer: Viewer) -> dict[int, tuple[int, int]]:
    """Number of chapters and minutes of all their parts, as far as the viewer may read."""
    if not books:
        return {}
    below = Q(pk__in=[])
    for book in books:
        below |= subtree(book.path, inclusive=False)
    rows = HubPage.objects.visible_to(viewer).filter(below, kind="chapter")
    by_path = {book.path: [0, 0] for book in books}
    for path, minutes in rows.values_list("path", "reading_minutes"):
        above = next(p for n in range(len(path) - STEP, 0, -STEP) if (p := path[:n]) in by_path)
        by_path[above][0] += len(path) == len(above) + STEP
        by_path[above][1] += minutes
    return {book.pk: (by_path[book.path][0], by_path[book.path][1]) for book in books}


def _languages(books: Sequence[HubPage], viewer: Viewer) -> dict[Any, tuple[str, ...]]:
    if not books:
        return {}
    keys = [book.translation_key for book in books]
    rows = HubPage.objects.visible_to(viewer).filter(translation_key__in=keys, alias_of=None)
    found: dict[Any, tuple[str, ...]] = {}
    for key, code in rows.order_by("locale_id").values_list("translation_key", "locale__language_code"):
        found[key] = (*found.get(key, ()), code)
    return {key: codes for key, codes in found.items() if len(codes) > 1}
