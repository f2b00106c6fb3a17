"""What an author should look at before others do: pictures without words, links that say nothing, hard sentences,
whatever could point at a person. Remarks, not refusals: a machine cannot know.

Beside them Wagtail's own checks run on the preview (order of headings, empty links, names of pictures).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.rich_text import RichText

LONG_SENTENCE = 30
"""Words. Sentences of more than 25 to 30 words are hard for readers in a second language; plain-language guides (such
as the European Commission's "How to write clearly", 2015) ask for 20 on average."""
HEAVY = 110_000
"""Characters of text and marks from which a page weighs more than the 120 KB we allow a chapter."""
MOST = 30
"""Remarks of one kind that are shown."""

LINK = re.compile(r"<a\b[^>]*>(.*?)</a>", re.S)
SENTENCE = re.compile(r"[^.!?:;؟؛。]+[.!?:;؟؛。]?")  # a list after a colon, with semicolons, reads as several
WORD = re.compile(r"\w+(?:['’\-]\w+)*")
# What says nothing by itself, as a screen reader reads links out of their sentence.
VAGUE = {
    *("here", "click here", "this", "this link", "link", "more", "read more", "this page", "learn more"),
    *("hier", "hier klicken", "dieser link", "mehr", "weiterlesen", "diese seite"),
    *("ici", "cliquez ici", "ce lien", "lien", "plus", "lire la suite", "cette page"),
    *("هنا", "اضغط هنا", "هذا الرابط", "المزيد", "اقرأ المزيد"),
}
POINTS_AT_A_PERSON: list[tuple[Callable[[], str], re.Pattern[str]]] = [
    (
        lambda: _("a title with a name"),
        re.compile(
            r"\b(?:Mr|Mrs|Ms|Miss|Herr|Herrn|Frau|Monsieur|Madame|Mme|Mlle|السيد|السيدة)\.? +"
            r"[A-ZÀ-ÞĀ-Ž\u0600-\u06ff][\w’'-]+"
        ),
    ),
    (lambda: _("initials"), re.compile(r"(?<![\w.])(?!U\. ?[SKN]\.|E\. ?U\.)[A-ZÀ-Þ]\. ?[A-ZÀ-Þ]\.(?!\w)")),
    (lambda: _("an e-mail address"), re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+\w")),
    (
        lambda: _("a telephone number"),
        re.compile(r"(?<![\w/])(?:\+|00)\d[\d ()/-]{7,}\d|(?<![\w./-])0\d{2,4}[ /-]\d{4,}"),
    ),
    (
        lambda: _("a full date"),
        re.compile(r"\b(?:born|geboren|né|née) (?:on |am |le )?\d|\b\d{1,2}[./]\d{1,2}[./](?:19|20)\d\d\b"),
    ),
    (
        lambda: _("the number of a case or file"),
        re.compile(r"\b(?:case|file|Az\.?|Aktenzeichen|dossier)(?: no\.?| number| n°|:)? ?#?\d[\d/-]{2,}", re.I),
    ),
]


@dataclass(frozen=True)
class Remark:
    """One thing to look at.

    Args:
        kind: ``picture``, ``link``, ``heading``, ``sentence``, ``person`` or ``weight``.
        words: What is the matter, in words for its author.
        where: The words it is about, shortened; empty where it is about the whole page.
    """

    kind: str
    words: str
    where: str = ""


def remarks_on(page: Any) -> list[Remark]:
    """Everything to look at in a page as it was last saved, at most ``MOST`` of each kind; empty without a body."""
    body = getattr(page, "body", None)
    found: list[Remark] = []
    if page.pk is None or body is None:
        return found
    pieces = list(_pieces(body))
    for check in (_pictures, _links, _headings, _sentences, _persons):
        found += list(check(pieces))[:MOST]
    weight = len(str(body.stream_block.get_prep_value(body)))
    if weight > HEAVY:
        words = _("This page is heavy: %(size)s KB of text. On a poor line two pages are better than one.")
        found.append(Remark("weight", words % {"size": weight // 1000}))
    return found


@dataclass(frozen=True)
class Piece:
    """A part of a body: ``text`` (HTML or plain), ``heading`` (with its level) or ``figure``."""

    kind: str
    text: str = ""
    level: int = 0
    has_words: bool = True


def _pieces(value: Any) -> Iterator[Piece]:
    """The parts of a stream, in reading order, boxes, steps and tables included."""
    if isinstance(value, RichText):
        yield Piece("text", value.source)
    elif isinstance(value, str):
        yield Piece("text", value)
    elif isinstance(value, Mapping):
        if "decorative" in value:
            yield Piece("figure", str(value.get("caption") or ""), has_words=bool(value["alt"] or value["decorative"]))
        elif "level" in value and "anchor" in value:
            yield Piece("heading", value["text"], int(value["level"] or 2))
        else:
            for name, part in value.items():
                if name not in ("kind", "language", "label", "clause", "start"):
                    yield from _pieces(part)
    elif hasattr(value, "bound_blocks"):  # a list
        for item in value:
            yield from _pieces(item)
    elif hasattr(value, "rows"):  # a table
        for row in value.rows:
            for cell in row:
                yield from _pieces(getattr(cell, "value", cell))
    elif isinstance(value, Iterable):  # a stream
        for child in value:
            if getattr(child, "block_type", "") != "code":
                yield from _pieces(getattr(child, "value", child))


def _pictures(pieces: list[Piece]) -> Iterator[Remark]:
    number = 0
    for piece in pieces:
        if piece.kind == "figure":
            number += 1
            if not piece.has_words:
                words = _("Picture %(number)s has no words for people who cannot see it.") % {"number": number}
                yield Remark("picture", words, _short(strip_tags(piece.text)))


def _links(pieces: list[Piece]) -> Iterator[Remark]:
    for piece in pieces:
        for inner in LINK.findall(piece.text) if piece.kind == "text" else []:
            text = " ".join(strip_tags(inner).split())
            if not text:
                yield Remark("link", _("A link has no words."))
            elif text.strip(" .:>»").lower() in VAGUE:
                yield Remark("link", _("A link should say where it leads."), text)
            elif text.startswith(("http://", "https://", "www.")) and len(text) > 40:
                yield Remark("link", _("A long address is hard to read: give the link words."), _short(text))


def _headings(pieces: list[Piece]) -> Iterator[Remark]:
    before = 1
    for piece in pieces:
        if piece.kind == "heading":
            if piece.level > before + 1:
                yield Remark("heading", _("A level of headings is left out before this one."), _short(piece.text))
            before = piece.level


def _sentences(pieces: list[Piece]) -> Iterator[Remark]:
    for piece in pieces:
        if piece.kind == "text":
            for sentence in SENTENCE.findall(strip_tags(piece.text.replace("</p>", ". ").replace("</li>", ". "))):
                length = len(WORD.findall(sentence))
                if length > LONG_SENTENCE:
                    words = ngettext(
                        "A sentence of %(number)s word is hard to follow in a second language.",
                        "A sentence of %(number)s words is hard to follow in a second language.",
                        length,
                    )
                    yield Remark("sentence", words % {"number": length}, _short(sentence.strip()))


def _persons(pieces: list[Piece]) -> Iterator[Remark]:
    seen: set[str] = set()
    for piece in pieces:
        text = strip_tags(piece.text)
        for name, pattern in POINTS_AT_A_PERSON:
            for found in pattern.findall(text):
                if found not in seen:
                    seen.add(found)
                    words = _("Could this point at a person? It looks like %(what)s.") % {"what": name()}
                    yield Remark("person", words, _short(found))


def _short(text: str, most: int = 80) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
