"""What is said of a Word file, in words for the person who imports."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from guidebooks.word import Remark

REFUSALS: dict[str, Promise] = {
    "empty-file": gettext_lazy("is empty: it has no bytes. Save it again in Word and upload it anew."),
    "empty": gettext_lazy("has neither text nor pictures. Was the right file chosen?"),
    "encrypted": gettext_lazy("is protected by a password. Save a copy without a password and upload that."),
    "old-word": gettext_lazy("is in an older format of Word (.doc or .rtf). Open it in Word and save it as .docx."),
    "not-word": gettext_lazy("is no Word file, whatever its name says. Open it in its own program, save it as .docx."),
    "macros": gettext_lazy("contains macros, which are small programs. Save it as .docx, which has none."),
    "damaged": gettext_lazy("is damaged and cannot be read. Open it in Word, let Word repair it, and save it again."),
    "too-deep": gettext_lazy(
        "is nested deeper than any text: tables in tables in tables. Make it simpler and save it."
    ),
    "too-large": gettext_lazy(
        "is too large to be read: 100 MB for the file, and 100 MB for each part of it when unpacked. "
        "Make its pictures smaller, or split it."
    ),
    "pdf-encrypted": gettext_lazy("is a PDF with a password. Make one without, or use the Word file it was made of."),
    "pdf-damaged": gettext_lazy(
        "is a damaged PDF and cannot be read. Make it anew, or use the Word file it was made of."
    ),
    "pdf-scan": gettext_lazy(
        "is a PDF without text: a scan? Words in pictures cannot be searched, nor read aloud. Use the Word file it was "
        "made of, or a program that recognises text."
    ),
    "too-slow": gettext_lazy("took too long to read. Split it into several files."),
}

REMARKS: dict[str, Promise] = {
    "no-text": gettext_lazy(
        "The file has no text, only pictures: is it a scan? Words in pictures cannot be searched, "
        "nor read aloud. Type them, or use a program that recognises text."
    ),
    "no-heading-1": gettext_lazy(
        "No paragraph has the style “Heading 1”, so all text became one chapter. To get chapters, give their titles "
        "the style “Heading 1” in Word and import the file again."
    ),
    "headers": ngettext_lazy(
        "What stands at the head or foot of the pages was left out (%(count)d text).",
        "What stands at the head or foot of the pages was left out (%(count)d texts).",
        "count",
    ),
    "tracked": ngettext_lazy(
        "%(count)d tracked change was accepted: what was inserted is in, what was deleted is gone, nobody is named.",
        "%(count)d tracked changes were accepted: what was inserted is in, what was deleted is gone, nobody is named.",
        "count",
    ),
    "comments-in-file": ngettext_lazy(
        "%(count)d comment that belongs to no place in the text was left out.",
        "%(count)d comments that belong to no place in the text were left out.",
        "count",
    ),
    "comments": ngettext_lazy(
        "%(count)d comment of the file was left out.", "%(count)d comments of the file were left out.", "count"
    ),
    "contents": gettext_lazy("The table of contents was left out: the guidebook has its own."),
    "author-field": gettext_lazy("A field that names who made the file was left out."),
    "underlined": ngettext_lazy(
        "%(count)d underlined place is plain now: underlined words look like links. Use bold to stress a word.",
        "%(count)d underlined places are plain now: underlined words look like links. Use bold to stress a word.",
        "count",
    ),
    "hidden": ngettext_lazy("%(count)d hidden word was left out.", "%(count)d hidden words were left out.", "count"),
    "symbol": ngettext_lazy(
        "%(count)d sign of a font of signs is not known. It is □ now; write it anew.",
        "%(count)d signs of a font of signs are not known. They are □ now; write them anew.",
        "count",
    ),
    "lettered": ngettext_lazy(
        "%(count)d item of a list that counted with letters or Roman numbers counts 1, 2, 3 now.",
        "%(count)d items of lists that counted with letters or Roman numbers count 1, 2, 3 now.",
        "count",
    ),
    "deep-headings": ngettext_lazy(
        "%(count)d heading below level 4 is at level 4 now.",
        "%(count)d headings below level 4 are at level 4 now.",
        "count",
    ),
    "numbered-headings": gettext_lazy(
        "Word numbered the headings by itself; these numbers are not part of the text. "
        "Look at places such as “see 3.2”."
    ),
    "inserted-file": gettext_lazy(
        "Another file that was inserted here as a whole was left out. Copy its text instead."
    ),
    "equation": gettext_lazy("An equation became a line of signs: %(words)s"),
    "chart": gettext_lazy("A chart was left out. Insert it as a picture. %(words)s"),
    "diagram": gettext_lazy("The words of a drawing (SmartArt) stand in a box; the drawing is gone: %(words)s"),
    "object": gettext_lazy(
        "An embedded file was left out; its picture stays if it is one that can be shown. %(words)s"
    ),
    "linked-picture": gettext_lazy("A picture is not in the file: it was only linked to. Insert the picture itself."),
    "picture-gone": gettext_lazy("A picture is named in the file, but is not in it."),
    "no-alt": gettext_lazy("A picture has no words for people who cannot see it. Say what it shows."),
    "link-file": gettext_lazy("A link to a file on somebody's computer is plain text now."),
    "link-broken": gettext_lazy("A link without an address is plain text now."),
    "link-nowhere": gettext_lazy("A link to a place that is not in the file is plain text now: %(words)s"),
    "text-box": gettext_lazy("The text of a text box stands in a box of its own, after the paragraph it hung on."),
    "merged": ngettext_lazy(
        "The table had %(count)d merged cell. Short words are repeated in each of its places; "
        "else they stand in the first.",
        "The table had %(count)d merged cells. Short words are repeated in each of their places; "
        "else they stand in the first.",
        "count",
    ),
    "head-rows": gettext_lazy("The %(count)d head rows of a table became one."),
    "empty-table": gettext_lazy("A table without cells was left out."),
    "table-in-table": gettext_lazy("A table in a cell of a table stands below that table."),
    "picture-in-table": gettext_lazy("A picture in a cell of a table stands below the table."),
    "heading-in-table": gettext_lazy("A heading in a cell of a table is bold text now."),
    "table-in-note": gettext_lazy("A table in a note is running text now."),
    "picture-in-note": gettext_lazy("A picture in a note was left out."),
    "tabbed": ngettext_lazy(
        "%(count)d line is set with tabs like a table. Make a table of it, so that it can be read on a phone.",
        "%(count)d lines are set with tabs like a table. Make a table of them, so that they can be read on a phone.",
        "count",
    ),
    "words-missing": ngettext_lazy(
        "%(count)d word of the file is not in the chapter: %(words)s",
        "%(count)d words of the file are not in the chapter: %(words)s",
        "count",
    ),
    "other-language": gettext_lazy("The text seems to be in another language (%(words)s) than the guidebook."),
    "pdf": gettext_lazy(
        "A PDF does not say what is a table, a note, a list in a list, or bold: look through all of it. "
        "If there is a Word file, import that instead."
    ),
    "pdf-no-headings": gettext_lazy(
        "The PDF has no outline and no lines in larger letters, so all text became one chapter."
    ),
    "pdf-pages-without-text": ngettext_lazy(
        "%(count)d page has no text: %(words)s", "%(count)d pages have no text: %(words)s", "count"
    ),
    "pdf-pictures": ngettext_lazy(
        "%(count)d picture was left out. Insert it, with words that say what it shows.",
        "%(count)d pictures were left out. Insert them, with words that say what they show.",
        "count",
    ),
    "pdf-links": ngettext_lazy(
        "%(count)d link is plain text now. It led to: %(words)s",
        "%(count)d links are plain text now. They led to: %(words)s",
        "count",
    ),
    "more": gettext_lazy("… and %(count)d more of the same kind."),
}


def refusal(code: str) -> str:
    """Why a file is not read."""
    return str(REFUSALS.get(code, REFUSALS["damaged"]))


def lines(remarks: Iterable[Remark]) -> list[str]:
    """Remarks in words, each with its place."""
    return [_line(remark) for remark in remarks if remark.code in REMARKS]


def _line(remark: Remark) -> str:
    template: Any = REMARKS[remark.code]
    words = (template % {"count": remark.count, "words": remark.words}).strip()
    if not remark.place:
        return words
    return _("%(remark)s (paragraph beginning “%(place)s”)") % {"remark": words, "place": remark.place}
