"""The words of one paragraph of a Word file: runs, links, notes, fields and pictures."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Any

from guidebooks.word.drawings import CHART, DIAGRAM, MC, A, O, V, picture_of, said_of, seen_in
from guidebooks.word.equations import M, linear
from guidebooks.word.fields import Fields
from guidebooks.word.line import EM_SPACE, Bit, Line
from guidebooks.word.package import R, W

if TYPE_CHECKING:
    from guidebooks.word.desk import Desk

W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
GONE = {W + "del", W + "moveFrom", W + "pPr", W + "rPr", MC + "Fallback", W + "sdtPr", W + "sdtEndPr", W + "delText"}
# What the sign fonts of Word mean by the letters people most often take from them.
SYMBOLS = {
    "F0FC": "✓", "F0FB": "✗", "F0FE": "☑", "F0FD": "☒", "F0A8": "☐", "F06F": "☐", "F071": "☐", "F072": "☐",
    "F0E0": "→", "F0DF": "←", "F0E8": "➔", "F0D8": "➢", "F0B7": "•", "F0A7": "▪", "F04A": "☺", "F04C": "☹",
    "F028": "☎", "F02A": "✉", "F021": "✏", "F0E4": "™", "F0D2": "®", "F0D3": "©", "F0B0": "°", "F0B1": "±",
    "F0A3": "≤", "F0B3": "≥", "F0B9": "≠", "F061": "α", "F062": "β", "F067": "γ", "F064": "δ", "F06D": "μ", "F070": "π",
}  # fmt: skip


class LineReader:
    """Reads paragraphs one after the other; fields and links may go over several of them.

    Args:
        desk: Knows styles, notes and where links lead, and takes remarks.
        part: The name of the part of the file that is read.
    """

    def __init__(self, desk: Desk, part: str) -> None:
        self.desk = desk
        self.part = part
        self.related = desk.file.related(part)
        self.outside = desk.file.outside(part)
        self.fields = Fields()

    def read(self, paragraph: Any, *, kind: str = "text") -> Line:
        """One paragraph."""
        self.line = Line()
        self.style = self.desk.styles.id_of(paragraph)
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
            self.line.anchors += self.desk.anchor(child.get(W + "name", ""))
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
            self.desk.remark("author-field")
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
            self.desk.remark("equation", words=words[:80])
            self._add(escape(words, quote=False), link=link)

    # Runs ------------------------------------------------------------------------------------

    def _run(self, run: Any, link: tuple[int, str] | None) -> None:
        looks = self.desk.styles.toggles(run, self.style, plain=self.plain)
        if "hidden" in looks:
            text = "".join(t.text or "" for t in run.iter(W + "t"))
            if text.strip():
                self.desk.remark("hidden", count=len(text.split()))
            # Marks of fields are often hidden, what they do is not.
            for mark in run:
                if mark.tag in {W + "fldChar", W + "instrText"}:
                    self._piece(mark, frozenset(), link)
            return
        if "underlined" in looks and link is None:
            looks.discard("underlined")
            if any((t.text or "").strip() for t in run.iter(W + "t")) and not self.fields.link:
                self.desk.remark("underlined")
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
            self.desk.remark("comments")
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
            self.desk.remark("symbol", words=piece.get(W + "font", "")[:60])
        self._add(SYMBOLS.get(code, "□"), looks, link)

    # Links, notes and fields -----------------------------------------------------------------

    def _hyperlink(self, element: Any) -> tuple[int, str] | None:
        anchor, found = element.get(W + "anchor", ""), element.get(R + "id", "")
        address = self.outside.get(found, "")
        if address:
            return self.desk.link(f"{address}#{anchor}" if anchor and "#" not in address else address)
        if anchor:
            return self.desk.link(f"#{anchor}")
        if found and any((t.text or "").strip() for t in element.iter(W + "t")):
            self.desk.lost_link(found)
        return None

    def _field_link(self, address: str) -> tuple[int, str] | None:
        return self.desk.link(address)

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
            self.desk.remark(code)
        self.fields.remarks.clear()

    def _note(self, piece: Any) -> None:
        kind = "footnote" if piece.tag == W + "footnoteReference" else "endnote"
        label = self.desk.note(kind, piece.get(W + "id", ""))
        if label:
            # Outside any link: a mark in a link can be no link itself.
            self.line.bits.append(Bit(escape(f"[^{label}]", quote=False), mark=True))

    # Drawings --------------------------------------------------------------------------------

    def _drawing(self, element: Any, link: tuple[int, str] | None) -> None:
        for inner in seen_in(element):
            if inner.tag == A + "blip":
                self._picture(inner.get(R + "embed", ""), inner.get(R + "link", ""), element, link)
            elif inner.tag == V + "imagedata":
                self._picture(inner.get(R + "id", ""), "", element, link)
            elif inner.tag == W + "txbxContent":
                self.line.boxes.append(inner)
            elif inner.tag == CHART:
                self.desk.remark("chart", words=said_of(element)[0][:80])
            elif inner.tag == DIAGRAM:
                self._diagram(inner)
            elif inner.tag == O + "OLEObject":
                self.desk.remark("object", words=inner.get("ProgID", "")[:40])
            elif inner.tag == V + "textpath" and inner.get("string"):
                self._add(escape(inner.get("string", ""), quote=False), link=link)

    def _picture(self, embedded: str, linked: str, element: Any, link: tuple[int, str] | None) -> None:
        name = self.related.get(embedded, ("", ""))[1]
        if not name:
            self.desk.remark("linked-picture" if linked or embedded in self.outside else "picture-gone")
        picture = picture_of(element, name)
        if not picture.alt and not picture.decorative:
            self.desk.remark("no-alt")
        click = next((self.outside.get(c.get(R + "id", "")) for c in element.iter(A + "hlinkClick")), None)
        given = self.fields.link or link or (self.desk.link(click) if click else None)
        self.line.bits.append(Bit("", link=given, picture=picture))

    def _diagram(self, ids: Any) -> None:
        """The words of a drawing that Word lays out itself (SmartArt) become a box."""
        name = self.related.get(ids.get(R + "dm", ""), ("", ""))[1]
        tree = self.desk.file.tree(name) if name else None
        lines = ["".join(t.text or "" for t in p.iter(A + "t")) for p in tree.iter(A + "p")] if tree is not None else []
        lines = [" ".join(line.split()) for line in lines if line.strip()]
        self.desk.remark("diagram", words=" · ".join(lines)[:80])
        if lines:
            self.line.boxes.append(lines)
