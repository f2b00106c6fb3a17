"""The tables of a Word file, laid out in plain rows and columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from guidebooks.word.desk import Desk
from guidebooks.word.package import W
from guidebooks.word.runs import LineReader
from guidebooks.word.styles import number, value

REPEATED = 60
"""Characters up to which the words of a merged cell are said again in each of its places."""
MOST_CELLS = 20_000
"""Of one table; a span that makes it larger is a mistake or an attack."""
THROUGH = {W + "sdt", W + "sdtContent", W + "ins", W + "customXml", W + "smartTag", W + "moveTo"}

ReadCell = Callable[[Any, LineReader, list[str]], str]
"""Gives the HTML of a cell, and adds the names in it that links lead to."""


@dataclass
class Cell:
    """A cell: where it begins, how far it goes, what it holds."""

    x: int
    wide: int
    element: Any
    html: str = ""
    goes_on: bool = False
    """It is the continuation of the cell above; Word shows nothing of what else it may hold."""
    merged: bool = False


@dataclass
class Row:
    cells: list[Cell] = field(default_factory=list)
    is_head: bool = False


def table_html(desk: Desk, read_cell: ReadCell, table: Any, story: LineReader) -> tuple[str, list[str]]:
    """The rows of a table as HTML without spans, and the names in it that links lead to.

    Every cell of a table here has its own place: of a merged one, short words are said in each of its places,
    long ones, and what must not be there twice, in the first.
    """
    anchors: list[str] = []
    rows = list(_rows(table))
    for row in rows:
        for cell in row.cells:
            cell.html = "" if cell.goes_on else read_cell(cell.element, story, anchors)
    if not any(row.cells for row in rows):
        desk.lose("tables", "empty-table")
        return "", anchors
    width = max((cell.x + cell.wide for row in rows for cell in row.cells), default=0)
    if width * len(rows) > MOST_CELLS:
        width = max(sum(not cell.goes_on for cell in row.cells) for row in rows)
    grid = _grid(rows, width)
    if merged := sum(cell.merged for row in rows for cell in row.cells):
        desk.remark("merged", count=merged)
    heads = _head_rows(desk, table, rows)
    named = _has_row_names(desk, table)
    return _html(desk, grid, heads, named), anchors


def _rows(table: Any) -> Iterator[Row]:
    is_first = True
    for element in _inside(table, W + "tr"):
        properties = element.find(W + "trPr")
        if properties is not None and properties.find(W + "del") is not None:
            continue
        row = Row(is_head=_is_on(properties, "tblHeader"))
        x = (number(properties.find(W + "gridBefore")) or 0) if properties is not None else 0
        for cell in _inside(element, W + "tc"):
            own = cell.find(W + "tcPr")
            if own is not None and own.find(W + "cellDel") is not None:
                continue
            wide = (number(own.find(W + "gridSpan")) or 1) if own is not None else 1
            wide = min(max(wide, 1), 200)
            merge = own.find(W + "vMerge") if own is not None else None
            goes_on = merge is not None and value(merge) in {"", "continue"} and not is_first
            beside = own.find(W + "hMerge") if own is not None else None
            if beside is not None and value(beside) in {"", "continue"} and row.cells:
                row.cells[-1].wide += wide
                row.cells[-1].merged = True
            else:
                is_merged = (wide > 1 or merge is not None) and not goes_on
                row.cells.append(Cell(x, wide, cell, goes_on=goes_on, merged=is_merged))
            x += wide
        is_first = False
        yield row


def _inside(element: Any, tag: str) -> Iterator[Any]:
    for child in element:
        if child.tag == tag:
            yield child
        elif child.tag in THROUGH:
            yield from _inside(child, tag)


def _is_on(properties: Any, name: str) -> bool:
    mark = properties.find(W + name) if properties is not None else None
    return mark is not None and mark.get(W + "val", "1") not in {"0", "false", "off"}


def _grid(rows: list[Row], width: int) -> list[list[str]]:
    """The HTML of each place."""
    grid: list[list[str]] = []
    above: dict[int, str] = {}
    for row in rows:
        line = [""] * width
        begun: dict[int, str] = {}
        for cell in row.cells:
            begun[cell.x] = above.get(cell.x, "") if cell.goes_on else cell.html
            for place in range(cell.x, min(cell.x + cell.wide, width)):
                is_first = place == cell.x and not cell.goes_on
                line[place] = cell.html if is_first else _again(begun[cell.x])
        above = begun
        grid.append(line)
    return grid


def _again(html: str) -> str:
    """The HTML of a merged cell for its other places."""
    words = unescape(re.sub(r"<[^>]+>", "", html))
    return html if len(words) <= REPEATED and not re.search(r"<(?:a|img|table|ul|ol)\b|\[\^", html) else ""


def _head_rows(desk: Desk, table: Any, rows: list[Row]) -> int:
    """How many rows name the columns."""
    if len(rows) < 2:
        return 0
    marked = 0
    while marked < len(rows) - 1 and rows[marked].is_head:
        marked += 1
    if marked:
        return marked
    style = value(table.find(f"{W}tblPr/{W}tblStyle"))
    if _looks(table, "firstRow", 0x20) and desk.styles.has_condition(style, "firstRow"):
        return 1
    # Many set the first row apart by hand.
    written = [cell.html for cell in rows[0].cells if cell.html]
    below = [cell.html for cell in rows[1].cells if cell.html]
    bold = [_all_bold(html) for html in written]
    return int(bool(bold) and all(bold) and len(bold) == len(rows[0].cells) and not all(map(_all_bold, below)))


def _has_row_names(desk: Desk, table: Any) -> bool:
    style = value(table.find(f"{W}tblPr/{W}tblStyle"))
    return _looks(table, "firstColumn", 0x80) and desk.styles.has_condition(style, "firstCol")


def _looks(table: Any, name: str, bit: int) -> bool:
    look = table.find(f"{W}tblPr/{W}tblLook")
    if look is None:
        return False
    if look.get(W + name) is not None:
        return look.get(W + name) in {"1", "true", "on"}
    given = look.get(W + "val", "")
    return bool(re.fullmatch(r"[0-9A-Fa-f]{1,8}", given)) and bool(int(given, 16) & bit)


def _all_bold(html: str) -> bool:
    outside = re.sub(r"<b>.*?</b>", "", html)
    return bool(html) and not re.sub(r"<[^>]+>", "", outside).strip()


def _html(desk: Desk, grid: list[list[str]], heads: int, named: bool) -> str:
    if heads > 1:
        desk.remark("head-rows", count=heads)
        grid = [[_joined([row[x] for row in grid[:heads]]) for x in range(len(grid[0]))], *grid[heads:]]
        heads = 1
    lines = []
    for y, row in enumerate(grid):
        tags = ["th" if y < heads or (named and x == 0) else "td" for x in range(len(row))]
        cells = [
            f"<{tag}>{_plain_head(html) if y < heads else html}</{tag}>" for tag, html in zip(tags, row, strict=True)
        ]
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return "".join(lines)


def _joined(cells: list[str]) -> str:
    """The words of several rows of one head, each once."""
    return " – ".join(dict.fromkeys(_plain_head(cell) for cell in cells if cell))


def _plain_head(html: str) -> str:
    """A name of a column needs no paragraph; two of them are parted by a space."""
    return re.sub(r"</p>\s*<p>", " ", html).removeprefix("<p>").removesuffix("</p>")
