"""A paragraph of a Word file as it was read: stretches of words, pictures, and the HTML of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from html import escape
from typing import Any

ORDER = ("b", "i", "s", "sup", "sub")
EM_SPACE = "\u2003"


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
