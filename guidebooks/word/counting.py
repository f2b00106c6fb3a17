"""What is in a Word file, counted straight from its XML and apart from the reading of it.

It walks over the elements in the order in which they stand, keeps what it is inside of, and makes nothing: so a thing
that the reading loses is still counted here, and the two do not agree.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from guidebooks.word.numbering import BOXES, Numbering
from guidebooks.word.package import File, R, W
from guidebooks.word.styles import Styles, value

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
V = "{urn:schemas-microsoft-com:vml}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"

WORD = re.compile(r"\w+")
UNSEEN = {W + "del", W + "moveFrom", W + "pPr", W + "rPr", W + "tblPr", W + "sdtPr", W + "altChunk"}
BREAKS = {W + "tab", W + "br", W + "cr", W + "ptab"}
NO_TEXT = {"TOC", "INDEX", "TOA", "RD", "TC", "XE", "TA", "AUTHOR", "LASTSAVEDBY", "USERNAME", "USERINITIALS",
           "USERADDRESS"}  # fmt: skip
LEADS = re.compile(r"^\s*(?:HYPERLINK\s+\S|(?:REF|PAGEREF|NOTEREF)\s+\S+.*\\h)", re.I)


@dataclass
class Counted:
    """What was counted: things by their names in ``core.markdown.COUNTED``, and each word."""

    things: Counter[str] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)


@dataclass
class _Field:
    order: str = ""
    result: bool = False
    paragraphs: set[int] = field(default_factory=set)

    @property
    def kind(self) -> str:
        return (self.order.split() or [""])[0].upper()


@dataclass
class _Paragraph:
    """A paragraph that is open."""

    element: Any
    text: list[str] = field(default_factory=list)
    links: set[int] = field(default_factory=set)
    shown: bool = False
    """It shows something: words or a picture."""


class Tally:
    """Counts one chapter after the other; numbered lists and open fields go on from one to the next."""

    def __init__(self, file: File, styles: Styles) -> None:
        self.file = file
        self.styles = styles
        self.numbering = Numbering(file.part("numbering"))
        self.notes = {kind: self._notes(kind) for kind in ("footnote", "endnote")}
        self.fields: list[_Field] = []
        self.carried: _Paragraph | None = None

    def _notes(self, kind: str) -> dict[str, Any]:
        tree = self.file.part(f"{kind}s")
        found = tree.iter(W + kind) if tree is not None else ()
        return {note.get(W + "id", ""): note for note in found if note.get(W + "type", "normal") == "normal"}

    def chapter(self, elements: Iterable[Any]) -> Counted:
        """What is in the paragraphs and tables of a chapter and the notes they refer to."""
        self.now = Counted()
        self.referred: set[tuple[str, str]] = set()
        self.run = ""
        for element in elements:
            self._walk(element)
        for kind, note_id in sorted(self.referred):
            self._note(self.notes[kind][note_id])
        self.now.things["footnotes"] = len(self.referred)
        return self.now

    def _note(self, note: Any) -> None:
        outer = self.now
        self.now, self.referred_here = Counted(), self.referred
        self.referred = set()
        self._walk(note)
        inside, self.now, self.referred = self.now, outer, self.referred_here
        self.now.words += inside.words
        # A note is one line of text: no headings, quotes or lists to tick in it.
        for name in ("links", "images", "tables"):
            self.now.things[name] += inside.things[name]

    def _walk(self, root: Any) -> None:
        open_paragraphs: list[_Paragraph] = []
        tables = 0
        inside: list[tuple[Any, str]] = []
        walk = etree.iterwalk(root, events=("start", "end"))
        for event, element in walk:
            tag = element.tag
            if event == "start":
                if self._skipped(element, tables):
                    walk.skip_subtree()
                    if tag not in {W + "p"}:
                        inside.append((element, "skipped"))
                    else:
                        inside.append((element, "skipped"))
                    continue
                inside.append((element, ""))
                if tag == W + "p":
                    open_paragraphs.append(_Paragraph(element))
                elif tag == W + "tbl":
                    tables += 1
                    self.run = ""
                    self.now.things["tables"] += 1
                elif open_paragraphs:
                    self._one(element, open_paragraphs[-1])
            else:
                skipped = inside.pop()[1]
                if skipped:
                    continue
                if tag == W + "p":
                    self._ended(open_paragraphs.pop(), tables)
                elif tag == W + "tbl":
                    tables -= 1

    def _skipped(self, element: Any, tables: int) -> bool:
        """Whether nothing of an element is in the final text."""
        tag = element.tag
        if not isinstance(tag, str) or tag in UNSEEN:
            return True
        if tag == MC + "Fallback":
            return element.getparent().find(MC + "Choice") is not None
        if tag == W + "sdt":
            gallery = value(element.find(f"{W}sdtPr/{W}docPartObj/{W}docPartGallery")).lower()
            bound = element.find(f"{W}sdtPr/{W}dataBinding")
            names = bound is not None and re.search(r"(?i)creator|lastModifiedBy", bound.get(W + "xpath", ""))
            tick = element.find(f"{W}sdtPr/{W14}checkbox") is not None and element.getparent().tag == W + "p"
            return gallery.startswith("table of contents") or bool(names) or tick
        if tag == W + "tr":
            return element.find(f"{W}trPr/{W}del") is not None
        if tag == W + "tc":
            merge = element.find(f"{W}tcPr/{W}vMerge")
            goes_on = merge is not None and value(merge) in {"", "continue"}
            return element.find(f"{W}tcPr/{W}cellDel") is not None or (goes_on and not _in_first_row(element))
        return False

    @property
    def silent(self) -> bool:
        return any(not each.result or each.kind in NO_TEXT for each in self.fields)

    def _one(self, element: Any, paragraph: _Paragraph) -> None:
        tag = element.tag
        if tag == W + "fldChar":
            self._field(element.get(W + "fldCharType"), paragraph)
        elif tag == W + "instrText":
            if self.fields and not self.fields[-1].result:
                self.fields[-1].order += element.text or ""
        elif self.silent:
            return
        elif tag == W + "t":
            if not self._hidden(element.getparent(), paragraph.element):
                self._text(element, element.text or "", paragraph)
        elif tag == M + "t":
            self._text(element, f" {element.text or ''} ", paragraph)
        elif tag in BREAKS or tag == W + "noBreakHyphen":
            paragraph.text.append(" ")
        elif tag == A + "blip" or tag == V + "imagedata":
            if element.get(R + "embed") or element.get(R + "link") or element.get(R + "id"):
                self.now.things["images"] += 1
                paragraph.shown = True
                self._linked(element, paragraph)
                if self._link_of(element) is None and self.fields_with_link() is None:
                    clicks = element.xpath("ancestor::*[local-name()='drawing'][1]//*[local-name()='hlinkClick']")
                    self.now.things["links"] += bool(clicks and clicks[0].get(R + "id"))
        elif tag in {W + "footnoteReference", W + "endnoteReference"}:
            kind = tag.removeprefix(W).removesuffix("Reference")
            note_id = element.get(W + "id", "")
            if note_id in self.notes[kind]:
                self.referred.add((kind, note_id))

    def _field(self, kind: str | None, paragraph: _Paragraph) -> None:
        if kind == "begin":
            self.fields.append(_Field())
        elif kind == "separate" and self.fields:
            self.fields[-1].result = True
        elif kind == "end" and self.fields:
            self.fields.pop()

    def fields_with_link(self) -> _Field | None:
        return next((each for each in reversed(self.fields) if each.result and LEADS.match(each.order)), None)

    def _link_of(self, element: Any) -> Any:
        for above in element.iterancestors():
            if above.tag == W + "hyperlink" and (above.get(R + "id") or above.get(W + "anchor")):
                return above
            if above.tag == W + "fldSimple" and LEADS.match(above.get(W + "instr", "")):
                return above
            if above.tag in {W + "p", W + "txbxContent"}:
                return None
        return None

    def _linked(self, element: Any, paragraph: _Paragraph) -> None:
        # A field of its own in a hyperlink is the link that counts, as Word has it.
        field_ = self.fields_with_link()
        link = field_ if field_ is not None else self._link_of(element)
        if link is not None:
            paragraph.links.add(id(link))

    def _text(self, element: Any, text: str, paragraph: _Paragraph) -> None:
        simple = next((a for a in element.iterancestors(W + "fldSimple")), None)
        if simple is not None and (simple.get(W + "instr", "").split() or [""])[0].upper() in NO_TEXT:
            return
        paragraph.text.append(text)
        if text.strip():
            paragraph.shown = True
            self._linked(element, paragraph)

    def _hidden(self, run: Any, paragraph: Any) -> bool:
        style = self.styles.id_of(paragraph)
        return run is not None and "hidden" in self.styles.toggles(run, style, plain=False)

    def _ended(self, paragraph: _Paragraph, tables: int) -> None:
        if self.carried is not None:
            paragraph.text = self.carried.text + paragraph.text
            paragraph.links |= self.carried.links
            paragraph.shown |= self.carried.shown
            self.carried = None
        mark = paragraph.element.find(f"{W}pPr/{W}rPr")
        if mark is not None and (mark.find(W + "del") is not None or mark.find(W + "moveFrom") is not None):
            self.carried = paragraph
            return
        kind = self.styles.kind(paragraph.element)
        text = "".join(paragraph.text).replace("\u00ad", "")
        if kind == "contents":
            return
        self.now.things["links"] += len(paragraph.links)
        self.now.words.update(word.lower() for word in WORD.findall(text))
        if not paragraph.shown:
            return
        has_words = bool(text.strip())
        if kind == "heading" and has_words:
            self.now.things["headings"] += 1
        run = kind if kind in {"quote", "code"} and has_words and not tables else ""
        if run and run != self.run:
            self.now.things["quotes" if run == "quote" else "code"] += 1
        self.run = run
        if kind == "text" and has_words and not tables and not run:
            self.now.things["checklist items"] += self._ticked(paragraph.element, text)

    def _ticked(self, paragraph: Any, text: str) -> bool:
        content = paragraph.xpath(
            "descendant::*[local-name()='t' or local-name()='checkbox' or local-name()='checkBox']"
        )
        first = next((c for c in content if c.tag != W + "t" or (c.text or "").strip()), None)
        if first is not None and first.tag != W + "t" and not any(first in p for p in ()):
            return True
        if text.strip()[:1] in BOXES:
            return True
        listed = self.styles.numbering(paragraph)
        level = self.numbering.level(*listed) if listed else None
        return level is not None and level.ticked


def _in_first_row(cell: Any) -> bool:
    row = cell.getparent()
    while row is not None and row.tag != W + "tr":
        row = row.getparent()
    before = row.getprevious() if row is not None else None
    while before is not None:
        if before.tag == W + "tr" and before.find(f"{W}trPr/{W}del") is None:
            return False
        before = before.getprevious()
    return True
