"""Text of Word, PowerPoint and OpenDocument files: sections by their headings, slides by their number."""

from __future__ import annotations

import codecs
import io
import lzma
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

from lxml import etree

from search.extraction import (
    MB,
    MOST_ENTRIES,
    MOST_RATIO,
    MOST_UNPACKED,
    Pages,
    Parts,
    Read,
    Unreadable,
    cut,
)

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
OPEN_TEXT = b"application/vnd.oasis.opendocument.text"
HEADING = re.compile(r"(heading [1-9]|title)$", re.I)
# In OpenDocument: remarks, what was deleted, and what counts and is not written.
UNSEEN = {OFFICE + "annotation", TEXT + "tracked-changes", TEXT + "sequence-decls", FALLBACK}
SPACES = {W + "tab", W + "br", W + "cr", A + "br", A + "tab", TEXT + "s", TEXT + "tab", TEXT + "line-break"}

codecs.lookup("cp437")  # how a zip writes names: nothing can be loaded once the process is closed

# What a damaged zip is noticed by, whichever way it is packed.
BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, NotImplementedError, OSError, EOFError, ValueError)

Sections = Iterator[tuple[str, list[str]]]


class Package:
    """An office file: a zip whose parts are read one by one, none larger than it may be."""

    def __init__(self, data: bytes) -> None:
        try:
            self.archive = zipfile.ZipFile(io.BytesIO(data))
            self.entries = {entry.filename: entry for entry in self.archive.infolist()}
        except zipfile.BadZipFile as error:
            # Word and PowerPoint keep an encrypted document in an old kind of container.
            locked = data[:4] == b"\xd0\xcf\x11\xe0"
            reason = "encrypted" if locked else ("damaged" if data[:4] == b"PK\x03\x04" else "wrong-type")
            raise Unreadable(reason) from error
        except BROKEN as error:
            raise Unreadable("damaged") from error
        if len(self.archive.infolist()) > MOST_ENTRIES:
            raise Unreadable("too-large")
        if any(name.lower().endswith("vbaproject.bin") or name.startswith("Basic/") for name in self.entries):
            raise Unreadable("macros")

    def read(self, name: str) -> bytes:
        """The bytes of a part; none where there is no such part."""
        entry = self.entries.get(name)
        if entry is None:
            return b""
        if entry.flag_bits & 0x1:
            raise Unreadable("encrypted")
        too_dense = entry.file_size > MB and entry.file_size > MOST_RATIO * max(entry.compress_size, 1)
        if too_dense or entry.file_size > MOST_UNPACKED:
            raise Unreadable("too-large")
        try:
            with self.archive.open(entry) as part:
                return part.read(entry.file_size + 1)
        except BROKEN as error:
            raise Unreadable("damaged") from error

    def main(self, name: str) -> bytes:
        """The part that makes the file what it says it is."""
        if name not in self.entries:
            raise Unreadable("wrong-type")
        return self.read(name)

    def related(self, name: str) -> dict[str, tuple[str, str]]:
        """The parts that a part leads to, by id: the last word of what they are, and their names."""
        folder, _, base = name.rpartition("/")
        content = self.read(f"{folder}/_rels/{base}.rels")
        if not content:
            return {}
        return {
            relation.get("Id", ""): (
                relation.get("Type", "").rpartition("/")[2],
                posixpath.normpath(posixpath.join(folder, relation.get("Target", ""))).lstrip("/"),
            )
            for relation in whole(content)
            if relation.get("TargetMode") != "External"
        }


# Hostile XML: entities stay what they are, nothing is fetched, and trees of more than 256 levels are refused.
CAREFUL = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}


def whole(content: bytes) -> Any:
    """A small part of XML as a tree."""
    try:
        return etree.fromstring(content, etree.XMLParser(**CAREFUL))
    except etree.XMLSyntaxError as error:
        raise Unreadable("damaged") from error


def ended(content: bytes, *tags: str) -> Iterator[Any]:
    """The elements of some names as they end, each with its text, in little memory; what nobody sees is left out."""
    unseen, begun = 0, False
    try:
        for event, element in etree.iterparse(io.BytesIO(content), events=("start", "end"), **CAREFUL):
            if not begun and element.getroottree().docinfo.internalDTD is not None:
                raise Unreadable("damaged")  # no program writes a list of entities here
            begun = True
            if element.tag in UNSEEN:
                unseen += 1 if event == "start" else -1
                if event == "end":
                    element.clear(keep_tail=True)
            elif event == "end" and not unseen and element.tag in tags:
                yield element
                element.clear(keep_tail=True)
                parent = element.getparent()
                while parent is not None and element.getprevious() is not None and not parent[0].tail:
                    del parent[0]
    except etree.XMLSyntaxError as error:
        raise Unreadable("damaged") from error


def docx(data: bytes, pages: Pages) -> Parts:
    """The sections of a Word file, then its notes."""
    package = Package(data)
    content = package.main("word/document.xml")
    headings = heading_styles(package.read("word/styles.xml"))
    yield from cut(word_sections(package, content, headings))


def heading_styles(content: bytes) -> set[str]:
    """The styles of headings: programs name them in their own language, but keep an English name inside."""
    found = set()
    for style in ended(content, W + "style") if content else ():
        name, level = style.find(W + "name"), style.find(f"{W}pPr/{W}outlineLvl")
        if level is not None or (name is not None and HEADING.match(name.get(W + "val", ""))):
            found.add(style.get(W + "styleId", ""))
    return found


def word_sections(package: Package, content: bytes, headings: set[str]) -> Sections:
    """The body by its headings, and the notes at the end."""

    def is_heading(paragraph: Any) -> bool:
        style = paragraph.find(f"{W}pPr/{W}pStyle")
        return (style is not None and style.get(W + "val") in headings) or paragraph.find(
            f"{W}pPr/{W}outlineLvl"
        ) is not None

    yield from by_heading(ended(content, W + "p"), W + "t", is_heading)
    for name in ("word/footnotes.xml", "word/endnotes.xml"):
        if notes := package.read(name):
            yield "", [words(paragraph, W + "t") for paragraph in ended(notes, W + "p")]


def odt(data: bytes, pages: Pages) -> Parts:
    """The sections of an OpenDocument text."""
    package = Package(data)
    if package.main("mimetype").strip() != OPEN_TEXT:
        raise Unreadable("wrong-type")
    if b"encryption-data" in package.read("META-INF/manifest.xml"):
        raise Unreadable("encrypted")
    elements = ended(package.main("content.xml"), TEXT + "p", TEXT + "h")
    yield from cut(by_heading(elements, None, lambda element: element.tag == TEXT + "h"))


def pptx(data: bytes, pages: Pages) -> Parts:
    """The slides of a presentation in their order, each with its notes."""
    package = Package(data)
    order = whole(package.main("ppt/presentation.xml"))
    known = package.related("ppt/presentation.xml")
    ids = [slide.get(R + "id", "") for slide in order.iter(P + "sldId")]
    names = [known[each][1] for each in ids if each in known]
    pages.count = len(names)
    for number, name in enumerate(names, start=1):
        notes = [part for kind, part in package.related(name).values() if kind == "notesSlide"]
        lines = [
            words(paragraph, A + "t")
            for part in (name, *notes)
            if (content := package.read(part))
            for paragraph in ended(content, A + "p")
        ]
        yield Read(number, "\n".join(line for line in lines if line.strip()))


def by_heading(paragraphs: Iterator[Any], tag: str | None, is_heading: Any) -> Sections:
    """Paragraphs gathered under their headings; what stands before the first has none."""
    heading, gathered = "", []
    for paragraph in paragraphs:
        text = words(paragraph, tag)
        if text.strip() and is_heading(paragraph):
            if heading or gathered:
                yield heading, gathered
            heading, gathered = " ".join(text.split()), []
        else:
            gathered.append(text)
    if heading or gathered:
        yield heading, gathered


def words(element: Any, tag: str | None) -> str:
    """The text of a paragraph: of the elements of one name, or all that is written in it."""
    found = []
    for each in element.iter():
        if each.tag in SPACES:
            found.append(" ")
        elif tag is None or each.tag == tag:
            found.append(each.text or "")
        if tag is None and each is not element:
            found.append(each.tail or "")
    return "".join(found)
