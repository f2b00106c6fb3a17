"""A guidebook as a PDF: title page, contents with page numbers, outline, chapters, a running foot, notes, pictures.

Made with fpdf2 and fonts that are embedded, so that it prints the same everywhere. Its language, the words of pictures
and the outline are in the file for screen readers; the parts of a page are not tagged, which fpdf2 cannot do: who needs
that takes the EPUB or the HTML file.
"""

from __future__ import annotations

import io

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override
from fpdf import FPDF
from fpdf.outline import OutlineSection
from fpdf.prefs import ViewerPreferences

from guidebooks.taking.blocks import Blocks
from guidebooks.taking.book import Book, Part
from guidebooks.taking.paper import BOTTOM, MARGIN, PAGE_HEIGHT, PAGE_WIDTH, TOP, WIDTH
from guidebooks.taking.typeset import ACCENT, SOFT, Piece, Setter, Style

MOST_WORDS = 100_000
"""The longest book that is set: about 300 pages, some 4 seconds of work, 13 in Arabic."""

WORDS_OF_A_PICTURE = 300  # a picture takes as long as so many words

FOOT = PAGE_HEIGHT - 15.0
PLAIN, SMALL = Style(), Style(size=8, face="sans", colour=SOFT)


class TooLong(Exception):
    """The book has more words than are set in the time a reader waits."""


def pdf_of(book: Book) -> bytes:
    """Write a book as PDF.

    Raises:
        TooLong: It has more than ``MOST_WORDS`` words.
    """
    length = book.words + WORDS_OF_A_PICTURE * len(book.pictures)
    if length > MOST_WORDS:
        raise TooLong(length)
    with override(book.language):
        return Document(book).written()


class Document(FPDF):
    """The pages of one book."""

    def __init__(self, book: Book) -> None:
        super().__init__(unit="mm", format="A4")
        self.book = book
        self.set_margins(MARGIN, TOP, MARGIN)
        self.set_auto_page_break(False)
        self.c_margin = 0
        self.setter = Setter(self, book.language, book.direction)
        self.blocks = Blocks(self, self.setter, book)
        self.set_title(book.title)
        self.set_author("INDEX")
        self.set_lang(book.language)
        self.set_producer("INDEX hub")
        self.viewer_preferences = ViewerPreferences(display_doc_title=True)
        self._on_new_page = False

    def written(self) -> bytes:
        """The whole file."""
        self.add_page()
        self._title_page()
        entries = self.book.chapters
        if entries:
            self.add_page()
            self.insert_toc_placeholder(self._contents, pages=self._pages_of_contents(entries))
            self._on_new_page = True  # the room for the contents ends with a turn of the page
        for part in self.book.parts:
            self._part(part)
        out = io.BytesIO()
        self.output(out)
        return out.getvalue()

    def footer(self) -> None:
        """Title and edition at the start, page at the end; below them who may read it, licence and date."""
        if self.page == 1:
            return
        book, setter, width = self.book, self.setter, WIDTH
        shaping, self.text_shaping = self.text_shaping, None
        name = f"{book.title} · {book.edition}" if book.edition else book.title
        first = setter.lines([Piece(name, SMALL)], width - 20)[0]
        setter.draw(first, MARGIN, width, FOOT)
        setter.draw(setter.lines([Piece(str(self.page_no()), SMALL)], 20)[0], MARGIN, width, FOOT, align="end")
        under = " · ".join(word for word in (book.readers, book.licence, date_format(book.made_on)) if word)
        setter.draw(setter.lines([Piece(under, SMALL)], width)[0], MARGIN, width, FOOT + 4)
        self.text_shaping = shaping

    # Pages of their own --------------------------------------------------------------------------

    def _title_page(self) -> None:
        book, blocks = self.book, self.blocks
        self.set_fill_color(*ACCENT)
        edge = PAGE_WIDTH - 8 if self.setter.from_right else 0
        self.rect(edge, 0, 8, PAGE_HEIGHT, style="F")
        blocks.y = 70
        blocks.place("cover")
        blocks.paragraph([Piece("INDEX", Style(11, "sans", bold=True, colour=ACCENT))], after=6)
        blocks.paragraph([Piece(book.title, Style(28, "serif", bold=True))], after=8)
        if book.summary:
            blocks.paragraph([Piece(book.summary, Style(13, italic=not self.setter.from_right))], after=8)
        blocks.y = max(blocks.y, 200)
        link = Style(9.5, "sans", colour=ACCENT, link=book.licence_url)
        about = [
            [Piece(book.edition, Style(9.5, "sans", bold=True))] if book.edition else [],
            [Piece(_("This copy was made on %(date)s.") % {"date": date_format(book.made_on)}, Style(9.5, "sans"))],
            [Piece(book.readers, Style(9.5, "sans", bold=True))] if book.readers else [],
            [Piece(book.licence, link if book.licence_url else Style(9.5, "sans"))],
            [Piece(_("INDEX, the International Network for Disengagement and Exit"), Style(9.5, "sans"))],
            [Piece(book.address, Style(9.5, "sans", colour=ACCENT, link=book.address))],
        ]
        for pieces in filter(None, about):
            blocks.paragraph(pieces, after=1.2)

    def _pages_of_contents(self, entries: list[Part]) -> int:
        """How many pages the contents take: the same lines as ``_contents`` draws, counted."""
        pages, y = 1, TOP + 16
        for part in entries:
            for _line in self.setter.lines([Piece(part.heading, self._entry(part))], self._entry_width(part)):
                y += 6.2
                if y > PAGE_HEIGHT - BOTTOM:
                    pages, y = pages + 1, TOP + 6.2
        return pages

    def _contents(self, _pdf: FPDF, outline: list[OutlineSection]) -> None:
        pages = {section.name: section for section in outline}
        setter, y = self.setter, TOP + 16
        width = WIDTH
        setter.draw(setter.lines([Piece(_("Contents"), Style(20, bold=True))], width)[0], MARGIN, width, TOP + 7)
        for part in self.book.chapters:
            room = self._entry_width(part)
            start = MARGIN if setter.from_right else MARGIN + width - 14 - room
            target = self.blocks.links[part.id]
            style = self._entry(part, target)
            lines = setter.lines([Piece(part.heading, style)], room)
            number = str(pages[part.heading].page_number if part.heading in pages else "")
            for place, line in enumerate(lines):
                y += 6.2
                if y > PAGE_HEIGHT - BOTTOM:
                    self._turn()
                    y = TOP + 6.2
                setter.draw(line, start + (14 if setter.from_right else 0), room, y)
                if place == len(lines) - 1:
                    page = setter.lines([Piece(number, Style(10, "sans", colour=SOFT, link=target))], 14)[0]
                    setter.draw(page, MARGIN, width, y, align="end")

    def _entry(self, part: Part, target: int = 0) -> Style:
        return Style(10.5 if part.depth == 1 else 9.5, bold=part.depth == 1, link=target or "")

    def _entry_width(self, part: Part) -> float:
        return WIDTH - 14 - 6 * (part.depth - 1)

    def _turn(self) -> None:
        """Go to the next page, which is there already while the contents are drawn."""
        self._perform_page_break()

    # Chapters ------------------------------------------------------------------------------------

    def _part(self, part: Part) -> None:
        blocks = self.blocks
        if self._on_new_page:
            self._on_new_page = False
            blocks.y = TOP
        elif part.depth < 2 or blocks.y > PAGE_HEIGHT - BOTTOM - 60:
            self.add_page()
            blocks.y = TOP
        else:
            blocks.y += 10
        self.set_y(max(blocks.y - 6, TOP))
        self.start_section(part.heading, level=max(part.depth - 1, 0), strict=False)
        blocks.place(part.id)
        large = Style(20 if part.depth < 2 else 16, bold=True)
        if part.number:
            blocks.paragraph([Piece(part.number, Style(10, "sans", bold=True, colour=ACCENT))], after=1, keep=30)
        blocks.paragraph([Piece(part.title, large)], after=4, keep=20)
        if part.readers:
            blocks.paragraph([Piece(part.readers, Style(8.5, "sans", colour=SOFT))], after=3)
        if part.summary:
            blocks.paragraph([Piece(part.summary, Style(12, italic=not self.setter.from_right, colour=SOFT))], after=5)
        blocks.children(part.tree)
