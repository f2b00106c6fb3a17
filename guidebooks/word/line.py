"""The words of one paragraph of a Word file: runs, links, notes, fields and pictures, as HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from html import escape
from typing import Any

from guidebooks.word.equations import M, linear
from guidebooks.word.fields import Fields
from guidebooks.word.package import R, W

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
V = "{urn:schemas-microsoft-com:vml}"
O = "{urn:schemas-microsoft-com:office:office}"  # noqa: E741 the letter the format gives it
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}chart"
DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}relIds"
DECORATIVE = "{http://schemas.microsoft.com/office/drawing/2017/decorative}decorative"

GONE = {W + "del", W + "moveFrom", W + "pPr", W + "rPr", MC + "Fallback", W + "sdtPr", W + "sdtEndPr", W + "delText"}
ORDER = ("b", "i", "s", "sup", "sub")
EM_SPACE = "\u2003"
# What the sign fonts of Word mean by the letters people most often take from them.
SYMBOLS = {
    "F0FC": "✓", "F0FB": "✗", "F0FE": "☑", "F0FD": "☒", "F0A8": "☐", "F06F": "☐", "F071": "☐", "F072": "☐",
    "F0E0": "→", "F0DF": "←", "F0E8": "➔", "F0D8": "➢", "F0B7": "•", "F0A7": "▪", "F04A": "☺", "F04C": "☹",
    "F028": "☎", "F02A": "✉", "F021": "✏", "F0E4": "™", "F0D2": "®", "F0D3": "©", "F0B0": "°", "F0B1": "±",
    "F0A3": "≤", "F0B3": "≥", "F0B9": "≠", "F061": "α", "F062": "β", "F067": "γ", "F064": "δ", "F06D": "μ", "F070": "π",
}  # fmt: skip
# What Word writes itself where nobody said what a picture shows.
NOT_SAID = re.compile(
    r"(?i)^(?:[\w -]+\.(?:png|jpe?g|gif|bmp|tiff?|emf|wmf|svg|webp)|(?:picture|image|grafik|bild|graphic|shape) ?\d*"
    r"|[a-z]:\\.*|https?:\S+|file:\S*)$"
)
MACHINE_SAID = re.compile(
    r"(?i)\s*(?:description automatically generated(?: with \w+ confidence)?|"
    r"automatisch generierte beschreibung|ai-generated content may be incorrect\.?)\s*"
)


@dataclass(frozen=True)
class Picture:
    """A picture of the text. ``alt`` is empty where nobody said what it shows."""

    src: str
    alt: str = ""
    decorative: bool = False

    def html(self) -> str:
        asked = "" if self.alt or self.decorative else ' data-asked="alt"'
        return f'<img src="{escape(self.src)}" alt="{escape(self.alt)}"{asked}>'


@dataclass(frozen=True)
class Bit:
    """A stretch of words of one look, or a picture, in one link or none.

    Args:
        html: Escaped.
        link: A number that tells links apart, and an address.
        mark: It refers to a note.
    """

    html: str
    looks: frozenset[str] = frozenset()
    link: tuple[int, str] | None = None
    picture: Picture | None = None
    mark: bool = False

    @property
    def blank(self) -> bool:
        return self.picture is None and not self.html.replace("<br>", "").strip()


@dataclass
class Line:
    """A paragraph as it was read.

    Args:
        bits: Its words and pictures in order.
        boxes: Paragraphs and tables of each text box that hangs on it.
        anchors: The bookmarks in it that something links to.
        tabs: How many tabs stand between words.
    """

    bits: list[Bit] = field(default_factory=list)
    boxes: list[Any] = field(default_factory=list)
    anchors: list[str] = field(default_factory=list)
    tabs: int = 0

    @property
    def blank(self) -> bool:
        return all(bit.blank for bit in self.bits)

    @property
    def pictures(self) -> list[Bit]:
        return [bit for bit in self.bits if bit.picture]

    @property
    def words(self) -> list[Bit]:
        return [bit for bit in self.bits if not bit.picture]

    @property
    def plain(self) -> str:
        """Its words without any marks."""
        words = "".join(bit.html.replace("<br>", " ") for bit in self.words)
        return " ".join(re.sub(r"&(amp|lt|gt);", lambda e: {"amp": "&", "lt": "<", "gt": ">"}[e[1]], words).split())


def in_order(bits: Iterable[Bit]) -> list[Bit]:
    """The bits with the marks of notes behind the link they stand in, and without links of nothing."""
    given, done, held = list(bits), [], []
    filled = {bit.link for bit in given if bit.link and not bit.blank}
    link: tuple[int, str] | None = None
    for bit in given:
        if bit.mark and link:
            held.append(bit)
            continue
        bit = bit if bit.link in filled else replace(bit, link=None)
        if bit.link != link:
            done += held
            held = []
        link = bit.link
        done.append(bit)
    return done + held


def html_of(bits: Iterable[Bit]) -> str:
    """The HTML of some bits, with those of one link in one link and those of one look in one mark."""
    done: list[str] = []
    link: tuple[int, str] | None = None
    looks: frozenset[str] = frozenset()

    def turn(to_link: tuple[int, str] | None, to_looks: frozenset[str]) -> None:
        nonlocal link, looks
        if (to_link, to_looks) == (link, looks):
            return
        done.extend(f"</{name}>" for name in reversed(ORDER) if name in looks)
        if to_link != link:
            done.append("</a>" if link else "")
            done.append(f'<a href="{escape(to_link[1])}">' if to_link else "")
        done.extend(f"<{name}>" for name in ORDER if name in to_looks)
        link, looks = to_link, to_looks

    for bit in in_order(bits):
        # A blank has no look, but would end one.
        turn(bit.link, looks if bit.blank and bit.link == link else bit.looks)
        done.append(bit.picture.html() if bit.picture else bit.html)
    turn(None, frozenset())
    return "".join(done)


class LineReader:
    """Reads paragraphs one after the other; fields and links may go over several of them.

    Args:
        reader: The reader of the whole text: it knows styles, notes and where links lead, and takes remarks.
        part: The name of the part of the file that is read.
    """

    def __init__(self, reader: Any, part: str) -> None:
        self.reader = reader
        self.part = part
        self.related = reader.file.related(part)
        self.outside = reader.file.outside(part)
        self.fields = Fields()

    def read(self, paragraph: Any, *, kind: str = "text") -> Line:
        """One paragraph."""
        self.line = Line()
        self.style = self.reader.styles.id_of(paragraph)
        # The look of a heading, a caption or a quote is what its style says of all such paragraphs.
        self.plain = kind not in {"text"}
        self._contents(paragraph, None)
        return self.line

    def _contents(self, element: Any, link: tuple[int, str] | None) -> None:
        for child in element:
            self._one(child, link)

    def _one(self, child: Any, link: tuple[int, str] | None) -> None:
        tag = child.tag
        if tag == W + "r":
            self._run(child, link)
        elif tag == W + "hyperlink":
            self._contents(child, self._hyperlink(child) or link)
        elif tag == W + "fldSimple":
            self.fields.begin(child.get(W + "instr", ""), self._field_link)
            self._contents(child, link)
            self.fields.end()
        elif tag == W + "bookmarkStart":
            self.line.anchors += self.reader.anchor(child.get(W + "name", ""))
        elif tag in {M + "oMath", M + "oMathPara"}:
            self._equation(child, link)
        elif tag == W + "sdt":
            self._control(child, link)
        elif tag in GONE:
            pass
        elif len(child):
            self._contents(child, link)  # w:ins, w:moveTo, w:smartTag, w:customXml, w:dir, mc:Choice and their like

    def _control(self, control: Any, link: tuple[int, str] | None) -> None:
        """A field to fill in: its words stay; a box to tick is a sign."""
        properties = control.find(W + "sdtPr")
        tick = properties.find(W14 + "checkbox") if properties is not None else None
        binding = properties.find(W + "dataBinding") if properties is not None else None
        if binding is not None and re.search(r"(?i)creator|lastModifiedBy", binding.get(W + "xpath", "")):
            self.reader.remark("author-field")
        elif tick is not None:
            checked = tick.find(W14 + "checked")
            on = checked is not None and checked.get(W14 + "val") in {"1", "true", "on"}
            self._add("☑" if on else "☐", link=link)
        else:
            content = control.find(W + "sdtContent")
            if content is not None:
                self._contents(content, link)

    def _equation(self, element: Any, link: tuple[int, str] | None) -> None:
        words = " ".join(linear(element).split())
        if words:
            self.reader.remark("equation", words=words[:80])
            self._add(escape(words, quote=False), link=link)

    # Runs ------------------------------------------------------------------------------------

    def _run(self, run: Any, link: tuple[int, str] | None) -> None:
        looks = self.reader.styles.toggles(run, self.style, plain=self.plain)
        if "hidden" in looks:
            text = "".join(t.text or "" for t in run.iter(W + "t"))
            if text.strip():
                self.reader.remark("hidden", count=len(text.split()))
            # Marks of fields are often hidden, what they do is not.
            for mark in run:
                if mark.tag in {W + "fldChar", W + "instrText"}:
                    self._piece(mark, frozenset(), link)
            return
        if "underlined" in looks and link is None:
            looks.discard("underlined")
            if any((t.text or "").strip() for t in run.iter(W + "t")) and not self.fields.link:
                self.reader.remark("underlined")
        looks.discard("underlined")
        for piece in run:
            self._piece(piece, frozenset(looks), link)

    def _piece(self, piece: Any, looks: frozenset[str], link: tuple[int, str] | None) -> None:
        tag = piece.tag
        if tag == W + "fldChar":
            self._field_mark(piece)
        elif tag == W + "instrText":
            self.fields.instruct(piece.text or "")
        elif self.fields.silent:
            return
        elif tag == W + "t":
            self._add(escape(piece.text or "", quote=False), looks, link)
        elif tag in {W + "tab", W + "ptab"}:
            self.line.tabs += any(not bit.blank for bit in self.line.bits)
            self._add(EM_SPACE, looks, link)
        elif tag in {W + "br", W + "cr"}:
            if piece.get(W + "type", "textWrapping") == "textWrapping":
                self._add("<br>", looks, link)
        elif tag == W + "noBreakHyphen":
            self._add("\u2011", looks, link)
        elif tag == W + "softHyphen":
            self._add("\u00ad", looks, link)
        elif tag == W + "sym":
            self._symbol(piece, looks, link)
        elif tag in {W + "footnoteReference", W + "endnoteReference"}:
            self._note(piece)
        elif tag == W + "commentReference":
            self.reader.remark("comments")
        elif tag in {W + "drawing", W + "pict", W + "object"}:
            self._drawing(piece, link)
        elif tag == MC + "AlternateContent":
            self._alternative(piece, looks, link)

    def _add(self, html: str, looks: frozenset[str] = frozenset(), link: tuple[int, str] | None = None) -> None:
        if html and not self.fields.silent:
            self.line.bits.append(Bit(html, looks - {"underlined"}, self.fields.link or link))

    def _alternative(self, piece: Any, looks: frozenset[str], link: tuple[int, str] | None) -> None:
        """Word writes drawings twice, for itself and for older programs."""
        chosen = piece.find(MC + "Choice")
        chosen = piece.find(MC + "Fallback") if chosen is None else chosen
        for inner in chosen if chosen is not None else ():
            if inner.tag == W + "r":
                self._run(inner, link)
            else:
                self._piece(inner, looks, link)

    def _symbol(self, piece: Any, looks: frozenset[str], link: tuple[int, str] | None) -> None:
        code = piece.get(W + "char", "").upper().rjust(4, "0")
        code = f"F{code[1:]}" if code.startswith("00") else code
        if code not in SYMBOLS:
            self.reader.remark("symbol", words=piece.get(W + "font", "")[:60])
        self._add(SYMBOLS.get(code, "□"), looks, link)

    # Links, notes and fields -----------------------------------------------------------------

    def _hyperlink(self, element: Any) -> tuple[int, str] | None:
        anchor, found = element.get(W + "anchor", ""), element.get(R + "id", "")
        address = self.outside.get(found, "")
        if address:
            return self.reader.link(f"{address}#{anchor}" if anchor and "#" not in address else address)
        if anchor:
            return self.reader.link(f"#{anchor}")
        if found and any((t.text or "").strip() for t in element.iter(W + "t")):
            self.reader.lost_link(found)
        return None

    def _field_link(self, address: str) -> tuple[int, str] | None:
        return self.reader.link(address)

    def _field_mark(self, mark: Any) -> None:
        kind = mark.get(W + "fldCharType")
        if kind == "begin":
            self.fields.begin("", self._field_link)
            if mark.find(f"{W}ffData/{W}checkBox") is not None:
                ticked = mark.find(f"{W}ffData/{W}checkBox/{W}checked")
                outer = self.fields.open.pop()
                self._add("☐" if ticked is None or ticked.get(W + "val") in {"0", "false"} else "☑")
                self.fields.open.append(outer)
        elif kind == "separate":
            self.fields.separate()
            self._told()
        elif kind == "end":
            self.fields.separate()
            self._told()
            self.fields.end()

    def _told(self) -> None:
        for code in self.fields.remarks:
            self.reader.remark(code)
        self.fields.remarks.clear()

    def _note(self, piece: Any) -> None:
        kind = "footnote" if piece.tag == W + "footnoteReference" else "endnote"
        label = self.reader.note(kind, piece.get(W + "id", ""))
        if label:
            # Outside any link: a mark in a link can be no link itself.
            self.line.bits.append(Bit(escape(f"[^{label}]", quote=False), mark=True))

    # Drawings --------------------------------------------------------------------------------

    def _drawing(self, element: Any, link: tuple[int, str] | None) -> None:
        said, decorative = _said(element)
        for inner in _seen(element):
            if inner.tag == A + "blip":
                self._picture(inner.get(R + "embed", ""), inner.get(R + "link", ""), said, decorative, element, link)
            elif inner.tag == V + "imagedata":
                self._picture(inner.get(R + "id", ""), "", said, decorative, element, link)
            elif inner.tag == W + "txbxContent":
                self.line.boxes.append(inner)
            elif inner.tag == CHART:
                self.reader.remark("chart", words=said[:80])
            elif inner.tag == DIAGRAM:
                self._diagram(inner)
            elif inner.tag == O + "OLEObject":
                self.reader.remark("object", words=inner.get("ProgID", "")[:40])
            elif inner.tag == V + "textpath" and inner.get("string"):
                self._add(escape(inner.get("string", ""), quote=False), link=link)

    def _picture(
        self, embedded: str, linked: str, said: str, decorative: bool, element: Any, link: tuple[int, str] | None
    ) -> None:
        name = self.related.get(embedded, ("", ""))[1]
        if not name:
            self.reader.remark("linked-picture" if linked or embedded in self.outside else "picture-gone")
        alt = "" if NOT_SAID.match(said) else said
        click = next((self.outside.get(c.get(R + "id", "")) for c in element.iter(A + "hlinkClick")), None)
        given = self.fields.link or link or (self.reader.link(click) if click else None)
        if not alt and not decorative:
            self.reader.remark("no-alt")
        picture = Picture(name or "no file", alt[:2000], decorative)
        self.line.bits.append(Bit("", link=given, picture=picture))

    def _diagram(self, ids: Any) -> None:
        """The words of a drawing that Word lays out itself (SmartArt) become a box."""
        name = self.related.get(ids.get(R + "dm", ""), ("", ""))[1]
        tree = self.reader.file.tree(name) if name else None
        lines = ["".join(t.text or "" for t in p.iter(A + "t")) for p in tree.iter(A + "p")] if tree is not None else []
        lines = [" ".join(line.split()) for line in lines if line.strip()]
        self.reader.remark("diagram", words=" · ".join(lines)[:80])
        if lines:
            self.line.boxes.append(lines)


def _said(element: Any) -> tuple[str, bool]:
    """What is said of a drawing for people who cannot see it, and whether it is decoration."""
    properties = next(element.iter(WP + "docPr"), None)
    if properties is not None:
        mark = next(properties.iter(DECORATIVE), None)
        decorative = mark is not None and mark.get("val") in {"1", "true"}
        words = properties.get("descr") or properties.get("title") or ""
    else:
        shape = next((s for s in element.iter(V + "shape", V + "rect") if s.get("alt")), None)
        words, decorative = (shape.get("alt", "") if shape is not None else ""), False
    return " ".join(MACHINE_SAID.sub(" ", words).split()), decorative


def _seen(element: Any) -> Iterable[Any]:
    """What is in a drawing, each thing once; what stands in its text boxes is theirs."""
    for child in element:
        if child.tag == MC + "AlternateContent":
            chosen = child.find(MC + "Choice")
            yield from _seen(child.find(MC + "Fallback") if chosen is None else chosen)
        elif child.tag not in GONE:
            yield child
            if child.tag != W + "txbxContent":
                yield from _seen(child)
