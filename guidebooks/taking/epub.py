"""A guidebook as EPUB 3: one file of XHTML for each chapter, nothing that asks anything of the net.

Written with the standard library: EbookLib's licence (AGPL) would bind the hub.
"""

from __future__ import annotations

import io
import zipfile
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.utils.translation import override
from lxml import etree
from lxml.html import Element, HtmlElement

from guidebooks.taking.book import Book, Part
from guidebooks.taking.cover import cover_of
from guidebooks.taking.page import STYLE, lines_for_controls

TEMPLATES = "guidebooks/taken/epub"
EPUB_TYPE = "data-epub-type"  # lxml takes no colon in a name; it is put in when the text is written


@dataclass(frozen=True)
class Entry:
    """A chapter in the contents, with its parts below it."""

    part: Part
    below: list[Entry]


def epub_of(book: Book) -> bytes:
    """Write a book as EPUB. The same book on the same day gives the same bytes."""
    with override(book.language):
        return _written(book)


def _written(book: Book) -> bytes:
    moment = datetime.combine(book.made_on, time(), UTC)
    files = {name: part.id for part in book.parts for name in _names(part)}
    shared: dict[str, Any] = {
        "book": book,
        "identifier": f"urn:uuid:{uuid5(NAMESPACE_URL, f'{book.address} {book.edition} {book.made_on}')}",
        "modified": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "entries": _nested(book.chapters),
        "introduction": next((part for part in book.parts if not part.depth), None),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:

        def put(name: str, data: bytes | str, how: int = zipfile.ZIP_DEFLATED) -> None:
            info = zipfile.ZipInfo(name, moment.timetuple()[:6])
            info.compress_type, info.external_attr = how, 0o644 << 16
            archive.writestr(info, data)

        put("mimetype", "application/epub+zip", zipfile.ZIP_STORED)  # first, and as it is: so readers know the file
        put("META-INF/container.xml", render_to_string(f"{TEMPLATES}/container.xml"))
        for name in ("package.opf", "nav.xhtml", "cover.xhtml", "title.xhtml"):
            put(f"book/{name}", render_to_string(f"{TEMPLATES}/{name}", shared))
        put("book/style.css", STYLE)
        put("book/cover.png", cover_of(book), zipfile.ZIP_STORED)
        for part in book.parts:
            text = _xhtml(part, files)
            put(
                f"book/{part.id}.xhtml",
                render_to_string(f"{TEMPLATES}/part.xhtml", {**shared, "part": part, "text": text}),
            )
        for picture in book.pictures.values():
            put(f"book/pictures/{picture.name}", picture.data, zipfile.ZIP_STORED)
    return out.getvalue()


def _names(part: Part) -> list[str]:
    return [part.id, *(found.get("id") for found in part.tree.xpath(".//*[@id]"))]


def _nested(parts: list[Part]) -> list[Entry]:
    """The contents as they stand below each other."""
    top: list[Entry] = []
    line: list[Entry] = []
    for part in parts:
        entry = Entry(part, [])
        while line and line[-1].part.depth >= part.depth:
            line.pop()
        (line[-1].below if line else top).append(entry)
        line.append(entry)
    return top


def _xhtml(part: Part, files: dict[str, str]) -> str:
    """The text of a part as XHTML: links to other files of the book, notes that a reader can open in place."""
    tree = deepcopy(part.tree)
    lines_for_controls(tree)
    for link in tree.xpath(".//a[starts-with(@href, '#')]"):
        name = link.get("href")[1:]
        file = "title" if name == "cover" else files[name]
        link.set("href", f"{file}.xhtml" if name in (file, "cover") else f"{file}.xhtml#{name}")
        if "ref" in (link.getparent().get("class") or "").split():
            link.set(EPUB_TYPE, "noteref")
            link.set("role", "doc-noteref")
    for image in tree.xpath(".//img"):
        image.set("src", f"pictures/{image.get('src')}")
    for note in tree.xpath(".//div[contains(@class, 'notes')]/p"):
        _aside(note)
    for box in tree.xpath(".//fieldset"):
        box.tag = "section"
    for legend in tree.xpath(".//legend"):
        legend.tag = "p"
        legend.set("class", "box-title")
    for label in tree.xpath(".//label"):
        label.tag = "span" if label.tag == "label" else label.tag
        label.attrib.pop("for", None)
    inside = (tree.text or "") and etree.tostring(_text(tree.text or ""), encoding="unicode")
    written = inside + "".join(etree.tostring(child, encoding="unicode") for child in tree)
    return mark_safe(written.replace(f"{EPUB_TYPE}=", "epub:type="))


def _aside(note: HtmlElement) -> None:
    aside = Element("aside")
    aside.set(EPUB_TYPE, "footnote")
    aside.set("role", "doc-footnote")
    if note.get("id"):
        aside.set("id", note.attrib.pop("id"))
    note.addprevious(aside)
    aside.tail, note.tail = note.tail, None
    aside.append(note)


def _text(words: str) -> HtmlElement:
    paragraph = Element("p")
    paragraph.text = words
    return paragraph
