"""Text of PDF files by page, with PDFium."""

from __future__ import annotations

import codecs
import ctypes
import re
from itertools import groupby

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from search.extraction import MOST_PAGES, Enough, Pages, Parts, Read, Unreadable

codecs.lookup("utf-16-le")  # how PDFium writes: nothing can be loaded once the process is closed

RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
# PDFium marks a hyphen that parts a word at the end of a line, which some fonts name as they like.
PARTED = re.compile("[\ufffe\x02][ \t]*(?:\r\n|\r|\n)?|\xad[ \t]*(?:\r\n|\r|\n)?")


def pdf(data: bytes, pages: Pages) -> Parts:
    """The pages of a PDF, also those without text."""
    if b"%PDF-" not in data[:1024]:
        raise Unreadable("wrong-type")
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        locked = getattr(error, "err_code", None) in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY)
        raise Unreadable("encrypted" if locked else "damaged") from error
    pages.count = len(document)
    damaged = 0
    for number in range(1, min(pages.count, MOST_PAGES) + 1):
        try:
            page = document[number - 1]
            words = page.get_textpage()
        except pdfium.PdfiumError:
            damaged += 1
            continue
        text = words.get_text_bounded()
        if RIGHT_TO_LEFT.search(text):
            text = in_reading_order(words)
        yield Read(number, PARTED.sub("", text))
        words.close()
        page.close()
    if damaged and damaged == min(pages.count, MOST_PAGES):
        raise Unreadable("damaged")
    if damaged or pages.count > MOST_PAGES:
        raise Enough


def in_reading_order(words: pdfium.PdfTextPage) -> str:
    """The text of a page with the letters of each word that is written from the right in their order.

    PDFium gives the letters of such words as they lie, from the left, whenever the program that made the file drew
    them so. Where each one lies tells their order; a sign that stands for several letters is put right by its letters.
    """
    x, y = ctypes.c_double(), ctypes.c_double()
    written: list[str] = []
    word: list[tuple[str, float]] = []
    for place in range(words.count_chars() + 1):
        letter = chr(raw.FPDFText_GetUnicode(words, place) or 0) if place < words.count_chars() else ""
        if RIGHT_TO_LEFT.match(letter):
            raw.FPDFText_GetCharOrigin(words, place, x, y)
            word.append((letter, round(x.value, 1)))
            continue
        word.sort(key=lambda drawn: -drawn[1])
        for _x, drawn in groupby(word, key=lambda drawn: drawn[1]):
            sign = "".join(each for each, _ in drawn)
            # Lam and alef, and the name of God, are one sign; no other begins so.
            turned = len(sign) > 1 and ((sign[0] in "اأإآ" and "ل" in sign) or sign[0] == "ه")
            written.append(sign[::-1] if turned else sign)
        word.clear()
        written.append(letter)
    return "".join(written)
