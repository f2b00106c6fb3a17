"""Read one Word file under limits: ``python -m guidebooks.word < FILE``, or one picture of it, as ``picture PART``.

Writes one JSON object, a ``Book`` or ``{"refused": code}``; of a picture, its bytes as PNG or JPEG, nothing where
there is none that can be read.
"""

from __future__ import annotations

import json
import sys
from io import BytesIO

from guidebooks.word import Book, Refused, Remark
from guidebooks.word.counting import Tally
from guidebooks.word.package import File
from guidebooks.word.reading import Reader
from search.extraction import limits

MOST_PIXELS = 50_000_000


def read(data: bytes) -> Book:
    """A Word file as a book, with what was counted in it.

    Raises:
        Refused: it is none that can be read.
    """
    file = File(data)
    reader = Reader(file)
    book = reader.read()
    tally = Tally(file, reader.desk.styles)
    for chapter, draft in zip(book.chapters, reader.desk.drafts, strict=True):
        counted = tally.chapter(draft.begins)
        chapter.before, chapter.words = counted.things, counted.words
    if not any(chapter.words or chapter.before["images"] or chapter.before["tables"] for chapter in book.chapters):
        raise Refused("empty")
    if not any(chapter.words for chapter in book.chapters) and any(c.before["images"] for c in book.chapters):
        book.remarks.insert(0, Remark("no-text"))
    return book


def picture(data: bytes, name: str) -> bytes:
    """A picture of a kind that browsers do not show, such as GIF or TIFF, as PNG; nothing where it cannot be read."""
    from PIL import Image, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        with Image.open(BytesIO(File(data).read(name)), formats=["GIF", "BMP", "TIFF", "PNG", "JPEG"]) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                return b""
            mode = "RGBA" if opened.mode in {"P", "RGBA", "LA", "PA"} else "RGB"
            out = BytesIO()
            opened.convert(mode).save(out, "PNG")
            return out.getvalue()
    except (OSError, ValueError, SyntaxError, UnidentifiedImageError, Image.DecompressionBombError):
        return b""


def main(arguments: list[str]) -> None:
    """Read standard input and write what came of it."""
    limits.bind()
    data = sys.stdin.buffer.read()
    if arguments[:1] == ["picture"]:
        from PIL import Image, TiffImagePlugin  # noqa: F401 nothing can be loaded once the process is closed

        Image.preinit()
        limits.close()
        sys.stdout.buffer.write(picture(data, arguments[1]))
        return
    limits.close()
    told: dict[str, object]
    try:
        told = read(data).told()
    except Refused as reason:
        told = {"refused": str(reason)}
    except MemoryError:
        told = {"refused": "too-large"}
    except RecursionError:
        told = {"refused": "too-deep"}
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
