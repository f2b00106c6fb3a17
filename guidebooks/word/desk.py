"""Where a Word file is laid out: its chapters in the making, with their notes, links, places and remarks."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

from guidebooks.word import MOST_REMARKS, Remark
from guidebooks.word.layout import Piece
from guidebooks.word.line import EM_SPACE, html_of
from guidebooks.word.names import label_of, unique
from guidebooks.word.numbering import Numbering
from guidebooks.word.package import File, W
from guidebooks.word.runs import LineReader
from guidebooks.word.styles import Styles

PLACE = 60
"""Characters of a paragraph that say which one it is."""
# What happens often is counted, not told each time.
COUNTED_ONCE = {
    "comments", "underlined", "symbol", "contents", "author-field", "lettered", "deep-headings", "numbered-headings",
    "hidden",
}  # fmt: skip
WEB = re.compile(r"(?i)^(?:https?|mailto|tel):")
BARE_WEB = re.compile(r"(?i)^www\.[\w-]+\.")


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


class Desk:
    """What the readers of paragraphs and tables ask, and tell.

    Args:
        file: The file that is read.
    """

    def __init__(self, file: File) -> None:
        self.file = file
        self.styles = Styles(file.part("styles"))
        self.numbering = Numbering(file.part("numbering"))
        self.notes = {kind: self._notes(kind) for kind in ("footnote", "endnote")}
        self.linked = self._linked_names()
        self.drafts = [Draft("")]
        self.paragraph: Any = None
        """What is read now: remarks name it."""
        self._last = ""
        self._labels: dict[tuple[int, str, str], str] = {}
        self._links = 0
        self._in_note = False

    @property
    def draft(self) -> Draft:
        """The chapter that is read now."""
        return self.drafts[-1]

    def put(self, pieces: list[Piece]) -> None:
        """Add to the chapter."""
        for piece in pieces:
            self.draft.names.update(piece.anchors)
        self.draft.pieces += pieces

    def remark(self, code: str, *, count: int = 1, words: str = "") -> None:
        """Keep what could not be kept as it was, with the place where that is."""
        place = "" if code in COUNTED_ONCE else self.place()
        self.draft.remarks.append(Remark(code, place, count, words))

    def lose(self, what: str, code: str) -> None:
        """Something that is counted is not in the chapter."""
        self.draft.lost[what] += 1
        self.remark(code)

    def place(self) -> str:
        """The first words of the paragraph that is read; of the one before, where it has none."""
        if self.paragraph is None:
            return ""
        parts = self.paragraph.iter(W + "t", W + "tab", W + "br", W + "p")
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
        outer, self.paragraph, self._in_note = self.paragraph, note, True
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
                lines.append(html_of(line.words).replace(EM_SPACE, " ").strip())
        self.paragraph, self._in_note = outer, False
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


def gathered(remarks: list[Remark]) -> list[Remark]:
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
