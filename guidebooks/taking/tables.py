"""Tables on the pages of a PDF."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lxml.html import HtmlElement

from guidebooks.taking.paper import EDGE, INLINE, LEADING, SPACE, WRITING_LINE, trimmed
from guidebooks.taking.typeset import MM, Piece, Run, Style

if TYPE_CHECKING:
    from guidebooks.taking.blocks import Blocks


def draw_table(blocks: Blocks, element: HtmlElement) -> None:
    """Draw a table; its head stands again on top of each page."""
    for caption in element.xpath("./caption"):
        blocks.paragraph(blocks.inline(caption, Style(9.5, "sans", bold=True)), after=1.5, keep=20)
    rows = element.xpath(".//tr")
    columns = max((len(row) for row in rows), default=0)
    if not columns:
        return
    size = 9.2 if columns < 5 else 8.0
    widths = _widths(blocks, rows, columns, size)
    heads = element.xpath("./thead/tr")
    for row in rows:
        _row(blocks, row, widths, size, heads if row not in heads else [])
    blocks.y += 4


def _widths(blocks: Blocks, rows: list[HtmlElement], columns: int, size: float) -> list[float]:
    """Columns by how much stands in them, none narrower than its longest word needs, where there is room."""
    wanted, least = [1.0] * columns, [1.0] * columns
    for row in rows:
        for place, cell in enumerate(row):
            text = cell.text_content().strip()
            wanted[place] = max(wanted[place], min(len(text), 120) ** 0.75)
            least[place] = max(least[place], *(len(word) for word in text.split() or [""]))
    letter = size * MM * 0.56
    least = [min(number * letter + 4, blocks.width / 2) for number in least]
    if sum(least) >= blocks.width:
        return [blocks.width * number / sum(least) for number in least]
    spare = blocks.width - sum(least)
    return [low + spare * want / sum(wanted) for low, want in zip(least, wanted, strict=True)]


def _row(blocks: Blocks, row: HtmlElement, widths: list[float], size: float, heads: list[HtmlElement]) -> None:
    cells = [_cell(blocks, cell, width - 4, size) for cell, width in zip(row, widths, strict=False)]
    tallest = max((len(lines) for lines in cells), default=0)
    line_height = size * MM * LEADING
    if blocks.y + min(tallest, 8) * line_height + 4 > blocks.bottom and blocks.y > blocks.top:
        blocks.turn()
        for head in heads:
            _row(blocks, head, widths, size, [])
    blocks.y += 1.6
    for number in range(tallest):
        if blocks.y + line_height > blocks.bottom:
            blocks.turn()
        blocks.y += line_height
        start = 0.0
        for lines, width in zip(cells, widths, strict=False):
            x = blocks.x + blocks.width - start - width if blocks.setter.from_right else blocks.x + start
            if number < len(lines):
                blocks.setter.draw(lines[number], x + 2, width - 4, blocks.y - line_height * 0.3)
            start += width
    blocks.y += 1.6 + (WRITING_LINE - line_height if row.get("data-lines") or row.xpath(".//input|.//textarea") else 0)
    blocks.document.set_draw_color(*EDGE)
    blocks.document.set_line_width(0.5 if row.getparent().tag == "thead" else 0.2)
    blocks.document.line(blocks.x, blocks.y, blocks.x + blocks.width, blocks.y)


def _cell(blocks: Blocks, cell: HtmlElement, width: float, size: float) -> list[list[Run]]:
    style = Style(size, "sans" if cell.tag == "th" else "serif", bold=cell.tag == "th")
    lines: list[list[Run]] = []
    for pieces in _cell_paragraphs(blocks, cell, style):
        lines += blocks.setter.lines(trimmed(pieces), width)
    return [line for line in lines if line] or [[]]


def _cell_paragraphs(blocks: Blocks, element: HtmlElement, style: Style, before: str = "") -> Iterator[list[Piece]]:
    loose = [Piece(before + SPACE.sub(" ", element.text or ""), style)]
    for number, child in enumerate(element, start=1):
        if child.tag in INLINE:
            loose += blocks.inline_child(child, style)
        else:
            yield loose
            mark = f"{number}. " if element.tag == "ol" else "• " if element.tag == "ul" else ""
            yield from _cell_paragraphs(blocks, child, style, mark)
            loose = []
        loose.append(Piece(SPACE.sub(" ", child.tail or ""), style))
    yield loose
