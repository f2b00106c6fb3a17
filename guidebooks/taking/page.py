"""A guidebook as one HTML file that asks nothing of the net: styles and pictures are inside, no script is."""

from __future__ import annotations

import base64
from copy import deepcopy
from hashlib import sha256
from pathlib import Path

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import override
from lxml.html import Element, HtmlElement, tostring

from guidebooks.taking.book import Book, Part

STYLE = Path(__file__).with_name("book.css").read_text(encoding="utf-8")
# What a browser may do with a copy that is opened on the hub: show it, nothing else.
POLICY = {
    "default-src": ["'none'"],
    "style-src": [f"'sha256-{base64.b64encode(sha256(STYLE.encode()).digest()).decode()}'"],
    "img-src": ["data:"],
    "base-uri": ["'none'"],
    "form-action": ["'none'"],
    "frame-ancestors": ["'none'"],
}
DEEPEST = 6


def page_of(book: Book, *, back: str = "") -> bytes:
    """Write a book as one HTML file.

    Args:
        back: Where the way back leads from a copy that is kept on a device; it then says that it is one.
    """
    with override(book.language):
        texts = [(part, _html(part, book)) for part in book.parts]
        context = {"book": book, "texts": texts, "style": mark_safe(f"<style>{STYLE}</style>"), "back": back}
        return render_to_string("guidebooks/taken/page.html", context).encode()


def _html(part: Part, book: Book) -> SafeString:
    tree = deepcopy(part.tree)
    for level in range(DEEPEST - 1, 1, -1):  # below the chapter's own heading; the deepest first
        for heading in tree.xpath(f".//h{level}"):
            heading.tag = f"h{level + 1}"
    for image in tree.xpath(".//img"):
        picture = book.pictures[image.get("src")]
        image.set("src", f"data:{picture.content_type};base64,{base64.b64encode(picture.data).decode()}")
    boxes_for_tables(tree)
    inside = "".join(tostring(child, encoding="unicode") for child in tree)
    return mark_safe((tree.text or "") and tostring(_text(tree.text or ""), encoding="unicode")) + mark_safe(inside)


def _text(words: str) -> HtmlElement:
    paragraph = Element("p")
    paragraph.text = words
    return paragraph


def boxes_for_tables(tree: HtmlElement) -> None:
    """Put each table in a box of its own, as on the site: it scrolls where the page is too narrow for it."""
    for table in tree.xpath(".//table"):
        named = table.xpath("string(caption)").strip() or _("Table")
        box = Element("div", {"class": "scroll", "role": "group", "tabindex": "0", "aria-label": named})
        box.tail, table.tail = table.tail, None
        table.getparent().replace(table, box)
        box.append(table)


def lines_for_controls(tree: HtmlElement) -> None:
    """Put lines for a pen and empty boxes where a screen has fields to fill in."""
    for control in tree.xpath(".//input | .//textarea | .//select"):
        kind = control.get("type", "")
        drawn = Element("span")
        if control.tag == "input" and kind in ("checkbox", "radio"):
            drawn.text = "☐" if kind == "checkbox" else "○"
        else:
            drawn.set("class", "write")
            for _number in range(min(int(control.get("rows") or 1), 20)):
                line = Element("span")
                line.set("class", "write-line")
                line.text = "\u00a0"
                drawn.append(line)
        drawn.tail = control.tail
        control.getparent().replace(control, drawn)
