"""What elements of HTML are and hold, for turning them into blocks."""

from __future__ import annotations

from typing import Any

from bs4 import BeautifulSoup, Comment, NavigableString, Tag
from bs4.element import PreformattedString
from django.utils.translation import ngettext

INLINE_AS = {
    "strong": "b",
    "b": "b",
    "em": "i",
    "i": "i",
    "cite": "i",
    "dfn": "i",
    "var": "i",
    "code": "code",
    "kbd": "code",
    "samp": "code",
    "tt": "code",
    "del": "s",
    "s": "s",
    "strike": "s",
    "sup": "sup",
    "sub": "sub",
}
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
LISTS = {"ul", "ol", "menu"}
THROUGH = {
    "div",
    "section",
    "article",
    "main",
    "header",
    "footer",
    "nav",
    "center",
    "form",
    "body",
    "html",
    "fieldset",
    "hgroup",
    "address",
    "figcaption",
    "tbody",
    "td",
    "dd",
    "li",
    "search",
}
BLOCKS = (
    HEADINGS
    | LISTS
    | THROUGH
    | {
        "p",
        "pre",
        "blockquote",
        "table",
        "figure",
        "hr",
        "dl",
        "details",
        "aside",
        "iframe",
        "video",
        "audio",
        "embed",
        "object",
        "legend",
        "summary",
        "dt",
        "caption",
    }
)
MACHINE = {"script", "style", "template", "noscript", "link", "meta", "head", "title", "base"}
EMPTY = {"br", "hr", "img", "input", "embed", "source", "track", "wbr", "area", "col", "use", "path"}
KNOWN = (
    set(INLINE_AS) | BLOCKS | MACHINE | EMPTY
    | {"a", "abbr", "acronym", "bdi", "bdo", "big", "button", "canvas", "circle", "colgroup", "data",
       "datalist", "defs", "font", "g", "image", "ins", "label", "line", "map", "mark", "math",
       "meter", "optgroup", "option", "output", "param", "picture", "polygon", "polyline",
       "progress", "q", "rect", "rp", "rt", "ruby", "select", "small", "span", "svg", "symbol",
       "textarea", "tfoot", "th", "thead", "time", "tr", "u", "slot", "dialog", "text", "tspan"}
)  # fmt: skip


MOST_CELLS = 20_000  # of one table, with what cells that span others cover
DEEPEST = 300
"""Levels of elements within one another; a person writes about ten."""


def attr(tag: Tag, name: str) -> str:
    """The value of an attribute, empty where there is none."""
    value = tag.get(name)
    return " ".join(value) if isinstance(value, list) else value or ""


def is_text(node: Any) -> bool:
    return isinstance(node, NavigableString) and not isinstance(node, PreformattedString | Comment)


def is_block(tag: Tag) -> bool:
    if tag.name in BLOCKS or tag.name in {"label", "button", "select", "textarea", "input"}:
        return True
    return tag.name not in {"svg", "math"} and has_block(tag)


def has_block(tag: Tag) -> bool:
    return tag.find([*BLOCKS, "input", "select", "textarea"]) is not None


def is_task(item: Tag) -> bool:
    first = item.find(True)
    return (
        first is not None
        and item.find("input", attrs={"type": "checkbox"}) is not None
        and ("task-list-item" in (item.get("class") or []))
    )


def is_simple(tag: Tag) -> bool:
    """Whether rich text can hold a list: items of one line, with nothing but lists of such inside."""
    return all(_is_simple_item(item) for item in tag.find_all("li", recursive=False))


def _is_simple_item(item: Tag) -> bool:
    parts = [node for node in item.children if isinstance(node, Tag) or str(node).strip()]
    nested = [part for part in parts if isinstance(part, Tag) and part.name in LISTS]
    text = parts[: len(parts) - len(nested)]
    if any(part in nested for part in text):
        return False  # Text goes on after a list within the item.
    if any(not is_simple(part) or part.get("start", "1") != "1" for part in nested):
        return False
    elements = [part for part in text if isinstance(part, Tag)]
    if [part for part in elements if part.name == "p"] and len(text) > 1:
        return False
    return not any(
        part.name == "img" or part.find(["img", *BLOCKS]) or (part.name != "p" and is_block(part)) for part in elements
    )


def wrapped(tag: Tag, name: str) -> Tag:
    wrapper = BeautifulSoup("", "html.parser").new_tag(name)
    for child in list(tag.contents):
        wrapper.append(child.extract())
    return wrapper


def mend(soup: BeautifulSoup) -> None:
    """Put side by side what the parser nested because an end tag was left out.

    Raises:
        ValueError: more than ``DEEPEST`` elements stand within one another.
    """
    level: list[Any] = [soup]
    for _depth in range(DEEPEST):
        level = [child for tag in level for child in tag.children if isinstance(child, Tag)]
        if not level:
            break
    else:
        words = ngettext(
            "more than %(most)d element stands within one another: close their tags",
            "more than %(most)d elements stand within one another: close their tags",
            DEEPEST,
        )
        raise ValueError(words % {"most": DEEPEST})
    for name in ("li", "dt", "dd", "tr", "td", "th", "p"):
        for tag in soup.find_all(name):
            while tag.parent is not None and tag.parent.name == name:
                outer = tag.parent
                following = [tag, *list(tag.next_siblings)]
                for node in reversed(following):
                    outer.insert_after(node.extract())


def grid(rows: list[Tag]) -> tuple[list[list[Tag | None]], list[list[bool]]]:
    """Lay the cells of a table out in rows and columns, and say which are headings."""
    cells: dict[tuple[int, int], Tag | None] = {}
    heads: dict[tuple[int, int], bool] = {}
    for y, row in enumerate(rows):
        x = 0
        for cell in row.find_all(["td", "th"], recursive=False):
            while (y, x) in cells:
                x += 1
            wide = min(_span(cell, "colspan"), 50)
            high = min(_span(cell, "rowspan"), len(rows) - y)
            if len(cells) + wide * high > MOST_CELLS:
                wide = high = 1  # Spans that fill a table of this size are a mistake or an attack.
            for dy in range(high):
                for dx in range(wide):
                    cells[y + dy, x + dx] = cell if dx == dy == 0 else None
                    heads[y + dy, x + dx] = cell.name == "th"
            x += wide
    grid, signs = [], []
    for y in range(len(rows)):
        width = max((x + 1 for (row, x) in cells if row == y), default=0)
        if width:
            grid.append([cells.get((y, x)) for x in range(width)])
            signs.append([heads.get((y, x), False) for x in range(width)])
    return grid, signs


def _span(cell: Tag, name: str) -> int:
    value = str(cell.get(name) or "1")
    return max(int(value), 1) if value.isdigit() and len(value) < 5 else 1
