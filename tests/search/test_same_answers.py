"""What the arrays give is what a plain look at every entry gives: hits and their order, count, facets, filters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from search.analysis import words
from search.entries import Entry
from search.library import Asked, Search
from search.sets import viewer_set
from search.snapshot import Snapshot
from search.typed import read
from tests.search.written import written

WORDS = ["rust", "crab", "wolf", "stone"]
KEYS = ["public", "members", "full"]
FACETS = ("topic", "kind", "language")
VALUES = {"topic": ["a", "b", "c"], "kind": ["x", "y"], "language": ["en", "de", "fr"]}


@dataclass(frozen=True)
class Thing:
    """An object with entries: its places, the first of them its top, and perhaps a teaser."""

    item: str
    places: tuple[str, ...]
    facets: Mapping[str, list[str]]
    key: str
    language: str
    day: int
    teaser: bool

    def entries(self) -> list[Entry]:
        shared: dict[str, Any] = {
            "title": self.places[0],
            "item": self.item,
            "language": self.language,
            "date": datetime(2026, 1, self.day, tzinfo=UTC) if self.day else None,
        }
        given = [Entry(**shared, key=self.key, facets=self.facets, main=True)]
        given += [
            Entry(**shared, key=self.key, facets=self.facets, text=text, anchor=f"#{number}")
            for number, text in enumerate(self.places[1:])
        ]
        if self.teaser:
            fewer = {"kind": self.facets["kind"]}
            given.append(Entry(**shared, key="public", facets=fewer, teaser=True))
        return given


texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)
things = st.builds(
    Thing,
    item=st.sampled_from(["", "one", "two", "three"]),
    places=st.lists(texts, min_size=1, max_size=3).map(tuple),
    facets=st.fixed_dictionaries(
        {
            "topic": st.lists(st.sampled_from(VALUES["topic"]), unique=True, max_size=3),
            "kind": st.lists(st.sampled_from(VALUES["kind"]), min_size=1, max_size=1),
        }
    ),
    key=st.sampled_from(KEYS),
    language=st.sampled_from(["en", "de"]),
    day=st.integers(0, 3),
    teaser=st.booleans(),
)
filters = st.dictionaries(
    st.sampled_from(FACETS), st.sets(st.sampled_from(["a", "b", "x", "en", "de", "nothing"]), min_size=1), max_size=2
)


@dataclass(frozen=True, eq=False)
class Written:
    """An entry of the reference, with the number of its object."""

    number: int
    entry: Entry

    @property
    def item(self) -> str:
        return self.entry.item or f"object {self.number}"

    @property
    def date(self) -> datetime:
        return self.entry.date or datetime(1, 1, 1, tzinfo=UTC)

    def has(self, facet: str, value: str) -> bool:
        if facet == "language":
            return self.entry.language == value
        return value in self.entry.facets.get(facet, ())


def build(commits: list[list[Thing]], gone: set[int], merged: bool) -> tuple[Snapshot, list[Written]]:
    """Write things in several commits, delete some, and merge; give the index and the entries that are left."""
    now = written([[thing.entries() for thing in commit] for commit in commits], gone, merged)
    left = enumerate(chain(*commits))
    return now, [Written(at, entry) for at, thing in left if at not in gone for entry in thing.entries()]


def seen(left: list[Written], keys: frozenset[str] | None) -> list[Written]:
    """Give the entries a viewer may know of."""
    allowed = [each for each in left if keys is None or each.entry.key in keys]
    full = {each.number for each in allowed if not each.entry.teaser}
    return [each for each in allowed if not (each.entry.teaser and each.number in full)]


def passing(known: list[Written], found: list[Written], chosen: Mapping[str, frozenset[str]]) -> list[Written]:
    """Give the entries that pass all filters; that of the language is passed by every version of an item."""
    for facet, values in chosen.items():
        if facet == "language":
            items = {each.item for each in known if any(each.has(facet, value) for value in values)}
            found = [each for each in found if each.item in items]
        else:
            found = [each for each in found if any(each.has(facet, value) for value in values)]
    return found


@settings(max_examples=150, deadline=None)
@given(
    commits=st.lists(st.lists(things, min_size=1, max_size=4), min_size=1, max_size=4),
    gone=st.sets(st.integers(0, 15), max_size=4),
    merged=st.booleans(),
    keys=st.none() | st.frozensets(st.sampled_from(KEYS)),
    query=st.just("") | st.lists(st.sampled_from(WORDS), min_size=1, max_size=3, unique=True).map(" ".join),
    chosen=filters,
    by_date=st.booleans(),
    page=st.tuples(st.integers(0, 4), st.integers(0, 6)),
)
def test_the_whole_answer_is_that_of_a_plain_look_at_every_entry(
    commits: list[list[Thing]],
    gone: set[int],
    merged: bool,
    keys: frozenset[str] | None,
    query: str,
    chosen: dict[str, set[str]],
    by_date: bool,
    page: tuple[int, int],
) -> None:
    now, left = build(commits, gone, merged)
    kept = {name: frozenset(values) for name, values in chosen.items()}
    documents = viewer_set(now, keys)
    search = Search(documents, Asked(read(query), kept, ("de", "en"), by_date))

    known = seen(left, keys)
    assert documents.count == len(known)
    asked = set(query.split())
    matching = [
        (place, each)
        for place, each in enumerate(known)
        if (asked & set(words(f"{each.entry.title} {each.entry.text}")))
        or (not asked and (each.entry.main or each.entry.teaser))
    ]
    # What a document is worth is tested in test_engine.py; here the numbers are taken as they are.
    score = dict(zip([each for _, each in matching], search.scores[[at for at, _ in matching]].tolist(), strict=True))
    found = [each for _, each in matching]
    mask = np.zeros(len(known), bool)
    mask[[at for at, _ in matching]] = True
    assert search.found.tolist() == mask.tolist()

    left_over = passing(known, found, kept)
    items: dict[str, list[Written]] = {}
    for each in left_over:
        items.setdefault(each.item, []).append(each)
    assert search.total == len(items)

    def rank(item: str) -> tuple[Any, ...]:
        own = items[item]
        newest, number = max(each.date for each in own), max(each.number for each in own)
        best = max(score[each] for each in own) if asked and not by_date else 0.0
        return (best, newest, number)

    ranked = sorted(items, key=rank, reverse=True)
    offset, limit = page
    hits = search.hits(offset, limit, snippets=False)
    given_items = [hit.item or f"object {hit.pk}" for hit in hits]
    assert given_items == ranked[offset : offset + limit]
    for hit, item in zip(hits, given_items, strict=True):
        assert hit.score == max(0.0, *(score[each] for each in items[item]))
        spoken = {each.entry.language for each in known if each.item == item}
        assert set(hit.languages) == spoken - {hit.language}

    counted = search.facets(FACETS)
    for facet in FACETS:
        others = {name: values for name, values in kept.items() if name != facet}
        of_items = {each.item for each in passing(known, found, others)}
        expected = {}
        for value in VALUES[facet]:
            carriers = known if facet == "language" else passing(known, found, others)
            if count := len({each.item for each in carriers if each.item in of_items and each.has(facet, value)}):
                expected[value] = count
        assert counted[facet] == expected
        assert list(counted[facet].values()) == sorted(expected.values(), reverse=True)
