"""Lists with filters: what a reader asked for, what was found, and addresses that keep the state.

The library page and the site search are the same list with different words around it:

    listing = Listing.of(request.GET)
    found = find(listing, viewer_of(request), path=request.path, fixed={"library": ["yes"]})

and ``components/listing.html`` shows ``found``. Counts, facets and hits come from one call of the engine inside the
viewer's keys; the entries are loaded back in one query through ``listed_for``, so that an index that is behind can
leave out an entry but never show one.
"""

from __future__ import annotations

import contextlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import get_language_info, gettext

from core import listing_database, vocabulary
from core.access import Viewer
from core.best_bets import pinned_for
from core.cards import Card, load
from core.facets import FACETS, FILTERS, TITLES, Choice, Facet, Words, facet_of, words_for
from core.models import active_languages
from core.onward import Onward, Way, onward_from
from search import library
from search.elsewhere import is_elsewhere
from search.library import LONGEST_QUERY, Also, Answer, IndexUnavailable

PER_PAGE = 20
LONGEST_VALUE = 100
MOST_VALUES = 100
"""Values of one facet that are read from an address; there are fewer than 60 topics, the largest facet."""

PAGE_NUMBER = re.compile(r"[1-9][0-9]{0,5}")


@dataclass(frozen=True)
class Listing:
    """What a reader asked a list for: words, chosen filters and page, as the address says it.

    Args:
        q: The words, without control characters, cut to ``LONGEST_QUERY``.
        chosen: Pairs of facet and value in the order of ``FILTERS``, each once. Values need not exist.
        page: Number of the page, from 1.
        by_date: Newest first, though there are words. Without words that is the order anyway.
        exact: Search what was typed and correct nothing.
    """

    q: str = ""
    chosen: tuple[tuple[str, str], ...] = ()
    page: int = 1
    by_date: bool = False
    exact: bool = False

    @classmethod
    def of(cls, data: QueryDict) -> Listing:
        """Read the query string of an address. Any string is allowed; what makes no sense is left out."""
        chosen = [
            (facet, value)
            for facet in FILTERS
            for value in dict.fromkeys(clean(raw, LONGEST_VALUE) for raw in data.getlist(facet)[:MOST_VALUES])
            if value
        ]
        page = data.get("page", "")
        q = clean(data.get("q", ""), LONGEST_QUERY)
        return cls(
            q=q,
            chosen=tuple(chosen),
            page=int(page) if PAGE_NUMBER.fullmatch(page) else 1,
            by_date=bool(q) and data.get("sort") == "date",
            exact=bool(q) and data.get("exact") == "1",
        )

    def values(self, facet: str) -> list[str]:
        """The chosen values of one facet."""
        return [value for name, value in self.chosen if name == facet]

    @property
    def filters(self) -> dict[str, list[str]]:
        """The chosen values by facet, as the engine takes them."""
        return {facet: self.values(facet) for facet in dict(self.chosen)}

    @property
    def is_plain(self) -> bool:
        """Whether this is the whole list from its beginning: no words, no filter, first page."""
        return not self.q and not self.chosen and self.page == 1

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The whole state as pairs of parameter and value, for an address or for hidden fields."""
        words = [("q", self.q)] if self.q else []
        return [*words, *self.chosen, *self.manner, *([("page", str(self.page))] if self.page > 1 else [])]

    @property
    def manner(self) -> list[tuple[str, str]]:
        """How it is searched and sorted, as pairs of parameter and value; nothing where there are no words."""
        said = [("sort", "date", self.by_date), ("exact", "1", self.exact)]
        return [(name, value) for name, value, holds in said if holds and self.q]

    def url(self, path: str, **changes: Any) -> str:
        """The address of this listing on a page, with some of its fields changed."""
        pairs = replace(self, **changes).pairs
        return f"{path}?{urlencode(pairs)}" if pairs else path

    def without(self, facet: str, value: str) -> tuple[tuple[str, str], ...]:
        """What stays chosen when one value is taken away."""
        return tuple(pair for pair in self.chosen if pair != (facet, value))


def clean(text: str, longest: int) -> str:
    """Cut a string and take out what no database or address can hold: control characters, unpaired surrogates.

    >>> clean(" exit\\x00work\\ud800 ", 20)
    'exit work'
    """
    kept = (" " if unicodedata.category(char) in ("Cc", "Cs") else char for char in text[:longest])
    return "".join(kept).strip()


@dataclass(frozen=True)
class Chosen:
    """One chosen filter, with the address that takes it away."""

    group: str
    label: str
    remove_url: str
    facet: str
    value: str


@dataclass(frozen=True)
class AlsoSearched:
    """Words that were looked for besides, or could be, and the language they are of."""

    words: str
    url: str
    language: str = ""
    language_name: str = ""


@dataclass(frozen=True)
class Found:
    """One page of a list, ready for ``components/listing.html``.

    Args:
        total: Exact number of items this viewer may list, whatever the page.
        hidden: What a form that shows the words and the facets must carry besides.
        first, last: Numbers of the first and last item shown, from 1; both 0 when there is none.
        named: What the counted and chosen codes are called.
        source: ``index``, or ``database`` while the index cannot be read: words are looked for in titles only.
        missing: Typed words that occur in nothing this viewer may read.
        also: Words of the field's vocabulary that were looked for besides, with links that look for them alone.
        related: Words of it that mean something near; they were not looked for, the links do that.
        corrected: What was searched in place of what was typed; ``as_typed_url`` searches as typed after all.
        sorts: The orders to choose from; none without words.
        pinned: What the secretariat recommends for these words, above the first page of a search without filters. It
            also stands in the list where its own words put it: the list and its numbers are the same with and without.
        onward: What to do where nothing was found.
    """

    listing: Listing
    total: int
    cards: list[Card]
    facets: list[Facet] = field(default_factory=list)
    chosen: list[Chosen] = field(default_factory=list)
    first: int = 0
    last: int = 0
    previous_url: str = ""
    next_url: str = ""
    clear_url: str = ""
    hidden: list[tuple[str, str]] = field(default_factory=list)
    words: tuple[str, ...] = ()
    named: Words = field(default_factory=Words)
    source: str = "index"
    missing: tuple[str, ...] = ()
    also: list[AlsoSearched] = field(default_factory=list)
    related: list[AlsoSearched] = field(default_factory=list)
    corrected: str = ""
    as_typed_url: str = ""
    sorts: list[Way] = field(default_factory=list)
    pinned: list[Card] = field(default_factory=list)
    onward: Onward | None = None

    @property
    def pinned_items(self) -> set[str]:
        """What stands above the list already; on the page it is not shown twice."""
        return {card.item for card in self.pinned}

    @property
    def has_filters(self) -> bool:
        """Whether there is anything to filter by."""
        return any(facet.choices for facet in self.facets)

    @property
    def state(self) -> str:
        """What was searched as a query string, without the page; corrected words in place of those typed."""
        return urlencode(replace(self.listing, q=self.corrected or self.listing.q, page=1).pairs)

    def choices(self, facet: str) -> list[Choice]:
        """The values of one facet."""
        return next((group.choices for group in self.facets if group.code == facet), [])


def find(
    listing: Listing,
    viewer: Viewer,
    *,
    path: str,
    fixed: Mapping[str, Sequence[str]] | None = None,
    facets: Sequence[str] = FACETS,
    per_page: int = PER_PAGE,
    snippets: bool = True,
) -> Found:
    """Give one page of what the viewer may list, best first with words and newest first without.

    Args:
        listing: What was asked for. A page beyond the end gives the last one.
        path: Address of the page that shows the list; all links stay on it.
        fixed: Filters the reader cannot take away, such as ``{"library": ["yes"]}``. They count as no choice.
        facets: Which facets to count and show.
        per_page: Entries on a page.
        snippets: Whether to cut out the words that were found; they take most of the time of a long page.
    """
    fixed = fixed or {}
    languages = active_languages()
    terms = vocabulary.current() if listing.q else None

    filters = {**listing.filters, **fixed}

    def ask(page: int) -> Answer:
        asked: dict[str, Any] = {
            "facets": facets,
            "languages": languages,
            "order": "relevance" if listing.q and not listing.by_date else "date",
            "offset": (page - 1) * per_page,
            "limit": per_page,
            "snippets": snippets and bool(listing.q),
        }
        if not is_elsewhere():
            keys = None if viewer.sees_all else viewer.keys
            with contextlib.suppress(IndexUnavailable):
                return library.find(
                    listing.q, keys=keys, filters=filters, as_typed=listing.exact, vocabulary=terms, **asked
                )
        return listing_database.answer(listing.q, filters, viewer, **asked)

    page = listing.page
    answer = ask(page)
    pages = max(1, -(-answer.total // per_page))
    if page > pages:
        page = pages
        answer = ask(page)
    indexed = answer.source == "index"
    cards = load(answer.hits, viewer, snippets=snippets and bool(listing.q))
    named = words_for(answer.facets, listing.chosen, viewer)
    return Found(
        listing=replace(listing, page=page),
        total=answer.total,
        cards=cards,
        facets=[facet_of(code, answer.facets.get(code, {}), listing.values(code), named) for code in facets],
        chosen=[
            Chosen(
                group=str(TITLES[facet]),
                label=named.of(facet, value),
                remove_url=listing.url(path, chosen=listing.without(facet, value), page=1),
                facet=facet,
                value=value,
            )
            for facet, value in listing.chosen
        ],
        first=(page - 1) * per_page + 1 if cards else 0,
        last=min(page * per_page, answer.total) if cards else 0,
        previous_url=listing.url(path, page=page - 1) if page > 1 else "",
        next_url=listing.url(path, page=page + 1) if page < pages else "",
        clear_url=listing.url(path, chosen=(), page=1),
        hidden=[
            *((facet, value) for facet, value in listing.chosen if facet not in facets),
            *listing.manner,
        ],
        words=tuple(answer.words),
        named=named,
        source=answer.source,
        missing=tuple(answer.missing) if listing.q else (),
        also=[_also_searched(each, listing, path) for each in answer.also if not each.related],
        related=[_also_searched(each, listing, path) for each in answer.also if each.related],
        corrected=answer.corrected,
        as_typed_url=listing.url(path, page=1, exact=True) if answer.corrected else "",
        sorts=_sorts(listing, path) if listing.q and indexed else [],
        pinned=pinned_for(listing.q, viewer) if page == 1 and not listing.chosen and not fixed else [],
        onward=None
        if answer.total or not indexed
        else onward_from(listing, viewer, answer.near, path, fixed, named, terms),
    )


def _also_searched(also: Also, listing: Listing, path: str) -> AlsoSearched:
    """Words of the vocabulary as they are told to the reader."""
    name = ""
    if also.language and also.language != active_languages()[0]:
        try:
            name = get_language_info(also.language)["name_translated"]
        except KeyError:  # a language of which Django has no name
            name = also.language
    return AlsoSearched(
        words=also.words,
        url=listing.url(path, q=also.words, page=1, exact=False),
        language=also.language,
        language_name=name,
    )


def _sorts(listing: Listing, path: str) -> list[Way]:
    """The two orders of what was found for words."""
    return [
        Way(gettext("Best match"), listing.url(path, by_date=False, page=1), current=not listing.by_date),
        Way(gettext("Newest"), listing.url(path, by_date=True, page=1), current=listing.by_date),
    ]


def suggest(typed: str, viewer: Viewer, limit: int) -> list[str]:
    """Give completions of what is typed, from what the viewer may list; where another engine serves, titles alone."""
    if is_elsewhere():
        return listing_database.suggest(typed, viewer, limit)
    return library.suggest(typed, keys=None if viewer.sees_all else viewer.keys, limit=limit)
