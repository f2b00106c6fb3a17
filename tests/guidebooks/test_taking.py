"""A guidebook taken away: whole, well made, with edition, licence and readers, and nothing that is not the reader's."""

from __future__ import annotations

import io
import os
import re
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag

import pypdfium2
import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.test import Client
from lxml import etree, html
from PIL import Image
from wagtail.models import Locale

from core.access import ANONYMOUS, Viewer
from core.models import HubDocument, HubImage
from guidebooks.importing import import_folder
from guidebooks.models import GuidebookIndexPage, GuidebookPage
from guidebooks.taking import kept, paper, pdf
from guidebooks.taking.book import gather
from guidebooks.taking.epub import epub_of
from guidebooks.taking.page import page_of
from guidebooks.taking.pdf import pdf_of
from members.models import WorkingGroup
from tests import personas

pytestmark = pytest.mark.django_db
DEMO = Path(settings.BASE_DIR) / "demo/guidebooks"
XHTML = "{http://www.w3.org/1999/xhtml}"
OPF = "{http://www.idpf.org/2007/opf}"
OPS = "{http://www.idpf.org/2007/ops}"
MEMBERS = Viewer(frozenset({"public", "members"}), signed_in=True)

LINK = '<a href="https://example.org/?a=1&amp;b=2">a link</a>'
INSIDE = [{"type": "paragraph", "value": "<p>Inside.</p>"}]
STEP = [{"type": "paragraph", "value": "<p>Step.</p>"}]
SCALE = {"label": "How safe", "hint": "", "lowest": "not", "highest": "very", "steps": 5}
CHOICE = {"label": "From whom", "hint": "", "options": ["self", "others"], "several": False}
TO_FILL = {"label": "Who does what", "hint": "", "columns": ["what", "who"], "rows": 2}
NOTES = [{"label": "1", "text": "<p>The note itself.</p>"}, {"label": "2", "text": "<p>Not referred to.</p>"}]
BODY = [
    {"type": "heading", "value": {"level": "2", "text": "A heading & more", "anchor": "here"}},
    {"type": "paragraph", "value": f"<p>Bold <b>words</b>, a note[^1] and {LINK}.</p>"},
    {"type": "paragraph", "value": "<ul><li>One</li><li>Two<ol><li>Inner</li></ol></li></ul>"},
    {
        "type": "table",
        "value": {
            "table": {
                "columns": [{"type": "text", "heading": "What"}, {"type": "text", "heading": "Who"}],
                "rows": [{"values": ["<p>Tea</p>", "<p>Miriam</p>"]}],
                "caption": "Tasks",
            },
            "row_names": True,
        },
    },
    {"type": "callout", "value": {"kind": "care", "title": "Care", "body": INSIDE}},
    {"type": "checklist", "value": {"title": "Before", "items": ["<p>Keys</p>", "<p>Phone</p>"]}},
    {"type": "quote", "value": {"text": "<p>Somebody’s words.</p>", "who": "<p>Amal</p>"}},
    {"type": "code", "value": {"language": "", "text": "a < b\n  c"}},
    {"type": "steps", "value": {"ordered": True, "start": 3, "items": [STEP]}},
    {
        "type": "worksheet",
        "value": {
            "title": "My map",
            "instructions": "<p>With a pencil.</p>",
            "fields": [
                {"type": "line", "value": {"label": "Whom to call", "hint": "at night"}},
                {"type": "text", "value": {"label": "What I know", "hint": "", "rows": 3}},
                {"type": "choice", "value": CHOICE},
                {"type": "scale", "value": SCALE},
                {"type": "table", "value": TO_FILL},
            ],
        },
    },
    {"type": "footnotes", "value": NOTES},
]


@pytest.fixture
def picture() -> HubImage:
    """An open picture."""
    out = io.BytesIO()
    Image.new("RGB", (1600, 800), "teal").save(out, "PNG")
    return HubImage.objects.create(title="A map", file=ContentFile(out.getvalue(), name="map.png"), audience="public")


@pytest.fixture
def book(make_book: Any, make_chapter: Any, picture: HubImage) -> GuidebookPage:
    """A small guidebook with every kind of block, links from chapter to chapter, a part, a closed chapter."""
    page = make_book("Tea & patience", edition="Edition 2", licence="by", summary="Of tea.", slug="tea-and-patience")
    figure = {
        "image": picture.pk,
        "alt": "A map of tea",
        "decorative": False,
        "caption": "<p>The map</p>",
        "credit": "",
    }
    first = make_chapter(page, "First chapter", body=[*BODY, {"type": "figure", "value": figure}])
    second = make_chapter(page, "Second chapter", audience="members", body=BODY)
    make_chapter(
        second, "A part of it", text=f'Back to <a linktype="page" id="{first.pk}" anchor="here">the first</a>.'
    )
    page = GuidebookPage.objects.get(pk=page.pk)
    page.body = [
        {"type": "paragraph", "value": f'<p>Begin with <a linktype="page" id="{first.pk}">one</a>, '
         f'then <a linktype="page" id="{second.pk}">two</a>.</p>'},
    ]  # fmt: skip
    page.save()
    return page


# EPUB -----------------------------------------------------------------------------------------------


def check_epub(data: bytes) -> dict[str, bytes]:
    """Fail where the file is no EPUB 3 as the standard says (EPUB 3.3, what epubcheck would look at first)."""
    archive = zipfile.ZipFile(io.BytesIO(data))
    infos = archive.infolist()
    assert infos[0].filename == "mimetype"
    assert infos[0].compress_type == zipfile.ZIP_STORED
    assert not infos[0].extra
    assert archive.read("mimetype") == b"application/epub+zip"
    assert len({info.filename for info in infos}) == len(infos)
    files = {info.filename: archive.read(info) for info in infos}
    container = etree.fromstring(files["META-INF/container.xml"])
    opf_path = container.find(".//{*}rootfile").get("full-path")
    package = etree.fromstring(files[opf_path])
    folder = opf_path.rpartition("/")[0]
    assert package.get("version") == "3.0"
    for name in ("identifier", "title", "language"):
        assert package.findtext(f".//{{http://purl.org/dc/elements/1.1/}}{name}")
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", package.findtext(f".//{OPF}meta[@property='dcterms:modified']")
    )
    items = package.findall(f".//{OPF}item")
    by_id = {item.get("id"): item for item in items}
    hrefs = {f"{folder}/{item.get('href')}" for item in items}
    assert len(by_id) == len(items) == len(hrefs)
    assert hrefs == set(files) - {"mimetype", "META-INF/container.xml", opf_path}, "the manifest names every file"
    assert [item.get("href") for item in items if "nav" in (item.get("properties") or "").split()] == ["nav.xhtml"]
    spine = [ref.get("idref") for ref in package.findall(f".//{OPF}itemref")]
    assert spine
    assert len(set(spine)) == len(spine)
    assert set(spine) <= set(by_id)
    ids: dict[str, set[str]] = {}
    pages: dict[str, Any] = {}
    for item in items:
        if item.get("media-type") == "application/xhtml+xml":
            path = f"{folder}/{item.get('href')}"
            pages[path] = etree.fromstring(files[path])  # well-formed, or it raises
            found = pages[path].xpath("//@id")
            assert len(set(found)) == len(found), f"ids of {path} are unique"
            ids[path] = set(found)
            assert item.get("id") in spine
    for path, page in pages.items():
        assert page.tag == f"{XHTML}html"
        assert page.findtext(f".//{XHTML}title")
        for image in page.iter(f"{XHTML}img"):
            assert image.get("alt") is not None
        for attribute in ("href", "src"):
            for place in page.xpath(f"//@{attribute}"):
                check_place(place, path, files, ids)
        assert not page.xpath("//@style | //*[local-name()='script' or local-name()='form' or local-name()='input']")
    css = b" ".join(data for name, data in files.items() if name.endswith(".css"))
    assert b"url(" not in css
    assert b"@import" not in css
    nav = next(nav for nav in pages[f"{folder}/nav.xhtml"].iter(f"{XHTML}nav") if nav.get(f"{OPS}type") == "toc")
    assert nav.find(f"{XHTML}ol") is not None
    return files


def check_place(place: str, path: str, files: dict[str, bytes], ids: dict[str, set[str]]) -> None:
    """A link or picture leads to a file of the book and a place in it, or is a link to the net."""
    if place.startswith(("https:", "http:", "mailto:")):
        return
    name, anchor = urldefrag(place)
    target = f"{path.rpartition('/')[0]}/{name}" if name else path
    assert target in files, f"{path} leads to {place}"
    assert not anchor or anchor in ids[target], f"{path} leads to {place}"


def test_an_epub_is_well_made(book):
    files = check_epub(epub_of(gather(book, MEMBERS)))
    first = files["book/c1.xhtml"].decode()
    assert 'epub:type="noteref"' in first
    assert 'epub:type="footnote"' in first
    assert "A heading &amp; more" in first
    assert 'alt="A map of tea"' in first
    assert "Not referred to." in first
    assert files["book/pictures/picture-1.png"].startswith(b"\x89PNG")
    assert files["book/cover.png"].startswith(b"\x89PNG")
    title = files["book/title.xhtml"].decode()
    for words in ("Edition 2", "Creative Commons BY 4.0", "For members of INDEX"):
        assert words in title
    nav = files["book/nav.xhtml"].decode()
    assert re.search(r"2 Second chapter</a><ol><li><a href=\"c2-1.xhtml\">2.1 A part of it", nav)
    assert 'href="c1.xhtml#c1-here"' in files["book/c2-1.xhtml"].decode()


def test_pictures_of_an_epub_ask_nothing_of_the_net(book):
    for name, data in check_epub(epub_of(gather(book, MEMBERS))).items():
        if name.endswith(".xhtml"):
            assert not re.search(rb'src="(?:https?:)?//', data)


def test_an_epub_without_chapters_and_without_text_is_well_made(make_book):
    check_epub(epub_of(gather(make_book("Only a title"), ANONYMOUS)))


@pytest.mark.parametrize(
    ("folder", "language", "direction"),
    [
        ("the-first-ten-conversations", "en", "ltr"),
        ("parents-partners-siblings.ar", "ar", "rtl"),
        ("the-first-ten-conversations.de", "de", "ltr"),
    ],
)
def test_the_guidebooks_of_the_demo_can_be_taken(section, tmp_path, folder, language, direction):
    parent = GuidebookIndexPage.objects.get(locale=Locale.objects.get(language_code=language))
    for file in (DEMO / folder).glob("*.md"):  # without what names topics and groups, which are not here
        text = re.sub(r"^(topics|working_group|keywords):.*\n", "", file.read_text(encoding="utf-8"), flags=re.M)
        (tmp_path / file.name).write_text(text, encoding="utf-8")
    import_folder(tmp_path, parent, publish=True, assets=DEMO.parent / "pictures")
    page = GuidebookPage.objects.child_of(parent).get()
    taken = gather(page, MEMBERS)
    assert taken.direction == direction
    files = check_epub(epub_of(taken))
    assert (b'page-progression-direction="rtl"' in files["book/package.opf"]) == (direction == "rtl")
    with pypdfium2.PdfDocument(pdf_of(taken)) as document:
        assert [entry.level for entry in document.get_toc()] == [max(part.depth - 1, 0) for part in taken.parts]
    whole = html.fromstring(page_of(taken).decode())
    assert whole.get("lang") == language
    assert whole.get("dir") == direction


# PDF ------------------------------------------------------------------------------------------------


def text_of(data: bytes) -> str:
    with pypdfium2.PdfDocument(data) as document:
        return "\n".join(page.get_textpage().get_text_range() for page in document)


def test_a_pdf_holds_everything_of_the_book(book):
    data = pdf_of(gather(book, MEMBERS))
    text = " ".join(text_of(data).split())
    for words in (
        *("Tea & patience", "Edition 2", "Creative Commons BY 4.0", "For members of INDEX", "This copy was made on"),
        *(
            "Contents",
            "1 First chapter",
            "2.1 A part of it",
            "A heading & more",
            "Bold words",
            "a link",
            "Two",
            "Inner",
        ),
        *("Tasks", "Miriam", "Care", "Inside.", "Before", "Keys", "Somebody’s words.", "Amal", "a < b", "3.", "Step."),
        *("My map", "Whom to call", "How safe", "Who does what", "The note itself.", "Not referred to.", "The map"),
    ):
        assert words in text, words


def test_a_pdf_has_outline_page_numbers_links_and_words_for_pictures(book):
    data = pdf_of(gather(book, MEMBERS))
    with pypdfium2.PdfDocument(data) as document:
        outline = {entry.get_title(): entry.get_dest().get_index() for entry in document.get_toc()}
        assert list(outline) == ["About this guidebook", "1 First chapter", "2 Second chapter", "2.1 A part of it"]
        contents = document[1].get_textpage().get_text_range()
        for title, page in list(outline.items())[1:]:
            assert re.search(rf"{re.escape(title)}\s+{page + 1}\b", contents), "the contents name the page"
            assert title.split(" ", 1)[1] in document[page].get_textpage().get_text_range()
        assert document.get_metadata_dict()["Title"] == "Tea & patience"
        assert f"{len(document)}" in document[len(document) - 1].get_textpage().get_text_range()
    assert b"/Lang (en)" in data
    assert b"https://example.org/?a=1&b=2" in data
    assert "A map of tea".encode("utf-16-be") in data or b"A map of tea" in data


def test_arabic_is_read_from_right_to_left_with_figures_and_latin_words_in_place(make_book, make_chapter):
    book = make_book("كتاب", slug="kitab")
    book.locale = Locale.objects.get(language_code="ar")
    make_chapter(book, "فصل", text="قال <b>المعلم</b> في 2026: كتاب INDEX بُني هنا.")
    with pypdfium2.PdfDocument(pdf_of(gather(book, ANONYMOUS))) as document:
        page = document[len(document) - 1].get_textpage()
        places = {}
        for word in ("قال", "المعلم", "2026", "INDEX"):
            found = page.search(word).get_next()
            assert found, word
            places[word] = page.get_charbox(found[0])[0]
    assert places["قال"] > places["المعلم"] > places["2026"] > places["INDEX"]


def test_a_book_that_is_too_long_says_what_else_there_is(book, monkeypatch):
    monkeypatch.setattr(pdf, "MOST_WORDS", 10)
    answer = Client().get(f"/taken/{book.pk}/tea-and-patience.pdf")
    assert answer.status_code == 422
    assert f"/taken/{book.pk}/tea-and-patience.epub" in answer.content.decode()
    offered = html.fromstring(answer.content.decode()).xpath("//main//a/@href")
    assert f"/taken/{book.pk}/tea-and-patience.pdf" not in offered


def test_letters_in_no_font_and_words_longer_than_a_line_break_nothing(make_book, make_chapter):
    book = make_book("Odd")
    make_chapter(book, "😀 漢字", text=f"漢字 {'x' * 400} https://example.org/{'y' * 300} שלום \u202emark")
    assert "x" * 20 in text_of(pdf_of(gather(book, ANONYMOUS)))


def test_a_table_that_is_longer_than_a_page_repeats_its_head(make_book, make_chapter):
    book = make_book("Long")
    rows = [{"values": [f"<p>{number}</p>", f"<p>{'word ' * 30}</p>"]} for number in range(60)]
    rows.append({"values": ["<p>last</p>", f"<p>{'long ' * 2000}</p>"]})
    columns = [{"type": "text", "heading": "Number"}, {"type": "text", "heading": "Words"}]
    table = {"table": {"columns": columns, "rows": rows, "caption": ""}, "row_names": False}
    make_chapter(book, "Table", body=[{"type": "table", "value": table}])
    with pypdfium2.PdfDocument(pdf_of(gather(book, ANONYMOUS))) as document:
        texts = [page.get_textpage().get_text_range() for page in document]
    assert sum("Number" in text for text in texts) >= 4
    assert sum(len(re.findall(r"\blong\b(?!/)", text)) for text in texts) == 2000


def test_drawings_are_drawn_and_damaged_pictures_are_said_in_words():
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20"><rect width="40" height="20"/></svg>'
    assert paper.readable(drawing, "image/svg+xml")[1] == (40, 20)
    assert paper.readable(b"nothing", "image/png") == (None, (0, 0))
    assert paper.readable(b"<svg", "image/svg+xml") == (None, (0, 0))


# One HTML file --------------------------------------------------------------------------------------


def test_one_html_file_holds_everything_and_asks_nothing(book):
    whole = html.fromstring(page_of(gather(book, MEMBERS)).decode())
    ids = whole.xpath("//@id")
    assert len(ids) == len(set(ids))
    for href in whole.xpath("//@href"):
        assert href.startswith(("https:", "http:", "mailto:")) or href[1:] in ids, href
    assert all(src.startswith("data:image/") for src in whole.xpath("//@src"))
    assert not whole.xpath("//script | //link | //form | //@srcset | //@onclick")
    assert [int(level.tag[1]) for level in whole.xpath("//h1")] == [1]
    assert len(whole.xpath("//h2")) == 1 + 4  # the contents, the introduction, two chapters and a part
    assert "This is an offline copy" not in whole.text_content()
    assert "This is an offline copy" in page_of(gather(book, MEMBERS), back="/offline/").decode()


def test_in_one_html_file_all_fields_keep_their_names_and_tables_scroll_alone(book):
    whole = html.fromstring(page_of(gather(book, MEMBERS)).decode())
    named_by = " ".join(whole.xpath("//@for | //@aria-labelledby | //@aria-describedby")).split()
    assert len(named_by) > 4
    assert set(named_by) <= set(whole.xpath("//@id"))
    fields = whole.xpath("//input | //textarea")
    named = {*whole.xpath("//label/@for")}
    assert [f for f in fields if not (f.get("aria-label") or f.get("id") in named or f.xpath("ancestor::label"))] == []
    boxes = whole.xpath("//table/parent::div[@class='scroll'][@tabindex='0']/@aria-label")
    assert boxes == ["Tasks", "Who does what"] * 2


# What is in it --------------------------------------------------------------------------------------


def test_a_stranger_takes_what_a_stranger_reads(book):
    taken = gather(book, ANONYMOUS)
    assert [part.heading for part in taken.parts] == ["About this guidebook", "1 First chapter"]
    assert taken.readers == ""
    links = taken.parts[0].tree.xpath(".//a/@href")
    assert links == ["#c1"], "the closed chapter is not linked to"
    assert len(gather(book, MEMBERS).parts) == 4


def test_a_copy_says_for_whom_it_is(make_book, make_chapter):
    group = WorkingGroup.objects.create(name="Few", slug="few", kind="theme")
    book = make_book("Open")
    everything = Viewer(sees_all=True, signed_in=True)
    assert gather(book, everything).readers == ""
    make_chapter(book, "For members", audience="members", text="x")
    assert "For members of INDEX" in gather(book, everything).readers
    make_chapter(book, "For full", audience="full", text="x")
    assert "For full members of INDEX" in gather(book, everything).readers
    make_chapter(book, "For few", audience="group", working_group=group, text="x")
    assert "working group only" in gather(book, everything).readers
    assert [bool(part.readers) for part in gather(book, everything).chapters] == [True, True, True]


def test_a_picture_that_was_closed_since_is_taken_as_its_words(book, picture):
    picture.audience = "full"
    picture.save()
    taken = gather(book, MEMBERS)
    assert taken.pictures == {}
    assert "[A map of tea]" in taken.parts[1].tree.text_content()


def test_without_a_licence_all_rights_are_reserved(make_book):
    assert gather(make_book("Plain"), ANONYMOUS).licence == "All rights reserved."


def test_a_copy_that_was_kept_is_written_anew_when_a_file_in_it_is_closed(make_book, make_chapter):
    book = make_book("Papers")
    paper = HubDocument.objects.create(
        title="A paper", file=ContentFile(b"Words.", name="zxpaper.txt"), audience="public"
    )
    link = f'<a linktype="document" id="{paper.pk}">the paper</a>'
    make_chapter(book, "One", text=f"See {link}.")
    address = f"/taken/{book.pk}/papers.html"
    assert "zxpaper" in Client().get(address).content.decode()
    paper.audience = "full"
    paper.save()
    assert "zxpaper" not in Client().get(address).content.decode()


# The door -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "content_type"),
    [("pdf", "application/pdf"), ("epub", "application/epub+zip"), ("html", "text/html; charset=utf-8")],
)
def test_a_file_comes_as_a_download_with_a_hyphenated_name(book, kind, content_type):
    answer = Client().get(f"/taken/{book.pk}/tea-and-patience.{kind}")
    assert answer.status_code == 200
    assert answer["Content-Type"] == content_type
    assert answer["Content-Disposition"] == f'attachment; filename="tea-and-patience.{kind}"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'"


@pytest.mark.parametrize(
    "name", ["other.pdf", "tea-and-patience.doc", "tea-and-patience", ".pdf", "tea-and-patience.PDF"]
)
def test_other_names_are_not_there(book, name):
    assert Client().get(f"/taken/{book.pk}/{name}").status_code == 404
    assert Client().post(f"/taken/{book.pk}/tea-and-patience.pdf").status_code == 405
    assert Client().get(f"/taken/{10**30}/tea-and-patience.pdf").status_code == 404


def test_the_reader_is_not_named(book):
    person = personas.make_personas()["full"]
    client = Client()
    client.force_login(person)
    for kind in ("epub", "html"):
        data = client.get(f"/taken/{book.pk}/tea-and-patience.{kind}").content
        told = (
            " ".join(text.decode() for text in check_epub(data).values() if text[:1] == b"<")
            if kind == "epub"
            else data.decode()
        )
        assert person.display_name not in told
        assert person.email not in told


def test_what_was_made_is_kept_for_the_same_readers_until_something_is_published(book, make_chapter, monkeypatch):
    made = []
    monkeypatch.setattr(
        "guidebooks.taking.views.gather", lambda page, viewer: made.append(viewer) or gather(page, viewer)
    )
    people = personas.make_personas()
    clients = {name: Client() for name in ("anonymous", "associate", "full")}
    for name in ("associate", "full"):
        clients[name].force_login(people[name])
    path = f"/taken/{book.pk}/tea-and-patience.epub"
    for _time in range(2):
        for client in clients.values():
            assert client.get(path).status_code == 200
    assert len(made) == 3, "once for each set of keys"
    folder = settings.VAR_DIR / "taken" / str(book.pk)
    assert folder.stat().st_mode & 0o077 == 0, "nobody else on the machine looks in"
    assert len(list(folder.glob("*.epub"))) == 3
    make_chapter(book, "A new chapter", text="New.")
    files = check_epub(clients["anonymous"].get(path).content)
    assert "A new chapter" in files["book/nav.xhtml"].decode()
    assert len(list(folder.glob("*.epub"))) == 1, "what is out of date is removed"


def test_closing_a_picture_makes_the_copies_anew(book, picture):
    path = f"/taken/{book.pk}/tea-and-patience.epub"
    assert "book/pictures/picture-1.png" in check_epub(Client().get(path).content)
    picture.audience = "full"
    picture.save()
    assert "book/pictures/picture-1.png" not in check_epub(Client().get(path).content)


def test_the_oldest_files_make_room(tmp_path):
    for number in range(4):
        file = tmp_path / str(number) / "x.pdf"
        file.parent.mkdir()
        file.write_bytes(b"x" * 100)
        os.utime(file, (number, number))
    kept.make_room(tmp_path, 250)
    assert sorted(path.parent.name for path in tmp_path.glob("*/*")) == ["2", "3"]


def test_the_cover_offers_the_files_and_says_how_large_they_are(book):
    page = Client().get(book.url).content.decode()
    for kind in ("pdf", "epub", "html"):
        assert f"/taken/{book.pk}/tea-and-patience.{kind}" in page
    assert "KB" not in html.fromstring(page).xpath("string(//section[@aria-labelledby='take-away'])")
    Client().get(f"/taken/{book.pk}/tea-and-patience.epub")
    page = Client().get(book.url).content.decode()
    assert "KB" in html.fromstring(page).xpath("string(//section[@aria-labelledby='take-away'])")
