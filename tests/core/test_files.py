"""Files: what is refused at upload, what is taken out of them, and the doors they are given out through."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import docx
import openpyxl
import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from fpdf import FPDF
from openpyxl.comments import Comment
from PIL import Image, PngImagePlugin
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from core.cleaning import clean_document, clean_image
from core.models import HubDocument, HubImage
from core.scrub import Refused, scrub
from tests import personas

SECRET = "Nadia-who-wrote-it"

# Pictures -------------------------------------------------------------------------------------------


def picture(kind: str, size: tuple[int, int] = (40, 20), turned: int = 1) -> bytes:
    """A picture that tells who took it, in every place its format has."""
    image, out = Image.new("RGB", size, "teal"), io.BytesIO()
    exif = Image.Exif()
    exif[0x013B] = exif[0x9C9D] = SECRET  # artist, Windows' author
    exif[0x0112] = turned
    exif.get_ifd(0x8825)[1] = "N"  # a place on the globe
    xmp = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><by>{SECRET}</by></x:xmpmeta>'.encode()
    if kind == "png":
        told = PngImagePlugin.PngInfo()
        told.add_text("Author", SECRET)
        told.add_itxt("XML:com.adobe.xmp", xmp.decode())
        image.save(out, "PNG", pnginfo=told, exif=exif)
    elif kind == "jpg":
        image.save(out, "JPEG", exif=exif, comment=SECRET.encode(), xmp=xmp)
    else:
        image.save(out, "WEBP", exif=exif, xmp=xmp)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["jpg", "png", "webp"])
def test_a_picture_keeps_nothing_but_its_pixels(kind):
    told = picture(kind)
    assert SECRET.encode() in told
    cleaned = scrub(kind, told)
    assert SECRET.encode() not in cleaned
    with Image.open(io.BytesIO(cleaned)) as image:
        assert dict(image.getexif()) == {}
        assert not {"exif", "xmp", "comment", "Author", "XML:com.adobe.xmp"} & set(image.info)
        assert image.size == (40, 20)


def test_a_picture_that_lay_on_its_side_stands_upright():
    with Image.open(io.BytesIO(scrub("jpg", picture("jpg", turned=6)))) as image:
        assert image.size == (20, 40)


def test_what_is_written_behind_the_end_of_a_picture_is_gone():
    for kind in ("jpg", "png", "webp"):
        assert SECRET.encode() not in scrub(kind, picture(kind) + SECRET.encode())


def png_of(width: int, height: int) -> bytes:
    """The beginning of a PNG that says it is this large."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


SCRIPT = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("ending", "data", "reason"),
    [
        ("png", SCRIPT, "wrong-type"),
        ("png", b"<html><script>alert(1)</script></html>", "wrong-type"),
        ("jpg", picture("png"), "wrong-type"),
        ("png", picture("jpg"), "wrong-type"),
        ("webp", b"MZ\x90\x00" * 20, "wrong-type"),
        ("png", picture("png")[:60], "damaged"),
        ("jpg", picture("jpg", (400, 400))[:1500], "damaged"),
        ("png", png_of(50_000, 50_000), "too-large"),
        ("svg", SCRIPT, "wrong-type"),
    ],
)
def test_a_picture_that_is_none_is_refused(ending, data, reason):
    with pytest.raises(Refused, match=reason):
        scrub(ending, data)


# PDF ------------------------------------------------------------------------------------------------


def pdf(*, secret: bool = True, password: str = "", link: bool = False) -> bytes:
    """A PDF whose author is named in its information, in XMP, in a remark and in an attached file."""
    made = FPDF()
    made.set_compression(False)
    made.add_page()
    made.set_font("Helvetica", size=12)
    made.cell(text="Words to read")
    if link:
        made.link(10, 10, 20, 20, "https://example.org/kept")
    if secret:
        made.set_author(SECRET)
        made.set_creator(SECRET)
        made.set_xmp_metadata(f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><by>{SECRET}</by></x:xmpmeta>')
        made.text_annotation(10, 10, f"Remark of {SECRET}", title=SECRET)
        made.embed_file(basename="who.txt", bytes=SECRET.encode())
    if password:
        made.set_encryption(owner_password="owner", user_password=password)
    return bytes(made.output())


def all_of(data: bytes) -> bytes:
    """A PDF with all its streams unpacked."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    parts = [data]
    for thing in writer._objects:
        parts.append(repr(thing).encode())
        if hasattr(thing, "get_data"):
            parts.append(thing.get_data())
    return b"\n".join(parts)


def test_a_pdf_keeps_its_words_and_links_and_nobodys_name():
    told = pdf(link=True)
    assert SECRET.encode() in told
    cleaned = scrub("pdf", told)
    assert SECRET.encode() not in all_of(cleaned)
    reader = PdfReader(io.BytesIO(cleaned))
    assert reader.pages[0].extract_text().strip() == "Words to read"
    assert reader.xmp_metadata is None
    assert [a.get_object()["/Subtype"] for a in reader.pages[0]["/Annots"]] == ["/Link"]
    assert reader.attachments == {}


def test_what_an_earlier_saving_of_a_pdf_said_is_gone():
    writer = PdfWriter(io.BytesIO(pdf()), incremental=True)
    writer.add_metadata({"/Author": "Somebody else"})
    out = io.BytesIO()
    writer.write(out)
    assert SECRET.encode() in out.getvalue()
    assert SECRET.encode() not in all_of(scrub("pdf", out.getvalue()))


def test_a_pdf_does_nothing_when_it_is_opened():
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf(secret=False))))
    script = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert('hello')")}
    writer.root_object[NameObject("/OpenAction")] = writer._add_object(DictionaryObject(script))
    out = io.BytesIO()
    writer.write(out)
    assert b"app.alert" in all_of(out.getvalue())
    assert b"app.alert" not in all_of(scrub("pdf", out.getvalue()))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (pdf(secret=False, password="secret"), "encrypted"),
        (b"%PDF-1.7 and then nothing of the kind", "damaged"),
        (b"%PDF-1.4\n" + b"\x00\xff" * 500, "damaged"),
        (b"<html>no pdf</html>", "wrong-type"),
        (b"", "wrong-type"),
    ],
)
def test_a_pdf_that_cannot_be_cleaned_is_refused(data, reason):
    with pytest.raises(Refused, match=reason):
        scrub("pdf", data)


# Office files ---------------------------------------------------------------------------------------


def word() -> bytes:
    """A Word file with author, editor, comment and a picture that tells who took it."""
    document = docx.Document()
    document.core_properties.author = document.core_properties.last_modified_by = SECRET
    document.core_properties.comments = f"by {SECRET}"
    run = document.add_paragraph("Words to read").add_run(" and more")
    document.add_comment(run, text=f"Remark of {SECRET}", author=SECRET, initials="NWI")
    document.add_picture(io.BytesIO(picture("jpg")))
    return saved(document)


def sheet() -> bytes:
    """An Excel file with author, editor and a comment."""
    book = openpyxl.Workbook()
    book.properties.creator = book.properties.lastModifiedBy = SECRET
    book.active["A1"] = "Words to read"
    book.active["A1"].comment = Comment(f"Remark of {SECRET}", SECRET)
    return saved(book)


def slides() -> bytes:
    """The parts of a PowerPoint file that matter here."""
    types = (
        '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">{}</Types>'
    )
    part = '<Override PartName="/ppt/commentAuthors.xml" ContentType="application/x"/>'
    return zipped(
        {
            "[Content_Types].xml": types.format(part).encode(),
            "docProps/core.xml": f"<a>{SECRET}</a>".encode(),
            "docProps/app.xml": f"<a>{SECRET}</a>".encode(),
            "docProps/thumbnail.jpeg": picture("jpg"),
            "ppt/presentation.xml": b"<p>Words to read</p>",
            "ppt/commentAuthors.xml": f'<a><cmAuthor name="{SECRET}"/></a>'.encode(),
            "ppt/comments/comment1.xml": f"<a>{SECRET}</a>".encode(),
            "ppt/media/image1.jpg": picture("jpg"),
        }
    )


def saved(thing: Any) -> bytes:
    out = io.BytesIO()
    thing.save(out)
    return out.getvalue()


def zipped(parts: dict[str, bytes]) -> bytes:
    """A zip of these parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def unzipped(data: bytes) -> bytes:
    """All that stands in a zip, names included."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return b"\n".join(name.encode() + b"\n" + archive.read(name) for name in archive.namelist())


@pytest.mark.parametrize(("ending", "make"), [("docx", word), ("xlsx", sheet), ("pptx", slides)])
def test_an_office_file_keeps_its_words_and_nobodys_name(ending, make):
    told = make()
    assert SECRET.encode() in unzipped(told)
    cleaned = unzipped(scrub(ending, told))
    assert SECRET.encode() not in cleaned
    assert b"NWI" not in cleaned
    assert b"Words to read" in cleaned


def test_office_programs_open_what_was_cleaned():
    document = docx.Document(io.BytesIO(scrub("docx", word())))
    assert document.paragraphs[0].text == "Words to read and more"
    assert len(document.inline_shapes) == 1
    assert document.core_properties.author == ""
    book = openpyxl.load_workbook(io.BytesIO(scrub("xlsx", sheet())))
    assert book.active["A1"].value == "Words to read"
    assert book.active["A1"].comment is None


def with_part(name: str, content: bytes) -> bytes:
    """A Word file with one part more."""
    out = io.BytesIO(word())
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


def lying_zip() -> bytes:
    """A zip whose list says that its large part is small."""
    data = bytearray(zipped({"[Content_Types].xml": b"<a/>", "word/document.xml": b"x" * 5000}))
    place = data.rindex(b"PK\x01\x02")
    struct.pack_into("<I", data, place + 24, 10)
    return bytes(data)


@pytest.mark.parametrize(
    ("ending", "make", "reason"),
    [
        ("docx", lambda: with_part("word/vbaProject.bin", b"Sub AutoOpen()"), "macros"),
        ("docx", lambda: with_part("word/media/zeros.bin", b"\0" * 60_000_000), "too-large"),
        ("docx", lambda: zipped({f"part{n}.xml": b"" for n in range(5001)}), "too-large"),
        ("docx", lying_zip, "too-large|damaged|wrong-type"),
        ("docx", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "encrypted"),
        ("docx", lambda: with_part("word/evil.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'), "damaged"),
        ("docx", sheet, "wrong-type"),
        ("xlsx", word, "wrong-type"),
        ("docx", lambda: word()[:4000], "wrong-type|damaged"),
        ("docx", lambda: b"MZ\x90\x00" * 99, "wrong-type"),
        ("txt", lambda: b"MZ\x90\x00\x03" * 99, "wrong-type"),
        ("csv", lambda: "a;b".encode("utf-16"), "wrong-type"),
    ],
)
def test_a_document_that_is_not_what_it_says_or_too_much_is_refused(ending, make: Callable[[], bytes], reason):
    with pytest.raises(Refused, match=reason):
        scrub(ending, make())


# Uploading ------------------------------------------------------------------------------------------


def upload(name: str, data: bytes) -> ContentFile:
    return ContentFile(data, name=name)


def test_a_refusal_says_what_to_do():
    for name, data, words in [
        ("a.pdf", pdf(secret=False, password="secret"), "protected by a password"),
        ("a.png", SCRIPT, "not the kind of file its name says"),
        ("a.exe", b"MZ", "Files of this kind (.exe) are not taken"),
        ("a", b"MZ", "are not taken"),
    ]:
        with pytest.raises(ValidationError) as caught:
            (clean_document if name != "a.png" else clean_image)(upload(name, data))
        assert words in str(caught.value)


def test_a_file_that_is_too_large_is_refused_before_it_is_read(settings):
    settings.DOCUMENT_MAX_UPLOAD_SIZE = 10
    with pytest.raises(ValidationError, match="The most that is taken"):
        clean_document(upload("a.txt", b"x" * 11))


def test_svg_is_taken_neither_as_picture_nor_as_document():
    for clean in (clean_image, clean_document):
        with pytest.raises(ValidationError, match="are not taken"):
            clean(upload("drawing.svg", SCRIPT))


@pytest.mark.django_db
def test_whatever_way_a_file_comes_it_is_stored_clean():
    document = HubDocument.objects.create(title="A file", file=upload("a.docx", word()), audience="members")
    assert SECRET.encode() not in unzipped(document.file.open().read())
    image = HubImage.objects.create(title="A picture", file=upload("a.jpg", picture("jpg")), audience="members")
    assert SECRET.encode() not in image.file.open().read()
    for model, file in [(HubDocument, upload("a.pdf", b"no")), (HubImage, upload("b.png", SCRIPT))]:
        with pytest.raises(ValidationError):
            model.objects.create(title="Refused", file=file)
        assert not model.objects.filter(title="Refused").exists()


@pytest.mark.django_db
def test_the_editor_refuses_a_file_in_words_and_keeps_nothing():
    admin = Client()
    admin.force_login(personas.make_personas()["secretariat"])
    for address, model, name, data in [
        (reverse("wagtailimages:add"), HubImage, "a.png", SCRIPT),
        (reverse("wagtaildocs:add"), HubDocument, "a.pdf", SCRIPT),
    ]:
        file = SimpleUploadedFile(name, data)
        answer = admin.post(address, {"title": "A lie", "file": file, "audience": "members", "collection": 1})
        assert answer.status_code == 200
        assert not model.objects.exists()
    good = {"title": "A picture", "audience": "members", "collection": 1}
    for address, model, name, data in [
        (reverse("wagtailimages:add"), HubImage, "a.png", picture("png")),
        (reverse("wagtaildocs:add"), HubDocument, "a.docx", word()),
    ]:
        answer = admin.post(address, {**good, "file": SimpleUploadedFile(name, data)})
        assert answer.status_code == 302, answer.context["form"].errors
        stored = model.objects.get().file.open().read()
        assert SECRET.encode() not in (unzipped(stored) if name == "a.docx" else stored)


# Doors ----------------------------------------------------------------------------------------------


@pytest.fixture
def member(db: None) -> Client:
    client = Client()
    client.force_login(personas.make_personas()["associate"])
    return client


def stored(name: str, data: bytes = b"words", **fields: Any) -> HubDocument:
    file = upload(name, data)
    file.is_clean = True  # type: ignore[attr-defined]
    return HubDocument.objects.create(title=name, file=file, **fields)


@pytest.fixture
def image(db: None) -> HubImage:
    file = upload("a.png", picture("png"))
    file.is_clean = True  # type: ignore[attr-defined]
    return HubImage.objects.create(title="A picture", file=file, audience="public")


def test_a_file_is_for_members_unless_somebody_says_otherwise(db):
    assert stored("a.txt").access_key == "members"


@pytest.mark.parametrize(
    ("name", "kind", "how"),
    [
        ("a.pdf", "application/pdf", "inline"),
        ("a.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "attachment"),
        ("a.txt", "text/plain", "attachment"),
    ],
)
def test_a_document_is_given_out_so_that_nothing_in_it_can_act(member, name, kind, how):
    answer = member.get(stored(name).url)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith(kind)
    assert answer["Content-Disposition"].startswith(how)
    assert answer["Content-Security-Policy"] == "default-src 'none'"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"
    assert not answer.has_header("ETag")


def test_a_public_document_is_kept_by_no_cache_either(client, db):
    assert client.get(stored("a.txt", audience="public").url)["Cache-Control"] == "private, no-store"


def test_a_document_answers_only_under_its_own_name(member):
    document = stored("a.txt")
    assert member.get(document.url).status_code == 200
    assert member.get(f"/documents/{document.pk}/b.txt").status_code == 404
    assert member.get("/documents/99999999999999999999/a.txt").status_code == 404


def test_a_name_in_any_script_arrives(member):
    answer = member.get(stored("دليل.txt").url)
    assert answer.status_code == 200
    assert "filename*=UTF-8''%D8" in answer["Content-Disposition"]


def test_a_file_that_is_gone_from_the_disk_is_not_there(member):
    document = stored("a.txt")
    document.file.storage.delete(document.file.name)
    assert member.get(document.url).status_code == 404


def test_the_web_server_is_told_to_send_a_file_only_after_the_rule(member, client, settings):
    settings.SENDFILE_PREFIX = "/protected"
    document = stored("a.txt")
    answer = member.get(document.url)
    assert (answer["X-Accel-Redirect"], answer.content) == (f"/protected/{document.file.name}", b"")
    refused = client.get(document.url)
    assert refused.status_code == 404
    assert not refused.has_header("X-Accel-Redirect")


def test_a_file_that_is_closed_is_closed_at_once(client, member):
    document = stored("a.txt", audience="public")
    assert client.get(document.url).status_code == 200
    document.audience = "members"
    document.save(update_fields=["audience"])
    assert (client.get(document.url).status_code, member.get(document.url).status_code) == (404, 200)


def test_uploads_have_no_address_of_their_own(image, db):
    for file in (image.file, stored("a.txt").file, image.get_rendition("width-20").file):
        with pytest.raises(ValueError, match="no address"):
            _ = file.url


def test_an_open_picture_may_be_kept_for_five_minutes_and_a_closed_one_by_nobody(client, member, image):
    rendition = image.get_rendition("width-20")
    answer = client.get(rendition.url)
    assert (answer["Cache-Control"], answer["Content-Type"]) == ("public, max-age=300", "image/png")
    assert answer["Content-Security-Policy"] == "default-src 'none'"
    image.audience = "members"
    image.save()
    rendition.refresh_from_db()
    assert member.get(rendition.url)["Cache-Control"] == "private, no-store"


def test_pictures_get_new_addresses_when_who_may_see_them_changes(client, member, image):
    first = image.get_rendition("width-20").url
    image.title = "Another title"
    image.save()
    assert image.get_rendition("width-20").url == first
    image.audience = "members"
    image.save()
    second = HubImage.objects.get(pk=image.pk).get_rendition("width-20").url
    assert second != first
    assert [member.get(url).status_code for url in (first, second)] == [404, 200]
    assert [client.get(url).status_code for url in (first, second)] == [404, 404]


def test_addresses_of_pictures_cannot_be_guessed(image):
    tokens = {image.get_rendition(f"width-{width}").token for width in range(5, 15)}
    assert len(tokens) == 10
    assert all(len(token) >= 16 for token in tokens)
