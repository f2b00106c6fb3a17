"""What a person is shown before a file becomes a draft: chapters, counts, losses, changes, pictures without words."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any

from django.utils.translation import gettext_lazy as _
from PIL import Image

from core.markdown import COUNTED
from core.scrub import MOST_PIXELS
from guidebooks.manuscript import Manuscript
from guidebooks.renewing import Change
from guidebooks.reports import Report

logger = logging.getLogger(__name__)

COUNT_LABELS = {**COUNTED, "lists": _("Lists")}
KINDS = {
    "heading": _("Heading"),
    "paragraph": _("Text"),
    "practice_point": _("Practice point"),
    "callout": _("Callout"),
    "checklist": _("Checklist"),
    "steps": _("Steps"),
    "table": _("Table"),
    "figure": _("Figure"),
    "quote": _("Quote"),
    "code": _("Code"),
    "link": _("Link to a practice or clause"),
    "worksheet": _("Worksheet"),
    "footnotes": _("Footnotes"),
}
MOST_CHANGES = 60
"""Of one chapter that are shown; the others are counted."""
MOST_QUESTIONS = 200
"""Pictures, conflicts and chapters that can be decided about in the preview, of each."""
AROUND = 8  # words left standing on either side of a change
MOST_WORDS = 600  # of a block that are compared word by word
THUMBNAIL = (320, 320)
FORMATS = ("JPEG", "PNG", "WEBP")
"""Of pictures that are drawn small, whatever their names say: Pillow hands others to other programs."""
PIECE = re.compile(r"\S+\s*")


def preview_of(report: Report) -> dict[str, Any]:
    """All that is shown of a report, as JSON can hold it."""
    before, after, lost = report.total("before"), report.total("after"), report.total("lost")
    names = [*COUNTED, *sorted(set(before) - set(COUNTED))]
    levels: dict[str, int] = {}
    chapters = []
    for chapter in report.chapters:
        levels[chapter.path] = levels.get(chapter.above, -1) + 1 if chapters else 0
        shown = [change for change in chapter.changes if change.how != "kept"]
        if len(shown) > MOST_CHANGES:
            shown.sort(key=lambda change: change.how != "conflict")  # what is asked must be seen
        chapters.append(
            {
                "path": chapter.path,
                "title": chapter.title,
                "title_here": chapter.title_here,
                "title_now": chapter.title_now,
                "level": levels[chapter.path],
                "page": chapter.page,
                "remarks": chapter.remarks,
                "asked": chapter.asked,
                "moved": chapter.moved,
                "counts": {how: sum(c.how == how for c in chapter.changes) for how in ("changed", "new", "gone")},
                "conflicts": sum(change.how == "conflict" for change in chapter.changes),
                "changes": [change_of(change) for change in shown[:MOST_CHANGES]],
                "more": max(0, len(shown) - MOST_CHANGES),
            }
        )
    return {
        "counts": [[name, before[name], after[name], lost[name]] for name in names if before[name] or after[name]],
        "agrees": report.agrees,
        "remarks": report.remarks,
        "chapters": chapters,
        "gone": sorted(report.gone_pages.values()),
        "locked": report.locked,
    }


def change_of(change: Change) -> dict[str, Any]:
    """One change, with what goes and what comes marked."""
    return {
        "id": change.id,
        "how": change.how,
        "kind": change.kind,
        "here": change.here,
        "there": change.there,
        "pieces": list(pieces(change.here, change.there)),
    }


def pieces(here: str, there: str) -> Iterator[tuple[str, str]]:
    """Words that stay, go (``del``) and come (``ins``), in order; long runs that stay are cut.

    >>> list(pieces("one two", "one three"))
    [('', 'one '), ('del', 'two'), ('ins', 'three')]
    """
    old, new = PIECE.findall(here), PIECE.findall(there)
    if len(old) > MOST_WORDS or len(new) > MOST_WORDS:
        yield from (part for part in (("del", shortened(here)), ("ins", shortened(there))) if part[1])
        return
    bare_old, bare_new = [word.strip() for word in old], [word.strip() for word in new]
    for kind, start, end, begin, stop in SequenceMatcher(None, bare_old, bare_new, autojunk=False).get_opcodes():
        if kind == "equal":
            words = old[start:end]
            if len(words) > 2 * AROUND + 4:
                words = [*words[:AROUND], "… ", *words[-AROUND:]]
            yield "", "".join(words)
        else:
            if end > start:
                yield "del", "".join(old[start:end])
            if stop > begin:
                yield "ins", "".join(new[begin:stop])


def shortened(text: str) -> str:
    """The first words of a long text."""
    words = text.split(" ")
    return text if len(words) <= MOST_WORDS // 4 else f"{' '.join(words[: MOST_WORDS // 4])} …"


def thumbnails(manuscript: Manuscript, report: Report) -> Iterator[tuple[str, str, bytes | None]]:
    """Path, address and a small JPEG of each picture that somebody must find words for."""
    sources = {source.path: source for source in manuscript.sources}
    number = 0
    for chapter in report.chapters:
        for src in chapter.asked:
            number += 1
            if number > MOST_QUESTIONS:
                return
            picture = manuscript.picture(sources[chapter.path], src)
            yield chapter.path, src, small(picture.read()) if picture else None


def small(data: bytes) -> bytes | None:
    """A picture as a small JPEG; None for a drawing and for what cannot be read."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                return None
            image.thumbnail(THUMBNAIL)
            flat = Image.new("RGB", image.size, "white")
            with image.convert("RGBA") as drawn:
                flat.paste(drawn, mask=drawn)
            out = io.BytesIO()
            flat.save(out, "JPEG", quality=70)
            return out.getvalue()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
