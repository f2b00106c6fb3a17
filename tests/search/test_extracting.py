"""Words out of files: every kind, and every file that is made to harm whoever reads it."""

from __future__ import annotations

import contextlib
import io
import signal
import subprocess
import sys
import time
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.enum.style import WD_STYLE_TYPE
from fpdf import FPDF
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search import extracting, extraction
from search.extracting import Extracted, Part, extract, language_of, without_running_lines, written_out

# The kinds ------------------------------------------------------------------------------------------


def read(data: bytes, ending: str) -> Extracted:
    """What extraction says of these bytes."""
    return extract(io.BytesIO(data), ending)


def texts(found: Extracted) -> list[tuple[int, str, str]]:
    """The parts in short."""
    return [(part.number, part.label, part.text) for part in found.parts]


def pdf(*pages: str, password: str = "") -> bytes:
    """A PDF with one text on each page."""
    made = FPDF()
    made.set_font("Helvetica", size=12)
    if password:
        made.set_encryption(owner_password="owner", user_password=password)
    for text in pages:
        made.add_page()
        made.multi_cell(0, 6, text)
    return bytes(made.output())


def packed(parts: dict[str, bytes | str], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of these parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


WORD_DOCUMENT = '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{}</w:body></w:document>'


def word_document(xml: str) -> bytes:
    """A Word file with this body."""
    return packed({"word/document.xml": WORD_DOCUMENT.format(xml)})


OPEN_TEXT = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/">'
    "<office:body><office:text>{}</office:text></office:body></office:document-content>"
)


def open_text(xml: str) -> bytes:
    """An OpenDocument text with this body."""
    return packed({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": OPEN_TEXT.format(xml)})


def slides(*texts_of_slides: str, notes: str = "") -> bytes:
    """A presentation: the slides lie in the file in another order than they are shown in."""
    main = "http://schemas.openxmlformats.org/presentationml/2006/main"
    drawing = "http://schemas.openxmlformats.org/drawingml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    related = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
    names = {number: f"slide{len(texts_of_slides) - number}.xml" for number in range(len(texts_of_slides))}
    one = f'<p:sld xmlns:p="{main}" xmlns:a="{drawing}"><a:p><a:r><a:t>{{}}</a:t></a:r></a:p></p:sld>'
    parts: dict[str, bytes | str] = {
        "ppt/presentation.xml": f'<p:presentation xmlns:p="{main}" xmlns:r="{office}"><p:sldIdLst>'
        + "".join(f'<p:sldId id="{256 + number}" r:id="rId{number}"/>' for number in names)
        + "</p:sldIdLst></p:presentation>",
        "ppt/_rels/presentation.xml.rels": related.format(
            "".join(
                f'<Relationship Id="rId{number}" Type="{office}/slide" Target="slides/{name}"/>'
                for number, name in names.items()
            )
        ),
    }
    for number, text in enumerate(texts_of_slides):
        parts[f"ppt/slides/{names[number]}"] = one.format(text)
    if notes:
        parts["ppt/notesSlides/notesSlide1.xml"] = one.format(notes)
        parts[f"ppt/slides/_rels/{names[0]}.rels"] = related.format(
            f'<Relationship Id="rId1" Type="{office}/notesSlide" Target="../notesSlides/notesSlide1.xml"/>'
            f'<Relationship Id="rId2" Type="{office}/hyperlink" Target="file:///etc/passwd" TargetMode="External"/>'
        )
    return packed(parts)


def test_a_pdf_is_read_page_by_page_and_empty_pages_keep_their_number():
    found = read(pdf("One", "", "Three"), "pdf")
    assert (found.state, found.pages) == ("read", 3)
    assert texts(found) == [(1, "", "One"), (3, "", "Three")]


def test_a_word_file_is_read_section_by_section_whatever_its_headings_are_called():
    document = docx.Document()
    document.add_paragraph("Before all headings.")
    document.add_heading("First", 1)
    document.add_paragraph("Under the first.")
    german = document.styles.add_style("Überschrift", WD_STYLE_TYPE.PARAGRAPH)
    german.element.get_or_add_pPr().append(
        german.element.makeelement(
            f"{{{german.element.nsmap['w']}}}outlineLvl", {f"{{{german.element.nsmap['w']}}}val": "0"}
        )
    )
    document.add_paragraph("Second", style=german)
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "left cell", "right cell"
    out = io.BytesIO()
    document.save(out)
    found = read(out.getvalue(), "docx")
    assert (found.state, found.pages) == ("read", None)
    assert texts(found) == [
        (1, "", "Before all headings."),
        (2, "First", "Under the first."),
        (3, "Second", "left cell\nright cell"),
    ]


def test_a_word_file_gives_what_is_read_and_not_what_was_deleted_or_counts_twice():
    found = read(
        word_document(
            "<w:p><w:r><w:t>kept</w:t><w:tab/><w:t>apart</w:t></w:r><w:del><w:r><w:delText>deleted</w:delText></w:r></w:del>"
            "<w:r><w:instrText>PAGEREF</w:instrText></w:r></w:p>"
            '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
            "<mc:Choice><w:p><w:r><w:t>box</w:t></w:r></w:p></mc:Choice>"
            "<mc:Fallback><w:p><w:r><w:t>box</w:t></w:r></w:p></mc:Fallback></mc:AlternateContent>"
        ),
        "docx",
    )
    assert texts(found) == [(1, "", "kept apart\nbox")]


def test_the_notes_of_a_word_file_are_found_too():
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    parts = {
        "word/document.xml": f"<w:document {space}><w:p><w:r><w:t>text</w:t></w:r></w:p></w:document>",
        "word/footnotes.xml": f"<w:footnotes {space}><w:p><w:r><w:t>note</w:t></w:r></w:p></w:footnotes>",
    }
    assert texts(read(packed(parts), "docx")) == [(1, "", "text"), (2, "", "note")]


def test_an_open_document_is_read_section_by_section_without_remarks():
    found = read(
        open_text(
            "<text:tracked-changes><text:p>deleted</text:p></text:tracked-changes>"
            "<text:p>Before<text:s/>all<office:annotation><dc:creator>Who</dc:creator><text:p>remark</text:p>"
            "</office:annotation> of it.</text:p>"
            "<text:h>A heading</text:h><text:p>Some <text:span>more</text:span> words.</text:p>"
        ),
        "odt",
    )
    assert texts(found) == [(1, "", "Before all of it."), (2, "A heading", "Some more words.")]


def test_slides_are_read_in_the_order_they_are_shown_in_with_their_notes():
    found = read(slides("first", "second", "third", notes="said beside"), "pptx")
    assert (found.state, found.pages) == ("read", 3)
    assert texts(found) == [(1, "", "first\nsaid beside"), (2, "", "second"), (3, "", "third")]


def test_markdown_is_read_by_its_headings_without_its_signs():
    text = "---\ntitle: x\n---\nBefore.\n\n# One *two* #\n\n"
    text += "- a [link](https://example.org) and **bold**\n\n```\n# no heading\n```\n"
    assert texts(read(text.encode(), "md")) == [(1, "", "Before."), (2, "One two", "a link and bold\n# no heading")]


def test_a_long_text_is_cut_between_its_lines_and_an_endless_line_between_its_words():
    found = read(("word " * 30 + "\n").encode() * 100 + b"endless " * 2000, "txt")
    assert [part.number for part in found.parts] == list(range(1, len(found.parts) + 1))
    assert all(len(part.text) <= extraction.LONG for part in found.parts)
    assert sum(len(part.text.split()) for part in found.parts) == 5000


@pytest.mark.parametrize("letters", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252", "mac_roman"])
def test_a_text_is_read_however_its_letters_are_written(letters):
    text = "Grüße an die Mütter, die öfter zögern. Für Väter gilt später Ähnliches: üben, hören, schließen. " * 4
    assert read(text.encode(letters), "txt").parts[0].text == text.strip()


def test_an_old_arabic_text_is_read_too():
    text = "السلام عليكم ورحمة الله وبركاته. هذا دليل العمل مع أسر الشباب الذين يريدون الخروج. " * 4
    assert read(text.encode("cp1256"), "txt").parts[0].text == text.strip()


def test_a_table_of_text_is_read_as_text():
    assert texts(read(b"name,place\nkettle,kitchen\n", "csv")) == [(1, "", "name,place\nkettle,kitchen")]


# Helping the search ---------------------------------------------------------------------------------


def test_ligatures_and_arabic_forms_are_written_out_and_what_no_database_keeps_is_gone():
    assert written_out("eﬃcient ﬁle\x00\ud800\ufeff\r\nnext  \n") == "efficient file\nnext"
    assert written_out("Name: ________\nChapter ..... 12") == "Name:\nChapter   12"
    assert written_out("ﻣﺮﺣﺒﺎ") == "مرحبا"


def hyphenated() -> bytes:
    """A page on which a hyphen parts a word at the end of a line."""
    made = FPDF()
    made.set_font("Helvetica", size=12)
    made.add_page()
    made.cell(text="It goes on with super-", new_x="LMARGIN", new_y="NEXT")
    made.cell(text="vision and ends.")
    return bytes(made.output())


def test_a_word_that_is_parted_at_the_end_of_a_line_is_whole():
    assert texts(read(hyphenated(), "pdf")) == [(1, "", "It goes on with supervision and ends.")]


def test_lines_that_run_over_most_pages_are_left_out_with_their_page_numbers():
    words = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    pages = [
        Part(n, f"A long report\nHere is {word}.\nAnd more than {word}.\nThe hub · page {n} of 9")
        for n, word in enumerate(words, start=1)
    ]
    assert without_running_lines(pages)[4].text == "Here is five.\nAnd more than five."
    few = [Part(1, "Title\nOne"), Part(2, "Title\nTwo")]
    assert without_running_lines(few) == few
    same = [Part(n, "Confidential") for n in range(1, 9)]
    assert without_running_lines(same) == same


def test_letters_drawn_from_the_left_come_in_their_order():
    from search.extraction.pdf import in_reading_order

    class Drawn:
        """A page on which these letters stand at these places."""

        def __init__(self, *letters: tuple[str, float]) -> None:
            self.letters = letters

        def count_chars(self) -> int:
            return len(self.letters)

    def order(monkeypatch: pytest.MonkeyPatch, *letters: tuple[str, float]) -> str:
        def origin(page: Drawn, place: int, x: Any, y: Any) -> int:
            x.value = page.letters[place][1]
            return 1

        monkeypatch.setattr("pypdfium2.raw.FPDFText_GetUnicode", lambda page, place: ord(page.letters[place][0]))
        monkeypatch.setattr("pypdfium2.raw.FPDFText_GetCharOrigin", origin)
        return in_reading_order(Drawn(*letters))  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patched:
        # As Chromium draws "مرحبا" and PDFium gives it; then a word that comes in order; then lam and alef in one sign.
        reversed_word = [("ا", 550.0), ("ب", 553.6), ("ح", 557.2), ("ر", 564.6), ("م", 571.2)]
        in_order = [(" ", 540.0), ("ن", 530.0), ("ع", 520.0), ("م", 510.0)]
        one_sign = [(" ", 505.0), ("ا", 490.0), ("ل", 490.0), ("ك", 500.0)]
        assert order(patched, *reversed_word, *in_order, *one_sign, (".", 480.0)) == "مرحبا نعم كلا."


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("This is what we have been told by those who were there when it began and had no other way out of it.", "en"),
        (
            "Das ist nicht die Zeit, in der wir uns von ihnen trennen, weil sie es so und nicht anders haben wollten.",
            "de",
        ),
        (
            "Ce sont les mots que nous avons dits quand ils étaient avec nous dans la maison et que tout était là.",
            "fr",
        ),
        ("Esto es lo que nos han dicho los que estaban en la casa cuando no había otra manera de salir de ella.", "es"),
        (
            "هذا هو ما قاله لنا الذين كانوا هناك في ذلك البيت عندما لم يكن لديهم أي طريق آخر إلى الخارج من كل هذا ثم",
            "ar",
        ),
        ("zx " * 40, ""),
        ("in the", ""),
        ("", ""),
    ],
)
def test_the_language_is_guessed_from_common_words_and_not_where_nothing_tells_it(text, language):
    assert language_of([text]) == language


# Files that give no words ---------------------------------------------------------------------------

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 500


@pytest.mark.parametrize(
    ("data", "ending", "state"),
    [
        (b"", "pdf", "empty"),
        (b"", "docx", "empty"),
        (b"", "txt", "empty"),
        (b" \n\t\n", "txt", "empty"),
        (PNG, "pdf", "wrong-type"),
        (PNG, "docx", "wrong-type"),
        (PNG, "odt", "wrong-type"),
        (PNG, "txt", "wrong-type"),
        (pdf("words"), "docx", "wrong-type"),
        (pdf("words"), "md", "wrong-type"),
        (packed({"some/thing.else": b"words"}), "docx", "wrong-type"),
        (packed({"some/thing.else": b"words"}), "pptx", "wrong-type"),
        (packed({"some/thing.else": b"words"}), "odt", "wrong-type"),
        (word_document(""), "docx", "empty"),
        (word_document(""), "odt", "wrong-type"),
        (b"\xd0\xcf\x11\xe0" + b"\x00" * 600, "docx", "encrypted"),
        (pdf("words", password="secret"), "pdf", "encrypted"),
        (b"%PDF-1.7\n" + b"\x00\xff" * 900, "pdf", "damaged"),
        (b"PK\x03\x04" + b"\x00" * 99, "docx", "damaged"),
        (packed({"word/document.xml": b"<w:document"}), "docx", "damaged"),
        (packed({"word/document.xml": b"<a/>", "word/vbaProject.bin": b"x"}), "docx", "macros"),
        (packed({"mimetype": "application/vnd.oasis.opendocument.text", "Basic/x.xml": b"x"}), "odt", "macros"),
        (b"\x00\x01\x02\x03" * 50, "txt", "wrong-type"),
    ],
)
def test_a_file_without_words_says_why(data, ending, state):
    assert read(data, ending) == Extracted(state)


def test_a_pdf_without_letters_is_told_to_be_a_scan():
    made = FPDF()
    for _page in range(3):
        made.add_page()
        made.rect(10, 10, 50, 50)
    assert read(bytes(made.output()), "pdf") == Extracted("scan", 3)


def test_a_kind_that_is_not_read_is_refused():
    with pytest.raises(ValueError, match="exe are not read"):
        read(b"MZ", "exe")


@pytest.mark.parametrize("ending", ["pdf", "docx", "odt", "pptx"])
def test_files_that_break_off_or_are_changed_anywhere_give_an_answer(ending):
    whole = {
        "pdf": pdf("Some words", "and more"),
        "docx": word_document("<w:p><w:r><w:t>Some words</w:t></w:r></w:p>"),
        "odt": open_text("<text:p>Some words</text:p>"),
        "pptx": slides("Some words", "and more"),
    }[ending]

    @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.integers(0, len(whole)), st.integers(0, len(whole) - 1), st.binary(max_size=8))
    def tried(end: int, place: int, junk: bytes) -> None:
        for data in (whole[:end], whole[:place] + junk + whole[place + len(junk) :]):
            assert read(data, ending).state in extracting.STATES

    tried()


# Files that harm ------------------------------------------------------------------------------------


def raw_pdf(*objects: bytes) -> bytes:
    """A PDF of these objects, the first of them its root, without a table of where they lie."""
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % (number, each) for number, each in enumerate(objects, start=1))
    return b"%PDF-1.4\n" + body + b"trailer << /Root 1 0 R >>\n%%EOF\n"


def stream(data: bytes, filters: bytes) -> bytes:
    """A stream of a PDF."""
    return b"<< /Length %d /Filter %s >>\nstream\n%s\nendstream" % (len(data), filters, data)


PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R /Resources << >> >>"
PAGES = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
ROOT = b"<< /Type /Catalog /Pages 2 0 R >>"
MUCH = 3 * 1024 * 1024 * 1024  # three times the memory that may be used


def squeezed(times: int = 1) -> bytes:
    """So much of nothing, packed, and packed again: one piece that is packed once and then repeated."""
    piece = 16 * 1024 * 1024
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(bytes(piece)) + packer.flush(zlib.Z_FULL_FLUSH)
    data = b"\x78\xda" + block * (MUCH // piece) + b"\x03\x00" + bytes(4)
    for _time in range(times - 1):
        data = zlib.compress(data, 9)
    return data


HARMFUL_PDF = {
    "a stream that is three gigabytes large": raw_pdf(ROOT, PAGES, PAGE, stream(squeezed(), b"/FlateDecode")),
    "the same, packed twice": raw_pdf(ROOT, PAGES, PAGE, stream(squeezed(2), b"[/FlateDecode /FlateDecode]")),
    "pages that hold themselves": raw_pdf(ROOT, b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 1000000000 >>"),
    "more pages than there are": raw_pdf(ROOT, b"<< /Type /Pages /Kids [3 0 R] /Count 2000000000 >>", PAGE),
    "arrays in arrays": raw_pdf(ROOT, PAGES, PAGE, b"[" * 500_000 + b"]" * 500_000),
    "a form that draws itself": raw_pdf(
        ROOT,
        PAGES,
        PAGE.replace(b"<< >>", b"<< /XObject << /A 5 0 R >> >>"),
        b"<< /Length 5 >>\nstream\n/A Do\nendstream",
        b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /A 5 0 R >> >> /Length 11 >>\n"
        b"stream\n/A Do /A Do\nendstream",
    ),
}


@pytest.mark.parametrize("name", HARMFUL_PDF)
def test_a_harmful_pdf_gives_an_answer(name):
    found = read(HARMFUL_PDF[name], "pdf")
    assert found.state in extracting.STATES - {"read"}
    assert found.parts == ()


def test_a_zip_that_grows_without_end_is_not_unpacked():
    for size in (60, 300):  # too dense, and too large
        bomb = packed({"word/document.xml": b"<a>" + b" " * (size * 1024 * 1024) + b"</a>"})
        assert len(bomb) < 1024 * 1024
        assert read(bomb, "docx") == Extracted("too-large")


def test_a_zip_that_lies_about_its_size_is_not_believed():
    honest = word_document("<w:p><w:r><w:t>words</w:t></w:r></w:p>" + " " * 5_000_000)
    size = len(zipfile.ZipFile(io.BytesIO(honest)).read("word/document.xml"))
    lying = honest.replace(size.to_bytes(4, "little"), (900_000).to_bytes(4, "little"))
    assert lying != honest
    assert read(lying, "docx").state in ("damaged", "too-large")


def test_a_zip_of_very_many_entries_is_refused():
    assert read(packed({f"{number}": b"" for number in range(extraction.MOST_ENTRIES + 1)}), "docx") == Extracted(
        "too-large"
    )


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
FETCHED = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    "content",
    [
        f'<!DOCTYPE a [<!ENTITY l0 "ha">{LAUGHS}]><office:text>&l11;</office:text>',
        f"{FETCHED}<a>&x;</a>",
        # A note before it may be longer than what is looked at.
        f'<!--{" " * 20_000}-->{FETCHED}<a xmlns:t="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><t:p>&x;</t:p></a>',
    ],
)
def test_entities_are_neither_multiplied_nor_fetched(content):
    for written in (content.encode(), content.encode("utf-16")):
        data = packed({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": written})
        found = read(data, "odt")
        assert found.state in ("damaged", "empty")
        assert found.parts == ()


def test_elements_in_elements_without_end_are_refused():
    deep = WORD_DOCUMENT.format("<w:p>" * 200_000 + "</w:p>" * 200_000)
    assert read(packed({"word/document.xml": deep}, zipfile.ZIP_STORED), "docx") == Extracted("damaged")


def test_more_pages_than_may_be_read_give_the_first_ones():
    found = read(slides(*[f"slide {n}" for n in range(1, extraction.MOST_PAGES + 3)]), "pptx")
    assert (found.state, found.pages) == ("partly", extraction.MOST_PAGES + 2)
    assert len(found.parts) == extraction.MOST_PAGES


def test_more_text_than_may_be_read_gives_the_beginning():
    found = read(b"0123456789 abcdefgh\n" * (extraction.MOST_CHARACTERS // 20 + 50_000), "txt")
    assert found.state == "partly"
    assert 0.9 * extraction.MOST_CHARACTERS < sum(len(p.text) for p in found.parts) <= extraction.MOST_CHARACTERS


def test_five_hundred_pages_are_read_whole():
    found = read(pdf(*[f"Words of page {number}, and of no other." for number in range(1, 501)]), "pdf")
    assert (found.state, found.pages, len(found.parts)) == ("read", 500, 500)
    assert found.parts[311].text == "Words of page 312, and of no other."


# The limits -----------------------------------------------------------------------------------------


def under_limits(code: str, **changed: int) -> subprocess.CompletedProcess[str]:
    """Run code in a process with the limits of the one that reads, some of them changed."""
    sets = "".join(f"limits.{name} = {value}\n" for name, value in changed.items())
    return subprocess.run(
        [sys.executable, "-c", f"from search.extraction import limits\n{sets}limits.bind()\n{code}"],
        cwd=extracting.FOLDER,
        capture_output=True,
        text=True,
        check=False,
    )


def test_memory_is_limited():
    done = under_limits(f"bytearray({extraction.MEMORY})")
    assert "MemoryError" in done.stderr
    assert under_limits("bytearray(200_000_000)").returncode == 0


def test_time_is_limited_by_the_processor_and_by_the_clock():
    assert under_limits("while True: pass", SECONDS=1).returncode == -signal.SIGXCPU
    assert under_limits("import time; time.sleep(600)", PATIENCE=1).returncode == -signal.SIGALRM


def test_output_is_limited(tmp_path):
    done = under_limits(f"open({str(tmp_path / 'x')!r}, 'wb', buffering=0).write(bytes(2000))", MOST_OUTPUT=1000)
    assert done.returncode == 0
    assert (tmp_path / "x").stat().st_size <= 1000


@pytest.mark.parametrize(
    "deed",
    [
        "open('/etc/passwd')",
        "open('new', 'w')",
        "socket.socket()",
        "os.pipe()",
        "os.close(0); os.open('/etc/passwd', os.O_RDONLY)",
        "os.close(2); socket.socket()",
    ],
)
def test_once_closed_nothing_can_be_opened_or_reached(deed):
    done = under_limits(f"import socket, os\nlimits.close()\ntry:\n  {deed}\nexcept OSError as e: print(e.errno)")
    assert done.stdout.strip() == "24", done.stderr  # too many open files


def instead(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str) -> None:
    """Have this script run in the place of the process that reads."""
    path = tmp_path / "reader"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o700)
    monkeypatch.setattr(extracting.sys, "executable", str(path))


def processes() -> Iterator[tuple[int, str]]:
    """The group of every process, and whether it is alive or only not yet buried."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _parent, group = path.read_text().rpartition(")")[2].split()[:3]
            yield int(group), "dead" if state in "ZX" else "alive"


def test_a_process_that_hangs_is_ended_with_all_it_has_begun(monkeypatch, tmp_path):
    instead(monkeypatch, tmp_path, f"echo $$ > {tmp_path}/group\nsleep 600 &\nsleep 600")
    monkeypatch.setattr(extracting, "PATIENCE", 3)
    monkeypatch.setattr(extracting, "GRACE", 0)
    assert read(b"x", "txt") == Extracted("too-slow")
    group = int((tmp_path / "group").read_text())
    for _try in range(400):  # whoever is ended is gone a moment later
        if (group, "alive") not in processes():
            break
        time.sleep(0.05)
    else:
        pytest.fail("it goes on")


LINE = '{"number": 1, "label": "", "text": "words"}'


@pytest.mark.parametrize(
    ("script", "state", "parts"),
    [
        ("exit 1", "damaged", 0),
        ("kill -SEGV $$", "damaged", 0),
        ("kill -ABRT $$", "too-large", 0),
        ("kill -XCPU $$", "too-slow", 0),
        (f"echo '{LINE}'; kill -XCPU $$", "partly", 1),
        (f"echo '{LINE}'; printf '{{\"number\": 2, \"te'", "partly", 1),
        (f"echo '{LINE}'; echo '{{\"state\": \"owned\"}}'", "damaged", 0),
        (f'echo \'{LINE}\'; echo \'{{"state": "read", "pages": "many"}}\'', "read", 1),
        ('echo \'{"number": true, "label": "", "text": "x"}\'', "partly", 0),
        ("echo '[1]'; echo 'null'; echo nonsense", "damaged", 0),
        (f'echo \'{LINE}\'; echo \'{{"number": 9999999, "label": "", "text": "x"}}\'', "partly", 1),
        ("cat >/dev/null; head -c 300000 /dev/zero", "damaged", 0),
    ],
)
def test_nothing_that_the_process_says_is_believed_unseen(monkeypatch, tmp_path, script, state, parts):
    instead(monkeypatch, tmp_path, script)
    found = read(b"x", "txt")
    assert (found.state if found.parts or state != "partly" else "partly", len(found.parts), found.pages) == (
        state,
        parts,
        None,
    )


def test_the_process_knows_none_of_the_hubs_secrets(monkeypatch, tmp_path):
    monkeypatch.setenv("SECRET_KEY", "a-secret-of-the-hub")
    instead(monkeypatch, tmp_path, f"env > {tmp_path}/environment")
    read(b"x", "txt")
    assert "SECRET" not in (tmp_path / "environment").read_text()
    assert "PATH=" in (tmp_path / "environment").read_text()


def test_the_process_starts_without_django():
    code = "import sys, search.extraction.__main__ as m; print('django' in sys.modules, 'whoosh' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=extracting.FOLDER, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "False"]
