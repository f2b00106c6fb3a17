"""The guidebook that was made of an earlier version of a manuscript, and what becomes of its pages."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core import lines
from core.models import HubPage
from guidebooks.describing import undecided
from guidebooks.identity import Block, identified, relinked, renamed, words
from guidebooks.manuscript import Manuscript, Source, words_of
from guidebooks.models import ChapterPage, GuidebookPage, Origin
from guidebooks.renewing import Chapter, Merged, chosen, merged, same_chapters
from guidebooks.targets import Targets

BookPage = GuidebookPage | ChapterPage


@dataclass(frozen=True)
class Choices:
    """What a person decided when looking at a preview.

    Args:
        titles: What a chapter is called, by its path.
        alts: What a picture shows, by path and address (``path|src``); empty: it is only decoration.
        keep: ``mine`` or ``file`` for each block that was changed here and in the file, by its id.
    """

    titles: Mapping[str, str] = field(default_factory=dict)
    alts: Mapping[str, str] = field(default_factory=dict)
    keep: Mapping[str, str] = field(default_factory=dict)

    def alts_of(self, source: Source) -> dict[str, str]:
        """Words for the pictures of one source, by address."""
        before = f"{source.path}|"
        return {key.removeprefix(before): alt for key, alt in self.alts.items() if key.startswith(before)}


@dataclass(frozen=True)
class Renewed:
    """What a page becomes."""

    now: BookPage
    """The page with its latest draft, as it is."""
    merged: Merged
    title: str
    summary: str

    @property
    def is_news(self) -> bool:
        """Whether it becomes something else than it is."""
        return self.merged.is_news or (self.title, self.summary) != (self.now.title, self.now.summary)


@dataclass
class Former:
    """The pages that were made of an earlier version, by the path of the source that each is now.

    Args:
        onto: The guidebook of which the manuscript is a new version, if a person said so.
        choices: What the person decided, if there is one to ask.
    """

    manuscript: Manuscript
    targets: Targets
    onto: GuidebookPage | None = None
    choices: Choices | None = None
    pages: dict[str, BookPage] = field(default_factory=dict)
    origins: dict[int, Origin] = field(default_factory=dict)

    def find(self, parent: HubPage) -> None:
        """Find the pages, by path; where a person said which book it is, by likeness too."""
        book = self.onto
        if book is None and self.choices is None:
            beside = GuidebookPage.objects.child_of(HubPage.objects.get(pk=parent.pk))
            book = beside.filter(imported_from=self.manuscript.name).first()
        if book is None:
            return
        cover, *sources = self.manuscript.sources
        self.pages[cover.path] = book
        chapters = {page.imported_from: page for page in chapters_of(book)}
        self.origins = Origin.objects.in_bulk([book.pk, *(page.pk for page in chapters.values())])
        found = {source.path: source.path for source in sources if source.path in chapters}
        if self.onto is not None:
            old = [Chapter(path, page.title, words(self._base(page))) for path, page in chapters.items()]
            new = [Chapter(s.path, s.title, words(self.targets.first(s).blocks)) for s in sources]
            found = same_chapters(old, new)
        self.pages |= {path: chapters[former] for path, former in found.items()}

    def _base(self, page: BookPage) -> list[Block]:
        origin = self.origins.get(page.pk)
        return origin.blocks if origin else raw(page)

    @property
    def pictures(self) -> dict[str, int]:
        """The images that pictures became, by the SHA-1 of the picture."""
        return {digest: pk for origin in self.origins.values() for digest, pk in origin.pictures.items()}

    def gone(self, new: Mapping[str, BookPage]) -> list[ChapterPage]:
        """Chapters that are in no source any more.

        Args:
            new: Pages that were made of sources just now.
        """
        book = self.pages.get(self.manuscript.cover.path)
        known = {page.pk for page in [*self.pages.values(), *new.values()]}
        return [page for page in chapters_of(book) if page.pk not in known] if book is not None else []

    def identified(self, came: Mapping[str, list[Block]], new: Mapping[str, BookPage]) -> dict[str, list[Block]]:
        """The blocks of each source with the ids of what they were before, and links that lead there.

        Args:
            came: Blocks as they were converted, by the path of their source.
            new: Pages that were made of sources just now.
        """
        given: dict[str, list[Block]] = {}
        names: dict[int, dict[str, str]] = {}
        for path, blocks in came.items():
            page = self.pages.get(path)
            base = self._base(page) if page is not None else []
            given[path] = identified(blocks, base)
            if page is not None:
                names[page.pk] = renamed(blocks, given[path])
            if self.choices is not None:
                given[path] = undecided(given[path], base)
        places = {path: page.pk for path, page in {**new, **self.pages}.items()}
        return {path: relinked(blocks, names, places.get(path, 0)) for path, blocks in given.items()}

    def renewed(self, source: Source, page: BookPage, blocks: list[Block]) -> Renewed:
        """What a page becomes of a new version: its edits are kept, unless somebody chose otherwise.

        Args:
            blocks: Of the new version, with the ids of the page, described.
        """
        origin = self.origins.get(page.pk)
        now: BookPage = page.get_latest_revision_as_object()
        base: list[Block] | None = origin.blocks if origin else None
        if base is None and page.imported_body == digest_of_body(now):
            base = raw(now)  # nobody has touched it since
        wanted = self.choices.titles.get(source.path, "").strip() if self.choices else ""
        title = wanted or chosen(origin.title if origin else now.title, now.title, source.title)[0]
        if source.is_cover and not wanted and source.title == words_of(self.manuscript.name):
            title = now.title  # a file by another name is not another book
        return Renewed(
            now,
            merged(base, raw(now), blocks, self.choices.keep if self.choices else None),
            title[:255],
            chosen(origin.summary if origin else now.summary, now.summary, source.summary)[0],
        )


def chapters_of(book: HubPage) -> list[ChapterPage]:
    """The chapters of a book that were imported, in order, whoever may read them."""
    below = ChapterPage.objects.filter(lines.subtree(book.path, inclusive=False)).order_by("path")
    return [page for page in below if page.imported_from]


def is_shut(page: BookPage, user: Any) -> bool:
    """Whether a page is in review, or locked for this person."""
    lock = page.get_lock()
    return page.workflow_in_progress or (lock is not None and lock.for_user(user))


def raw(page: BookPage) -> list[Block]:
    """The blocks of a page as they are stored."""
    blocks: list[Block] = page.body.stream_block.get_prep_value(page.body)
    return blocks


def digest_of(what: Any) -> str:
    """A SHA-256 of anything that JSON can hold."""
    return hashlib.sha256(json.dumps(what, sort_keys=True, default=str).encode()).hexdigest()


def digest_of_body(page: BookPage) -> str:
    """The digest of what a page holds now: title, summary and body."""
    return digest_of([page.title, page.summary, raw(page)])
