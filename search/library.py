"""The search of the whole site, for one viewer: hits, count, facets, snippets and completions.

All of it is computed inside the viewer's set of entries: what is not in the set changes no number, no order and no word.
The keys come from ``core.access.viewer_for``; this module knows neither people nor pages and gives references
(``label`` and ``pk``) that the caller loads through its own rule, so that a stale index can never show anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

LONGEST_QUERY = 500
"""Characters of a query that are read; the rest is cut off."""


class IndexUnavailable(Exception):
    """The index cannot be read. It has been logged and a rebuild was asked for; answer from the database."""


@dataclass(frozen=True)
class Hit:
    """One item that was found, at its best place, in the reader's best language among the versions that match."""

    model: str
    """Label of the object's class, such as ``resources.ResourcePage``."""
    pk: str
    """Primary key as text."""
    item: str
    """What its entries were folded by (``Entry.item``)."""
    title: str
    language: str
    anchor: str = ""
    """What to append to the address, such as ``#page=7``; empty for the top."""
    label: str = ""
    """Name of the place, such as a heading; empty for the top."""
    snippet: str = ""
    """The passage as safe HTML: text escaped, matching words in ``<mark>``. Empty when there is nothing to show."""
    score: float = 0.0
    teaser: bool = False
    """Only title and summary are open to this viewer."""
    languages: tuple[str, ...] = ()
    """Other languages in which this viewer can have the item, sorted."""


@dataclass(frozen=True)
class Answer:
    """What ``find`` gives."""

    total: int
    """Exact number of items that match, whatever ``limit`` is."""
    hits: tuple[Hit, ...] = ()
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Items by value of each facet asked for, most first. Zero counts are left out."""
    words: tuple[str, ...] = ()
    """The words of the query that were looked for, as typed, stop words left out."""
    source: str = "index"
    """``index``, or ``database`` when the caller's fallback answered."""


def find(
    query: str = "",
    *,
    keys: frozenset[str] | None,
    filters: Mapping[str, Sequence[str]] | None = None,
    facets: Sequence[str] = (),
    languages: Sequence[str] = (),
    order: str = "relevance",
    offset: int = 0,
    limit: int = 20,
    snippets: bool = True,
    fallback: Callable[[], Answer] | None = None,
) -> Answer:
    """Give what one viewer finds.

    Args:
        query: What was typed; text, never syntax, but for ``"a phrase"``, ``-without``, ``title:``, ``author:`` and
            ``topic:``. Any string is allowed. Empty: everything.
        keys: Access keys the viewer holds; None for one who sees all.
        filters: Codes by facet name; one filter's values are alternatives, several filters all hold. A name or value
            that does not exist, or is hidden from the viewer, gives zero items.
        facets: Names of the facets to count. Each is counted with all filters but its own. ``language`` counts items
            that have a version in the language, all others count items.
        languages: The reader's languages, best first.
        order: ``relevance`` or ``date`` (newest first). Without a query both mean date.
        offset, limit: Which hits to give; below zero is zero, beyond the end gives none.
        snippets: Whether to cut passages out of the texts.
        fallback: Called without arguments when the index cannot be read; its answer is given instead, marked
            ``source="database"``.

    Raises:
        IndexUnavailable: The index cannot be read and there is no ``fallback``.
    """
    raise IndexUnavailable("The engine is being laid.")


def suggest(prefix: str, *, keys: frozenset[str] | None, limit: int = 8) -> list[str]:
    """Give completions of what is being typed: titles first, then words, only from entries the viewer may read.

    Never raises: gives an empty list when the index cannot be read.
    """
    return []
