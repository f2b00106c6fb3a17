"""Makes the demo's PDF and Word files from the plain texts in ``sheets``.

Run ``python demo/files/make.py``. The texts use a small part of Markdown:
``# title``, ``## heading``, ``- point``, ``[] box to tick``, ``1. step``,
``| table | row |``, ``___`` (two lines to write on), ``===`` (new page).
A sheet ``name.pdf.md`` becomes ``name.pdf``, ``name.docx.md`` becomes ``name.docx``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx import Document
from docx.document import Document as DocxDocument
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_BREAK
from fpdf import FPDF
from fpdf.enums import XPos, YPos

HERE = Path(__file__).parent
MADE = datetime(2026, 1, 15, 12, tzinfo=UTC)  # fixed, so that the same text gives the same file
INK, ACCENT, FAINT = (30, 30, 34), (14, 84, 92), (150, 150, 150)

Part = tuple[str, str | list[list[str]]]


def parts(text: str) -> Iterator[Part]:
    """The sheet as (kind, content): title, heading, point, box, step, table, write, page or text."""
    rows: list[list[str]] = []
    for line in [*text.splitlines(), ""]:
        if line.startswith("|---"):
            continue
        if line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip("|").split("|")])
            continue
        if rows:
            yield "table", rows
            rows = []
        for kind, mark in [("title", "# "), ("heading", "## "), ("point", "- "), ("box", "[] ")]:
            if line.startswith(mark):
                yield kind, line.removeprefix(mark)
                break
        else:
            if line == "___":
                yield "write", ""
            elif line == "===":
                yield "page", ""
            elif re.match(r"\d+\. ", line):
                yield "step", line
            elif line:
                yield "text", line


class Sheet(FPDF):
    """An A4 sheet with the name of the sheet and the page at the foot."""

    name = ""

    def footer(self) -> None:
        self.set_y(-16)
        self.set_font("Helvetica", size=8)
        self.set_text_color(*FAINT)
        self.cell(0, 5, f"INDEX hub - {self.name} - example sheet - page {self.page_no()} of {{nb}}")

    def say(self, text: str, size: float = 11, style: str = "", indent: float = 0, after: float = 2) -> None:
        self.set_font("Helvetica", style, size)
        self.set_x(self.l_margin + indent)
        self.multi_cell(0, size * 0.5, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")
        self.ln(after)

    def box(self, text: str) -> None:
        if self.get_y() > self.page_break_trigger - 12:
            self.add_page()
        self.rect(self.l_margin + 1, self.get_y() + 0.8, 3.8, 3.8)
        self.say(text, indent=8)

    def lines_to_write_on(self) -> None:
        for _ in range(2):
            self.ln(9)
            self.line(self.l_margin, self.get_y(), self.w - self.r_margin, self.get_y())
        self.ln(4)

    def grid(self, rows: list[list[str]]) -> None:
        self.set_font("Helvetica", size=10)
        widths = [max(14, min(40, max(map(len, column)))) for column in zip(*rows, strict=True)]
        with self.table(line_height=5.5, padding=1.2, text_align="LEFT", width=self.epw, col_widths=widths) as table:
            for cells in rows:
                row = table.row(min_height=9)
                for cell in cells:
                    row.cell(cell)
        self.ln(4)


def make_pdf(text: str, target: Path) -> None:
    sheet = Sheet(format="A4")
    sheet.set_margins(22, 20, 22)
    sheet.set_auto_page_break(True, margin=22)
    sheet.set_creation_date(MADE)
    sheet.set_lang("en")
    sheet.set_draw_color(*FAINT)
    for kind, content in parts(text):
        sheet.set_text_color(*INK)
        match kind, content:
            case "title", str():
                if not sheet.name:
                    sheet.name = content
                    sheet.set_title(content)
                    sheet.add_page()
                sheet.set_text_color(*ACCENT)
                sheet.say(content, 20, "B", after=4)
            case "heading", str():
                sheet.ln(2)
                sheet.set_text_color(*ACCENT)
                sheet.say(content, 13, "B")
            case "table", list():
                sheet.grid(content)
            case "box", str():
                sheet.box(content)
            case "point", str():
                sheet.say(f"\xb7  {content}", indent=2, after=1)
            case "write", _:
                sheet.lines_to_write_on()
            case "page", _:
                sheet.add_page()
            case _, str():
                sheet.say(content)
    sheet.output(str(target))


def turn(document: DocxDocument) -> None:
    """Turns the sheet on its side, for a wide table."""
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    if section.page_width < section.page_height:
        section.page_width, section.page_height = section.page_height, section.page_width


def make_docx(text: str, target: Path) -> None:
    document = Document()
    document.core_properties.author = ""
    document.core_properties.created = document.core_properties.modified = MADE.replace(tzinfo=None)
    for kind, content in parts(text):
        match kind, content:
            case "title", str():
                document.core_properties.title = content
                document.add_heading(content, 0)
            case "heading", str():
                document.add_heading(content, 1)
            case "table", list():
                if len(content[0]) > 8:
                    turn(document)
                table = document.add_table(rows=0, cols=len(content[0]), style="Table Grid")
                for cells in content:
                    for cell, words in zip(table.add_row().cells, cells, strict=True):
                        cell.text = words
                document.add_paragraph()
            case "box", str():
                document.add_paragraph(f"\u2610 {content}")
            case "point", str():
                document.add_paragraph(content, style="List Bullet")
            case "write", _:
                document.add_paragraph("_" * 60)
            case "page", _:
                document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
            case _, str():
                document.add_paragraph(content)
    saved = BytesIO()
    document.save(saved)
    with ZipFile(saved) as found, ZipFile(target, "w", ZIP_DEFLATED) as kept:
        for entry in found.namelist():  # python-docx stamps the hour of saving on each entry
            kept.writestr(ZipInfo(entry, MADE.timetuple()[:6]), found.read(entry), ZIP_DEFLATED)


def main() -> None:
    for source in sorted((HERE / "sheets").glob("*.md")):
        target = HERE / source.stem
        make = make_pdf if target.suffix == ".pdf" else make_docx
        make(source.read_text(encoding="utf-8"), target)
        print(target.name, target.stat().st_size)


if __name__ == "__main__":
    main()
