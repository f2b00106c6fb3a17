"""The words of a file, page by page or section by section: what runs alone, in a process with limits.

``python -m search.extraction ENDING`` reads a file from standard input and writes one JSON object a line to standard
output, a file of its caller's: ``{"number": 7, "label": "", "text": "…"}`` for each part in order, then one line such
as ``{"state": "read", "pages": 12}``. It knows no Django and starts in a tenth of a second. What it reads comes from
outside and may be made to harm: see ``limits``. ``search.extracting`` calls it and believes nothing it says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

MB = 1024 * 1024

MEMORY = 1024 * MB
"""Bytes of address space."""
SECONDS = 60
"""Of CPU. A page of a PDF takes about 2 ms, a page in Arabic about 15."""
PATIENCE = 180
"""Seconds by the clock; more than of CPU, because the machine has other work."""
MOST_PAGES = 2_000
"""Pages or slides that are read; the parts of other kinds of files are as many at most."""
MOST_CHARACTERS = 8_000_000
"""Of text in one file: about 2,000 full pages."""
MOST_OUTPUT = 64 * MB
"""Bytes on standard output. Eight million characters are at most 48 MB when written as JSON."""
MOST_ENTRIES = 5_000
"""Entries of an office file, which is a zip."""
MOST_UNPACKED = 100 * MB
"""Bytes of one part of an office file when unpacked; what is read of a file is two parts, or a part for each slide."""
MOST_RATIO = 150
"""Unpacked to packed, of parts above a megabyte; honest ones stay below 50."""
LONG = 4_000
"""Characters after which a section without pages is cut at the end of a paragraph, so that a passage can be found."""


class Unreadable(Exception):
    """The file gives no text; the message is a state such as ``damaged``."""


class Enough(Exception):
    """A limit of pages or text is reached; what was read until then counts."""


@dataclass(frozen=True)
class Read:
    """One page, slide or section.

    Args:
        number: The page or slide as its program counts, from 1; of sections, the place in the file.
        label: Heading of the section; empty for pages and what has none.
    """

    number: int
    text: str
    label: str = ""


@dataclass
class Pages:
    """How many pages or slides the file has; None where it has none of its own."""

    count: int | None = None


Parts = Iterator[Read]


def cut(sections: Iterator[tuple[str, list[str]]]) -> Parts:
    """Number sections of (heading, paragraphs), the long ones in pieces; empty ones are left out."""
    number = 0
    for heading, paragraphs in sections:
        piece: list[str] = []
        size = 0
        for paragraph in [line for whole in paragraphs for line in lines_of(whole)]:
            if size and size + len(paragraph) > LONG:
                number += 1
                yield Read(number, "\n".join(piece), heading)
                piece, size = [], 0
            piece.append(paragraph)
            size += len(paragraph)
        if piece or heading:
            number += 1
            yield Read(number, "\n".join(piece), heading)


def lines_of(paragraph: str) -> Iterator[str]:
    """A paragraph as it is, an endless one in pieces of bearable length; nothing of an empty one."""
    paragraph = paragraph.strip()
    while len(paragraph) > LONG:
        end = paragraph.rfind(" ", LONG // 2, LONG) + 1 or LONG
        yield paragraph[:end].rstrip()
        paragraph = paragraph[end:].lstrip()
    if paragraph:
        yield paragraph
