"""A PDF with text becomes as much of a book as it still is; what it cannot tell is said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fpdf import FPDF
from fpdf.enums import AccessPermission

from core.imported import ImportProblem
from core.models import HubPage
from guidebooks.importing import import_manuscript
from guidebooks.opening import open_manuscript
from guidebooks.pdf import PdfFile, read_pdf
from guidebooks.targets import Targets
from tests.guidebooks.word_files import png

LONG = (
    "Who comes out of prison after many years finds a town in which the shops have other names and the friends have "
    "other friends. The first week decides little, and yet it is remembered for years by all who were in it. "
)


@pytest.fixture
def saved(tmp_path: Path) -> Callable[..., Path]:
    """Save a PDF, or bytes, as a file."""

    def save(made: FPDF | bytes, name: str = "guide.pdf") -> Path:
        path = tmp_path / name
        path.write_bytes(made if isinstance(made, bytes) else bytes(made.output()))
        return path

    return save


def sheet(*, head: str = "", outline: bool = False, pages: int = 2) -> FPDF:
    """A PDF of a title and chapters with a part each, one chapter a page."""

    class Sheet(FPDF):
        def header(self) -> None:
            if head:
                self.set_font("Helvetica", size=8)
                self.cell(0, 10, f"{head} {self.page_no()}", new_x="LMARGIN", new_y="NEXT")

    made = Sheet()
    for number in range(1, pages + 1):
        made.add_page()
        if outline:
            made.start_section(f"Chapter {number}", 0)
        made.set_font("Helvetica", size=11 if outline else 18)
        made.multi_cell(0, 10, f"Chapter {number}", new_x="LMARGIN", new_y="NEXT")
        made.set_font("Helvetica", size=11 if outline else 14)
        if not outline:
            made.multi_cell(0, 8, f"Part {number}", new_x="LMARGIN", new_y="NEXT")
        made.set_font("Helvetica", size=11)
        for _ in range(2):
            made.multi_cell(0, 5.5, LONG, new_x="LMARGIN", new_y="NEXT")
            made.ln(4)
    return made


def blocks_of(manuscript: PdfFile) -> dict[str, list[tuple[str, Any]]]:
    targets = Targets()
    for source in manuscript.sources:
        targets.add(source, manuscript.look(source))
    return {
        source.title: [
            (block["type"], block["value"])
            for block in manuscript.convert(source, targets, lambda _src, _alt: None).blocks
        ]
        for source in manuscript.sources
    }


def test_lines_in_larger_letters_are_headings_and_lines_are_joined(saved: Callable[..., Path]) -> None:
    chapters = blocks_of(read_pdf(saved(sheet()), "en"))
    assert list(chapters) == ["Guide", "Chapter 1", "Chapter 2"]
    (kind, heading), *paragraphs = chapters["Chapter 1"]
    assert (kind, heading["text"]) == ("heading", "Part 1")
    assert paragraphs == [("paragraph", f"<p>{LONG.strip()}</p>")] * 2


def test_the_outline_names_the_chapters_where_there_is_one(saved: Callable[..., Path]) -> None:
    chapters = blocks_of(read_pdf(saved(sheet(outline=True, pages=3)), "en", "By hand"))
    assert list(chapters) == ["By hand", "Chapter 1", "Chapter 2", "Chapter 3"]


def test_what_stands_at_the_head_of_most_pages_is_dropped(saved: Callable[..., Path]) -> None:
    chapters = blocks_of(read_pdf(saved(sheet(head="Confidential draft, page", pages=4)), "en"))
    assert len(chapters) == 5
    assert "Confidential" not in str(chapters)


def test_a_paragraph_goes_on_over_the_end_of_a_page_and_a_parted_word_is_whole(saved: Callable[..., Path]) -> None:
    made = FPDF()
    made.set_font("Helvetica", size=11)
    for lines in (
        ["Some words that go on and on until", "the very end of the first of both"],
        ["pages, and a par-", "ted word at the end of it all."],
    ):
        made.add_page()
        for line in lines:
            made.cell(0, 5.5, line, new_x="LMARGIN", new_y="NEXT")
    (only,) = blocks_of(read_pdf(saved(made), "en", "A book"))["A book"] or [None]
    assert only == (
        "paragraph",
        "<p>Some words that go on and on until the very end of the first of both pages, and a parted word at the end "
        "of it all.</p>",
    )


def test_points_and_numbers_become_lists(saved: Callable[..., Path]) -> None:
    made = FPDF()
    made.add_page()
    made.set_font("Helvetica", size=11)
    for line in (
        "Bring these things with you today:",
        "- a key",
        "- a ticket",
        "Then do this:",
        "1. Call.",
        "2. Wait.",
    ):
        made.cell(0, 5.5, line, new_x="LMARGIN", new_y="NEXT")
    values = [value for _kind, value in list(blocks_of(read_pdf(saved(made), "en")).values())[-1]]
    assert "<ul><li>a key</li><li>a ticket</li></ul>" in values
    assert "<ol><li>Call.</li><li>Wait.</li></ol>" in values


def test_pictures_and_addresses_that_are_left_out_are_counted_and_told(saved: Callable[..., Path]) -> None:
    made = sheet()
    made.image(png(), w=80)
    made.cell(0, 8, "our site", link="https://example.org/there")
    manuscript = read_pdf(saved(made), "en")
    targets = Targets()
    for source in manuscript.sources:
        targets.add(source, manuscript.look(source))
    last = manuscript.convert(manuscript.sources[-1], targets, lambda _src, _alt: None)
    assert (last.counts.lost["images"], last.counts.lost["links"]) == (1, 1)
    assert last.counts.agree
    assert any("https://example.org/there" in remark for remark in last.remarks)
    assert any("look through all of it" in remark for remark in manuscript.remarks)


def scan() -> FPDF:
    made = FPDF()
    made.add_page()
    made.image(png(), w=150)
    return made


def locked() -> FPDF:
    made = sheet()
    made.set_encryption("owner", "reader", permissions=AccessPermission.none())
    return made


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("make", "words"),
    [
        (scan, "a PDF without text: a scan?"),
        (locked, "a PDF with a password"),
        (lambda: b"%PDF-1.7 and then nothing", "a damaged PDF"),
    ],
    ids=["scan", "locked", "damaged"],
)
def test_a_pdf_that_cannot_be_read_is_refused_in_words(
    make: Callable[[], FPDF | bytes], words: str, section: Any, saved: Callable[..., Path]
) -> None:
    before = HubPage.objects.count()
    with (
        open_manuscript(saved(make()), "en") as manuscript,
        pytest.raises(ImportProblem, match=words.replace("?", r"\?")),
    ):
        import_manuscript(manuscript, section)
    assert HubPage.objects.count() == before


def test_a_pdf_becomes_a_draft(section: Any, saved: Callable[..., Path]) -> None:
    with open_manuscript(saved(sheet()), "en", "A sheet") as manuscript:
        report = import_manuscript(manuscript, section, publish=False)
    assert report.agrees
    assert report.guidebook is not None
    assert (report.guidebook.title, report.guidebook.live, report.created) == ("A sheet", False, 3)
