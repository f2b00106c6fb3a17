"""The contents of a guidebook for one reader: what she may open, numbered without gaps.

Numbers, positions and ways onward count only what the reader may open, so that nothing shows
where a chapter for others stands.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, replace

from django.apps import apps
from django.db.models import Subquery
from django.utils.translation import gettext as _

from core.access import Viewer
from core.lines import STEP
from core.models import HubPage


@dataclass(frozen=True)
class Item:
    """One chapter, or part of a chapter.

    Args:
        number: Its number in the book, such as ``2`` or ``2.1``.
        depth: 1 for a chapter, 2 for a part of it, and so on.
        audience: Who may read it, where that is stricter than the book; else empty.
        read: Whether this reader has noted it as read.
    """

    pk: int
    path: str
    number: str
    title: str
    url: str
    summary: str
    minutes: int
    depth: int
    audience: str = ""
    current: bool = False
    read: bool = False


@dataclass(frozen=True)
class Contents:
    """All that a reader may open of a book, in reading order."""

    items: list[Item]
    place: int = -1
    edition: str = ""

    @classmethod
    def of(cls, book: HubPage, viewer: Viewer, current: HubPage | None = None) -> Contents:
        """Read the contents in one query. A draft that is looked at stands where it will stand."""
        edition = apps.get_model("guidebooks.GuidebookPage").objects.filter(pk=book.pk, live=True).values("edition")
        below = book.descendants_for(viewer).filter(kind="chapter")
        chapters = list(below.annotate(edition=Subquery(edition)))
        said = next((chapter.edition for chapter in chapters), "") or ""
        if current is not None and all(chapter.pk != current.pk for chapter in chapters):
            chapters = sorted([*chapters, current], key=lambda page: page.path)
        items: list[Item] = []
        numbers: dict[str, str] = {book.path: ""}
        counts: dict[str, int] = {}
        for chapter in chapters:
            above = chapter.path[:-STEP]
            if above not in numbers:
                continue  # Below a draft: only its own preview comes here.
            counts[above] = counts.get(above, 0) + 1
            number = f"{numbers[above]}.{counts[above]}".lstrip(".")
            numbers[chapter.path] = number
            items.append(
                Item(
                    pk=chapter.pk,
                    path=chapter.path,
                    number=number,
                    title=chapter.title,
                    url=chapter.url or "",
                    summary=chapter.summary,
                    minutes=chapter.reading_minutes,
                    depth=(len(chapter.path) - len(book.path)) // STEP,
                    audience=chapter.shown_audience if chapter.access_key != book.access_key else "",
                    current=current is not None and chapter.pk == current.pk,
                )
            )
        place = next((n for n, item in enumerate(items) if item.current), -1)
        return cls(items, place, said)

    def with_read(self, pages: Container[int]) -> Contents:
        """The same, with these pages marked as read."""
        return replace(self, items=[replace(item, read=item.pk in pages) for item in self.items])

    @property
    def current(self) -> Item | None:
        """The chapter that is being read."""
        return self.items[self.place] if self.place >= 0 else None

    @property
    def previous(self) -> Item | None:
        """What stands before it, across all levels."""
        return self.items[self.place - 1] if self.place > 0 else None

    @property
    def next(self) -> Item | None:
        """What stands after it, across all levels."""
        return self.items[self.place + 1] if 0 <= self.place < len(self.items) - 1 else None

    @property
    def chapters(self) -> list[Item]:
        """The chapters without their parts."""
        return [item for item in self.items if item.depth == 1]

    @property
    def minutes(self) -> int:
        """Minutes it takes to read all of it."""
        return sum(item.minutes for item in self.items)

    @property
    def at_hand(self) -> list[Item]:
        """The contents beside a chapter: all chapters, and the parts on the way to the current one.

        A large handbook has hundreds of parts; all of them beside each one would weigh more than
        the text.
        """
        if self.current is None:
            return self.chapters
        open_paths = {self.current.path[:n] for n in range(STEP, len(self.current.path) + 1, STEP)}
        return [item for item in self.items if item.depth == 1 or item.path[:-STEP] in open_paths]

    @property
    def parts(self) -> list[Item]:
        """The parts directly below the current chapter."""
        path = self.current.path if self.current else None
        return [item for item in self.items if item.path[:-STEP] == path]

    @property
    def position(self) -> str:
        """Where in the book the reader is, such as "Chapter 2 of 6" or "Part 1 of 3 in chapter 2"."""
        if self.current is None:
            return ""
        above = self.current.path[:-STEP]
        beside = [item for item in self.items if item.path[:-STEP] == above]
        number = beside.index(self.current) + 1
        if self.current.depth == 1:
            return _("Chapter %(number)d of %(total)d") % {"number": number, "total": len(beside)}
        return _("Part %(number)d of %(total)d in chapter %(chapter)s") % {
            "number": number,
            "total": len(beside),
            "chapter": self.current.number.rpartition(".")[0],
        }
