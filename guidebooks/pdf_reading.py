"""The text of a PDF laid out as a book: ``python -m guidebooks.pdf_reading < FILE``, alone and under limits.

A PDF says where each letter lies, and hardly ever what it is for. Headings are those of its outline, or else the lines
in larger letters; paragraphs are joined over the ends of lines and pages, by how far lines are apart; what stands at
the head or foot of most pages is dropped. Tables, notes and pictures cannot be told apart: that is said, not guessed.
Writes a ``guidebooks.word.Book`` as JSON, or ``{"refused": code}``.
"""

from __future__ import annotations

import ctypes
import heapq  # noqa: F401 counters want it, and nothing can be loaded once the process is closed
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from itertools import pairwise
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from guidebooks.word import Book, Chapter, Refused, Remark
from guidebooks.word.names import slug_of, unique
from guidebooks.word.reading import COVER, LONGEST_TITLE, NO_TITLE, WHOLE
from search.extraction import MOST_PAGES, limits
from search.extraction.pdf import PARTED, RIGHT_TO_LEFT, in_reading_order

LARGER = 1.15
"""How much larger than the text the letters of a heading are, at least."""
LONGEST_HEADING = 200
EDGE = 2  # lines at the head or foot of a page that may come again on the others
FEWEST_PAGES = 3
SMALLEST_PICTURE = 48  # points; smaller ones are ornaments
SMALLEST_LETTERS = 4  # points
MOST_LEVELS = 3
MOST_ADDRESSES = 10
BULLET = re.compile(r"^([•▪◦‣·●○■□–*\uf0b7\uf0a7-])\s+(?=\S)")
NUMBERED = re.compile(r"^(\d{1,3})[.)]\s+(?=\S)")
NUMBERS = re.compile(r"\d+|\b[ivxlc]+\b", re.I)
SENTENCE_END = re.compile(r"[.!?:;…。؟۔]['”’»)\]]*$")
LOOSE = re.compile(r"[\W_]+")
UNWRITTEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\ufffe\uffff\ud800-\udfff]")
DIGITS = re.compile(r"\d+")
SHORT = 0.25
"""Of the width of a column: a line that ends so far before its edge is the last of its paragraph."""


@dataclass
class Row:
    """A line of a page: its words, the size of its letters in points, where it lies (y goes up)."""

    text: str
    size: float
    left: float
    right: float
    y: float
    page: int
    end: float = 0.0
    """Where its last letter stands: PDFium gives lines whose last word is parted as one."""
    level: int = 0
    """Of a heading, from 1."""

    @property
    def loose(self) -> str:
        return LOOSE.sub("", self.text).lower()


@dataclass
class Part:
    """A paragraph, heading or item: its kind and its lines."""

    kind: str
    text: str
    level: int = 0
    number: int = 0
    last: Row | None = None


@dataclass
class Found:
    """What a PDF holds beside its lines."""

    rows: list[Row] = field(default_factory=list)
    pictures: Counter[int] = field(default_factory=Counter)
    addresses: list[tuple[int, str]] = field(default_factory=list)
    silent: list[int] = field(default_factory=list)
    count: int = 0


def read(data: bytes) -> Book:
    """A PDF as a book.

    Raises:
        Refused: it is damaged, encrypted, or has no text.
    """
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        locked = getattr(error, "err_code", None) in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY)
        raise Refused("pdf-encrypted" if locked else "pdf-damaged") from error
    found = _found(document)
    if not found.rows:
        raise Refused("pdf-scan" if found.count else "pdf-damaged")
    outline = _outline(document)
    given = " ".join(UNWRITTEN.sub(" ", document.get_metadata_value("Title") or "").split())
    has_outline = _by_outline(found.rows, outline)
    rows = _without_running(found.rows, found.count)
    if not has_outline:
        _by_size(rows)
    return _book(rows, found, "" if NO_TITLE.match(given) else given[:LONGEST_TITLE])


# Pages ------------------------------------------------------------------------------------------


def _found(document: Any) -> Found:
    found = Found(count=min(len(document), MOST_PAGES))
    for number in range(found.count):
        try:
            page = document[number]
            words = page.get_textpage()
        except pdfium.PdfiumError:
            found.silent.append(number)
            continue
        rows = list(_rows(words, number))
        found.rows += rows
        if not rows:
            found.silent.append(number)
        for picture in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3):
            left, bottom, right, top = picture.get_bounds()
            found.pictures[number] += right - left >= SMALLEST_PICTURE and top - bottom >= SMALLEST_PICTURE
        found.addresses += [(number, address) for address in _addresses(document, page)]
        words.close()
        page.close()
    return found


def _rows(words: Any, number: int) -> Iterator[Row]:
    """The lines of a page as they lie from its top to its foot, as the file has them."""
    text = words.get_text_range()
    if RIGHT_TO_LEFT.search(text):
        text = in_reading_order(words)
    place = 0
    for line in re.split(r"(\r\n|\r|\n)", text):
        if line.strip() and not line.isspace():
            first = place + len(line) - len(line.lstrip())
            last = place + len(line.rstrip()) - 1
            box, end = _box(words, first), _box(words, last)
            size = raw.FPDFText_GetFontSize(words, first)
            if size < SMALLEST_LETTERS:  # some programs make letters of size 1 large by stretching the page
                size = max(abs(box[3] - box[1]), 1.0)
            shown = " ".join(UNWRITTEN.sub(" ", PARTED.sub("\u00ad", line)).replace("\u00a0", " ").split())
            if shown.strip("\u00ad"):
                yield Row(
                    shown,
                    round(size, 1),
                    min(box[0], end[0]),
                    max(box[2], end[2]),
                    _foot(words, first),
                    number,
                    _foot(words, last),
                )
        place += len(line)


def _box(words: Any, place: int) -> tuple[float, float, float, float]:
    sides = [ctypes.c_double() for _ in range(4)]
    left, right, bottom, top = sides
    raw.FPDFText_GetCharBox(words, place, left, right, bottom, top)
    return left.value, bottom.value, right.value, top.value


def _foot(words: Any, place: int) -> float:
    """Where the line stands, whether its letters go below it or not."""
    x, y = ctypes.c_double(), ctypes.c_double()
    raw.FPDFText_GetCharOrigin(words, place, x, y)
    return y.value


def _addresses(document: Any, page: Any) -> Iterator[str]:
    """Where the links of a page lead on the web."""
    start, link = ctypes.c_int(0), raw.FPDF_LINK()
    while raw.FPDFLink_Enumerate(page, start, link):
        action = raw.FPDFLink_GetAction(link)
        if not action or raw.FPDFAction_GetType(action) != raw.PDFACTION_URI:
            continue
        length = raw.FPDFAction_GetURIPath(document, action, None, 0)
        buffer = ctypes.create_string_buffer(min(length, 4096))
        raw.FPDFAction_GetURIPath(document, action, buffer, len(buffer))
        if buffer.value.startswith((b"http", b"mailto:")):
            yield buffer.value.decode("utf-8", "replace")


def _without_running(rows: list[Row], pages: int) -> list[Row]:
    """The lines without those that stand at the head or foot of most pages, whatever their numbers."""
    if pages < FEWEST_PAGES:
        return rows
    by_page: dict[int, list[Row]] = {}
    for row in rows:
        by_page.setdefault(row.page, []).append(row)
    usual = _usual_size(rows)
    edges: set[int] = set()
    counted: Counter[str] = Counter()
    for lines in by_page.values():
        edge = lines[:EDGE] + lines[EDGE:][-EDGE:]
        edges.update(map(id, edge))
        counted.update({_running(row, usual) for row in edge})
    often = {name for name, count in counted.items() if count > len(by_page) / 2}
    kept = [row for row in rows if row.level or id(row) not in edges or _running(row, usual) not in often]
    return kept or rows


def _running(row: Row, usual: float) -> str:
    """A line without its numbers; in large letters the number tells one chapter from the next."""
    return row.text if row.size >= usual * LARGER else NUMBERS.sub("#", row.text).strip()


def _usual_size(rows: list[Row]) -> float:
    sizes: Counter[float] = Counter()
    for row in rows:
        sizes[row.size] += len(row.text)
    return sizes.most_common(1)[0][0]


# Headings ---------------------------------------------------------------------------------------


def _outline(document: Any) -> list[tuple[int, str, int]]:
    """The outline: level from 0, title, page."""
    found = []
    try:
        for mark in document.get_toc(max_depth=6):
            title, target = " ".join((mark.get_title() or "").split()), mark.get_dest()
            page = target.get_index() if target is not None else None
            if title and page is not None:
                found.append((mark.level, title, page))
    except (pdfium.PdfiumError, ValueError):
        return []
    return found


def _by_outline(rows: list[Row], outline: list[tuple[int, str, int]]) -> bool:
    """Mark the lines that the outline names; whether it named any."""
    tops = [level for level, _title, _page in outline if level == 0]
    # An outline under one title is one of chapters below it.
    down = 0 if len(tops) != 1 or len(outline) < 3 else 1
    named = 0
    place = 0
    for level, title, page in outline:
        wanted = LOOSE.sub("", title).lower()
        for number in range(place, len(rows)):
            row = rows[number]
            if row.page > page:
                break
            if row.page < page or not row.loose or not wanted.startswith(row.loose):
                continue
            whole, end = row.loose, number + 1
            while whole != wanted and end < len(rows) and wanted.startswith(whole + rows[end].loose):
                whole += rows[end].loose
                end += 1
            if whole == wanted:
                row.text, row.level = title, max(min(level + 1 - down, MOST_LEVELS), 0)
                for more in rows[number + 1 : end]:
                    more.text = ""
                place = end
                named += row.level == 1
                break
    return bool(named)


def _by_size(rows: list[Row]) -> None:
    """Mark lines in larger letters: the largest that come more than once are chapters."""
    usual = _usual_size(rows)
    large = [row for row in rows if row.size >= usual * LARGER and len(row.text) <= LONGEST_HEADING]
    order = sorted({row.size for row in large}, reverse=True)
    # The title of the book stands alone in its size, on its first page.
    if len(order) > 1 and len({row.page for row in large if row.size == order[0]}) == 1 and large[0].size == order[0]:
        order = order[1:]
    for row in large:
        if row.size in order[:MOST_LEVELS]:
            row.level = order.index(row.size) + 1
    # A heading over two lines is one.
    for before, row in pairwise(rows):
        near = before.page == row.page and 0 < before.end - row.y < 1.8 * row.size
        if row.level and before.level == row.level and near and len(before.text + row.text) < LONGEST_HEADING:
            row.text, before.text = f"{before.text} {row.text}", ""


# Paragraphs -------------------------------------------------------------------------------------


def _parts(rows: list[Row]) -> list[Part]:
    rows = [row for row in rows if row.text]
    step = _usual_step(rows)
    edges = _edges(rows)
    done: list[Part] = []
    before: Row | None = None
    for row in rows:
        bullet, numbered = BULLET.match(row.text), NUMBERED.match(row.text)
        if row.level:
            done.append(Part("heading", row.text, row.level))
            before = None
            continue
        if bullet:
            done.append(Part("bullet", row.text[bullet.end() :], last=row))
        elif numbered and _begins_item(int(numbered[1]), done):
            done.append(Part("number", row.text[numbered.end() :], number=int(numbered[1]), last=row))
        elif before is not None and done and _goes_on(before, row, done[-1], step, edges[round(before.left / 30)]):
            done[-1].text = _joined(done[-1].text, row.text)
        else:
            done.append(Part("text", row.text, last=row))
        before = row
    return done


def _edges(rows: list[Row]) -> dict[int, float]:
    """Where the lines that begin at about the same place end, if they are full."""
    columns: dict[int, list[float]] = {}
    for row in rows:
        columns.setdefault(round(row.left / 30), []).append(row.right)
    return {left: sorted(rights)[int(len(rights) * 0.9)] for left, rights in columns.items()}


def _begins_item(number: int, done: list[Part]) -> bool:
    """Whether a number at the start of a line counts on: a year or a page does not."""
    last = next((part for part in reversed(done) if part.kind == "number"), None)
    return number == 1 or (last is not None and number == last.number + 1)


def _usual_step(rows: list[Row]) -> float:
    steps = Counter(round(before.end - row.y) for before, row in pairwise(rows) if before.page == row.page)
    steps = Counter({step: count for step, count in steps.items() if step > 0})
    return float(steps.most_common(1)[0][0]) if steps else 14.0


def _goes_on(before: Row, row: Row, part: Part, step: float, right: float) -> bool:
    """Whether a line goes on with the paragraph of the line before."""
    ended = bool(SENTENCE_END.search(before.text))
    if before.page != row.page:
        return not ended or row.text[:1].islower()
    gap = before.end - row.y
    if gap > 1.45 * step or gap < -step:
        return not ended and gap < 0  # the top of the next column
    if abs(before.size - row.size) > 0.1 * row.size:
        return False
    if part.kind != "text":
        hanging = part.last is not None and row.left > part.last.left + 2
        return hanging or right - before.right < SHORT * max(right - before.left, 1)
    indented = row.left - before.left > 0.8 * row.size and ended
    short = right - before.right > SHORT * max(right - before.left, 1) and not row.text[:1].islower()
    return not (indented or short or (ended and before.right < right - 8 * row.size))


def _joined(before: str, more: str) -> str:
    """Two lines as one; a word that was parted at the end of a line is whole again."""
    if before.endswith("\u00ad"):
        return before[:-1] + more
    if re.search(r"\w-$", before) and more[:1].islower():
        return before[:-1] + more
    return f"{before} {more}"


# The book ---------------------------------------------------------------------------------------


def _book(rows: list[Row], found: Found, given: str) -> Book:
    groups: list[tuple[str, list[Row]]] = [("", [])]
    for row in rows:
        if row.level == 1 and row.text:
            groups.append((row.text[:LONGEST_TITLE], []))
        elif row.text or row.level:
            groups[-1][1].append(row)
    remarks = [Remark("pdf")]
    if any(_is_contents(group, rows) for _title, group in groups):
        groups = [group for group in groups if not _is_contents(group[1], rows)]
        remarks.append(Remark("contents"))
    if len(groups) == 1:
        groups = [("", []), ("", groups[0][1])]
        remarks.append(Remark("pdf-no-headings"))
    title = given or _first_large(groups[0][1])
    taken, chapters = {COVER}, []
    begins = [min((row.page for row in group), default=-1) for _title, group in groups]
    for place, (name, group) in enumerate(groups):
        path = unique(slug_of(name) or WHOLE, taken) if place else COVER
        parts = _parts(group)
        if not place:
            parts = [part for part in parts if LOOSE.sub("", part.text).lower() != LOOSE.sub("", title).lower()]
        chapter = Chapter(path, name if place else title, _html(parts))
        chapter.before["headings"] = bool(name) + sum(part.kind == "heading" for part in parts)
        first = begins[place] if place else 0
        end = next((page for page in begins[place + 1 :] if page >= 0), found.count + 1)
        pages = range(max(first, 0), max(end, first + 1))
        _left_out(chapter, found, pages, {row.page for row in group})
        chapters.append(chapter)
    if found.silent:
        shown = ", ".join(str(page + 1) for page in found.silent[:20])
        remarks.append(Remark("pdf-pages-without-text", count=len(found.silent), words=shown))
    return Book(title, "", chapters, remarks)


def _is_contents(group: list[Row], rows: list[Row]) -> bool:
    """Whether the lines of a chapter are the headings of the book and nothing else."""
    names = {DIGITS.sub("", row.loose) for row in rows if row.level and row.text}
    same = sum(DIGITS.sub("", row.loose) in names for row in group if not row.level)
    return len(group) > 2 and same > 0.7 * len(group)


def _left_out(chapter: Chapter, found: Found, pages: range, own: set[int]) -> None:
    """The pictures and addresses of the chapter's pages; each is told once, in the first chapter of its page."""
    pictures = sum(found.pictures.pop(page, 0) for page in [*pages, *own])
    if pictures:
        chapter.before["images"] = chapter.lost["images"] = pictures
        chapter.remarks.append(Remark("pdf-pictures", count=pictures))
    here = [address for page, address in found.addresses if page in pages or page in own]
    found.addresses[:] = [(page, address) for page, address in found.addresses if not (page in pages or page in own)]
    if here:
        chapter.before["links"] = chapter.lost["links"] = len(here)
        shown = ", ".join(dict.fromkeys(here[:MOST_ADDRESSES]))
        chapter.remarks.append(Remark("pdf-links", count=len(here), words=shown))


def _first_large(rows: list[Row]) -> str:
    """The words in the largest letters before the first chapter, as the title."""
    first = [row for row in rows if row.page == rows[0].page and row.text] if rows else []
    largest = max((row.size for row in first), default=0.0)
    usual = Counter(row.size for row in rows).most_common(1)[0][0] if rows else 0.0
    words = " ".join(row.text for row in first if row.size == largest)
    return words if largest > usual * LARGER and len(words) <= LONGEST_TITLE else ""


def _html(parts: list[Part]) -> str:
    done: list[str] = []
    open_list = ""
    for part in parts:
        text = escape(part.text.replace("\u00ad", ""), quote=False)
        kind = {"bullet": "ul", "number": "ol"}.get(part.kind, "")
        if open_list and kind != open_list:
            done.append(f"</{open_list}>")
        if kind and kind != open_list:
            done.append(f'<ol start="{part.number}">' if kind == "ol" and part.number != 1 else f"<{kind}>")
        open_list = kind
        if kind:
            done.append(f"<li>{text}</li>")
        elif part.kind == "heading":
            done.append(f"<h{part.level}>{text}</h{part.level}>")
        else:
            done.append(f"<p>{text}</p>")
    return "".join(done) + (f"</{open_list}>" if open_list else "")


def main() -> None:
    """Read standard input and write what came of it."""
    limits.bind()
    data = sys.stdin.buffer.read()
    "".encode("utf-16-le").decode("utf-16-le")  # how PDFium writes: nothing can be loaded once the process is closed
    limits.close()
    told: dict[str, object]
    try:
        told = read(data).told()
    except Refused as reason:
        told = {"refused": str(reason)}
    except MemoryError:
        told = {"refused": "too-large"}
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
