"""A Word file as a manuscript: read apart, under limits, and turned into blocks here."""

from __future__ import annotations

import json
import re
import tempfile
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path, PurePosixPath
from types import SimpleNamespace
from typing import IO, Any, ClassVar, TypeVar

from django.utils.text import slugify
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from core.html_body import Body
from core.html_words import is_rich
from core.imported import Front
from core.markdown import Converted, Counts, count_blocks
from guidebooks.manuscript import FindImage, Picture, Source, words_of
from guidebooks.targets import Targets
from guidebooks.word import Book, Chapter, Remark
from guidebooks.word.counting import WORD
from guidebooks.word.reading import COVER
from guidebooks.word.said import lines, refusal
from search.extracting import ended_by, language_of, run_limited

LARGEST = 100 * 1024 * 1024
"""Bytes of a Word file."""
LARGEST_PICTURE = 50 * 1024 * 1024
"""Bytes of one picture when unpacked."""
SHOWN = {"png", "jpg", "jpeg", "webp"}
CONVERTED = {"gif", "bmp", "tif", "tiff"}
"""Kinds of pictures that become PNG on their way."""
MOST_MISSING = 12
MARK = re.compile(r"\[\^[^\]\s]{1,60}\]")
BETWEEN = re.compile(r"</?(?:p|li|ul|ol|br|td|hr)\b[^>]*>")


@dataclass
class WordFile:
    """A Word file, read and laid out. See ``guidebooks.manuscript.Manuscript``."""

    module: ClassVar[str] = "guidebooks.word"
    """What reads the file, in a process of its own."""

    path: Path
    name: str
    sources: list[Source] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    _chapters: dict[str, Chapter] = field(default_factory=dict)
    _first: dict[str, Converted] = field(default_factory=dict)
    _titles: str = ""

    @property
    def cover(self) -> Source:
        """What stands before the first chapter."""
        return self.sources[0]

    def look(self, source: Source) -> Converted:
        """Read a chapter for the first time: its title and the places in it that can be linked to."""
        if source.path not in self._first:
            self._first[source.path] = self._converted(source, Body(lambda address: address, _any_image, []))
        return self._first[source.path]

    def convert(self, source: Source, targets: Targets, image: FindImage) -> Converted:
        """Turn a chapter into blocks; see ``Manuscript.convert``.

        A block has the id it got at the first look, when links led nowhere yet: so a link to a place finds it, and
        the same words have the same id in each version of a file.
        """
        first = self.look(source)
        body = Body(targets.link_from(source), image, [])
        # Places have the names of the first look, and these are known as they are.
        body.targets.update({anchor: anchor for anchor in first.targets.values()})
        return self._converted(source, body, first)

    def picture(self, source: Source, src: str) -> Picture | None:
        """A picture of the file, by the name of its part."""
        try:
            with zipfile.ZipFile(self.path) as package:
                entry = package.getinfo(src)
        except (KeyError, zipfile.BadZipFile, OSError):
            return None
        name = PurePosixPath(src)
        ending = name.suffix.lower().lstrip(".")
        size = min(entry.file_size, LARGEST_PICTURE + 1)
        if ending in CONVERTED:
            return Picture(f"{name.stem}.png", size, lambda: self._as_png(src))
        return Picture(name.name.lower(), size, lambda: self._bytes(src))

    def _bytes(self, src: str) -> bytes:
        try:
            with zipfile.ZipFile(self.path) as package, package.open(src) as part:
                # What the file says of its sizes is not believed.
                data = part.read(LARGEST_PICTURE + 1)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError) as error:
            raise ValueError(_("the picture is damaged")) from error
        return data if len(data) <= LARGEST_PICTURE else b""

    def _as_png(self, src: str) -> bytes:
        with self.path.open("rb") as given, tempfile.TemporaryFile() as told:
            run_limited("guidebooks.word", ["picture", src], given, told)
            told.seek(0)
            return told.read(LARGEST_PICTURE)

    # Conversion ------------------------------------------------------------------------------

    def _converted(self, source: Source, body: Body, first: Converted | None = None) -> Converted:
        chapter = self._chapters[source.path]
        blocks = body.blocks(chapter.html)
        if first is not None:
            blocks = _with_ids(blocks, first.blocks)
        lost = Counter(chapter.lost) + body.lost
        before, after = Counter(chapter.before), count_blocks(blocks)
        # The title of a chapter is one of the headings of the file.
        after["headings"] += bool(chapter.title) and source.path != COVER and chapter.before["headings"] > 0
        after["images"] -= sum(1 for figure in _figures(blocks) if figure["image"] is None)
        counts = Counts(before, after, lost)
        remarks = [*lines(chapter.remarks), *body.remarks, *self._missing(chapter, blocks), *counts.differing()]
        return Converted(blocks, counts, remarks, source.title, body.targets, body.names)

    def _missing(self, chapter: Chapter, blocks: list[Any]) -> list[str]:
        """Words of the file that are in no block: there should be none, and if there are, it is said."""
        there: Counter[str] = Counter()
        for text in [*_texts(blocks), self._titles, chapter.title]:
            there.update(word.lower() for word in WORD.findall(text))
        missing = chapter.words - there
        if not missing:
            return []
        words = ", ".join(list(missing)[:MOST_MISSING])
        return lines([Remark("words-missing", count=missing.total(), words=words)])


Made = TypeVar("Made", bound=WordFile)


def read_word(path: Path, language: str, title: str = "", *, name: str = "") -> WordFile:
    """Read a Word file. What is wrong with it is in ``problems``; nothing is raised for it.

    Args:
        language: Code of the language the book is in.
        title: In place of the one in the file; also makes the address.
        name: What the file was called by its person, where it is stored under another name.
    """
    return laid_out(WordFile, path, language, title, name)


def laid_out(kind: type[Made], path: Path, language: str, title: str, name: str) -> Made:
    """A file read by the module of its kind, with its chapters as sources."""
    stem = PurePosixPath((name or path.name).replace("\\", "/")).stem or "guidebook"
    made = kind(path, stem)
    code, book = _read(path, kind.module)
    if book is None:
        made.problems.append(refusal(code))
        made._chapters[COVER] = Chapter(COVER, "")
        made.sources = [Source(COVER, Front({}, stem), title=title or words_of(stem), is_cover=True)]
        return made
    book_title = title or book.title or words_of(stem)
    made._titles = f"{book.title} {book.summary}"
    for chapter in book.chapters:
        is_cover = chapter.path == COVER
        fields: dict[str, Any] = {}
        if is_cover:
            fields = {"slug": slugify(book_title) or stem, "summary": book.summary}
        own = book_title if is_cover or not chapter.title else chapter.title
        source = Source(chapter.path, Front(fields, stem), title=own[:255], is_cover=is_cover)
        source.above = "" if is_cover else COVER
        made.sources.append(source)
        made._chapters[chapter.path] = chapter
    made.remarks = lines(_with_language(book, language))
    return made


def _read(path: Path, module: str) -> tuple[str, Book | None]:
    """The book in a file, or the code of why there is none."""
    if path.stat().st_size > LARGEST:
        return "too-large", None
    with path.open("rb") as given, tempfile.TemporaryFile() as told:
        code = run_limited(module, [], given, told)
        told.seek(0)
        return _heard(told, code)


def _heard(told: IO[bytes], code: int) -> tuple[str, Book | None]:
    try:
        said = json.loads(told.read())
        if "refused" in said:
            return str(said["refused"]), None
        return "", Book.heard(said)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ended_by(code) if code else "damaged", None


def _with_language(book: Book, language: str) -> list[Remark]:
    """The remarks on the whole file, with one where it is in another language than the guidebook."""
    texts = [unescape(re.sub(r"<[^>]+>", " ", chapter.html)) for chapter in book.chapters]
    found = language_of(texts, [language])
    if not found or found == language:
        return book.remarks
    try:
        name = get_language_info(found)["name_translated"]
    except KeyError:
        name = found
    return [*book.remarks, Remark("other-language", words=name)]


def _any_image(src: str, alt: str) -> Any:
    """Every picture is there at the first look."""
    return SimpleNamespace(pk=0)


def _with_ids(blocks: list[Any], first: list[Any]) -> list[Any]:
    """The blocks with the ids of the first look; a picture that is missing now takes none away."""
    if len(blocks) == len(first):
        return [{**block, "id": old["id"]} for block, old in zip(blocks, first, strict=True)]
    ids = iter([old["id"] for old in first if old["type"] != "figure"])
    return [block if block["type"] == "figure" else {**block, "id": next(ids, block["id"])} for block in blocks]


def _figures(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, list):
        return [found for item in value for found in _figures(item)]
    if isinstance(value, dict):
        own = [value["value"]] if value.get("type") == "figure" else []
        return own + [found for item in value.values() for found in _figures(item)]
    return []


def _texts(value: Any) -> list[str]:
    """All words of raw blocks, without marks of notes."""
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    if isinstance(value, dict):
        return [
            text for key, item in value.items() if key not in {"id", "type", "anchor", "label"} for text in _texts(item)
        ]
    if not isinstance(value, str):
        return []
    text = re.sub(r"<[^>]+>", "", BETWEEN.sub(" ", value)) if is_rich(value) else value
    return [MARK.sub("", unescape(text) if is_rich(value) else text).replace("\u00ad", "")]
