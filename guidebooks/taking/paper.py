"""What everything on the pages of a PDF shares: measures, which elements stand in a line, pictures it can draw."""

from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO
from xml.etree.ElementTree import ParseError

from fpdf.svg import SVGObject
from PIL import Image, UnidentifiedImageError

from guidebooks.taking.typeset import Piece

PAGE_WIDTH, PAGE_HEIGHT = 210.0, 297.0  # millimetres
MARGIN, TOP, BOTTOM = 30.0, 24.0, 26.0
WIDTH = PAGE_WIDTH - 2 * MARGIN  # of a line of text
LEADING = 1.42  # of the letters' size
SPACE = re.compile(r"\s+")
INLINE = {
    *("a", "b", "strong", "i", "em", "code", "sup", "sub", "span", "br", "s", "del", "small", "mark", "abbr"),
    *("label", "input", "cite", "q", "u", "kbd", "time"),
}
EDGE = (196, 190, 180)
WRITING_LINE = 9.0  # millimetres between lines to write on


def trimmed(pieces: list[Piece]) -> list[Piece]:
    """Without spaces at the start and the end, and without two in a row."""
    kept: list[Piece] = []
    for piece in pieces:
        text = piece.text
        if (not kept or kept[-1].text.endswith((" ", "\n"))) and "\u00a0" not in text:
            text = text.lstrip(" ")
        if text:
            kept.append(replace(piece, text=text))
    if kept and not kept[-1].text.endswith("\u00a0"):
        kept[-1] = replace(kept[-1], text=kept[-1].text.rstrip(" \n"))
    return [piece for piece in kept if piece.text]


def readable(data: bytes, content_type: str) -> tuple[BytesIO | None, tuple[int, int]]:
    """A picture as fpdf2 can draw it, and its size in dots; none where it cannot be read."""
    if content_type == "image/svg+xml":
        try:
            drawing = SVGObject(data)
        except (ValueError, KeyError, TypeError, AttributeError, NotImplementedError, ParseError):
            return None, (0, 0)
        box = drawing.viewbox or (0, 0, drawing.width or 0, drawing.height or 0)
        return (BytesIO(data), (int(box[2]) or 1, int(box[3]) or 1)) if box[2] and box[3] else (None, (0, 0))
    try:
        with Image.open(BytesIO(data)) as image:
            size = image.size
            if image.mode not in ("RGB", "L", "RGBA", "LA", "P"):
                out = BytesIO()
                image.convert("RGB").save(out, "PNG")
                data = out.getvalue()
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        return None, (0, 0)
    return BytesIO(data), size
