"""A Word file read from its beginning to its end: chapters at Heading 1, everything in them as HTML."""

from __future__ import annotations

import re
from html import escape, unescape
from typing import Any
from urllib.parse import quote

from guidebooks.word import Book, Chapter, Remark
from guidebooks.word.desk import PLACE, Desk, Draft, gathered
from guidebooks.word.layout import Piece, html_of
from guidebooks.word.line import Line
from guidebooks.word.line import html_of as words_of
from guidebooks.word.names import slug_of, unique
from guidebooks.word.package import File, W
from guidebooks.word.pieces import Pieces
from guidebooks.word.runs import LineReader

COVER = "cover"
"""The path of what stands before the first Heading 1."""
WHOLE = "text"
"""The path of the only chapter of a file without Heading 1."""
LONGEST_TITLE = 255
LONGEST_SUMMARY = 500
TO_PLACE = re.compile(r'<a href="#([^"]*)">(.*?)</a>', re.S)
# Titles that a program wrote, not a person.
NO_TITLE = re.compile(r"(?i)^(?:microsoft word\b.*|word document|document\d*|dokument\d*|untitled.*|title|.*\.docx?)$")
CORE = "{http://purl.org/dc/elements/1.1/}title"


class Reader:
    """Reads one file.

    Raises:
        Refused: it is no Word file that can be read.
    """

    def __init__(self, file: File) -> None:
        self.desk = Desk(file)
        self.pieces = Pieces(self.desk)
        self.title = self.summary = ""
        self.remarks: list[Remark] = []

    def read(self) -> Book:
        """The book."""
        body = self.desk.file.tree(self.desk.file.main).find(W + "body")
        story = LineReader(self.desk, self.desk.file.main)
        for element in self.pieces.blocks(body if body is not None else ()):
            self._top(element, story)
        self.pieces.settle()
        self._without_contents_only()
        self._whole_file(body)
        return self._book()

    def _top(self, element: Any, story: LineReader) -> None:
        if element.tag == W + "tbl":
            self.desk.draft.begins.append(element)
            self.desk.put(self.pieces.table(element, story))
            return
        kind = self.desk.styles.kind(element)
        first = kind == "heading" and self.desk.styles.level(element) == 1
        if not (first or kind in {"title", "subtitle"}):
            self.desk.draft.begins.append(element)
            self.desk.put(self.pieces.pieces(element, story))
            return
        line = self.pieces.line(element, story, kind)
        if line is None:
            self.desk.draft.begins.append(element)
        elif first and line.plain and not story.fields.silent:
            self.pieces.settle()
            self.desk.drafts.append(Draft(_title(line)))
            self.desk.draft.begins.append(element)
            self.desk.draft.title_names.update([*self.pieces.waiting, *line.anchors])
            self.pieces.waiting = []
            self._after_heading(line, element, story)
        else:
            self.desk.draft.begins.append(element)
            self._title_or_text(line, kind, element, story)

    def _title_or_text(self, line: Line, kind: str, element: Any, story: LineReader) -> None:
        """The first title is the book's, the first subtitle its summary; others are text."""
        is_first = len(self.desk.drafts) == 1
        words = _title(line)
        if kind == "title" and is_first and not self.title and words and len(words) <= LONGEST_TITLE:
            self.title = words
        elif (
            kind == "subtitle" and is_first and not self.summary and words
            and len(words) <= LONGEST_SUMMARY and not any(bit.link for bit in line.bits)
        ):  # fmt: skip
            self.summary = words
        else:
            self.desk.put(self.pieces.text(line, element, story))
            return
        self.desk.draft.title_names.update(line.anchors)
        self._after_heading(line, element, story)

    def _after_heading(self, line: Line, element: Any, story: LineReader) -> None:
        """What a title cannot hold: links, pictures and text boxes follow it, marks of notes wait for the next text."""
        self.pieces.marks += [bit for bit in line.bits if bit.mark]
        if self.desk.styles.numbering(element):
            self.desk.remark("numbered-headings")
        links = [bit for bit in line.words if bit.link]
        pieces = [Piece("text", words_of(links))] if links else []
        self.desk.put(pieces + self.pieces.pictures(line.pictures) + self.pieces.boxes(line, story))

    def _without_contents_only(self) -> None:
        """A chapter that was nothing but the table of contents goes with it."""
        kept = [self.desk.drafts[0]]
        for draft in self.desk.drafts[1:]:
            if draft.pieces or not any(remark.code == "contents" for remark in draft.remarks):
                kept.append(draft)
                continue
            kept[-1].begins += draft.begins
            kept[-1].lost["headings"] += 1
            kept[-1].remarks += draft.remarks
        self.desk.drafts = kept

    def _whole_file(self, body: Any) -> None:
        """What is said once for the whole file."""
        tell = self.remarks.append
        parts = [
            name for kind, name in self.desk.file.related(self.desk.file.main).values() if kind in {"header", "footer"}
        ]
        trees = [self.desk.file.tree(name) for name in dict.fromkeys(parts)]
        spoken = [
            tree for tree in trees if tree is not None and any((t.text or "").strip() for t in tree.iter(W + "t"))
        ]
        if spoken:
            tell(Remark("headers", count=len(spoken)))
        changes = [W + "ins", W + "del", W + "moveFrom", W + "moveTo"]
        if body is not None and (changed := sum(1 for _ in body.iter(*changes))):
            tell(Remark("tracked", count=changed))
        comments = self.desk.file.part("comments")
        count = len(comments.findall(W + "comment")) if comments is not None else 0
        placed = sum(
            remark.count for draft in self.desk.drafts for remark in draft.remarks if remark.code == "comments"
        )
        if count > placed:
            tell(Remark("comments-in-file", count=count - placed))
        if not any(draft.title for draft in self.desk.drafts):
            seen = self.desk.drafts[0].pieces
            tell(Remark("no-heading-1", count=sum(piece.kind == "heading" for piece in seen)))

    def _book(self) -> Book:
        title = self.title or self._core_title()
        if len(self.desk.drafts) == 1:
            # The cover stays without text, and the one chapter has all of it.
            only = self.desk.drafts[0]
            self.desk.drafts = [Draft(title), only] if only.pieces else [only]
            if only.pieces:
                self.desk.drafts[0].begins = []
        taken = {COVER}
        paths = [COVER, *(unique(slug_of(draft.title) or WHOLE, taken) for draft in self.desk.drafts[1:])]
        where = {
            name: (path, "") for path, draft in zip(paths, self.desk.drafts, strict=True) for name in draft.title_names
        }
        for path, draft in zip(paths, self.desk.drafts, strict=True):
            where.update({name: (path, name) for name in draft.names})
        chapters = []
        for path, draft in zip(paths, self.desk.drafts, strict=True):
            html = html_of(draft.pieces)
            html += "".join(f'<div data-footnote="{escape(label)}">{note}</div>' for label, note in draft.notes.items())
            html = self._with_places(html, path, where, draft)
            chapter = Chapter(path, draft.title or (title if path == COVER else ""), html, draft.lost)
            chapter.remarks = gathered(draft.remarks)
            chapters.append(chapter)
        return Book(title, self.summary, chapters, gathered(self.remarks))

    def _core_title(self) -> str:
        name = next((n for kind, n in self.desk.file.related("").values() if kind == "core-properties"), "")
        tree = self.desk.file.tree(name) if name else None
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


def _title(line: Line) -> str:
    """The words of a title, without the marks of its notes and the spaces of its tabs."""
    words = "".join(bit.html for bit in line.words if not bit.mark).replace("<br>", " ").replace("\u00ad", "")
    return " ".join(unescape(words).split())[:LONGEST_TITLE]
