"""What a reader's eye needs from a body: anchors, headed sections, notes beside the text, minutes.

It works on the values of ``core.blocks.BodyBlock`` and knows nothing of pages.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from wagtail.rich_text import get_text_for_indexing

if TYPE_CHECKING:
    from wagtail.blocks import StreamValue

# Many of our readers read in a second language and with a pencil in hand. Adults read English
# non-fiction at about 238 words a minute in silence (Brysbaert 2019,
# doi:10.1016/j.jml.2019.104047); 200 leaves room for that.
WORDS_PER_MINUTE = 200
LONGEST_ANCHOR = 255
"""Characters that what keeps an anchor, such as a note, can hold."""

WORD = re.compile(r"\w+(?:['’\-]\w+)*")
MARKER = re.compile(r"\[\^([^\]\s]{1,60})\]")
MARKUP = re.compile(r"(<[^>]*>)")
LIST = re.compile(r"(?=<[ou]l\b)", re.IGNORECASE)
BLOCK_KEY = re.compile(r'(<(\w+)[^>]*?) data-block-key="([\w-]+)"')
# Markers in these elements are an example of a marker, or stand in a place that can hold no link.
PLAIN = {"code", "pre", "a", "svg", "script", "style", "textarea", "title"}


@dataclass(frozen=True)
class Section:
    """A part of a body under one heading.

    Args:
        anchor: The id of its heading on the page, without "#". Empty: what stands before the first.
        title: The words of the heading.
        level: 2 or 3; what stands under a heading of level 4 belongs to the section above it.
        text: The words below the heading, plain, without the heading itself.
    """

    anchor: str
    title: str
    level: int
    text: str


@dataclass
class Note:
    """One note of a body, with its number once something refers to it."""

    label: str
    html: str
    number: int = 0


@dataclass
class Notes:
    """The notes of one body: numbered in the order in which the text refers to them."""

    by_label: dict[str, Note]
    used: list[Note] = field(default_factory=list)

    @classmethod
    def of(cls, body: StreamValue) -> Notes:
        """Collect the notes of all footnote blocks. The first of two notes of one label counts."""
        found: dict[str, Note] = {}
        for child in body:
            if child.block_type == "footnotes":
                for note in child.value:
                    label = (note["label"] or "").strip()
                    found.setdefault(label, Note(label, note["text"].source))
        return cls(found)

    def mark(self, html: str) -> tuple[SafeString, list[Note]]:
        """Turn ``[^label]`` in the text of ``html`` into numbered links.

        Returns: the html, and the notes that it is the first to refer to. A marker without a note,
        in code or inside a link stays as it is.
        """
        if not self.by_label or "[^" not in html:
            return mark_safe(html), []
        first: list[Note] = []
        depth = 0
        pieces = MARKUP.split(html)
        for place, piece in enumerate(pieces):
            if piece.startswith("<"):
                name = piece.strip("</> ").split()[0].lower() if piece.strip("</> ") else ""
                if name in PLAIN and not piece.endswith("/>"):
                    depth += -1 if piece.startswith("</") else 1
            elif not depth:
                pieces[place] = MARKER.sub(lambda marker: self._link(marker, first), piece)
        return mark_safe("".join(pieces)), first

    def _link(self, marker: re.Match[str], first: list[Note]) -> str:
        note = self.by_label.get(marker[1])
        if note is None:
            return marker[0]
        back = ""
        if not note.number:
            self.used.append(note)
            first.append(note)
            note.number = len(self.used)
            back = f' id="ref-{note.number}"'
        label = escape(_("Note %(number)d") % {"number": note.number})
        return f'<sup class="ref"><a href="#note-{note.number}"{back} aria-label="{label}">{note.number}</a></sup>'

    def left(self) -> list[Note]:
        """Give the notes nothing refers to, numbered after the others, so that none is lost."""
        rest = [note for note in self.by_label.values() if not note.number]
        for number, note in enumerate(rest, start=len(self.used) + 1):
            note.number = number
        return rest


def anchors(body: StreamValue) -> list[str]:
    """Give the id of each block of a body on its page, in order, each one once.

    A heading may carry an anchor of its own; all else, and a heading whose anchor another one
    took before or that is too long to be kept, is named by its block id, which survives edit,
    reorder, copy and translation.
    """
    taken: set[str] = set()
    given = []
    for place, child in enumerate(body):
        anchor = child.value.get("anchor") if child.block_type == "heading" else ""
        if not anchor or len(anchor) > LONGEST_ANCHOR or anchor in taken:
            anchor = f"b-{child.id[:8]}" if child.id else f"b-{place}"
        if anchor in taken:
            anchor = f"b-{child.id or place}"
        taken.add(anchor)
        given.append(anchor)
    return given


def headings(body: StreamValue, deepest: int = 3) -> list[Section]:
    """Give the headings of a body down to a level, as sections without text: its contents."""
    return [
        Section(anchor, child.value["text"], int(child.value["level"]), "")
        for anchor, child in zip(anchors(body), body, strict=True)
        if child.block_type == "heading" and int(child.value["level"]) <= deepest
    ]


def sections(body: StreamValue) -> Iterator[Section]:
    """Cut a body at its headings of level 2 and 3; what stands before the first comes first.

    The text of a note belongs to the section that holds its footnotes block, usually the last.
    """
    anchor, title, level, text = "", "", 2, []
    for child_anchor, child in zip(anchors(body), body, strict=True):
        if child.block_type == "heading" and int(child.value["level"]) <= 3:
            if anchor or text:
                yield Section(anchor, title, level, " ".join(text))
            anchor, title, level = child_anchor, child.value["text"], int(child.value["level"])
            text = []
        else:
            text.extend(_plain(child))
    if anchor or text:
        yield Section(anchor, title, level, " ".join(text))


def words_in(body: StreamValue) -> int:
    """Count the words a reader of the body reads, notes and tables included."""
    return sum(len(WORD.findall(text)) for child in body for text in _plain(child))


def text_of(child: Any) -> str:
    """What one block of a body says, in one line, without the marks of notes."""
    return " ".join(" ".join(_plain(child)).split())


def minutes_for(words: int) -> int:
    """Give the whole minutes that so many words take, rounded up; 0 only for no words.

    >>> minutes_for(0), minutes_for(1), minutes_for(200), minutes_for(201)
    (0, 1, 1, 2)
    """
    return math.ceil(words / WORDS_PER_MINUTE)


def without_block_keys(html: str) -> str:
    """Turn the editor's keys of paragraphs into anchors and take all its other keys out."""
    return BLOCK_KEY.sub(lambda key: f'{key[1]} id="k-{key[3]}"' if key[2] == "p" else key[1], html)


def plain(html: str) -> str:
    """What rich text says, without markup.

    Wagtail leaves a space only where an element ends; a list within an item of a list begins before its item ends.

    >>> plain("<ul><li>One<ul><li>Two</li></ul></li></ul>")
    'One Two'
    """
    return str(get_text_for_indexing(LIST.sub(" ", html)))


def _plain(child: Any) -> list[str]:
    texts = map(str, child.block.get_searchable_content(child.value))
    return [MARKER.sub("", text) for text in texts if text.strip()]
