"""A guidebook gathered for taking away: all that one reader may open of it, as trees of elements without a link to it.

The text is the one the site shows (the blocks' own templates), so that nothing can be taken away that is not shown. It
is freed here of what belongs to a browser: links to paragraphs, sizes to choose from, what is not for print.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import unquote, urldefrag

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language_info, override
from django.utils.translation import gettext as _
from lxml import html

from core.access import PUBLIC, Viewer, can_see
from core.files import PICTURE_TYPES
from core.models import HubRendition
from core.reader import reading_as
from guidebooks.contents import Contents, Item
from guidebooks.models import ChapterPage, GuidebookPage, Licence
from guidebooks.shelf import first_level

MOST_PICTURE_BYTES = 40_000_000
"""Of all pictures of a book together; those after that are left to their words."""

IMAGE_PATH = re.compile(r"^/images/([\w-]+)$")
NOT_TAKEN = "//*[@hidden or contains(concat(' ', @class, ' '), ' no-print ') or contains(@class, 'anchor')]"
CONTROLS = ("input", "textarea", "select")
NAMED_BY = ("for", "aria-labelledby", "aria-describedby")  # attributes that hold ids
OF_BROWSER = ("srcset", "sizes", "loading", "decoding", "tabindex", "aria-label", "autocomplete", "aria-hidden")


@dataclass(frozen=True)
class Picture:
    """A picture of the book; ``name`` is its own within the book, such as ``picture-3.png``."""

    name: str
    content_type: str
    data: bytes


@dataclass
class Part:
    """The introduction, a chapter, or a part of one.

    Args:
        id: Its name within the book, such as ``c2-1``; all ids in its tree begin with it.
        number: ``2.1``; empty for the introduction.
        depth: 1 for a chapter, 2 for a part of it; 0 for the introduction.
        readers: Who may read it, in words, where that is stricter than the book.
        tree: Its text, in a ``div``.
    """

    id: str
    number: str
    title: str
    summary: str
    depth: int
    readers: str
    tree: html.HtmlElement

    @property
    def heading(self) -> str:
        """Number and title."""
        return f"{self.number} {self.title}" if self.number else self.title


@dataclass
class Book:
    """A guidebook as far as one reader may open it, in the book's own language. It knows no reader's name."""

    title: str
    summary: str
    language: str
    edition: str
    licence: str
    licence_url: str
    readers: str
    address: str
    topic: str
    made_on: date
    parts: list[Part] = field(default_factory=list)
    pictures: dict[str, Picture] = field(default_factory=dict)

    @property
    def direction(self) -> str:
        """``rtl`` or ``ltr``."""
        return "rtl" if get_language_info(self.language)["bidi"] else "ltr"

    @property
    def words(self) -> int:
        """About how many words it has, for the limits of those who write it."""
        return sum(len(part.tree.text_content().split()) for part in self.parts)

    @property
    def chapters(self) -> list[Part]:
        """Chapters and their parts, without the introduction."""
        return [part for part in self.parts if part.depth]


def gather(page: GuidebookPage, viewer: Viewer) -> Book:
    """Gather a guidebook for a viewer, who must be known to be allowed to open it.

    Links between its chapters stay within it; links to other pages of the hub lead to the site; what the reader may not
    open is neither there nor linked to.
    """
    with override(page.language), reading_as(viewer):
        contents = Contents.of(page, viewer)
        texts = ChapterPage.objects.in_bulk([item.pk for item in contents.items])
        book = Book(
            title=page.title,
            summary=page.summary,
            language=page.language,
            edition=page.edition,
            licence=page.licence_words,
            licence_url=Licence.address(page.licence),
            readers=for_whom([page.access_key, *(chapter.access_key for chapter in texts.values())]),
            address=f"{settings.WAGTAILADMIN_BASE_URL}{page.url}",
            topic=next((first_level(of.tag) for of in page.topics_of_page.select_related("tag__parent")), ""),
            made_on=timezone.localdate(),
        )
        if page.body:
            book.parts.append(Part("c0", "", _("About this guidebook"), "", 0, "", _tree(page)))
        for item in contents.items:
            book.parts.append(_part(item, texts[item.pk], page))
        pages = {item.url: part.id for item, part in zip(contents.items, book.chapters, strict=True)}
        _settle_links(book, {**pages, page.url: "cover"})
        _take_pictures(book, viewer)
    return book


def for_whom(keys: list[str]) -> str:
    """Who may read something with these keys, in words; empty where everybody may read all of it."""
    closed = [key for key in keys if key != PUBLIC]
    if not closed:
        return ""
    if any(key.startswith("group:") for key in closed):
        return _("For the working group only. Please do not pass it on.")
    if "full" in closed:
        return _("For full members of INDEX. Please do not pass it on.")
    return _("For members of INDEX. Please do not pass it on.")


def _part(item: Item, chapter: ChapterPage, page: GuidebookPage) -> Part:
    readers = for_whom([chapter.access_key]) if chapter.access_key != page.access_key else ""
    chapter.locale = page.locale
    name = f"c{item.number.replace('.', '-')}"
    return Part(name, item.number, chapter.title, chapter.summary, item.depth, readers, _tree(chapter))


def _tree(page: Any) -> html.HtmlElement:
    """The text of a page as the site writes it out, without what belongs to a browser."""
    written = page.body.render_as_block() if page.body else ""
    tree = html.fragment_fromstring(str(written), create_parent="div")
    for element in tree.xpath(NOT_TAKEN):
        element.drop_tree()
    for element in list(tree.iter(html.etree.Comment)):
        element.drop_tree()
    for box in tree.xpath("//div[@class='scroll']"):
        box.drop_tag()
    for element in tree.iter():
        for name in OF_BROWSER:
            if name != "aria-label" or element.tag not in CONTROLS:  # a field in a table has no other name
                element.attrib.pop(name, None)
    return tree


def _settle_links(book: Book, pages: dict[str, str]) -> None:
    """Name every id by its part, and point each link at a place in the book, at the site, or at nothing."""
    for part in book.parts:
        seen: set[str] = set()
        for element in part.tree.xpath(".//*[@id]"):
            name = f"{part.id}-{element.get('id')}"
            if name in seen:
                del element.attrib["id"]
            else:
                seen.add(name)
                element.set("id", name)
        for element, name in ((element, name) for element in part.tree.iter() for name in NAMED_BY):
            if ids := element.get(name):
                element.set(name, " ".join(f"{part.id}-{each}" for each in ids.split()))
    known = {"cover", *(part.id for part in book.parts)}
    known |= {element.get("id") for part in book.parts for element in part.tree.xpath(".//*[@id]")}
    for part in book.parts:
        for link in part.tree.xpath(".//a"):
            target = _target(link.get("href") or "", part, pages, known)
            if target:
                link.set("href", target)
            else:
                link.drop_tag()


def _target(href: str, part: Part, pages: dict[str, str], known: set[str]) -> str:
    path, anchor = urldefrag(href)
    if not path:
        name = f"{part.id}-{unquote(anchor)}"
        return f"#{name}" if name in known else ""
    if path in pages or unquote(path) in pages:
        name = pages.get(path) or pages[unquote(path)]
        inside = f"{name}-{unquote(anchor)}"
        return f"#{inside if anchor and inside in known else name}"
    if path.startswith("/"):
        return f"{settings.WAGTAILADMIN_BASE_URL}{href}"
    return href if path.startswith(("https:", "http:", "mailto:", "tel:")) else ""


def _take_pictures(book: Book, viewer: Viewer) -> None:
    """Put the pictures that this reader may see into the book; in place of others stand their words."""
    places = [(image, IMAGE_PATH.match(image.get("src") or "")) for part in book.parts for image in _images(part)]
    tokens = {match[1] for _image, match in places if match}
    found = {made.token: made for made in HubRendition.objects.filter(token__in=tokens).select_related("image")}
    room = MOST_PICTURE_BYTES
    by_token: dict[str, Picture] = {}
    for image, match in places:
        token = match[1] if match else ""
        if token in found and token not in by_token and can_see(viewer, found[token].image):
            picture = _picture(found[token], len(by_token) + 1)
            if picture is not None and len(picture.data) <= room:
                room -= len(picture.data)
                by_token[token] = picture
        if token in by_token:
            image.set("src", by_token[token].name)
            book.pictures[by_token[token].name] = by_token[token]
        else:
            words = html.Element("span")
            words.text = f"[{image.get('alt')}]" if image.get("alt") else ""
            words.tail = image.tail
            image.getparent().replace(image, words)


def _images(part: Part) -> Iterator[html.HtmlElement]:
    yield from part.tree.xpath(".//img")


def _picture(made: HubRendition, number: int) -> Picture | None:
    ending = made.file.name.rpartition(".")[2].lower()
    if ending not in PICTURE_TYPES:
        return None
    try:
        with made.file.open("rb") as stored:
            return Picture(f"picture-{number}.{ending}", PICTURE_TYPES[ending], stored.read())
    except FileNotFoundError:
        return None
