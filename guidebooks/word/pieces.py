"""Paragraphs, text boxes, cells and tables of a Word file as pieces of a chapter."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html import escape
from typing import Any

from guidebooks.word import Remark
from guidebooks.word.desk import Desk
from guidebooks.word.fields import Fields
from guidebooks.word.layout import Piece, html_of
from guidebooks.word.line import EM_SPACE, Bit, Line
from guidebooks.word.line import html_of as words_of
from guidebooks.word.numbering import BOXES
from guidebooks.word.package import W
from guidebooks.word.runs import LineReader
from guidebooks.word.styles import value
from guidebooks.word.tables import THROUGH, table_html

DEEPEST_HEADING = 4


class Pieces:
    """Makes pieces of paragraphs and tables, one after the other; some wait for the next.

    Args:
        desk: Takes remarks, and knows styles, lists and notes.
    """

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.waiting: list[str] = []
        """Names that links lead to, for the next piece."""
        self.marks: list[Bit] = []
        """Marks of notes that stood in a heading, for the next text."""
        self._carried: tuple[Line, Any, LineReader] | None = None
        """A paragraph whose end was deleted: it goes on in the next one."""
        self._tabbed: list[str] = []
        self._in_cell = 0

    def blocks(self, container: Any) -> Iterator[Any]:
        """The paragraphs and tables of a container, whatever they are wrapped in."""
        for child in container:
            if child.tag in {W + "p", W + "tbl"}:
                yield child
            elif child.tag == W + "sdt" and _is_contents(child):
                self.desk.remark("contents")
            elif child.tag == W + "altChunk":
                self.desk.remark("inserted-file")
            elif child.tag in THROUGH:
                yield from self.blocks(child)
            elif child.tag == W + "bookmarkStart":
                self.waiting += self.desk.anchor(child.get(W + "name", ""))

    def settle(self) -> None:
        """What waited for a next paragraph, at the end of a chapter."""
        self.desk.put(self._flushed())
        if self.marks:
            self.desk.put([Piece("text", words_of(self.marks))])
            self.marks = []
        if self.waiting and self.desk.draft.pieces:
            self.desk.draft.pieces[-1].anchors += self.waiting
            self.desk.draft.names.update(self.waiting)
        self.waiting = []
        self.tabs("")

    # Paragraphs ----------------------------------------------------------------------------------

    def line(self, element: Any, story: LineReader, kind: str) -> Line | None:
        """A paragraph; None where its end was deleted, so that it goes on in the next one."""
        self.desk.place()
        self.desk.paragraph = element
        line = story.read(element, kind=kind)
        if self._carried is not None:
            (before, _element, _story), self._carried = self._carried, None
            line.bits, line.boxes = before.bits + line.bits, before.boxes + line.boxes
            line.anchors = before.anchors + line.anchors
        end = element.find(f"{W}pPr/{W}rPr")
        if end is not None and (end.find(W + "del") is not None or end.find(W + "moveFrom") is not None):
            self._carried = line, element, story
            return None
        return line

    def pieces(self, element: Any, story: LineReader) -> list[Piece]:
        """What a paragraph becomes."""
        kind = self.desk.styles.kind(element)
        line = self.line(element, story, kind)
        if line is None:
            return []
        if kind == "contents":
            if not line.blank:
                self.desk.remark("contents")
            return []
        return self.text(line, element, story, kind)

    def text(self, line: Line, element: Any, story: LineReader, kind: str = "text") -> list[Piece]:
        listed = self.desk.styles.numbering(element)
        if line.blank and not line.boxes:
            self.waiting += line.anchors
            return []
        anchors, self.waiting = self.waiting + line.anchors, []
        piece = self._piece(line, element, kind, listed)
        after = [] if piece and piece.kind == "item" else self.pictures(line.pictures)
        # A picture before the words of its paragraph stands before them here, too.
        leads = bool(line.pictures) and line.pictures[0] is next(bit for bit in line.bits if not bit.blank)
        found = [piece] if piece else []
        found = [*after, *found] if leads else [*found, *after]
        found += self.boxes(line, story)
        if found:
            found[0].anchors = anchors + found[0].anchors
        return found

    def _piece(self, line: Line, element: Any, kind: str, listed: tuple[str, int] | None) -> Piece | None:
        words = line.words
        if all(bit.blank for bit in words):
            self.tabs("")
            if listed and line.pictures and kind == "text":
                return self._item(line, "", *listed)
            return None
        if kind == "heading":
            return self._heading(line, element, listed)
        if self.marks and kind == "text":
            words, self.marks = [*words, *self.marks], []
        html = _trimmed(words_of(words))
        if kind in {"quote", "code", "caption"}:
            if kind == "code":
                html = escape(line.plain, quote=False) if not any(b.mark or b.link for b in words) else html
            kind = "text" if self._in_cell and kind in {"quote", "code"} else kind
            return Piece(kind, html)
        if html[:1] in BOXES and not self._in_cell:
            return Piece("tick", html[1:].strip().removeprefix(EM_SPACE).strip())
        if listed:
            return self._item(line, html, *listed)
        self.tabs(self.desk.place() if line.tabs else "")
        style = self.desk.styles.line(self.desk.styles.id_of(element))
        return Piece("more" if style and style[0].name.startswith("list continue") else "text", html)

    def _heading(self, line: Line, element: Any, listed: tuple[str, int] | None) -> Piece | None:
        level = self.desk.styles.level(element) or 2
        words = [bit for bit in line.words if not bit.mark]
        self.marks += [bit for bit in line.words if bit.mark]
        if self._in_cell:
            self.desk.lose("headings", "heading-in-table")
            html = _trimmed(words_of([replace(bit, looks=frozenset()) for bit in words]))
            return Piece("heading", html, level) if html else None
        if listed:
            self.desk.remark("numbered-headings")
        if level > DEEPEST_HEADING:
            self.desk.remark("deep-headings")
        html = _trimmed(words_of([replace(bit, looks=frozenset()) for bit in words])).replace("<br>", " ")
        return Piece("heading", html, level) if html else None

    def _item(self, line: Line, html: str, num_id: str, place: int) -> Piece | None:
        level = self.desk.numbering.level(num_id, place)
        if level is None or level.format == "none":
            return Piece("text", html) if html else None
        number = self.desk.numbering.count(num_id, place)
        pictures = "".join(_linked_picture(bit) for bit in line.pictures)
        if level.ticked and not self._in_cell and not pictures:
            return Piece("tick", html)
        if level.ordered and level.format not in {"decimal", "decimalZero"}:
            self.desk.remark("lettered")
        return Piece("item", html + pictures, place, level.ordered, number, num_id)

    def tabs(self, place: str) -> None:
        """Lines one under the other that are set with tabs are a table to the eye alone."""
        if place:
            self._tabbed.append(place)
            return
        if len(self._tabbed) > 1:
            self.desk.draft.remarks.append(Remark("tabbed", self._tabbed[0], len(self._tabbed)))
        self._tabbed = []

    @staticmethod
    def pictures(bits: list[Bit]) -> list[Piece]:
        return [
            Piece("figure", bit.picture.html(), link=bit.link[1] if bit.link else "") for bit in bits if bit.picture
        ]

    def _flushed(self) -> list[Piece]:
        """A paragraph whose end was deleted, where no other follows."""
        if self._carried is None:
            return []
        (line, element, story), self._carried = self._carried, None
        return self.text(line, element, story)

    # Boxes, cells and tables -----------------------------------------------------------------------

    def boxes(self, line: Line, story: LineReader) -> list[Piece]:
        """The text boxes that hang on a paragraph. One that only holds a caption is the caption."""
        found = []
        for box in line.boxes:
            if isinstance(box, list):
                found.append(Piece("box", "".join(f"<p>{escape(words, quote=False)}</p>" for words in box)))
                continue
            outer, story.fields = story.fields, Fields()
            pieces = self._inside(box, story)
            story.fields = outer
            kinds = {piece.kind for piece in pieces}
            if kinds == {"figure"} or (kinds == {"caption"} and len(pieces) == 1):
                found += pieces
            elif pieces:
                self.desk.remark("text-box")
                anchors: list[str] = []
                html = html_of(pieces, in_cell=bool(self._in_cell), anchors=anchors)
                found.append(Piece("box", html, anchors=anchors))
        return found

    def _inside(self, container: Any, story: LineReader) -> list[Piece]:
        """The pieces of a text box or a cell."""
        outer = self.desk.paragraph
        held, self._carried = self._carried, None
        found: list[Piece] = []
        for element in self.blocks(container):
            found += self.table(element, story) if element.tag == W + "tbl" else self.pieces(element, story)
        found += self._flushed()
        self.desk.paragraph, self._carried = outer, held
        return found

    def cell(self, element: Any, story: LineReader, anchors: list[str]) -> str:
        """The HTML of a cell of a table."""
        self._in_cell += 1
        pieces = self._inside(element, story)
        self._in_cell -= 1
        for piece in pieces:
            what = {"figure": "picture-in-table", "table": "table-in-table"}.get(piece.kind)
            if what:
                self.desk.remark(what)
        return html_of(pieces, in_cell=True, anchors=anchors)

    def table(self, element: Any, story: LineReader) -> list[Piece]:
        """A table, as what stands in it allows."""
        found = self._flushed()
        self.tabs("")
        outer, self.desk.paragraph = self.desk.paragraph, element
        html, anchors = table_html(self.desk, self.cell, element, story)
        self.desk.paragraph = outer
        waiting, self.waiting = self.waiting, []
        if not html:
            self.waiting = waiting + anchors
            return found
        return [*found, Piece("table", html, anchors=waiting + anchors)]


def _is_contents(control: Any) -> bool:
    """Whether a control holds a table of contents that Word makes."""
    gallery = control.find(f"{W}sdtPr/{W}docPartObj/{W}docPartGallery")
    return value(gallery).lower().startswith("table of contents")


def _trimmed(html: str) -> str:
    html = re.sub(rf"^(?:\s|{EM_SPACE}|<br>)+|(?:\s|{EM_SPACE}|<br>)+$", "", html)
    return html


def _linked_picture(bit: Bit) -> str:
    picture = bit.picture.html() if bit.picture else ""
    return f'<a href="{escape(bit.link[1])}">{picture}</a>' if bit.link else picture
