"""A PDF with text as a manuscript: as much of a book as it still is."""

from __future__ import annotations

from pathlib import Path

from guidebooks.manuscript import Picture, Source
from guidebooks.word.manuscript import WordFile, laid_out


class PdfFile(WordFile):
    """A PDF, read and laid out. See ``guidebooks.manuscript.Manuscript``.

    What was read has the form of a Word file's text; only pictures are not taken.
    """

    module = "guidebooks.pdf_reading"

    def picture(self, source: Source, src: str) -> Picture | None:
        """None: a PDF does not say what its pictures are."""
        return None


def read_pdf(path: Path, language: str, title: str = "", *, name: str = "") -> PdfFile:
    """Read a PDF. What is wrong with it is in ``problems``; nothing is raised for it.

    The arguments are those of ``guidebooks.word.manuscript.read_word``.
    """
    return laid_out(PdfFile, path, language, title, name)
