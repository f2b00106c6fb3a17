"""References of RIS and BibTeX files as rows of an import."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import translation

from core.citing import PUBLISHER
from core.kinds import KINDS
from resources import bibtex, ris
from resources.words import RESOURCE_KINDS

DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?(?P<doi>10\.[0-9.]{4,12}/\S+)", re.IGNORECASE)
LANGUAGES = {
    "english": "en",
    "eng": "en",
    "german": "de",
    "deutsch": "de",
    "ngerman": "de",
    "ger": "de",
    "deu": "de",
    "french": "fr",
    "français": "fr",
    "francais": "fr",
    "fre": "fr",
    "fra": "fr",
    "arabic": "ar",
    "ara": "ar",
    "العربية": "ar",
}
LONGEST_SUMMARY, LONGEST_AUTHORS = 500, 500
SENTENCE = re.compile(r"(?<=[.!?؟])\s")
MARKDOWN = re.compile(r"([\\`*_\[\]<>#|~^$&!])")
FIRST_SIGN = re.compile(r"^([-+=:]|\d+[.)])")

Reference = tuple[str, dict[str, Any], str]
"""Where it stands, its values by column, and why it cannot be read."""


def ris_references(path: Path) -> Iterator[Reference]:
    """The records of a RIS file."""
    with path.open(encoding="utf-8-sig", newline="\n") as file:
        for number, record in enumerate(ris.records(file), start=1):
            yield f"record {number} (line {record.line})", {} if record.problem else of_ris(record), record.problem


def bibtex_references(path: Path) -> Iterator[Reference]:
    """The entries of a BibTeX file."""
    text = path.read_text(encoding="utf-8-sig")
    for number, entry in enumerate(bibtex.entries(text), start=1):
        yield f"entry {number} (line {entry.line})", {} if entry.problem else of_bibtex(entry), entry.problem


def of_ris(record: ris.Record) -> dict[str, Any]:
    """The columns of a RIS record."""
    place = record.first("T2", "JO", "JF", "JA", "BT") or record.first("PB")
    pages = "–".join(part for part in (record.first("SP"), record.first("EP")) if part)
    return row(
        title=record.first("TI", "T1", "CT") or (record.first("BT") if record.first("TY") == "BOOK" else ""),
        authors=record.all("AU", "A1") or record.all("A2", "ED"),
        year=record.first("PY", "Y1", "DA"),
        day=record.first("DA"),
        place=place,
        within=[record.first("VL"), f"({record.first('IS')})" if record.first("IS") else "", pages],
        doi=record.first("DO"),
        url=record.first("UR", "L2"),
        abstract=record.first("AB", "N2"),
        keywords=record.all("KW"),
        language=record.first("LA"),
        kind=record.first("M3"),
    )


def of_bibtex(entry: bibtex.Entry) -> dict[str, Any]:
    """The columns of a BibTeX entry."""
    subtitle = entry.text("subtitle")
    number = entry.text("number")
    return row(
        title=": ".join(part for part in (entry.text("title"), subtitle) if part),
        authors=bibtex.names(entry.fields.get("author", "") or entry.fields.get("editor", "")),
        year=entry.text("year", "date"),
        day=entry.text("date"),
        place=entry.text("journal", "journaltitle", "booktitle", "publisher", "institution", "school", "howpublished"),
        within=[entry.text("volume"), f"({number})" if number else "", entry.text("pages")],
        doi=entry.text("doi"),
        url=entry.fields.get("url", "").strip(),
        abstract=entry.text("abstract"),
        keywords=re.split(r"[,;]", entry.text("keywords")),
        language=entry.text("langid", "language"),
        kind=entry.text("type"),
    )


def row(
    *,
    title: str,
    authors: list[str],
    year: str,
    day: str,
    place: str,
    within: list[str],
    doi: str,
    url: str,
    abstract: str,
    keywords: list[str],
    language: str,
    kind: str,
) -> dict[str, Any]:
    """The columns of a reference; what it does not say is left out."""
    is_ours = place.strip().casefold() == PUBLISHER.casefold()
    named = [name.replace(";", ",") for name in authors if not (is_ours and is_publisher(name))]
    found_doi = DOI.search(doi) or DOI.fullmatch(url)
    web = re.match(r"https?://\S+", url)
    known = {
        "title": title[:10_000],
        "authors": joined(named),
        "published_in": "" if is_ours else " ".join(part for part in (place, *within) if part)[:255],
        "published_on": day_of(year, day),
        "doi": found_doi["doi"].rstrip(".,;") if found_doi else doi,
        "source_url": web[0] if web and not DOI.fullmatch(url) else "",
        "keywords": [word.strip() for word in keywords if word.strip()],
        "language": code_of(language),
        "kind": kinds().get(kind.strip().casefold(), "research" if not is_ours else ""),
        "summary": in_short(abstract),
        "body": as_markdown(abstract) if len(abstract) > LONGEST_SUMMARY else "",
    }
    if known["language"] not in dict(settings.LANGUAGES):
        known["language"] = ""
    return {name: value for name, value in known.items() if value}


def code_of(language: str) -> str:
    """The code of a language that stands there as a name or as a code, such as en-GB; empty where it is neither."""
    word = language.strip().casefold()
    # The first letters of a name are no code: Armenian is not ar.
    return LANGUAGES.get(word) or (word[:2] if re.match(r"[a-z]{2}([-_]|$)", word) else "")


def joined(named: list[str]) -> str:
    """Names with ``;`` between, as many as fit."""
    line = "; ".join(named)
    if len(line) <= LONGEST_AUTHORS:
        return line
    return f"{line[: LONGEST_AUTHORS - 10].rpartition(';')[0]}; et al."


def is_publisher(name: str) -> bool:
    """Whether this "author" is the network itself, with or without one of its groups."""
    return re.match(rf"{PUBLISHER}(?:[,:]|$)", name, re.IGNORECASE) is not None


def day_of(year: str, day: str) -> str:
    """The day of publication; the first of the year where only that is known, else what stands there."""
    for words in (day, year):
        if found := re.match(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})", words):
            return f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}"
    found = re.search(r"\d{4}", year)
    return f"{found[0]}-01-01" if found else year


def in_short(text: str) -> str:
    """The first sentences of an abstract, as far as they fit into a summary."""
    if len(text) <= LONGEST_SUMMARY:
        return text
    short = ""
    for sentence in SENTENCE.split(text):
        if len(short) + len(sentence) + 1 > LONGEST_SUMMARY:
            break
        short = f"{short} {sentence}".strip()
    return short or text[: LONGEST_SUMMARY - 1].rsplit(" ", 1)[0] + "…"


def as_markdown(text: str) -> str:
    """Plain words as Markdown that says the same."""
    escaped = MARKDOWN.sub(r"\\\1", " ".join(text.split()))
    return FIRST_SIGN.sub(lambda sign: f"{sign[1][:-1]}\\{sign[1][-1]}", escaped)


@cache
def kinds() -> Mapping[str, str]:
    """The kinds of resources by what they are called, in all languages of the hub and by code."""
    found = {kind: kind for kind in RESOURCE_KINDS}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            found |= {str(KINDS[kind]).casefold(): kind for kind in RESOURCE_KINDS}
    return found
