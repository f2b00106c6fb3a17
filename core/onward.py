"""Where nothing was found: near words, filters to take away and topics, all of them inside the viewer's set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from core.access import Viewer
from core.facets import Words, facet_of, words_for
from search import library, outbox
from search.analysis import clean, fold, words
from search.library import IndexUnavailable
from search.vocabulary import Vocabulary

if TYPE_CHECKING:
    from core.listing import Listing

FEW_WAYS = 4
"""Facets of which it is counted what would be found without them; each costs the engine a question."""
FEW_TOPICS = 8
SHORTEST = 4
"""Letters of the shortest word that is compared with names of topics; shorter ones are like too many."""
MOST_WORDS = 16
CLOSE = 0.75
"""How alike two words must be for a topic to be close (``difflib.SequenceMatcher.ratio``, 0 to 1)."""


@dataclass(frozen=True)
class Way:
    """A link onward: its words, where it leads, and how many items are there; ``current`` where one is already."""

    label: str
    url: str
    count: int = 0
    current: bool = False


@dataclass(frozen=True)
class Onward:
    """What to do where nothing was found.

    Args:
        near: Queries close to what was typed that find something.
        without: What would be found without what is chosen of one facet; only where that is something.
        plain: The same without any filter.
        topics: Topics with a name close to what was typed; the broad ones where ``any_topics`` is set.
    """

    near: list[Way] = field(default_factory=list)
    without: list[Way] = field(default_factory=list)
    plain: Way | None = None
    topics: list[Way] = field(default_factory=list)
    any_topics: bool = False


def onward_from(
    listing: Listing,
    viewer: Viewer,
    near: Sequence[str],
    path: str,
    fixed: Mapping[str, Sequence[str]],
    named: Words,
    terms: Vocabulary | None,
) -> Onward:
    """What to do where this listing found nothing on the page at ``path``.

    Args:
        near: Queries that find something, as the engine gave them.
        fixed: Filters the reader cannot take away.
        named: What the chosen codes are called.
        terms: The vocabulary it was looked for with.
    """
    keys = None if viewer.sees_all else viewer.keys
    waiting = outbox.waiting_objects() if keys is not None else {}

    def way(label: str, chosen: tuple[tuple[str, str], ...]) -> Way:
        filters = {**replace(listing, chosen=chosen).filters, **fixed}
        answer = library.find(
            listing.q,
            keys=keys,
            filters=filters,
            limit=0,
            as_typed=listing.exact,
            vocabulary=terms,
            changed=waiting,
        )
        return Way(label, listing.url(path, chosen=chosen, page=1), answer.total)

    try:
        plain = way("", ()) if listing.chosen else None
        without: list[Way] = []
        facets = list(listing.filters)
        if plain and plain.count and len(facets) > 1:
            for facet in facets[:FEW_WAYS]:
                label = ", ".join(named.of(facet, value) for value in listing.values(facet))
                without.append(way(label, tuple(pair for pair in listing.chosen if pair[0] != facet)))
        counts = library.find("", keys=keys, filters=fixed, facets=["topic"], limit=0, changed=waiting).facets
    except IndexUnavailable:
        return Onward()
    topics = words_for(counts, (), viewer)
    close = close_topics(listing.q, topics)
    shown = close or {slug for slug, topic in topics.topics.items() if topic.parent is None}
    return Onward(
        near=[Way(query, listing.url(path, q=query, page=1, exact=False)) for query in near],
        without=[each for each in without if each.count],
        plain=plain if plain and plain.count else None,
        topics=[
            Way(
                choice.label,
                replace(listing, q="", page=1, chosen=(("topic", choice.value),)).url(path),
                choice.count,
            )
            for choice in facet_of("topic", counts.get("topic", {}), (), topics).choices
            if choice.value in shown
        ][:FEW_TOPICS],
        any_topics=not close,
    )


def close_topics(q: str, known: Words) -> set[str]:
    """Slugs of the topics of which a name, in any language, holds a word like one that was typed."""
    typed = [fold(word) for word in words(clean(q)) if len(word) >= SHORTEST][:MOST_WORDS]
    close = set()
    for slug, topic in known.topics.items():
        names = " ".join([topic.name, topic.name_de, topic.name_fr, topic.name_ar])
        held = {fold(word) for word in words(clean(names)) if len(word) >= SHORTEST}
        if any(get_close_matches(word, held, n=1, cutoff=CLOSE) for word in typed):
            close.add(slug)
    return close
