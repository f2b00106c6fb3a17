"""What is drawn in a Word file: pictures, text boxes, charts, diagrams, and what is said of them in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from guidebooks.word.line import Picture
from guidebooks.word.package import W

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
V = "{urn:schemas-microsoft-com:vml}"
O = "{urn:schemas-microsoft-com:office:office}"  # noqa: E741 the letter the format gives it
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}chart"
DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}relIds"
DECORATIVE = "{http://schemas.microsoft.com/office/drawing/2017/decorative}decorative"

NOT_DRAWN = {W + "del", W + "moveFrom", W + "pPr", W + "rPr"}
# What Word writes itself where nobody said what a picture shows.
NOT_SAID = re.compile(
    r"(?i)^(?:[\w -]+\.(?:png|jpe?g|gif|bmp|tiff?|emf|wmf|svg|webp)|(?:picture|image|grafik|bild|graphic|shape) ?\d*"
    r"|[a-z]:\\.*|https?:\S+|file:\S*)$"
)
MACHINE_SAID = re.compile(
    r"(?i)\s*(?:description automatically generated(?: with \w+ confidence)?|"
    r"automatisch generierte beschreibung|ai-generated content may be incorrect\.?)\s*"
)


def picture_of(element: Any, name: str) -> Picture:
    """A picture with what the file says of it.

    Args:
        element: The drawing it stands in.
        name: Of its part; empty where it is not in the file.
    """
    words, decorative = said_of(element)
    return Picture(name or "no file", "" if NOT_SAID.match(words) else words[:2000], decorative)


def said_of(element: Any) -> tuple[str, bool]:
    """What is said of a drawing for people who cannot see it, and whether it is decoration."""
    properties = next(element.iter(WP + "docPr"), None)
    if properties is not None:
        mark = next(properties.iter(DECORATIVE), None)
        decorative = mark is not None and mark.get("val") in {"1", "true"}
        words = properties.get("descr") or properties.get("title") or ""
    else:
        shape = next((s for s in element.iter(V + "shape", V + "rect") if s.get("alt")), None)
        words, decorative = (shape.get("alt", "") if shape is not None else ""), False
    return " ".join(MACHINE_SAID.sub(" ", words).split()), decorative


def seen_in(element: Any) -> Iterator[Any]:
    """What is in a drawing, each thing once; what stands in its text boxes is theirs."""
    for child in element:
        if child.tag == MC + "AlternateContent":
            chosen = child.find(MC + "Choice")
            chosen = child.find(MC + "Fallback") if chosen is None else chosen
            yield from seen_in(chosen) if chosen is not None else ()
        elif child.tag not in NOT_DRAWN:
            yield child
            if child.tag != W + "txbxContent":
                yield from seen_in(child)
