"""The cover of an EPUB, drawn from the title, so that no one needs a photograph."""

from __future__ import annotations

import io

import pypdfium2
from fpdf import FPDF

from guidebooks.taking.book import Book
from guidebooks.taking.typeset import MM, Piece, Setter, Style

WIDTH, HEIGHT = 150.0, 225.0  # millimetres; 2:3, as book shops ask for
MARGIN = 16.0
DOTS = 1200  # across
PAPER = (252, 250, 246)
GROUNDS = {
    "exit-work": (15, 84, 92),
    "families-and-communities": (102, 62, 92),
    "prison-and-probation": (64, 72, 92),
    "online-work": (36, 78, 118),
    "health-and-trauma": (122, 62, 50),
    "reintegration": (58, 88, 58),
    "working-safely": (110, 76, 24),
    "looking-after-oneself": (30, 92, 84),
    "learning-and-evidence": (74, 66, 120),
}


def cover_of(book: Book) -> bytes:
    """A PNG of 1,200 by 1,800 dots with the title on the colour of the book's topic."""
    pdf = FPDF(unit="mm", format=(WIDTH, HEIGHT))
    pdf.set_auto_page_break(False)
    setter = Setter(pdf, book.language, book.direction)
    pdf.add_page()
    pdf.set_fill_color(*GROUNDS.get(book.topic, GROUNDS["exit-work"]))
    pdf.rect(0, 0, WIDTH, HEIGHT, style="F")
    size = 30.0 if len(book.title) < 60 else 22.0
    title = setter.lines([Piece(book.title, Style(size, bold=True, colour=PAPER))], WIDTH - 2 * MARGIN)
    y = 60.0
    for line in title[:9]:
        setter.draw(line, MARGIN, WIDTH - 2 * MARGIN, y)
        y += size * MM * 1.25
    for words, place in (("INDEX", 28.0), (book.edition, HEIGHT - 24.0)):
        if words:
            style = Style(13, "sans", bold=words == "INDEX", colour=PAPER)
            setter.draw(setter.lines([Piece(words, style)], WIDTH)[0], MARGIN, WIDTH - 2 * MARGIN, place)
    pdf.set_draw_color(*PAPER)
    pdf.set_line_width(0.5)
    pdf.line(MARGIN, HEIGHT - 34, WIDTH - MARGIN, HEIGHT - 34)
    with pypdfium2.PdfDocument(bytes(pdf.output())) as document:
        image = document[0].render(scale=DOTS / (WIDTH / MM)).to_pil()
    out = io.BytesIO()
    image.convert("P", palette=1, colors=32).save(out, "PNG", optimize=True)
    return out.getvalue()
