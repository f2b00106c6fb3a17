"""Takes out of a file what tells of the people who made it. Runs alone: ``python -m core.scrub ENDING``.

A file comes in on standard input and the cleaned one goes out on standard output; a refusal is exit
code 2 with one of ``REFUSALS`` on standard error. It knows no Django and runs under limits of memory
and time (``core.cleaning``), because what it reads comes from outside.
"""

from __future__ import annotations

import io
import re
import resource
import sys
import zipfile
from collections.abc import Iterator
from typing import Any

REFUSALS = ("wrong-type", "damaged", "encrypted", "too-large", "macros")
MEMORY = 1536 * 1024 * 1024  # bytes
SECONDS = 30  # of CPU
MOST_PIXELS = 50_000_000  # 50 megapixels: larger than any camera picture that fits the upload limit
MOST_UNPACKED = 300 * 1024 * 1024  # bytes of an office file when unpacked
MOST_ENTRIES = 5_000
MOST_RATIO = 150  # unpacked to packed; honest office files stay below 50
QUALITY = 90  # of re-encoded JPEG and WebP

PICTURES = {"jpg": "JPEG", "jpeg": "JPEG", "png": "PNG", "webp": "WEBP"}
OFFICE = {"docx": "word/document.xml", "pptx": "ppt/presentation.xml", "xlsx": "xl/workbook.xml"}
TEXT = {"txt", "md", "csv"}

EMPTY = {
    "docProps/core.xml": b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    b'<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>',
    "docProps/app.xml": b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    b'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"/>',
    "docProps/custom.xml": b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    b'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"/>',
}
# Comments, the people who wrote them, and the thumbnail of the first page.
PEOPLE = re.compile(
    r"(docProps/thumbnail\..*"
    r"|word/(comments\w*|people)\.xml"
    r"|ppt/(commentAuthors|authors)\.xml|ppt/comments/.*"
    r"|xl/comments\d*\.xml|xl/comments/.*|xl/persons/.*|xl/threadedComments/.*)$"
)
# The same by what the file itself says they are: programs are free in how they name their parts.
PEOPLE_TYPES = re.compile(r"[./](comments\w*|threadedcomments|commentAuthors|authors|person|people)\+xml$", re.I)
NAMING_ATTRIBUTES = {"author", "initials", "userName", "lastModifiedBy", "userId", "providerId"}
COMMENT_MARKS = {"commentRangeStart", "commentRangeEnd", "commentReference"}
# Annotations that are remarks of people; links and form fields stay.
REMARKS = {
    "/Text", "/FreeText", "/Highlight", "/Underline", "/Squiggly", "/StrikeOut", "/Stamp", "/Caret",
    "/Ink", "/Popup", "/FileAttachment", "/Sound", "/Redact", "/Line", "/Square", "/Circle", "/Polygon", "/PolyLine",
}  # fmt: skip


class Refused(Exception):
    """The file cannot be taken; the message is one of ``REFUSALS``."""


def scrub(ending: str, data: bytes, depth: int = 0) -> bytes:
    """Give the file without EXIF, XMP, comments, author fields and the like.

    Raises:
        Refused: It is not what its ending says, damaged, encrypted, too large, or has macros.
    """
    if ending in PICTURES:
        return picture(data, PICTURES[ending])
    if ending == "pdf":
        return pdf(data)
    if ending in OFFICE:
        return office(data, OFFICE[ending], depth)
    if ending == "odt":
        return open_document(data)
    if ending in TEXT:
        return text(data)
    raise Refused("wrong-type")


def picture(data: bytes, expected: str) -> bytes:
    """Re-encode a picture, upright, from its pixels alone."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = None  # the size is looked at before any pixel is read
    try:
        with Image.open(io.BytesIO(data)) as opened:
            if opened.format not in (expected, "MPO" if expected == "JPEG" else expected):
                raise Refused("wrong-type")
            if opened.width * opened.height > MOST_PIXELS:
                raise Refused("too-large")
            upright = ImageOps.exif_transpose(opened)
            if expected == "JPEG" and upright.mode not in ("L", "RGB"):
                upright = upright.convert("RGB")
            if expected == "WEBP" and upright.mode not in ("RGB", "RGBA"):
                upright = upright.convert("RGBA" if "A" in upright.mode else "RGB")
            plain = Image.new(upright.mode, upright.size)
            if upright.mode == "P" and (palette := upright.getpalette("RGBA")) is not None:
                plain = upright.convert("RGBA") if "transparency" in upright.info else upright.convert("RGB")
                del palette
            else:
                plain.paste(upright)
    except UnidentifiedImageError as error:
        raise Refused("wrong-type") from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise Refused("damaged") from error
    out = io.BytesIO()
    if expected == "PNG":
        plain.save(out, "PNG", optimize=True)
    else:
        plain.save(out, expected, quality=QUALITY)
    return out.getvalue()


def pdf(data: bytes) -> bytes:
    """Write a PDF anew without its information fields, XMP, remarks, attachments and scripts."""
    from pypdf import PdfReader, PdfWriter
    from pypdf.errors import PyPdfError
    from pypdf.generic import ArrayObject, DictionaryObject, NameObject, StreamObject

    if b"%PDF-" not in data[:1024]:
        raise Refused("wrong-type")
    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise Refused("encrypted")
        writer = PdfWriter(clone_from=reader)
        # Emptied, not taken away: pypdf 7.1 can take the wrong object away with it.
        if writer._info is not None:
            writer._info.clear()
        root = writer.root_object
        for name in ("/Metadata", "/PieceInfo", "/OpenAction", "/AA", "/AF", "/Collection"):
            root.pop(name, None)
        names = root.get("/Names")
        if names is not None:
            for name in ("/EmbeddedFiles", "/JavaScript"):
                names.get_object().pop(name, None)
        for page in writer.pages:
            for name in ("/Metadata", "/PieceInfo", "/AA", "/LastModified"):
                page.pop(name, None)
            if "/Annots" in page:
                annotations: Any = page["/Annots"].get_object()
                kept = [each for each in annotations if each.get_object().get("/Subtype") not in REMARKS]
                page[NameObject("/Annots")] = ArrayObject(kept)
        for thing in writer._objects:
            if isinstance(thing, DictionaryObject):
                for name in ("/Metadata", "/PieceInfo"):
                    thing.pop(name, None)
            if isinstance(thing, StreamObject) and thing.get("/Filter") in ("/DCTDecode", ["/DCTDecode"]):
                thing._data = jpeg_without_segments(thing._data)
        sweep(writer)
        out = io.BytesIO()
        writer.write(out)
        if len(PdfReader(out).pages) != len(reader.pages):
            raise Refused("damaged")
    except Refused:
        raise
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, OSError, RecursionError) as error:
        raise Refused("damaged") from error
    return out.getvalue()


def sweep(writer) -> None:  # type: ignore[no-untyped-def]  # pypdf is imported where it is needed
    """Take out of a PDF what nothing in it leads to any more; it would be written out all the same."""
    from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

    kept: set[int] = set()
    waiting = [writer.root_object.indirect_reference, getattr(writer._info, "indirect_reference", None)]
    while waiting:
        thing = waiting.pop()
        if isinstance(thing, IndirectObject):
            if thing.idnum in kept or not 0 < thing.idnum <= len(writer._objects):
                continue
            kept.add(thing.idnum)
            thing = writer._objects[thing.idnum - 1]
        if isinstance(thing, DictionaryObject):
            waiting.extend(dict.values(thing))
        elif isinstance(thing, ArrayObject):
            waiting.extend(list.__iter__(thing))
    for number in range(1, len(writer._objects) + 1):
        if number not in kept:
            writer._objects[number - 1] = None


def jpeg_without_segments(data: bytes) -> bytes:
    """Take EXIF, XMP, IPTC and comments out of a JPEG without touching its pixels."""
    if data[:2] != b"\xff\xd8":
        return data
    out, place = bytearray(data[:2]), 2
    while place + 4 <= len(data) and data[place] == 0xFF and data[place + 1] != 0xDA:
        length = 2 + int.from_bytes(data[place + 2 : place + 4], "big")
        # APP1 (EXIF, XMP) to APP13 (IPTC) but for APP2 (colour profile), and COM.
        if not (0xE1 <= data[place + 1] <= 0xED and data[place + 1] != 0xE2) and data[place + 1] != 0xFE:
            out += data[place : place + length]
        place += length
    return bytes(out + data[place:])


def office(data: bytes, main_part: str, depth: int) -> bytes:
    """Write an Office file anew: empty properties, no comments, no names of people, clean pictures."""
    parts = dict(unpacked(data))
    if "[Content_Types].xml" not in parts or main_part not in parts:
        raise Refused("wrong-type")
    if any(name.lower().endswith("vbaproject.bin") for name in parts):
        raise Refused("macros")
    dropped = {name for name in parts if PEOPLE.match(name)} | parts_about_people(parts["[Content_Types].xml"])
    cleaned: dict[str, bytes] = {}
    for name, content in parts.items():
        if name in dropped:
            continue
        if name in EMPTY:
            cleaned[name] = EMPTY[name]
        elif name == "[Content_Types].xml":
            cleaned[name] = without(content, "PartName", {f"/{part}" for part in dropped})
        elif name.endswith(".rels"):
            cleaned[name] = relationships(name, content, dropped)
        elif name.endswith((".xml", ".vml")):
            cleaned[name] = without_names(content)
        elif (ending := name.rpartition(".")[2].lower()) in PICTURES:
            cleaned[name] = embedded_picture(ending, content)
        elif ending in OFFICE and depth < 2:
            cleaned[name] = scrub(ending, content, depth + 1)
        else:
            cleaned[name] = content
    return packed(cleaned)


def parts_about_people(content_types: bytes) -> set[str]:
    """The parts of an Office file that it calls comments or lists of people."""
    return {
        element.get("PartName", "").lstrip("/")
        for element in tree(content_types)
        if PEOPLE_TYPES.search(element.get("ContentType", ""))
    }


def open_document(data: bytes) -> bytes:
    """Write an OpenDocument text anew without its meta data, remarks and thumbnail."""
    parts = dict(unpacked(data))
    if parts.get("mimetype", b"").strip() != b"application/vnd.oasis.opendocument.text":
        raise Refused("wrong-type")
    if any(name.startswith("Basic/") for name in parts):
        raise Refused("macros")
    cleaned = {}
    for name, content in parts.items():
        if name.startswith("Thumbnails/"):
            continue
        if name == "meta.xml":
            content = (
                b'<?xml version="1.0" encoding="UTF-8"?><office:document-meta '
                b'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" office:version="1.3"/>'
            )
        elif name == "META-INF/manifest.xml":
            gone = {part for part in parts if part.startswith("Thumbnails/")}
            content = without(content, "full-path", gone)
        elif name in ("content.xml", "styles.xml"):
            content = without_remarks(content)
        elif (ending := name.rpartition(".")[2].lower()) in PICTURES:
            content = embedded_picture(ending, content)
        cleaned[name] = content
    return packed(cleaned)


def embedded_picture(ending: str, data: bytes) -> bytes:
    """A picture inside a document, cleaned by what it is; its ending there may be wrong in good faith."""
    formats = {"JPEG": b"\xff\xd8\xff", "PNG": b"\x89PNG", "WEBP": b"RIFF"}
    real = next((name for name, start in formats.items() if data.startswith(start)), PICTURES[ending])
    return picture(data, real)


def text(data: bytes) -> bytes:
    """Plain text as it is; refuse what is none."""
    try:
        if "\0" in data.decode("utf-8-sig"):
            raise Refused("wrong-type")
    except UnicodeDecodeError as error:
        raise Refused("wrong-type") from error
    return data


def unpacked(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The parts of a zip file, as far as its size when unpacked is honest."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            size = sum(entry.file_size for entry in entries)
            if len(entries) > MOST_ENTRIES or size > MOST_UNPACKED or size > MOST_RATIO * max(len(data), 100_000):
                raise Refused("too-large")
            if any(entry.flag_bits & 0x1 for entry in entries):
                raise Refused("encrypted")
            for entry in entries:
                with archive.open(entry) as part:
                    content = part.read(entry.file_size + 1)
                if len(content) > entry.file_size:
                    raise Refused("too-large")
                yield entry.filename, content
    except zipfile.BadZipFile as error:
        # Word, PowerPoint and Excel keep an encrypted document in an old kind of container.
        raise Refused("encrypted" if data[:4] == b"\xd0\xcf\x11\xe0" else "wrong-type") from error
    except (NotImplementedError, OSError, EOFError, ValueError) as error:
        raise Refused("damaged") from error


def packed(parts: dict[str, bytes]) -> bytes:
    """A zip of these parts, the first one not compressed where the format asks for it, without dates."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return out.getvalue()


def tree(content: bytes):  # type: ignore[no-untyped-def]  # lxml has no types
    """Parse XML that may be hostile: no entities, no network."""
    from lxml import etree

    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise Refused("damaged")
    try:
        return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    except etree.XMLSyntaxError as error:
        raise Refused("damaged") from error


def written(root) -> bytes:  # type: ignore[no-untyped-def]
    """XML as office programs write it."""
    from lxml import etree

    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))


def local(name: object) -> str:
    """A name without its namespace."""
    return str(name).rpartition("}")[2]


def without(content: bytes, attribute: str, values: set[str]) -> bytes:
    """XML without the elements whose attribute has one of these values."""
    root = tree(content)
    for element in list(root.iter()):
        if any(local(name) == attribute and value in values for name, value in element.attrib.items()):
            remove(element)
    return written(root)


def relationships(name: str, content: bytes, dropped: set[str]) -> bytes:
    """A list of relationships without those to dropped parts, and without paths of somebody's disk."""
    base = name.replace("_rels/", "").rpartition("/")[0]
    root = tree(content)
    for relation in list(root):
        target = relation.get("Target", "")
        if relation.get("TargetMode") == "External":
            if target.lower().startswith("file:"):
                relation.set("Target", target.replace("\\", "/").rpartition("/")[2])
        elif resolve(base, target) in dropped:
            root.remove(relation)
    return written(root)


def resolve(base: str, target: str) -> str:
    """The part a relationship leads to."""
    if target.startswith("/"):
        return target[1:]
    steps = base.split("/") if base else []
    for step in target.split("/"):
        if step == "..":
            del steps[-1:]
        elif step != ".":
            steps.append(step)
    return "/".join(steps)


def without_names(content: bytes) -> bytes:
    """XML without names of authors, marks of comments, and the path the file was saved at."""
    root = tree(content)
    for element in list(root.iter()):
        name = local(element.tag)
        if name in COMMENT_MARKS or name == "absPath":
            remove(element)
            continue
        for attribute in element.attrib:
            if local(attribute) in NAMING_ATTRIBUTES:
                element.set(attribute, "")
    return written(root)


def without_remarks(content: bytes) -> bytes:
    """OpenDocument XML without remarks and without the names of those who changed it."""
    root = tree(content)
    for element in list(root.iter()):
        if local(element.tag) in ("annotation", "annotation-end"):
            remove(element)
        elif local(element.tag) in ("creator", "initial-creator"):
            element.text = ""
    return written(root)


def remove(element) -> None:  # type: ignore[no-untyped-def]
    """Take an element out and keep the text that follows it."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        before = element.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    parent.remove(element)


def main() -> int:
    """Scrub standard input under limits."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    try:
        sys.stdout.buffer.write(scrub(sys.argv[1], sys.stdin.buffer.read()))
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 2
    except MemoryError:
        print("too-large", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
