"""How a page is cited: in words, as BibTeX and as RIS; and lists of pages as files for reference managers.

The forms are written for the strictest readers: BibTeX counts braces even behind a backslash, so a brace of a text is
written as a command; RIS ends a value at the end of its line. Nothing here decides who may read: whoever calls hands
over pages that the reader may open.
"""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from core.kinds import kind_label
from core.models import Edition, HubPage, KeywordOfPage
from members.models import in_language

PUBLISHER = "INDEX"
LANGUAGES = {"en": "english", "de": "german", "fr": "french", "ar": "arabic"}
"""Names of languages as BibTeX styles know them."""
BIBTEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        **{sign: f"\\{sign}" for sign in "$&#_%"},
    }
)
ENTRY = {"guidebook": "book", "research": "techreport"}
RIS_TYPES = {
    "guidebook": "BOOK",
    "research": "RPRT",
    "standard": "STAND",
    **dict.fromkeys(("webinar", "meeting", "training"), "VIDEO"),
}
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\s]+")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""
CSV_COLUMNS = ("title", "authors", "year", "kind", "published_in", "doi", "language", "address", "summary", "keywords")


@dataclass(frozen=True)
class Citation:
    """What a citation says of one page.

    Args:
        key: Name of the entry in a bibliography, of ASCII letters, digits and "-".
        authors: People or bodies, as they want to be named. Empty: ``by`` stands in their place.
        by: INDEX, with the working group that made it.
        year: None: without a date.
        published_in: Where it was published first, when that was not here.
        source: Address of that first publication; empty: there is none but ours.
    """

    key: str
    kind: str
    title: str
    authors: tuple[str, ...]
    by: str
    address: str
    year: int | None = None
    day: date | None = None
    edition: str = ""
    published_in: str = ""
    doi: str = ""
    source: str = ""
    language: str = "en"
    summary: str = ""
    keywords: tuple[str, ...] = ()

    @property
    def kind_label(self) -> str:
        """The kind in words, in the active language."""
        return kind_label(self.kind)


def citation_of(page: HubPage, edition: Edition | None = None) -> Citation:
    """What there is to cite of a page, in all its editions or in one.

    The address is a permanent one, which stays when the page moves: it leads to the newest text, or to the edition.
    """
    said = page.cited()
    group = page.working_group if page.working_group_id else None
    day = said.get("day") or (page.published_on.date() if page.published_on else None)
    if edition is not None:
        day = edition.closed_at.date()
    authors = edition.authors if edition is not None else said.get("authors", "")
    return Citation(
        key=f"index-{page.pk}" + (f"-e{edition.number}" if edition is not None else ""),
        kind=page.get_kind(),
        title=edition.title if edition is not None else page.title,
        authors=names_in(authors),
        by=f"{PUBLISHER}, {in_language(group, 'name', page.language)}" if group else PUBLISHER,
        address=permanent_address(page, edition),
        year=day.year if day else None,
        day=day,
        edition=edition.name if edition is not None else said.get("edition", ""),
        published_in=said.get("published_in", ""),
        doi=said.get("doi", ""),
        source=said.get("source", ""),
        language=page.language,
        summary=edition.summary if edition is not None else page.summary,
    )


def citations_of(pages: Sequence[HubPage]) -> list[Citation]:
    """What there is to cite of pages that the reader may open, in their order, with their keywords.

    Args:
        pages: Rows with their language and group (``for_cards``); what only their own kind knows is read here, without
            the texts: one query for each kind, and one for all keywords.
    """
    rows = {page.pk: page for page in pages}
    words: dict[int, list[str]] = defaultdict(list)
    for of in KeywordOfPage.objects.filter(content_object__in=rows).select_related("tag").order_by("pk"):
        words[of.content_object_id].append(of.tag.name)
    whole: dict[int, HubPage] = {}
    of_kind: dict[type[HubPage], list[HubPage]] = defaultdict(list)
    for page in HubPage.objects.filter(pk__in=rows).defer_streamfields().specific():
        page.locale, page.working_group = rows[page.pk].locale, rows[page.pk].working_group
        whole[page.pk] = page
        of_kind[type(page)].append(page)
    for model, some in of_kind.items():
        prefetch_related_objects(some, *model.cited_with)
    return [replace(citation_of(whole[pk]), keywords=tuple(words[pk])) for pk in rows if pk in whole]


def permanent_address(page: HubPage, edition: Edition | None = None) -> str:
    """The address to cite, whole."""
    with translation.override(page.language):
        path = (
            reverse("edition", args=[page.pk, edition.number])
            if edition is not None
            else reverse("all_editions", args=[page.pk])
        )
    return settings.WAGTAILADMIN_BASE_URL.rstrip("/") + path


def names_in(authors: str) -> tuple[str, ...]:
    """The single names of a line of authors with ``;`` between.

    >>> names_in("Okoro, Miriam; A. Weber ;")
    ('Okoro, Miriam', 'A. Weber')
    """
    return tuple(name for part in authors.split(";") if (name := in_one_line(part)))


def in_one_line(text: str) -> str:
    """A text without control characters and line breaks, which neither format can hold in a value."""
    return CONTROL.sub(" ", text).strip()


# The forms -----------------------------------------------------------------------------------------


def as_text(cited: Citation) -> str:
    """One line to cite by, in the active language."""
    parts = [
        f"{'; '.join(cited.authors) or cited.by} ({cited.year or _('no date')})",
        in_one_line(cited.title),
        in_one_line(cited.edition),
        cited.kind_label,
        in_one_line(cited.published_in),
        PUBLISHER if cited.authors and not cited.published_in else "",
        f"https://doi.org/{cited.doi}" if cited.doi else cited.address,
    ]
    said = [part if part[-1] in ".?!" else f"{part}." for part in parts[:-1] if part]
    return " ".join([*said, parts[-1]])


def as_bibtex(cited: Citation) -> str:
    """One entry of a BibTeX file, with a line break at its end."""
    entry = "article" if cited.kind == "research" and cited.published_in else ENTRY.get(cited.kind, "misc")
    place = {"article": "journal", "book": "publisher", "techreport": "institution"}.get(entry, "howpublished")
    fields = {
        "author": " and ".join(map(_bibtex_name, cited.authors)) or f"{{{_bibtex(cited.by)}}}",
        "title": f"{{{_bibtex(cited.title)}}}",
        "year": str(cited.year or ""),
        place: _bibtex(cited.published_in or PUBLISHER),
        "edition": _bibtex(cited.edition),
        "type": _bibtex(cited.kind_label),
        "doi": _address(cited.doi),
        "url": _address(cited.source or cited.address),
        "language": LANGUAGES.get(cited.language, cited.language),
        "keywords": _bibtex(", ".join(cited.keywords)),
        "abstract": _bibtex(cited.summary),
    }
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return f"@{entry}{{{cited.key},\n" + ",\n".join(lines) + "\n}\n"


def as_ris(cited: Citation) -> str:
    """One record of a RIS file; lines end with CR LF, as the format asks."""
    kind = "JOUR" if cited.kind == "research" and cited.published_in else RIS_TYPES.get(cited.kind, "GEN")
    # A comma would part the family name from the given one: a body has neither.
    authors = cited.authors or (cited.by.replace(", ", ": "),)
    pairs = [
        ("TY", kind),
        *(("AU", name) for name in authors),
        ("TI", cited.title),
        ("PY", str(cited.year or "")),
        ("DA", cited.day.strftime("%Y/%m/%d") if cited.day else ""),
        ("T2" if kind == "JOUR" else "PB", cited.published_in or PUBLISHER),
        ("ET", cited.edition),
        ("M3", cited.kind_label),
        ("DO", cited.doi),
        ("UR", cited.source or cited.address),
        ("LA", cited.language),
        *(("KW", word) for word in cited.keywords),
        ("AB", cited.summary),
        ("ID", cited.key),
    ]
    lines = [f"{tag}  - {in_one_line(value)}" for tag, value in pairs if in_one_line(value)]
    return "".join(f"{line}\r\n" for line in [*lines, "ER  - ", ""])


def as_csv(citations: Iterable[Citation]) -> str:
    """A table with the names of the columns first. What a spreadsheet would take for a formula gets an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(CSV_COLUMNS)
    for cited in citations:
        cells: Sequence[Any] = (
            cited.title,
            "; ".join(cited.authors) or cited.by,
            cited.year or "",
            cited.kind_label,
            cited.published_in,
            cited.doi,
            cited.language,
            cited.source or cited.address,
            cited.summary,
            "; ".join(cited.keywords),
        )
        writer.writerow([safe_cell(str(cell)) for cell in cells])
    return out.getvalue()


def safe_cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula.

    >>> safe_cell("=1+1"), safe_cell(" @home"), safe_cell("plain")
    ("'=1+1", "' @home", 'plain')
    """
    text = text.replace("\x00", "\ufffd")
    return f"'{text}" if text.startswith(FORMULA) or text.lstrip().startswith(FORMULA) else text


def as_bibtex_file(citations: Iterable[Citation]) -> str:
    return "\n".join(map(as_bibtex, citations))


def as_ris_file(citations: Iterable[Citation]) -> str:
    return "".join(map(as_ris, citations))


def as_text_file(citations: Iterable[Citation]) -> str:
    return "".join(f"{as_text(cited)}\n\n" for cited in citations)


FORMS: dict[str, tuple[str, Callable[[Iterable[Citation]], str]]] = {
    "bib": ("application/x-bibtex", as_bibtex_file),
    "ris": ("application/x-research-info-systems", as_ris_file),
    "csv": ("text/csv", as_csv),
    "txt": ("text/plain", as_text_file),
}
"""What can be downloaded, by the ending of the file: its media type, and how it is written."""


def download(citations: Iterable[Citation], form: str, name: str = "index") -> HttpResponse:
    """Citations as a file to keep, in one of ``FORMS``. The name of the file tells nothing of what is in it."""
    media_type, write = FORMS[form]
    mark = "\ufeff" if form == "csv" else ""  # else a spreadsheet takes UTF-8 for the letters of its own country
    response = HttpResponse(mark + write(citations), content_type=f"{media_type}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["X-Robots-Tag"] = "noindex"
    return response


def _bibtex(text: str) -> str:
    return in_one_line(text).translate(BIBTEX)


def _bibtex_name(name: str) -> str:
    """A name. One that holds the word "and" would count as two, and stands in braces as a whole."""
    return f"{{{_bibtex(name)}}}" if re.search(r"\band\b", name, re.IGNORECASE) else _bibtex(name)


def _address(text: str) -> str:
    """An address or DOI: what BibTeX would misread in it is written as addresses write such signs."""
    return quote(in_one_line(text), safe="/:?&=#%+,;@!$'()*~._-[]<>")
