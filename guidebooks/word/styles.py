"""What the styles of a Word file say: headings, captions, quotes, lists, and what is bold by its style."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from guidebooks.word.package import W

HEADING = re.compile(r"heading ([1-9])$")
LEVELLED = re.compile(r"list (?:bullet|number|continue) ([2-5])$")
NOT_OUTLINE = 9
# Kinds of paragraphs by the English name that every Word keeps inside, whatever its own language.
KINDS = {
    "title": "title",
    "subtitle": "subtitle",
    "caption": "caption",
    "quote": "quote",
    "intense quote": "quote",
    "quotations": "quote",
    "block text": "quote",
    "html preformatted": "code",
    "preformatted text": "code",
    "macro text": "code",
    "code": "code",
    "source code": "code",
    "toc heading": "contents",
    "table of figures": "contents",
    "table of authorities": "contents",
    "contents heading": "contents",
}
CONTENTS = re.compile(r"(?:toc|contents|index) [1-9]$")
TOGGLES = {"b": "b", "i": "i", "strike": "s", "dstrike": "s", "vanish": "hidden", "u": "underlined"}


@dataclass
class Style:
    """One style.

    Args:
        toggles: Of ``TOGGLES``, what it says itself.
        level: Of its outline, from 0; 9 is text. None: it says nothing.
        numbering: Id and level of its list; None: it says nothing.
    """

    name: str
    based_on: str = ""
    toggles: dict[str, bool] = field(default_factory=dict)
    align: str = ""
    level: int | None = None
    numbering: tuple[str, int] | None = None
    conditions: set[str] = field(default_factory=set)


class Styles:
    """All styles of a file."""

    def __init__(self, tree: Any) -> None:
        self.by_id: dict[str, Style] = {}
        self.usual: dict[str, str] = {}
        for element in tree.iter(W + "style") if tree is not None else ():
            style_id = element.get(W + "styleId", "")
            self.by_id[style_id] = _style(element)
            if element.get(W + "default") in {"1", "true", "on"}:
                self.usual[element.get(W + "type", "")] = style_id

    @lru_cache(maxsize=4096)  # noqa: B019 a reader lives as long as its process
    def line(self, style_id: str) -> tuple[Style, ...]:
        """A style and those it is based on, nearest first."""
        found: list[Style] = []
        while style_id in self.by_id and len(found) < 20:
            style = self.by_id[style_id]
            if style in found:
                break
            found.append(style)
            style_id = style.based_on
        return tuple(found)

    def id_of(self, paragraph: Any) -> str:
        """The style of a paragraph."""
        return value(paragraph.find(f"{W}pPr/{W}pStyle")) or self.usual.get("paragraph", "")

    def level(self, paragraph: Any) -> int | None:
        """The level of a heading, from 1; None for what is none."""
        direct = paragraph.find(f"{W}pPr/{W}outlineLvl")
        if direct is not None:
            found = number(direct)
            return found + 1 if found is not None and found < NOT_OUTLINE else None
        for style in self.line(self.id_of(paragraph)):
            if style.level is not None:
                return style.level + 1 if style.level < NOT_OUTLINE else None
            if style.name in KINDS:
                return None
            if heading := HEADING.match(style.name):
                return int(heading[1])
        return None

    def kind(self, paragraph: Any) -> str:
        """``heading``, one of ``KINDS``, or ``text``."""
        if self.level(paragraph) is not None:
            return "heading"
        for style in self.line(self.id_of(paragraph)):
            if CONTENTS.match(style.name):
                return "contents"
            if style.name in KINDS:
                return KINDS[style.name]
        return "text"

    def numbering(self, paragraph: Any) -> tuple[str, int] | None:
        """Id and level (from 0) of the list a paragraph belongs to; None for none."""
        direct = _numbering(paragraph.find(f"{W}pPr/{W}numPr"))
        line = self.line(self.id_of(paragraph))
        by_style = next((style.numbering for style in line if style.numbering), None)
        found = direct if direct and direct[0] else by_style if direct is None or not direct[0] else None
        if direct is not None and direct[0] == "0":
            return None  # taken out of the list by hand
        if found is None or found[0] in {"", "0"}:
            return None
        levelled = LEVELLED.match(line[0].name) if line else None
        if found is by_style:
            level = direct[1] if direct else int(levelled[1]) - 1 if levelled and not found[1] else found[1]
            return found[0], level
        return found

    def toggles(self, run: Any, paragraph_style: str, *, plain: bool) -> set[str]:
        """What a run is: ``b``, ``i``, ``s``, ``hidden``, ``underlined``, ``sup``, ``sub``.

        Args:
            plain: The paragraph is a heading or a caption, whose own look says nothing.
        """
        properties = run.find(W + "rPr")
        own = _toggles(properties)
        styled = value(properties.find(W + "rStyle")) if properties is not None else ""
        by_run = self._of(styled)
        by_paragraph = {} if plain else self._of(paragraph_style)
        found = set()
        for name in {*own, *by_run, *by_paragraph}:
            # Bold words in a bold style stand out by not being bold.
            both = by_run.get(name, False) != by_paragraph.get(name, False)
            if own.get(name, both):
                found.add(name)
        align = value(properties.find(W + "vertAlign")) if properties is not None else ""
        align = align or next((style.align for style in self.line(styled) if style.align), "")
        if align in {"superscript", "subscript"}:
            found.add(align[:3])
        return found

    @lru_cache(maxsize=4096)  # noqa: B019
    def _of(self, style_id: str) -> dict[str, bool]:
        found: dict[str, bool] = {}
        for style in reversed(self.line(style_id)):
            found.update(style.toggles)
        return found

    def has_condition(self, style_id: str, condition: str) -> bool:
        """Whether a table's style sets apart its ``firstRow`` or ``firstCol``."""
        return any(condition in style.conditions for style in self.line(style_id))


def _style(element: Any) -> Style:
    level = number(element.find(f"{W}pPr/{W}outlineLvl"))
    return Style(
        name=value(element.find(W + "name")).strip().lower(),
        based_on=value(element.find(W + "basedOn")),
        toggles=_toggles(element.find(W + "rPr")),
        align=value(element.find(f"{W}rPr/{W}vertAlign")),
        level=level,
        numbering=_numbering(element.find(f"{W}pPr/{W}numPr")),
        conditions={part.get(W + "type", "") for part in element.iter(W + "tblStylePr")},
    )


def _toggles(properties: Any) -> dict[str, bool]:
    found: dict[str, bool] = {}
    for element in properties if properties is not None else ():
        name = TOGGLES.get(str(element.tag).removeprefix(W))
        if name:
            found[name] = element.get(W + "val", "1") not in {"0", "false", "off", "none"}
    return found


def _numbering(element: Any) -> tuple[str, int] | None:
    if element is None:
        return None
    level = number(element.find(W + "ilvl")) or 0
    return value(element.find(W + "numId")), min(max(level, 0), 8)


def value(element: Any) -> str:
    """The ``w:val`` of an element; empty where there is no element."""
    return element.get(W + "val", "") if element is not None else ""


def number(element: Any) -> int | None:
    """The same as a whole number; None where it is none."""
    given = value(element)
    return int(given) if re.fullmatch(r"-?\d{1,9}", given) else None
