"""A Word file read from its beginning to its end: chapters at Heading 1, everything in them as HTML."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html import escape, unescape
from typing import Any
from urllib.parse import quote

from guidebooks.word import MOST_REMARKS, Book, Chapter, Remark
from guidebooks.word.fields import Fields
from guidebooks.word.layout import Piece, html_of
from guidebooks.word.line import EM_SPACE, Bit, Line, LineReader
from guidebooks.word.line import html_of as words_of
from guidebooks.word.names import label_of, slug_of, unique
from guidebooks.word.numbering import BOXES, Numbering
from guidebooks.word.package import File, W
from guidebooks.word.styles import Styles, value
from guidebooks.word.tables import THROUGH, table_html

COVER = "cover"
"""The path of what stands before the first Heading 1."""
WHOLE = "text"
"""The path of the only chapter of a file without Heading 1."""
LONGEST_TITLE = 255
LONGEST_SUMMARY = 500
DEEPEST_HEADING = 4
PLACE = 60
# What happens often is counted, not told each time.
COUNTED_ONCE = {
    "comments", "underlined", "symbol", "contents", "author-field", "lettered", "deep-headings", "numbered-headings",
    "hidden",
}  # fmt: skip
WEB = re.compile(r"(?i)^(?:https?|mailto|tel):")
BARE_WEB = re.compile(r"(?i)^www\.[\w-]+\.")
TO_PLACE = re.compile(r'<a href="#([^"]*)">(.*?)</a>', re.S)
# Titles that a program wrote, not a person.
NO_TITLE = re.compile(r"(?i)^(?:microsoft word\b.*|word document|document\d*|dokument\d*|untitled.*|title|.*\.docx?)$")
CORE = "{http://purl.org/dc/elements/1.1/}title"


@dataclass
class Draft:
    """A chapter in the making."""

    title: str
    pieces: list[Piece] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)
    lost: Counter[str] = field(default_factory=Counter)
    remarks: list[Remark] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    title_names: set[str] = field(default_factory=set)
    begins: list[Any] = field(default_factory=list)
    """The elements of the file that make it, in order."""


class Reader:
    """Reads one file.

    Raises:
        Refused: it is no Word file that can be read.
    """

    def __init__(self, file: File) -> None:
        self.file = file
        self.styles = Styles(file.part("styles"))
        self.numbering = Numbering(file.part("numbering"))
        self.notes = {kind: self._notes(kind) for kind in ("footnote", "endnote")}
        self.linked = self._linked_names()
        self.drafts = [Draft("")]
        self.title = self.summary = ""
        self.remarks: list[Remark] = []
        self._labels: dict[tuple[int, str, str], str] = {}
        self._links = 0
        self._paragraph: Any = None
        self._last = ""
        self._waiting: list[str] = []
        self._marks: list[Bit] = []
        self._carried: Line | None = None
        self._tabbed: list[str] = []
        self._in_cell = 0
        self._in_note = False

    # The whole file ----------------------------------------------------------------------------

    def read(self) -> Book:
        """The book."""
        body = self.file.tree(self.file.main).find(W + "body")
        story = LineReader(self, self.file.main)
        for element in self._blocks(body if body is not None else ()):
            self._top(element, story)
        self._settle()
        self._without_contents_only()
        self._whole_file(body)
        return self._book()

    @property
    def draft(self) -> Draft:
        """The chapter that is read now."""
        return self.drafts[-1]

    def _blocks(self, container: Any) -> Iterator[Any]:
        """The paragraphs and tables of a container, whatever they are wrapped in."""
        for child in container:
            if child.tag in {W + "p", W + "tbl"}:
                yield child
            elif child.tag == W + "sdt" and _is_contents(child):
                self.remark("contents")
            elif child.tag == W + "altChunk":
                self.remark("inserted-file")
            elif child.tag in THROUGH:
                yield from self._blocks(child)
            elif child.tag == W + "bookmarkStart":
                self._waiting += self.anchor(child.get(W + "name", ""))

    def _top(self, element: Any, story: LineReader) -> None:
        if element.tag == W + "tbl":
            self.draft.begins.append(element)
            self._put(self._table(element, story))
            return
        kind = self.styles.kind(element)
        first = kind == "heading" and self.styles.level(element) == 1
        if not (first or kind in {"title", "subtitle"}):
            self.draft.begins.append(element)
            self._put(self._pieces(element, story))
            return
        line = self._line(element, story, kind)
        if line is None:
            self.draft.begins.append(element)
        elif first and line.plain and not story.fields.silent:
            self._settle()
            self.drafts.append(Draft(_title(line)))
            self.draft.begins.append(element)
            self.draft.title_names.update([*self._waiting, *line.anchors])
            self._waiting = []
            self._after_heading(line, element, story)
        else:
            self.draft.begins.append(element)
            self._title_or_text(line, kind, element, story)

    def _title_or_text(self, line: Line, kind: str, element: Any, story: LineReader) -> None:
        """The first title is the book's, the first subtitle its summary; others are text."""
        is_first = len(self.drafts) == 1
        words = _title(line)
        if kind == "title" and is_first and not self.title and words and len(words) <= LONGEST_TITLE:
            self.title = words
        elif (
            kind == "subtitle" and is_first and not self.summary and words
            and len(words) <= LONGEST_SUMMARY and not any(bit.link for bit in line.bits)
        ):  # fmt: skip
            self.summary = words
        else:
            self._put(self._text(line, element, story))
            return
        self.draft.title_names.update(line.anchors)
        self._after_heading(line, element, story)

    def _after_heading(self, line: Line, element: Any, story: LineReader) -> None:
        """What a title cannot hold: links, pictures and text boxes follow it, marks of notes wait for the next text."""
        self._marks += [bit for bit in line.bits if bit.mark]
        if self.styles.numbering(element):
            self.remark("numbered-headings")
        links = [bit for bit in line.words if bit.link]
        pieces = [Piece("text", words_of(links))] if links else []
        self._put(pieces + self._pictures(line.pictures) + self._boxes(line, story))

    def _put(self, pieces: list[Piece]) -> None:
        for piece in pieces:
            self.draft.names.update(piece.anchors)
        self.draft.pieces += pieces

    def _settle(self) -> None:
        """What waited for a next paragraph, at the end of a chapter."""
        if self._carried is not None:
            line, self._carried = self._carried, None
            if not line.blank:
                self._put([Piece("text", words_of(line.words), anchors=line.anchors), *self._pictures(line.pictures)])
        if self._marks:
            self._put([Piece("text", words_of(self._marks))])
            self._marks = []
        if self._waiting and self.draft.pieces:
            self.draft.pieces[-1].anchors += self._waiting
            self.draft.names.update(self._waiting)
        self._waiting = []
        self._tabs("")

    def _without_contents_only(self) -> None:
        """A chapter that was nothing but the table of contents goes with it."""
        kept = [self.drafts[0]]
        for draft in self.drafts[1:]:
            if draft.pieces or not any(remark.code == "contents" for remark in draft.remarks):
                kept.append(draft)
                continue
            kept[-1].begins += draft.begins
            kept[-1].lost["headings"] += 1
            kept[-1].remarks += draft.remarks
        self.drafts = kept

    def _whole_file(self, body: Any) -> None:
        """What is said once for the whole file."""
        tell = self.remarks.append
        parts = [name for kind, name in self.file.related(self.file.main).values() if kind in {"header", "footer"}]
        trees = [self.file.tree(name) for name in dict.fromkeys(parts)]
        spoken = [
            tree for tree in trees if tree is not None and any((t.text or "").strip() for t in tree.iter(W + "t"))
        ]
        if spoken:
            tell(Remark("headers", count=len(spoken)))
        changes = [W + "ins", W + "del", W + "moveFrom", W + "moveTo"]
        if body is not None and (changed := sum(1 for _ in body.iter(*changes))):
            tell(Remark("tracked", count=changed))
        comments = self.file.part("comments")
        count = len(comments.findall(W + "comment")) if comments is not None else 0
        placed = sum(remark.count for draft in self.drafts for remark in draft.remarks if remark.code == "comments")
        if count > placed:
            tell(Remark("comments-in-file", count=count - placed))
        if not any(draft.title for draft in self.drafts):
            seen = self.drafts[0].pieces
            tell(Remark("no-heading-1", count=sum(piece.kind == "heading" for piece in seen)))

    def _book(self) -> Book:
        title = self.title or self._core_title()
        if len(self.drafts) == 1:
            # The cover stays without text, and the one chapter has all of it.
            only = self.drafts[0]
            self.drafts = [Draft(title), only] if only.pieces else [only]
            if only.pieces:
                self.drafts[0].begins = []
        taken = {COVER}
        paths = [COVER, *(unique(slug_of(draft.title) or WHOLE, taken) for draft in self.drafts[1:])]
        where = {name: (path, "") for path, draft in zip(paths, self.drafts, strict=True) for name in draft.title_names}
        for path, draft in zip(paths, self.drafts, strict=True):
            where.update({name: (path, name) for name in draft.names})
        chapters = []
        for path, draft in zip(paths, self.drafts, strict=True):
            html = html_of(draft.pieces)
            html += "".join(f'<div data-footnote="{escape(label)}">{note}</div>' for label, note in draft.notes.items())
            html = self._with_places(html, path, where, draft)
            chapter = Chapter(path, draft.title or (title if path == COVER else ""), html, draft.lost)
            chapter.remarks = _gathered(draft.remarks)
            chapters.append(chapter)
        return Book(title, self.summary, chapters, _gathered(self.remarks))

    def _core_title(self) -> str:
        name = next((n for kind, n in self.file.related("").values() if kind == "core-properties"), "")
        tree = self.file.tree(name) if name else None
        found = " ".join((tree.findtext(CORE) or "").split()) if tree is not None else ""
        return "" if NO_TITLE.match(found) or len(found) > LONGEST_TITLE else found

    @staticmethod
    def _with_places(html: str, here: str, where: dict[str, tuple[str, str]], draft: Draft) -> str:
        """The links to places of the file, set to the chapter these are in."""

        def set_to(link: re.Match[str]) -> str:
            name = unescape(link[1])
            path, place = where.get(name, ("", ""))
            if path == here and place:
                return link[0]
            if path:
                fragment = f"#{quote(place)}" if place else ""
                return f'<a href="{escape(quote(path) + fragment)}">{link[2]}</a>'
            if name:
                words = " ".join(unescape(re.sub(r"<[^>]+>", "", link[2])).split())
                draft.remarks.append(Remark("link-nowhere", words=words[:PLACE]))
            return f'<a href="#">{link[2]}</a>'

        return TO_PLACE.sub(set_to, html)

    # What the readers of lines and tables ask and tell -------------------------------------------

    def remark(self, code: str, *, count: int = 1, words: str = "") -> None:
        """Keep what could not be kept as it was, with the place where that is."""
        place = "" if code in COUNTED_ONCE else self._place()
        self.draft.remarks.append(Remark(code, place, count, words))

    def lose(self, what: str, code: str) -> None:
        """Something that is counted is not in the chapter."""
        self.draft.lost[what] += 1
        self.remark(code)

    def _place(self) -> str:
        if self._paragraph is None:
            return ""
        parts = self._paragraph.iter(W + "t", W + "tab", W + "br", W + "p")
        words = " ".join("".join(part.text or "" if part.tag == W + "t" else " " for part in parts).split())
        words = self._last = words or self._last  # a picture alone is known by what stands before it
        return words if len(words) <= PLACE else words[:PLACE].rsplit(" ", 1)[0] + "…"

    def anchor(self, name: str) -> list[str]:
        """The name of a bookmark, if anything links to it."""
        return [name] if name in self.linked else []

    def link(self, address: str) -> tuple[int, str]:
        """A link of its own to an address. One that leads to a file, or nowhere, will be text."""
        self._links += 1
        address = "".join(address.split())
        if BARE_WEB.match(address):
            address = f"https://{address}"
        if not address.startswith("#") and not WEB.match(address):
            self.remark("link-file")
            address = "#"
        return self._links, address

    def lost_link(self, _found: str) -> None:
        """A link whose address is not in the file."""
        self.lose("links", "link-broken")

    def note(self, kind: str, note_id: str) -> str:
        """The label of a note, which is read where it is referred to first; empty where there is none."""
        found = self.notes[kind].get(note_id)
        if found is None or self._in_note:
            return ""
        key = (len(self.drafts), kind, note_id)
        if key not in self._labels:
            html = self._note_html(kind, found)
            label = unique(label_of(html) or kind, set(self.draft.notes))
            self.draft.notes[label] = html
            self._labels[key] = label
        return self._labels[key]

    def _notes(self, kind: str) -> dict[str, Any]:
        tree = self.file.part(f"{kind}s")
        found = tree.findall(W + kind) if tree is not None else []
        return {note.get(W + "id", ""): note for note in found if note.get(W + "type", "normal") == "normal"}

    def _note_html(self, kind: str, note: Any) -> str:
        story = LineReader(self, self.file.part_name(f"{kind}s"))
        outer, self._paragraph, self._in_note = self._paragraph, note, True
        lines = []
        for table in note.iter(W + "tbl"):
            if table is not None:
                self.lose("tables", "table-in-note")
        for paragraph in note.iter(W + "p"):
            line = story.read(paragraph)
            if line.pictures:
                self.draft.lost["images"] += len(line.pictures)
                self.remark("picture-in-note", count=len(line.pictures))
            if not all(bit.blank for bit in line.words):
                lines.append(words_of(line.words).replace(EM_SPACE, " ").strip())
        self._paragraph, self._in_note = outer, False
        return "<br>".join(lines)

    def _linked_names(self) -> set[str]:
        """The names of all bookmarks that something links to."""
        found: set[str] = set()
        names = (self.file.main, self.file.part_name("footnotes"), self.file.part_name("endnotes"))
        for tree in filter(lambda tree: tree is not None, map(self.file.tree, names)):
            found.update(a for link in tree.iter(W + "hyperlink") if (a := link.get(W + "anchor")))
            orders = "".join(order.text or "" for order in tree.iter(W + "instrText"))
            orders += " ".join(simple.get(W + "instr", "") for simple in tree.iter(W + "fldSimple"))
            found.update(re.findall(r"[^\W\d][\w.-]*", orders))
            found.update(re.findall(r'"#?([^"]+)"', orders))
            outside = self.file.outside(self.file.main).values()
            found.update(address[1:] for address in outside if address.startswith("#"))
        return found

    # Paragraphs ----------------------------------------------------------------------------------

    def _line(self, element: Any, story: LineReader, kind: str) -> Line | None:
        """A paragraph; None where its end was deleted, so that it goes on in the next one."""
        self._place()
        self._paragraph = element
        line = story.read(element, kind=kind)
        if self._carried is not None:
            before, self._carried = self._carried, None
            line.bits, line.boxes = before.bits + line.bits, before.boxes + line.boxes
            line.anchors = before.anchors + line.anchors
        end = element.find(f"{W}pPr/{W}rPr")
        if end is not None and (end.find(W + "del") is not None or end.find(W + "moveFrom") is not None):
            self._carried = line
            return None
        return line

    def _pieces(self, element: Any, story: LineReader) -> list[Piece]:
        """What a paragraph becomes."""
        kind = self.styles.kind(element)
        line = self._line(element, story, kind)
        if line is None:
            return []
        if kind == "contents":
            if not line.blank:
                self.remark("contents")
            return []
        return self._text(line, element, story, kind)

    def _text(self, line: Line, element: Any, story: LineReader, kind: str = "text") -> list[Piece]:
        listed = self.styles.numbering(element)
        if line.blank and not line.boxes:
            self._waiting += line.anchors
            return []
        anchors, self._waiting = self._waiting + line.anchors, []
        piece = self._piece(line, element, kind, listed)
        after = [] if piece and piece.kind == "item" else self._pictures(line.pictures)
        # A picture before the words of its paragraph stands before them here, too.
        leads = bool(line.pictures) and line.pictures[0] is next(bit for bit in line.bits if not bit.blank)
        found = [piece] if piece else []
        found = [*after, *found] if leads else [*found, *after]
        found += self._boxes(line, story)
        if found:
            found[0].anchors = anchors + found[0].anchors
        return found

    def _piece(self, line: Line, element: Any, kind: str, listed: tuple[str, int] | None) -> Piece | None:
        words = line.words
        if all(bit.blank for bit in words):
            self._tabs("")
            if listed and line.pictures and kind == "text":
                return self._item(line, "", *listed)
            return None
        if kind == "heading":
            return self._heading(line, element, listed)
        if self._marks and kind == "text":
            words, self._marks = [*words, *self._marks], []
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
        self._tabs(self._place() if line.tabs else "")
        style = self.styles.line(self.styles.id_of(element))
        return Piece("more" if style and style[0].name.startswith("list continue") else "text", html)

    def _heading(self, line: Line, element: Any, listed: tuple[str, int] | None) -> Piece | None:
        level = self.styles.level(element) or 2
        words = [bit for bit in line.words if not bit.mark]
        self._marks += [bit for bit in line.words if bit.mark]
        if self._in_cell:
            self.lose("headings", "heading-in-table")
            html = _trimmed(words_of([replace(bit, looks=frozenset()) for bit in words]))
            return Piece("heading", html, level) if html else None
        if listed:
            self.remark("numbered-headings")
        if level > DEEPEST_HEADING:
            self.remark("deep-headings")
        html = _trimmed(words_of([replace(bit, looks=frozenset()) for bit in words])).replace("<br>", " ")
        return Piece("heading", html, level) if html else None

    def _item(self, line: Line, html: str, num_id: str, place: int) -> Piece | None:
        level = self.numbering.level(num_id, place)
        if level is None or level.format == "none":
            return Piece("text", html) if html else None
        number = self.numbering.count(num_id, place)
        pictures = "".join(_linked_picture(bit) for bit in line.pictures)
        if level.ticked and not self._in_cell and not pictures:
            return Piece("tick", html)
        if level.ordered and level.format not in {"decimal", "decimalZero"}:
            self.remark("lettered")
        return Piece("item", html + pictures, place, level.ordered, number, num_id)

    def _tabs(self, place: str) -> None:
        """Lines one under the other that are set with tabs are a table to the eye alone."""
        if place:
            self._tabbed.append(place)
            return
        if len(self._tabbed) > 1:
            self.draft.remarks.append(Remark("tabbed", self._tabbed[0], len(self._tabbed)))
        self._tabbed = []

    @staticmethod
    def _pictures(bits: list[Bit]) -> list[Piece]:
        return [
            Piece("figure", bit.picture.html(), link=bit.link[1] if bit.link else "") for bit in bits if bit.picture
        ]

    # Boxes, cells and tables -----------------------------------------------------------------------

    def _boxes(self, line: Line, story: LineReader) -> list[Piece]:
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
                self.remark("text-box")
                anchors: list[str] = []
                html = html_of(pieces, in_cell=bool(self._in_cell), anchors=anchors)
                found.append(Piece("box", html, anchors=anchors))
        return found

    def _inside(self, container: Any, story: LineReader) -> list[Piece]:
        """The pieces of a text box or a cell."""
        outer = self._paragraph
        held, self._carried = self._carried, None
        found: list[Piece] = []
        for element in self._blocks(container):
            found += self._table(element, story) if element.tag == W + "tbl" else self._pieces(element, story)
        self._paragraph, self._carried = outer, held
        return found

    def cell(self, element: Any, story: LineReader, anchors: list[str]) -> str:
        """The HTML of a cell of a table."""
        self._in_cell += 1
        pieces = self._inside(element, story)
        self._in_cell -= 1
        for piece in pieces:
            what = {"figure": "picture-in-table", "table": "table-in-table"}.get(piece.kind)
            if what:
                self.remark(what)
        return html_of(pieces, in_cell=True, anchors=anchors)

    def _table(self, element: Any, story: LineReader) -> list[Piece]:
        found: list[Piece] = []
        if self._carried is not None:
            line, self._carried = self._carried, None
            if not line.blank:
                found = [Piece("text", words_of(line.words)), *self._pictures(line.pictures)]
        self._tabs("")
        outer, self._paragraph = self._paragraph, element
        html, anchors = table_html(self, element, story)
        self._paragraph = outer
        waiting, self._waiting = self._waiting, []
        if not html:
            self._waiting = waiting + anchors
            return found
        return [*found, Piece("table", html, anchors=waiting + anchors)]


def _is_contents(control: Any) -> bool:
    """Whether a control holds a table of contents that Word makes."""
    gallery = control.find(f"{W}sdtPr/{W}docPartObj/{W}docPartGallery")
    return value(gallery).lower().startswith("table of contents")


def _title(line: Line) -> str:
    """The words of a title, without the marks of its notes and the spaces of its tabs."""
    words = "".join(bit.html for bit in line.words if not bit.mark).replace("<br>", " ").replace("\u00ad", "")
    return " ".join(unescape(words).split())[:LONGEST_TITLE]


def _trimmed(html: str) -> str:
    html = re.sub(rf"^(?:\s|{EM_SPACE}|<br>)+|(?:\s|{EM_SPACE}|<br>)+$", "", html)
    return html


def _linked_picture(bit: Bit) -> str:
    picture = bit.picture.html() if bit.picture else ""
    return f'<a href="{escape(bit.link[1])}">{picture}</a>' if bit.link else picture


def _gathered(remarks: list[Remark]) -> list[Remark]:
    """The remarks with those that are counted together as one, and no more than a person reads."""
    together: dict[str, Remark] = {}
    done: list[Remark] = []
    told: Counter[str] = Counter()
    for remark in remarks:
        if remark.code in COUNTED_ONCE:
            before = together.get(remark.code)
            together[remark.code] = replace(remark, count=remark.count + (before.count if before else 0))
            continue
        told[remark.code] += 1
        if told[remark.code] <= MOST_REMARKS:
            done.append(remark)
    more = [Remark("more", words=code, count=n - MOST_REMARKS) for code, n in told.items() if n > MOST_REMARKS]
    return [*together.values(), *done, *more]
