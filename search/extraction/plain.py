"""Text of files that are text: in parts, or by the headings of Markdown."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from charset_normalizer import from_bytes

from search.extraction import Pages, Parts, Unreadable, cut

MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
GUESSED = ["cp1252", "cp1256", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "mac_roman"]
"""Ways of writing that are guessed where there is no mark and it is not UTF-8: those of Europe and the Arabic world."""
for known in (*GUESSED, "utf-8-sig", "utf-16", "utf-32"):
    codecs.lookup(known)  # nothing can be loaded once the process is closed
SAMPLE = 100_000
"""Bytes that are enough to guess in which way letters are written."""
# Beginnings of pictures, programs, archives and PDF files: text they are not, whatever their name says.
NO_TEXT = (
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"PK\x03\x04",
    b"%PDF-",
    b"GIF8",
    b"MZ",
    b"\x7fELF",
    b"\xd0\xcf\x11\xe0",
    b"\x1f\x8b",
)

HEADING = re.compile(r" {0,3}#{1,6}\s+(.+?)\s*#*\s*$")
FENCE = re.compile(r" {0,3}(```|~~~)")
FRONT = re.compile(r"\A---\s*\n.*?\n(?:---|\.\.\.)\s*\n", re.S)
LINK = re.compile(r"!?\[([^\]\n]*)\]\([^)\n]*\)")
SIGNS = re.compile(r"[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}|^\s{0,3}(?:[-*+>]|\d{1,3}[.)])\s+|^\s*\|?[-:| ]{3,}\|?\s*$")


def decoded(data: bytes) -> str:
    """The letters of a text file, however they are written."""
    if data.startswith(NO_TEXT):
        raise Unreadable("wrong-type")
    for mark, name in MARKS:
        if data.startswith(mark):
            return data.decode(name, "replace")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        guess = from_bytes(data[:SAMPLE], cp_isolation=GUESSED).best()
        if guess is None:
            raise Unreadable("wrong-type") from None
        text = data.decode(guess.encoding, "replace")
    if "\x00" in text:
        raise Unreadable("wrong-type")
    return text


def txt(data: bytes, pages: Pages) -> Parts:
    """A plain text in parts."""
    yield from cut(iter([("", decoded(data).splitlines())]))


csv = txt


def md(data: bytes, pages: Pages) -> Parts:
    """The sections of a Markdown text, without its signs."""
    yield from cut(markdown_sections(FRONT.sub("", decoded(data), count=1)))


def markdown_sections(text: str) -> Iterator[tuple[str, list[str]]]:
    """Lines gathered under their headings; in code a number sign heads nothing."""
    heading, gathered, in_code = "", [], False
    for line in text.splitlines():
        if FENCE.match(line):
            in_code = not in_code
            continue
        found = None if in_code else HEADING.match(line)
        if found:
            if heading or gathered:
                yield heading, gathered
            heading, gathered = plain(found[1]), []
        else:
            gathered.append(line if in_code else plain(line))
    if heading or gathered:
        yield heading, gathered


def plain(line: str) -> str:
    """A line without the signs of Markdown."""
    return SIGNS.sub("", LINK.sub(r"\1", line))
