"""The blocks of a text on the pages of a PDF: headings, lists, tables, boxes, pictures, notes, lines to write on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from lxml.html import HtmlElement

from guidebooks.taking.book import Book
from guidebooks.taking.paper import (
    BOTTOM,
    EDGE,
    INLINE,
    LEADING,
    MARGIN,
    PAGE_HEIGHT,
    SPACE,
    TOP,
    WIDTH,
    WRITING_LINE,
    readable,
    trimmed,
)
from guidebooks.taking.tables import draw_table
from guidebooks.taking.typeset import ACCENT, INK, MM, SOFT, Piece, Run, Setter, Style

if TYPE_CHECKING:
    from guidebooks.taking.pdf import Document

PLAIN = Style()
HEADINGS = {"h2": 15.0, "h3": 12.5, "h4": 11.0}
AMBER = (176, 112, 12)
BOXES = {"callout": SOFT, "callout--care": AMBER, "practice-point": ACCENT, "checklist": SOFT, "worksheet": ACCENT}
TITLES = ("callout__title", "practice-point__title", "worksheet__title")


class Blocks:
    """Draws one block below the other, page after page."""

    def __init__(self, document: Document, setter: Setter, book: Book) -> None:
        self.document, self.setter, self.book = document, setter, book
        self.top, self.bottom = TOP, PAGE_HEIGHT - BOTTOM
        self.x, self.width, self.y = MARGIN, WIDTH, self.top
        self.links: dict[str, int] = {
            name: document.add_link(page=1)
            for part in book.parts
            for name in (part.id, *(found.get("id") for found in part.tree.xpath(".//*[@id]")))
        }
        self.links["cover"] = document.add_link(page=1)
        self._rules: list[list] = []

    # Places and pages ----------------------------------------------------------------------------

    def place(self, name: str | None) -> None:
        """Let links to this name lead here."""
        if name in self.links:
            self.document.set_link(self.links[name], y=max(self.y - 2, 0), page=self.document.page)

    def need(self, height: float) -> None:
        """Turn the page unless so much room is left."""
        if self.y + height > self.bottom and self.y > self.top:
            self.turn()

    def turn(self) -> None:
        """Go on at the top of a new page; rules beside boxes go on there."""
        for rule in self._rules:
            self._draw_rule(rule, self.y)
        self.document.add_page()
        self.y = self.top
        for rule in self._rules:
            rule[0] = self.top - 4

    @contextmanager
    def _box(self, colour: tuple[int, int, int]) -> Iterator[None]:
        """A box: set in, with a rule beside it."""
        self.y += 3.5
        self.need(20)
        edge = self.x + self.width if self.setter.from_right else self.x
        rule = [self.y - 1.5, edge, colour]
        self._rules.append(rule)
        with self._set_in(6):
            yield
        self._rules.remove(rule)
        self._draw_rule(rule, self.y - 3)
        self.y += 3

    def _draw_rule(self, rule: list, end: float) -> None:
        start, edge, colour = rule
        if end > start:
            self.document.set_draw_color(*colour)
            self.document.set_line_width(0.8)
            self.document.line(edge, start, edge, end)

    @contextmanager
    def _set_in(self, by: float) -> Iterator[None]:
        before = self.x, self.width
        self.width -= by
        if not self.setter.from_right:
            self.x += by
        yield
        self.x, self.width = before

    # Paragraphs ----------------------------------------------------------------------------------

    def paragraph(self, pieces: list[Piece], after: float = 2.6, keep: float = 0, mark: str = "") -> None:
        """Draw a paragraph; ``keep`` is the room that must be left below it, ``mark`` stands before it."""
        lines = self.setter.lines(trimmed(pieces), self.width)
        lines = [line for line in lines if line] or []
        if not lines:
            return
        self.need(_height(lines[0]) * min(len(lines), 2) + keep)
        for number, line in enumerate(lines):
            height = _height(line)
            self.need(height)
            self.y += height
            baseline = self.y - height * 0.3
            if mark and not number:
                style = Style(10, "sans", colour=SOFT)
                first = self.setter.lines([Piece(mark, style)], 20)[0]
                outside = self.x + self.width + 1.5 if self.setter.from_right else self.x - 5.5
                self.setter.draw(first, outside, 4, baseline)
            self.setter.draw(line, self.x, self.width, baseline)
        self.y += after

    def inline(self, element: HtmlElement, style: Style) -> list[Piece]:
        """The words of an element in their styles."""
        pieces = [Piece(SPACE.sub(" ", element.text or ""), style)]
        for child in element:
            pieces += self.inline_child(child, style)
            pieces.append(Piece(SPACE.sub(" ", child.tail or ""), style))
        return [piece for piece in pieces if piece.text]

    def inline_child(self, child: HtmlElement, style: Style) -> list[Piece]:
        """The words of an element within a line, without what follows it."""
        name = child.tag if isinstance(child.tag, str) else ""
        if child.get("id"):
            self.place(child.get("id"))
        if name == "br":
            return [Piece("\n", style)]
        if name == "input":
            return [
                Piece({"checkbox": "☐ ", "radio": "○ "}.get(child.get("type", ""), ""), replace(style, face="sans"))
            ]
        if name == "img":
            return [Piece(f"[{child.get('alt')}]", style)] if child.get("alt") else []
        if name in ("b", "strong") or (name == "label" and child.getparent().get("class") == "field"):
            style = replace(style, bold=True)
        elif name in ("i", "em", "cite"):
            style = replace(style, italic=True)
        elif name in ("code", "kbd"):
            style = replace(style, face="mono", size=style.size * 0.9)
        elif name in ("sup", "sub"):
            style = replace(style, raised=name == "sup")
        elif name == "a" and child.get("href"):
            style = replace(style, colour=ACCENT, link=self._link(child.get("href", "")))
        return self.inline(child, style)

    def _link(self, href: str) -> str | int:
        return self.links.get(href[1:], "") if href.startswith("#") else href

    # Blocks --------------------------------------------------------------------------------------

    def children(self, element: HtmlElement, style: Style = PLAIN, mark: str = "") -> None:
        """Draw what stands in an element: its blocks one below the other, and words between them as paragraphs."""
        loose = [Piece(SPACE.sub(" ", element.text or ""), style)]
        for child in element:
            if not isinstance(child.tag, str):
                continue
            if (
                child.tag in INLINE
                and not _is_to_write(child)
                and not child.xpath(".//div|.//p|.//ul|.//table|.//textarea")
            ):
                loose += self.inline_child(child, style)
            else:
                mark = self._loose(loose, mark)
                loose = []
                self.block(child, style, mark)
                mark = ""
            loose.append(Piece(SPACE.sub(" ", child.tail or ""), style))
        self._loose(loose, mark)

    def _loose(self, pieces: list[Piece], mark: str) -> str:
        if any(piece.text.strip() for piece in pieces):
            self.paragraph(pieces, mark=mark)
            return ""
        return mark

    def block(self, element: HtmlElement, style: Style = PLAIN, mark: str = "") -> None:
        """Draw one block."""
        self.place(element.get("id"))
        kinds = (element.get("class") or "").split()
        name = element.tag
        if "field" in kinds:  # a question stands on one page with the lines for the answer
            self.need(
                12 + sum(WRITING_LINE * int(field.get("rows") or 1) for field in element.iter("textarea", "input"))
            )
        if name == "p" or name == "legend" or name == "figcaption":
            self.paragraph(self.inline(element, self._style_of(element, kinds, style)), mark=mark)
        elif name in HEADINGS:
            self.y += 3
            self.paragraph(self.inline(element, Style(HEADINGS[name], bold=True)), after=2, keep=14)
        elif name in ("ul", "ol"):
            self._list(element, style)
        elif name == "table":
            draw_table(self, element)
        elif name == "pre":
            self._code(element)
        elif name == "hr":
            self.need(6)
            self.document.set_draw_color(*EDGE)
            self.document.set_line_width(0.3)
            self.document.line(self.x, self.y + 1, self.x + self.width, self.y + 1)
            self.y += 5
        elif name == "img":
            self._picture(element)
        elif _is_to_write(element):
            self.lines_to_write(int(element.get("rows") or 1))
        elif "notes" in kinds:
            self._notes(element)
        elif name in ("div", "section", "fieldset") and (kind := _box_of(element, kinds)):
            with self._box(BOXES[kind]):
                self.children(element, style)
        elif name == "blockquote":
            with self._set_in(6):
                self.children(element, replace(style, italic=not self.setter.from_right))
        else:
            self.children(element, style, mark)

    def _style_of(self, element: HtmlElement, kinds: list[str], style: Style) -> Style:
        if element.tag == "legend" or any(kind in TITLES for kind in kinds):
            return Style(10, "sans", bold=True, colour=INK)
        if element.tag == "figcaption":
            return Style(9, "sans", colour=SOFT)
        return style

    def _list(self, element: HtmlElement, style: Style) -> None:
        number = int(element.get("start") or 1)
        for item in element:
            if item.tag != "li":
                continue
            self.place(item.get("id"))
            has_box = bool(item.xpath("./label/input"))
            mark = f"{number}." if element.tag == "ol" else "" if has_box else "•"
            with self._set_in(6):
                self.children(item, style, mark)
            self.y -= 0.8
            number += 1
        self.y += 1.8

    def _notes(self, element: HtmlElement) -> None:
        small = Style(8.8, "serif", colour=SOFT)
        with self._set_in(6):
            for note in element:
                self.place(note.get("id"))
                self.paragraph(self.inline(note, small), after=1.2)
        self.y += 2

    def _code(self, element: HtmlElement) -> None:
        style = Style(8.8, "mono")
        for line in element.text_content().split("\n"):
            self.paragraph([Piece(line.replace(" ", "\u00a0") or "\u00a0", style)], after=0)
        self.y += 3

    def _picture(self, image: HtmlElement) -> None:
        """A picture no wider than the text and no higher than two thirds of it; its words where it cannot be drawn."""
        picture = self.book.pictures.get(image.get("src", ""))
        words = image.get("alt") or ""
        data, size = readable(picture.data, picture.content_type) if picture else (None, (0, 0))
        if data is None:
            if words:
                self.paragraph([Piece(f"[{words}]", Style(9, "sans", colour=SOFT))])
            return
        dots = size[0] if picture and picture.content_type != "image/svg+xml" else 10_000
        wide = min(self.width, dots * 25.4 / 110)  # at least 110 dots to an inch
        high = wide * size[1] / size[0]
        if high > (limit := (self.bottom - self.top) * 0.66):
            wide, high = wide * limit / high, limit
        self.need(high + 8)
        x = self.x + self.width - wide if self.setter.from_right else self.x
        self.document.image(data, x=x, y=self.y, w=wide, h=high, alt_text=words or None)
        self.y += high + 3

    def lines_to_write(self, number: int) -> None:
        """Empty lines for a pen."""
        for _number in range(min(number, 20)):
            self.need(WRITING_LINE)
            self.y += WRITING_LINE
            self.document.set_draw_color(*EDGE)
            self.document.set_line_width(0.3)
            self.document.line(self.x, self.y - 1.5, self.x + self.width, self.y - 1.5)
        self.y += 3


def _is_to_write(element: HtmlElement) -> bool:
    """Whether it is a field for words."""
    is_box = element.get("type") in ("checkbox", "radio")
    return element.tag in ("textarea", "select") or (element.tag == "input" and not is_box)


def _box_of(element: HtmlElement, kinds: list[str]) -> str:
    """The kind of box an element is; choices inside a worksheet are none."""
    if element.xpath("ancestor::section[contains(@class, 'worksheet')]"):
        return ""
    return next((kind for kind in reversed(kinds) if kind in BOXES), "")


def _height(line: list[Run]) -> float:
    return max((run.style.size for run in line), default=10.5) * MM * LEADING
