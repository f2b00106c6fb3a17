"""Word files for tests: long ones with all that a person puts into them, and hostile ones.

They are made with python-docx and, where it has no words for a thing, with the XML that Word itself writes.
"""

from __future__ import annotations

import random
import re
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from docx import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm
from docx.text.paragraph import Paragraph
from PIL import Image, ImageDraw

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
WORDPROCESSING = "application/vnd.openxmlformats-officedocument.wordprocessingml"
WORDS = """
trust family prison release mentor housing plan talk listen group silence question evening work school anger
letter visit court probation promise boundary safety supervision partner mother brother street online video
friend neighbour coach week first later always seldom begin continue return leave stay answer remember forget
agree explain prepare review describe reach keep protect notice wait meet write call arrange decide share ask
because although before after while until together alone carefully openly again perhaps often slowly clearly
"""
NOTES = (
    '<w:{kind}s {ns}><w:{kind} w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:{kind}>'
    '<w:{kind} w:type="continuationSeparator" w:id="0"><w:p><w:r><w:continuationSeparator/></w:r></w:p></w:{kind}>'
    "{notes}</w:{kind}s>"
)
LISTS = """
<w:abstractNum {ns} w:abstractNumId="{id}"><w:multiLevelType w:val="hybridMultilevel"/>{levels}</w:abstractNum>"""
LEVEL = (
    """<w:lvl w:ilvl="{place}"><w:start w:val="1"/><w:numFmt w:val="{format}"/><w:lvlText w:val="{sign}"/></w:lvl>"""
)
TEXT_BOX = """
<w:r {ns} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"
  xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
  xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"
  xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"
  xmlns:v="urn:schemas-microsoft-com:vml"><mc:AlternateContent>
  <mc:Choice Requires="wps"><w:drawing><wp:inline><wp:docPr id="{id}" name="Text Box {id}"/><a:graphic>
  <a:graphicData uri="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"><wps:wsp><wps:txbx>
  <w:txbxContent><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:txbxContent></wps:txbx></wps:wsp></a:graphicData>
  </a:graphic></wp:inline></w:drawing></mc:Choice>
  <mc:Fallback><w:pict><v:shape><v:textbox><w:txbxContent><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:txbxContent>
  </v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r>"""
EQUATION = """<m:oMath xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"><m:f>
<m:num><m:r><m:t>a</m:t></m:r></m:num><m:den><m:r><m:t>b</m:t></m:r></m:den></m:f></m:oMath>"""


@dataclass
class Maker:
    """A Word file in the making. ``made`` counts what was put in, by the names of ``core.markdown.COUNTED``."""

    made: Counter[str] = field(default_factory=Counter)
    document: Any = field(default_factory=Document)
    _notes: dict[str, list[str]] = field(default_factory=lambda: {"footnote": [], "endnote": []})
    _ids: int = 100
    _lists: dict[str, int] = field(default_factory=dict)

    # Text ----------------------------------------------------------------------------------------

    def title(self, words: str) -> Paragraph:
        return self.document.add_paragraph(words, style="Title")

    def heading(self, words: str, level: int = 1) -> Paragraph:
        self.made["headings"] += 1
        return self.document.add_heading(words, level)

    def text(self, words: str = "", style: str | None = None) -> Paragraph:
        return self.document.add_paragraph(words, style=style)

    def quote(self, words: str) -> Paragraph:
        self.made["quotes"] += 1
        return self.document.add_paragraph(words, style="Quote")

    def raw(self, xml: str) -> Any:
        """A paragraph or table as XML, put at the end."""
        element = parse_xml(xml.replace("<w:p>", f"<w:p {W}>", 1) if xml.startswith("<w:p>") else xml)
        self.document.element.body.insert(len(self.document.element.body) - 1, element)
        return element

    def item(self, words: str, level: int = 0, kind: str = "bullet", list_id: str = "") -> Paragraph:
        """An item of a list; lists of one ``list_id`` count on."""
        paragraph = self.document.add_paragraph(words)
        properties = paragraph._p.get_or_add_pPr()
        properties.append(
            parse_xml(f'<w:numPr {W}><w:ilvl w:val="{level}"/><w:numId w:val="{self._list(kind, list_id)}"/></w:numPr>')
        )
        return paragraph

    def _list(self, kind: str, list_id: str) -> int:
        """The id of a list of a kind: ``bullet``, ``decimal``, ``lowerLetter``, or ``box``."""
        key = f"{kind} {list_id}"
        if key not in self._lists:
            numbering = self.document.part.numbering_part.element
            number = 500 + len(self._lists)
            signs = {"bullet": "•", "box": "☐"}
            levels = "".join(
                LEVEL.format(
                    place=place,
                    format="bullet" if kind in signs else kind,
                    sign=signs.get(kind, f"%{place + 1}."),
                )
                for place in range(9)
            )
            numbering.insert(0, parse_xml(LISTS.format(ns=W, id=number, levels=levels)))
            numbering.append(parse_xml(f'<w:num {W} w:numId="{number}"><w:abstractNumId w:val="{number}"/></w:num>'))
            self._lists[key] = number
        return self._lists[key]

    def link(self, paragraph: Paragraph, words: str, address: str) -> None:
        """A link at the end of a paragraph, to a URL or, with ``#``, to a bookmark."""
        self.made["links"] += 1
        run = f'<w:r><w:t xml:space="preserve">{words}</w:t></w:r>'
        if address.startswith("#"):
            xml = f'<w:hyperlink {W} w:anchor="{address[1:]}">{run}</w:hyperlink>'
        else:
            found = self.document.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
            xml = f'<w:hyperlink {nsdecls("w", "r")} r:id="{found}">{run}</w:hyperlink>'
        paragraph._p.append(parse_xml(xml))

    def bookmark(self, paragraph: Paragraph, name: str) -> None:
        self._ids += 1
        paragraph._p.append(parse_xml(f'<w:bookmarkStart {W} w:id="{self._ids}" w:name="{name}"/>'))
        paragraph._p.append(parse_xml(f'<w:bookmarkEnd {W} w:id="{self._ids}"/>'))

    def note(self, paragraph: Paragraph, words: str, kind: str = "footnote") -> None:
        """A footnote or endnote at the end of a paragraph."""
        self.made["footnotes"] += 1
        self._notes[kind].append(words)
        number = len(self._notes[kind])
        paragraph._p.append(parse_xml(f'<w:r {W}><w:{kind}Reference w:id="{number}"/></w:r>'))

    def comment(self, paragraph: Paragraph, words: str, author: str = "Renate Canary") -> None:
        self.document.add_comment(paragraph.runs, text=words, author=author, initials="RC")

    def inserted(self, paragraph: Paragraph, words: str, author: str = "Renate Canary") -> None:
        paragraph._p.append(
            parse_xml(
                f'<w:ins {W} w:id="{self._next()}" w:author="{author}" w:date="2026-05-01T10:00:00Z">'
                f'<w:r><w:t xml:space="preserve">{words}</w:t></w:r></w:ins>'
            )
        )

    def deleted(self, paragraph: Paragraph, words: str, author: str = "Renate Canary") -> None:
        paragraph._p.append(
            parse_xml(
                f'<w:del {W} w:id="{self._next()}" w:author="{author}" w:date="2026-05-01T10:00:00Z">'
                f'<w:r><w:delText xml:space="preserve">{words}</w:delText></w:r></w:del>'
            )
        )

    def text_box(self, paragraph: Paragraph, words: str) -> None:
        paragraph._p.append(parse_xml(TEXT_BOX.format(ns=W, id=self._next(), text=words)))

    def equation(self, paragraph: Paragraph) -> None:
        paragraph._p.append(parse_xml(EQUATION))

    def _next(self) -> int:
        self._ids += 1
        return self._ids

    # Tables and pictures -------------------------------------------------------------------------

    def table(self, rows: list[list[str]], *, head: bool = True) -> Any:
        self.made["tables"] += 1
        table = self.document.add_table(len(rows), len(rows[0]))
        for y, row in enumerate(rows):
            for x, words in enumerate(row):
                table.cell(y, x).text = words
        if head:
            table.rows[0]._tr.get_or_add_trPr().append(parse_xml(f"<w:tblHeader {W}/>"))
        return table

    def picture(self, alt: str = "", *, data: bytes | None = None, caption: str = "") -> Paragraph:
        self.made["images"] += 1
        paragraph = self.document.add_paragraph()
        paragraph.add_run().add_picture(BytesIO(data or png(self._next())), width=Cm(8))
        if alt:
            next(paragraph._p.iter(qn("wp:docPr"))).set("descr", alt)
        if caption:
            self.document.add_paragraph(caption, style="Caption")
        return paragraph

    # The file ------------------------------------------------------------------------------------

    def bytes(self) -> bytes:
        for kind, notes in self._notes.items():
            if notes:
                self._put_notes(kind, notes)
        out = BytesIO()
        self.document.save(out)
        return out.getvalue()

    def _put_notes(self, kind: str, notes: list[str]) -> None:
        written = "".join(
            f'<w:{kind} w:id="{number}"><w:p><w:r><w:{kind}Ref/></w:r><w:r><w:t xml:space="preserve"> {words}</w:t>'
            f"</w:r></w:p></w:{kind}>"
            for number, words in enumerate(notes, start=1)
        )
        xml = NOTES.format(kind=kind, ns=W, notes=written)
        part = Part(
            PackURI(f"/word/{kind}s.xml"), f"{WORDPROCESSING}.{kind}s+xml", xml.encode(), self.document.part.package
        )
        self.document.part.relate_to(
            part, f"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}s"
        )


def png(seed: int = 0, size: tuple[int, int] = (320, 200)) -> bytes:
    """A small picture, another one for each seed."""
    image = Image.new("RGB", size, (240, 240, 235))
    draw = ImageDraw.Draw(image)
    dice = random.Random(seed)
    for _ in range(6):
        x, y = dice.randrange(size[0]), dice.randrange(size[1])
        draw.ellipse((x, y, x + 60, y + 60), fill=tuple(dice.randrange(256) for _ in range(3)))
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def long_book(pages: int, seed: int = 1) -> tuple[bytes, Counter[str]]:
    """A guidebook of so many pages of about 400 words, with everything in it, and the counts of what is in it."""
    dice = random.Random(seed)
    maker, known = Maker(), WORDS.split()

    def words(least: int, most: int) -> str:
        chosen = [dice.choice(known) for _ in range(dice.randint(least, most))]
        return " ".join([chosen[0].capitalize(), *chosen[1:]])

    def sentences(count: int) -> str:
        return " ".join(f"{words(9, 18)}." for _ in range(count))

    maker.title(f"The long guidebook of {pages} pages")
    maker.text(sentences(4))
    chapters = max(pages // 12, 1)
    for chapter in range(1, chapters + 1):
        heading = maker.heading(f"Chapter {chapter} {words(2, 4)}")
        maker.bookmark(heading, f"_Ref_chapter_{chapter}")
        for page in range(pages // chapters):
            number = (chapter - 1) * (pages // chapters) + page
            sub = maker.heading(f"{words(3, 6)} {number}", 2 if page % 3 else 3)
            maker.bookmark(sub, f"_Ref_part_{number}")
            for _ in range(4):
                maker.text(sentences(4))
            paragraph = maker.text(sentences(2) + " ")
            paragraph.add_run("Bold words").bold = True
            paragraph.add_run(" and ")
            paragraph.add_run("words in italics").italic = True
            maker.note(paragraph, f"Source {number}: {words(5, 9)}")
            if number % 4 == 0:
                maker.note(maker.text(sentences(1)), f"Remark {number} at the end: {words(4, 6)}", "endnote")
            for place in range(3):
                maker.item(sentences(1), kind="bullet", list_id=str(number))
                maker.item(words(4, 8), level=1, kind="decimal", list_id=f"inner {number} {place}")
                maker.item(words(4, 8), level=1, kind="decimal", list_id=f"inner {number} {place}")
            link = maker.text("See ")
            maker.link(link, words(2, 3), f"https://example.org/{number}")
            maker.link(maker.text("And "), words(2, 3), f"#_Ref_part_{dice.randrange(number + 1)}")
            if number % 2 == 0:
                table = maker.table([[words(1, 2) for _ in range(4)] for _ in range(5)])
                table.cell(1, 0).merge(table.cell(2, 0))
                table.cell(3, 1).merge(table.cell(3, 2))
            if number % 3 == 0:
                maker.picture(alt=words(4, 8) if number % 2 else "", caption=f"Figure {number}. {words(3, 6)}")
            if number % 5 == 0:
                maker.quote(sentences(2))
                maker.text_box(maker.text(sentences(1)), f"Box {number}: {words(5, 8)}")
            if number % 6 == 0:
                changed = maker.text(sentences(1))
                maker.inserted(changed, f" {words(3, 5)}.")
                maker.deleted(changed, f" {words(3, 5)}.")
                maker.comment(maker.text(sentences(1)), "Who said so?")
    back = maker.text("Back to ")
    maker.link(back, "the first chapter", "#_Ref_chapter_1")
    return maker.bytes(), maker.made


# Files that somebody changed after they were made ------------------------------------------------


def changed(data: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    """A Word file with its parts changed."""
    with zipfile.ZipFile(BytesIO(data)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    change(parts)
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return out.getvalue()


def with_body(body: str, **parts: bytes) -> bytes:
    """A Word file whose text is the given XML."""

    def change(there: dict[str, bytes]) -> None:
        xml = there["word/document.xml"].decode()
        there["word/document.xml"] = re.sub(
            r"<w:body>.*</w:body>", lambda _: f"<w:body>{body}</w:body>", xml, flags=re.S
        ).encode()
        there.update(parts)

    return changed(plain("x"), change)


def plain(*paragraphs: str) -> bytes:
    """A Word file of some paragraphs."""
    maker = Maker()
    for words in paragraphs:
        maker.text(words)
    return maker.bytes()


def with_macros() -> bytes:
    """A file with a part for macros (.docm)."""

    def change(parts: dict[str, bytes]) -> None:
        parts["word/vbaProject.bin"] = b"\xd0\xcf\x11\xe0 macros"
        types = parts["[Content_Types].xml"].decode()
        parts["[Content_Types].xml"] = types.replace(
            f"{WORDPROCESSING}.document.main+xml", "application/vnd.ms-word.document.macroEnabled.main+xml"
        ).encode()

    return changed(plain("x"), change)


def encrypted() -> bytes:
    """What Word writes for a file with a password: an old container with an encrypted package in it."""
    start = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 504
    return start + "EncryptedPackage".encode("utf-16-le") + b"\x00" * 4096


def old_word() -> bytes:
    """The beginning of a file of Word 97 (.doc)."""
    start = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 504
    return start + "WordDocument".encode("utf-16-le") + b"\x00" * 4096


def nested(depth: int) -> bytes:
    """Tables in tables."""
    inner = "<w:p><w:r><w:t>deep</w:t></w:r></w:p>"
    return with_body("<w:tbl><w:tr><w:tc>" * depth + inner + "</w:tc></w:tr></w:tbl>" * depth)


def bomb() -> bytes:
    """A small file that unpacks to 400 MB of text."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(plain("x"))) as package, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in package.namelist():
            if name != "word/document.xml":
                made.writestr(name, package.read(name))
        with made.open("word/document.xml", "w", force_zip64=True) as part:
            part.write(f"<w:document {W}><w:body><w:p><w:r><w:t>".encode())
            for _ in range(400):
                part.write(b"a" * 1024 * 1024)
            part.write(b"</w:t></w:r></w:p></w:body></w:document>")
    return out.getvalue()


def with_entities() -> bytes:
    """A file whose XML calls for another file and multiplies itself."""

    def change(parts: dict[str, bytes]) -> None:
        parts["word/document.xml"] = (
            '<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">'
            f'<!ENTITY x SYSTEM "file:///etc/passwd">]><w:document {W}><w:body><w:p><w:r><w:t>&b;&x;</w:t></w:r></w:p>'
            "</w:body></w:document>"
        ).encode()

    return changed(plain("x"), change)


def strict(data: bytes) -> bytes:
    """The same file as Word saves it in the strict kind of its format."""

    def change(parts: dict[str, bytes]) -> None:
        for name, content in parts.items():
            if name.endswith((".xml", ".rels")) and name != "[Content_Types].xml":
                parts[name] = (
                    content.replace(
                        b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
                        b"http://purl.oclc.org/ooxml/wordprocessingml/main",
                    )
                    .replace(
                        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
                        b"http://purl.oclc.org/ooxml/officeDocument/relationships",
                    )
                    .replace(
                        b"http://schemas.openxmlformats.org/drawingml/2006/main",
                        b"http://purl.oclc.org/ooxml/drawingml/main",
                    )
                )

    return changed(data, change)
