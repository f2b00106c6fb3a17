"""Whether a row is of something that is in the library already: by DOI, by address, by a title that is nearly equal."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.conf import settings
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from core.models import HubPage
from resources.models import ResourcePage

LONG_TITLE = 30
"""Letters and digits from which one slip of the pen is allowed in a title; in a short one it makes another word."""
OURS = re.compile(r"^(?:/(?:de|fr|ar))?/editions/(?P<pk>[0-9]{1,18})/$")
MEASURING = re.compile(r"^(?:utm_|fbclid$|gclid$|mc_)")


@dataclass
class Known:
    """What is in the library, by what it can be known again by."""

    dois: dict[str, int] = field(default_factory=dict)
    addresses: dict[str, int] = field(default_factory=dict)
    titles: dict[str, dict[str, list[tuple[int, str, str]]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    """By language and skeleton: id, kind and DOI of each page."""

    @classmethod
    def read(cls) -> Known:
        """All resources, in one query."""
        known = cls()
        columns = ("pk", "title", "locale__language_code", "resource_kind", "doi", "source_url")
        for pk, title, language, kind, doi, url in ResourcePage.objects.filter(alias_of=None).values_list(*columns):
            known.add(pk, doi, url)
            known.titles[language][skeleton(title)].append((pk, kind, plain_doi(doi)))
        return known

    def add(self, pk: int, doi: str, url: str) -> None:
        """What the rows that follow are compared with; titles of one file may be equal and mean different things."""
        if doi:
            self.dois.setdefault(plain_doi(doi), pk)
        if url:
            self.addresses.setdefault(plain_address(url), pk)

    def find(self, title: str, language: str, kind: str, doi: str, url: str) -> str:
        """Why it is here already, in words; empty when it is not.

        Args:
            kind: Empty: a title counts whatever the kind of its page.
        """
        if doi and (pk := self.dois.get(plain_doi(doi))) is not None:
            return f"the DOI is that of page {pk}" if pk else "the DOI stands in an earlier row"
        if url:
            if (ours := self.own_page(url)) is not None:
                return f"the address is that of page {ours}"
            if (pk := self.addresses.get(plain_address(url))) is not None:
                return f"the address is that of page {pk}" if pk else "the address stands in an earlier row"
        pk = self.near(title, language, kind, doi)
        return f"the title is nearly that of page {pk}" if pk is not None else ""

    def near(self, title: str, language: str, kind: str, doi: str) -> int | None:
        """A page with nearly this title. Two different DOIs are two different things."""
        mine = skeleton(title)
        here = self.titles[language]
        candidates = [mine] if mine in here else []
        if len(mine) >= LONG_TITLE:
            found = process.extract(mine, here.keys(), scorer=Levenshtein.distance, score_cutoff=1, limit=5)
            candidates += [other for other, _distance, _key in found if digits(other) == digits(mine)]
        for other in candidates:
            for pk, other_kind, other_doi in here[other]:
                differs = bool(doi and other_doi) and plain_doi(doi) != other_doi
                if not differs and (not kind or kind == other_kind):
                    return pk
        return None

    @staticmethod
    def own_page(url: str) -> int | None:
        """The page of this hub whose permanent address this is."""
        base, parts = urlsplit(settings.WAGTAILADMIN_BASE_URL), urlsplit(url)
        found = OURS.match(parts.path) if parts.netloc == base.netloc else None
        return HubPage.objects.filter(pk=found["pk"]).values_list("pk", flat=True).first() if found else None


def plain_doi(doi: str) -> str:
    """A DOI as it is compared; capitals make no difference in one."""
    return doi.strip().casefold()


def plain_address(url: str) -> str:
    """An address as it is compared: without scheme, "www.", a last slash, fragment, and what only counts visitors.

    >>> plain_address("http://www.Example.org/a/?utm_source=x#top") == plain_address("https://example.org/a")
    True
    """
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return url.strip()
    kept = [(name, value) for name, value in parse_qsl(parts.query) if not MEASURING.match(name)]
    host = parts.netloc.casefold().removeprefix("www.")
    return f"{host}{parts.path.rstrip('/')}{'?' + urlencode(sorted(kept)) if kept else ''}"


def skeleton(title: str) -> str:
    """The letters and digits of a title, without capitals, accents, signs and a first article.

    >>> skeleton("The “First” Call: à la carte & more") == skeleton("first call - a la carte and more")
    True
    """
    text = unicodedata.normalize("NFKD", title.casefold().replace("&", " and "))
    words = re.findall(r"\w+", "".join(char for char in text if not unicodedata.combining(char)))
    if len(words) > 1 and words[0] in ("the", "a", "an", "der", "die", "das", "le", "la", "les"):
        words = words[1:]
    return "".join(words)


def digits(text: str) -> str:
    """The digits of a text: "part 1" is not nearly "part 2"."""
    return "".join(re.findall(r"\d", text))
